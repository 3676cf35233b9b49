"""Confidence, loss, margin, border and distance of pictures; sorting and slicing; contact sheet and table.

Run: python -m pytest tests/core/metrics/test_scores.py
"""

import csv
import io

import numpy as np
import pytest
from PIL import Image
from sklearn import metrics

from fmnist_core.figures import contact_sheet
from fmnist_core.metrics import scores

LOGITS = np.log(np.array([[0.7, 0.2, 0.1], [0.4, 0.5, 0.1], [0.1, 0.1, 0.8]]))
LABELS = np.array([0, 0, 2])


def test_scores_of_known_probabilities():
    found = scores.score(LOGITS, LABELS)
    np.testing.assert_allclose(found.confidence, [0.7, 0.5, 0.8])
    np.testing.assert_allclose(found.loss, -np.log([0.7, 0.4, 0.8]))
    np.testing.assert_allclose(found.margin, [0.5, -0.1, 0.7])
    np.testing.assert_allclose(found.logit_margin, np.log([0.7 / 0.2, 0.5 / 0.4, 0.8 / 0.1]))
    assert found.distance is None


def test_mean_loss_is_that_of_scikit_learn_and_a_negative_margin_is_a_mistake():
    generator = np.random.default_rng(0)
    logits, labels = generator.normal(size=(200, 10)).astype(np.float32), generator.integers(0, 10, 200)
    found = scores.score(logits, labels)
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert found.loss.mean() == pytest.approx(metrics.log_loss(labels, probabilities, labels=range(10)), rel=1e-5)
    np.testing.assert_array_equal(found.margin < 0, logits.argmax(axis=1) != labels)


def test_ties_and_one_picture():
    found = scores.score(np.zeros((1, 10)), np.array([3]))
    assert (found.confidence[0], found.margin[0], found.logit_margin[0]) == pytest.approx((0.1, 0, 0))
    assert scores.distances(np.ones((1, 4)), np.array([3])).tolist() == [0]


def test_logits_that_are_no_numbers_are_refused():
    with pytest.raises(ValueError, match="not finite"):
        scores.score(np.array([[0.0, np.nan]]), np.array([0]))


def test_distance_is_from_the_mean_of_ones_own_class():
    features = np.array([[0.0, 0], [2, 0], [10, 3], [10, 5], [10, 10]])
    np.testing.assert_allclose(scores.distances(features, np.array([0, 0, 1, 1, 1])), [1, 1, 3, 1, 4])


@pytest.mark.parametrize(
    ("by", "rows"),
    [
        ("surest", [2, 0, 1]),
        ("least", [1, 0, 2]),
        ("loss", [1, 0, 2]),
        ("margin", [1, 0, 2]),
        ("logit_margin", [1, 0, 2]),
        ("distance", [0, 2, 1]),
    ],
)
def test_orders(by, rows):
    found = scores.score(LOGITS, LABELS)._replace(distance=np.array([9.0, 1.0, 5.0]))
    assert scores.arrange(found, np.arange(3), by).tolist() == rows
    assert scores.arrange(found, np.array(rows[1:]), by).tolist() == rows[1:]


def test_equal_pictures_keep_their_order_and_unknown_orders_are_refused():
    found = scores.score(np.zeros((4, 10)), np.zeros(4, int))
    assert scores.arrange(found, np.array([3, 1, 2]), "surest").tolist() == [3, 1, 2]
    for by, message in (("beauty", "Unknown order"), ("distance", "Without features")):
        with pytest.raises(ValueError, match=message):
            scores.arrange(found, np.arange(4), by)


def test_slices_take_both_ends_in():
    found = scores.score(LOGITS, LABELS)._replace(confidence=np.array([0.2, 0.5, 0.9]), loss=np.array([3.0, 1.0, 0.1]))
    everything = (0.0, np.inf)
    assert scores.within(found, (0, 1), everything).all()
    assert scores.within(found, (0.5, 0.9), everything).tolist() == [False, True, True]
    assert scores.within(found, (0, 1), (1.0, 3.0)).tolist() == [True, True, False]
    assert not scores.within(found, (0.3, 0.4), everything).any()


def test_a_contact_sheet_holds_its_pictures(monkeypatch):
    monkeypatch.setattr(contact_sheet, "MOST_PICTURES", 12)
    images = np.zeros((13, 28, 28), np.uint8)
    images[11] = 200
    lines, right = [("Shirt", "Coat 51 %")] * 13, np.arange(13) % 2 == 0
    sheet = np.asarray(Image.open(io.BytesIO(contact_sheet.contact_sheet(images, lines, right, "Some"))))
    step, tall = 28 * 3 + 12, 28 * 3 + 30 + 12
    assert sheet.shape == (51 + 2 * tall, 10 * step + 12, 3)  # twelve pictures: two rows
    top, left = 51 + tall, 12 + step
    assert (sheet[top : top + 84, left : left + 84] == 200).all()
    for wrong in (images[:0], images[:2]):
        with pytest.raises(ValueError, match="Received"):
            contact_sheet.contact_sheet(wrong, lines, right, "Some")


def test_a_table_can_be_read_again():
    text = contact_sheet.table(["picture", "label"], [["test/1", 'a "top", short'], ["test/2", "Bag"]])
    assert list(csv.reader(io.StringIO(text))) == [
        ["picture", "label"],
        ["test/1", 'a "top", short'],
        ["test/2", "Bag"],
    ]
