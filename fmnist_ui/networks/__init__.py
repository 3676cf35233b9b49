"""A network of one's own, built layer by layer, and a recipe as Keras code: parts that Train, Models and Report share.

In come a recipe or what the builder sends; out go a checked network, an address, a script.
"""
