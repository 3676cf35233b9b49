"""Which parts of a picture an answer rests on.

Run: python -m pytest tests/core/analysis/test_explain.py
"""

import numpy as np
import pytest

from fmnist_core.analysis import explain
from fmnist_core.data import load_split
from fmnist_core.inference import randomised_weights
from fmnist_core.inference.classifier import open_classifier
from fmnist_core.storage.folders import RunError


class Corner:
    """Class 1 is the brighter the upper left quarter; one layer whose channels are the four quarters of the picture."""

    layers = ["conv1"]

    def logits(self, images):
        lit = images[:, :14, :14].mean(axis=(1, 2)) / 255
        return np.stack([np.full(len(images), 2.0), 8 * lit], axis=1).astype(np.float32)

    def activation(self, images, layer):
        assert layer == "conv1"
        small = images.reshape(len(images), 4, 7, 4, 7).mean(axis=(2, 4))
        channels = np.zeros((len(images), 4, 4, 4), np.float32)
        for number, (row, column) in enumerate(np.ndindex(2, 2)):
            quarter = np.s_[:, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
            channels[(*quarter, number)] = small[quarter]
        return channels


PICTURE = np.full((28, 28), 200, np.uint8)


def inside_and_outside(found: np.ndarray) -> tuple[float, float]:
    return float(found[:14, :14].mean()), float(found[:, 14:].mean())


@pytest.mark.parametrize("method", explain.METHODS.values(), ids=explain.METHODS)
def test_a_map_lights_what_counts(method):
    found = method.make(Corner(), PICTURE, 1)
    assert found.shape == (28, 28) and found.dtype == np.float32 and np.isfinite(found).all()
    inside, outside = inside_and_outside(found)
    assert inside > 10 * abs(outside) and inside > 0
    assert method.title and method.sentence.endswith(".")


def test_occlusion_by_hand():
    found = explain.occlusion_map(Corner(), PICTURE, 1)
    whole, covered = PICTURE[None], PICTURE[None].copy()
    covered[0, :6, :6] = 0  # the one square that covers the corner pixel
    lost = explain.probability(Corner(), whole, 1) - explain.probability(Corner(), covered, 1)
    assert found[0, 0] == pytest.approx(lost[0], rel=1e-5)
    assert (found[20:, 20:] == 0).all()


def test_equal_pictures_are_classified_once():
    class Counting(Corner):
        seen = 0

        def logits(self, images):
            self.seen += len(images)
            return super().logits(images)

    thin, network = np.zeros((28, 28), np.uint8), Counting()
    thin[:, 12:14] = 200
    pictures = np.stack([thin, PICTURE, thin, thin])
    assert (explain.probability(network, pictures, 1) == explain.probability(Corner(), pictures, 1)).all()
    assert network.seen == 2
    explain.occlusion_map(network, thin, 1)
    assert network.seen < 50  # of 145: elsewhere the square covers nothing


def test_against_a_class_the_map_turns():
    assert explain.occlusion_map(Corner(), PICTURE, 0)[:14, :14].max() < 0


def test_a_black_picture_has_flat_maps_and_no_curve():
    black = np.zeros((28, 28), np.uint8)
    assert not explain.occlusion_map(Corner(), black, 1).any()
    assert not explain.activation_map(Corner(), black, 1).any()
    with pytest.raises(ValueError, match="black all over"):
        explain.deletion_curve(Corner(), black, 1, black.astype(np.float32))


def test_deletion_falls_faster_in_the_map_s_order():
    found = explain.deletion_curve(Corner(), PICTURE, 1, explain.occlusion_map(Corner(), PICTURE, 1))
    assert len(found.share) == explain.STEPS + 1 and (found.share[0], found.share[-1]) == (0, 1)
    np.testing.assert_allclose(found.probability[[0, -1]], found.random[[0, -1]])
    assert found.area < 0.7 * found.random_area
    assert found.probability[6] == pytest.approx(found.probability[-1])  # the quarter that counts is gone


def test_one_visible_pixel():
    picture = np.zeros((28, 28), np.uint8)
    picture[3, 3] = 255
    found = explain.deletion_curve(Corner(), picture, 1, picture.astype(np.float32))
    assert np.isfinite([found.area, found.random_area]).all()
    assert explain.dependence(picture, picture, picture).flagged


def test_maps_that_agree_are_flagged():
    ramp = np.arange(784.0).reshape(28, 28)
    assert explain.dependence(ramp, ramp**2, PICTURE) == (pytest.approx(1), True)
    assert explain.dependence(ramp, -ramp, PICTURE) == (pytest.approx(-1), False)
    flat = explain.dependence(ramp, np.zeros((28, 28)), PICTURE)
    assert np.isnan(flat.correlation) and flat.flagged
    half = np.where(np.arange(28) < 14, PICTURE, 0).astype(np.uint8)
    other = np.where(half > 0, ramp, -ramp)
    assert explain.dependence(ramp, other, half).correlation == pytest.approx(1)  # only what is visible counts


def test_what_cannot_be_is_refused():
    for picture, target in ((PICTURE[:27], 0), (PICTURE.astype(float), 0)):
        with pytest.raises(ValueError, match="28 x 28 uint8"):
            explain.occlusion_map(Corner(), picture, target)
    with pytest.raises(ValueError, match="0 to 1. Received: 2"):
        explain.activation_map(Corner(), PICTURE, 2)
    with pytest.raises(ValueError, match="finite values"):
        explain.deletion_curve(Corner(), PICTURE, 1, np.full((28, 28), np.nan))

    class Broken(Corner):
        def logits(self, images):
            return np.full((len(images), 2), np.nan)

    with pytest.raises(ValueError, match="not finite"):
        explain.occlusion_map(Broken(), PICTURE, 1)


def test_a_network_without_positions_offers_what_it_can():
    class Flat(Corner):
        layers = ["dense1"]

    assert [method.name for method in explain.methods_for(Flat())] == ["occlusion"]
    assert [method.name for method in explain.methods_for(Corner())] == list(explain.METHODS)
    with pytest.raises(ValueError, match="no layer that keeps positions"):
        explain.activation_map(Flat(), PICTURE, 1)


@pytest.mark.long
def test_a_randomised_run_has_the_same_layers_and_knows_nothing(run):
    learned, other = open_classifier(run), randomised_weights.open_randomised(run)
    test = load_split("test")
    images, labels = test.images[:200], test.labels[:200]
    assert other.outputs == learned.outputs
    right = [(network.logits(images).argmax(axis=1) == labels).mean() for network in (learned, other)]
    assert right[0] > 0.4 and right[1] < 0.3
    np.testing.assert_array_equal(other.logits(images[:2]), randomised_weights.open_randomised(run).logits(images[:2]))
    for method in explain.methods_for(learned):
        maps = [method.make(network, images[0], int(labels[0])) for network in (learned, other)]
        assert np.isfinite(explain.dependence(*maps, images[0]).correlation)


def test_a_run_without_a_model_is_told(run):
    (run.folder / "model.onnx").write_bytes(b"no model")
    with pytest.raises(RunError, match="cannot be given randomised weights"):
        randomised_weights.open_randomised(run)
    (run.folder / "model.onnx").unlink()
    with pytest.raises(RunError, match="has no model.onnx"):
        randomised_weights.open_randomised(run)
