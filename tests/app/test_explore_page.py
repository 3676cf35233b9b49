"""Explore: matrix, map and pictures show one choice, whichever of them chose; counted.

Run: python -m pytest tests/app/test_explore_page.py
"""

import json

import numpy as np
import pytest

from fmnist_core.label_audit import audit_records
from fmnist_core.maps import area
from fmnist_core.runs import predictions
from fmnist_ui import cached
from fmnist_ui.explore import windows
from tests.app.evaluate.test_mistakes_panel import drawn, text
from tests.app.test_pages import open_page, sentences
from tests.tiny import shipped_run

RUN, OTHER = shipped_run("cnn_2"), shipped_run("simple_nn")


@pytest.fixture(autouse=True)
def _fresh_lists():
    cached.forget_rows()
    yield
    cached.forget_rows()


@pytest.fixture(scope="module")
def stored():
    return predictions.load(RUN, "test")


def explore(**parameters: str):
    app = open_page("explore.py", run=RUN.id, **parameters)
    assert not app.exception, app.exception[0].message
    return app


def matrix(app) -> np.ndarray:
    """The counts that are shown, (10, 10)."""
    texts = [[cell["text"] for cell in row["cells"]] for row in drawn(app, "fmnist_matrix")["rows"]]
    return np.array([[int(one) if one.isdecimal() else 0 for one in row] for row in texts])


def gallery(app) -> list[dict]:
    found = [one for one in app.get("bidi_component") if one.proto.component_name == "fmnist_gallery"]
    return json.loads(found[0].proto.json)["tiles"] if found else []


def said(app) -> str:
    return next(one.value for one in app.markdown if "pictures" in one.value)


def conditions(app) -> list[str]:
    return [one.label for one in app.button if one.key and one.key.startswith("let-go-")]


def map_of(app) -> dict:
    (found,) = [one for one in app.get("bidi_component") if one.proto.component_name == "sprite_map"]
    mixed = found.proto.mixed
    return json.loads(mixed.json) | {"arrow": mixed.arrow_blobs}


def test_all_pictures_are_there_until_something_is_chosen(stored):
    app = explore()
    wrong = int((stored.predicted != stored.labels).sum())
    assert said(app).startswith(f"**10,000** pictures, {wrong:,} of them errors.")
    assert matrix(app).sum() == 10_000
    assert len(gallery(app)) == windows.ON_A_PAGE
    assert conditions(app) == []


def test_a_cell_narrows_the_pictures_and_not_the_matrix(stored):
    app = explore(cells="6-0")
    rows = np.flatnonzero((stored.labels == 6) & (stored.predicted == 0))
    assert said(app) == f"**{len(rows):,}** of 10,000 pictures"
    assert conditions(app) == ["Shirt called T-shirt/top"]
    assert matrix(app).sum() == 10_000 and drawn(app, "fmnist_matrix")["selected"] == [[6, 0]]
    tiles = gallery(app)
    assert len(tiles) == min(len(rows), windows.ON_A_PAGE)
    assert {tile["caption"] for tile in tiles} == {"Shirt"}
    assert {tile["tone"] for tile in tiles} == {"wrong"}


def test_filters_narrow_all_of_them(stored):
    app = explore(errors="yes", find="shirt as coat")
    rows = np.flatnonzero((stored.labels == 6) & (stored.predicted == 4))
    assert said(app).startswith(f"**{len(rows)}** of")
    assert matrix(app).sum() == matrix(app)[6, 4] == len(rows)
    assert conditions(app) == ["shirt as coat", "errors"]
    app.button(key="let-go-find").click().run()
    assert said(app).startswith(f"**{(stored.predicted != stored.labels).sum():,}** of")
    assert "find" not in app.query_params and app.query_params["errors"] == "yes"


def test_a_class_is_a_filter_too(stored):
    app = explore(**{"class": "6", "errors": "yes"})
    missed = int(((stored.labels == 6) & (stored.predicted != 6)).sum())
    assert said(app).startswith(f"**{missed}** of") and conditions(app) == ["Shirt", "errors"]
    assert matrix(app).sum() == matrix(app)[6].sum() == missed


def test_labels_in_doubt_are_those_of_the_audit():
    doubted = audit_records.load().kinds["test"]["label"]
    assert said(explore(doubt="only")).startswith(f"**{len(set(doubted)):,}** of")
    assert said(explore(doubt="without")).startswith(f"**{10_000 - len(set(doubted)):,}** of")


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_an_area_of_the_address_chooses_what_lies_in_it(stored, method):
    everything = area.write(((0, 0), (area.STEPS, 0), (area.STEPS, area.STEPS), (0, area.STEPS)))
    assert said(explore(area=everything, method=method)).startswith("**10,000** of")
    half = area.write(((0, 0), (5_000, 0), (5_000, area.STEPS), (0, area.STEPS)))
    app = explore(area=half, method=method)
    count = int(matrix(app).sum())
    assert 0 < count < 10_000 and said(app).startswith(f"**{count:,}** of")
    both = explore(area=half, method=method, cells="6-other")
    assert matrix(both).sum() == count
    missed = int(matrix(both)[6].sum() - matrix(both)[6, 6])
    assert said(both).startswith(f"**{missed}** of") and conditions(both)[0] == "Shirt called something else"


def test_against_another_run_all_show_what_it_changes(stored):
    theirs = predictions.load(OTHER, "test").predicted
    fixed = (stored.predicted != stored.labels) & (theirs == stored.labels)
    broken = (stored.predicted == stored.labels) & (theirs != stored.labels)
    app = explore(other=OTHER.id)
    assert f"{fixed.sum()} fixed" in said(app) and f"{broken.sum():,} broken" in said(app)
    assert matrix(app).sum() == (fixed | broken).sum() and matrix(app).trace() == 0
    assert map_of(app)["legend"] == list(windows.CHANGE_WORDS)
    app = explore(other=OTHER.id, differ="fixed")
    assert said(app).startswith(f"**{fixed.sum()}** of")
    assert {tile["tone"] for tile in gallery(app)} == {"right"}
    app.button(key="let-go-other").click().run()
    assert said(app).startswith("**10,000** pictures,")


def test_the_open_picture_is_marked_in_the_matrix_and_on_the_map(stored):
    row = int(np.flatnonzero((stored.labels == 6) & (stored.predicted == 0))[0])
    app = explore(cells="6-0", picture=f"test/{row}")
    assert drawn(app, "fmnist_matrix")["marked"] == [6, 0]
    assert map_of(app)["selected"] == row
    assert "among the chosen" not in text(app)
    assert "It is not among the chosen ones." in text(explore(cells="1-1", picture=f"test/{row}"))


def test_a_choice_that_nothing_fits_says_so():
    app = explore(cells="1-7")
    assert "No picture fits" in sentences(app) and gallery(app) == []
    assert "letters" in sentences(explore(find="qwertz")) or "fits" in sentences(explore(find="qwertz"))


@pytest.mark.parametrize(
    "bad", [{"area": "1-2"}, {"area": "<script>"}, {"doubt": "maybe"}, {"differ": "x"}, {"first": "9"}]
)
def test_a_bad_address_is_a_sentence(bad):
    app = explore(**bad)
    (name,) = bad
    assert f"The address' {name} was left out" in sentences(app)
