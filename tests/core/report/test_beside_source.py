"""The source's figures and the run's own stand in columns of their own, each under its name.

Run: python -m pytest tests/core/report/test_beside_source.py
"""

import pytest

from fmnist_core.report import tables
from fmnist_core.report.beside_source import OVERFITS, rows_beside_source
from fmnist_core.runs import runs
from fmnist_core.zoo import MODELS
from tests.tiny import shipped_run


def rows_of(name: str) -> dict[str, tuple[str, str]]:
    run = shipped_run(name)
    rows = rows_beside_source(runs.read_metrics(run), runs.read_result(run), MODELS[name])
    return {row["figure"]: (row["reproduced"], row["published"]) for row in rows}


@pytest.mark.parametrize(
    ("model", "figure", "published"),
    [
        ("minivggnet", "test accuracy", "94.00 %"),
        ("minivggnet", "test accuracy, the source as updated later", "93.24 %"),
        ("minivggnet", "training loss", "0.171"),
        ("minivggnet", "seconds an epoch", "6 to 7 on a GPU"),
        ("patel_cnn32", "training accuracy", "98.00 %"),
        ("patel_deep", "training accuracy", "95.00 %"),
        ("cnn_1conv", "distorted validation loss", "0.268"),
        ("cnn_1conv", "validation loss", "–"),
        ("cnn_2", OVERFITS, "8"),
        ("simple_nn", OVERFITS, "5"),
    ],
)
def test_published_figures_are_shown_beside_the_run_s(model, figure, published):
    rows = rows_of(model)
    assert rows[figure][1] == published
    result = runs.read_result(shipped_run(model))
    assert rows["test accuracy"][0] == f"{100 * result.test_accuracy:.2f} %"
    if OVERFITS in rows:
        assert rows[OVERFITS][0] == str(result.overfits_after or "–")


def test_a_model_of_our_own_has_no_source_to_stand_beside():
    assert rows_of("flagship") == {}


def test_first_stages_have_all_that_is_published_of_them():
    first = tables.published_columns(MODELS["cnn_4conv"])["published stage 1"]
    assert first == {
        "training accuracy": 0.9175,
        "training loss": 0.2295,
        "validation accuracy": 0.9020,
        "validation loss": 0.2712,
        "test accuracy": 0.9052,
        "test loss": 0.26567,
    }
