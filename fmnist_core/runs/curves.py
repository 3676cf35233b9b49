"""Learning curves: the lines of metrics.jsonl as a table for the chart, and what they say in a sentence."""

import itertools
from collections.abc import Sequence
from typing import Any

from fmnist_core.data import CLASS_NAMES
from fmnist_core.formatting import percent
from fmnist_core.recipe import Recipe

MOST_POINTS = 300  # a curve; more cannot be told apart on a screen
MEMORISING_EPOCHS = 2  # so many epochs of rising validation loss are no accident

Line = dict[str, Any]


def epochs_of(lines: Sequence[Line]) -> list[Line]:
    return [line for line in lines if line["kind"] == "epoch"]


def best_epoch(lines: Sequence[Line]) -> Line | None:
    """The epoch line with the highest validation accuracy (the first of equals); None without validation."""
    validated = [line for line in epochs_of(lines) if line.get("val_accuracy") is not None]
    return max(validated, key=lambda line: line["val_accuracy"], default=None)


def overfits_after(lines: Sequence[Line]) -> int | None:
    """The epoch of the lowest validation loss, from which it rises: a-d-c.ca calls that number "min epochs".

    None without validation, and where the last epoch's loss is the lowest: it has not begun to rise.
    """
    validated = [line for line in epochs_of(lines) if line.get("val_loss") is not None]
    lowest = min(validated, key=lambda line: line["val_loss"], default=None)
    return None if lowest is None or lowest is validated[-1] else int(lowest["epoch"])


def last_swing(lines: Sequence[Line], epochs: int = 10) -> tuple[float, float] | None:
    """The lowest and the highest validation accuracy of the last so many epochs; None without validation."""
    last = [line["val_accuracy"] for line in epochs_of(lines)[-epochs:] if line.get("val_accuracy") is not None]
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
    batches = [line for line in lines if line["kind"] == "batch" and line.get(metric) is not None]
    points = [(line["epoch"] - 1 + line["step"] / line["steps"], line[metric]) for line in batches if line.get("steps")]
    for epoch, value in thin(smooth(points, smoothing)):
        rows.append({"run": label, "curve": "training", "kind": "batch", "epoch": epoch, "value": value})
    curves = {
        "training": metric,
        "validation": f"val_{metric}",
        "validation, distorted": f"val_augmented_{metric}",
        "test set, as published": f"watched_test_{metric}",
    }
    for curve, name in curves.items():
        found = [(float(line["epoch"]), line[name]) for line in epochs_of(lines) if line.get(name) is not None]
        for epoch, value in smooth(found, smoothing):
            rows.append({"run": label, "curve": curve, "kind": "epoch", "epoch": epoch, "value": value})
    best = best_epoch(lines)
    if best and best.get(f"val_{metric}") is not None:
        point = {"epoch": float(best["epoch"]), "value": best[f"val_{metric}"]}
        rows.append({"run": label, "curve": "validation", "kind": "best"} | point)
    return rows


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
    validated = [line for line in epochs if line.get("val_loss") is not None]
    if not validated:
        accuracy = epochs[-1]["accuracy"]
        return (
            f"After {_count(len(epochs), 'epoch')} it gets {percent(accuracy, 1)} of its training pictures right. This "
            "recipe sets no validation split aside, so the curves cannot show whether it is memorising."
        )
    lowest = min(validated, key=lambda line: line["val_loss"])
    last = validated[-1]
    gap = (last["accuracy"] or 0) - last["val_accuracy"]
    found = percent(last["val_accuracy"], 1)
    start = f"After {_count(last['epoch'], 'epoch')} it gets {found} of unseen pictures right"
    if last["epoch"] - lowest["epoch"] >= MEMORISING_EPOCHS and gap > 0:
        return (
            f"Validation loss has risen since epoch {lowest['epoch']}: it is memorising its training pictures. {start}."
        )
    if gap > 0.05:
        return f"{start}, {100 * gap:.0f} points fewer than of its training pictures: it has begun to memorise."
    if len(validated) > 1 and lowest is last:
        return f"{start}, and validation loss still falls: it is still learning.{_hardest(last)}"
    return f"{start}.{_hardest(last)}"


def _hardest(line: Line) -> str:
    found = zip(line.get("val_recall") or [], CLASS_NAMES, strict=False)
    recalls = [(value, name) for value, name in found if value is not None]
    if not recalls:
        return ""
    value, name = min(recalls)
    return f" Hardest so far: {name}, found {percent(value, 1)} of the time."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
