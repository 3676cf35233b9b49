"""Accuracy against training size: read without trust, foretold and put into words.

Run: python -m pytest tests/core/runs/test_size_curve.py
"""

import pytest

from fmnist_core.runs import size_curve
from fmnist_core.runs.runs import Run
from fmnist_core.runs.size_curve import Size
from fmnist_core.zoo import CLASSICAL


def size(pictures: int, seconds: float = 1.0, val_accuracy: float | None = 0.5, **figures: float) -> Size:
    usual = {"training_accuracy": 0.75, "classifying_seconds": 0.0}
    return Size(pictures=pictures, seconds=seconds, val_accuracy=val_accuracy, **(usual | figures))


def test_it_is_read_as_written_and_by_size(tmp_path):
    run = Run(tmp_path)
    size_curve.write(run, [size(3_000), size(1_000)])
    assert size_curve.read(run) == [size(1_000), size(3_000)]


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"sizes": [{"pictures": 10}]}',
        '{"sizes": [{"pictures": 9, "training_accuracy": 2, "val_accuracy": 1, "seconds": 1, '
        '"classifying_seconds": 1}]}',
    ],
)
def test_a_damaged_one_is_none(tmp_path, text):
    (tmp_path / "sizes.json").write_text(text)
    assert size_curve.read(Run(tmp_path)) == []


def test_a_fit_is_foretold_by_the_power_of_the_last_two():
    assert size_curve.foretell([], 10_000) is None
    assert size_curve.foretell([size(1_000, 2.0)], 10_000) == pytest.approx(20.0)
    assert size_curve.foretell([size(1_000, 1.0), size(2_000, 4.0)], 10_000) == pytest.approx(100.0)  # by the square


def test_all_fits_are_foretold_from_another_run():
    done = [size(1_000, 1.0, classifying_seconds=3.0), size(10_000, 10.0, classifying_seconds=5.0)]
    assert size_curve.expect(done, [1_000, 10_000, 20_000]) == pytest.approx(1 + 3 + 10 + 5 + 20 + 5)


def test_sizes_end_with_all_pictures():
    recipe = CLASSICAL["extra_tree"].recipe
    assert size_curve.sizes_of(recipe, 55_000) == [1_000, 3_000, 10_000, 30_000, 55_000]
    assert size_curve.sizes_of(recipe, 1_000) == [1_000]
    assert size_curve.sizes_of(CLASSICAL["svc_rbf"].recipe, 55_000) == [1_000, 3_000, 10_000, 55_000]


@pytest.mark.parametrize(
    ("before", "after", "validation", "words"),
    [
        (0.84, 0.86, 5_000, "it gained 2.0 points: more pictures would help."),
        (0.84, 0.86, 500, "it gained 2.0 points, which may be chance (within the 95 % interval of 82.7 % to 88.8 %): "),
        (
            0.861,
            0.86,
            5_000,
            "it lost 0.1 points, which may be chance (within the 95 % interval of 85.0 % to 86.9 %): ",
        ),
        (0.81, 0.762, 5_000, "it lost 4.8 points: more pictures do not help it."),
    ],
)
def test_it_says_whether_more_pictures_would_help(before, after, validation, words):
    found = size_curve.in_words([size(1_000, val_accuracy=before), size(3_000, val_accuracy=after)], validation)
    assert f"From 1,000 to 3,000 pictures {words}" in found


def test_without_validation_pictures_it_says_nothing():
    assert size_curve.in_words([size(10, val_accuracy=None)], 0) == ""
