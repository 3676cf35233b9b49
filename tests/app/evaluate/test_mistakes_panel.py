"""Evaluate's view of mistakes: what the address chooses is what the page says and shows.

Run: python -m pytest tests/app/evaluate/test_mistakes_panel.py
"""

import csv
import io
import json

import numpy as np
import pytest

from fmnist_core.data import CLASS_NAMES
from fmnist_core.inference import calibrated
from fmnist_core.metrics import evaluation, scores
from fmnist_core.metrics.scores import Scores
from fmnist_core.runs import predictions
from fmnist_core.runs.predictions import Predictions
from fmnist_ui import cached, state
from fmnist_ui.inspect import picture_list
from tests.app.test_pages import open_page
from tests.tiny import shipped_run

RUN = shipped_run("simple_nn")


@pytest.fixture(autouse=True)
def _fresh_lists():
    cached.forget_rows()
    yield
    cached.forget_rows()


@pytest.fixture(scope="module")
def stored():
    return predictions.load(RUN, "test")


def open_view(**parameters: str):
    app = open_page("evaluate.py", run=RUN.id, **parameters)
    assert not app.exception, app.exception[0].message
    return app


def heading(app) -> str:
    return app.subheader[0].value


def drawn(app, name: str) -> dict:
    (found,) = [one for one in app.get("bidi_component") if one.proto.component_name == name]
    return json.loads(found.proto.json)


def text(app) -> str:
    return " ".join(element.value for kind in (app.markdown, app.caption) for element in kind)


@pytest.mark.long
def test_margins_and_several_cells_open_their_pictures(stored):
    labels, called = stored.labels, stored.predicted
    for cells, count, words in (
        ("6-other", ((labels == 6) & (called != 6)).sum(), "× Shirt called something else"),
        ("other-4", ((labels != 4) & (called == 4)).sum(), "× wrongly called Coat"),
        ("all-4", (called == 4).sum(), "× called Coat"),
        ("other-other", (labels != called).sum(), "errors"),
        ("6-0,0-6", ((labels == 6) & (called == 0) | (labels == 0) & (called == 6)).sum(), "pictures of 2 cells"),
    ):
        app = open_view(cells=cells)
        assert heading(app) == f"{count:,} {words}"
        assert len(drawn(app, "fmnist_gallery")["tiles"]) == min(count, picture_list.ON_A_PAGE)


def test_the_chosen_cells_are_outlined_in_any_order(stored):
    for order in ("own", "number", "similarity"):
        payload = drawn(open_view(cells="6-0", class_order=order), "fmnist_matrix")
        names = [row["name"] for row in payload["rows"]]
        row, column = names.index("Shirt"), names.index("T-shirt/top")
        assert payload["selected"] == [[row, column]]
        count = ((stored.labels == 6) & (stored.predicted == 0)).sum()
        assert payload["rows"][row]["cells"][column]["text"] == str(count)
    assert sorted(names) == sorted(CLASS_NAMES) and names != list(CLASS_NAMES)


def test_groups_add_up(stored):
    payload = drawn(open_view(rows="groups"), "fmnist_matrix")
    assert [row["name"] for row in payload["rows"]] == ["Tops", "Trouser", "Shoes", "Bag"]
    tops = np.isin(stored.labels, [0, 2, 3, 4, 6]) & np.isin(stored.predicted, [5, 7, 9])
    assert payload["rows"][0]["cells"][2]["text"] == (str(tops.sum()) if tops.any() else "·")
    assert sum(int(pair[1]["text"]) for pair in payload["margins"]["rows"]) == 10_000


def scores_of(stored: Predictions) -> Scores:
    """As the page shows them."""
    probabilities = calibrated.calibrator_of(RUN).probabilities(stored.logits)
    return scores.score(stored.logits, stored.labels, probabilities=probabilities)


@pytest.mark.long
def test_a_filter_says_how_many_remain_and_counts_in_matrix_and_gallery(stored):
    found = scores_of(stored)
    kept = (found.confidence >= 0.2) & (found.confidence <= 0.6) & (found.loss >= 1)
    app = open_view(confidence="20,60", losses="1,inf", cells="all-all")
    assert f"**{kept.sum():,}** of 10,000 pictures remain: confidence 20 to 60 %, loss 1 or more" in text(app)
    assert heading(app) == f"{kept.sum():,} pictures"
    matrix = evaluation.confusion_matrix(stored.labels[kept], stored.predicted[kept], 10)
    assert drawn(app, "fmnist_matrix")["margins"]["corner"][1]["text"] == str(matrix.sum())
    wrong = int((stored.labels != stored.predicted).sum())
    assert heading(open_view(errors="yes", cells="all-all")) == f"{wrong:,} pictures"
    assert "remain" not in text(open_view())


