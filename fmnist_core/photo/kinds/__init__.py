"""The kinds of files that photos come in.

In: the bytes of a file. Out: what it claims about itself, and the bytes of it that hold pixels, for the decoder to
read; of kinds whose readers are less trusted the picture itself, read in a process of its own.
"""
