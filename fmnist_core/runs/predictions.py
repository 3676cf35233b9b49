"""A run's stored logits: what its kept weights say of every picture, so that no page has to compute it again."""

import dataclasses
import functools
from dataclasses import dataclass

import numpy as np

from fmnist_core import data, zoo
from fmnist_core.metrics import evaluation
from fmnist_core.runs import runs
from fmnist_core.runs.records import Config, ModelFigures
from fmnist_core.runs.runs import Run
from fmnist_core.storage import stored_arrays
from fmnist_core.storage.folders import RunError

SPLITS = ("test", "validation", "train")
Answers = tuple[np.ndarray, np.ndarray]  # (n, classes) logits, (n,) labels


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

    @functools.cached_property
    def predicted(self) -> np.ndarray:
        """(n,) int64."""
        found = self.logits.argmax(axis=1)
        found.setflags(write=False)
        return found

    @property
    def answers(self) -> Answers:
        return self.logits, self.labels

    def images_at(self, rows: int | slice | np.ndarray) -> np.ndarray:
        """(28, 28) uint8 of one row, (m, 28, 28) of several: never all for the sake of one."""
        return data.load_split(self.source).images[self.indices[rows]]


def save(run: Run, logits: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
    """logits: split -> (indices, (n, classes) logits). Stored as float16, which is also what is counted."""
    arrays = {}
    for split, (indices, values) in logits.items():
        arrays[f"{split}_indices"] = indices.astype(np.uint16)  # up to 59,999
        arrays[f"{split}_logits"] = stored_arrays.logits_as_float16(values)
    stored_arrays.save(run.folder / "predictions.npz", arrays)


def save_stage(run: Run, number: int, logits: np.ndarray) -> None:
    """logits: (10,000, classes) of the test pictures as the weights were when stage `number` (from 1) ended."""
    (run.folder / "stages").mkdir(exist_ok=True)
    arrays = {"test_logits": stored_arrays.logits_as_float16(logits)}
    stored_arrays.save(run.folder / "stages" / f"{number}.npz", arrays)


def list_stages(run: Run) -> list[int]:
    """The numbers of the stages whose test logits are kept: all but the last, where the run's own are the last's."""
    return sorted(int(path.stem) for path in (run.folder / "stages").glob("[1-9].npz"))


def load_stage(run: Run, number: int) -> Predictions:
    """The test split as it was when stage `number` ended. Raises RunError where it is missing or damaged."""
    try:
        logits = stored_arrays.load(run.folder / "stages" / f"{number}.npz", "test_logits")["test_logits"]
        labels = data.load_split("test").labels
        if logits.shape != (len(labels), len(runs.read_config(run).class_names)) or not np.isfinite(logits).all():
            raise ValueError("not a row of finite logits a picture")
    except (FileNotFoundError, ValueError) as error:
        raise RunError(
            f"The run {run.id} has no readable figures of its stage {number} ({type(error).__name__}). "
            "Train it again to have them."
        ) from None
    return Predictions("test", np.arange(len(labels)), labels, logits.astype(np.float32))


def splits_of(config: Config) -> tuple[str, ...]:
    """The splits of SPLITS whose pictures a finished run has stored answers to.

    To training pictures a network alone has: classifying 60,000 takes some baselines hours, and nobody knows on which
    ones a model from elsewhere was trained. Of such a model the last ones stand in for validation pictures.
    """
    about = config.brought_in
    validated = bool(about.input) if about else config.recipe.split.validation > 0
    stored = {"test": True, "validation": validated, "train": zoo.kind_of(config.recipe) == "network"}
    return tuple(split for split in SPLITS if stored[split])


def load(run: Run, split: str) -> Predictions:
    """Raises RunError where the run has none of that split, or its file is damaged."""
    config = runs.read_config(run)
    if split not in splits_of(config):
        raise RunError(_without(run, config, split))
    try:
        stored = stored_arrays.load(run.folder / "predictions.npz", f"{split}_indices", f"{split}_logits")
        indices, logits = stored.values()
        if indices.dtype.kind != "u" or logits.dtype.kind != "f" or logits.ndim != 2:
            raise ValueError("not the arrays of a split")
        if indices.shape != logits.shape[:1] or not np.isfinite(logits).all():
            raise ValueError("not finite logits, a row a picture")
        every = data.load_split("test" if split == "test" else "train").labels
        labels = every[indices.astype(np.int64)]
        if len(np.unique(indices)) != len(indices) or (split == "test" and len(indices) != len(every)):
            raise ValueError("each picture once, and all of the test pictures")
        if logits.shape[1] != len(config.class_names):
            raise ValueError("one logit a class")
        if not len(indices):
            raise ValueError("no pictures")
    except FileNotFoundError:
        raise RunError(f"The run {run.id} has no predictions yet. Let it finish, or choose another run.") from None
    except (ValueError, IndexError) as error:
        raise RunError(
            f"The run {run.id} is damaged: its predictions.npz cannot be read ({type(error).__name__}). "
            "Delete the run and train it again."
        ) from None
    found = Predictions(split, indices.astype(np.int64), labels, logits.astype(np.float32))
    for array in (found.indices, found.labels, found.logits):
        array.setflags(write=False)
    return found


def _without(run: Run, config: Config, split: str) -> str:
    """Why a run has stored nothing of that split."""
    if config.brought_in:
        return (
            f"The run {run.id} was brought in, and nothing is known of its {split} pictures. Choose the test pictures."
        )
    if split == "train":
        return f"The run {run.id} has stored no answers to train pictures. Choose those of another split."
    return f"The run {run.id} has no {split} pictures: its recipe sets no validation split aside."


def count_figures(test: Answers, validation: Answers | None) -> ModelFigures:
    """Accuracy and loss of what a network says of the test pictures, and of the validation pictures if any."""
    (accuracy, loss), validated = _accuracy_and_loss(*test), _accuracy_and_loss(*validation) if validation else None
    val_accuracy, val_loss = validated or (None, None)
    return ModelFigures(test_accuracy=accuracy, test_loss=loss, val_accuracy=val_accuracy, val_loss=val_loss)


def _accuracy_and_loss(logits: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Rounded to six digits, as result.json has them."""
    right = float((logits.argmax(axis=1) == labels).mean())
    return round(right, 6), round(evaluation.cross_entropy(logits, labels), 6)


def shared(*stored: Predictions) -> tuple[Predictions, ...]:
    """What runs say of the pictures that all of them have stored, in one order.

    Raises:
        ValueError: there are none, as where two recipes validate on different pictures.
    """
    common = functools.reduce(np.intersect1d, (one.indices for one in stored))
    if len({one.source for one in stored}) > 1 or not len(common):
        raise ValueError(f"The runs share no {stored[0].split} pictures. Compare them on the test pictures.")
    return tuple(_only(one, common) for one in stored)


def _only(stored: Predictions, indices: np.ndarray) -> Predictions:
    """indices: sorted, all of them stored."""
    order = np.argsort(stored.indices)
    rows = order[np.searchsorted(stored.indices, indices, sorter=order)]
    return dataclasses.replace(
        stored, indices=stored.indices[rows], labels=stored.labels[rows], logits=stored.logits[rows]
    )
