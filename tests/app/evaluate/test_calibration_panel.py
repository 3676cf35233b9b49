"""Calibration on the page Evaluate.

Run: python -m pytest tests/app/evaluate/test_calibration_panel.py
"""

import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.inference import calibrated
from fmnist_core.metrics import calibration, evaluation
from fmnist_core.runs import predictions
from fmnist_core.runs.runs import Run
from fmnist_ui import cached
from fmnist_ui.evaluate import calibration_panel
from tests.app.test_pages import open_page


@pytest.fixture(autouse=True)
def _fresh_lists():
    cached.forget_rows()
    yield
    cached.forget_rows()


def text(app: AppTest) -> str:
    assert not app.exception
    return " ".join(element.value for element in (*app.markdown, *app.caption, *app.info))


def error_in_words(run: Run, probabilities: np.ndarray) -> str:
    stored = predictions.load(run, "test")
    found = calibration.reliability(probabilities.max(axis=1), stored.predicted == stored.labels)
    return f"Expected calibration error (ECE) **{100 * found.error:.2f} %**"


def test_it_shows_calibrated_probabilities_and_raw_ones_on_request(run):
    logits = predictions.load(run, "test").logits
    fitted = calibrated.calibrator_of(run)
    app = open_page("evaluate.py", run=run.id, view="calibration")
    assert error_in_words(run, fitted.probabilities(logits)) in text(app)
    assert f"a temperature of {fitted.temperature:.2f}" in text(app) and "fitted on 500 validation pictures" in text(
        app
    )
    assert not app.slider(key="answered").disabled and not [one for one in app.slider if one.key == "temperature"]
    raw = open_page("evaluate.py", run=run.id, view="calibration", probabilities="raw")
    assert error_in_words(run, evaluation.softmax(logits)) in text(raw) and "Raw probabilities" in text(raw)
    raw.slider(key="temperature").set_value(2.0).run()
    assert error_in_words(run, evaluation.softmax(logits, 2.0)) in text(raw)


def test_run_without_validation_pictures_shows_raw_ones_and_says_so(run):
    with np.load(run.folder / "predictions.npz") as stored:
        arrays = dict(stored)
    for name in ("validation_indices", "validation_logits"):
        arrays[name] = arrays[name][:0]
    np.savez(run.folder / "predictions.npz", **arrays)
    app = open_page("evaluate.py", run=run.id, view="calibration")
    assert "the recipe sets no validation pictures aside to calibrate them with" in text(app)
    assert error_in_words(run, evaluation.softmax(predictions.load(run, "test").logits)) in text(app)


def test_what_it_answers_and_what_it_leaves(run):
    app = open_page("evaluate.py", run=run.id, view="calibration")
    stored = predictions.load(run, "test")
    confidence = calibrated.calibrator_of(run).probabilities(stored.logits).max(axis=1)
    found = calibration.coverage(confidence, stored.predicted == stored.labels)
    app.slider(key="answered").set_value(60).run()
    assert f"accuracy **{100 * found.accuracy[5_999]:.2f} %**" in text(app) and "leaves 4,000" in text(app)
    app.slider(key="answered").set_value(100).run()
    assert "It answers all of them." in text(app) and "leaves 0 to" in text(app)


def test_an_open_picture_of_those_it_leaves_shows_its_probabilities(run):
    stored = predictions.load(run, "test")
    least = int(calibrated.calibrator_of(run).probabilities(stored.logits).max(axis=1).argmin())
    app = open_page("evaluate.py", run=run.id, view="calibration", picture=f"test/{least}")
    assert f":gray[test picture {least:,}]" in text(app)


def test_all_pictures_of_a_bin_can_be_turned_to(run):
    stored = predictions.load(run, "test")
    confidence = calibrated.calibrator_of(run).probabilities(stored.logits).max(axis=1)
    rows = np.flatnonzero(calibration.bin_of(confidence) == calibration.BINS - 1)
    pages, rest = divmod(len(rows), calibration_panel.ON_A_PAGE)
    assert pages > 1 and rest
    for page, count in ((0, calibration_panel.ON_A_PAGE), (pages, rest)):
        app = open_page("evaluate.py", run=run.id, view="calibration", bin=str(calibration.BINS - 1), page=str(page))
        assert not app.exception
        galleries = [one for one in app.get("bidi_component") if one.proto.component_name == "fmnist_gallery"]
        found = [json.loads(one.proto.json) for one in galleries]
        assert [len(one["tiles"]) for one in found if one["label"] == "Pictures of this bin"] == [count]
