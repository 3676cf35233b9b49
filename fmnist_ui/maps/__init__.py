"""The parts of the page Map.

In: what the address says of a map. Out: the scene that is drawn, its colours, axes and notes, the chosen pictures,
the job that makes a map that is not there yet.
"""
