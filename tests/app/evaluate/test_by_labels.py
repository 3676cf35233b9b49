"""Evaluate by a label set: its figures beside the official ones, and the matrix and pictures by its labels.

Run: python -m pytest tests/app/evaluate/test_by_labels.py
"""

import numpy as np
import pytest

from fmnist_core.analysis.label_set import Decision
from fmnist_core.data import CLASS_NAMES
from fmnist_core.formatting import unbroken
from fmnist_core.label_audit import audit_decisions
from fmnist_core.metrics import evaluation
from fmnist_core.runs import predictions
from fmnist_ui import cached
from tests.app.evaluate.test_mistakes_panel import drawn, text
from tests.app.test_pages import open_page, sentences
from tests.tiny import shipped_run

RUN = shipped_run("simple_nn")
STORED = predictions.load(RUN, "test")
WRONG = np.flatnonzero(STORED.predicted != STORED.labels)
RIGHT = np.flatnonzero(STORED.predicted == STORED.labels)


@pytest.fixture(autouse=True)
def _fresh_lists():
    cached.forget_rows()
    yield
    cached.forget_rows()


def opened(**parameters: str):
    app = open_page("evaluate.py", run=RUN.id, **parameters)
    assert not app.exception, app.exception[0].message
    return app


def counted(app) -> list[list[int]]:
    """The cells of the matrix that is shown."""
    rows = drawn(app, "fmnist_matrix")["rows"]
    return [[int(cell["text"].replace("·", "0").replace(",", "")) for cell in row["cells"]] for row in rows]


def decide() -> None:
    """Six of the wrong ones are what the network says, two of the right ones are not, three are ambiguous."""
    said = {f"test/{one}": Decision("relabel", int(STORED.predicted[one])) for one in WRONG[:6]}
    said |= {f"test/{one}": Decision("relabel", int(STORED.labels[one] + 1) % 10) for one in RIGHT[:2]}
    said |= {f"test/{one}": Decision("ambiguous") for one in WRONG[6:9]}
    audit_decisions.replace_all(said)


def test_without_label_sets_there_is_nothing_to_choose():
    app = opened()
    assert not [one for one in app.selectbox if one.label == "Labels"]


def test_the_figures_of_a_set_stand_beside_the_official_ones():
    decide()
    official = unbroken(f"Accuracy **{100 * len(RIGHT) / 10_000:.2f} %** on 10,000 test pictures")
    plain = opened()
    assert official in text(plain) and "became right" not in text(plain)
    assert next(one for one in plain.selectbox if one.label == "Labels").options == ["Official", "My decisions"]
    app = opened(labels="mine")
    said = text(app)
    assert official in said
    assert f"By **My decisions** the accuracy is **{100 * (len(RIGHT) + 4) / 9_997:.2f} %**" in said
    assert f"same 9,997 pictures it is {100 * len(RIGHT) / 9_997:.2f} %" in said
    assert "8 of 9,997 test pictures relabelled, 3 left out as ambiguous. Of the 8, 6 became right, 2 became" in said


@pytest.mark.long
def test_the_matrix_the_classes_and_the_pictures_are_by_the_set():
    decide()
    labels = STORED.labels.astype(int)
    labels[WRONG[:6]] = STORED.predicted[WRONG[:6]]
    labels[RIGHT[:2]] = (labels[RIGHT[:2]] + 1) % 10
    kept = np.setdiff1d(np.arange(10_000), WRONG[6:9])
    expected = evaluation.confusion_matrix(labels[kept], STORED.predicted[kept], 10)
    assert counted(opened()) != expected.tolist()  # and the caches tell the two apart
    assert counted(opened(labels="mine")) == expected.tolist()
    one = int(RIGHT[0])
    cell = f"{labels[one]}-{STORED.predicted[one]}"
    app = opened(labels="mine", cells=cell, picture=f"test/{one}")
    named = CLASS_NAMES[labels[one]], CLASS_NAMES[STORED.labels[one]]
    assert f"By the chosen label set it is **{named[0]}**, officially {named[1]}." in text(app)
    table = opened(labels="mine", view="classes").dataframe[0].value
    assert table["Pictures"].tolist() == expected.sum(axis=1).tolist()


def test_other_views_count_by_the_official_labels():
    decide()
    app = opened(labels="mine", view="calibration")
    assert "became right" not in text(app) and not [one for one in app.selectbox if one.label == "Labels"]


def test_a_set_that_is_not_here_is_said_and_the_official_labels_count():
    app = opened(labels="set_000000000000")
    assert "The label set of the address is not here" in sentences(app)
    assert sum(map(sum, counted(app))) == 10_000
