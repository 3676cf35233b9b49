"""One script a claim; each prints ratios measured side by side."""

import fmnist_core.training  # noqa: F401 - sets TensorFlow up, before a benchmark imports it
