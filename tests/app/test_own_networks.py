"""Own networks on every page: titled by their user, beside the zoo, in the address.

Run: python -m pytest tests/app/test_own_networks.py
"""

import dataclasses
import json

import pytest

from fmnist_core.networks import sharing
from fmnist_core.recipe import OWN, to_json
from fmnist_core.runs import runs
from fmnist_core.runs.runs import Run
from fmnist_core.zoo import CLASSICAL, MODELS
from fmnist_core.zoo.as_layers import as_network
from fmnist_ui import cached
from tests.app.test_models import board, markdown
from tests.app.test_pages import open_page

TITLE = "Three rounds & a half"
NETWORK = dataclasses.replace(as_network("cnn_1"), title=TITLE)
TEXT = sharing.to_text(NETWORK)


@pytest.fixture
def own(run) -> Run:
    """The small run of CNN 1, as if its layers had been put together here."""
    config = json.loads((run.folder / "config.json").read_text())
    recipe = dataclasses.replace(runs.read_config(run).recipe, model=OWN, network=NETWORK)
    (run.folder / "config.json").write_text(json.dumps(config | {"recipe": to_json(recipe)}))
    renamed = run.folder.rename(run.folder.with_name(run.id.replace("cnn_1-", "own-")))
    cached.forget_rows()
    yield Run(renamed)
    cached.forget_rows()


def test_it_stands_on_the_leaderboard_beside_the_zoo(own):
    app = open_page("models.py")
    table = board(app)
    assert list(table.index) == [*(model.title for model in (*MODELS.values(), *CLASSICAL.values())), TITLE]
    line, result = table.loc[TITLE], runs.read_result(own)
    assert line["Here"] == pytest.approx(100 * result.test_accuracy) and line.isna()["Published"]
    low, high = (float(part) for part in line["95 % interval"].split(" to "))
    assert low < 100 * result.test_accuracy < high and line["Parameters"] == 65_994
    assert "An own network" in line["Remark"]


def test_the_address_opens_it_with_its_layers(own):
    app = open_page("models.py", network=TEXT)
    assert not app.exception and app.subheader[-1].value == TITLE
    assert app.query_params["network"] == TEXT
    assert [metric.label for metric in app.metric] == ["Accuracy, here", "Parameters", "MACs"]
    assert list(app.dataframe[-1].value["Layer"])[:3] == ["picture", "conv1", "pool1"]


def test_an_address_of_a_network_without_runs_opens_it_too():
    app = open_page("models.py", network=TEXT)
    assert not app.exception and app.subheader[-1].value == TITLE
    assert "It has not been trained here yet." in markdown(app)


@pytest.mark.some(2)
@pytest.mark.parametrize("text", ["1", "<b>", TEXT[:-5], "1" + "A" * 3_000])
def test_a_bad_address_is_left_out_with_a_sentence(text):
    app = open_page("models.py", network=text)
    assert not app.exception and "network" not in app.query_params
    (warning,) = [one.value for one in app.warning]
    assert warning.startswith("The address' network was left out: It ") and ".." not in warning


def test_its_runs_are_listed_filtered_and_described(own):
    app = open_page("models.py", table="runs", models=OWN, run=own.id)
    assert not app.exception
    assert list(app.dataframe[0].value["Name"]) == [TITLE] == list(app.dataframe[0].value["Model"])
    assert any(TITLE in element.value for element in app.subheader)
    assert any("train own --layers 1" in element.value for element in app.code)
    app = open_page("models.py", table="runs", words="half rounds")
    assert list(app.dataframe[0].value["Name"]) == [TITLE]


@pytest.mark.some(2)
@pytest.mark.parametrize("page", ["evaluate.py", "report.py", "map.py", "train.py", "predict.py"])
def test_pages_open_it_under_its_title(own, page):
    app = open_page(page, run=own.id)
    assert not app.exception and not app.error
    said = [*(element.value for element in app.subheader), *(str(box.options) for box in app.selectbox)]
    assert any(TITLE in words for words in said)


def test_its_layers_can_be_mapped(own):
    app = open_page("map.py", run=own.id)
    (box,) = [box for box in app.selectbox if box.label == "Map of"]
    assert {"Layer conv1", "Layer pool2", "Layer conv3"} <= set(box.options)
