"""A run on disk: one training of one model by one recipe, a folder.

In: a run's name or folder. Out: its recipe, status, curves, figures, stored logits and features, checked when read;
all runs at a glance; a run as one zip. Only its job writes it.
"""
