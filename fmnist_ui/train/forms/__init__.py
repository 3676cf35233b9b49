"""The forms of Train: which network, by which recipe, on which labels, and how many of them."""
