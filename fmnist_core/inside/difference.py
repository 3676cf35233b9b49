"""How far apart two pictures are in each layer: where a network begins to tell them apart."""

from dataclasses import dataclass

import numpy as np

from fmnist_core import data
from fmnist_core.inside.session import Inside, Seen

OF_A_CLASS = 24  # training pictures of each of the two classes, that say what is usual


@dataclass(frozen=True)
class Apart:
    """Of each layer cosine distances, 1 - u.v / (|u| |v|): 0 the same direction, 2 the opposite; 1 for a zero."""

    layers: tuple[str, ...]
    pair: np.ndarray  # (layers,) float64: of the two pictures
    same_class: np.ndarray  # (layers, 3): of pairs of one class, the quartiles
    two_classes: np.ndarray | None  # (layers, 3): of pairs of a picture of each class; None: both are of one class

    @property
    def begins(self) -> str | None:
        """The first layer from which on the two are farther apart than three quarters of the pairs of one class."""
        farther = self.pair > self.same_class[:, 2]
        first = len(farther) - int(np.argmin(farther[::-1])) if not farther.all() else 0
        return self.layers[first] if first < len(self.layers) else None


def distances(seen: Seen, other: Seen) -> dict[str, float]:
    """Of each layer that both have; see Apart."""
    return {
        name: cosine_distance(values.ravel(), other.values[name].ravel())
        for name, values in seen.values.items()
        if name in other.values
    }


def cosine_distance(first: np.ndarray, second: np.ndarray) -> float:
    """(d,) and (d,) -> 0 to 2."""
    first, second = first.astype(np.float64), second.astype(np.float64)
    lengths = np.linalg.norm(first) * np.linalg.norm(second)
    return float(np.clip(1 - first @ second / lengths, 0, 2)) if lengths > 0 else 1.0


def apart(inside: Inside, seen: Seen, other: Seen, classes: tuple[int, int]) -> Apart:
    """classes: of the two pictures, by their labels, or by what they are called where nobody has labelled them."""
    found = distances(seen, other)
    layers = tuple(name for name in found if name != inside.network.layers[-1].name or not inside.network.mirrored)
    first, second = classes
    ours = inside.look_at(_pictures(first))
    theirs = inside.look_at(_pictures(second)) if second != first else ours
    ours, theirs = ours | {"picture": _pixels(first)}, theirs | {"picture": _pixels(second)}
    same = np.array([_quartiles(ours[name], ours[name], True) for name in layers])
    two = np.array([_quartiles(ours[name], theirs[name], False) for name in layers]) if second != first else None
    return Apart(layers, np.array([found[name] for name in layers]), same, two)


def _pictures(label: int) -> np.ndarray:
    """The first training pictures of a class, (OF_A_CLASS, 28, 28) uint8; of a taught class, of all."""
    train = data.load_split("train")
    places = np.flatnonzero(train.labels == label)[:OF_A_CLASS]
    return train.images[places if len(places) else np.arange(OF_A_CLASS)]


def _pixels(label: int) -> np.ndarray:
    return data.to_network_input(_pictures(label)).transpose(0, 3, 1, 2)


def _quartiles(first: np.ndarray, second: np.ndarray, same: bool) -> np.ndarray:
    a, b = _directions(first), _directions(second)
    apart = np.clip(1 - a @ b.T, 0, 2)
    pairs = apart[np.triu_indices(len(apart), 1)] if same else apart.ravel()
    return np.percentile(pairs, (25, 50, 75))


def _directions(values: np.ndarray) -> np.ndarray:
    flat = values.reshape(len(values), -1).astype(np.float64)
    lengths = np.linalg.norm(flat, axis=1, keepdims=True)
    return np.divide(flat, lengths, out=np.zeros_like(flat), where=lengths > 0)
