"""Train's own recipe: which suspects are left out of training.

Run: python -m pytest tests/app/data/test_suspects_form.py
"""

import dataclasses

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.analysis import label_issues
from fmnist_core.analysis.label_set import Decision
from fmnist_core.label_audit import audit_decisions
from fmnist_core.recipe import Split
from fmnist_core.runs import runs
from fmnist_core.training import training_jobs
from fmnist_ui import cached
from fmnist_ui.train.forms import recipe_form
from tests.app.test_pages import open_page, sentences
from tests.tiny import tiny_recipe


@pytest.fixture(autouse=True)
def _fresh_lists():
    cached.forget_rows()
    yield
    cached.forget_rows()


@pytest.fixture
def submitted(monkeypatch) -> list:
    recipes = []
    monkeypatch.setattr(training_jobs, "submit", lambda chosen, _: recipes.append(chosen) or runs.create(chosen))
    return recipes


def open_form() -> AppTest:
    app = open_page("train.py", model="cnn_1")
    return app.segmented_control(key="preset").set_value("own").run()


def text(app: AppTest) -> str:
    return " ".join(element.value for kind in (app.markdown, app.caption) for element in kind)


def start(app: AppTest, submitted: list):
    app.button(key="start").click().run()
    assert not app.exception
    return submitted.pop()


def test_nothing_is_left_out_by_itself(submitted):
    app = open_form()
    assert "left out" not in text(app)
    assert start(app, submitted).excluded == ()


@pytest.mark.parametrize("kind", ["known", "conflicting"])
def test_a_list_that_comes_with_the_app_is_left_out(submitted, kind):
    app = open_form()
    app.segmented_control(key="suspects").set_value(kind).run()
    count = len(label_issues.LISTS[kind])
    assert f"{count} suspects with the label each has." in text(app)
    assert f"{55_000 - count:,} pictures ({count} suspects left out), 5,000 for validation" in text(app)
    assert start(app, submitted).excluded == label_issues.LISTS[kind]


def test_ones_own_list_is_left_out(submitted):
    app = open_form()
    app.segmented_control(key="suspects").set_value("own").run()
    assert not app.exception and "left out" not in text(app)
    app.text_area(key="suspect_list").set_value("label,position\n6,45592\n4,16691\n0,59999\n").run()
    assert "3 suspects with the label each has." in text(app)
    assert "54,998 pictures (2 suspects left out)" in text(app)  # the third is for validation, and stays there
    assert start(app, submitted).excluded == (45_592, 16_691, 59_999)


def test_a_bad_entry_is_said_and_the_form_is_kept(submitted):
    app = open_form()
    app.number_input(key="batch").set_value(100)
    app.segmented_control(key="suspects").set_value("own").run()
    app.text_area(key="suspect_list").set_value("5, seven, 60000").run()
    assert not app.exception
    assert "No position in the training set: seven, 60000. Expected whole numbers from 0 to 59999." in sentences(app)
    assert "1 suspect with the label" in text(app)
    chosen = start(app, submitted)
    assert (chosen.excluded, chosen.batch_size) == ((5,), 100)


def test_a_long_list_shows_its_first_pictures(submitted):
    app = open_form()
    app.segmented_control(key="suspects").set_value("own").run()
    app.text_area(key="suspect_list").set_value(" ".join(map(str, range(1_000)))).run()
    assert not app.exception
    assert "1,000 suspects with the label each has, the first 60 of them here." in text(app)
    assert "54,000 pictures (1,000 suspects left out)" in text(app)


def test_a_list_that_leaves_nothing_to_train_on_is_refused():
    app = open_form()
    app.segmented_control(key="suspects").set_value("own").run()
    app.text_area(key="suspect_list").set_value(" ".join(map(str, range(60_000)))).run()
    assert not app.exception
    assert "enough left to train on" in sentences(app)


def decided() -> None:
    """Two training pictures under other labels, one ambiguous; a test picture, which no training has."""
    audit_decisions.decide("train/0", Decision("relabel", 7))
    audit_decisions.decide("train/59999", Decision("relabel", 0))  # it validates
    audit_decisions.decide("train/5", Decision("ambiguous"))
    audit_decisions.decide("test/0", Decision("ambiguous"))


def test_ones_own_labels_are_taught_and_ambiguous_ones_left_out(submitted):
    app = open_form()
    assert "To teach other labels, decide about suspects on Data" in text(app)
    decided()
    app = open_form()
    labels = app.selectbox(key="taught_labels")
    assert labels.options == ["Official", "My decisions: 2 corrected, 1 left out"] and labels.value == "official"
    labels.set_value("mine").run()
    assert "54,999 pictures (1 suspect left out), 1 of them under corrected labels, 5,000 for validation" in text(app)
    assert "Validation and test pictures keep the official ones" in text(app)
    app.segmented_control(key="suspects").set_value("known").run()
    chosen = start(app, submitted)
    assert chosen.relabelled == ((0, 7), (59_999, 0))
    assert chosen.excluded == (*label_issues.LISTS["known"], 5)


def test_a_set_that_has_gone_is_not_taught(submitted):
    decided()
    app = open_form()
    app.selectbox(key="taught_labels").set_value("mine").run()
    audit_decisions.replace_all({})
    app.run()
    assert not app.exception and start(app, submitted).relabelled == ()


def test_the_lists_name_their_sources():
    app = open_form()
    app.segmented_control(key="suspects").set_value("known").run()
    assert all(url in text(app) for url in label_issues.KNOWN.values())


def test_a_recipe_in_words_counts_what_it_does_not_train_on():
    recipe = tiny_recipe(images=None, split=Split("last", 500))
    assert "59,500 pictures, 500 for validation" in recipe_form.in_words(recipe)
    without = dataclasses.replace(recipe, excluded=(3, 4, 59_999))
    assert "59,498 pictures (2 suspects left out)" in recipe_form.in_words(without)
    few = dataclasses.replace(without, images=600)
    assert "600 pictures (2 suspects left out)" in recipe_form.in_words(few)
    one = dataclasses.replace(recipe, excluded=(3,))
    assert "(1 suspect left out)" in recipe_form.in_words(one)
