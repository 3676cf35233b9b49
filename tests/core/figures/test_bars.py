"""Bars, dots and the matrix: values, intervals, names in their order, colours, gaps.

Run: python -m pytest tests/core/figures
"""

import numpy as np
import pytest

from fmnist_core import figures
from fmnist_core.colours import CLASS_COLORS
from fmnist_core.data import CLASS_NAMES
from fmnist_core.figures import theme
from fmnist_core.metrics.class_figures import UNDEFINED, Interval
from fmnist_core.metrics.evaluation import ClassReport
from fmnist_core.zoo import MODELS


def intervals(count: int = 10) -> list[Interval]:
    values = np.linspace(0.5, 0.95, count)
    return [Interval(float(value), float(value - 0.03), float(value + 0.02)) for value in values]


def test_a_bar_a_class_in_its_order_and_colour_with_its_interval():
    drawn = figures.class_bars(intervals(), CLASS_NAMES, "Recall")
    bars = drawn.data[0]
    np.testing.assert_allclose(bars.x, np.linspace(0.5, 0.95, 10), rtol=1e-6)
    np.testing.assert_allclose(bars.error_x.arrayminus, 0.03, atol=1e-6)
    np.testing.assert_allclose(bars.error_x.array, 0.02, atol=1e-6)
    assert tuple(bars.marker.color) == CLASS_COLORS
    axis = drawn.layout.yaxis
    assert tuple(axis.ticktext) == CLASS_NAMES and tuple(axis.range) == (9.5, -0.5)  # the first class on top
    assert drawn.layout.xaxis.range[0] == 0 and "Recall" in bars.hovertemplate


def test_a_figure_that_is_undefined_is_a_gap():
    bars = figures.class_bars([*intervals(2), UNDEFINED], ("a", "b", "c"), "F1").data[0]
    assert np.isnan(bars.x).tolist() == [False, False, True] and np.isnan(bars.error_x.array[2])


def test_names_are_shown_letter_by_letter_and_cut_where_they_are_long():
    hostile, long = "<a href='http://nowhere.example'>x</a>", "a" * 60
    drawn = figures.class_bars(intervals(2), (hostile, long), "Recall")
    shown, cut = drawn.layout.yaxis.ticktext
    assert "<" not in shown and shown.startswith("&lt;a href") and len(cut) == theme.LONGEST and cut.endswith("…")
    assert "<a" not in drawn.data[0].hovertext[0]


def test_what_a_source_reports_is_no_bar_among_what_was_measured():
    drawn = figures.accuracy_bars({"You": intervals()[0], "<b>": intervals()[1]}, ("People", 0.835))
    bars, mark = drawn.data
    assert list(drawn.layout.yaxis.ticktext) == ["You, 50 %", "&lt;b&gt;, 55 %", "People"]
    assert (bars.type, mark.type, len(bars.x), list(mark.x), list(mark.y)) == ("bar", "scatter", 2, [0.835], [2])
    np.testing.assert_allclose(bars.error_x.arrayminus, 0.03, atol=1e-6)
    assert bars.marker.color[0] != bars.marker.color[1] != mark.marker.color and list(mark.text) == ["83.5 %"]
    assert list(bars.hovertext) == ["You", "&lt;b&gt;"]


def report(recall: list[float]) -> ClassReport:
    values = np.array(recall)
    return ClassReport(values / 2, values, values / 3, np.full(len(recall), 100))


def test_a_dot_a_run_and_class_and_a_line_from_the_lowest_to_the_highest():
    reports = {"One": report([0.5, np.nan, 0.9]), "Other": report([0.7, np.nan, 0.8])}
    span, one, other = figures.class_dots(reports, ("a", "b", "c")).data
    assert list(span.x) == [0.5, 0.7, None, None, None, None, 0.8, 0.9, None]
    np.testing.assert_allclose(one.x, [0.5, np.nan, 0.9], rtol=1e-6)
    np.testing.assert_allclose(other.customdata[0], [0.35, 0.7 / 3], rtol=1e-6)
    assert (one.name, other.name) == ("One", "Other")
    assert (one.marker.color, other.marker.color) == CLASS_COLORS[:2] and one.marker.symbol != other.marker.symbol
    assert not span.showlegend


