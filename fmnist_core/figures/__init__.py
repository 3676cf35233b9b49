"""Charts and sheets of pictures, the same for a page, a report and a notebook.

In: arrays and names. Out: `plotly.graph_objects.Figure`, or PNG. Nothing is read from disk and nothing is computed
that a test would want to see: numbers come from metrics and analysis.
"""
