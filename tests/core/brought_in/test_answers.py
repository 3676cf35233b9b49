"""Answers as CSV and NPZ: their columns, labels and orders.

Run: python -m pytest tests/core/brought_in/test_answers.py
"""

import io

import numpy as np
import pytest

from fmnist_core import data
from fmnist_core.brought_in import orders
from fmnist_core.brought_in.tables import Refused, read_csv, read_npz
from fmnist_core.brought_in.work import _order_of_pictures

LABELS = data.load_split("test").labels.astype(np.int64)


@pytest.fixture(scope="module")
def scores() -> np.ndarray:
    """(10,000, 10) probabilities, right of nine pictures in ten."""
    random = np.random.default_rng(0)
    said = np.where(random.random(len(LABELS)) < 0.9, LABELS, random.integers(0, 10, len(LABELS)))
    found = random.dirichlet(np.ones(10), len(LABELS))
    found[np.arange(len(LABELS)), said] += 1
    return np.round(found / 2, 5)


def text(rows: np.ndarray, first: str = "") -> bytes:
    file = io.StringIO()
    np.savetxt(file, rows, "%.5f", ",")
    return (first + file.getvalue()).encode()


def packed(**arrays: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def test_ten_columns_are_the_classes_in_their_order(scores):
    found = read_csv(text(scores))
    np.testing.assert_allclose(found.scores, scores, atol=1e-5)
    assert found.labels is None and found.places is None


def test_columns_are_told_by_names_and_rows_by_numbers(scores):
    names, order = sorted(data.CLASS_NAMES), np.random.default_rng(1).permutation(len(LABELS))
    columns = [data.CLASS_NAMES.index(name) for name in names]
    rows = np.column_stack([order, LABELS[order], scores[order][:, columns]])
    found = read_csv(text(rows, f"id,label,{','.join(names)}\n"))
    np.testing.assert_allclose(orders.put_back(found.scores, found.places), scores, atol=1e-5)
    np.testing.assert_array_equal(found.labels, LABELS[order])


@pytest.mark.parametrize(
    "first", [",".join(map(str, range(10))) + "\n", "label," + ",".join(map(str, range(10))) + "\n"]
)
def test_columns_that_are_numbered_are_named(scores, first):
    """As pandas writes them."""
    rows = np.column_stack([LABELS, scores]) if "label" in first else scores
    np.testing.assert_allclose(read_csv(text(rows, first)).scores, scores, atol=1e-5)


def test_a_row_whose_label_is_a_word_is_no_header(scores):
    lines = text(scores).decode().splitlines()
    named = [f"{data.CLASS_NAMES[label]},{line}" for label, line in zip(LABELS, lines, strict=True)]
    found = read_csv("\n".join(named).encode())
    np.testing.assert_array_equal(found.labels, LABELS)
    np.testing.assert_allclose(found.scores, scores, atol=1e-5)
    with pytest.raises(Refused, match="has 10,001 rows"):
        read_csv("\n".join([*named, named[0]]).encode())


def test_a_label_is_told_without_a_name_at_either_end(scores):
    for rows in (np.column_stack([LABELS, scores]), np.column_stack([scores, LABELS])):
        found = read_csv(text(rows))
        np.testing.assert_array_equal(found.labels, LABELS)
        np.testing.assert_allclose(found.scores, scores, atol=1e-5)


def test_an_npz_may_name_its_arrays(scores):
    found = read_npz(packed(probabilities=scores, label=LABELS, other=np.zeros(3)))
    np.testing.assert_allclose(found.scores, scores, atol=1e-5)
    np.testing.assert_array_equal(found.labels, LABELS)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(lambda s: text(s[:-1]), "has 9,999 rows", id="rows"),
        pytest.param(lambda s: text(s[:, :9]), "has 9 columns", id="columns"),
        pytest.param(lambda s: text(s).replace(b"\n", b",0\n", 1), "Row 2 of the CSV has 10 columns", id="ragged"),
        pytest.param(
            lambda s: text(np.where(s == s[3, 4], np.nan, s)), "Row 4 .* no finite number in column 5", id="nan"
        ),
        pytest.param(
            lambda s: text(s).replace(b"0", b"1e300", 1), "Row 1 .* no finite number in column 1", id="too large"
        ),
        pytest.param(lambda s: b"\xff\xfe" + text(s), "not text in UTF-8", id="encoding"),
    ],
)
def test_other_tables_are_refused(scores, content, words):
    with pytest.raises(Refused, match=words):
        read_csv(content(scores))


def test_other_arrays_are_refused(scores):
    with pytest.raises(Refused, match="holds 'x'"):
        read_npz(packed(x=scores[:5]))
    with pytest.raises(Refused, match="damaged, or holds objects"):
        file = io.BytesIO()
        np.savez(file, x=np.array([{}], object), allow_pickle=True)
        read_npz(file.getvalue())


@pytest.mark.parametrize("order", orders.PICTURE_ORDERS)
def test_orders_of_pictures_are_recognised_with_labels_and_without(scores, order):
    places = orders.positions(order, LABELS)
    assert _order_of_pictures(scores[places], None, LABELS) == order
    assert _order_of_pictures(scores[places], LABELS[places], LABELS) == order
    np.testing.assert_array_equal(orders.put_back(scores[places], places), scores)


def test_labels_of_other_pictures_are_refused(scores):
    with pytest.raises(Refused, match="not those of the test pictures"):
        _order_of_pictures(scores, np.random.default_rng(2).permutation(LABELS), LABELS)
    with pytest.raises(Refused, match="not those of the test pictures"):
        _order_of_pictures(scores, np.full_like(LABELS, 3), LABELS)
    assert _order_of_pictures(scores, 9 - LABELS, LABELS) == "official"  # numbered otherwise


def test_swapped_classes_are_recognised(scores):
    swapped = scores[:, [0, 1, 2, 3, 6, 5, 4, 7, 8, 9]]
    found, reached = orders.best_classes(swapped, LABELS)
    assert found == (0, 1, 2, 3, 4, 5, 6, 7, 8, 9)  # 18 points of gain are not clearly more
    alphabetical = scores[:, np.argsort(data.CLASS_NAMES)]
    found, reached = orders.best_classes(alphabetical, LABELS)
    assert found == orders.ALPHABETICAL and orders.in_words(found) == "alphabetical"
    assert reached == pytest.approx((scores.argmax(axis=1) == LABELS).mean())
    np.testing.assert_array_equal(alphabetical[:, found], scores)


def test_answers_by_chance_have_no_order(scores):
    noise = np.random.default_rng(3).random(scores.shape)
    assert orders.best_classes(noise, LABELS)[0] == orders.SAME
    assert orders.best_pictures(noise, LABELS) == "official"
