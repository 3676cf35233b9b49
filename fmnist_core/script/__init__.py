"""Recipes as Keras code: a recipe in, one Python script out that trains it without this project; text alone, no Keras.

What a script cannot say, it says that it leaves out (`keras_script.left_out`).
"""
