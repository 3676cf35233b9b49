"""Own components and small parts that know no run: gallery, matrix, curves, map of sprites, canvases, paging.

In: pictures, arrays, words. Out: what the visitor clicked or drew, as plain values. Their .js and .css are in
components/.
"""
