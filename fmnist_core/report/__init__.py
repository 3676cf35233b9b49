"""What the sources show of a run, as tables, pictures and one HTML file.

In: a run, or two. Out: classification report, curves, pictures with their answers, as CSV, PNG, SVG and a page that
opens anywhere without a request.
"""
