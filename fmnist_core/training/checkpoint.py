"""What going on after a crash needs: weights, optimizer state, random state, epoch; the last two, each whole."""

import contextlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from fmnist_core.storage import stored_arrays
from fmnist_core.storage.atomic import replacing

NEWEST, BEFORE = FILES = ("checkpoint.npz", "checkpoint-before.npz")
MEGABYTE = 2**20  # of names, shapes and figures there is never so much
FROM_THE_START = "No checkpoint of it could be read, so the training began again from the first epoch."


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
    """Keeps the checkpoint before, too: a file that was damaged later costs one epoch, not all of them."""
    arrays = {f"v{index:04d}": array for index, array in enumerate(_state(model))}
    arrays["progress"] = np.array([progress.epoch, progress.seconds])
    if progress.best:
        arrays["best"] = np.array([progress.best.epoch, progress.best.accuracy])
        arrays |= {f"w{index:04d}": array for index, array in enumerate(progress.best.weights)}
    with replacing(folder / NEWEST) as temporary:
        stored_arrays.save(temporary, arrays, compress=False)
        with contextlib.suppress(FileNotFoundError):  # the first one
            os.replace(folder / NEWEST, folder / BEFORE)


def resume(folder: Path, model: keras.Model, epochs: int) -> tuple[Progress, str]:
    """Puts a compiled model back where the newest sound checkpoint left it, or leaves it as it is.

    Files that are not sound are removed, or the next one would push the sound one out.

    Args:
        epochs: of the recipe; a checkpoint of a later epoch is not of this training.

    Returns:
        Where the training goes on, and a sentence for the reader; "" where nothing is wrong.
    """
    damaged = 0
    for name in FILES:
        if not os.path.lexists(folder / name):
            continue
        if (progress := _restore(folder / name, model, epochs)) is not None:
            if name == BEFORE:
                os.replace(folder / BEFORE, folder / NEWEST)
            went_on = f"The last checkpoint was damaged, so the training went on after epoch {progress.epoch}."
            return progress, went_on if damaged else ""
        damaged += 1
        _remove(folder / name)
    return Progress(0, 0.0), FROM_THE_START if damaged else ""


def _remove(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def _restore(path: Path, model: keras.Model, epochs: int) -> Progress | None:
    """None, and the model as it was, where the file is no sound checkpoint of it."""
    try:
        saved = stored_arrays.load(path, limit=_limit(model))
        epoch, seconds = map(float, saved["progress"])
        best = Kept(int(saved["best"][0]), float(saved["best"][1]), _numbered(saved, "w")) if "best" in saved else None
    except (OSError, ValueError, LookupError, TypeError):
        return None
    variables, states = _variables(model), _numbered(saved, "v")
    if not 1 <= epoch <= epochs or not 0 <= seconds < np.inf or best and not 1 <= best.epoch <= epoch:
        return None
    if not _fits(states, variables) or best and not _fits(best.weights, model.weights):
        return None
    for variable, state in zip(variables, states, strict=True):
        variable.assign(state)
    return Progress(int(epoch), seconds, best)


def _limit(model: keras.Model) -> int:
    """Bytes that a checkpoint may have: of its variables, and once more of the kept weights."""
    return MEGABYTE + 2 * sum(variable.numpy().nbytes for variable in _variables(model))


def _fits(arrays: Sequence[np.ndarray], variables: Sequence[keras.Variable]) -> bool:
    """Whether arrays may take the place of these variables: as many, of their shapes, and finite."""
    return [array.shape for array in arrays] == [tuple(variable.shape) for variable in variables] and all(
        array.dtype.kind in "fiub" and np.isfinite(array).all() for array in arrays
    )


def _numbered(saved: dict[str, np.ndarray], letter: str) -> list[np.ndarray]:
    return [saved[name] for name in sorted(saved) if name[0] == letter]


def _variables(model: keras.Model) -> list[keras.Variable]:
    """Weights, the random generators' state (both are the layers'), and the optimizer's moments and step."""
    model.optimizer.build(model.trainable_variables)
    layers = [variable for layer in model.layers for variable in layer.variables]
    return [*layers, *model.optimizer.variables]


def _state(model: keras.Model) -> list[np.ndarray]:
    return [variable.numpy() for variable in _variables(model)]
