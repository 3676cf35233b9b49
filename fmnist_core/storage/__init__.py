"""Files that are whole or not there, and values that are what they claim.

In: paths, bytes, JSON, arrays. Out: dataclasses and arrays, checked; or an error with a sentence. Knows where things
lie and nothing of what they mean.
"""
