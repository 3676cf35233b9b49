"""How long a training will take on this machine, and the measurement that says so before any has been finished.

Only the work of the measurement's own process imports TensorFlow.
"""
