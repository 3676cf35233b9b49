"""Figures of photos in named folders: by folder, all together, and which step of the way helped. Arrays only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fmnist_core.formatting import percent
from fmnist_core.metrics import comparison, evaluation
from fmnist_core.metrics.comparison import Corrected
from fmnist_core.photo_sets.folder_names import classes_of
from fmnist_core.photo_sets.measuring import Answers


@dataclass(frozen=True, eq=False)
class Folder:
    """One folder's figures.

    classes: the answers that count as right; none where the network knows no such class. photos, right: counts.
    called: (classes of the network,) int64, how often it said each. strange: how many look out-of-distribution to it;
    None where that is not told.
    """

    name: str
    classes: tuple[str, ...]
    photos: int
    right: int
    called: np.ndarray
    strange: int | None

    @property
    def accuracy(self) -> float:
        return self.right / self.photos

    @property
    def interval(self) -> tuple[float, float]:
        """95 %, by Wilson."""
        return evaluation.wilson_interval(self.right, self.photos)


@dataclass(frozen=True, eq=False)
class Figures:
    """known: folders whose names say what is right. unknown: the others, which count in no accuracy."""

    known: tuple[Folder, ...]
    unknown: tuple[Folder, ...]

    @property
    def photos(self) -> int:
        return sum(one.photos for one in self.known)

    @property
    def right(self) -> int:
        return sum(one.right for one in self.known)

    @property
    def accuracy(self) -> float | None:
        """None where no folder is known."""
        return self.right / self.photos if self.photos else None

    @property
    def interval(self) -> tuple[float, float] | None:
        return evaluation.wilson_interval(self.right, self.photos) if self.photos else None

    @property
    def mean_of_folders(self) -> float | None:
        """Each folder counts alike, however many photos it has."""
        return float(np.mean([one.accuracy for one in self.known])) if self.known else None


def right_answers(folders: Sequence[str], called: np.ndarray, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """(n,) bool: whether each photo's folder is known, and whether its answer is right."""
    classes = {folder: classes_of(folder, names) for folder in set(folders)}
    known = np.array([bool(classes[folder]) for folder in folders], bool)
    right = [names[one] in classes[folder] for folder, one in zip(folders, called, strict=True)]
    return known, np.array(right, bool)


def figures(folders: Sequence[str], answers: Answers, names: Sequence[str]) -> Figures:
    """folders: (n,) of each photo. names: of the network's classes."""
    _, right = right_answers(folders, answers.called, names)
    of, found = np.array(folders, object), []
    for folder in sorted(set(folders)):
        inside = of == folder
        strange = None if answers.known is None else int((~answers.known[inside]).sum())
        called = np.bincount(answers.called[inside], minlength=len(names))
        counts = int(inside.sum()), int(right[inside].sum())
        found.append(Folder(folder, classes_of(folder, names), *counts, called, strange))
    known = sorted((one for one in found if one.classes), key=lambda one: names.index(one.classes[0]))
    return Figures(tuple(known), tuple(one for one in found if not one.classes))


def step_effects(
    folders: Sequence[str], answers: Mapping[str, Answers], default: str, steps: Mapping[str, str], names: Sequence[str]
) -> dict[str, Corrected]:
    """What each step is worth, by its name: without it (A) beside the whole way (B), on the same photos.

    answers: by variant. default: the whole way's variant. steps: the variant that leaves a step out, by that step. Only
    photos of known folders count; a step of which there are no answers, or where no folder is known, is left out.
    """
    known, whole = right_answers(folders, answers[default].called, names)
    found = {}
    for step, variant in steps.items():
        if variant in answers and known.any():
            _, without = right_answers(folders, answers[variant].called, names)
            found[step] = comparison.compare("without it", without[known], "with it", whole[known])
    return {step: Corrected(one, len(found)) for step, one in found.items()}


def as_json(found: Figures, names: Sequence[str]) -> dict[str, Any]:
    """The figures as JSON has them; shares are fractions of 1."""
    return {
        "photos": found.photos,
        "right": found.right,
        "accuracy": found.accuracy,
        "interval": None if found.interval is None else list(found.interval),
        "mean_of_folders": found.mean_of_folders,
        "folders": [
            _folder_as_json(one, names)
            | {"classes": list(one.classes), "right": one.right}
            | {"accuracy": one.accuracy, "interval": list(one.interval)}
            for one in found.known
        ],
        "unknown_folders": [_folder_as_json(one, names) for one in found.unknown],
    }


def _folder_as_json(one: Folder, names: Sequence[str]) -> dict[str, Any]:
    called = {name: int(count) for name, count in zip(names, one.called, strict=True) if count}
    return {"folder": one.name, "photos": one.photos, "called": called, "out_of_distribution": one.strange}


def effect_as_json(step: str, effect: Corrected) -> dict[str, Any]:
    """A step's worth, on the photos of known folders: how many are right without and with it, and the paired test."""
    compared = effect.compared
    return {
        "step": step,
        "right_without": compared.right[0],
        "right_with": compared.right[1],
        "broken_by_it": compared.test.only_a,
        "fixed_by_it": compared.test.only_b,
        "difference": effect.points,
        "difference_interval": list(effect.interval),
        "p_value": effect.p_value,
        "steps": effect.of,
    }


def effect_in_words(effect: Corrected) -> str:
    """ "fixes 12, breaks 3: +4.5 points (1.2 to 8.0; p = 0.035 as one of 20 steps)"."""
    low, high = effect.interval
    return (
        f"fixes {effect.compared.test.only_b}, breaks {effect.compared.test.only_a}: {100 * effect.points:+.1f} points "
        f"({100 * low:+.1f} to {100 * high:+.1f}; {comparison.p_in_words(effect.p_value)} as one of {effect.of} steps)"
    )


def in_lines(found: Figures, run: str, mode: str) -> list[str]:
    """For a terminal: all together, then a line a folder, the unknown ones last."""
    lines = [f"{run} on photos in unknown folders only: no accuracy (mode {mode})"]
    if found.interval is not None:
        low, high = found.interval
        lines = [
            f"{run} on {found.photos} photos: {percent(found.accuracy)} (95 % interval {percent(low)} to "
            f"{percent(high)}; mean of folders {percent(found.mean_of_folders)}; mode {mode})"
        ]
    for one in found.known:
        low, high = one.interval
        lines.append(
            f"{one.name:<20}{one.right:>4} of {one.photos:>4} right as {' or '.join(one.classes)}: "
            f"{percent(one.accuracy)} ({percent(low)} to {percent(high)})"
        )
    for one in found.unknown:
        strange = "" if one.strange is None else f"; {one.strange} look out-of-distribution"
        lines.append(f"{one.name:<20}{one.photos:>4} photos of no class that it knows, counted nowhere{strange}")
    return lines
