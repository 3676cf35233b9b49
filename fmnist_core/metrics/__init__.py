"""Figures of a classifier, from arrays alone.

In: labels (n,) and logits (n, classes), or what follows from them. Out: matrices, accuracies with intervals,
calibration, prediction sets, comparisons, scores and choices of pictures. Tested against scikit-learn where it has
the same.
"""
