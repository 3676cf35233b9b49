"""How far apart two pictures are in each layer: where a network begins to tell them apart."""

from dataclasses import dataclass

import numpy as np

from fmnist_core import data
from fmnist_core.inside.session import Inside, Seen

OF_A_CLASS = 24  # training pictures of a class, that say what is usual


@dataclass(frozen=True)
class Apart:
    """Of each layer cosine distances, 1 - u.v / (|u| |v|): 0 the same direction, 2 the opposite; 1 for a zero."""

    layers: tuple[str, ...]
    pair: np.ndarray  # (layers,) float64: of the two pictures
    same_class: np.ndarray  # (layers, 3): of pairs of one class, the quartiles

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


def apart(inside: Inside, seen: Seen, other: Seen, label: int) -> Apart:
    """label: the first picture's, or what it is called where nobody has labelled it."""
    found = distances(seen, other)
    layers = tuple(name for name in found if name != inside.network.layers[-1].name or not inside.network.mirrored)
    class_values = inside.look_at(_pictures(label)) | {"picture": _pixels(label)}
    same = np.array([_quartiles(class_values[name]) for name in layers])
    return Apart(layers, np.array([found[name] for name in layers]), same)


def _pictures(label: int) -> np.ndarray:
    """The first training pictures of a class, (OF_A_CLASS, 28, 28) uint8; of a taught class, of all."""
    train = data.load_split("train")
    places = np.flatnonzero(train.labels == label)[:OF_A_CLASS]
    return train.images[places if len(places) else np.arange(OF_A_CLASS)]


def _pixels(label: int) -> np.ndarray:
    return data.to_network_input(_pictures(label)).transpose(0, 3, 1, 2)


def _quartiles(values: np.ndarray) -> np.ndarray:
    """Of the distances of all pairs of these pictures."""
    flat = values.reshape(len(values), -1).astype(np.float64)
    lengths = np.linalg.norm(flat, axis=1, keepdims=True)
    directions = np.divide(flat, lengths, out=np.zeros_like(flat), where=lengths > 0)
    every = np.clip(1 - directions @ directions.T, 0, 2)
    return np.percentile(every[np.triu_indices(len(every), 1)], (25, 50, 75))
