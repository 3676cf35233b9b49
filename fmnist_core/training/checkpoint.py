"""What going on after a crash needs: weights, optimizer state, random state, epoch; replaced in one step."""

import os
import zipfile
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np


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
    temporary = folder / ".checkpoint.tmp"
    with temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
    os.replace(temporary, folder / "checkpoint.npz")


def restore(folder: Path, model: keras.Model) -> Progress | None:
    """Puts a compiled model back where the checkpoint left it; None where there is no usable checkpoint."""
    try:
        with np.load(folder / "checkpoint.npz", allow_pickle=False) as arrays:
            saved = {name: arrays[name] for name in arrays.files}
    except (OSError, ValueError, zipfile.BadZipFile):
        return None
    variables = _variables(model)
    states = [saved[name] for name in sorted(saved) if name.startswith("v")]
    if "progress" not in saved or [s.shape for s in states] != [tuple(v.shape) for v in variables]:
        return None
    for variable, state in zip(variables, states, strict=True):
        variable.assign(state)
    progress = Progress(int(saved["progress"][0]), float(saved["progress"][1]))
    if "best" in saved:
        weights = [saved[name] for name in sorted(saved) if name.startswith("w")]
        progress.best = Kept(int(saved["best"][0]), float(saved["best"][1]), weights)
    return progress


def _variables(model: keras.Model) -> list[keras.Variable]:
    """Weights, the random generators' state (both are the layers'), and the optimizer's moments and step."""
    model.optimizer.build(model.trainable_variables)
    layers = [variable for layer in model.layers for variable in layer.variables]
    return [*layers, *model.optimizer.variables]


def _state(model: keras.Model) -> list[np.ndarray]:
    return [variable.numpy() for variable in _variables(model)]
