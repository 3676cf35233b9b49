"""How fast networks are trained and classify, beside Keras and PyTorch, and what precision and augmentation cost."""
