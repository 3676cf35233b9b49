"""New classes on a finished network.

Run: python -m pytest tests/core/analysis/test_few_shot.py
"""

import numpy as np
import pytest

from fmnist_core import data
from fmnist_core.analysis import few_shot
from fmnist_core.analysis.few_shot import Features, evaluate, fit
from fmnist_core.inference.classifier import Classifier, open_classifier

CENTRES = np.array([[4.0, 0], [-4, 0], [0, 4], [0, -4]])  # two old classes, two new ones
NOISE = 12


def seen(labels: np.ndarray, seed: int) -> Features:
    """Features around a centre for each class, far from 0; from the third on they are large noise that says nothing."""
    generator = np.random.default_rng(seed)
    said = CENTRES[labels] + generator.normal(0, 0.5, (len(labels), 2))
    features = np.concatenate([said, generator.normal(50, 10, (len(labels), NOISE))], axis=1)
    return Features(features.astype(np.float32), np.stack([features[:, 0], -features[:, 0]], axis=1).astype(np.float32))


OLD, OLD_LABELS = seen(np.arange(400) % 2, 0), np.arange(400) % 2
NEW_LABELS = np.arange(10) % 2
NEW = seen(2 + NEW_LABELS, 1)


def test_five_examples_each_are_enough():
    head = fit(OLD, OLD_LABELS, NEW, NEW_LABELS, ["hat", "skirt"])
    kept = seen(np.arange(400) % 2, 2)
    found = evaluate(head, kept, OLD_LABELS, seen(2 + np.arange(200) % 2, 3), np.arange(200) % 2)
    assert head.names == ("hat", "skirt")
    assert found.old_before == 1 and found.old_after > 0.99
    assert (found.recall > 0.95).all()
    np.testing.assert_array_equal(head.logits(kept)[:, :2], kept.logits)  # what it knew stays as it was
    assert np.abs(head.weights[2:]).max() < 0.1 * np.abs(head.weights[1]).max()  # noise does not count


def test_one_class_equal_examples_and_one_picture():
    same = Features(np.repeat(NEW.features[:1], 5, axis=0), np.repeat(NEW.logits[:1], 5, axis=0))
    head = fit(OLD, OLD_LABELS, same, np.zeros(5, int), ["hat"])
    found = evaluate(head, seen(np.array([0]), 5), np.array([0]), seen(np.array([2]), 6), np.array([0]))
    assert (found.old_before, found.old_after, found.recall.tolist()) == (1, 1, [1])
    nothing = Features(OLD.features[:0], OLD.logits[:0])
    assert np.isnan(evaluate(head, OLD, OLD_LABELS, nothing, np.array([], int)).recall).all()


def test_classes_count_alike_however_many_pictures():
    many = np.zeros(400, int)
    many[:5] = 1
    head = fit(OLD, OLD_LABELS, seen(2 + many, 7), many, ["many", "few"])
    recall = evaluate(head, OLD, OLD_LABELS, seen(2 + np.arange(200) % 2, 8), np.arange(200) % 2).recall
    assert (recall > 0.95).all()


@pytest.mark.parametrize("names", [[], ["hat", "hat"], ["hat", " "]])
def test_names_are_needed(names):
    with pytest.raises(ValueError, match="name of its own"):
        fit(OLD, OLD_LABELS, NEW, NEW_LABELS, names)


def test_what_cannot_be_is_refused():
    few = Features(NEW.features[:9], NEW.logits[:9])
    with pytest.raises(ValueError, match="skirt has 4 examples. Expected 5 or more"):
        fit(OLD, OLD_LABELS, few, NEW_LABELS[:9], ["hat", "skirt"])
    with pytest.raises(ValueError, match="400 old with 399 labels"):
        fit(OLD, OLD_LABELS[1:], NEW, NEW_LABELS, ["hat", "skirt"])
    with pytest.raises(ValueError, match="not a number"):
        fit(OLD, OLD_LABELS, NEW._replace(features=NEW.features * np.nan), NEW_LABELS, ["hat", "skirt"])

    class Broken:
        def run(self, images, outputs):
            return [np.full((len(images), 3), np.inf), np.zeros((len(images), 2))]

    with pytest.raises(ValueError, match="cannot be taught"):
        few_shot.extract(Broken(), np.zeros((1, 28, 28), np.uint8))
    with pytest.raises(ValueError, match="no pictures"):
        few_shot.extract(Broken(), np.zeros((0, 28, 28), np.uint8))


def test_a_run_s_model_answers_with_the_new_class(run):
    classifier = open_classifier(run)
    pictures = data.load_split("train")
    bars = np.zeros((8, 28, 28), np.uint8)
    bars[:, ::4] = np.arange(180, 260, 10).reshape(8, 1, 1).clip(max=255)
    old, new = few_shot.extract(classifier, pictures.images[:500]), few_shot.extract(classifier, bars)
    head = fit(old, pictures.labels[:500], new, np.zeros(8, int), ["Bars"])
    few_shot.write_model(run.folder / "model.onnx", run.folder / "taught.onnx", head)
    taught = Classifier(run.folder / "taught.onnx")
    logits = taught.logits(np.concatenate([bars, pictures.images[:20]]))
    assert logits.shape == (28, 11) and (logits[:8].argmax(axis=1) == 10).all()
    np.testing.assert_allclose(logits[8:, :10], old.logits[:20], atol=1e-4)
    np.testing.assert_allclose(logits[8:], head.logits(old)[:20], rtol=1e-3, atol=1e-3)
    assert taught.layers == classifier.layers
