"""Families: the same network trained with several values of one part of its recipe, so that they can be compared.

In: a recipe, what varies, and its values. Out: runs that know of each other, their figures, what they show in a line.
"""
