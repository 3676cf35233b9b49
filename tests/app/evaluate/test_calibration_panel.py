"""Calibration on the page Evaluate.

Run: python -m pytest tests/app/evaluate/test_calibration_panel.py
"""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.metrics import calibration, evaluation
from fmnist_core.runs import predictions
from fmnist_core.runs.runs import Run
from fmnist_ui import cached
from tests.app.test_pages import open_page


@pytest.fixture(autouse=True)
def _fresh_lists():
    cached.forget_rows()
    yield
    cached.forget_rows()


def text(app: AppTest) -> str:
    assert not app.exception
    return " ".join(element.value for element in (*app.markdown, *app.caption, *app.info))


def error_of(run: Run, temperature: float) -> str:
    stored = predictions.load(run, "test")
    probabilities = evaluation.softmax(stored.logits, temperature)
    found = calibration.reliability(probabilities.max(axis=1), stored.predicted == stored.labels)
    return f"Expected calibration error (ECE) **{100 * found.error:.2f} %**"


def test_error_is_that_of_the_chosen_temperature(run):
    app = open_page("evaluate.py", run=run.id, view="calibration")
    assert error_of(run, 1.0) in text(app)
    app.slider(key="temperature").set_value(2.0).run()
    assert error_of(run, 2.0) in text(app) and error_of(run, 1.0) not in text(app)


def test_fitted_temperature_is_of_the_validation_pictures(run):
    app = open_page("evaluate.py", run=run.id, view="calibration")
    validation = predictions.load(run, "validation")
    fitted = calibration.fit_temperature(validation.logits, validation.labels)
    (button,) = [one for one in app.button if one.label.startswith("Take the fitted one")]
    assert button.label.endswith(f"{fitted:.2f}")
    button.click().run()
    assert app.slider(key="temperature").value == pytest.approx(fitted, abs=0.03)


def test_run_without_validation_pictures_offers_no_fit(run):
    with np.load(run.folder / "predictions.npz") as stored:
        arrays = dict(stored)
    for name in ("validation_indices", "validation_logits"):
        arrays[name] = arrays[name][:0]
    np.savez(run.folder / "predictions.npz", **arrays)
    app = open_page("evaluate.py", run=run.id, view="calibration")
    assert "no temperature can be fitted honestly" in text(app)
    assert not [one for one in app.button if one.label.startswith("Take")]


def test_what_it_answers_and_what_it_leaves(run):
    app = open_page("evaluate.py", run=run.id, view="calibration")
    stored = predictions.load(run, "test")
    confidence = evaluation.softmax(stored.logits).max(axis=1)
    found = calibration.coverage(confidence, stored.predicted == stored.labels)
    app.slider(key="answered").set_value(60).run()
    assert f"accuracy **{100 * found.accuracy[5_999]:.2f} %**" in text(app) and "leaves 4,000" in text(app)
    app.slider(key="answered").set_value(100).run()
    assert "It answers all of them." in text(app) and "leaves 0 to" in text(app)


def test_an_open_picture_of_those_it_leaves_shows_its_probabilities(run):
    stored = predictions.load(run, "test")
    least = int(evaluation.softmax(stored.logits).max(axis=1).argmin())
    app = open_page("evaluate.py", run=run.id, view="calibration", picture=f"test/{least}")
    assert f":gray[test picture {least:,}]" in text(app)
