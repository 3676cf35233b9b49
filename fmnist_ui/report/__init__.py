"""The parts of the page Report: tables with their files, and what the source of a model reports beside a run of it.

In: rows of the catalogue and what fmnist_core.report makes of a run. Out: sections of the page.
"""
