"""Figures of photos in folders, counted by hand. Run: python -m pytest tests/core/photo_sets/test_summary.py"""

import numpy as np
import pytest

from fmnist_core.data import CLASS_NAMES
from fmnist_core.metrics.evaluation import wilson_interval
from fmnist_core.photo_sets import summary
from fmnist_core.photo_sets.measuring import Answers

FOLDERS = ("shoes", "pants", "pants", "hats", "shoes", "pants", "hats", "pants")
SAID = ("Sneaker", "Trouser", "Dress", "Bag", "Bag", "Trouser", "Bag", "Trouser")
KNOWN = (True, True, False, False, True, True, True, True)


def answers(said=SAID, known=KNOWN) -> Answers:
    called = np.array([CLASS_NAMES.index(one) for one in said])
    told = None if known is None else np.array(known)
    return Answers(called, np.eye(10, dtype=np.float32)[called], told)


def test_each_folder_is_counted_and_unknown_ones_stand_apart():
    found = summary.figures(FOLDERS, answers(), CLASS_NAMES)
    assert [(one.name, one.photos, one.right, one.strange) for one in found.known] == [
        ("pants", 4, 3, 1),
        ("shoes", 2, 1, 0),
    ]
    assert [(one.name, one.photos, one.strange) for one in found.unknown] == [("hats", 2, 1)]
    assert found.unknown[0].called[CLASS_NAMES.index("Bag")] == 2
    assert (found.photos, found.right) == (6, 4)  # without the hats
    assert found.accuracy == pytest.approx(4 / 6) and found.interval == wilson_interval(4, 6)
    assert found.mean_of_folders == pytest.approx((3 / 4 + 1 / 2) / 2)


def test_without_a_calibration_nothing_is_said_of_what_is_strange():
    found = summary.figures(FOLDERS, answers(known=None), CLASS_NAMES)
    assert [one.strange for one in (*found.known, *found.unknown)] == [None, None, None]


def test_photos_of_unknown_folders_alone_have_no_accuracy():
    found = summary.figures(("hats", "hats"), answers(("Bag", "Coat"), (True, True)), CLASS_NAMES)
    assert (found.accuracy, found.interval, found.mean_of_folders) == (None, None, None)
    assert summary.as_json(found, CLASS_NAMES)["unknown_folders"] == [
        {"folder": "hats", "photos": 2, "called": {"Coat": 1, "Bag": 1}, "out_of_distribution": 0}
    ]


def test_a_step_is_measured_on_the_same_photos_of_known_folders():
    without = answers(("Bag", "Trouser", "Trouser", "Sneaker", "Bag", "Dress", "Sneaker", "Trouser"))
    given = {"best": answers(), "without-trim": without}
    found = summary.step_effects(FOLDERS, given, "best", {"Trim": "without-trim", "Pair": "without-pair"}, CLASS_NAMES)
    assert set(found) == {"Trim"} and found["Trim"].of == 1  # of the other there are no answers
    effect = summary.effect_as_json("Trim", found["Trim"])
    # the step mends the first shoe and the third trousers, and breaks the second
    assert (effect["right_without"], effect["right_with"]) == (3, 4)
    assert (effect["fixed_by_it"], effect["broken_by_it"]) == (2, 1)
    assert effect["difference"] == pytest.approx(1 / 6)
    assert summary.effect_in_words(found["Trim"]).startswith("fixes 2, breaks 1: +16.7 points")
    both = summary.step_effects(FOLDERS, given, "best", {"Trim": "without-trim", "Pair": "without-trim"}, CLASS_NAMES)
    assert both["Pair"].of == 2 and "as one of 2 steps)" in summary.effect_in_words(both["Pair"])
