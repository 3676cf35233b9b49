"""The confusion matrix' payload; what a browser makes of it is in tests/browser."""

import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_ui.widgets.matrix import matrix_payload, picked_cell, picked_cells
from fmnist_ui.widgets.matrix_words import cell_levels, cell_sentence, colour_scales, summary_sentence

NAMES = ("Coat", "Shirt", "Bag")
COUNTS = np.array([[900, 100, 0], [250, 750, 0], [1, 0, 1999]])


def parts(show: str, part: str) -> list[list[str]]:
    return [[cell[part] for cell in row["cells"]] for row in matrix_payload(COUNTS, NAMES, show=show)["rows"]]


def texts(show: str) -> list[list[str]]:
    return parts(show, "text")


def kinds(show: str) -> list[list[str]]:
    return parts(show, "kind")


def test_counts_are_written_as_they_are():
    assert texts("counts") == [["900", "100", "·"], ["250", "750", "·"], ["1", "·", "1999"]]
    assert kinds("counts")[0] == ["right", "wrong", "none"]


def test_percents_are_of_the_row():
    assert texts("percent") == [["90", "10", "·"], ["25", "75", "·"], ["0.1", "·", "100"]]


def test_percents_of_a_column_are_of_all_that_was_called_so():
    assert texts("columns") == [["78", "12", "·"], ["22", "88", "·"], ["0.1", "·", "100"]]


def test_errors_leave_the_diagonal_blank():
    assert texts("errors") == [["", "100", "·"], ["250", "", "·"], ["1", "·", ""]]
    assert kinds("errors") == [
        ["blank", "wrong", "none"],
        ["wrong", "blank", "none"],
        ["wrong", "none", "blank"],
    ]


def test_no_text_is_longer_than_a_narrow_cell():
    counts = np.array([[60_000, 1], [9_999, 45_000]])
    written = [
        cell["text"]
        for show in ("counts", "percent", "errors")
        for row in matrix_payload(counts, ("a", "b"), show=show)["rows"]
        for cell in row["cells"]
    ]
    assert "60k" in written and "<0.1" in written
    assert max(map(len, written)) <= 4


def test_the_margin_has_the_row_sums_and_the_recall():
    rows = matrix_payload(COUNTS, NAMES)["rows"]
    assert [(row["total"], row["recall"]) for row in rows] == [
        ("1,000", "90.0"),
        ("1,000", "75.0"),
        ("2,000", "100.0"),
    ]
    without_bags = np.array([[3, 1], [0, 0]])
    assert matrix_payload(without_bags, ("Coat", "Bag"))["rows"][1]["recall"] == "–"


def test_a_part_of_the_errors_gives_no_share_of_a_class():
    payload = matrix_payload(COUNTS, NAMES, show="part")
    assert [row["recall"] for row in payload["rows"]] == ["", "", ""]
    assert payload["rows"][1]["cells"][0]["sentence"] == "250 × Shirt called Coat."
    assert texts("part") == texts("errors")


@pytest.mark.parametrize("show", ["counts", "percent", "errors"])
def test_a_cell_is_coloured_by_what_it_counts(show):
    levels = cell_levels(COUNTS, show)
    assert ((levels >= 0) & (levels <= 1)).all()
    assert levels[1, 0] == 1.0  # the most common error
    assert levels[1, 0] > levels[0, 1] > levels[2, 0] > 0.15  # one picture in 2,000 is still seen
    assert levels[0, 2] == levels[1, 2] == levels[2, 1] == 0
    assert np.allclose(np.diag(levels), 0 if show == "errors" else [0.9, 0.75, 0.9995])


def test_the_two_schemes_of_the_source():
    linear = cell_levels(COUNTS, "counts", "linear")
    np.testing.assert_allclose(linear, COUNTS / 2000)
    logarithmic = cell_levels(COUNTS, "counts", "log")
    assert np.diag(logarithmic).tolist() == [0, 0, 0]
    assert logarithmic[1, 0] == 1.0
    assert logarithmic[0, 1] == pytest.approx(np.log(20 * 100 + 1) / np.log(20 * 250 + 1))


