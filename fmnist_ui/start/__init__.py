"""Start as a first minute: draw, be surprised, train, each a step of one page.

In: the run that the app opens with, and what the visitor did. Out: what the steps show; nothing of it is in the
address but the run that is trained here.
"""
