"""What is shown when a question has been answered: arrays and words, which a page or a handout draws."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fmnist_core.analysis.robustness import Change, Sweep
from fmnist_core.metrics.calibration import Reliability
from fmnist_core.metrics.class_figures import Interval


@dataclass(frozen=True, eq=False)
class Tile:
    """A picture of the data. image: (28, 28) uint8. called: what a network calls it; None: nobody was asked."""

    image: np.ndarray
    label: str
    called: str | None = None


@dataclass(frozen=True)
class Mark:
    """A value on a line, with the ends of its interval. published: by others, not measured here."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    published: bool = False


@dataclass(frozen=True)
class NumberLine:
    """Values between two ends, all in one unit."""

    low: float
    high: float
    unit: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class ClassBars:
    """A figure of each class, 0 to 1, the highest first. marked: the one in question."""

    measure: str
    names: tuple[str, ...]
    intervals: tuple[Interval, ...]
    marked: str


@dataclass(frozen=True, eq=False)
class Answers:
    """A picture and what a network says of it. probabilities: (classes,) of sum 1."""

    image: np.ndarray
    names: tuple[str, ...]
    probabilities: np.ndarray


@dataclass(frozen=True, eq=False)
class BeforeAfter:
    """The same picture as it is and changed, and both answers."""

    before: Answers
    after: Answers
    change: str  # in words


@dataclass(frozen=True, eq=False)
class Confusions:
    """What the pictures of a class are called, in counts, the commonest error first, and some of these errors."""

    label: str
    rows: tuple[tuple[str, int], ...]
    total: int
    tiles: tuple[Tile, ...]


@dataclass(frozen=True, eq=False)
class Curves:
    """Accuracy or loss by epoch. rows: of `runs.curves`."""

    metric: str
    rows: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, eq=False)
class Diagram:
    """Whether confidence can be believed."""

    reliability: Reliability


@dataclass(frozen=True, eq=False)
class Severity:
    """Accuracy against the severity of a change."""

    change: Change
    title: str  # of the run
    sweep: Sweep
    names: tuple[str, ...]
    pictures: int


@dataclass(frozen=True, eq=False)
class Heat:
    """A picture, and how much each pixel matters to the answer. values: (28, 28) float32, below 0 where it hinders."""

    answers: Answers
    values: np.ndarray


@dataclass(frozen=True)
class Versus:
    """Two networks on the same pictures."""

    marks: tuple[Mark, Mark]  # accuracy, 0 to 100
    both: int
    only: tuple[int, int]
    neither: int
    sentence: str


@dataclass(frozen=True)
class Ranking:
    """The right order, with the value of each."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class Gallery:
    """Pictures with what is known of them."""

    tiles: tuple[Tile, ...]


@dataclass(frozen=True, eq=False)
class Features:
    """A picture, and what channels of a layer make of it. maps: (channels, h, w) uint8."""

    image: np.ndarray
    layer: str
    maps: np.ndarray


@dataclass(frozen=True, eq=False)
class Suspect:
    """A picture whose label is in doubt: its label, and what networks that had not seen it say."""

    image: np.ndarray
    label: str
    names: tuple[str, ...]
    probabilities: np.ndarray  # (10,)


@dataclass(frozen=True, eq=False)
class Drawn:
    """What a network calls drawings is known once there is one."""

    label: str
    examples: tuple[Tile, ...]  # of the class, from the training set


@dataclass(frozen=True)
class Words:
    """An answer that the lesson itself gives."""

    text: str


@dataclass(frozen=True, eq=False)
class Quiz:
    """The same pictures for all. places: in the test set. labels: (n,) uint8. marks: accuracy of others, in percent."""

    places: tuple[int, ...]
    labels: np.ndarray
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Leaderboard:
    """What a class has trained is known as it ends: `class_training.Entry`."""


Reveal = (
    Quiz
    | Leaderboard
    | NumberLine
    | ClassBars
    | Answers
    | BeforeAfter
    | Confusions
    | Curves
    | Diagram
    | Severity
    | Heat
    | Versus
    | Ranking
    | Gallery
    | Features
    | Suspect
    | Drawn
    | Words
)