@pytest.mark.parametrize(
    ("show", "paint", "expected"),
    [
        ("counts", "shares", [("right", "100\N{NO-BREAK SPACE}%"), ("wrong", "250")]),
        ("errors", "shares", [("wrong", "250")]),
        ("percent", "shares", [("right", "100\N{NO-BREAK SPACE}%"), ("wrong", "25.0\N{NO-BREAK SPACE}%")]),
        ("columns", "shares", [("right", "100\N{NO-BREAK SPACE}%"), ("wrong", "21.7\N{NO-BREAK SPACE}%")]),
        ("counts", "linear", [("right", "2,000")]),
        ("errors", "linear", [("wrong", "2,000")]),
        ("counts", "log", [("wrong", "250")]),
    ],
)
def test_a_scale_says_what_the_strongest_colour_of_each_hue_means(show, paint, expected):
    scales = colour_scales(COUNTS, show, paint)
    assert [(scale["kind"], scale["high"]) for scale in scales] == expected
    assert all(scale["low"] == "0" and scale["words"] for scale in scales)
    assert matrix_payload(COUNTS, NAMES, show=show, paint=paint)["scales"] == scales


def test_a_matrix_without_errors_has_no_scale_of_errors():
    assert [scale["kind"] for scale in colour_scales(np.eye(2, dtype=int), "counts")] == ["right"]
    assert colour_scales(np.zeros((2, 2), int), "errors") == []


@pytest.mark.parametrize("paint", ["shares", "linear", "log"])
@pytest.mark.parametrize("counts", [np.zeros((2, 2), int), np.eye(2, dtype=int)])
def test_a_matrix_without_errors_colours_none(counts, paint):
    levels = cell_levels(counts, "counts", paint)
    assert np.isfinite(levels).all()
    assert levels[0, 1] == levels[1, 0] == 0


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ((0, 1), "100 of 1,000 Coat pictures were called Shirt (10.0\N{NO-BREAK SPACE}%)."),
        ((2, 0), "1 of 2,000 Bag pictures was called Coat (0.1\N{NO-BREAK SPACE}%)."),
        ((0, 2), "None of 1,000 Coat pictures was called Bag."),
        ((1, 1), "750 of 1,000 Shirt pictures were recognised (75.0\N{NO-BREAK SPACE}%)."),
    ],
)
def test_a_cell_is_told_in_words(cell, sentence):
    assert cell_sentence(COUNTS, NAMES, *cell) == sentence


def test_a_cell_of_an_empty_row_says_so():
    assert cell_sentence(np.zeros((2, 2), int), ("a", "b"), 0, 1) == "There is no a picture among these."


def test_the_summary_adds_both_directions_of_a_pair():
    assert summary_sentence(COUNTS, NAMES) == (
        "Most often taken for each other: Coat and Shirt (350), Coat and Bag (1)."
    )
    assert summary_sentence(np.eye(3, dtype=int), NAMES) == "Every picture was recognised."
    assert summary_sentence(np.zeros((3, 3), int), NAMES) == "No pictures were counted."


def test_the_summary_names_three_pairs_at_most():
    assert summary_sentence(np.ones((6, 6), int), "abcdef").count(" and ") == 3


@pytest.mark.parametrize(
    ("picked", "cell"),
    [
        (None, None),
        ([1, 0], (1, 0)),
        ([0, 3], None),
        ([1, 0, 0], None),
        ([-1, 0], None),
        ([True, 0], None),
        (["1", 0], None),
        (7, None),
    ],
)
def test_only_a_cell_of_the_matrix_counts_as_clicked(picked, cell):
    assert picked_cell(picked, num_classes=3) == cell


