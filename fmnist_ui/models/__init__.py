"""The parts of the page Models: the leaderboard and runs side by side.

In: rows of the catalogue. Out: tables and charts of published and reproduced figures.
"""
