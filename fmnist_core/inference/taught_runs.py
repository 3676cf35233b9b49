"""A network that was taught new classes, kept as a run of its own beside the one that it came from.

It holds config.json with the longer class names, model.onnx, predictions.npz, result.json and status.json, the
curves and the feature map of the run it came from, and no model.keras: Keras never sees the new classes. Its
predictions are those of all test pictures, and of a part of the others: to look at 60,000 again takes minutes.
"""

import dataclasses
import datetime
import shutil
import unicodedata
from collections.abc import Sequence

import numpy as np

from fmnist_core import data
from fmnist_core.analysis import few_shot
from fmnist_core.analysis.few_shot import Head
from fmnist_core.inference.classifier import Classifier, open_classifier
from fmnist_core.jobs.status import write as write_status
from fmnist_core.metrics import evaluation
from fmnist_core.progress import OnShare
from fmnist_core.runs import predictions, runs
from fmnist_core.runs.records import Config, ModelFigures, Result, Taught
from fmnist_core.runs.runs import Run
from fmnist_core.splits import split_indices
from fmnist_core.storage import folders, owners, schema
from fmnist_core.storage.atomic import write_json
from fmnist_core.storage.folders import RunError

MOST_CHARACTERS = 30  # of a class's name
OLD_PICTURES = 2_000  # training pictures that the new classes are told from
LARGEST_DIFFERENCE = 1e-3  # of a probability, between the head and the model that is written
_AT_ONCE = 500  # pictures between two words about the progress
_CHECKED = 250


def check_name(name: str, existing: Sequence[str]) -> str:
    """A new class's name as it is kept: one line of letters, figures and few signs, so that no page reads more into it.

    Raises:
        ValueError: empty, too long, other characters, or a class of that name is there.
    """
    tidy = " ".join(unicodedata.normalize("NFC", name).split())
    if not tidy:
        raise ValueError("The new class needs a name.")
    if len(tidy) > MOST_CHARACTERS:
        raise ValueError(f"The name has {len(tidy)} characters. Expected at most {MOST_CHARACTERS}: shorten it.")
    if not schema.is_plain(tidy):
        raise ValueError(
            "The name may hold letters, figures, spaces and - ' / & only, and begins with a letter or a figure."
        )
    if tidy.casefold() in {one.casefold() for one in existing}:
        raise ValueError("There is a class of that name already. Choose another one.")
    return tidy


def origin(run: Run) -> str | None:
    """The id of the run that this one was taught on top of; None for a run that was trained. Raises RunError."""
    taught = runs.read_result(run).taught
    return taught.origin if taught else None


def old_indices(run: Run) -> np.ndarray:
    """(at most 2,000,) positions in the training set of pictures that the run was trained on. Raises RunError."""
    order = np.random.default_rng(0).permutation(split_indices(runs.read_config(run).recipe).train)
    return np.sort(order[:OLD_PICTURES])


def save(run: Run, head: Head, examples: Sequence[int], on_progress: OnShare = lambda share: None) -> Run:
    """Keeps a taught network as a run. It appears whole or not at all.

    Args:
        run: the finished run that was taught; it stays as it is.
        head: the new classes, see `few_shot.fit`.
        examples: how many of each new class it was taught with.

    Raises:
        RunError: the run has not finished, is damaged, has no model here or was taught already, or nothing can be
            stored.
        ValueError: a bad name, or the model that was written does not answer as the head does.
    """
    config, result = runs.read_config(run), runs.read_result(run)
    names = config.class_names
    for name in head.names:
        names = (*names, check_name(name, names))
    if taught_on := origin(run):
        raise RunError(f"The run {run.id} was taught new classes already. Teach them all at once, from {taught_on}.")
    now = datetime.datetime.now(datetime.UTC)
    made = Run(folders.runs_folder() / runs.new_id(config.recipe.model, now))
    hidden = Run(made.folder.with_name(f".{made.id}.teaching"))
    created = dataclasses.replace(config, class_names=names, created=f"{now:%Y-%m-%dT%H:%M:%SZ}", family=None)
    taught = Taught(run.id, tuple(head.names), tuple(int(count) for count in examples))
    try:
        hidden.folder.mkdir(parents=True)
        owners.mark(hidden.folder)
        _fill(run, hidden, head, created, dataclasses.replace(result, taught=taught), on_progress)
        hidden.folder.rename(made.folder)
    except OSError as error:
        raise RunError(f"The taught run cannot be stored: {folders.explain(error)}") from None
    finally:
        shutil.rmtree(hidden.folder, ignore_errors=True)
    return made


def _fill(run: Run, made: Run, head: Head, config: Config, result: Result, on_progress: OnShare) -> None:
    write_json(made.folder / "config.json", schema.as_plain(config))
    open_classifier(run)  # says in a sentence that there is no model, or a damaged one
    few_shot.write_model(run.folder / "model.onnx", made.folder / "model.onnx", head)
    difference = _check(run, made, head)
    for name in ("metrics.jsonl", "maps/features.npz"):  # neither the training nor the features have changed
        if (run.folder / name).is_file():
            (made.folder / name).parent.mkdir(exist_ok=True)
            shutil.copyfile(run.folder / name, made.folder / name)
    _store_predictions(run, made, on_progress)
    result = dataclasses.replace(
        result,
        **dataclasses.asdict(_figures(made)),
        parameters=result.parameters + head.weights.size + head.bias.size,
        onnx_largest_difference=max(result.onnx_largest_difference, difference),
        files=runs.describe_files(made),
        stages=(),  # these and the next two are not of its own
        without_test_time_augmentation=None,
        weights=None,
    )
    runs.write_result(made, result)
    status = runs.read_status(run)
    write_status(made.folder, dataclasses.replace(status, state="done", message="", phase=""))


def _check(run: Run, made: Run, head: Head) -> float:
    """The largest difference of a probability between the written model and the head on the old model."""
    images = data.load_split("test").images[:_CHECKED]
    seen = few_shot.extract(open_classifier(run), images)
    written = evaluation.softmax(Classifier(made.folder / "model.onnx").logits(images))
    difference = float(np.abs(written - evaluation.softmax(head.logits(seen))).max())
    if difference > LARGEST_DIFFERENCE:
        raise ValueError(
            f"The model that was written differs from the taught one by {difference:.1e} in a probability; at most "
            f"{LARGEST_DIFFERENCE:.0e} was expected. Nothing was kept."
        )
    return difference


def _store_predictions(run: Run, made: Run, on_progress: OnShare) -> None:
    classifier = Classifier(made.folder / "model.onnx")
    validation = split_indices(runs.read_config(run).recipe).validation[:OLD_PICTURES]
    test, train = data.load_split("test").images, data.load_split("train").images
    wanted = {
        "test": (np.arange(len(test)), test),
        "validation": (validation, train),
        "train": (old_indices(run), train),
    }
    total, done, stored = sum(len(indices) for indices, _ in wanted.values()), 0, {}
    width = len(runs.read_config(made).class_names)
    for split, (indices, images) in wanted.items():
        found = [np.zeros((0, width), np.float32)]
        for start in range(0, len(indices), _AT_ONCE):
            found.append(classifier.logits(images[indices[start : start + _AT_ONCE]]))
            done += len(found[-1])
            on_progress(done / total)
        stored[split] = (indices, np.concatenate(found))
    predictions.save(made, stored)


def _figures(made: Run) -> ModelFigures:
    """Accuracy and loss, counted from the stored logits; None without validation pictures."""
    try:
        validation = predictions.load(made, "validation").answers
    except RunError:
        validation = None
    return predictions.count_figures(predictions.load(made, "test").answers, validation)
