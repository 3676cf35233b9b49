"""Questions that one asks of a model, answered from arrays or from any callable classifier.

In: pictures, logits, features, or a function from pictures to these. Out: what an answer rests on, what changes cost,
which inputs are out-of-distribution, which labels are in doubt, a new head from a few examples. Nothing is stored here.
"""
