"""The quiz: one picture at a time with ten buttons, and at the end how the answers stand beside the networks'.

In: the seed in the address, clicks. Out: answers that the session and the browser's tab keep, a chart, sentences,
pictures.
"""
