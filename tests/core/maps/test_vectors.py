"""From pictures to the vectors that a map is made of.

Run: python -m pytest tests/core/maps/test_vectors.py
"""

import numpy as np
import pytest

from fmnist_core import data
from fmnist_core.embedding.neighbours import AskedToStop, nearest
from fmnist_core.inference.classifier import open_classifier
from fmnist_core.maps import vectors
from fmnist_core.maps.vectors import VectorError
from fmnist_core.runs import feature_map, runs


@pytest.fixture(scope="module")
def shipped() -> runs.Run:
    """A small shipped run with convolutions."""
    return next(run for run in runs.list_runs() if run.id.startswith("cnn_1-"))


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return data.load_split("test").images[:300]


def test_pixels_keep_their_distances_and_angles(images):
    space, found = vectors.fit("pixels", images)
    assert found.shape == (300, 65) and found.dtype == np.float32
    pixels = images.reshape(300, -1) / np.float32(255)
    share = float(space.pca.explained.sum())
    assert 0.8 < share < 1
    assert space.reduced == (
        f"A picture has 28 x 28 values, reduced to 64 principal components that hold {100 * share:.1f} % "
        "of the variance."
    )
    spread = np.square(pixels - pixels.mean(axis=0)).sum()
    assert np.square(found - found.mean(axis=0)).sum() == pytest.approx(share * spread, rel=1e-3)
    lengths = np.linalg.norm(pixels, axis=1)
    assert np.linalg.norm(found, axis=1).mean() == pytest.approx(lengths.mean(), rel=0.03)
    for metric in ("euclidean", "cosine"):
        true, ours = nearest(pixels, 10, metric).indices, nearest(found, 10, metric).indices
        assert np.mean([len(set(a) & set(b)) for a, b in zip(true, ours, strict=True)]) > 8


def test_few_values_stay_all(images, shipped):
    classifier = open_classifier(shipped)
    space, found = vectors.fit("logits", images, _WithLogits(classifier))
    logits = classifier.logits(images)
    np.testing.assert_allclose(nearest(found, 3).distances, nearest(logits, 3).distances, rtol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), np.linalg.norm(logits, axis=1), rtol=1e-3)
    assert space.reduced == "logits gives 10 values."


class _WithLogits:
    """A classifier that gives its logits as a layer: one so narrow that nothing has to be left out."""

    def __init__(self, classifier):
        self._classifier, self.layers = classifier, ["logits"]

    def run(self, images, outputs):
        return [self._classifier.logits(images)]


def test_a_wide_layer_is_averaged_over_blocks(images, shipped):
    classifier = open_classifier(shipped)
    layer = next(name for name in classifier.layers if "conv" in name)
    space, found = vectors.fit(layer, images, classifier)
    values = classifier.activation(images, layer)
    assert values[0].size > 1_024 and space.shape == values.shape[1:] and space.block > 1
    assert f"averaged over blocks of {space.block} x {space.block} positions" in space.reduced
    assert found.shape == (300, 65)
    np.testing.assert_allclose(space.vectors(images[:5], classifier), found[:5], atol=1e-3)


def test_blocks_are_means_the_last_ones_too():
    values = np.arange(2 * 5 * 4 * 3, dtype=np.float32).reshape(2, 5, 4, 3)
    pooled = vectors._pool(values, 3).reshape(2, 2, 2, 3)
    np.testing.assert_allclose(pooled[1, 0, 0], values[1, :3, :3].mean(axis=(0, 1)))
    np.testing.assert_allclose(pooled[1, 1, 1], values[1, 3:, 3:].mean(axis=(0, 1)))


@pytest.mark.parametrize(
    ("shape", "block"),
    [((28, 28), 1), ((10,), 1), ((4096,), 1), ((14, 14, 32), 3), ((28, 28, 32), 6), ((28, 128), 4), ((9, 9, 2048), 9)],
)
def test_the_smallest_block_that_suffices_is_taken(shape, block):
    assert vectors._block(shape) == block


def test_the_feature_map_is_the_same_space(images, shipped):
    stored = feature_map.load(shipped)
    space = vectors.space_of_features(stored)
    by_network = space.vectors(images, open_classifier(shipped))
    np.testing.assert_allclose(space.place(stored.coordinates[:300]), by_network, atol=0.05)


def test_vectors_come_back_from_their_file(tmp_path, images):
    space, found = vectors.fit("pixels", images)
    vectors.save(tmp_path / "v.npz", space, found)
    again, read = vectors.load(tmp_path / "v.npz")
    np.testing.assert_allclose(read, found, atol=0.01)
    assert again.reduced == space.reduced
    np.testing.assert_array_equal(again.vectors(images[:2]), space.vectors(images[:2]))
    vectors.save(tmp_path / "v.npz", space, found * 1e6)
    np.testing.assert_allclose(vectors.load(tmp_path / "v.npz")[1], found * 1e6, rtol=1e-3, atol=1e4)
    (tmp_path / "v.npz").write_bytes(b"x")
    with pytest.raises(ValueError, match="does not hold"):
        vectors.load(tmp_path / "v.npz")


class _Broken:
    layers = ("conv",)

    def run(self, images, outputs):
        return [np.full((len(images), 4), np.nan, np.float32)]


def test_refusals_are_sentences(images, shipped):
    with pytest.raises(VectorError, match="values of conv that are not a number or infinite"):
        vectors.fit("conv", images, _Broken())
    with pytest.raises(VectorError, match="Unknown layer 'nose'. Choose one of: pixels, features, "):
        vectors.fit("nose", images, open_classifier(shipped))
    with pytest.raises(VectorError, match="Without a network there is no 'features'"):
        vectors.fit("features", images)
    with pytest.raises(VectorError, match="No pictures are left"):
        vectors.fit("pixels", images[:0])
    with pytest.raises(AskedToStop):
        vectors.fit("features", images, open_classifier(shipped), lambda share: True)
