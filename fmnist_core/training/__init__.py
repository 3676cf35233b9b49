"""Training: the only package that calls `fit()`. Import its modules inside a job, for TensorFlow's sake."""

import os
import platform

# TensorFlow reads these when it is imported: later, by modules of this package (all but augmentation).
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # warnings and errors only
# By itself TensorFlow keeps its fast kernels (oneDNN) for processors with AVX512 and special units. They are up to
# twice as fast with AVX2, too, which PyTorch knows: docs/log.md.
if platform.machine().lower() in ("x86_64", "amd64"):
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