def test_an_empty_filter_is_no_error():
    app = open_view(confidence="100,100", losses="10,inf", cells="6-0")
    assert "**0** of 10,000 pictures remain" in text(app)
    assert heading(app) == "0 × Shirt called T-shirt/top"


@pytest.mark.some(2)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cells", "6-x"),
        ("cells", "99-0"),
        ("confidence", "80,20"),
        ("confidence", "nan,1"),
        ("losses", "-1,2"),
        ("sort", "beauty"),
    ]
    + [("rows", "all"), ("epoch", "x"), ("focus", "-1"), ("losses", "1"), ("colours", "gold"), ("class_order", "up")],
)
def test_garbage_in_the_address_is_left_out(name, value):
    open_view(**{name: value})


def test_the_next_picture_is_the_next_of_the_order_and_stands_in_the_address(stored):
    rows = np.flatnonzero((stored.labels == 6) & (stored.predicted == 0))
    found = scores.score(stored.logits, stored.labels)
    order = [f"test/{stored.indices[row]}" for row in scores.arrange(found, rows, "loss")]
    app = open_view(cells="6-0", sort="loss", picture=order[0])
    assert app.button(key="previous").disabled
    app.button(key="next").click().run()
    assert app.query_params["picture"] in (order[1], [order[1]])
    assert f"2 of {len(rows):,}" in text(app)


def test_another_network_says_its_own_of_the_same_picture(stored):
    other = shipped_run("cnn_1")
    row = int(np.flatnonzero((stored.labels == 6) & (stored.predicted == 0))[0])
    app = open_view(cells="6-0", picture=f"test/{row}", other=other.id)
    said = " ".join(one.proto.body for one in app.get("html"))
    for run in (RUN, other):
        logits = predictions.load(run, "test").logits[row : row + 1]
        surest = calibrated.calibrator_of(run).probabilities(logits).max()
        assert f"{100 * surest:.1f} %" in said


def test_an_old_link_opens_its_cell():
    app = open_view(true="6", predicted="0")
    assert "Shirt called T-shirt/top" in heading(app)
    assert app.query_params["cells"] in ("6-0", ["6-0"]) and not {"true", "predicted"} & set(app.query_params)


def test_what_a_filter_left_is_what_the_map_shows(stored):
    """Without one the map is told the cells; with one, the pictures."""
    app = open_view(cells="6-0")
    (link,) = [one for one in app.get("page_link") if one.proto.label == "Show on the map"]
    assert "cells=6-0" in link.proto.query_string
    found = scores_of(stored)
    left = (found.confidence >= 0.9) & (stored.labels == 6) & (stored.predicted == 0)
    app = open_view(cells="6-0", confidence="90,100")
    next(one for one in app.button if one.label == "Show on the map").click().run()
    assert app.session_state[state.CHOSEN] == {f"test/{index}" for index in stored.indices[left]}
    assert left.any() and f"**{left.sum()} chosen**" in text(app)


def test_table_and_sheet_hold_the_choice(stored):
    wrong = int((stored.labels != stored.predicted).argmax())
    found, rows = cached.scores_of(RUN, stored, calibrated.calibrator_of(RUN)), np.array([wrong, 3])
    lines = list(csv.DictReader(io.StringIO(picture_list.as_table(stored, found, rows, CLASS_NAMES))))
    assert [line["picture"] for line in lines] == [f"test/{wrong}", "test/3"]
    assert lines[0]["label"] == CLASS_NAMES[stored.labels[wrong]] != lines[0]["called"]
    assert [line["right"] for line in lines] == ["no", "yes"]
    assert float(lines[0]["confidence"]) == pytest.approx(found.confidence[wrong], rel=1e-5)
    assert float(lines[1]["distance"]) > 0
    assert picture_list.as_sheet(stored, found, rows, CLASS_NAMES).startswith(b"\x89PNG")
