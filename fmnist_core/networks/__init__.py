"""Networks as plain data: a list of layers in, what each makes of the picture and costs out; no Keras.

What is read is hostile until checked. `zoo/own_network.py` builds one in Keras.
"""
