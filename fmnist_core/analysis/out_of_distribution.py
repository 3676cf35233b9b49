"""Does the network know this picture, or does it look unlike everything it was trained on?

Each layer's activation of a picture is summed up by the mean and the deviation of its channels. Two Gaussians are
fitted to what training pictures give: one around each class with a covariance in common, one around all. Where a
picture lies far from every class but not from pictures in general, it is no picture of a class. That is the relative
Mahalanobis distance (Ren et al. 2021, arXiv 2106.09022) on the layers' statistics (after Lee et al. 2018, arXiv
1807.03888); the layers' distances are brought to one scale by validation pictures and averaged.

What is strange on a photo is seldom far away: it lies between the classes. So the detector for photos has a second
part, which knows pictures that are of no class, though every part of them is known: two garments of different classes
laid over each other. Fisher's linear discriminant of their statistics from those of single garments is added (outlier
exposure, Hendrycks et al. 2019, arXiv 1812.04606, with outliers made of the data itself).

There are two detectors. "picture" knows the data as it is. A photo never looks quite so, and would nearly always be
flagged: "photo" knows the data put through what photos do (photo/corruptions.py). No photo is fitted to for either.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

import numpy as np

from fmnist_core.progress import OnShare

Kind = Literal["picture", "photo"]
KINDS: tuple[Kind, ...] = ("picture", "photo")
# The share of known pictures that is flagged all the same. Strange garments on photos lie nearer to known ones than
# anything strange among the data's own pictures does: to be of use, that detector has to warn more often.
FALSE_ALARMS: dict[Kind, float] = {"picture": 0.05, "photo": 0.15}
REFERENCE, VALIDATION = 1_500, 700  # pictures: more of them changes the figures by less than their error
DIMENSIONS = 128  # principal components of a layer's statistics
MOST_LAYERS = 8
SHRINKAGE = 0.01  # of the mean variance, added to each: a covariance of few pictures can be inverted
BETWEEN_DIMENSIONS, BETWEEN_SHRINKAGE = 200, 0.1  # the same for the discriminant, of all layers' statistics at once
SPREAD = (0.5, 0.9)  # the quantiles of validation pictures that are a layer's unit
AT_ONCE = 25  # pictures: more only fill the memory


class GivesActivations(Protocol):
    @property
    def layers(self) -> list[str]: ...

    def run(self, images: np.ndarray, outputs: list[str]) -> list[np.ndarray]: ...


class Verdict(NamedTuple):
    """One value a picture. known is in_distribution_score > false_alarms."""

    known: np.ndarray  # (n,) bool
    # (n,) float64 in (0, 1]: the share of validation pictures that lie at least as far out; the larger, the more known
    in_distribution_score: np.ndarray


@dataclass(frozen=True)
class Layer:
    """Gaussians of a layer's (n, d) statistics in k principal components."""

    mean: np.ndarray  # (d,) float32
    scale: np.ndarray  # (d,) float32
    components: np.ndarray  # (d, k) float32
    within: np.ndarray  # (k, k) float32: makes the covariance around the classes the identity
    total: np.ndarray  # (k, k) float32: makes that around the mean of all the identity
    centres: np.ndarray  # (classes, k) float32, after `within`

    def distance(self, values: np.ndarray) -> np.ndarray:
        """(n, d) -> (n,) float32: squared, to the nearest class less to all."""
        turned = ((values - self.mean) / self.scale) @ self.components
        near = turned @ self.within
        to_class = np.square(near).sum(axis=1)[:, None] + np.square(self.centres).sum(axis=1)
        to_class -= 2 * near @ self.centres.T
        return to_class.min(axis=1) - np.square(turned @ self.total).sum(axis=1)


