"""After `fit`: the kept weights become files that the web process can use, checked before anybody relies on them."""

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np

from fmnist_core import data
from fmnist_core.inference.classifier import ACTIVATION, Classifier
from fmnist_core.metrics import evaluation
from fmnist_core.recipe import Recipe
from fmnist_core.runs import feature_map, predictions
from fmnist_core.runs.runs import Run, write_json
from fmnist_core.splits import split_indices
from fmnist_core.storage.atomic import replacing
from fmnist_core.zoo.layers import with_mirror

CHECKED_PICTURES = 1_000
LARGEST_DIFFERENCE = 1e-4  # of a probability, between Keras and ONNX Runtime, both float32
USUAL_LOGITS = 100.0  # float32 has seven digits: the larger the logits, the fewer are left behind the point
_SHOWN = (
    keras.layers.Conv2D,
    keras.layers.MaxPooling2D,
    keras.layers.AveragePooling2D,
    keras.layers.BatchNormalization,
    keras.layers.Dense,
    keras.layers.LSTM,
)


ONE_LOOK = "logits.one_look"  # output of a model that averages: without the mirror image


class ExportMismatch(RuntimeError):
    """The exported model does not give what the trained one gives."""


Logits = Callable[[np.ndarray], np.ndarray]  # positions in the training set -> (n, classes) logits


def finish(
    run: Run, model: keras.Model, chosen: Recipe, training: dict[str, Any], training_logits: Logits | None
) -> dict[str, Any]:
    """Writes model.keras, model.onnx, predictions.npz, the feature map and result.json; returns the result.

    Args:
        model: the standard float32 network with the kept weights.
        training: figures of the training to record.
        training_logits: for a network with a frozen trunk, whose output is known for the training pictures: to
            compute it again for 60,000 of them would take hours. None: the exported model classifies all.

    Raises:
        ExportMismatch: ONNX Runtime and Keras disagree by more than 1e-4 in a probability (more where logits are huge).
        ValueError: the network gives values that are not finite.
    """
    answering = with_mirror(model) if chosen.mirror else model
    with replacing(run.folder / "model.keras") as temporary:
        answering.save(temporary)
    export_onnx(model, run.folder / "model.onnx", chosen.mirror)
    classifier = Classifier(run.folder / "model.onnx")
    difference = check_export(answering, classifier)
    seconds = measure_latency(classifier)
    _store_predictions(run, classifier, chosen, training_logits)
    result = training | {
        "parameters": model.count_params(),
        "onnx_largest_difference": difference,
        "seconds_per_picture": seconds,
        **_figures(run, chosen),
        "one_look": _one_look_figures(classifier, chosen) if chosen.mirror else None,
        "files": describe_files(run),
    }
    write_json(run.folder / "result.json", result)
    return result


def export_onnx(model: keras.Model, path: Path, mirror: bool = False) -> None:
    """Outputs: logits, features (what the last layer sees) and activation.NAME of every layer worth seeing.

    Args:
        mirror: the logits are the mean with those of the mirror image, and the network's own are logits.one_look;
            features and activations are those of the picture as it is.
    """
    outputs = {"logits": model.output, "features": model.get_layer("logits").input}
    for layer in model.layers:
        if isinstance(layer, _SHOWN) and layer.name != "logits":
            outputs[ACTIVATION + layer.name] = layer.output
    exported = _looking_twice(model.input, outputs) if mirror else keras.Model(model.input, outputs)
    exported(np.zeros((1, data.SIDE, data.SIDE, 1), np.float32))  # Keras exports only what was called once
    with replacing(path) as temporary:
        exported.export(temporary, format="onnx", verbose=False)


def _looking_twice(picture: Any, outputs: dict[str, Any]) -> keras.Model:
    """Pictures and their mirror images go through the network as one batch: its weights are in the file once."""
    network = keras.Model(picture, outputs)
    both = keras.ops.concatenate([picture, keras.ops.flip(picture, axis=2)], axis=0)
    halves = {name: keras.ops.split(values, 2, axis=0) for name, values in network(both).items()}
    once, mirrored = halves["logits"]
    plain = {name: first for name, (first, _) in halves.items()}
    return keras.Model(picture, plain | {"logits": (once + mirrored) / 2, ONE_LOOK: once})


