"""Lines of metrics into curves, and what they say in words.

Run: python -m pytest tests/core/runs/test_curves.py
"""

import dataclasses

import numpy as np
import pytest

from fmnist_core.recipe import Augmentation, Recipe, Stage
from fmnist_core.runs import curves
from fmnist_core.runs.records import BatchLine, EpochLine
from tests.made_up import batch_line, epoch_line


def epoch(number: int, loss: float, accuracy: float, val_loss=None, val_accuracy=None, **more) -> EpochLine:
    return epoch_line(number, loss=loss, accuracy=accuracy, val_loss=val_loss, val_accuracy=val_accuracy, **more)


def batch(number: int, step: int, loss: float | None) -> BatchLine:
    return batch_line(number, step, 10, loss, 0.5)


LINES = [
    batch(1, 1, 3.0),
    batch(1, 6, 2.0),
    epoch(1, 2.2, 0.4, 1.9, 0.5),
    batch(2, 5, 1.5),
    batch(2, 8, None),
    epoch(2, 1.4, 0.6, 1.3, 0.7),
    epoch(3, 1.2, 0.65, 1.35, 0.7),
]


def points(rows: list[dict], curve: str, kind: str) -> list[tuple[float, float]]:
    return [(row["epoch"], row["value"]) for row in rows if (row["curve"], row["kind"]) == (curve, kind)]


def test_rows_of_a_run():
    rows = curves.curve_rows(LINES, "first", "loss")
    assert points(rows, "training", "batch") == [(0.1, 3.0), (0.6, 2.0), (1.5, 1.5)]
    assert points(rows, "training", "epoch") == [(1, 2.2), (2, 1.4), (3, 1.2)]
    assert points(rows, "validation", "epoch") == [(1, 1.9), (2, 1.3), (3, 1.35)]
    assert points(rows, "validation", "best") == [(2, 1.3)]
    assert {row["run"] for row in rows} == {"first"}
    assert len(rows) == 10


def test_accuracy_has_its_own_rows():
    rows = curves.curve_rows(LINES, "first", "accuracy")
    assert points(rows, "validation", "best") == [(2, 0.7)]
    assert points(rows, "training", "epoch") == [(1, 0.4), (2, 0.6), (3, 0.65)]


def test_distorted_validation_and_watched_test_set_are_curves_of_their_own():
    more = {"val_augmented_loss": 1.7, "watched_test_loss": 1.1}
    rows = curves.curve_rows([epoch(1, 2.2, 0.4, 1.9, 0.5, **more)], "first", "loss")
    assert points(rows, "validation, distorted", "epoch") == [(1, 1.7)]
    assert points(rows, "test set, as published", "epoch") == [(1, 1.1)]
    assert curves.curve_rows([], "first", "loss") == []


def test_without_validation_there_is_no_best_epoch():
    rows = curves.curve_rows([epoch(1, 2.2, 0.4)], "first", "loss")
    assert [row["curve"] for row in rows] == ["training"]
    assert curves.best_epoch([epoch(1, 2.2, 0.4)]) is None


def test_best_epoch_is_the_first_of_equals():
    assert curves.best_epoch(LINES).epoch == 2


def test_smoothing_by_hand():
    # Weights 1/2 and 1/4, corrected by their sum: 4; (4 / 4 + 1 / 2) / (3 / 4) = 2; (1 / 2 + 1 / 4 + 5 / 2) / (7 / 8)
    smoothed = curves.smooth([(0, 4.0), (1, 1.0), (2, 5.0)], 0.5)
    np.testing.assert_allclose(smoothed, [(0, 4), (1, 2), (2, 26 / 7)])
    assert curves.smooth([(0, 4.0), (1, 1.0)], 0) == [(0, 4.0), (1, 1.0)]
    np.testing.assert_allclose(curves.smooth([(x, 3.0) for x in range(50)], 0.95)[-1], (49, 3))


def test_smoothing_reaches_the_rows():
    rows = curves.curve_rows(LINES, "first", "loss", smoothing=0.5)
    assert points(rows, "training", "batch")[1] == (0.6, pytest.approx((3 / 4 + 2 / 2) / (3 / 4)))
    assert points(rows, "validation", "best") == [(2, 1.3)]  # a true point, not a smoothed one


