"""Which labels of the dataset are in doubt, by networks that had not seen them, and what people decided.

In: how many pictures, folds and epochs. Out: suspects in an order, near-duplicates, and decisions that can be
downloaded. The folds are trained by a job and kept in results/audit-HASH/.
"""
