"""The parts of the page Train: the form that makes a recipe, and a run as it trains.

In: a model and the visitor's values. Out: a recipe; curves, verdicts and pictures while it trains.
"""