@dataclass(frozen=True)
class Detector:
    """What `fit` made of a network. Cheap to ask; some megabytes."""

    names: tuple[str, ...]  # of the outputs, as the classifier calls them
    layers: tuple[Layer, ...]
    between: (
        np.ndarray
    )  # (d of all layers,) float32: along it lie pictures of two garments; 0 for a detector without them
    zero: np.ndarray  # (layers + 1,) float64: the median of validation pictures, in each layer and `between`
    unit: np.ndarray  # (layers + 1,) float64: from there to their 90th percentile
    validation: np.ndarray  # (m,) float64, sorted: the scores of validation pictures
    false_alarms: float

    def score(self, classifier: GivesActivations, images: np.ndarray) -> np.ndarray:
        """(n, 28, 28) uint8 -> (n,) float64, 0 for the median validation picture; the larger, the less known.

        Raises:
            ValueError: the network gives values that are not finite.
        """
        return self._score(statistics(classifier, images, self.names)) if len(images) else np.empty(0)

    def judge(self, classifier: GivesActivations, images: np.ndarray) -> Verdict:
        """(n, 28, 28) uint8, n may be 0. Raises as `score`."""
        scores = self.score(classifier, images)
        farther = len(self.validation) - np.searchsorted(self.validation, scores, side="left")
        p_values = (farther + 1) / (len(self.validation) + 1)  # conformal: at most that share by mistake
        return Verdict(p_values > self.false_alarms, p_values)

    def _score(self, values: list[np.ndarray]) -> np.ndarray:
        return _added((_distances(self.layers, self.between, values) - self.zero) / self.unit)


def fit(
    classifier: GivesActivations,
    images: np.ndarray,
    labels: np.ndarray,
    validation: np.ndarray,
    overlaid: np.ndarray | None = None,
    on_progress: OnShare = lambda share: None,
    false_alarms: float = FALSE_ALARMS["picture"],
) -> Detector:
    """Makes a detector of (n, 28, 28) uint8 training pictures with their (n,) labels, and others for its scale.

    Args:
        validation: (m, 28, 28) uint8, best of pictures that the network was not trained on: at least
            1 / false_alarms, so that one false alarm can be told at all.
        overlaid: (k, 28, 28) uint8, k at least 2: pictures of two garments, as `lay_over` makes them; None leaves all
            to the distance.
        false_alarms: above 0, below 1: the share of validation pictures that is to be flagged.

    Raises:
        ValueError: too few pictures, labels that are not as many, or values that are not finite.
    """
    wanted = math.ceil(1 / false_alarms)
    if len(images) < 2 or len(labels) != len(images) or len(validation) < wanted:
        raise ValueError(
            f"A detector needs two labelled pictures or more and {wanted} others for its scale. Received: "
            f"{len(images)} pictures, {len(labels)} labels, {len(validation)} others."
        )
    if overlaid is not None and len(overlaid) < 2:
        raise ValueError(f"A detector needs two pictures of two garments or more. Received: {len(overlaid)}.")
    names = output_names(classifier.layers)
    groups = [images, validation, *([] if overlaid is None else [overlaid])]
    known, others, *of_both = _all_statistics(classifier, groups, names, on_progress)
    layers = tuple(_fit_layer(value, labels) for value in known)
    all_known = np.concatenate(known, axis=1)
    between = np.zeros(all_known.shape[1], np.float32)
    if of_both:
        between = discriminant(all_known, np.concatenate(of_both[0], axis=1))
    distances = _distances(layers, between, others)
    zero, high = np.quantile(distances, SPREAD, axis=0)
    unit = np.where(high > zero, high - zero, 1.0)
    scores = np.sort(_added((distances - zero) / unit))
    return Detector(tuple(names), layers, between, zero, unit, scores, false_alarms)