def test_counts_of_agreement_are_written_on_a_linear_scale_and_a_whole_row_can_be_clicked():
    drawn = figures.agreement_bars(np.array([3, 0, 1, 9_000]))
    bars, across, up = drawn.data[0], drawn.layout.xaxis, drawn.layout.yaxis
    assert list(bars.y) == [0, 1, 2, 3] and list(bars.x) == [3, 0, 1, 9_000] and bars.orientation == "h"
    assert across.type != "log" and across.range[0] == 0 and across.range[1] > 9_000 and across.title.text == "Pictures"
    assert up.title.text == "Networks that are right" and up.range[0] > up.range[1] and up.dtick == 1
    assert bars.texttemplate and drawn.layout.hovermode == "y"


def test_no_picture_anywhere_is_a_chart():
    assert np.isfinite(figures.agreement_bars(np.zeros(3, int)).layout.xaxis.range).all()


@pytest.mark.parametrize(("networks", "written"), [(3, True), (30, False)])
def test_the_matrix_has_a_row_a_network_downwards(networks, written):
    pairs = np.random.default_rng(0).random((networks, networks))
    titles = [f"Network {number}" for number in range(networks)]
    drawn = figures.agreement_matrix(pairs, titles)
    cells = drawn.data[0]
    np.testing.assert_allclose(cells.z, pairs, rtol=1e-6)
    assert (cells.texttemplate is not None) == written
    numbered = [f"{title}  {place}" for place, title in enumerate(titles, start=1)]
    assert list(drawn.layout.yaxis.ticktext) == numbered
    assert drawn.layout.yaxis.range[0] > drawn.layout.yaxis.range[1]  # the first row is on top
    assert list(drawn.layout.xaxis.ticktext) == [str(place) for place in range(1, networks + 1)]
    assert cells.showscale is not False and cells.colorbar.title.text == "Same answer, part of the pictures"


@pytest.mark.parametrize("narrow", [False, True])
def test_no_model_s_name_beside_the_matrix_is_cut(narrow):
    titles = [model.title for model in MODELS.values()]
    drawn = figures.agreement_matrix(np.eye(len(titles)), titles, narrow)
    assert [text.rsplit("  ", 1)[0] for text in drawn.layout.yaxis.ticktext] == titles
    across = [text for text in drawn.layout.xaxis.ticktext if text]
    assert across[:2] == (["5", "10"] if narrow else ["1", "2"])
    own = figures.agreement_matrix(np.eye(1), [f"{'My own ' * 8}· 74db"], narrow)
    assert own.layout.yaxis.ticktext[0].endswith("… · 74db  1")


def test_a_bar_a_share_with_its_interval():
    drawn = figures.share_bars({"bags (7)": intervals()[0], "<i>": intervals()[1]}, "Right")
    (bars,) = drawn.data
    np.testing.assert_allclose(bars.x, [0.5, 0.55], rtol=1e-6)
    np.testing.assert_allclose(bars.error_x.array, 0.02, atol=1e-6)
    assert list(drawn.layout.yaxis.ticktext) == ["bags (7)", "&lt;i&gt;"] and list(bars.hovertext) == [
        "bags (7)",
        "&lt;i&gt;",
    ]


def test_a_matrix_of_folders_frames_what_is_right_and_shades_by_the_share_of_the_row():
    counts = np.array([[3, 1], [0, 0], [0, 5]])
    right = np.array([[True, False], [False, False], [True, True]])
    for narrow in (False, True):
        drawn = figures.folder_matrix(counts, right, ["<b>", "none", "shoes"], ["Bag", "Coat"], narrow)
        (cells,) = drawn.data
        assert list(cells.text) == ["3", "1", "", "", "", "5"]  # row by row: the place of a click is row * 2 + column
        assert list(cells.y) == [0, 0, 1, 1, 2, 2] and list(cells.x) == [0, 1, 0, 1, 0, 1]
        assert [edge == theme.SECOND for edge in cells.marker.line.color] == right.ravel().tolist()
        assert cells.hovertext[0] == "&lt;b&gt;: 3 of 4 called Bag"
        assert cells.marker.color[5] == "rgb(11,87,80)" and cells.marker.color[4].startswith("rgba")
