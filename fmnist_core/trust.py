"""Does the network know this picture, or does it look unlike everything it was trained on?

Each layer's activation of a picture is summed up by the mean and the deviation of its channels. Two Gaussians are
fitted to what training pictures give: one around each class with a covariance in common, one around all. Where a
picture lies far from every class but not from pictures in general, it is no picture of a class. That is the relative
Mahalanobis distance (Ren et al. 2021, arXiv 2106.09022) on the layers' statistics (after Lee et al. 2018, arXiv
1807.03888); the layers' distances are brought to one scale by validation pictures and added.

There are two gauges. "picture" knows the data as it is. A photo never looks quite so, and would nearly always be
flagged: "photo" knows the data put through what photos do (photo_like.py). No photo is used for either.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

import numpy as np

Kind = Literal["picture", "photo"]
KINDS: tuple[Kind, ...] = ("picture", "photo")
FALSE_ALARMS = 0.05  # the share of known pictures that is flagged all the same
REFERENCE, VALIDATION = 1_500, 700  # pictures: more of them changes the figures by less than their error
DIMENSIONS = 128  # principal components of a layer's statistics
MOST_LAYERS = 8
SHRINKAGE = 0.01  # of the mean variance, added to each: a covariance of few pictures can be inverted
SPREAD = (0.5, 0.9)  # the quantiles of validation pictures that are a layer's unit
AT_ONCE = 25  # pictures: more only fill the memory

OnProgress = Callable[[float], None]


class GivesActivations(Protocol):
    @property
    def layers(self) -> list[str]: ...

    def run(self, images: np.ndarray, outputs: list[str]) -> list[np.ndarray]: ...


class Verdict(NamedTuple):
    """One value a picture. known is trust > false_alarms."""

    known: np.ndarray  # (n,) bool
    trust: np.ndarray  # (n,) float64 in (0, 1]: the share of validation pictures that lie at least as far out


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
class Gauge:
    """What `fit` made of a network. Cheap to ask; some megabytes."""

    names: tuple[str, ...]  # of the outputs, as the classifier calls them
    layers: tuple[Layer, ...]
    zero: np.ndarray  # (layers,) float64: the median distance of validation pictures
    unit: np.ndarray  # (layers,) float64: from there to their 90th percentile
    validation: np.ndarray  # (m,) float64, sorted: the scores of validation pictures
    false_alarms: float = FALSE_ALARMS

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
        trust = (farther + 1) / (len(self.validation) + 1)  # a conformal p-value: at most that share by mistake
        return Verdict(trust > self.false_alarms, trust)

    def _score(self, values: list[np.ndarray]) -> np.ndarray:
        distances = np.stack([layer.distance(value) for layer, value in zip(self.layers, values, strict=True)], axis=1)
        return ((distances - self.zero) / self.unit).mean(axis=1)


def fit(
    classifier: GivesActivations,
    images: np.ndarray,
    labels: np.ndarray,
    validation: np.ndarray,
    on_progress: OnProgress = lambda share: None,
) -> Gauge:
    """Makes a gauge of (n, 28, 28) uint8 training pictures with their (n,) labels, and others for its scale.

    Args:
        validation: (m, 28, 28) uint8, best of pictures that the network was not trained on: 20 or more, so that one
            false alarm in twenty can be told at all.

    Raises:
        ValueError: too few pictures, labels that are not as many, or values that are not finite.
    """
    if len(images) < 2 or len(labels) != len(images) or len(validation) < 1 / FALSE_ALARMS:
        raise ValueError(
            f"A gauge needs two labelled pictures or more and {1 / FALSE_ALARMS:.0f} others for its scale. Received: "
            f"{len(images)} pictures, {len(labels)} labels, {len(validation)} others."
        )
    names = output_names(classifier.layers)
    share = len(images) / (len(images) + len(validation))
    known = statistics(classifier, images, names, lambda done: on_progress(share * done))
    others = statistics(classifier, validation, names, lambda done: on_progress(share + (1 - share) * done))
    layers = tuple(_fit_layer(value, labels) for value in known)
    distances = np.stack([layer.distance(value) for layer, value in zip(layers, others, strict=True)], axis=1)
    zero, high = np.quantile(distances.astype(np.float64), SPREAD, axis=0)
    unit = np.where(high > zero, high - zero, 1.0)
    return Gauge(tuple(names), layers, zero, unit, np.sort(((distances - zero) / unit).mean(axis=1)))


def output_names(layers: Sequence[str]) -> list[str]:
    """The outputs that a gauge looks at: the last eight layers of the first kind there is, and the features."""
    for kind in ("batch_norm", "conv", "lstm", "dense"):
        numbers = sorted(int(name[len(kind) :]) for name in layers if re.fullmatch(kind + "[0-9]+", name))
        if numbers:
            return [*(f"activation.{kind}{number}" for number in numbers[-MOST_LAYERS:]), "features"]
    return ["features"]


def statistics(
    classifier: GivesActivations, images: np.ndarray, names: Sequence[str], on_progress: OnProgress = lambda share: None
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
    mean, scale = values.mean(axis=0), values.std(axis=0)
    scale = np.where(scale > 1e-6 * scale.max(initial=0), scale, 1).astype(np.float32)  # what never varies stays 0
    turned = (values - mean) / scale
    components = np.linalg.eigh((turned.T @ turned).astype(np.float64))[1][:, ::-1][:, :DIMENSIONS].astype(np.float32)
    turned = turned @ components
    classes, rows = np.unique(labels, return_inverse=True)
    centres = np.stack([turned[rows == number].mean(axis=0) for number in range(len(classes))])
    within, total = whitening(turned - centres[rows]), whitening(turned)
    return Layer(mean, scale, components, within, total, centres @ within)


def whitening(centred: np.ndarray) -> np.ndarray:
    """(n, k) around their mean -> (k, k) float32 that makes their covariance, shrunk a little, the identity."""
    covariance = centred.T.astype(np.float64) @ centred / len(centred)
    width = len(covariance)
    covariance += np.eye(width) * (SHRINKAGE * np.trace(covariance) / width or 1.0)
    return np.linalg.cholesky(np.linalg.inv(covariance)).astype(np.float32)
