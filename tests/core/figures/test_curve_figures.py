"""Curves by epoch, of deletion, of robustness and of the components: values, names, colours, gaps, axes.

Run: python -m pytest tests/core/figures
"""

import numpy as np
import pytest

from fmnist_core import figures
from fmnist_core.analysis.explain import Deletion
from fmnist_core.analysis.robustness import CHANGES, Sweep
from fmnist_core.colours import CLASS_COLORS
from fmnist_core.data import CLASS_NAMES
from fmnist_core.metrics import evaluation
from fmnist_core.recipe import Recipe, Stage
from fmnist_core.runs import curves
from fmnist_core.runs.records import EpochLine

LINES = [
    EpochLine(
        epoch=epoch,
        step=9,
        loss=1 / epoch,
        accuracy=0.8,
        val_loss=0.5,
        val_accuracy=accuracy,
        val_recall=None,
        images_per_second=1.0,
        learning_rate=0.1,
        seconds=1.0,
    )
    for epoch, accuracy in ((1, 0.7), (2, 0.9), (3, 0.8))
]


def test_a_line_a_curve_and_a_diamond_round_the_best_epoch():
    drawn = figures.learning_curves(curves.curve_rows(LINES, "", "accuracy"), "accuracy")
    training, validation, best = drawn.data
    assert [one.name for one in drawn.data] == ["Training", "Validation", "Best epoch"]
    assert list(validation.x) == [1, 2, 3]
    np.testing.assert_allclose(validation.y, [0.7, 0.9, 0.8], rtol=1e-6)
    assert (training.line.color, validation.line.color) == CLASS_COLORS[:2]
    assert training.line.dash != validation.line.dash
    assert (best.x[0], best.y[0]) == (2, pytest.approx(0.9)) and best.marker.symbol == "diamond-open"
    assert drawn.layout.yaxis.tickformat.endswith("%") and drawn.layout.showlegend


def test_published_curves_are_dashed_of_a_colour_of_their_own_and_have_gaps():
    published = {"training": [(1.0, 0.6), (2.0, 0.7)], "test set, as published": [(1.0, 0.5), (3.0, 0.9)]}
    drawn = figures.learning_curves(curves.curve_rows(LINES, "", "accuracy"), "accuracy", (), published).data
    assert [one.name for one in drawn[:3]] == ["Published: training", "Published: test set", "Training"]
    assert list(drawn[1].x) == [1, 2, 3] and np.isnan(drawn[1].y[1]) and drawn[1].y[2] == pytest.approx(0.9)
    assert len({one.line.color for one in drawn[:2]}) == 1
    assert drawn[0].line.color not in {one.line.color for one in drawn[2:4]}
    assert all("px" in one.line.dash for one in drawn[:2])


def test_loss_is_no_percentage_and_starts_at_zero():
    axis = figures.learning_curves(curves.curve_rows(LINES, "", "loss"), "loss").layout.yaxis
    assert axis.tickformat is None and axis.rangemode == "tozero" and axis.title.text == "Loss"


def test_stages_begin_between_two_epochs_and_only_those_that_have_begun():
    stages = tuple(Stage(epochs) for epochs in (2, 4, 1))
    boundaries = curves.stage_boundaries(Recipe("cnn_2", stages))
    drawn = figures.learning_curves(curves.curve_rows(LINES, "", "loss"), "loss", boundaries)
    assert [(line.x0, line.x1) for line in drawn.layout.shapes] == [(2.5, 2.5)]
    assert [words.text for words in drawn.layout.annotations] == ["stage 2, from epoch 3"]


def test_without_an_epoch_or_of_another_metric_there_is_no_chart():
    with pytest.raises(ValueError, match="No epoch has finished"):
        figures.learning_curves([], "loss")
    with pytest.raises(ValueError, match="Choose one of: loss, accuracy"):
        figures.learning_curves(curves.curve_rows(LINES, "", "loss"), "speed")


def test_recall_of_each_class_in_its_colour_with_gaps():
    recalls = np.random.default_rng(0).random((4, 10))
    recalls[2, 3] = np.nan
    lines = figures.recall_curves((1, 2, 3, 5), recalls, CLASS_NAMES).data
    np.testing.assert_allclose(np.array([line.y for line in lines]).T, recalls, rtol=1e-6)
    assert [line.line.color for line in lines] == list(CLASS_COLORS)
    assert [line.name for line in lines] == list(CLASS_NAMES) and list(lines[0].x) == [1, 2, 3, 5]


def test_deletion_in_both_orders():
    share = np.linspace(0, 1, 5)
    found = Deletion(share, 1 - share, 1 - share**2, 0.5, 0.7)
    drawn = figures.deletion_curves(found)
    ours, random = drawn.data
    np.testing.assert_allclose(ours.y, 1 - share, rtol=1e-6)
    np.testing.assert_allclose(random.y, 1 - share**2, rtol=1e-6)
    assert ours.line.dash != random.line.dash and tuple(drawn.layout.xaxis.range) == (0, 1)


