"""The label audit on the page Data: its suspects, one of them large, the job that finds them.

In: a stored audit. Out: pictures in doubt with what speaks against their labels; what the visitor decides.
"""
