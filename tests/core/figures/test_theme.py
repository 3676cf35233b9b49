"""What all charts promise: a fixed height, a PNG of their own size, few bytes, no colour of day or night.

Run: python -m pytest tests/core/figures
"""

import json
import subprocess
import sys

import numpy as np
import pytest

from fmnist_core import figures
from fmnist_core.analysis.robustness import CHANGES, Sweep
from fmnist_core.colours import class_colours
from fmnist_core.data import CLASS_NAMES
from fmnist_core.metrics import calibration
from fmnist_core.storage import folders

FEW_BYTES = 20_000  # of a chart without its template: a message that small is sent at once


def charts() -> dict:
    generator = np.random.default_rng(0)
    confidence = generator.random(10_000)
    right = generator.random(10_000) < confidence
    severities = np.linspace(-10, 10, 81)
    sweeps = {"One": Sweep(CHANGES["rotate"].severities, np.ones(9), np.ones((9, 10)))}
    return {
        "reliability": figures.reliability_diagram(calibration.reliability(confidence, right)),
        "coverage": figures.coverage_curve(calibration.coverage(confidence, right), 10),
        "agreement": figures.agreement_bars(np.arange(22)),
        "pairs": figures.agreement_matrix(np.eye(21), [f"A network {place}" for place in range(21)]),
        "recall": figures.recall_curves(range(1, 51), generator.random((50, 10)), CLASS_NAMES),
        "sweep": figures.severity_sweep(CHANGES["rotate"], sweeps, CLASS_NAMES, "each"),
        "strip": figures.answer_strip(CHANGES["shift"], severities, generator.random((81, 10)), CLASS_NAMES, 0),
        "variance": figures.explained_variance(np.full(10, 0.1)),
    }


CHARTS = charts()


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_small_and_as_high_as_it_says(name):
    drawn = CHARTS[name]
    assert 200 <= drawn.layout.height <= 640 and drawn.layout.width is None
    told = json.loads(drawn.to_json())
    del told["layout"]["template"]
    assert len(json.dumps(told)) < FEW_BYTES


@pytest.mark.parametrize("name", CHARTS)
def test_the_same_arrays_are_the_same_chart_to_the_byte(name):
    first, second = charts(), charts()  # both now: importing Streamlit has changed Plotly's default template
    assert first[name].to_json() == second[name].to_json()


@pytest.mark.parametrize("name", CHARTS)
def test_ground_and_text_are_left_to_the_page(name):
    layout = CHARTS[name].layout
    assert layout.paper_bgcolor is None and layout.plot_bgcolor is None and layout.font.color is None


def test_classes_beyond_the_tenth_share_colours():
    names = [str(place) for place in range(12)]
    lines = figures.recall_curves((1, 2), np.ones((2, 12)), names).data
    assert [line.line.color for line in lines] == list(class_colours(12))


def test_plotly_is_imported_with_the_first_chart_and_not_before():
    code = """
import sys
from fmnist_core import figures
print("plotly" in sys.modules)
figures.explained_variance([0.5, 0.5])
print("plotly" in sys.modules)
"""
    answer = subprocess.run([sys.executable, "-c", code], cwd=folders.PROJECT, capture_output=True, text=True)
    assert answer.stdout.split() == ["False", "True"], answer.stderr
