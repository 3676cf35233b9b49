"""docs/glossary.md, and that every tooltip which asks it for a term gets a sentence."""

import ast
import re

import pytest

from fmnist_core import glossary
from fmnist_core.storage import folders

TERMS = glossary.terms()


def asked_for() -> dict[str, list[str]]:
    """Each term that is asked for by name in the app or the library -> the files that do."""
    found: dict[str, list[str]] = {}
    for room in ("fmnist_core", "fmnist_ui", "pages"):
        for path in sorted((folders.PROJECT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func) in ("glossary.term", "glossary.several"):
                    for argument in node.args:
                        found.setdefault(ast.literal_eval(argument), []).append(path.name)
    return found


def test_every_term_that_the_app_asks_for_is_there():
    asked = asked_for()
    assert len(asked) > 20
    assert {name: files for name, files in asked.items() if name not in TERMS} == {}


@pytest.mark.parametrize("name", TERMS)
def test_an_entry_is_one_sentence(name):
    sentence = TERMS[name]
    assert sentence[0].isupper() and sentence.endswith(".")
    assert re.findall(r"[.!?](?=\s)", sentence) == []


def test_terms_are_in_alphabetical_order_and_named_once():
    text = glossary.FILE.read_text(encoding="utf-8")
    listed = re.findall(r"^\*\*([^*]+)\*\*", text, re.MULTILINE)
    key = [re.sub("[^a-z0-9]", "", one.casefold()) for one in listed]
    assert key == sorted(key) and len(set(key)) == len(key)
    assert listed == list(TERMS)


def test_every_line_of_the_file_is_an_entry_or_the_opening():
    lines = glossary.FILE.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines[3:] if line and not re.match(r"\*\*[^*]+\*\*: \S", line)] == []


def test_an_unknown_term_names_near_ones():
    with pytest.raises(KeyError, match="'accurracy' is not in docs/glossary.md. Near names: .*Accuracy"):
        glossary.term("accurracy")
    with pytest.raises(KeyError, match="Expected an entry"):
        glossary.term("qqqq")


EXPECTED = """
Accuracy, Parameters, MACs, Errors, Confusion matrix, Precision, Recall, F1, Confidence, Loss, Cross-entropy, Logit,
Logit margin, Calibration, ECE, Temperature, Prediction set, Coverage, Out-of-distribution, AUROC, Augmentation,
Test-time augmentation, Randomised weights, Occlusion, CAM, Seed, Epoch, Batch size, Learning rate, Validation split,
Overfitting, Checkpoint, Embedding, PCA, t-SNE, UMAP, n_neighbors, min_dist, Perplexity, Early exaggeration, Metric,
Spherize, Trustworthiness, Continuity, kNN accuracy, densMAP, Filter, Few-shot, Label issue, Confident learning,
Near-duplicate, Robustness, Corruption, McNemar test, Interval, Feature, Layer, Run, Recipe, Quick preset, Flagship,
Dropout, L2 regularization, Label noise, Family
"""


@pytest.mark.parametrize("name", re.split(r",\s+", EXPECTED.strip()))
def test_the_words_of_the_field_are_there(name):
    assert glossary.term(name) == TERMS[name]
