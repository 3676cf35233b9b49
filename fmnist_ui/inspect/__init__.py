"""One picture under the lens, on whichever page it was opened.

In: a run and a picture. Out: panels: nearest training pictures, why the answer is what it is, whether it holds; and
the list of pictures that they open from.
"""
