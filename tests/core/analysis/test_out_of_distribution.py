"""Whether a network knows a picture, and garments made to look as from a photo.

Run: python -m pytest tests/core/analysis/test_out_of_distribution.py
"""

import numpy as np
import pytest

from fmnist_core import data
from fmnist_core.analysis import out_of_distribution
from fmnist_core.inference import detectors
from fmnist_core.inference.classifier import open_classifier
from fmnist_core.photo.corruptions import damaged, fitted


class TwoHalves:
    """A network of one feature layer: the mean of the left and of the right half, and a constant."""

    layers: list[str] = []

    def run(self, images, outputs):
        assert outputs == ["features"]
        left, right = (images[:, :, half].mean(axis=(1, 2)) for half in (np.s_[:14], np.s_[14:]))
        return [np.stack([left, right, np.ones(len(images))], axis=1).astype(np.float32)]


def two_classes(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Class 0 is bright on the left, class 1 on the right."""
    generator = np.random.default_rng(seed)
    labels = np.arange(count) % 2
    images = np.zeros((count, 28, 28), np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[:, 14 * label : 14 * label + 14] = generator.integers(90, 110)
        image[:, 14 - 14 * label : 28 - 14 * label] = generator.integers(0, 20)
    return images, labels


def overlaid(count: int, seed: int) -> np.ndarray:
    return out_of_distribution.lay_over(*two_classes(count, seed), np.random.default_rng(seed))


@pytest.fixture(scope="module")
def detector():
    return out_of_distribution.fit(TwoHalves(), *two_classes(200, 0), two_classes(99, 1)[0], overlaid(200, 0))


def test_known_pictures_are_known_as_often_as_stated(detector):
    found = detector.judge(TwoHalves(), two_classes(2_000, 2)[0])
    assert 0.9 < found.known.mean() < 1
    assert found.in_distribution_score.mean() == pytest.approx(0.5, abs=0.1)  # a p-value is uniform


def test_strange_pictures_are_not_known(detector):
    both, none = np.full((1, 28, 28), 100, np.uint8), np.full((1, 28, 28), 50, np.uint8)
    found = detector.judge(TwoHalves(), np.concatenate([both, none]))
    assert not found.known.any()
    np.testing.assert_allclose(found.in_distribution_score, 1 / 100)  # nobody of 99 lies as far out


def test_two_garments_at_once_count_beside_the_distance():
    data_of_one = (*two_classes(200, 0), two_classes(99, 1)[0])
    alone, taught = (
        out_of_distribution.fit(TwoHalves(), *data_of_one),
        out_of_distribution.fit(TwoHalves(), *data_of_one, overlaid(200, 0)),
    )

    def added(images: np.ndarray) -> np.ndarray:
        return taught.score(TwoHalves(), images) - alone.score(TwoHalves(), images)

    of_one, of_two = added(two_classes(300, 6)[0]), added(overlaid(300, 6))
    assert abs(np.median(of_one)) < 0.5 and of_two.min() > of_one.max()


def test_two_garments_are_laid_over_each_other(detector):
    both = overlaid(50, 5)
    assert not detector.judge(TwoHalves(), both).known.any()
    images, labels = two_classes(50, 5)
    assert (
        (both >= images).all() and (both[labels == 0, :, 14:] >= 90).all() and (both[labels == 1, :, :14] >= 90).all()
    )
    one_class = out_of_distribution.lay_over(images, np.zeros(50), np.random.default_rng(0))
    assert (one_class >= images).all() and (one_class > images).any()


def test_without_pictures_of_two_garments_distance_decides_alone():
    found = out_of_distribution.fit(TwoHalves(), *two_classes(200, 0), two_classes(99, 1)[0])
    assert not found.between.any() and not found.judge(TwoHalves(), np.full((1, 28, 28), 50, np.uint8)).known.any()
    images = two_classes(9, 3)[0]
    values = out_of_distribution.statistics(TwoHalves(), images, found.names)
    expected = (found.layers[0].distance(values[0]) - found.zero[0]) / found.unit[0]
    np.testing.assert_allclose(found.score(TwoHalves(), images), expected, rtol=1e-5)


def test_the_discriminant_weighs_what_tells_by_how_little_it_varies():
    generator = np.random.default_rng(0)
    known = generator.normal(0, (1, 10, 1, 0), (4_000, 4)).astype(np.float32)
    both = known + np.array([1, 10, 0, 0], np.float32)
    found = out_of_distribution.discriminant(known, both)
    # Each of two independent columns moves by its own deviation: 1 / (1 + shrinkage) in units of it.
    shrunk = 1 + out_of_distribution.BETWEEN_SHRINKAGE * 3 / 4  # of four columns one never varies
    np.testing.assert_allclose(found * (1, 10, 1, 1), np.array([1, 1, 0, 0]) / shrunk, atol=0.05)


def test_what_is_far_from_everything_alike_is_not_held_against_a_picture():
    """Distance 4 to the nearest class, less 9 to all: by hand."""
    one, two = np.eye(1, dtype=np.float32), np.full((1, 1), 3, np.float32)
    layer = out_of_distribution.Layer(np.zeros(1), np.ones(1), one, one, two, np.array([[-1.0], [7.0]]))
    np.testing.assert_allclose(layer.distance(np.array([[1.0]])), [4 - 9])


def test_trust_is_the_share_that_lies_farther_out(detector):
    images = two_classes(50, 3)[0]
    scores = detector.score(TwoHalves(), images)
    wanted = [(np.sum(detector.validation >= score) + 1) / 100 for score in scores]
    np.testing.assert_allclose(detector.judge(TwoHalves(), images).in_distribution_score, wanted)


def test_one_picture_and_none(detector):
    images = two_classes(3, 4)[0]
    assert detector.judge(TwoHalves(), images[:1]).known.shape == (1,)
    np.testing.assert_allclose(
        detector.score(TwoHalves(), images)[:1], detector.score(TwoHalves(), images[:1]), rtol=1e-4, atol=1e-4
    )
    assert detector.judge(TwoHalves(), images[:0]).in_distribution_score.shape == (0,)


def test_equal_pictures_are_no_reason_to_fail():
    images = np.full((40, 28, 28), 7, np.uint8)
    found = out_of_distribution.fit(TwoHalves(), images, np.arange(40) % 2, images, images).judge(TwoHalves(), images)
    assert found.known.all() and (found.in_distribution_score == 1).all()


def test_too_few_and_broken_are_refused():
    images, labels = two_classes(40, 0)
    with pytest.raises(ValueError, match="20 others for its scale. Received: 40 pictures, 40 labels, 19 others"):
        out_of_distribution.fit(TwoHalves(), images, labels, images[:19], images)
    with pytest.raises(ValueError, match="two pictures of two garments or more. Received: 1"):
        out_of_distribution.fit(TwoHalves(), images, labels, images, images[:1])
    with pytest.raises(ValueError, match="39 labels"):
        out_of_distribution.fit(TwoHalves(), images, labels[1:], images, images)

    class Broken(TwoHalves):
        def run(self, images, outputs):
            return [np.full((len(images), 2), np.nan, np.float32)]

    with pytest.raises(ValueError, match="not a number or infinite"):
        out_of_distribution.fit(Broken(), images, labels, images, images)


def test_progress_reaches_the_end():
    images, labels = two_classes(60, 0)
    told = []
    out_of_distribution.fit(TwoHalves(), images, labels, images, images[:7], told.append)
    assert told == sorted(told) and told[-1] == 1


@pytest.mark.parametrize(
    ("layers", "wanted"),
    [
        (["conv1", "batch_norm10", "batch_norm2", "pool1"], ["activation.batch_norm2", "activation.batch_norm10"]),
        ([f"conv{n}" for n in range(1, 11)], [f"activation.conv{n}" for n in range(3, 11)]),
        (["squeeze1_inner", "dense1", "conv_x"], ["activation.dense1"]),
        (["pool1"], []),
    ],
)
def test_layers_that_are_looked_at(layers, wanted):
    assert out_of_distribution.output_names(layers) == [*wanted, "features"]


def test_a_layer_with_positions_is_summed_up():
    values = np.zeros((1, 2, 2, 3), np.float32)
    values[0, :, :, 1] = [[0, 2], [4, 6]]
    np.testing.assert_allclose(out_of_distribution._summary(values), [[0, 3, 0, 0, np.sqrt(5), 0]])


@pytest.mark.parametrize("kind", out_of_distribution.KINDS)
def test_a_kept_detector_is_the_one_that_was_made(run, quick_detectors, kind):
    classifier = open_classifier(run)
    made, kept = (detectors.detector(run, kind, classifier) for _ in range(2))
    for detector in (made, kept):
        assert (
            detector.between.any() == (kind == "photo")
            and detector.false_alarms == out_of_distribution.FALSE_ALARMS[kind]
        )
    images = data.load_split("test").images[:20]
    np.testing.assert_array_equal(made.score(classifier, images), kept.score(classifier, images))


def test_a_run_s_detectors_are_made_once_and_kept(run):
    classifier, told = open_classifier(run), []
    images = data.load_split("test").images[:50]
    first = detectors.detector(run, "picture", classifier, told.append)
    assert told[-1] == 1 and len(first.validation) == 500
    again = detectors.detector(run, "picture", classifier, lambda share: pytest.fail("made again"))
    np.testing.assert_array_equal(first.score(classifier, images), again.score(classifier, images))
    detectors.place(run, "picture").write_bytes(b"damaged")
    mended = detectors.detector(run, "picture", classifier)
    np.testing.assert_allclose(mended.score(classifier, images), first.score(classifier, images), rtol=1e-3, atol=1e-3)
    noise = np.random.default_rng(0).integers(0, 256, (20, 28, 28)).astype(np.uint8)
    assert first.judge(classifier, images).known.mean() > 0.8 and not first.judge(classifier, noise).known.any()
    with pytest.raises(ValueError, match="Unknown kind of detector 'drawing'"):
        detectors.detector(run, "drawing", classifier)


def test_reference_and_scale_are_different_pictures(run):
    known, others = detectors.reference_indices(run)
    assert not set(known) & set(others) and len(known) == 600 and others.min() >= 59_500
    assert detectors.note(run) is None


def test_a_recipe_without_validation_says_so(run, monkeypatch):
    from fmnist_core import splits

    monkeypatch.setattr(detectors, "split_indices", lambda recipe: splits.Indices(np.arange(600), np.arange(0)))
    known, others = detectors.reference_indices(run)
    assert sorted([*known, *others]) == list(range(600)) and len(others) == 300
    assert "expect more false alarms" in detectors.note(run)


def test_damage_is_drawn_and_keeps_a_garment_in_the_frame():
    images = data.load_split("test").images[:8]
    first, again = (damaged(images, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert first.shape == images.shape and first.dtype == np.uint8
    assert (first != images).mean(axis=(1, 2)).min() > 0.1
    rows, columns = (first.max(axis=axis) > 0 for axis in (2, 1))
    assert (np.maximum(rows.sum(axis=1), columns.sum(axis=1)) >= 26).all()


def test_damage_of_nothing_is_nothing():
    black = np.zeros((2, 28, 28), np.uint8)
    np.testing.assert_array_equal(damaged(black, np.random.default_rng(0)), black)
    assert damaged(black[:0], np.random.default_rng(0)).shape == (0, 28, 28)


def test_what_is_visible_fills_the_picture():
    gray = np.zeros((28, 28), np.uint8)
    gray[3:10, 5:19] = 200
    found = fitted(gray)
    assert (found[7:21] == 200).all() and not found[:7].any() and not found[21:].any()
    assert not fitted(np.full((5, 9), 3, np.uint8)).any()
