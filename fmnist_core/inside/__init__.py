"""Inside a network: what each layer made of one picture, how it was computed, and what happens without a part of it.

Everything is read from a run's ONNX file: its graph becomes a list of layers, and a gate behind each of them, one
factor a channel, switches channels off. No Keras, no TensorFlow.
"""
