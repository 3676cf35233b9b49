"""A run's stored logits: what its kept weights say of every picture, so that no page has to compute it again."""

import zipfile
from dataclasses import dataclass

import numpy as np

from fmnist_core import data
from fmnist_core.runs import Run, RunError

SPLITS = ("test", "validation", "train")


@dataclass(frozen=True)
class Predictions:
    """One split of a run. Rows belong together; read-only."""

    split: str  # test, validation or train
    indices: np.ndarray  # (n,) int64 positions in the test set, or in the training set
    labels: np.ndarray  # (n,) uint8
    logits: np.ndarray  # (n, classes) float32, exactly representable in float16

    @property
    def source(self) -> str:
        """The data split that the indices point into."""
        return "test" if self.split == "test" else "train"

    @property
    def predicted(self) -> np.ndarray:
        return self.logits.argmax(axis=1)

    @property
    def images(self) -> np.ndarray:
        """(n, 28, 28) uint8."""
        return data.load_split(self.source).images[self.indices]


def save(run: Run, logits: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
    """logits: split -> (indices, (n, classes) logits). Stored as float16, which is also what is counted."""
    arrays = {}
    for split, (indices, values) in logits.items():
        arrays[f"{split}_indices"] = indices.astype(np.uint16)  # up to 59,999
        arrays[f"{split}_logits"] = values.astype(np.float16)
    with (run.folder / "predictions.npz").open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def load(run: Run, split: str) -> Predictions:
    """Raises RunError where the run has none of that split, or its file is damaged."""
    try:
        with np.load(run.folder / "predictions.npz", allow_pickle=False) as arrays:
            indices = arrays[f"{split}_indices"].astype(np.int64)
            logits = arrays[f"{split}_logits"].astype(np.float32)
        labels = data.load_split("test" if split == "test" else "train").labels[indices]
        if logits.ndim != 2 or len(logits) != len(indices) or not np.isfinite(logits).all():
            raise ValueError("not finite logits, a row a picture")
    except FileNotFoundError:
        raise RunError(f"The run {run.id} has no predictions yet. Let it finish, or choose another run.") from None
    except (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile, zipfile.zlib.error) as error:
        raise RunError(
            f"The run {run.id} is damaged: its predictions.npz cannot be read ({type(error).__name__}). "
            "Delete the run and train it again."
        ) from None
    if not len(indices):
        raise RunError(f"The run {run.id} has no {split} pictures: its recipe sets no validation split aside.")
    for array in (indices, labels, logits):
        array.setflags(write=False)
    return Predictions(split, indices, labels, logits)
