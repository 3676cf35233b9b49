"""Test-time augmentation: what the views are, how they are averaged, and what that did to a shipped run.

Run: python -m pytest tests/core/inference/test_test_time_augmentation.py
"""

import numpy as np
import pytest
from scipy import special

from fmnist_core import data
from fmnist_core.inference import test_time_augmentation
from fmnist_core.inference.classifier import open_classifier
from fmnist_core.inference.test_time_augmentation import CHUNK, VIEWS, averaged_logits, changed, shifts
from fmnist_core.metrics import evaluation
from fmnist_core.runs import predictions
from tests.tiny import shipped_run

PICTURES = data.load_split("test").images[:40]
COUNTS = {"none": 1, "flip": 2, "crops": 9, "both": 18}


class Projection:
    """Three classes, each the sum of the pixels under a random mask: whatever moves, changes the logits."""

    def __init__(self):
        self.masks = np.random.default_rng(1).normal(0, 0.01, (28 * 28, 3))
        self.seen = []

    def logits(self, images):
        assert images.dtype == np.uint8
        self.seen.append(images.copy())
        return (images.reshape(len(images), -1) / 255 @ self.masks).astype(np.float32)


@pytest.mark.parametrize("views", VIEWS)
def test_views_are_all_different_and_the_picture_itself_is_first(views):
    kinds = shifts(views)
    assert kinds[0] == (0, 0, False)
    assert len(set(kinds)) == len(kinds) == COUNTS[views]
    assert all(max(abs(down), abs(right)) <= 1 for down, right, _ in kinds)
    assert any(mirrored for *_, mirrored in kinds) == (views in ("flip", "both"))


def test_unknown_views_are_refused():
    with pytest.raises(ValueError, match="Unknown views 'ten'. Choose one of: none, flip, crops, both"):
        averaged_logits(Projection(), PICTURES, "ten")


@pytest.mark.parametrize("down", [-1, 0, 1])
@pytest.mark.parametrize("right", [-1, 0, 1])
def test_a_shift_moves_the_pixels_and_lets_black_in(down, right):
    picture = np.zeros((1, 28, 28), np.uint8)
    picture[0, 0, 27] = 9  # a corner, cut off by half of the shifts
    picture[0, 5, 3] = 7
    moved = changed(picture, down, right, mirrored=False)[0]
    assert moved[5 + down, 3 + right] == 7
    stays = down >= 0 and right <= 0
    assert moved.sum() == (16 if stays else 7)
    np.testing.assert_array_equal(changed(picture, down, right, mirrored=True)[0], moved[:, ::-1])
    assert moved.shape == (28, 28) and moved.dtype == np.uint8


def test_without_views_the_logits_are_those_of_the_classifier():
    np.testing.assert_array_equal(averaged_logits(Projection(), PICTURES, "none"), Projection().logits(PICTURES))


@pytest.mark.parametrize("views", VIEWS)
def test_average_is_the_geometric_mean_of_the_probabilities(views):
    found = averaged_logits(Projection(), PICTURES, views)
    assert found.shape == (40, 3) and found.dtype == np.float32
    each = [special.softmax(Projection().logits(changed(PICTURES, *kind)), axis=1) for kind in shifts(views)]
    mean = np.prod(each, axis=0) ** (1 / len(each))
    np.testing.assert_allclose(evaluation.softmax(found), mean / mean.sum(axis=1, keepdims=True), rtol=1e-4)


def test_a_picture_and_its_mirror_image_get_the_same_verdict():
    mirrored = PICTURES[:, :, ::-1]
    np.testing.assert_allclose(
        averaged_logits(Projection(), PICTURES, "flip"), averaged_logits(Projection(), mirrored, "flip"), atol=1e-6
    )
    assert abs(Projection().logits(PICTURES) - Projection().logits(mirrored)).max() > 0.1


def test_pictures_are_classified_in_chunks_and_progress_is_told():
    images = data.load_split("test").images[: 2 * CHUNK + 7]
    classifier, told = Projection(), []
    found = averaged_logits(classifier, images, "flip", told.append)
    assert told == pytest.approx([CHUNK / len(images), 2 * CHUNK / len(images), 1.0])
    assert max(len(seen) for seen in classifier.seen) == CHUNK
    np.testing.assert_allclose(found[-7:], averaged_logits(Projection(), images[-7:], "flip"), atol=1e-6)


def test_predictions_of_a_run_are_averaged_over_its_own_pictures(trained_run):
    stored = predictions.load(trained_run, "validation")
    classifier = open_classifier(trained_run)
    averaged = test_time_augmentation.averaged_predictions(stored, classifier, "flip")
    pictures = data.load_split("train").images[stored.indices]
    expected = (classifier.logits(pictures) + classifier.logits(pictures[:, :, ::-1])) / 2
    np.testing.assert_allclose(averaged.logits, expected, atol=1e-4)
    np.testing.assert_array_equal(averaged.labels, stored.labels)
    assert averaged.split == "validation"


def test_effect_is_said_without_first(trained_run):
    stored = predictions.load(trained_run, "test")
    right = np.eye(10, dtype=np.float32)[stored.labels]
    averaged = predictions.Predictions("test", stored.indices, stored.labels, right)
    found = test_time_augmentation.effect(stored, averaged)
    wrong = int((stored.predicted != stored.labels).sum())
    assert found.right == (10_000 - wrong, 10_000)
    assert test_time_augmentation.effect_in_words(found) == (
        "Test-time augmentation is better than a single view on 10,000 pictures (p < 0.0001): "
        f"test-time augmentation alone is right on {wrong:,}, a single view alone on 0."
    )


def test_garments_reach_the_frame_as_the_docstring_says():
    images = data.load_split("test").images.copy()
    images[:, 1:-1, 1:-1] = 0
    brightest = images.max(axis=(1, 2))
    assert np.mean(brightest > 50) == pytest.approx(0.972, abs=5e-4)
    assert np.mean(brightest > 0) == pytest.approx(0.9998, abs=5e-5)


@pytest.mark.slow
def test_figures_of_the_shipped_run_are_those_of_the_docstring():
    run = shipped_run("cnn_2")
    stored, classifier = predictions.load(run, "test"), open_classifier(run)

    def pools(views):
        each = [classifier.logits(changed(stored.images_at(slice(None)), *kind)) for kind in shifts(views)]
        linear = np.log(np.mean([evaluation.softmax(logits) for logits in each], axis=0))
        return averaged_logits(classifier, stored.images_at(slice(None)), views), linear

    logarithmic, linear = pools("flip")
    assert np.mean(logarithmic.argmax(axis=1) == stored.labels) == pytest.approx(0.915, abs=1e-3)
    assert np.mean(linear.argmax(axis=1) == stored.labels) == pytest.approx(0.880, abs=1e-3)
    losses = [evaluation.cross_entropy(logits, stored.labels) for logits in pools("crops")]
    assert losses == pytest.approx([0.220, 0.226], abs=5e-4)
