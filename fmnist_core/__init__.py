"""Fashion-MNIST Explorer's library: data, models, training, evaluation, embedding, photos.

Knows nothing of Streamlit, and importing it never imports TensorFlow: see docs/decisions.
"""

import os

# Before anything imports ONNX Runtime, whose builds would send events to Microsoft (its Privacy.md).
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