def test_margins_count_what_is_off_the_diagonal_and_all():
    margins = matrix_payload(COUNTS, NAMES, margins=True)["margins"]
    texts_of = lambda pairs: [[one["text"] for one in pair] for pair in pairs]  # noqa: E731
    assert texts_of(margins["rows"]) == [["100", "1000"], ["250", "1000"], ["1", "2000"]]
    assert texts_of(margins["columns"]) == [["251", "1151"], ["100", "850"], ["·", "1999"]]
    assert texts_of([margins["corner"]]) == [["351", "4000"]]
    assert margins["precision"] == ["78", "88", "100"]
    assert margins["rows"][1][0]["sentence"] == "250 Shirt pictures called something else. A click opens them."
    assert margins["columns"][0][0]["sentence"] == "251 pictures wrongly called Coat. A click opens them."
    assert matrix_payload(COUNTS, NAMES)["margins"] is None
    assert matrix_payload(np.zeros((2, 2), int), ("a", "b"), margins=True)["margins"]["precision"] == ["–", "–"]


@pytest.mark.parametrize(
    ("picked", "cells"),
    [
        ({"cells": [[0, 1]], "add": False}, ([(0, 1)], False)),
        ({"cells": [[0, 1], [3, 0]], "add": True}, ([(0, 1), (3, 0)], True)),
        ({"cells": [[3, 3]], "add": 1}, ([(3, 3)], False)),
        ({"cells": [[4, 4]]}, ([(4, 4)], False)),
        ({"cells": [[3, 4]], "add": False}, None),  # where the margins cross there is nothing
        ({"cells": [[5, 0]], "add": False}, None),
        ({"cells": [[0, 1], "x"], "add": True}, None),
        ({"cells": [], "add": True}, None),
        ({"cells": 7}, None),
        ([0, 1], None),
        (None, None),
    ],
)
def test_only_cells_and_margins_count_as_clicked(picked, cells):
    assert picked_cells(picked, num_classes=3) == cells


@pytest.mark.parametrize(
    ("chosen", "margins", "sent"),
    [
        ([], False, []),
        ([(1, 2)], False, [[1, 2]]),
        ([(0, 3)], False, []),
        ([(0, 3), (np.int64(2), 0)], True, [[0, 3], [2, 0]]),
        ([(0, 5)], True, []),
    ],
)
def test_a_selection_outside_the_matrix_outlines_nothing(chosen, margins, sent):
    payload = matrix_payload(COUNTS, NAMES, chosen=chosen, margins=margins)
    assert json.loads(json.dumps(payload))["selected"] == sent


def test_an_unknown_paint_is_refused():
    with pytest.raises(ValueError, match="Unknown paint 'gold'"):
        matrix_payload(COUNTS, NAMES, paint="gold")


@pytest.mark.parametrize(
    ("counts", "show", "message"),
    [
        (COUNTS[:2], "counts", "shape"),
        (COUNTS / 2, "counts", "float64"),
        (-COUNTS, "counts", "negative"),
        (COUNTS, "colours", "Unknown show 'colours'"),
    ],
)
def test_what_is_no_matrix_is_refused(counts, show, message):
    with pytest.raises(ValueError, match=message):
        matrix_payload(counts, NAMES, show=show)


def app_with_a_matrix():
    import numpy as np

    from fmnist_ui.widgets.matrix import confusion_matrix

    counts = np.array([[9, 1], [0, 10]])
    confusion_matrix(counts, ("Coat", "Bag"), key="matrix", chosen=[(0, 1)], on_pick=print)


def test_a_matrix_mounts():
    app = AppTest.from_function(app_with_a_matrix, default_timeout=30).run()
    assert not app.exception
    (component,) = app.get("bidi_component")
    payload = json.loads(component.proto.json)
    assert payload["selected"] == [[0, 1]]
    assert payload["label"] == "Confusion matrix of 2 classes and 20 pictures"
    assert payload["rows"][0]["cells"][1]["text"] == "1"
