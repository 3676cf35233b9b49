"""A run's network for use elsewhere: a finished run in, files with a card out (ONNX, Keras, LiteRT, a web page).

Some of it imports TensorFlow, which the web process must not: pages call `making`, which makes a file in a process
of its own.
"""
