"""What going on after a crash needs: weights, optimizer state, random state, epoch; replaced in one step."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from fmnist_core.storage import stored_arrays


@dataclass
class Kept:
    """The weights that the run keeps when its recipe says "best"."""

    epoch: int  # finished epochs when they were reached
    accuracy: float  # by validation
    weights: list[np.ndarray]


@dataclass
class Progress:
    epoch: int  # finished epochs
    seconds: float  # of training so far
    best: Kept | None = None


def save(folder: Path, model: keras.Model, progress: Progress) -> None:
    arrays = {f"v{index:04d}": array for index, array in enumerate(_state(model))}
    arrays["progress"] = np.array([progress.epoch, progress.seconds])
    if progress.best:
        arrays["best"] = np.array([progress.best.epoch, progress.best.accuracy])
        arrays |= {f"w{index:04d}": array for index, array in enumerate(progress.best.weights)}
    stored_arrays.save(folder / "checkpoint.npz", arrays, compress=False)


def restore(folder: Path, model: keras.Model) -> Progress | None:
    """Puts a compiled model back where the checkpoint left it; None where there is no usable checkpoint."""
    try:
        saved = stored_arrays.load(folder / "checkpoint.npz")
        epoch, seconds = saved["progress"]
        best = Kept(int(saved["best"][0]), float(saved["best"][1]), _numbered(saved, "w")) if "best" in saved else None
    except (OSError, ValueError, LookupError):
        return None
    variables, states = _variables(model), _numbered(saved, "v")
    if _shapes(states) != _shapes(variables) or best and _shapes(best.weights) != _shapes(model.get_weights()):
        return None
    for variable, state in zip(variables, states, strict=True):
        variable.assign(state)
    return Progress(int(epoch), float(seconds), best)


def _numbered(saved: dict[str, np.ndarray], letter: str) -> list[np.ndarray]:
    return [saved[name] for name in sorted(saved) if name[0] == letter]


def _shapes(arrays: Sequence[Any]) -> list[tuple[int, ...]]:
    return [tuple(array.shape) for array in arrays]


def _variables(model: keras.Model) -> list[keras.Variable]:
    """Weights, the random generators' state (both are the layers'), and the optimizer's moments and step."""
    model.optimizer.build(model.trainable_variables)
    layers = [variable for layer in model.layers for variable in layer.variables]
    return [*layers, *model.optimizer.variables]


def _state(model: keras.Model) -> list[np.ndarray]:
    return [variable.numpy() for variable in _variables(model)]
