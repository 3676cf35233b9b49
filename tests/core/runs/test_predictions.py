"""What a run says of the pictures, and the pictures themselves.

Run: python -m pytest tests/core/runs/test_predictions.py
"""

import numpy as np

from fmnist_core import data
from fmnist_core.runs import predictions


def test_a_picture_of_a_run_holds_no_others_in_memory(run):
    """120 of them, each a view of a copy of all, were 940 MB."""
    stored = predictions.load(run, "test")
    images = data.load_split("test").images[stored.indices]
    for rows in (7, np.array([3, 9]), slice(2, 5)):
        found = stored.images_at(rows)
        np.testing.assert_array_equal(found, images[rows])
        whole = found if found.base is None else found.base
        assert whole.nbytes <= found.nbytes or np.shares_memory(found, data.load_split("test").images)
