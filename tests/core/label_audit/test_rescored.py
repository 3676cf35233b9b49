"""A run by the labels of a label set: counted by hand.

Run: python -m pytest tests/core/label_audit/test_rescored.py
"""

import math

import numpy as np
import pytest

from fmnist_core import data
from fmnist_core.analysis.label_set import Decision, LabelSet
from fmnist_core.label_audit import rescored
from fmnist_core.metrics import comparison, evaluation
from fmnist_core.runs.predictions import Predictions

OFFICIAL = data.load_split("test").labels.astype(int)


def calls(wrong: dict[int, int]) -> Predictions:
    """All 10,000 test pictures called by their label, but these positions by another class."""
    called = OFFICIAL.copy()
    called[list(wrong)] = list(wrong.values())
    return Predictions("test", np.arange(10_000), data.load_split("test").labels, np.eye(10, dtype=np.float32)[called])


def after(position: int, steps: int) -> int:
    return int(OFFICIAL[position] + steps) % 10


WRONG = {position: after(position, 1) for position in range(500)}  # accuracy 95 %
LABELS = LabelSet(
    "Anna",
    {f"test/{one}": Decision("relabel", after(one, 1)) for one in range(30)}  # the network was right after all
    | {f"test/{one}": Decision("relabel", after(one, 2)) for one in range(30, 35)}  # wrong either way
    | {f"test/{one}": Decision("relabel", after(one, 3)) for one in range(1_000, 1_008)}  # it called them by the label
    | {f"test/{one}": Decision("ambiguous") for one in (*range(40, 50), 2_000, 2_001)}
    | {f"test/{one}": Decision("keep") for one in range(60, 70)}
    | {f"train/{one}": Decision("ambiguous") for one in range(9)},
)


def test_every_count_is_as_the_set_says():
    found = rescored.rescore(calls(WRONG), LABELS)
    assert (found.relabelled, found.ambiguous, found.compared.pictures) == (43, 12, 9_988)
    assert (found.became_right, found.became_wrong) == (30, 8)
    # 490 of the wrong ones are left after ten ambiguous ones
    assert found.compared.right == (9_988 - 490, 9_988 - 490 + 30 - 8)
    assert found.accuracies == (9_498 / 9_988, 9_520 / 9_988)
    assert found.intervals == (evaluation.wilson_interval(9_498, 9_988), evaluation.wilson_interval(9_520, 9_988))
    assert found.compared.test.p_value == pytest.approx(2 * sum(math.comb(38, k) for k in range(9)) / 2**38)
    assert found.stored.labels[0] == after(0, 1)
    assert not set(range(40, 50)) & set(found.stored.indices) and len(found.stored.logits) == 9_988
    assert not found.stored.labels.flags.writeable


def test_it_is_said_and_given_as_json():
    found = rescored.rescore(calls(WRONG), LABELS)
    words = rescored.in_words(found)
    assert "43 of 9,988 test pictures relabelled, 12 left out as ambiguous." in words
    assert "Of the 43, 30 became right, 8 became wrong, 5 stayed wrong." in words
    assert "+0.22 points (95 % interval +" in words and "exact McNemar test, p = 0.00047)" in words
    assert rescored.head(found).startswith(
        "95.31 % (95 % interval 94.88 % to 95.71 %) by Anna; the same pictures by their"
    )
    value = rescored.as_value(found, 10)
    assert (value["became_right"], value["became_wrong"], value["pictures"]) == (30, 8, 9_988)
    assert np.trace(value["confusion_matrix"]) == 9_520 and np.sum(value["confusion_matrix"]) == 9_988
    assert value["difference_interval"] == list(comparison.difference_interval(found.compared))


def test_what_changes_nothing_is_said():
    keeps = rescored.rescore(
        calls(WRONG), LabelSet("Bo", {"test/3": Decision("keep"), "train/1": Decision("ambiguous")})
    )
    assert not keeps.decides and keeps.accuracies == (0.95, 0.95)
    assert rescored.in_words(keeps) == "It relabels none of the 10,000 test pictures, and calls none ambiguous."
    leaves = rescored.rescore(calls(WRONG), LabelSet("Bo", {"test/3": Decision("ambiguous")}))
    assert rescored.in_words(leaves) == "0 of 9,999 test pictures relabelled, 1 left out as ambiguous."


def test_training_pictures_are_looked_up_among_training_pictures():
    labels = data.load_split("train").labels
    stored = Predictions("validation", np.array([59_999, 4]), labels[[59_999, 4]], np.eye(10, dtype=np.float32)[[3, 3]])
    found = rescored.rescore(
        stored, LabelSet("A", {"train/4": Decision("ambiguous"), "test/4": Decision("relabel", 3)})
    )
    assert found.stored.indices.tolist() == [59_999] and (found.relabelled, found.ambiguous) == (0, 1)
    every = LabelSet("A", {f"train/{one}": Decision("ambiguous") for one in (4, 59_999)})
    with pytest.raises(ValueError, match="A calls all 2 validation pictures ambiguous"):
        rescored.rescore(stored, every)
