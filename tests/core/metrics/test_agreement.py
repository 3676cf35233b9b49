"""Agreement of several networks: counted by hand, and refused where there is nothing to count.

Run: python -m pytest tests/core/metrics/test_agreement.py
"""

import numpy as np
import pytest

from fmnist_core.data import Pictures
from fmnist_core.inference import nearest_training
from fmnist_core.metrics.agreement import agree
from fmnist_core.runs.predictions import Predictions, shared

LABELS = np.array([0, 1, 2, 2])
CALLED = np.array([[0, 1, 2, 0], [0, 1, 1, 0], [0, 2, 1, 1]])


def test_small_case_by_hand():
    found = agree(LABELS, CALLED, 3)
    np.testing.assert_allclose(found.pairs, [[1, 0.75, 0.25], [0.75, 1, 0.5], [0.25, 0.5, 1]])
    assert found.right.tolist() == [3, 2, 1, 0]
    assert found.commonest.tolist() == [0, 1, 1, 0]
    assert found.says_commonest.tolist() == [3, 2, 2, 2]


def test_one_network_agrees_with_itself_and_ties_go_to_the_first_class():
    found = agree(LABELS, CALLED[:1], 3)
    assert found.pairs.tolist() == [[1.0]] and found.right.tolist() == [1, 1, 1, 0]
    tied = agree(np.array([2]), np.array([[2], [1]]), 3)
    assert tied.commonest.tolist() == [1] and tied.says_commonest.tolist() == [1]


@pytest.mark.parametrize(
    "labels, called",
    [
        (LABELS, CALLED[0]),
        (LABELS[:3], CALLED),
        (LABELS[:0], CALLED[:, :0]),
        (LABELS, CALLED[:0]),
        (LABELS, CALLED + 1),
        (LABELS, CALLED - 1),
    ],
)
def test_what_cannot_be_counted_is_refused(labels, called):
    with pytest.raises(ValueError, match="Received"):
        agree(labels, called, 3)


def test_three_runs_share_what_all_of_them_have():
    def stored(indices: list[int]) -> Predictions:
        values = np.array(indices)
        return Predictions("train", values, values.astype(np.uint8), np.eye(10, dtype=np.float32)[values])

    for one in shared(stored([5, 2, 9, 1]), stored([9, 7, 5, 1]), stored([1, 9, 3])):
        assert one.indices.tolist() == one.labels.tolist() == one.predicted.tolist() == [1, 9]


def test_a_training_picture_is_not_its_own_neighbour():
    class Network:
        def logits(self, images):
            return images.reshape(len(images), -1).astype(np.float32)

        features = logits

    images = np.arange(6, dtype=np.uint8)[:, None, None].repeat(2, axis=1).repeat(2, axis=2)
    pictures = Pictures(images, np.zeros(6, np.uint8))
    stored = Predictions("train", np.arange(6), pictures.labels, Network().logits(images))
    usual = nearest_training.nearest_training(Network(), images[3], stored, pictures, count=2)
    assert usual.positions[0] == 3 and usual.distances[0] == 0
    others = nearest_training.nearest_training(Network(), images[3], stored, pictures, count=2, itself=3)
    assert set(others.positions) == {2, 4}