def lay_over(images: np.ndarray, labels: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """(n, 28, 28) uint8, light on black, and (n,) labels -> the same shape: over each picture one of another class.

    The lighter of the two is seen. Where all pictures are of one class, over each lies any one of them.
    """
    others = [np.flatnonzero(labels != label) for label in labels]
    partners = [generator.choice(some if len(some) else len(images)) for some in others]
    return np.maximum(images, images[partners])


def _all_statistics(
    classifier: GivesActivations, groups: Sequence[np.ndarray], names: Sequence[str], on_progress: OnShare
) -> list[list[np.ndarray]]:
    """The statistics of each group of pictures, with progress over all of them."""
    total, done, found = sum(map(len, groups)), 0, []
    for images in groups:

        def told(share: float, done: int = done, count: int = len(images)) -> None:
            on_progress((done + share * count) / total)

        found.append(statistics(classifier, images, names, told))
        done += len(images)
    return found


def _distances(layers: Sequence[Layer], between: np.ndarray, values: list[np.ndarray]) -> np.ndarray:
    """The layers' (n, d) statistics -> (n, layers + 1) float64."""
    columns = [layer.distance(value) for layer, value in zip(layers, values, strict=True)]
    return np.stack([*columns, np.concatenate(values, axis=1) @ between], axis=1).astype(np.float64)


def _added(scaled: np.ndarray) -> np.ndarray:
    """(n, layers + 1) on one scale -> (n,): the mean of the layers, and what lies between the classes."""
    return scaled[:, :-1].mean(axis=1) + scaled[:, -1]


def output_names(layers: Sequence[str]) -> list[str]:
    """The outputs that a detector looks at: the last eight layers of the first kind there is, and the features."""
    for kind in ("batch_norm", "conv", "lstm", "dense"):
        numbers = sorted(int(name[len(kind) :]) for name in layers if re.fullmatch(kind + "[0-9]+", name))
        if numbers:
            return [*(f"activation.{kind}{number}" for number in numbers[-MOST_LAYERS:]), "features"]
    return ["features"]


def statistics(
    classifier: GivesActivations, images: np.ndarray, names: Sequence[str], on_progress: OnShare = lambda share: None
) -> list[np.ndarray]:
    """(n, 28, 28) uint8, n at least 1 -> of each output (n, d) float32: mean and deviation of each channel.

    A layer without positions gives its values as they are.

    Raises:
        ValueError: values that are not finite.
    """
    parts = []
    for start in range(0, len(images), AT_ONCE):
        found = classifier.run(images[start : start + AT_ONCE], list(names))
        parts.append([_summary(values) for values in found])
        on_progress(min(1.0, (start + AT_ONCE) / len(images)))
    values = [np.concatenate(part) for part in zip(*parts, strict=True)]
    if not all(np.isfinite(value).all() for value in values):
        raise ValueError(
            "The network gives values that are not a number or infinite, so nothing can be said of what it knows. "
            "Its training went wrong: train it again with a smaller learning rate."
        )
    return values


def _summary(values: np.ndarray) -> np.ndarray:
    if values.ndim < 3:
        return values.reshape(len(values), -1)
    positions = tuple(range(1, values.ndim - 1))
    return np.concatenate([values.mean(axis=positions), values.std(axis=positions)], axis=1)


def _fit_layer(values: np.ndarray, labels: np.ndarray) -> Layer:
    mean, scale = values.mean(axis=0), _scale(values)
    turned = (values - mean) / scale
    components = _principal(turned)[1][:, :DIMENSIONS].astype(np.float32)
    turned = turned @ components
    classes, rows = np.unique(labels, return_inverse=True)
    centres = np.stack([turned[rows == number].mean(axis=0) for number in range(len(classes))])
    within, total = whitening(turned - centres[rows]), whitening(turned)
    return Layer(mean, scale, components, within, total, centres @ within)


def discriminant(known: np.ndarray, both: np.ndarray) -> np.ndarray:
    """(n, d) and (k, d) -> (d,) float32: Fisher's direction, along which the second lie farther out than the first."""
    mean, scale = known.mean(axis=0), _scale(known)
    sizes, components = _principal((known - mean) / scale)
    kept = sizes[:BETWEEN_DIMENSIONS] > 1e-6 * sizes[0]
    components = components[:, : len(kept)][:, kept] / np.sqrt(sizes[: len(kept)][kept])
    first, second = ((values - mean) / scale @ components for values in (known, both))
    centred = np.concatenate([first - first.mean(axis=0), second - second.mean(axis=0)])
    covariance = centred.T @ centred / len(centred)
    covariance += np.eye(len(covariance)) * BETWEEN_SHRINKAGE * (covariance.trace() / max(len(covariance), 1) or 1.0)
    step = second.mean(axis=0) - first.mean(axis=0)
    return (components @ np.linalg.solve(covariance, step) / scale).astype(np.float32)


def _scale(values: np.ndarray) -> np.ndarray:
    """(n, d) -> (d,) float32: the columns' deviations; 1 for what never varies, so that it stays 0."""
    scale = values.std(axis=0)
    return np.where(scale > 1e-6 * scale.max(initial=0), scale, 1).astype(np.float32)


def _principal(turned: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n, d) around 0 -> (d,) variances, largest first, and (d, d) float64: the principal components as columns."""
    sizes, components = np.linalg.eigh((turned.T @ turned).astype(np.float64) / len(turned))
    return sizes[::-1], components[:, ::-1]


def whitening(centred: np.ndarray) -> np.ndarray:
    """(n, k) around their mean -> (k, k) float32 that makes their covariance, shrunk a little, the identity."""
    covariance = centred.T.astype(np.float64) @ centred / len(centred)
    width = len(covariance)
    covariance += np.eye(width) * (SHRINKAGE * np.trace(covariance) / width or 1.0)
    return np.linalg.cholesky(np.linalg.inv(covariance)).astype(np.float32)
