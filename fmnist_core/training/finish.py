"""After `fit`: the kept weights become files that the web process can use, checked before anybody relies on them."""

import dataclasses
import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np

from fmnist_core import data
from fmnist_core.inference.classifier import ACTIVATION, Classifier, measure_latency
from fmnist_core.metrics import evaluation
from fmnist_core.progress import OnPhase
from fmnist_core.recipe import Recipe
from fmnist_core.runs import feature_map, predictions
from fmnist_core.runs.records import ModelFigures, Result, StageFigures, TrainingFigures
from fmnist_core.runs.runs import Run, describe_files, write_result
from fmnist_core.splits import Indices
from fmnist_core.storage.atomic import replacing
from fmnist_core.zoo.layers import with_mirror

CHECKED_PICTURES = 1_000
AT_ONCE = 2_500  # pictures classified between two words about it
LARGEST_DIFFERENCE = 1e-4  # of a probability, between Keras and ONNX Runtime, both float32
USUAL_LOGITS = 100.0  # float32 has seven digits: the larger the logits, the fewer are left behind the point
_SHOWN = (
    keras.layers.Conv2D,
    keras.layers.DepthwiseConv2D,
    keras.layers.MaxPooling2D,
    keras.layers.AveragePooling2D,
    keras.layers.BatchNormalization,
    keras.layers.Dense,
    keras.layers.LSTM,
)


PLAIN_LOGITS = "logits.without_test_time_augmentation"  # output of a model that has it built in


class ExportMismatch(RuntimeError):
    """The exported model does not give what the trained one gives."""


Logits = Callable[[np.ndarray], np.ndarray]  # positions in the training set -> (n, classes) logits


def finish(
    run: Run,
    model: keras.Model,
    chosen: Recipe,
    indices: Indices,
    training: TrainingFigures,
    training_logits: Logits | None,
    on_phase: OnPhase = lambda words: None,
) -> Result:
    """Writes model.keras, model.onnx, predictions.npz, the feature map and result.json; returns the result.

    Args:
        model: the standard float32 network with the kept weights.
        indices: the recipe's.
        training: figures of the training to record.
        training_logits: for a network with a frozen trunk, whose output is known for the training pictures: to
            compute it again for 60,000 of them would take hours. None: the exported model classifies all.
        on_phase: told what comes next: some of it takes minutes, and whoever has stopped the training waits for it.

    Raises:
        ExportMismatch: ONNX Runtime and Keras disagree by more than 1e-4 in a probability (more where logits are huge).
        ValueError: the network gives values that are not finite.
    """
    on_phase("exporting the model")
    answering = with_mirror(model) if chosen.mirror else model
    with replacing(run.folder / "model.keras") as temporary:
        answering.save(temporary)
    export_onnx(model, run.folder / "model.onnx", chosen.mirror)
    classifier = Classifier(run.folder / "model.onnx")
    on_phase("checking the exported model")
    difference = check_export(answering, classifier)
    seconds = measure_latency(classifier)
    _store_predictions(run, classifier, indices, training_logits, on_phase)
    on_phase("writing the result")
    result = Result(
        **dataclasses.asdict(training),
        **dataclasses.asdict(_figures(run, chosen)),
        parameters=model.count_params(),
        onnx_largest_difference=difference,
        seconds_per_picture=seconds,
        without_test_time_augmentation=_plain_figures(classifier, indices.validation) if chosen.mirror else None,
        stages=tuple(_stage_figures(run, number) for number in predictions.list_stages(run)),
        files=describe_files(run),
    )
    write_result(run, result)
    return result


def export_onnx(model: keras.Model, path: Path, mirror: bool = False) -> None:
    """Outputs: logits, features (what the last layer sees) and activation.NAME of every layer worth seeing.

    Args:
        mirror: the logits are the mean with those of the mirror image, and the network's own are PLAIN_LOGITS;
            features and activations are those of the picture as it is.
    """
    outputs = {"logits": model.output, "features": model.get_layer("logits").input}
    for layer in model.layers:
        if isinstance(layer, _SHOWN) and layer.name != "logits":
            outputs[ACTIVATION + layer.name] = layer.output
    exported = _looking_twice(model.input, outputs) if mirror else keras.Model(model.input, outputs)
    teach_exporter()
    exported(np.zeros((1, data.SIDE, data.SIDE, 1), np.float32))  # Keras exports only what was called once
    with replacing(path) as temporary:
        exported.export(temporary, format="onnx", verbose=False)


