"""Evaluate's views of a training played again and of each class.

Run: python -m pytest tests/app/evaluate/test_evaluate_views.py
"""

import base64
import json

import numpy as np
import pytest

from fmnist_core.data import CLASS_NAMES
from fmnist_core.metrics import evaluation, scores
from fmnist_core.runs import predictions, replay, runs
from fmnist_ui import cached
from fmnist_ui.evaluate import class_panel, replay_panel
from tests.app.evaluate.test_mistakes_panel import drawn, text
from tests.app.test_pages import open_page, sentences
from tests.tiny import shipped_run

PLAYED, PLAIN = shipped_run("simple_nn"), shipped_run("cnn_1")


@pytest.fixture(autouse=True)
def _fresh_lists():
    cached.forget_rows()
    yield
    cached.forget_rows()


def open_view(run, **parameters: str):
    app = open_page("evaluate.py", run=run.id, **parameters)
    assert not app.exception, app.exception[0].message
    return app


def test_a_replay_is_sent_whole_and_its_kept_epoch_says_what_the_run_says():
    payload = drawn(open_view(PLAYED, view="replay", epoch="6"), "fmnist_replay")
    stored = [int(path.stem) for path in sorted((PLAYED.folder / "replay").glob("*.npz"))]
    assert (payload["epoch"], payload["kept"], payload["epochs"]) == (6, 20, stored)
    own = predictions.load(PLAYED, "validation")
    rows = np.isin(own.indices, replay.load(PLAYED).indices)
    matrix = evaluation.confusion_matrix(own.labels[rows], own.predicted[rows], 10)
    assert payload["matrices"][payload["epochs"].index(20)] == matrix.tolist()
    assert f"accuracy {100 * evaluation.accuracy(matrix):.1f} %" in payload["said"][-1]
    assert len(base64.b64decode(payload["places"])) == len(stored) * 2_000 * 2
    assert len(base64.b64decode(payload["bars"])) == len(stored) * 24 * 10
    assert payload["filters"]["count"] == 0  # no convolution
    assert [chart["title"] for chart in payload["charts"]] == ["Accuracy", "Loss", "Recall, by class"]
    assert len(json.dumps(payload)) < 20 * 1_000_000


def test_no_class_is_learned_last_in_one_epoch_or_where_all_are_learned_at_once():
    early, late = np.array([[0.9, 0.9], [0.95, 0.9]]), np.array([[0.9, 0.5], [0.95, 0.9]])
    say = replay_panel.learned_sentence
    assert say(early[:1], (1,), ("Coat", "Bag")) == ""
    assert say(early, (1, 2), ("Coat", "Bag")).startswith("**All classes are learned at once**: 80 %")
    assert say(late, (1, 2), ("Coat", "Bag")).startswith("**Bag is learned last**")


def test_shirt_is_learned_last_and_said_so():
    assert "**Shirt is learned last**: 80 % of its pictures are found not within 20 epochs" in text(
        open_view(PLAYED, view="replay")
    )
    plain = open_view(PLAIN, view="replay")
    assert "**Shirt is learned last**" in text(plain)
    assert "ships without what it stored" in sentences(plain)
    assert len(plain.get("plotly_chart")) == 1


def test_an_epoch_that_was_not_stored_opens_the_last():
    assert drawn(open_view(PLAYED, view="replay", epoch="77"), "fmnist_replay")["epoch"] == 20


def test_filters_are_the_stored_ones():
    run = shipped_run("cnn_2")
    payload = replay_panel.replay_payload(run, 0.0)
    values = np.frombuffer(base64.b64decode(payload["filters"]["values"]), np.uint8).reshape(-1, 32, 3, 3)
    assert len(values) == len(list((run.folder / "replay").glob("*.npz")))
    kernel = np.load(run.folder / "replay" / "020.npz")["filters"][:, :, 0, :].transpose(2, 0, 1)
    scale = np.percentile(np.abs(replay.load(run).filters), 99)
    np.testing.assert_allclose((values[-1] - 128.0) / 127, np.clip(kernel / scale, -1, 1), atol=0.01)


def test_the_figures_of_each_class_stand_there(monkeypatch):
    app = open_view(PLAYED, view="classes", focus="6")
    stored = predictions.load(PLAYED, "test")
    shirts, called = stored.labels == 6, stored.predicted == 6
    table = app.dataframe[0].value
    assert json.loads(app.dataframe[0].proto.columns)["Pictures"]["type_config"]["format"] == "localized"  # 1,000
    low, high = evaluation.wilson_interval(int((shirts & called).sum()), 1_000)
    recall = (shirts & called).sum() / 1_000
    assert table["Recall"][6] == f"{100 * recall:.1f} % ({100 * low:.1f}–{100 * high:.1f})"
    assert f"Of 1,000 Shirt pictures it finds **{100 * recall:.1f} %**" in text(app)
    assert "Wilson" in text(app) and "F1 = 2u / (1 + u)" in text(app)
    galleries = [one for one in app.get("bidi_component") if one.proto.component_name == "fmnist_gallery"]
    assert len(galleries) == 4 and all(len(json.loads(one.proto.json)["tiles"]) == 12 for one in galleries)
    next(button for button in app.button if "missed" in button.label).click().run()
    assert app.subheader[0].value == f"{(shirts & ~called).sum():,} × Shirt called something else"


def test_a_picture_of_a_class_opens_large_and_training_pictures_have_no_distance():
    app = open_view(PLAYED, view="classes", split="train", focus="1")
    galleries = [one for one in app.get("bidi_component") if one.proto.component_name == "fmnist_gallery"]
    assert len(galleries) == 2
    worst = json.loads(galleries[1].proto.json)["tiles"][1]["label"].split(":")[0]
    app = open_view(PLAYED, view="classes", split="train", focus="1", picture=worst)
    assert "2 of 12" in text(app)


def test_a_class_without_pictures_is_a_sentence():
    labels = np.zeros(3, np.int64)
    figures = class_panel.class_figures.class_figures(np.eye(10)[:3], labels, 10)
    assert class_panel.sentence(figures[4], CLASS_NAMES, 4) == "There is no Coat among these pictures."
    assert class_panel.figures_table(figures, CLASS_NAMES)["Recall"][4] == "–"


@pytest.mark.some(2)
@pytest.mark.parametrize("view", ["matrix", "classes", "against", "agreement", "calibration", "changes", "replay"])
def test_a_view_looks_no_run_up_by_its_id_and_scores_its_pictures_once(monkeypatch, view):
    """The row that the page chose says where the run lies; a click on a cell finds its scores ready."""
    app = open_view(PLAYED, view=view, cells="6-0")
    called = []
    monkeypatch.setattr(runs, "find", lambda run_id: called.append(run_id))
    monkeypatch.setattr(scores, "score", lambda *arrays: called.append("score"))
    if view != "calibration":  # to fit a temperature is to ask for the loss at many of them
        monkeypatch.setattr(evaluation, "cross_entropy", lambda *arrays: called.append("cross_entropy"))
    app.query_params["cells"] = "0-6"
    app.run()
    assert not app.exception and called == []
