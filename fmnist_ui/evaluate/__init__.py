"""The views of Evaluate.

In: a run's row and its stored predictions. Out: the matrix with its errors, classes, calibration, comparison,
agreement, test-time augmentation, robustness, replay.
"""