@pytest.mark.parametrize("count", [0, 1, 299, 300, 301, 600, 601, 12_345])
def test_thinned_curve_is_short_and_keeps_its_end(count):
    thinned = curves.thin([(x, 0.0) for x in range(count)])
    assert min(count, 150) <= len(thinned) <= curves.MOST_POINTS
    assert [x for x, _ in thinned] == sorted(x for x, _ in thinned)
    assert not count or thinned[-1][0] == count - 1
    steps = {after[0] - before[0] for before, after in zip(thinned, thinned[1:], strict=False)}
    assert len(steps) <= 1


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], "The first epoch is under way: one epoch shows the network every training picture once."),
        (
            [epoch(1, 1.0, 0.8)],
            "After 1 epoch it gets 80.0 % of its training pictures right. This recipe sets no validation split aside, "
            "so the curves cannot show whether it is memorising.",
        ),
        (
            [epoch(1, 1.0, 0.8, 0.9, 0.82), epoch(2, 0.8, 0.85, 0.7, 0.86)],
            "After 2 epochs it gets 86.0 % of unseen pictures right, and validation loss still falls: "
            "it is still learning.",
        ),
        (
            [epoch(1, 1.0, 0.8, 0.9, 0.82), epoch(2, 0.8, 0.95, 0.7, 0.85)],
            "After 2 epochs it gets 85.0 % of unseen pictures right, 10 points fewer than of its training pictures: "
            "it has begun to memorise.",
        ),
        (
            [epoch(1, 1.0, 0.8, 0.5, 0.82), epoch(2, 0.8, 0.95, 0.6, 0.85), epoch(3, 0.4, 0.99, 0.7, 0.85)],
            "Validation loss has risen since epoch 1: it is memorising its training pictures. "
            "After 3 epochs it gets 85.0 % of unseen pictures right.",
        ),
        (
            [epoch(1, 1.0, 0.8, 0.5, 0.82), epoch(2, 0.8, 0.86, 0.6, 0.85)],
            "After 2 epochs it gets 85.0 % of unseen pictures right.",
        ),
        (
            [epoch(1, 1.0, 0.8, 0.9, 0.82, val_recall=[0.9, 0.3, None])],
            "After 1 epoch it gets 82.0 % of unseen pictures right. Hardest so far: Trouser, found 30.0 % of the time.",
        ),
        (
            [epoch(1, 1.0, 0.8, 0.9, 0.82, val_recall=[0.9, 0.3, 0.0])],
            "After 1 epoch it gets 82.0 % of unseen pictures right. Hardest so far: Pullover, found 0.0 % of the time.",
        ),
    ],
)
def test_curves_in_words(lines, expected):
    assert curves.read_curves(lines) == expected


def test_where_stages_begin_and_what_is_new_in_them():
    distorted = Augmentation(shift=0.1)
    plain, both = (Stage(10),), (Stage(10), Stage(50, distorted))
    assert curves.stage_boundaries(Recipe("cnn_1conv", plain)) == []
    assert curves.stage_boundaries(Recipe("cnn_1conv", both)) == [(10.0, "stage 2: distorted pictures")]
    three = (Stage(2, distorted), Stage(3), Stage(4))
    assert curves.stage_boundaries(Recipe("cnn_1conv", three)) == [
        (2.0, "stage 2: pictures as they are"),
        (5.0, "stage 3"),
    ]


@pytest.mark.parametrize(
    ("losses", "expected"),
    [([0.5, 0.4, 0.45, 0.42], 2), ([0.5, 0.4, 0.3], None), ([0.2, 0.3], 1), ([0.3, 0.3], 1), ([], None), ([0.4], None)],
)
def test_epoch_after_which_it_over_fits(losses, expected):
    lines = [epoch_line(number, val_loss=loss) for number, loss in enumerate(losses, start=1)]
    assert curves.overfits_after([batch(1, 1, 0.5), *lines]) == expected
    assert curves.overfits_after([dataclasses.replace(line, val_loss=None) for line in lines]) is None


def test_swing_of_the_last_epochs():
    lines = [epoch_line(n, val_accuracy=value) for n, value in enumerate((0.1, 0.9, 0.8, 0.85), 1)]
    assert curves.last_swing(lines, 3) == (0.8, 0.9)
    assert curves.last_swing(lines) == (0.1, 0.9)
    assert curves.last_swing([epoch_line(1)]) is None
