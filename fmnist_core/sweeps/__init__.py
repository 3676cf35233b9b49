"""Sweeps: many trainings of one question (models, values, seeds), on many processes or machines.

In: recipes, values for parts of them, seeds. Out: runs as any others, and what their validation accuracies say.
Only the process of a sweep and its workers import Dask.
"""
