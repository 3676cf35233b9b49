"""What a network makes of pictures that are shifted, turned, mirrored, blurred or paled: arrays in, figures out.

Each change is a row of CHANGES. The pictures stay 28 x 28; what comes in from outside is black, as in the data.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import scipy  # its parts come when they are first used: none is imported before the first page

from fmnist_core.data import SIDE, WHITE
from fmnist_core.progress import OnShare

MIRROR = "flip"  # the change whose cost is the flip gap
AT_ONCE = 250  # pictures between two words about how far it is: a large network takes seconds for them
SEED = 0  # of the noise: the same slider position shows the same picture


class GivesLogits(Protocol):
    def logits(self, images: np.ndarray) -> np.ndarray: ...


@dataclass(frozen=True)
class Change:
    """A row of the table."""

    name: str
    title: str
    unit: str  # of a severity; empty where it has none
    lowest: float  # of the slider
    highest: float
    step: float
    none: float  # the severity that changes nothing
    severities: tuple[float, ...]  # of a sweep, in order, `none` among them
    apply: Callable[[np.ndarray, float], np.ndarray]  # (n, 28, 28) uint8, a severity -> (n, 28, 28) uint8


class Sweep(NamedTuple):
    """Accuracy against severity."""

    severities: tuple[float, ...]
    accuracy: np.ndarray  # (severities,) float64
    by_class: np.ndarray  # (severities, classes) float64, NaN where no picture has the class


def changed(images: np.ndarray, name: str, severity: float) -> np.ndarray:
    """(n, 28, 28) uint8 -> the same under a change of the table.

    Raises:
        ValueError: no such change, a severity outside its range, or no such pictures.
    """
    if name not in CHANGES:
        raise ValueError(f"Unknown change {name!r}. Choose one of: {', '.join(CHANGES)}.")
    change = CHANGES[name]
    if not change.lowest <= severity <= change.highest:
        raise ValueError(
            f"{change.title} reaches from {change.lowest:g} to {change.highest:g} {change.unit}".rstrip()
            + f". Received: {severity}."
        )
    if images.ndim != 3 or images.shape[1:] != (SIDE, SIDE) or images.dtype != np.uint8:
        raise ValueError(f"Pictures of {SIDE} x {SIDE} uint8 are needed. Received: {images.shape} {images.dtype}.")
    return images if severity == change.none or not len(images) else change.apply(images, severity)


def sweep(
    network: GivesLogits,
    images: np.ndarray,
    labels: np.ndarray,
    name: str,
    on_progress: OnShare = lambda share: None,
) -> Sweep:
    """Accuracy of (n, 28, 28) uint8 pictures with their (n,) labels at each severity of a change, n at least 1.

    Raises:
        ValueError: as `changed`; not as many labels, no pictures, or logits that are not finite.
    """
    if not len(images) or len(images) != len(labels):
        raise ValueError(f"A sweep needs pictures with labels. Received: {len(images)} and {len(labels)}.")
    severities = CHANGES[name].severities if name in CHANGES else (0.0,)
    accuracy, by_class = [], []
    for number, severity in enumerate(severities, start=1):
        seen, parts = changed(images, name, severity), []
        for start in range(0, len(images), AT_ONCE):
            parts.append(network.logits(seen[start : start + AT_ONCE]))
            on_progress((number - 1 + (start + len(parts[-1])) / len(images)) / len(severities))
        logits = np.concatenate(parts)
        if not np.isfinite(logits).all():
            raise ValueError("The network's logits are not finite (NaN or infinity): its training has diverged.")
        right = logits.argmax(axis=1) == labels
        accuracy.append(right.mean())
        counts = np.bincount(labels, minlength=logits.shape[1])
        hits = np.bincount(labels, weights=right, minlength=logits.shape[1])
        by_class.append(np.divide(hits, counts, out=np.full(len(counts), np.nan), where=counts > 0))
    return Sweep(severities, np.array(accuracy), np.array(by_class))


def loss_at(found: Sweep, severity: float, none: float = 0.0) -> float:
    """By how much the accuracy falls from no change to this severity. Raises ValueError where it was not measured."""
    for value in (severity, none):
        if value not in found.severities:
            measured = ", ".join(f"{one:g}" for one in found.severities)
            raise ValueError(f"Severity {value:g} was not measured. Choose one of: {measured}.")
    return float(found.accuracy[found.severities.index(none)] - found.accuracy[found.severities.index(severity)])


def _map(images: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Each output pixel (y, x) about the centre shows input matrix @ (y, x), bilinear."""
    full = np.eye(3)
    full[1:, 1:] = matrix
    centre = np.array([0, (SIDE - 1) / 2, (SIDE - 1) / 2])
    moved = scipy.ndimage.affine_transform(
        images.astype(np.float32), full, centre - full @ centre, order=1, mode="grid-constant"
    )
    return _to_uint8(moved)


def _shift(images: np.ndarray, right: float, down: float) -> np.ndarray:
    return _to_uint8(scipy.ndimage.shift(images.astype(np.float32), (0, down, right), order=1, mode="grid-constant"))


def _rotate(images: np.ndarray, degrees: float) -> np.ndarray:
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return _map(images, np.array([[cos, sin], [-sin, cos]]))


def _scale(images: np.ndarray, factor: float) -> np.ndarray:
    return _map(images, np.eye(2) / factor)


def _blur(images: np.ndarray, deviation: float) -> np.ndarray:
    return _to_uint8(scipy.ndimage.gaussian_filter(images.astype(np.float32), (0, deviation, deviation)))


def _add_noise(images: np.ndarray, deviation: float) -> np.ndarray:
    noise = np.random.default_rng(SEED).normal(0, deviation, images.shape)
    return _to_uint8(images + noise)


def _contrast(images: np.ndarray, factor: float) -> np.ndarray:
    return _to_uint8(images * np.float32(factor))


def _to_uint8(values: np.ndarray) -> np.ndarray:
    return values.round().clip(0, WHITE).astype(np.uint8)


_ROWS = (
    Change("shift", "Shift to the right", "px", -10, 10, 1, 0, (-8, -4, -2, 0, 2, 4, 8), lambda x, s: _shift(x, s, 0)),
    Change("shift_down", "Shift down", "px", -10, 10, 1, 0, (-8, -4, -2, 0, 2, 4, 8), lambda x, s: _shift(x, 0, s)),
    Change("rotate", "Turn to the left", "°", -180, 180, 5, 0, (-45, -30, -15, 0, 15, 30, 45, 90, 180), _rotate),
    Change("scale", "Scale", "x", 0.4, 1.6, 0.1, 1, (0.5, 0.7, 0.85, 1, 1.15, 1.3, 1.5), _scale),
    Change("flip", "Mirror", "", 0, 1, 1, 0, (0, 1), lambda x, s: np.ascontiguousarray(x[:, :, ::-1])),
    Change("upside_down", "Upside down", "", 0, 1, 1, 0, (0, 1), lambda x, s: np.ascontiguousarray(x[:, ::-1])),
    Change("blur", "Blur", "px", 0, 3, 0.25, 0, (0, 0.5, 1, 1.5, 2), _blur),
    Change("noise", "Noise", "gray levels", 0, 120, 5, 0, (0, 10, 25, 50, 100), _add_noise),
    Change("contrast", "Contrast", "x", 0.1, 2, 0.1, 1, (0.25, 0.5, 0.75, 1, 1.5), _contrast),
)
CHANGES: dict[str, Change] = {change.name: change for change in _ROWS}
