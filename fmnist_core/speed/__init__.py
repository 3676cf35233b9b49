"""How long a training, a map, an audit will take on this machine, and the measurement that says so before any was done.

Only the work of the measurement's own process imports TensorFlow.
"""
