"""Fashion-MNIST Explorer's library: data, models, training, evaluation, embedding, photos.

Knows nothing of Streamlit, and importing it never imports TensorFlow: see docs/decisions.
"""