@functools.cache
def teach_exporter() -> None:
    """tf2onnx does not know Erfc, of which TensorFlow makes gelu: it is 1 less Erf."""
    from tf2onnx import utils
    from tf2onnx.handler import tf_op

    @tf_op("Erfc")
    class _Erfc:
        @classmethod
        def version_9(cls, graph: Any, node: Any, **_: Any) -> None:
            told = {"shapes": node.output_shapes, "dtypes": node.output_dtypes}
            graph.remove_node(node.name)
            erf = graph.make_node("Erf", node.input, **told)
            one = graph.make_const(utils.make_name(node.name), np.ones((), np.float32))
            graph.make_node("Sub", [one.output[0], erf.output[0]], outputs=node.output, name=node.name, **told)


def _looking_twice(picture: Any, outputs: dict[str, Any]) -> keras.Model:
    """Pictures and their mirror images go through the network as one batch: its weights are in the file once."""
    network = keras.Model(picture, outputs)
    both = keras.ops.concatenate([picture, keras.ops.flip(picture, axis=2)], axis=0)
    halves = {name: keras.ops.split(values, 2, axis=0) for name, values in network(both).items()}
    once, mirrored = halves["logits"]
    plain = {name: first for name, (first, _) in halves.items()}
    return keras.Model(picture, plain | {"logits": (once + mirrored) / 2, PLAIN_LOGITS: once})


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


def _store_predictions(
    run: Run, classifier: Classifier, indices: Indices, training_logits: Logits | None, on_phase: OnPhase
) -> None:
    images, test = data.load_split("train").images, data.load_split("test").images
    classify = training_logits or (lambda positions: classifier.logits(images[positions]))
    everywhere = np.arange(len(test))
    found = [classifier.run(test[part], ["logits", "features"]) for part in _parts(everywhere, "test", on_phase)]
    logits, features = (np.concatenate(part) for part in zip(*found, strict=True))
    rows = {"test": (everywhere, logits)}
    for split, positions in (("validation", indices.validation), ("train", np.sort(indices.train))):
        rows[split] = (positions, np.concatenate([logits[:0], *map(classify, _parts(positions, split, on_phase))]))
    predictions.save(run, rows)
    feature_map.save(run, features.reshape(len(features), -1))


def _parts(positions: np.ndarray, split: str, on_phase: OnPhase) -> Iterator[np.ndarray]:
    """The positions, so few at once that somebody who waits sees them go by."""
    for start in range(0, len(positions), AT_ONCE):
        words = "training" if split == "train" else split
        on_phase(f"classifying the {words} pictures, {start:,} of {len(positions):,} done")
        yield positions[start : start + AT_ONCE]


def _figures(run: Run, chosen: Recipe) -> ModelFigures:
    """Accuracy and loss of the kept weights, counted from the stored logits; None without a validation split."""
    validation = predictions.load(run, "validation").answers if chosen.split.kind != "none" else None
    return predictions.count_figures(predictions.load(run, "test").answers, validation)


def _plain_figures(classifier: Classifier, validation: np.ndarray) -> ModelFigures:
    """What a network with test-time augmentation would have without it."""
    pictures, test = data.load_split("train"), data.load_split("test")
    logits = lambda images: classifier.run(images, [PLAIN_LOGITS])[0]  # noqa: E731
    validated = (logits(pictures.images[validation]), pictures.labels[validation]) if len(validation) else None
    return predictions.count_figures((logits(test.images), test.labels), validated)


def _stage_figures(run: Run, number: int) -> StageFigures:
    figures = predictions.count_figures(predictions.load_stage(run, number).answers, None)
    return StageFigures(number, figures.test_accuracy, figures.test_loss)
