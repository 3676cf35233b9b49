"""Evaluate's section on test-time augmentation: nothing is computed before it is asked for; then the effect is said.

Run: python -m pytest tests/app/evaluate/test_test_time_augmentation_panel.py
"""

import dataclasses
import os
import threading

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.inference import test_time_augmentation
from fmnist_core.inference.classifier import Classifier, open_classifier
from fmnist_core.recipe import Augmentation, Stage
from fmnist_core.runs import predictions, runs
from fmnist_core.storage import folders
from fmnist_ui import cached
from fmnist_ui.evaluate import test_time_augmentation_panel
from tests.app.test_pages import open_page, sentences


@pytest.fixture(autouse=True)
def _nothing_computed():
    test_time_augmentation_panel._slot.clear()
    cached.forget_rows()
    yield
    test_time_augmentation_panel._slot.clear()
    cached.forget_rows()


@pytest.fixture
def looks(monkeypatch) -> list[int]:
    """How many pictures the classifier was shown, call by call."""
    seen = []
    real = Classifier.logits
    monkeypatch.setattr(Classifier, "logits", lambda self, images: seen.append(len(images)) or real(self, images))
    return seen


def open_panel(run, views: str, **parameters: str) -> AppTest:
    app = open_page("evaluate.py", run=run.id, view="test_time_augmentation", split="validation", **parameters)
    return app.segmented_control(key="views").set_value(views).run()


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def text(app: AppTest) -> str:
    return " ".join(element.value for element in app.markdown)


def test_accuracy_without_is_said_and_nothing_is_computed(run, looks):
    app = open_page("evaluate.py", run=run.id, view="test_time_augmentation", split="validation")
    assert not app.exception
    stored = predictions.load(run, "validation")
    share = np.mean(stored.predicted == stored.labels)
    assert f"Each picture is seen once: **accuracy {100 * share:.2f} %" in text(app)
    assert not any(button.key == "average" for button in app.button)
    assert looks == []


@pytest.mark.parametrize(
    ("views", "count"), [("flip", 2), ("crops", 9), pytest.param("both", 18, marks=pytest.mark.slow)]
)
def test_the_effect_is_computed_when_asked_for_and_said(run, looks, views, count):
    app = open_panel(run, views)
    assert not app.exception
    assert app.button(key="average").label == f"Classify 500 pictures {count} times each"
    assert looks == [] and not app.metric
    app.button(key="average").click().run()
    assert not app.exception
    assert looks == [500] * count
    stored = predictions.load(run, "validation")
    averaged = test_time_augmentation.averaged_predictions(stored, open_classifier(run, threads=1), views)
    shares = [np.mean(one.predicted == one.labels) for one in (stored, averaged)]
    changed = int((stored.predicted != averaged.predicted).sum())
    assert metrics(app) == {
        "Single view": f"{100 * shares[0]:.2f} %",
        "Mean of the views": f"{100 * shares[1]:.2f} %",
        "Answers changed": str(changed),
    }
    found = test_time_augmentation.effect(stored, averaged)
    assert test_time_augmentation.effect_in_words(found) in text(app)
    assert text(app).count("95 % interval") == 2  # of a single view, of their mean
    table = next(frame.value for frame in app.dataframe if "Fixed" in frame.value)
    assert table["Change"].sum() == found.right[1] - found.right[0]
    assert (table["Fixed"].sum(), table["Broken"].sum()) == (found.test.only_b, found.test.only_a)
    assert (abs(table["Change"]).diff().dropna() <= 0).all()


def test_a_result_is_kept_for_every_visitor_and_each_set_of_views(run, looks):
    open_panel(run, "flip").button(key="average").click().run()
    seen = len(looks)
    other = open_panel(run, "flip")
    assert "Mean of the views" in metrics(other) and len(looks) == seen
    other.segmented_control(key="views").set_value("crops").run()
    assert not other.metric and other.button(key="average")
    other.segmented_control(key="widget_split").set_value("test").run()
    assert not other.metric


def test_another_model_under_the_same_name_is_computed_again(run):
    open_panel(run, "flip").button(key="average").click().run()
    os.utime(run.folder / "model.onnx", (1, 1))
    assert not open_panel(run, "flip").metric


def test_a_computation_that_fails_lets_the_next_one_in(run, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(test_time_augmentation, "averaged_logits", lambda *arguments: 1 / 0)
        assert open_panel(run, "flip").button(key="average").click().run().exception
    assert "Mean of the views" in metrics(open_panel(run, "flip").button(key="average").click().run())


def test_one_computation_at_a_time(run, looks):
    app = open_panel(run, "flip")
    test_time_augmentation_panel._one_at_a_time.acquire()
    release = threading.Timer(1.2, test_time_augmentation_panel._one_at_a_time.release)
    release.start()
    app.button(key="average").click().run()
    release.join()
    assert not app.exception
    assert "Mean of the views" in metrics(app)


def test_a_run_without_its_model_is_a_sentence(run):
    (run.folder / "model.onnx").unlink()
    app = open_panel(run, "flip")
    assert not app.exception
    assert f"The run {run.id} has no model yet" in sentences(app)
    assert not any(button.key == "average" for button in app.button)
    assert any(heading.value == "Test-time augmentation" for heading in app.subheader)


def test_a_run_that_ships_without_its_model_is_a_sentence(run, monkeypatch, tmp_path):
    (run.folder / "model.onnx").unlink()
    run.folder.parent.rename(tmp_path / "shipped")
    monkeypatch.setattr(folders, "shipped_folder", lambda: tmp_path / "shipped")
    app = open_panel(run, "flip")
    assert not app.exception
    assert "without its weights" in sentences(app)


def test_views_that_a_recipe_never_showed_are_named(run):
    recipe = runs.read_config(run).recipe
    say = test_time_augmentation_panel.novelty
    assert "not trained on mirrored pictures" in say(recipe, "flip") and "shifted" not in say(recipe, "flip")
    assert "not trained on shifted pictures" in say(recipe, "crops") and "mirrored" not in say(recipe, "crops")
    flips = dataclasses.replace(recipe, stages=(Stage(1), Stage(1, Augmentation(flip=True))))
    assert say(flips, "flip") == "" and "shifted" in say(flips, "both")
    for shifting in (Augmentation(crop=2, flip=True), Augmentation(shift=0.1, flip=True)):
        assert say(dataclasses.replace(recipe, stages=(Stage(1, shifting),)), "both") == ""
    assert say(recipe, "flip") in text(open_panel(run, "flip"))


def test_views_are_named_by_where_the_picture_went():
    names = [test_time_augmentation_panel.view_name(*kind) for kind in test_time_augmentation.shifts("both")]
    assert names[0] == "as it is" and names[9] == "mirrored" and len(set(names)) == 18
    assert {"down right", "up left", "left", "up mirrored"} <= set(names)
