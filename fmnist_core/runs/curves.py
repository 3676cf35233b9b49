"""Learning curves: the lines of metrics.jsonl as a table for the chart, and what they say in a sentence."""

import itertools
from collections.abc import Sequence
from typing import Any

from fmnist_core.data import CLASS_NAMES
from fmnist_core.formatting import percent
from fmnist_core.recipe import Recipe
from fmnist_core.runs.records import BatchLine, EpochLine, Line

MOST_POINTS = 300  # a curve; more cannot be told apart on a screen
MEMORISING_EPOCHS = 2  # so many epochs of rising validation loss are no accident


def epochs_of(lines: Sequence[Line]) -> list[EpochLine]:
    return [line for line in lines if isinstance(line, EpochLine)]


def best_epoch(lines: Sequence[Line]) -> EpochLine | None:
    """The epoch line with the highest validation accuracy (the first of equals); None without validation."""
    validated = [(line.val_accuracy, line) for line in epochs_of(lines) if line.val_accuracy is not None]
    return max(validated, key=lambda pair: pair[0], default=(None, None))[1]


def overfits_after(lines: Sequence[Line]) -> int | None:
    """The epoch of the lowest validation loss, from which it rises: a-d-c.ca calls that number "min epochs".

    None without validation, and where the last epoch's loss is the lowest: it has not begun to rise.
    """
    validated = _validated(lines)
    lowest = min(validated, key=lambda pair: pair[0], default=None)
    return None if lowest is None or lowest is validated[-1] else lowest[1].epoch


def _validated(lines: Sequence[Line]) -> list[tuple[float, EpochLine]]:
    """The epochs with a validation loss, which comes first."""
    return [(line.val_loss, line) for line in epochs_of(lines) if line.val_loss is not None]


def last_swing(lines: Sequence[Line], epochs: int = 10) -> tuple[float, float] | None:
    """The lowest and the highest validation accuracy of the last so many epochs; None without validation."""
    last = [line.val_accuracy for line in epochs_of(lines)[-epochs:] if line.val_accuracy is not None]
    return (min(last), max(last)) if last else None


def stage_boundaries(recipe: Recipe) -> list[tuple[float, str]]:
    """The epoch after which each stage but the first begins, and what is new in it, in a few words."""
    found, end = [], 0
    for number, (before, stage) in enumerate(itertools.pairwise(recipe.stages), start=2):
        end += before.epochs
        words = f"stage {number}"
        if (stage.augmentation is None) != (before.augmentation is None):
            words += ": distorted pictures" if stage.augmentation else ": pictures as they are"
        found.append((float(end), words))
    return found


def curve_rows(lines: Sequence[Line], label: str, metric: str, smoothing: float = 0.0) -> list[dict[str, Any]]:
    """Rows for the chart of one run.

    Args:
        metric: "loss" or "accuracy".
        smoothing: 0 to below 1, the weight of the past in an exponential mean (corrected for its start).

    Returns:
        Dicts of run, curve (training, validation, test set as published), kind (batch, epoch, best), epoch (a
        fraction within an epoch) and value. A stage's first epochs follow the last ones of the stage before.
    """
    rows = []
    batches = [
        (line, line.loss if metric == "loss" else line.accuracy) for line in lines if isinstance(line, BatchLine)
    ]
    points = [(line.epoch - 1 + line.step / line.steps, value) for line, value in batches if value is not None]
    for epoch, value in thin(smooth(points, smoothing)):
        rows.append({"run": label, "curve": "training", "kind": "batch", "epoch": epoch, "value": value})
    for curve, found in by_epoch(lines, metric).items():
        for epoch, value in smooth(found, smoothing):
            rows.append({"run": label, "curve": curve, "kind": "epoch", "epoch": epoch, "value": value})
    best = best_epoch(lines)
    at_best = best and (best.val_loss if metric == "loss" else best.val_accuracy)
    if best and at_best is not None:
        row = {"run": label, "curve": "validation", "kind": "best", "epoch": float(best.epoch), "value": at_best}
        rows.append(row)
    return rows


def by_epoch(lines: Sequence[Line], metric: str) -> dict[str, list[tuple[float, float]]]:
    """(epoch, value) points of each curve of "loss" or "accuracy", in the order in which curves are drawn."""
    loss = metric == "loss"
    curves: dict[str, list[tuple[float, float]]] = {}
    for line in epochs_of(lines):
        values = {
            "training": line.loss if loss else line.accuracy,
            "validation": line.val_loss if loss else line.val_accuracy,
            "validation, distorted": line.val_augmented_loss if loss else line.val_augmented_accuracy,
            "test set, as published": line.watched_test_loss if loss else line.watched_test_accuracy,
        }
        for name, value in values.items():
            curves.setdefault(name, []).extend([] if value is None else [(float(line.epoch), value)])
    return curves


def smooth(points: Sequence[tuple[float, float]], weight: float) -> list[tuple[float, float]]:
    """(x, y) points with y replaced by its exponential mean; weight 0 leaves them as they are."""
    smoothed, mean, norm = [], 0.0, 0.0
    for x, y in points:
        mean = weight * mean + (1 - weight) * y
        norm = weight * norm + (1 - weight)
        smoothed.append((x, mean / norm))
    return smoothed


def thin(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """At most MOST_POINTS of the points, evenly, the last one among them."""
    step = -(-len(points) // MOST_POINTS) or 1
    return list(points[::-1][::step][::-1])


def read_curves(lines: Sequence[Line]) -> str:
    """What a beginner should see in the curves, in a sentence or two."""
    epochs = epochs_of(lines)
    if not epochs:
        return "The first epoch is under way: one epoch shows the network every training picture once."
    validated = _validated(lines)
    if not validated:
        return (
            f"After {_count(len(epochs), 'epoch')} it gets {percent(epochs[-1].accuracy, 1)} of its training pictures "
            "right. This recipe sets no validation split aside, so the curves cannot show whether it is memorising."
        )
    lowest = min(validated, key=lambda pair: pair[0])[1]
    last = validated[-1][1]
    gap = (last.accuracy or 0) - (last.val_accuracy or 0)
    start = f"After {_count(last.epoch, 'epoch')} it gets {percent(last.val_accuracy, 1)} of unseen pictures right"
    if last.epoch - lowest.epoch >= MEMORISING_EPOCHS and gap > 0:
        return f"Validation loss has risen since epoch {lowest.epoch}: it is memorising its training pictures. {start}."
    if gap > 0.05:
        return f"{start}, {100 * gap:.0f} points fewer than of its training pictures: it has begun to memorise."
    if len(validated) > 1 and lowest is last:
        return f"{start}, and validation loss still falls: it is still learning.{_hardest(last)}"
    return f"{start}.{_hardest(last)}"


def _hardest(line: EpochLine) -> str:
    found = zip(line.val_recall or [], CLASS_NAMES, strict=False)
    recalls = [(value, name) for value, name in found if value is not None]
    if not recalls:
        return ""
    value, name = min(recalls)
    return f" Hardest so far: {name}, found {percent(value, 1)} of the time."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
