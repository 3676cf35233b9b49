"""Two ways to classify the same pictures, compared in words.

Run: python -m pytest tests/core/metrics/test_comparison.py
"""

import numpy as np
import pytest

from fmnist_core.metrics import evaluation
from fmnist_core.metrics.comparison import changes, compare, difference_interval, in_words, p_in_words
from fmnist_core.runs.predictions import Predictions, shared


def judged(both: int, only_a: int, only_b: int, neither: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """So many pictures that both have right, only A, only B, neither."""
    counts = (both, only_a, only_b, neither)
    return np.repeat([True, True, False, False], counts), np.repeat([True, False, True, False], counts)


def words(*counts: int) -> str:
    right_a, right_b = judged(*counts)
    return in_words(compare("A", right_a, "B", right_b))


def test_two_that_cannot_be_told_apart():
    assert words(9_500, 120, 133, 247) == (
        "A and B cannot be told apart on 10,000 pictures (p = 0.45): A alone is right on 120, B alone on 133."
    )


def test_the_better_one_is_named_first():
    better = "{} is better than {} on 1,300 pictures (p < 0.0001): {} alone is right on 200, {} alone on 100."
    assert words(1_000, 100, 200) == better.format("B", "A", "B", "A")
    assert words(1_000, 200, 100) == better.format("A", "B", "A", "B")


def test_the_same_verdicts_are_said_to_be_the_same():
    assert words(7, 0, 0, 3) == "A and B are right on the very same ones of 10 pictures."
    assert words(0, 0, 0, 1) == "A and B are right on the very same ones of 1 picture."
    assert words(0, 1, 1).startswith("A and B cannot be told apart on 2 pictures (p = 1)")


def test_figures_of_a_comparison():
    right_a, right_b = judged(50, 10, 30, 10)
    found = compare("A", right_a, "B", right_b)
    assert (found.pictures, found.right) == (100, (60, 80))
    assert (found.test.only_a, found.test.only_b) == (10, 30)
    assert found.differ and found.better == "B"
    same = compare("A", right_a, "B", right_a)
    assert not same.differ and same.better is None
    assert compare("A", right_b, "B", right_a).better == "A"


@pytest.mark.parametrize(
    ("p_value", "written"),
    [
        (1.0, "p = 1"),
        (0.3149, "p = 0.31"),
        (0.0501, "p = 0.0501"),
        (0.0496, "p = 0.0496"),
        (0.05, "p = 0.05"),
        (0.049998, "p = 0.049998"),
        (0.00423, "p = 0.0042"),
        (0.0001, "p = 0.0001"),
        (0.0000999, "p < 0.0001"),
        (0.0, "p < 0.0001"),
    ],
)
def test_p_stays_on_its_side_of_the_level(p_value, written):
    assert p_in_words(p_value) == written


# Cell by cell


def test_changes_by_hand():
    labels = np.array([0, 0, 0, 1, 1, 2, 2])
    called_a = np.array([0, 1, 2, 1, 0, 2, 1])
    called_b = np.array([0, 0, 1, 2, 0, 2, 2])  # mends 1 and 6, breaks 3, both wrong on 2 and 4
    found = changes(labels, called_a, called_b, 3)
    assert found.fixed.tolist() == [[0, 1, 0], [0, 0, 0], [0, 1, 0]]
    assert found.broken.tolist() == [[0, 0, 0], [0, 0, 1], [0, 0, 0]]
    assert found.neither.tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    assert found.difference.tolist() == [[1, 0, -1], [0, -1, 1], [0, -1, 1]]


def test_changes_add_up():
    generator = np.random.default_rng(0)
    labels, called_a, called_b = generator.integers(0, 10, (3, 5_000))
    found = changes(labels, called_a, called_b, 10)
    test = evaluation.mcnemar(called_a == labels, called_b == labels)
    assert (found.fixed.sum(), found.broken.sum()) == (test.only_b, test.only_a)
    assert found.neither.sum() == ((called_a != labels) & (called_b != labels)).sum()
    matrices = [evaluation.confusion_matrix(labels, called, 10) for called in (called_a, called_b)]
    np.testing.assert_array_equal(found.difference, matrices[1] - matrices[0])
    off = matrices[1] - np.diag(np.diag(matrices[1]))
    np.testing.assert_array_equal(found.broken + found.neither, off)


def test_interval_of_the_difference():
    low, high = difference_interval(compare("A", *judged_pair(9_000, 200, 300, 500)))
    deviation = np.sqrt((500 - 100**2 / 10_000) / 10_000**2)  # of (b - a) / n by hand
    assert low == pytest.approx(0.01 - 1.96 * deviation, abs=3e-4)
    assert high == pytest.approx(0.01 + 1.96 * deviation, abs=3e-4)


@pytest.mark.parametrize("shares", [(0.85, 0.02, 0.05, 0.08), (0.97, 0.01, 0.01, 0.01), (0.4, 0.2, 0.1, 0.3)])
@pytest.mark.parametrize("pictures", [100, 1_000])
def test_interval_of_the_difference_holds_the_truth_about_as_often_as_it_says(shares, pictures):
    inside, draws = 0, 1_000
    for counts in np.random.default_rng(1).multinomial(pictures, shares, size=draws).tolist():
        low, high = difference_interval(compare("A", *judged_pair(*counts)))
        inside += low <= shares[2] - shares[1] <= high
    # Of a hundred pictures on two of which they disagree, there are few outcomes: it holds the truth more often then.
    assert 0.93 <= inside / draws <= (0.975 if pictures == 1_000 else 1)


@pytest.mark.parametrize(("counts", "least"), [((1, 0, 0, 0), 0.7), ((0, 1, 0, 0), 0.7), ((10, 0, 0, 0), 0.2)])
def test_a_few_pictures_leave_the_difference_open(counts, least):
    low, high = difference_interval(compare("A", *judged_pair(*counts)))
    assert -1 <= low < high <= 1 and high - low > least


def judged_pair(*counts: int) -> tuple:
    right_a, right_b = judged(*counts)
    return right_a, "B", right_b


def stored(split: str, indices: list[int]) -> Predictions:
    values = np.array(indices)
    return Predictions(split, values, values.astype(np.uint8), np.eye(10, dtype=np.float32)[values % 10])


def test_shared_pictures_stand_in_one_order():
    first, second = shared(stored("validation", [5, 2, 9]), stored("validation", [9, 7, 5]))
    for one in (first, second):
        assert one.indices.tolist() == [5, 9] and one.labels.tolist() == [5, 9] and one.predicted.tolist() == [5, 9]


def test_runs_that_share_nothing_are_refused():
    with pytest.raises(ValueError, match="share no validation pictures. Compare them on the test pictures"):
        shared(stored("validation", [1, 2]), stored("validation", [3]))
    with pytest.raises(ValueError, match="share no test"):
        shared(stored("test", [1, 2]), stored("train", [1, 2]))
