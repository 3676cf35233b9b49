"""What a run stored while it trained, epoch by epoch, read again: the same pictures, always in the same order."""

from dataclasses import dataclass

import numpy as np

from fmnist_core import data, embedding
from fmnist_core.embedding.alignment import align
from fmnist_core.metrics import evaluation
from fmnist_core.runs import predictions, runs
from fmnist_core.runs.runs import Run
from fmnist_core.splits import replay_indices
from fmnist_core.storage import stored_arrays
from fmnist_core.storage.folders import RunError

LEARNED = 0.8  # a class counts as learned from the epoch after which this part of its pictures is found


@dataclass(frozen=True)
class Replay:
    """k stored epochs, n pictures, c classes; read-only."""

    epochs: tuple[int, ...]  # ascending, counted from 1
    indices: np.ndarray  # (n,) int64 positions in the training set
    labels: np.ndarray  # (n,) uint8
    logits: np.ndarray  # (k, n, c) float32, finite
    places: np.ndarray  # (k, n, 2) float32: principal components of the features, each epoch turned to the one before
    filters: np.ndarray  # (k, f, h, w) float32: of the first convolution, means over its input; f 0 without one
    kept: int | None = None  # the epoch whose weights the run kept, where it is among the stored ones

    @property
    def matrices(self) -> np.ndarray:
        """(k, c, c) int64 confusion matrices of these pictures."""
        classes = self.logits.shape[2]
        return np.stack([evaluation.confusion_matrix(self.labels, one.argmax(axis=1), classes) for one in self.logits])

    @property
    def recalls(self) -> np.ndarray:
        """(k, c) float64 in [0, 1], NaN for a class without a picture."""
        return np.stack([evaluation.class_report(matrix).recall for matrix in self.matrices])


def load(run: Run) -> Replay | None:
    """None where the run has stored fewer than two epochs.

    The logits of the kept epoch are those of the run's predictions: a training may compute in a lower precision than
    the model that it leaves, which moves a few verdicts in 2,000, and the kept epoch is to say what the run says.

    Raises:
        RunError: a file is damaged, or does not fit the others.
    """
    files = sorted((run.folder / "replay").glob("[0-9][0-9][0-9].npz"))
    if len(files) < 2:
        return None
    indices = replay_indices(runs.read_config(run).recipe)
    logits: list[np.ndarray] = []
    places: list[np.ndarray] = []
    filters: list[np.ndarray] = []
    for path in files:
        try:
            stored = stored_arrays.load(path, "logits", "features", "filters")
            if not np.isfinite(stored["logits"]).all() or stored["logits"].shape[0] != len(indices):
                raise ValueError("not a row of finite logits a picture")
            logits.append(stored["logits"].astype(np.float32))
            places.append(_places(stored["features"].astype(np.float32), places[-1] if places else None))
            filters.append(_filters(stored["filters"].astype(np.float32)))
        except (OSError, ValueError, np.linalg.LinAlgError) as error:
            raise RunError(
                f"The run {run.id} is damaged: {path.name} cannot be read ({type(error).__name__})."
            ) from None
    if len({one.shape for one in logits}) > 1 or len({one.shape for one in filters}) > 1:
        raise RunError(f"The run {run.id} is damaged: its replay files are not of one network.")
    labels = data.load_split("train").labels[indices]
    epochs = tuple(int(path.stem) for path in files)
    kept = _kept_epoch(run, epochs)
    if kept is not None and (own := _own_logits(run, indices)) is not None and own.shape == logits[0].shape:
        logits[epochs.index(kept)] = own
    found = Replay(epochs, indices, labels, np.stack(logits), np.stack(places), np.stack(filters), kept)
    for array in (found.indices, found.logits, found.places, found.filters):
        array.setflags(write=False)
    return found


def _kept_epoch(run: Run, epochs: tuple[int, ...]) -> int | None:
    try:
        kept = runs.read_result(run).kept_epoch
    except RunError:
        return None  # still training
    return kept if kept in epochs else None


def _own_logits(run: Run, indices: np.ndarray) -> np.ndarray | None:
    """(n, c) what the run's kept weights say of these training pictures; None where it has not stored all of them."""
    for split in ("validation", "train"):
        try:
            stored = predictions.load(run, split)
        except RunError:
            continue
        _, here, there = np.intersect1d(indices, stored.indices, assume_unique=True, return_indices=True)
        if len(here) == len(indices):
            own = np.empty((len(indices), stored.logits.shape[1]), np.float32)
            own[here] = stored.logits[there]
            return own
    return None


def _places(features: np.ndarray, before: np.ndarray | None) -> np.ndarray:
    places = embedding.fit_pca(features, 2).transform(features)
    places /= max(float(np.sqrt(np.square(places).sum(axis=1).mean())), 1e-6)  # features grow while it learns
    return (places if before is None else align(places, before)).astype(np.float32)


def _filters(kernel: np.ndarray) -> np.ndarray:
    """(h, w, in, f) as Keras keeps it -> (f, h, w)."""
    if kernel.ndim != 4 or not kernel.size:
        return np.zeros((0, 1, 1), np.float32)
    return np.asarray(kernel.mean(axis=2).transpose(2, 0, 1))


def learned_after(recalls: np.ndarray, epochs: tuple[int, ...], level: float = LEARNED) -> list[int | None]:
    """For each class the first stored epoch from which its recall stays at or over the level; None: never so far.

    recalls: (k, c) in [0, 1]; NaN counts as not learned.
    """
    found: list[int | None] = []
    for column in recalls.T:
        under = np.flatnonzero(~(column >= level))
        first = 0 if not len(under) else int(under[-1]) + 1
        found.append(epochs[first] if first < len(epochs) else None)
    return found


def learned_last(recalls: np.ndarray, epochs: tuple[int, ...], level: float = LEARNED) -> int | None:
    """The class that is learned last, or not yet: of equals the one that was found least over the epochs.

    None for recalls that are all NaN.
    """
    if np.isnan(recalls).all():
        return None
    when = [epochs[-1] + 1 if epoch is None else epoch for epoch in learned_after(recalls, epochs, level)]
    means = [float(np.nanmean(column)) if not np.isnan(column).all() else np.inf for column in recalls.T]
    classes = [place for place, mean in enumerate(means) if mean < np.inf]
    return max(classes, key=lambda place: (when[place], -means[place]))
