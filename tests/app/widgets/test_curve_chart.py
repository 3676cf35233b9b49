"""The curve chart's payload and words; what a browser makes of it is in tests/browser."""

import json
import math

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.colours import CLASS_COLORS
from fmnist_core.runs.curves import curve_rows
from fmnist_ui.javascript import one_module
from fmnist_ui.widgets.curve_chart import DASHES, MODULES, SOURCES, curve_payload
from tests.made_up import batch_line, epoch_line

EPOCHS = [
    batch_line(1, 1, 3, 5.1, 0.1),
    epoch_line(1, loss=0.5, accuracy=0.8, val_loss=0.4, val_accuracy=0.85),
    epoch_line(2, loss=0.21, accuracy=0.9, val_loss=0.25, val_accuracy=0.84),
]


def payload(rows: list[dict], title: str = "loss", **more) -> dict:
    settings = {"key": "chart", "title": title, "percent": title == "accuracy", "several_runs": False} | more
    return json.loads(json.dumps(curve_payload(rows, **settings), allow_nan=False))


def test_rows_become_a_series_for_each_curve():
    training, validation = payload(curve_rows(EPOCHS, "A run", "loss"))["series"]
    assert (training["run"], training["curve"], validation["curve"]) == ("A run", "training", "validation")
    assert training["batches"] == [[0.3333, 5.1]]
    assert training["epochs"] == [[1, 0.5], [2, 0.21]]
    assert validation["epochs"] == [[1, 0.4], [2, 0.25]]
    assert training["best"] is None
    assert validation["best"] == [1, 0.4]


def test_the_curves_of_one_run_differ_in_colour():
    rows = [{"run": "A", "curve": curve, "kind": "epoch", "epoch": 1.0, "value": 0.5} for curve in reversed(DASHES)]
    series = payload(rows)["series"]
    assert [one["colour"] for one in series] == list(reversed(CLASS_COLORS[:4]))
    assert {one["dash"] for one in series} == {""}


def test_of_several_runs_the_colour_is_the_run_and_the_dash_the_curve():
    rows = [row for place in range(12) for row in curve_rows(EPOCHS, f"Run {place}", "loss")]
    series = payload(rows, several_runs=True)["series"]
    assert len(series) == 24
    for place, one in enumerate(series):
        assert one["colour"] == CLASS_COLORS[place // 2 % len(CLASS_COLORS)]
        assert one["dash"] == DASHES[one["curve"]]
    assert len(set(DASHES.values())) == len(DASHES)


def test_values_that_are_not_finite_are_left_out():
    rows = [
        {"run": "A", "curve": "training", "kind": "epoch", "epoch": float(epoch), "value": value}
        for epoch, value in enumerate((0.5, math.nan, math.inf, 0.25), start=1)
    ]
    assert payload(rows)["series"][0]["epochs"] == [[1, 0.5], [4, 0.25]]
    assert payload(rows[1:2])["series"] == []


def test_an_unknown_curve_is_refused():
    rows = [{"run": "A", "curve": "testing", "kind": "epoch", "epoch": 1.0, "value": 0.5}]
    with pytest.raises(ValueError, match="Unknown curve 'testing'. Expected one of: training, validation"):
        payload(rows)


@pytest.mark.parametrize(
    ("lines", "title", "sentence"),
    [
        ([], "loss", "loss by epoch: no values yet"),
        (EPOCHS[:1], "loss", "loss by epoch: training 5.10 in epoch 1"),
        (EPOCHS, "loss", "loss by epoch: training 0.21, validation 0.25 after epoch 2; best epoch 1"),
        (EPOCHS, "accuracy", "accuracy by epoch: training 90.0 %, validation 84.0 % after epoch 2; best epoch 1"),
        (
            [epoch_line(3, loss=0.5)],
            "loss",
            "loss by epoch: training 0.50 after epoch 3",
        ),
    ],
)
def test_the_chart_is_told_in_a_sentence(lines, title, sentence):
    assert payload(curve_rows(lines, "A run", title), title)["label"] == sentence


def test_of_several_runs_each_is_told():
    rows = curve_rows(EPOCHS, "First", "loss") + curve_rows(EPOCHS[:2], "Second", "loss")
    assert payload(rows, several_runs=True)["label"] == (
        "loss by epoch of 2 runs. First: training 0.21, validation 0.25 after epoch 2; best epoch 1. "
        "Second: training 0.50, validation 0.40 after epoch 1; best epoch 1"
    )


def test_the_module_is_made_of_all_its_files_and_imports_nothing():
    assert {path.stem for path in SOURCES.glob("*.js")} == set(MODULES)
    assert "import " not in "\n".join(line[:7] for line in one_module(SOURCES, MODULES).splitlines())
    assert one_module(SOURCES, MODULES).count("export ") == one_module(SOURCES, MODULES).count("export default ") == 1


def app_with_charts():
    from fmnist_ui.widgets.curve_chart import curve_chart

    row = {"run": "A run", "curve": "training", "kind": "epoch", "epoch": 1.0, "value": 0.75}
    curve_chart([], key="empty", title="loss", percent=False, several_runs=False)
    curve_chart([row], key="full", title="accuracy", percent=True, several_runs=False, height=200)


def test_a_chart_mounts_with_and_without_values():
    app = AppTest.from_function(app_with_charts, default_timeout=30).run()
    assert not app.exception
    empty, full = (json.loads(component.proto.json) for component in app.get("bidi_component"))
    assert (empty["series"], empty["label"]) == ([], "loss by epoch: no values yet")
    assert (full["height"], full["percent"]) == (200, True)
    assert full["label"] == "accuracy by epoch: training 75.0 % after epoch 1"


def test_boundaries_of_stages_are_sent():
    assert payload(curve_rows(EPOCHS, "A", "loss"))["boundaries"] == []
    assert payload([], boundaries=[(10, "stage 2")])["boundaries"] == [[10.0, "stage 2"]]
