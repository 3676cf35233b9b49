"""What sources report of every epoch, in published_curves.json, which names them; nothing of it was trained here.

The epochs of two stages follow each other. The three CNNs of James Le validate on distorted pictures in their second
stage; PyImageSearch scores the test set after each epoch, and prints the first three and the last three.
"""

import functools
import json
from pathlib import Path
from typing import NamedTuple

from fmnist_core.zoo.spec import Model

FILE = Path(__file__).with_name("published_curves.json")
METRICS = ("loss", "accuracy")


class PublishedEpoch(NamedTuple):
    """Accuracies are fractions of 1, losses in nats."""

    epoch: int  # from 1
    loss: float
    accuracy: float
    validation_loss: float
    validation_accuracy: float
    seconds: float | None  # on the source's machine; None: not given


def epochs_of(model: Model) -> tuple[PublishedEpoch, ...]:
    """In their order; none where the source gives no figures by epoch."""
    return _read().get(model.name, ())


def points_of(model: Model, metric: str) -> dict[str, list[tuple[float, float]]]:
    """(epoch, value) points of "loss" or "accuracy", by what they were measured on, named as our own curves are."""
    curves: dict[str, list[tuple[float, float]]] = {}
    for one in epochs_of(model):
        own, validated = (
            (one.loss, one.validation_loss) if metric == "loss" else (one.accuracy, one.validation_accuracy)
        )
        curves.setdefault("training", []).append((float(one.epoch), own))
        curves.setdefault(_validated_on(model, one.epoch), []).append((float(one.epoch), validated))
    return curves


def _validated_on(model: Model, epoch: int) -> str:
    if model.recipe.watch_test:
        return "test set, as published"
    stage = model.recipe.stages[model.recipe.stage_at(epoch - 1)]
    return "validation, distorted" if stage.augment_validation else "validation"


@functools.cache
def _read() -> dict[str, tuple[PublishedEpoch, ...]]:
    stored = json.loads(FILE.read_text(encoding="utf-8"))["models"]
    return {name: tuple(PublishedEpoch(*row) for row in rows) for name, rows in stored.items()}
