"""Why this answer? Which parts of a picture the network's probability of a class rests on, by forward passes only.

A map that looks sensible may show the picture and not the network (Adebayo et al. 2018, arXiv 1810.03292). So each is
made of a network with randomised weights too: where the two maps agree, the map does not depend on what was learned.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import scipy  # its parts come when they are first used: none is imported before the first page

from fmnist_core.data import SIDE
from fmnist_core.metrics import evaluation

PATCH, STRIDE = 6, 2  # pixels: the black square of the occlusion map and its steps
MOST_CHANNELS = 192  # of a layer, those that vary most over the picture: as many forward passes
SMALLEST_SIDE = 3  # positions: a layer with fewer each way cannot say where
STEPS = 20  # of the deletion curve
RANDOM_ORDERS = 5
DEPENDS_BELOW = 0.5  # rank correlation with the randomised network's map; from there on the map is flagged


class Explained(Protocol):
    @property
    def layers(self) -> list[str]: ...

    def logits(self, images: np.ndarray) -> np.ndarray: ...

    def activation(self, images: np.ndarray, layer: str) -> np.ndarray: ...


class Deletion(NamedTuple):
    """What is left of the probability when the pixels go that count most, against pixels in random order."""

    share: np.ndarray  # (STEPS + 1,) float64: of the visible pixels that are gone, 0 to 1
    probability: np.ndarray  # (STEPS + 1,) float64: in the map's order
    random: np.ndarray  # (STEPS + 1,) float64: mean over RANDOM_ORDERS
    area: float  # under `probability`: the smaller, the better the map found what counts
    random_area: float


class Dependence(NamedTuple):
    """Whether a map depends on what the network learned."""

    correlation: float  # of ranks, -1 to 1, over the visible pixels; NaN where one of the maps is flat
    flagged: bool  # the map looks much the same without anything learned, or nothing can be said


@dataclass(frozen=True)
class ExplainMethod:
    """A row of the table."""

    name: str
    title: str
    sentence: str
    make: Callable[[Explained, np.ndarray, int], np.ndarray]  # network, picture, class -> (28, 28) float32 map
    needs_positions: bool = False  # only networks with a layer that has positions


def probability(network: Explained, images: np.ndarray, target: int) -> np.ndarray:
    """(n, 28, 28) uint8, n at least 1 -> (n,) float64. Raises ValueError where logits are not finite.

    The same picture twice is classified once: a square over black changes nothing, and beside a pair of trousers
    there is more black than garment.
    """
    different, places = np.unique(images.reshape(len(images), -1), axis=0, return_inverse=True)
    return evaluation.softmax(network.logits(different.reshape(-1, *images.shape[1:])))[places, target]


def occlusion_map(network: Explained, picture: np.ndarray, target: int) -> np.ndarray:
    """(28, 28) uint8 -> (28, 28) float32: how much of the class's probability a black square over a pixel takes away.

    The mean over all squares that cover it; below 0 where the class becomes more likely. After Zeiler and Fergus
    2014, arXiv 1311.2901.

    Raises:
        ValueError: not such a picture, no such class, or logits that are not finite.
    """
    _check(network, picture, target)
    starts = [*range(0, SIDE - PATCH, STRIDE), SIDE - PATCH]
    squares = [np.s_[top : top + PATCH, left : left + PATCH] for top in starts for left in starts]
    covered = np.repeat(picture[None], len(squares) + 1, axis=0)
    for image, square in zip(covered, squares, strict=False):
        image[square] = 0
    found = probability(network, covered, target)
    lost, times = np.zeros((SIDE, SIDE)), np.zeros((SIDE, SIDE))
    for square, value in zip(squares, found, strict=False):
        lost[square] += found[-1] - value
        times[square] += 1
    return (lost / times).astype(np.float32)


def activation_map(network: Explained, picture: np.ndarray, target: int) -> np.ndarray:
    """(28, 28) uint8 -> (28, 28) float32 in 0..1: Score-CAM (Wang et al. 2020, arXiv 1910.01279) of the last layer.

    Each channel is brought to the picture's size and to 0..1, and what it leaves of the picture is classified; the
    channels are added, each times the probability that it gives the class beyond a black picture's. Of wide layers
    the channels that vary most. 0 all over where none gives more than a black picture.

    Raises:
        ValueError: as `occlusion_map`, or the network has no layer with positions.
    """
    _check(network, picture, target)
    layer = last_layer_with_positions(network)
    if layer is None:
        raise ValueError(NO_POSITIONS)
    channels = np.moveaxis(network.activation(picture[None], layer)[0], -1, 0)
    if not np.isfinite(channels).all():
        raise ValueError(f"The network gives values of {layer} that are not finite: its training has diverged.")
    channels = channels[np.argsort(-channels.std(axis=(1, 2)), kind="stable")[:MOST_CHANNELS]]
    zoom = (1, SIDE / channels.shape[1], SIDE / channels.shape[2])
    large = scipy.ndimage.zoom(channels.astype(np.float32), zoom, order=1, mode="nearest", grid_mode=True)
    low, high = large.min(axis=(1, 2), keepdims=True), large.max(axis=(1, 2), keepdims=True)
    masks = np.divide(large - low, high - low, out=np.zeros_like(large), where=high > low)
    seen = np.concatenate([masks * picture, np.zeros((1, SIDE, SIDE))]).round().astype(np.uint8)
    scores = probability(network, seen, target)
    weights = np.maximum(scores[:-1] - scores[-1], 0)
    found = np.einsum("c,cyx->yx", weights, masks)
    found = found - found.min()
    return (found / (found.max() or 1)).astype(np.float32)


NO_POSITIONS = (
    "This network has no layer that keeps positions, so there is nothing to lay over the picture. "
    "Choose the occlusion map, or a network with convolutions."
)

_ROWS = (
    ExplainMethod(
        "occlusion",
        "What it misses when it is covered",
        "A black square of 6 x 6 pixels covers one place after another; bright is where the answer suffers most.",
        occlusion_map,
    ),
    ExplainMethod(
        "activation",
        "What it looks at",
        "Each channel of the last layer shows its part of the picture; bright is what the class was recognised by.",
        activation_map,
        needs_positions=True,
    ),
)
METHODS: dict[str, ExplainMethod] = {method.name: method for method in _ROWS}


def methods_for(network: Explained) -> list[ExplainMethod]:
    """Those that this network allows."""
    positions = last_layer_with_positions(network) is not None
    return [method for method in METHODS.values() if positions or not method.needs_positions]


def last_layer_with_positions(network: Explained) -> str | None:
    """The deepest convolution, batch normalization or pool that still says where; None where there is none."""
    blank = np.zeros((1, SIDE, SIDE), np.uint8)
    for kind in ("batch_norm", "conv", "pool"):
        numbers = [int(name[len(kind) :]) for name in network.layers if re.fullmatch(kind + "[0-9]+", name)]
        for number in sorted(numbers, reverse=True):
            shape = network.activation(blank, f"{kind}{number}").shape
            if len(shape) == 4 and min(shape[1:3]) >= SMALLEST_SIDE:
                return f"{kind}{number}"
    return None


def dependence(found: np.ndarray, randomised: np.ndarray, picture: np.ndarray) -> Dependence:
    """Compares a map with the randomised network's, both (28, 28), over what is visible of the picture."""
    visible = picture > 0
    first, second = found[visible], randomised[visible]
    if len(first) < 2 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return Dependence(float("nan"), True)
    correlation = float(scipy.stats.spearmanr(first, second).statistic)
    return Dependence(correlation, correlation >= DEPENDS_BELOW)


