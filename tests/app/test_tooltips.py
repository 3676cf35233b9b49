"""The field's words have their sentence from docs/glossary.md as a tooltip.

Run: python -m pytest tests/app/test_tooltips.py
"""

import json

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core import glossary
from tests.app.test_pages import open_page


def tooltips(app: AppTest) -> str:
    """All that widgets, figures, texts and columns of a page say when a pointer rests on them."""
    found = []
    for element in app.main:
        proto = getattr(element, "proto", None)
        for told in (proto, getattr(proto, "popover", None)):
            found.append(getattr(told, "help", "") or "")
        if isinstance(columns := getattr(proto, "columns", ""), str) and columns:
            found += [column.get("help") or "" for column in json.loads(columns).values()]
    return "\n".join(found)


@pytest.mark.some(2)
@pytest.mark.parametrize(
    ("file", "parameters", "terms"),
    [
        ("start.py", {}, "Accuracy, Parameters"),
        ("models.py", {}, "Accuracy, Interval, Parameters, Layer"),
        ("evaluate.py", {}, "Run, Accuracy, Interval, Loss, Confusion matrix, Filter, Confidence, Errors"),
        ("evaluate.py", {"view": "classes"}, "Precision, Recall, F1, Top-2"),
        ("evaluate.py", {"view": "calibration"}, "Calibration, Temperature, ECE, Coverage"),
        ("map.py", {}, "Embedding, PCA, t-SNE, UMAP, Spherize, Perplexity, Early exaggeration, Metric, Seed"),
        ("map.py", {"method": "umap"}, "n_neighbors, min_dist, Trustworthiness, Continuity, kNN accuracy"),
        ("train.py", {}, "Recipe, Quick preset"),
        ("quiz.py", {}, "Seed, Hard pictures"),
    ],
)
def test_tooltips_are_the_glossary_s(file, parameters, terms):
    app = open_page(file, **parameters)
    assert not app.exception
    shown = tooltips(app)
    assert [name for name in terms.split(", ") if glossary.term(name) not in shown] == []
