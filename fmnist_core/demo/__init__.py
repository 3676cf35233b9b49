"""What a visitor of a shared installation may ask for, and what goes when it has become old.

In: FMNIST_DEMO and FMNIST_LIMITS. Out: a sentence where something is too much, with what would fit.
"""
