"""Which pictures cells, margins and groups of a confusion matrix mean; and the order of its classes.

Run: python -m pytest tests/core/metrics/test_selection.py
"""

import numpy as np
import pytest
from sklearn import metrics

from fmnist_core.data import CLASS_NAMES
from fmnist_core.metrics import evaluation, selection
from fmnist_core.metrics.selection import ALL, OTHER, Cell

NAMES = ("Coat", "Bag", "Shirt", "Sneaker")  # two tops, a bag, a shoe
LABELS = np.array([0, 0, 0, 1, 2, 2, 3])
CALLED = np.array([0, 2, 1, 1, 2, 3, 0])


def chosen(text: str) -> list[int]:
    return np.flatnonzero(selection.is_chosen(selection.parse_cells(text), LABELS, CALLED, NAMES)).tolist()


@pytest.mark.parametrize(
    ("text", "pictures"),
    [
        ("0-2", [1]),
        ("0-other", [1, 2]),  # all missed coats
        ("other-1", [2]),  # all that were wrongly called a bag
        ("0-all", [0, 1, 2]),
        ("all-0", [0, 6]),
        ("other-other", [1, 2, 5, 6]),
        ("all-all", [0, 1, 2, 3, 4, 5, 6]),
        ("tops-tops", [0, 1, 4]),
        ("tops-other", [2, 5]),  # a coat that was called a shirt stays among the tops
        ("other-tops", [6]),
        ("tops-shoes", [5]),
        ("0-2,0-1,0-2", [1, 2]),
        ("1-0", []),
        ("9-0", []),  # a class that this run has not
        ("", []),
    ],
)
def test_a_choice_means_these_pictures(text, pictures):
    assert chosen(text) == pictures


@pytest.mark.parametrize("text", ["6", "6-0-1", "6-", "a-b", "-1-2", "100-1", "all-other", "06-1", "6-0;7-1", "٣-1"])
def test_what_names_no_cells_is_refused(text):
    with pytest.raises(ValueError, match="no cells"):
        selection.parse_cells(text)


def test_too_many_cells_are_refused_and_each_counts_once():
    assert selection.parse_cells("6-0,6-0,0-6") == (Cell("6", "0"), Cell("0", "6"))
    with pytest.raises(ValueError, match="more than"):
        selection.parse_cells(",".join(f"{a}-{b}" for a in range(20) for b in range(20)))


def test_an_address_reads_back_what_it_wrote():
    text = "6-0,tops-other,all-4,other-other"
    assert selection.write_cells(selection.parse_cells(text)) == text


@pytest.mark.parametrize("sides", [tuple("0123456789"), selection.sides_of_groups(CLASS_NAMES)])
def test_every_number_of_a_matrix_is_the_number_of_its_pictures(sides):
    generator = np.random.default_rng(3)
    labels, called = generator.integers(0, 10, (2, 500))
    counts = selection.sums(evaluation.confusion_matrix(labels, called, 10), sides, CLASS_NAMES)
    assert counts.sum() == 500
    count = lambda *cell: selection.is_chosen([Cell(*cell)], labels, called, CLASS_NAMES).sum()  # noqa: E731
    for row, true in enumerate(sides):
        for column, predicted in enumerate(sides):
            assert count(true, predicted) == counts[row, column]
        assert count(true, OTHER) == counts[row].sum() - counts[row, row]
        assert count(OTHER, true) == counts[:, row].sum() - counts[row, row]
        assert (count(true, ALL), count(ALL, true)) == (counts[row].sum(), counts[:, row].sum())


def test_groups_of_the_data_are_tops_and_shoes_and_two_by_themselves():
    assert selection.sides_of_groups(CLASS_NAMES) == ("tops", "1", "shoes", "8")
    assert selection.sides_of_groups((*CLASS_NAMES, "Hat")) == ("tops", "1", "shoes", "8", "10")
    assert sum(selection.members(side, CLASS_NAMES).sum() for side in ("tops", "1", "shoes", "8")) == 10


def test_counts_are_those_of_scikit_learn():
    labels, called = np.random.default_rng(4).integers(0, 9, (2, 300))  # class 9 is missing
    ours = evaluation.confusion_matrix(labels, called, 10)
    np.testing.assert_array_equal(ours, metrics.confusion_matrix(labels, called, labels=range(10)))


def test_orders():
    matrix = np.array([[9, 0, 5, 0], [0, 9, 0, 1], [4, 0, 9, 0], [0, 1, 0, 30]])
    assert selection.order(matrix, "own").tolist() == [0, 1, 2, 3]
    assert selection.order(matrix, "number").tolist() == [0, 2, 1, 3]
    order = selection.order(matrix, "similarity").tolist()
    assert sorted(order) == [0, 1, 2, 3]
    assert abs(order.index(0) - order.index(2)) == 1 and abs(order.index(1) - order.index(3)) == 1
    with pytest.raises(ValueError, match="Unknown order"):
        selection.order(matrix, "colour")


@pytest.mark.parametrize("matrix", [np.zeros((10, 10), int), np.eye(10, dtype=int), np.ones((1, 1), int)])
@pytest.mark.parametrize("by", selection.ORDERS)
def test_degenerate_matrices_have_an_order(matrix, by):
    assert sorted(selection.order(matrix, by)) == list(range(len(matrix)))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("6-0", "Shirt called T-shirt/top"),
        ("6-6", "Shirt rightly called Shirt"),
        ("6-other", "Shirt called something else"),
        ("other-4", "wrongly called Coat"),
        ("6-all", "Shirt"),
        ("all-4", "called Coat"),
        ("tops-8", "Tops called Bag"),
        ("tops-tops", "Tops called one of the Tops"),
        ("other-other", "errors"),
        ("all-all", "pictures"),
    ],
)
def test_choices_in_words(text, words):
    assert selection.describe(selection.parse_cells(text)[0], CLASS_NAMES) == words


@pytest.mark.parametrize(
    ("before", "places", "add", "after"),
    [
        ("", [(6, 0)], False, "6-0"),
        ("6-0", [(6, 2)], False, "6-2"),
        ("6-0", [(6, 2)], True, "6-0,6-2"),
        ("6-0,6-2", [(6, 0)], True, "6-2"),
        ("6-0", [(6, 10)], True, "6-0,6-other"),
        ("", [(11, 4)], False, "all-4"),
        ("", [(10, 10)], False, "other-other"),
        ("6-0", [(6, 0)], True, ""),
    ],
)
def test_clicks_make_a_choice(before, places, add, after):
    cells = selection.pick(selection.parse_cells(before), places, add, tuple("0123456789"))
    assert selection.write_cells(cells) == after


def test_off_the_diagonal_of_groups_is_no_confusion_within_a_group():
    sides = ("tops", "1", "shoes", "8")
    cells = selection.cells_at((4, 4), sides)
    assert [str(cell) for cell in cells] == ["tops-other", "1-other", "shoes-other", "8-other"]
    assert (4, 4) in selection.places_of(cells, sides)
    assert (4, 4) not in selection.places_of(cells[:3], sides)


def test_cells_that_a_run_has_not_are_no_part_of_its_choice():
    assert selection.fitting(selection.parse_cells("3-0,4-0,tops-other"), NAMES) == (
        Cell("3", "0"),
        Cell("tops", "other"),
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("6-0", "1,131 × Shirt called T-shirt/top"),
        ("other-other", "1,131 errors"),
        ("6-0,0-6", "1,131 pictures of 2 cells"),
    ],
)
def test_a_choice_has_a_title(text, words):
    assert selection.title(selection.parse_cells(text), 1_131, CLASS_NAMES) == words