def sweep(name: str, loss: float) -> Sweep:
    severities = CHANGES[name].severities
    accuracy = np.linspace(1, 1 - loss, len(severities))
    by_class = np.repeat(accuracy[:, None], 10, axis=1) * np.linspace(0.5, 1, 10)
    by_class[:, 4] = np.nan
    return Sweep(severities, accuracy, by_class)


def test_a_line_a_run_with_intervals_of_its_pictures():
    sweeps = {"This run": sweep("rotate", 0.5), "The other run": sweep("rotate", 0.2)}
    drawn = figures.severity_sweep(CHANGES["rotate"], sweeps, CLASS_NAMES, pictures=400)
    one, other = drawn.data
    assert (one.name, other.name) == tuple(sweeps) and one.line.color != other.line.color
    assert list(one.x) == list(map(float, CHANGES["rotate"].severities))
    np.testing.assert_allclose(one.y, sweeps["This run"].accuracy, rtol=1e-6)
    low, high = evaluation.wilson_interval(200, 400)
    assert one.y[-1] - one.error_y.arrayminus[-1] == pytest.approx(low, abs=1e-6)
    assert one.y[-1] + one.error_y.array[-1] == pytest.approx(high, abs=1e-6)
    assert drawn.layout.showlegend and "°" in drawn.layout.xaxis.title.text
    assert drawn.layout.yaxis.range[0] == 0 and drawn.layout.yaxis.range[1] > 1


def test_one_class_or_each_in_its_colour_and_without_intervals():
    found = {"This run": sweep("blur", 0.3)}
    (bag,) = figures.severity_sweep(CHANGES["blur"], found, CLASS_NAMES, 8, pictures=400).data
    np.testing.assert_allclose(bag.y, found["This run"].by_class[:, 8], rtol=1e-6)
    assert bag.error_y.array is None
    each = figures.severity_sweep(CHANGES["blur"], found, CLASS_NAMES, "each", pictures=400).data
    assert [line.line.color for line in each] == list(CLASS_COLORS)
    assert [line.name for line in each] == list(CLASS_NAMES) and np.isnan(each[4].y).all()


def test_a_switch_has_words_instead_of_severities():
    axis = figures.severity_sweep(CHANGES["flip"], {"This run": sweep("flip", 0.3)}, CLASS_NAMES).layout.xaxis
    assert tuple(axis.ticktext) == ("as it was", "changed") and tuple(axis.tickvals) == (0, 1)
    assert axis.range[0] < 0 and axis.range[1] > 1


@pytest.mark.parametrize(("name", "kind"), [("rotate", "scatter"), ("flip", "bar")])
def test_the_strip_stacks_all_classes_and_names_those_that_count(name, kind):
    severities = (0, 1) if name == "flip" else (-90, 0, 90)
    probabilities = np.full((len(severities), 10), 0.001)
    probabilities[:, 2] = 1 - 0.009
    drawn = figures.answer_strip(CHANGES[name], severities, probabilities, CLASS_NAMES, 0)
    assert {trace.type for trace in drawn.data} == {kind} and len(drawn.data) == 10
    np.testing.assert_allclose(np.array([trace.y for trace in drawn.data]).T, probabilities, rtol=1e-6)
    assert [trace.name for trace in drawn.data if trace.showlegend] == ["Pullover"]
    assert tuple(drawn.layout.yaxis.range) == (0, 1)
    assert (drawn.layout.shapes[0].x0, drawn.layout.shapes[0].x1) == (0, 0)


def test_components_and_their_sum():
    explained = np.array([0.5, 0.2, 0.1])
    bars, total = figures.explained_variance(explained, shown=(0, 2)).data
    np.testing.assert_allclose(bars.y, explained, rtol=1e-6)
    np.testing.assert_allclose(total.y, [0.5, 0.7, 0.8], rtol=1e-6)
    assert list(bars.x) == [1, 2, 3]
    first, second, third = bars.marker.color
    assert first == third != second


def test_what_is_pointed_at_has_its_unit():
    axis = figures.severity_sweep(CHANGES["rotate"], {"This run": sweep("rotate", 0.3)}, CLASS_NAMES).layout.xaxis
    assert axis.unifiedhovertitle.text == "%{x}°"
    axis = figures.severity_sweep(CHANGES["blur"], {"This run": sweep("blur", 0.3)}, CLASS_NAMES).layout.xaxis
    assert axis.unifiedhovertitle.text == "%{x} px"
    axis = figures.recall_curves((1, 2), np.ones((2, 10)), CLASS_NAMES).layout.xaxis
    assert axis.unifiedhovertitle.text == "Epoch %{x}"
