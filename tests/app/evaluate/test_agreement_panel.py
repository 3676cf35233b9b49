"""Evaluate's view of many runs, and the closer look at one picture: what is said is what the stored answers say.

Run: python -m pytest tests/app/evaluate/test_agreement_panel.py
"""

import numpy as np
import pytest

from fmnist_core.runs import predictions, runs
from fmnist_ui import cached
from tests.app.test_pages import open_page, sentences
from tests.tiny import shipped_run

THREE = tuple(shipped_run(model) for model in ("simple_nn", "cnn_1", "lenet5_valid"))


@pytest.fixture(autouse=True)
def _fresh_lists():
    cached.forget_rows()
    yield
    cached.forget_rows()


def text(app) -> str:
    return " ".join(element.value for kind in (app.markdown, app.subheader, app.caption) for element in kind)


@pytest.mark.parametrize("votes", [0, 1, 3])
def test_pictures_are_those_that_so_many_networks_have_right(votes):
    stored = [predictions.load(run, "test") for run in THREE]
    right = sum((one.predicted == one.labels).astype(int) for one in stored)
    among = ",".join(run.id for run in THREE)
    app = open_page("evaluate.py", run=THREE[0].id, view="agreement", among=among, votes=str(votes))
    assert not app.exception
    words = text(app)
    assert f"All 3 networks are right on **{(right == 3).sum():,}** of 10,000 pictures" in words
    assert f"none on **{(right == 0).sum():,}**" in words
    assert f"{(right == votes).sum():,} pictures" in words


def test_a_number_of_votes_beyond_the_networks_is_brought_back():
    among = ",".join(run.id for run in THREE[:2])
    app = open_page("evaluate.py", run=THREE[0].id, view="agreement", among=among, votes="900")
    assert not app.exception
    assert app.slider(key="widget_votes").value == 2


def test_one_network_cannot_agree_and_others_that_share_no_pictures_say_so(run):
    app = open_page("evaluate.py", run=run.id, view="agreement", among=run.id)
    assert not app.exception and "Choose two networks or more" in sentences(app)


def test_all_that_ship_are_asked_at_first():
    app = open_page("evaluate.py", run=THREE[0].id, view="agreement")
    count = len([one for one in runs.list_runs() if one.shipped])
    assert not app.exception and f"All {count} networks are right on" in text(app)


@pytest.mark.some(2)
@pytest.mark.parametrize(
    "closer, said", [("nearest", "nearest training pictures"), ("why", "Why this answer"), ("robust", "answer hold")]
)
@pytest.mark.parametrize("split", ["test", "train"])
def test_a_picture_is_looked_at_closer(closer, said, split):
    stored = predictions.load(THREE[1], split)
    index = stored.indices[np.flatnonzero((stored.labels == 6) & (stored.predicted == 0))[0]]
    address = {"cells": "6-0", "split": split, "picture": f"{stored.source}/{index}"}
    app = open_page("evaluate.py", run=THREE[1].id, **address)
    app.segmented_control(key="closer").set_value(closer).run()
    assert not app.exception
    assert said in text(app)
