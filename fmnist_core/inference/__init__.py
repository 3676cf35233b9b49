"""A finished run's model at work, without TensorFlow.

In: a run and pictures of the data or of a visitor. Out: logits, features and activations by ONNX Runtime; the answer
to a photo with its out-of-distribution score; predictions with test-time augmentation; a run that was taught another
class.
"""
