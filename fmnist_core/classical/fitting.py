"""Fits a baseline to more and more of its training pictures, and finishes its run with the last fit."""

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from fmnist_core import data
from fmnist_core.classical import estimators, exporting
from fmnist_core.data import SIDE, WHITE
from fmnist_core.formatting import duration
from fmnist_core.inference.classifier import Classifier, measure_latency
from fmnist_core.progress import OnPhase
from fmnist_core.recipe import Recipe
from fmnist_core.runs import feature_map, predictions, runs, size_curve
from fmnist_core.runs.records import Result
from fmnist_core.runs.runs import Run
from fmnist_core.runs.size_curve import Size
from fmnist_core.splits import Indices, split_indices, taught_labels

SHOWN_TRAINING = 1_000  # training pictures that are classified again
AT_ONCE = 2_500  # pictures classified between two words about it
ONE_PICTURE_TIMES = 5
SOON = 5.0  # seconds; what is shorter is not foretold


class _Fit(NamedTuple):
    fitted: Any
    size: Size


def train(run: Run, tell: OnPhase = lambda words: None) -> Result:
    """Fits the run's recipe to each size, writes its files, and returns what result.json says.

    Writes sizes.json while it works, then predictions.npz, model.onnx where that is at most 10 MB, maps/features.npz
    where there is a hidden layer, result.json. Sizes that an earlier try has finished are not fitted again.

    Raises:
        ExportMismatch: ONNX Runtime and scikit-learn disagree.
        ValueError: the classifier's answers are not finite.
    """
    tell("loading scikit-learn")
    (run.folder / "metrics.jsonl").touch()  # a run is not whole without it
    config = runs.read_config(run)
    chosen, classes = config.recipe, len(config.class_names)
    indices = split_indices(chosen)
    order = np.random.default_rng(chosen.seed).permutation(indices.train)
    *smaller, whole = size_curve.sizes_of(chosen, len(order))
    done = {size.pictures: size for size in size_curve.read(run) if size.pictures in smaller}
    for place, count in enumerate(smaller, 1):
        if count in done:
            continue
        tell(_fitting(place, len(smaller) + 1, count, list(done.values())))
        done[count] = _fit(chosen, order[:count], indices.validation, classes, tell).size
        size_curve.write(run, list(done.values()))
    tell(_fitting(len(smaller) + 1, len(smaller) + 1, whole, list(done.values())))
    fitted, size = _fit(chosen, order, indices.validation, classes, tell)
    size_curve.write(run, [*done.values(), size])
    return _finish(run, chosen, indices, fitted, size.seconds, tell)


def _fitting(place: int, of: int, count: int, done: Sequence[Size]) -> str:
    seconds = size_curve.foretell(done, count)
    about = "" if seconds is None or seconds < SOON else f", about {duration(seconds)}"
    return f"fitting {place} of {of} training sizes: {count:,} pictures{about}"


def pixels_of(images: np.ndarray) -> np.ndarray:
    """(n, 28, 28) uint8 -> (n, 784) float32 in [0, 1]."""
    return images.reshape(len(images), SIDE * SIDE).astype(np.float32) / WHITE


def _fit(chosen: Recipe, positions: np.ndarray, validation: np.ndarray, classes: int, tell: OnPhase) -> _Fit:
    pictures = data.load_split("train")
    fitted = estimators.make(chosen.model, chosen.seed)
    pixels, labels = pixels_of(pictures.images[positions]), taught_labels(chosen, positions).astype(np.int64)
    start = time.perf_counter()
    fitted.fit(pixels, labels)
    seconds = time.perf_counter() - start
    answer = lambda some: estimators.logits(chosen.model, fitted, pixels_of(pictures.images[some]), classes)  # noqa: E731
    right = lambda some: float((answer(some).argmax(axis=1) == pictures.labels[some]).mean())  # noqa: E731
    tell(f"classifying validation pictures with {len(positions):,} pictures fitted")
    start = time.perf_counter()
    held = round(right(validation), 6) if len(validation) else None
    classifying = time.perf_counter() - start
    size = Size(
        pictures=len(positions),
        training_accuracy=round(right(positions[:SHOWN_TRAINING]), 6),
        val_accuracy=held,
        seconds=round(seconds, 3),
        classifying_seconds=round(classifying, 3),
    )
    return _Fit(fitted, size)


def _finish(run: Run, chosen: Recipe, indices: Indices, fitted: Any, seconds: float, tell: OnPhase) -> Result:
    classes = len(runs.read_config(run).class_names)
    answer = lambda images: estimators.logits(chosen.model, fitted, pixels_of(images), classes)  # noqa: E731
    tell("exporting the model")
    size, difference = exporting.export(run, chosen.model, fitted, answer)
    _store_predictions(run, indices, answer, tell)
    tell("writing the result")
    exported = run.folder / "model.onnx"
    classifier = Classifier(exported) if exported.exists() else None
    if classifier and exporting.hidden_units(fitted):
        feature_map.save(run, classifier.features(data.load_split("test").images))
    validation = predictions.load(run, "validation").answers if len(indices.validation) else None
    figures = predictions.count_figures(predictions.load(run, "test").answers, validation)
    result = Result(
        **vars(figures),
        epochs=0,
        cancelled=False,
        best_epoch=None,
        kept_epoch=0,
        precision="float32",
        seconds=round(seconds, 3),
        seconds_per_epoch=None,
        images_per_second=None,
        parameters=estimators.count_parameters(fitted),
        model_bytes=size,
        onnx_largest_difference=difference,
        seconds_per_picture=measure_latency(classifier) if classifier else _latency(answer),
        files=runs.describe_files(run),
    )
    runs.write_result(run, result)
    return result


def _latency(answer: Callable[[np.ndarray], np.ndarray]) -> float:
    """Seconds for one picture where there is no exported model, the median of a few."""
    picture, seconds = data.load_split("test").images[:1], []
    for _ in range(ONE_PICTURE_TIMES):
        start = time.perf_counter()
        answer(picture)
        seconds.append(time.perf_counter() - start)
    return float(np.median(seconds))


def _store_predictions(run: Run, indices: Indices, answer: Callable[[np.ndarray], np.ndarray], tell: OnPhase) -> None:
    """Of the test and validation pictures: for the training pictures some baselines would take hours."""
    rows = {}
    every = {"test": np.arange(data.SIZES["test"]), "validation": indices.validation}
    for split, positions in every.items():
        images = data.load_split("test" if split == "test" else "train").images
        found = [np.empty((0, len(data.CLASS_NAMES)), np.float32)]
        for start in range(0, len(positions), AT_ONCE):
            tell(f"classifying the {split} pictures, {start:,} of {len(positions):,} done")
            found.append(answer(images[positions[start : start + AT_ONCE]]))
        rows[split] = (positions, np.concatenate(found))
    predictions.save(run, rows)
