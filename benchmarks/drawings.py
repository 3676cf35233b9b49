"""How many drawings the shipped network gets right, and how many are said to be strange: those of `made_drawings.py`,
and outlines of the dataset's garments.

    python -m benchmarks.drawings [--run RUN]

The drawings are outlines as a person draws them with a finger, at 320 pixels as on the page. Nothing is tuned to
test pictures: `fmnist_core/photo/drawing.py` was tuned to outlines of the network's validation pictures and to none of
the 41 drawings' coordinates. What counts as strange was chosen with these figures in sight. RUN is the flagship's by
default.
"""

import argparse
import sys
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from benchmarks.made_drawings import made_drawings, strange_drawings
from benchmarks.photo.photos import Model, choose_model, verdict
from fmnist_core.analysis import photo_calibration
from fmnist_core.analysis.photo_calibration import DRAWN_FALSE_ALARMS
from fmnist_core.data import CLASS_NAMES, load_split
from fmnist_core.inference import photo_reference
from fmnist_core.photo.alike import outline_distance
from fmnist_core.photo.drawing import prepare_drawing
from fmnist_core.photo.strokes import outline_drawing
from fmnist_core.storage.folders import RunError

LEAST_MADE, LEAST_OUTLINES = 0.95, 0.85
SILHOUETTES, STRANGE_AMONG = 1_000, 300


class Share(NamedTuple):
    """Right answers of all, and how the wrong ones were called."""

    right: int
    total: int
    wrong: tuple[tuple[str, str], ...] = ()

    @property
    def share(self) -> float:
        return self.right / self.total


def silhouettes(split: str, indices: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """(class, ink) of the outlines of these pictures of the dataset."""
    found = load_split(split)
    for index in indices:
        yield CLASS_NAMES[found.labels[index]], outline_drawing(found.images[index])


def share_right(drawings: Iterator[tuple[str, np.ndarray]], model: Model) -> Share:
    given = [(name, model.answer(prepare_drawing(ink))) for name, ink in drawings]
    wrong = tuple((name, called) for name, called in given if name != called)
    return Share(len(given) - len(wrong), len(given), wrong)


def known(drawings: Iterator[tuple[str, np.ndarray]]) -> list[tuple[str, bool]]:
    """Whether the app takes each drawing for something that it knows, whatever the network."""
    scores = photo_reference.drawn_distances()
    distances = ((name, outline_distance(prepare_drawing(ink).picture)) for name, ink in drawings)
    return [(name, photo_calibration.verdict(one, scores, DRAWN_FALSE_ALARMS).known) for name, one in distances]


def measure_strange() -> None:
    """Prints which share of drawings is said to be strange."""
    print(f"said to be out-of-distribution ({DRAWN_FALSE_ALARMS:.0%} of garments stated)")
    for title, found in (
        ("garments made by rule", known(made_drawings())),
        ("outlines of test pictures", known(silhouettes("test", np.arange(STRANGE_AMONG)))),
        ("other things", known(strange_drawings())),
    ):
        flagged = sum(not one for _, one in found)
        print(f"{title:<28}{flagged:>4} of {len(found):<4}{flagged / len(found):7.1%}")
    print("  taken for garments: " + ", ".join(sorted({name for name, one in found if one})))


def measure(model: Model) -> tuple[Share, Share]:
    """The shares of the drawings made by rule and of the outlines of the first test pictures."""
    return share_right(made_drawings(), model), share_right(silhouettes("test", np.arange(SILHOUETTES)), model)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", help="the id of a run; by default the flagship's")
    try:
        model = choose_model(parser.parse_args().run)
    except RunError as error:
        sys.exit(str(error))
    print(f"Model: {model.run.id}")
    made, outlines = measure(model)
    for title, found, least in (
        ("drawings made by rule", made, LEAST_MADE),
        ("outlines of test pictures", outlines, LEAST_OUTLINES),
    ):
        print(
            f"{title:<28}{found.right:>4} of {found.total:<4}{found.share:7.1%}  "
            f"(at least {least:.0%}: {verdict(found.share >= least)})"
        )
    for name, called in made.wrong:
        print(f"  a {name} made by rule was called {called}")
    measure_strange()


if __name__ == "__main__":
    main()