def deletion_curve(network: Explained, picture: np.ndarray, target: int, found: np.ndarray, seed: int = 0) -> Deletion:
    """Blackens the visible pixels from the map's brightest on, and in random orders (Petsiuk et al. 2018, RISE).

    Raises:
        ValueError: as `occlusion_map`; the map is no (28, 28) of finite values; or nothing of the picture is visible.
    """
    _check(network, picture, target)
    if found.shape != picture.shape or not np.isfinite(found).all():
        raise ValueError(f"A map of {picture.shape} finite values is needed. Received: {found.shape}.")
    visible = np.flatnonzero(picture)
    if not len(visible):
        raise ValueError("This picture is black all over, so nothing can be taken away. Choose another one.")
    generator = np.random.default_rng(seed)
    orders = [visible[np.argsort(-found.ravel()[visible], kind="stable")]]
    orders += [generator.permutation(visible) for _ in range(RANDOM_ORDERS)]
    gone = np.linspace(0, len(visible), STEPS + 1).round().astype(int)
    images = np.repeat(picture.reshape(1, -1), len(orders) * len(gone), axis=0).reshape(len(orders), len(gone), -1)
    for order, row in zip(orders, images, strict=True):
        for image, count in zip(row, gone, strict=True):
            image[order[:count]] = 0
    values = probability(network, images.reshape(-1, SIDE, SIDE), target).reshape(len(orders), -1)
    share, random = gone / len(visible), values[1:].mean(axis=0)
    areas = [float(np.trapezoid(one, share)) for one in (values[0], random)]
    return Deletion(share, values[0], random, *areas)


def _check(network: Explained, picture: np.ndarray, target: int) -> None:
    if picture.shape != (SIDE, SIDE) or picture.dtype != np.uint8:
        raise ValueError(f"A picture of {SIDE} x {SIDE} uint8 is needed. Received: {picture.shape} {picture.dtype}.")
    classes = network.logits(picture[None]).shape[1]
    if not 0 <= target < classes:
        raise ValueError(f"The class must be 0 to {classes - 1}. Received: {target}.")
