"""Photos in named folders: a test set of one's own.

In: a folder or a zip from anybody, and a run. Out: what is right by folder, by way from a photo to a picture, and by
step. Never mixed with the figures of the official test set.
"""
