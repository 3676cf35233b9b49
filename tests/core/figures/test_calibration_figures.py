"""The reliability diagram and the coverage curve hold what was computed.

Run: python -m pytest tests/core/figures
"""

import numpy as np
import pytest

from fmnist_core import figures
from fmnist_core.figures.calibration import MOST_POINTS
from fmnist_core.metrics import calibration, evaluation

CONFIDENCE = np.array([0.31, 0.32, 0.33, 0.95, 0.96, 0.97, 0.98])
RIGHT = np.array([True, False, False, True, True, True, False])


def test_a_bar_a_bin_with_its_interval_and_none_where_no_picture_is():
    found = calibration.reliability(CONFIDENCE, RIGHT, bins=10)
    bars, marks, diagonal = figures.reliability_diagram(found).data
    np.testing.assert_allclose(bars.y, found.accuracy, rtol=1e-6)
    np.testing.assert_allclose(marks.x, found.confidence, rtol=1e-6)
    np.testing.assert_array_equal(marks.x, marks.y)
    assert np.isnan(bars.y).sum() == 8 and len(bars.y) == 10
    low, high = evaluation.wilson_interval(1, 3)
    assert bars.y[3] - bars.error_y.arrayminus[3] == pytest.approx(low, abs=1e-6)
    assert bars.y[3] + bars.error_y.array[3] == pytest.approx(high, abs=1e-6)
    np.testing.assert_allclose(bars.customdata[3], [0.3, 0.4, 0.32, 3, low, high], rtol=1e-5)
    assert tuple(diagonal.x) == tuple(diagonal.y) == (0, 1)


def test_bars_stand_side_by_side_and_cover_the_axis():
    found = calibration.reliability(CONFIDENCE, RIGHT)
    drawn = figures.reliability_diagram(found)
    bars = drawn.data[0]
    np.testing.assert_allclose(bars.x - bars.width / 2, found.edges[:-1], atol=1e-6)
    np.testing.assert_allclose(bars.x + bars.width / 2, found.edges[1:], atol=1e-6)
    assert drawn.layout.bargap == 0 and tuple(drawn.layout.xaxis.range) == (0, 1)
    assert drawn.layout.xaxis.tickformat.endswith("%") and drawn.layout.yaxis.tickformat.endswith("%")


def test_no_pictures_at_all_are_a_diagram_without_bars():
    empty = calibration.reliability(np.array([]), np.array([], bool))
    assert np.isnan(figures.reliability_diagram(empty).data[0].y).all()


def test_the_curve_keeps_its_ends_and_marks_what_is_answered():
    generator = np.random.default_rng(0)
    confidence = generator.random(5_000)
    found = calibration.coverage(confidence, generator.random(5_000) < confidence)
    line, chosen = figures.coverage_curve(found, 1_250).data
    assert len(line.x) == MOST_POINTS and line.x.dtype == np.float32
    assert (line.x[0], line.x[-1]) == (pytest.approx(1 / 5_000), 1)
    assert line.y[-1] == pytest.approx(found.accuracy[-1])
    assert (chosen.x[0], chosen.y[0]) == (pytest.approx(0.25), pytest.approx(found.accuracy[1_249]))
    assert chosen.customdata[0] == pytest.approx(found.threshold[1_249])


def test_one_picture_is_a_curve():
    line, chosen = figures.coverage_curve(calibration.coverage(np.array([0.6]), np.array([True])), 1).data
    assert list(line.x) == list(chosen.x) == [1] and list(line.y) == [1]
