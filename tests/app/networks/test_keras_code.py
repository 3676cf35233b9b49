"""As Keras code, on the pages that offer it.

Run: python -m pytest tests/app/networks/test_keras_code.py
"""

import json

import pytest

from fmnist_core.demo import limits
from fmnist_core.runs import runs
from fmnist_core.script.keras_script import keras_script
from fmnist_core.speed.estimate import quick_recipe
from fmnist_core.storage.atomic import write_json
from fmnist_core.storage.folders import RunError
from fmnist_core.zoo import MODELS
from fmnist_ui import cached
from tests.app.test_pages import open_page, sentences

KEY = "keras-code"


@pytest.fixture(autouse=True)
def _fresh_lists():
    cached.forget_rows()
    yield
    cached.forget_rows()


def opened(app):
    """The page with its script open."""
    app.button(key=KEY).click().run()
    assert not app.exception
    return app


def code(app) -> list[str]:
    return [element.value for element in app.code]


def files(app) -> set[str]:
    return {button.proto.label for button in app.get("download_button")}


def test_train_shows_the_script_of_the_chosen_recipe():
    app = opened(open_page("train.py", model="cnn_1"))
    assert keras_script(quick_recipe(MODELS["cnn_1"].recipe)).strip() in code(app)
    assert "cnn_1.py" in files(app)
    assert "Left out" not in sentences(app)


def test_models_shows_that_of_a_published_recipe_and_says_what_is_left_out():
    app = opened(open_page("models.py", model="robust"))
    assert keras_script(MODELS["robust"].recipe).strip() in code(app)
    assert "Left out: the damage that photos do, to 10 % of the pictures." in sentences(app)


@pytest.mark.parametrize(("page", "more"), (("models.py", {"table": "runs"}), ("report.py", {})))
def test_a_run_has_its_script(run, page, more):
    app = opened(open_page(page, run=run.id, **more))
    assert keras_script(runs.read_config(run).recipe).strip() in code(app)


def test_a_long_list_of_pictures_comes_as_a_file(run):
    change(run, recipe={"excluded": list(range(3_000))})
    app = opened(open_page("report.py", run=run.id))
    assert {"cnn_1.py", "excluded.txt"} <= files(app)


def test_no_button_for_a_model_that_is_gone(run):
    change(run, recipe={"model": "gone"})
    app = open_page("models.py", table="runs", run=run.id)
    assert not app.exception
    assert KEY not in {button.key for button in app.button}


def test_what_is_too_large_for_a_demo_can_be_taken_along(monkeypatch):
    monkeypatch.setattr(limits, "check_training", lambda *_: (_ for _ in ()).throw(RunError("Too much for here.")))
    app = opened(open_page("train.py", model="cnn_1"))
    assert "Too much for here." in sentences(app)
    assert keras_script(quick_recipe(MODELS["cnn_1"].recipe)).strip() in code(app)


def test_a_run_that_was_taught_a_class_says_that_the_script_is_not(run):
    config = json.loads((run.folder / "config.json").read_text())
    write_json(run.folder / "config.json", config | {"class_names": [*config["class_names"], "Hat"]})
    app = opened(open_page("models.py", table="runs", run=run.id))
    assert "Left out: the 1 class that this run was taught later" in sentences(app)


def change(run, recipe: dict) -> None:
    config = json.loads((run.folder / "config.json").read_text())
    config["recipe"] |= recipe
    write_json(run.folder / "config.json", config)