def check_export(model: keras.Model, classifier: Classifier) -> float:
    """The largest difference of a probability on the first 1,000 test pictures; raises where it is too large."""
    images = data.load_split("test").images[:CHECKED_PICTURES]
    by_keras = np.concatenate(
        [model(data.to_network_input(part), training=False) for part in np.array_split(images, 10)]
    )
    by_onnx = classifier.logits(images)
    difference = float(np.abs(evaluation.softmax(by_keras) - evaluation.softmax(by_onnx)).max())
    allowed = LARGEST_DIFFERENCE * max(1.0, float(np.abs(by_keras).max()) / USUAL_LOGITS)
    if difference > allowed:
        raise ExportMismatch(
            f"The exported model differs from the trained one by {difference:.1e} in a probability; "
            f"at most {allowed:.0e} was expected. The weights are safe in model.keras."
        )
    return difference


def measure_latency(classifier: Classifier) -> float:
    """Seconds for one picture, the median of 20."""
    picture, seconds = data.load_split("test").images[:1], []
    for _ in range(20):
        start = time.perf_counter()
        classifier.logits(picture)
        seconds.append(time.perf_counter() - start)
    return float(np.median(seconds))


def _store_predictions(run: Run, classifier: Classifier, chosen: Recipe, training_logits: Logits | None) -> None:
    train, validation = split_indices(chosen)
    images = data.load_split("train").images
    classify = training_logits or (lambda indices: classifier.logits(images[indices]))
    logits, features = classifier.run(data.load_split("test").images, ["logits", "features"])
    rows = {"test": (np.arange(len(logits)), logits)}
    for split, indices in (("validation", validation), ("train", np.sort(train))):
        values = classify(indices) if len(indices) else logits[:0]
        rows[split] = (indices, values)
    predictions.save(run, rows)
    feature_map.save(run, features.reshape(len(features), -1))


def _figures(run: Run, chosen: Recipe) -> dict[str, Any]:
    """Accuracy and loss of the kept weights, counted from the stored logits; null without a validation split."""
    figures: dict[str, Any] = {"val_accuracy": None, "val_loss": None}
    splits = {"test": "test", "validation": "val"} if chosen.split.kind != "none" else {"test": "test"}
    for split, prefix in splits.items():
        stored = predictions.load(run, split)
        matrix = evaluation.confusion_matrix(stored.labels, stored.predicted, stored.logits.shape[1])
        figures[f"{prefix}_accuracy"] = round(evaluation.accuracy(matrix), 6)
        figures[f"{prefix}_loss"] = round(evaluation.cross_entropy(stored.logits, stored.labels), 6)
    return figures | {"stages": [_stage_figures(run, number) for number in predictions.list_stages(run)]}


def _one_look_figures(classifier: Classifier, chosen: Recipe) -> dict[str, Any]:
    """What a network that averages over the mirror image would have without it, by the same names."""
    pictures, validation = data.load_split("train"), split_indices(chosen).validation
    rows = {"test": (data.load_split("test").images, data.load_split("test").labels)}
    if len(validation):
        rows["val"] = (pictures.images[validation], pictures.labels[validation])
    figures: dict[str, Any] = {}
    for prefix, (images, labels) in rows.items():
        logits = classifier.run(images, [ONE_LOOK])[0]
        figures[f"{prefix}_accuracy"] = round(float((logits.argmax(axis=1) == labels).mean()), 6)
        figures[f"{prefix}_loss"] = round(evaluation.cross_entropy(logits, labels), 6)
    return figures


def _stage_figures(run: Run, number: int) -> dict[str, Any]:
    stored = predictions.load_stage(run, number)
    matrix = evaluation.confusion_matrix(stored.labels, stored.predicted, stored.logits.shape[1])
    return {
        "stage": number,
        "test_accuracy": round(evaluation.accuracy(matrix), 6),
        "test_loss": round(evaluation.cross_entropy(stored.logits, stored.labels), 6),
    }


def describe_files(run: Run) -> dict[str, dict[str, Any]]:
    """Size and SHA-256 of each of the run's files that an import checks, by its path in the folder."""
    patterns = "config.json metrics.jsonl model.* predictions.npz stages/[1-9].npz maps/features.npz replay/[0-9]*.npz"
    paths = [path for pattern in patterns.split() for path in sorted(run.folder.glob(pattern))]
    return {path.relative_to(run.folder).as_posix(): _describe_file(path) for path in paths}


def _describe_file(path: Path) -> dict[str, Any]:
    return {"bytes": path.stat().st_size, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
