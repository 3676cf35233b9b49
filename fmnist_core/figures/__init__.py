"""Charts and sheets of pictures, the same for a page, a report and a notebook.

In: arrays and names. Out: `plotly.graph_objects.Figure`, or PNG. Nothing is read from disk and nothing is computed
that a test would want to see: numbers come from metrics and analysis.
"""

from fmnist_core.figures.bars import (
    accuracy_bars,
    agreement_bars,
    agreement_matrix,
    class_bars,
    class_dots,
    folder_matrix,
    share_bars,
)
from fmnist_core.figures.calibration import coverage_curve, reliability_diagram
from fmnist_core.figures.curves import deletion_curves, learning_curves, recall_curves
from fmnist_core.figures.pca import explained_variance
from fmnist_core.figures.price import price_of_accuracy, size_curves
from fmnist_core.figures.robustness import answer_strip, severity_sweep

__all__ = [
    "accuracy_bars",
    "agreement_bars",
    "agreement_matrix",
    "answer_strip",
    "class_bars",
    "class_dots",
    "coverage_curve",
    "deletion_curves",
    "explained_variance",
    "folder_matrix",
    "learning_curves",
    "price_of_accuracy",
    "reliability_diagram",
    "recall_curves",
    "severity_sweep",
    "share_bars",
    "size_curves",
]
