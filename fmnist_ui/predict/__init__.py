"""The views of Predict.

In: a visitor's photo or drawing and a run. Out: the steps to 28x28, the answer, its out-of-distribution score, votes of
several runs, a table of many photos, a new class.
"""
