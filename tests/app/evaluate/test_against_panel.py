"""Evaluate's view of two runs: the cells are what the stored verdicts say, and each opens its pictures.

Run: python -m pytest tests/app/evaluate/test_against_panel.py
"""

import json

import numpy as np
import pytest

from fmnist_core.runs import predictions, runs
from fmnist_ui import cached
from fmnist_ui.evaluate import against_panel
from tests.app.test_pages import open_page, sentences
from tests.tiny import shipped_run

FIRST, OTHER = shipped_run("simple_nn"), shipped_run("cnn_1")


@pytest.fixture(autouse=True)
def _fresh_lists():
    cached.forget_rows()
    yield
    cached.forget_rows()


def open_panel(**parameters: str):
    app = open_page("evaluate.py", run=FIRST.id, view="against", other=OTHER.id, **parameters)
    assert not app.exception, app.exception[0].message
    return app


def text(app) -> str:
    return " ".join(element.value for kind in (app.markdown, app.subheader, app.caption) for element in kind)


def name_of(component) -> str:
    return component.proto.component_name


@pytest.mark.some(2)
@pytest.mark.parametrize("kind", ["fixed", "broken", "neither"])
def test_cell_opens_as_many_pictures_as_there_are(kind):
    first, second = (predictions.load(run, "test") for run in (FIRST, OTHER))
    right = [one.predicted == one.labels for one in (first, second)]
    chosen = {"fixed": ~right[0] & right[1], "broken": right[0] & ~right[1], "neither": ~right[0] & ~right[1]}[kind]
    called = first.predicted if kind == "fixed" else second.predicted
    count = (chosen & (first.labels == 6) & (called == 0)).sum()
    app = open_panel(change=kind, cells="6-0")
    assert f"{count:,} × Shirt called T-shirt/top" in text(app)
    said = {
        "fixed": f"B, CNN 1, is right on these {chosen.sum():,} and A, Simple NN, is wrong",
        "broken": f"A, Simple NN, is right on these {chosen.sum():,} and B, CNN 1, is wrong",
        "neither": f"A, Simple NN, and B, CNN 1, are both wrong on these {chosen.sum():,}",
    }
    assert said[kind] in text(app)
    (tiles,) = [json.loads(one.proto.json)["tiles"] for one in app.get("bidi_component") if "gallery" in name_of(one)]
    assert all(tile["caption"] == "Shirt" and tile["detail"].endswith("% T-shirt/top") for tile in tiles)
    np.testing.assert_array_equal(against_panel.rows_of(first, second, kind), np.flatnonzero(chosen))
    last = open_panel(change=kind, page=str(chosen.sum() // against_panel.ON_A_PAGE))  # all can be turned to
    assert f"All {chosen.sum():,}" in text(last)
    (tiles,) = [json.loads(one.proto.json)["tiles"] for one in last.get("bidi_component") if "gallery" in name_of(one)]
    assert len(tiles) == chosen.sum() % against_panel.ON_A_PAGE


def test_it_says_whether_one_is_better():
    words = text(open_panel())
    assert "is better than" in words and "95 % interval" in words


def test_runs_without_shared_pictures_say_so(run):
    app = open_page("evaluate.py", run=run.id, view="against", other=FIRST.id, split="validation")
    assert not app.exception
    stored = predictions.load(run, "validation"), predictions.load(FIRST, "validation")
    assert len(np.intersect1d(stored[0].indices, stored[1].indices)) or "share no validation" in sentences(app)


def test_it_says_whether_another_seed_might_turn_it_around():
    flagship, simple = shipped_run("flagship"), shipped_run("simple_nn")
    app = open_page("evaluate.py", run=flagship.id, view="against", other=simple.id)
    assert "Flagship has 95.04 ± 0.06 % over 3 seeds, Simple NN has 83." in text(app)
    assert "With other seeds and other pictures, too, the recipe of Flagship is better (-1" in text(app)
    app = open_page("evaluate.py", run=flagship.id, view="against", other=shipped_run("minivggnet").id)
    assert "too few seeds are known (of MiniVGGNet one): another may differ" in text(app)
    others = [run for run in runs.list_runs() if run.id.startswith("flagship-2") and run != flagship]
    app = open_page("evaluate.py", run=flagship.id, view="against", other=others[0].id)
    assert "Both are of one recipe: what tells them apart is their seed alone." in text(app)
    app = open_page("evaluate.py", run=flagship.id, view="against", other=simple.id, split="validation")
    assert "over 3 seeds" not in text(app)
