"""What a network loses without some of its channels: on a thousand test pictures, and on one."""

import functools
from dataclasses import dataclass

import numpy as np

from fmnist_core import data
from fmnist_core.inside.session import NOTHING, Inside, Off
from fmnist_core.metrics import evaluation
from fmnist_core.metrics.evaluation import McNemar

OF_A_CLASS = 100  # test pictures: the first so many of each


@dataclass(frozen=True)
class Effect:
    """Counts of right answers, each picture looked at once, without its mirror image."""

    pictures: np.ndarray  # (classes,) int: of each class
    before: np.ndarray  # (classes,) int: right ones with all channels
    after: np.ndarray  # (classes,) int: right ones without those that are switched off
    called: np.ndarray  # (classes, classes) int: confusion matrix without them
    test: McNemar  # whether as many are fixed as broken

    @property
    def accuracy_before(self) -> float:
        return float(self.before.sum() / self.pictures.sum())

    @property
    def accuracy_after(self) -> float:
        return float(self.after.sum() / self.pictures.sum())

    @property
    def suffers_most(self) -> int | None:
        """The class that loses most right answers; None where none loses any."""
        lost = self.before - self.after
        return int(lost.argmax()) if lost.max(initial=0) > 0 else None


@functools.cache
def test_positions() -> np.ndarray:
    """(1,000,) positions of the test pictures that are counted, ascending: the first hundred of each class."""
    labels = data.load_split("test").labels
    chosen = [np.flatnonzero(labels == label)[:OF_A_CLASS] for label in np.unique(labels)]
    return np.sort(np.concatenate(chosen))


def base(inside: Inside) -> np.ndarray:
    """(1,000,) int: the answers of the whole network; worth keeping, as `effect` asks for them each time."""
    return _answers(inside, NOTHING)


def effect(inside: Inside, off: Off, before: np.ndarray) -> Effect:
    """before: what `base` has given. Takes 0.05 to 2 s. Raises ValueError for a channel that is not there."""
    labels, after = data.load_split("test").labels[test_positions()], _answers(inside, off)
    classes = inside.network.layers[-1].channels
    count = lambda rows: np.bincount(labels[rows], minlength=classes)  # noqa: E731
    matrix = evaluation.confusion_matrix(labels, after, classes)
    test = evaluation.mcnemar(before == labels, after == labels)
    return Effect(count(labels >= 0), count(before == labels), count(after == labels), matrix, test)


def _answers(inside: Inside, off: Off) -> np.ndarray:
    return np.asarray(inside.plain_logits(data.load_split("test").images[test_positions()], off).argmax(axis=1))


@dataclass(frozen=True)
class Importance:
    """What the class that a network answers loses without each channel of a layer by itself."""

    layer: str
    named: int  # the class
    falls: np.ndarray  # (channels,) float64: of its log-odds, log(p / (1 - p)), in nats; below 0: they rise
    probabilities: np.ndarray  # (channels,) float64: that it has then

    @property
    def order(self) -> np.ndarray:
        """Channels, the one first without which it loses most."""
        return np.argsort(-self.falls, kind="stable")


def important(inside: Inside, picture: np.ndarray, layer: str, off: Off = NOTHING) -> Importance:
    """picture: (28, 28) uint8. Log-odds, since a probability near 1 hides what is lost.

    Raises:
        ValueError: there is no such layer, or it cannot be switched off.
    """
    without = inside.without_each(picture, layer, off)
    now = inside.look(picture, off).logits
    named = int(now.argmax())
    falls = log_odds(now[None], named)[0] - log_odds(without, named)
    return Importance(layer, named, falls, evaluation.softmax(without)[:, named])


def log_odds(logits: np.ndarray, named: int) -> np.ndarray:
    """(n, classes) -> (n,) float64: a class' logit less the logarithm of the sum of the others' exponentials."""
    rows = logits.astype(np.float64)
    others = np.delete(rows, named, axis=1)
    highest = others.max(axis=1)
    return np.asarray(rows[:, named] - highest - np.log(np.exp(others - highest[:, None]).sum(axis=1)))
