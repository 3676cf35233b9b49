"""A run's network as a LiteRT file (.tflite), as it is or in 8-bit whole numbers.

TensorFlow opens the network in the sandbox alone: the model.keras of a run that was imported may be anybody's. A file
of whole numbers takes the pixels as they are, 0 to 255, and gives logits as float32; its scales are those of the
activations for calibration pictures of the training set. Where that changes too many answers, as of an LSTM with its 28
steps or of deep networks that normalise after relu, activations have 16 bits and the picture is float32.
"""

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from fmnist_core import data, sandbox
from fmnist_core.data import SIDE, SIZES
from fmnist_core.exports.card import CHECKED
from fmnist_core.storage.folders import RunError

CALIBRATION_PICTURES, CALIBRATION_SEED = 500, 0
SOURCE, MADE, SAID, TOLD = "model.keras", "model.tflite", "logits.npy", "activations.txt"  # in the sandbox
# Of address space, and of processor time: int8 of the largest network that ships takes two minutes on two cores.
MEMORY, SECONDS = 12_000_000_000, 600
LEAST_SAME = 0.98  # of the answers to training pictures; fewer cost about half a point of accuracy or more
LARGEST = 400_000_000  # bytes


Activations = Literal["float32", "int8", "int16"]


class Made(NamedTuple):
    """A LiteRT file, and what it gives for the first test pictures: (CHECKED, classes) float."""

    content: bytes
    logits: np.ndarray
    activations: Activations

    @property
    def quantized_with(self) -> str | None:
        """In words; None of a file that is not quantized."""
        if self.activations == "float32":
            return None
        drawn = f"{CALIBRATION_PICTURES} training pictures drawn with the seed {CALIBRATION_SEED}"
        return f"{drawn}, which set the scales of the activations; weights are int8, activations {self.activations}"


def convert(keras_file: bytes, whole_numbers: bool) -> Made:
    """The network of a model.keras as a LiteRT file for one picture at a time.

    Raises:
        RunError: TensorFlow's converter cannot say this network in LiteRT's own operators, or it does not end.
        OSError: the disk is full.
    """
    kind = "int8" if whole_numbers else "float32"
    with sandbox.confined(__name__, [kind], {SOURCE: keras_file}, memory=MEMORY, seconds=SECONDS) as ended:
        content, said, told = ended.read(MADE, LARGEST), ended.read(SAID, LARGEST), ended.read(TOLD, 10)
        if ended.code != 0 or content is None or said is None:
            reason = ended.said if ended.code == 1 else "It takes too long, or more memory than it may."
            raise RunError(f"This network cannot be written as LiteRT, {kind}: {reason} Choose another format.")
    fitting: tuple[Activations, ...] = ("int8", "int16") if whole_numbers else ("float32",)
    activations = next((one for one in fitting if told == one.encode()), None)
    if activations is None:
        raise RunError("This network cannot be written as LiteRT: what was made of it is something else.")
    return Made(content, _answers(said), activations)


def _answers(said: bytes) -> np.ndarray:
    """Raises RunError where it is no array of answers: what the sandbox leaves is as hostile as what it was given."""
    try:
        answers = np.load(io.BytesIO(said), allow_pickle=False)
    except Exception:  # damage leads NumPy to errors of all kinds
        answers = np.zeros(0)
    if answers.ndim != 2 or len(answers) != CHECKED or not answers.shape[1] or answers.dtype.kind != "f":
        raise RunError("This network cannot be written as LiteRT: what was made of it answers nothing.")
    return answers


def main(arguments: list[str]) -> str | None:
    """In the sandbox: why the file cannot be converted; None where it was."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    import fmnist_core.zoo.layers  # noqa: F401 - registers the layers that Keras lacks

    model = keras.models.load_model(SOURCE, compile=False)
    activations: Activations = "float32"
    if arguments == ["int8"]:
        content, activations = _quantized(model)
    else:
        content = _converted(model, activations)
    if isinstance(content, str):
        return content
    Path(MADE).write_bytes(content)
    Path(TOLD).write_text(activations)
    np.save(SAID, logits(content, data.load_split("test").images[:CHECKED]))
    return None


def _quantized(model: Any) -> tuple[bytes | str, Activations]:
    """With 8 bits where they are enough, by the answers to the last training pictures; else with 16."""
    from fmnist_core.exports import quantizing

    model = quantizing.prepared(model)
    content = _converted(model, "int8")
    if isinstance(content, str):
        return content, "int8"
    images = data.load_split("train").images[-CHECKED:]
    expected = model.predict(data.to_network_input(images), verbose=0).argmax(axis=1)
    if (logits(content, images).argmax(axis=1) == expected).mean() >= LEAST_SAME:
        return content, "int8"
    wider = _converted(model, "int16")
    return (content, "int8") if isinstance(wider, str) else (wider, "int16")


def _converted(model: Any, activations: Activations) -> bytes | str:
    """The LiteRT file, or why there is none."""
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    called = tf.function(
        lambda picture: model(picture, training=False),
        input_signature=[tf.TensorSpec((1, SIDE, SIDE, 1), tf.float32, name="picture")],
    )
    # With the variables of Keras 3 as variables, the converter writes a file without any weights.
    frozen = convert_variables_to_constants_v2(called.get_concrete_function())
    converter = tf.lite.TFLiteConverter.from_concrete_functions([frozen], model)
    if activations != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = _calibration_pictures
    if activations == "int8":
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = tf.uint8
    if activations == "int16":
        with_int8_weights = tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
        converter.target_spec.supported_ops = [with_int8_weights]
    try:
        return bytes(converter.convert())
    except Exception as error:  # the converter's own errors share no public base class
        told = str(error).strip().splitlines()
        return f"{told[0][:200] if told else type(error).__name__}."


def _calibration_pictures() -> Iterator[list[np.ndarray]]:
    chosen = np.random.default_rng(CALIBRATION_SEED).choice(SIZES["train"], CALIBRATION_PICTURES, replace=False)
    images = data.load_split("train").images
    for place in chosen:
        yield [data.to_network_input(images[place : place + 1])]


def logits(content: bytes, images: np.ndarray) -> np.ndarray:
    """(n, 28, 28) uint8 -> (n, classes) float32. For the sandbox, and for files of one's own."""
    import tensorflow as tf

    interpreter: Any = tf.lite.Interpreter(model_content=content, num_threads=1)
    interpreter.allocate_tensors()
    (into,), (out,) = interpreter.get_input_details(), interpreter.get_output_details()
    found = []
    for image in images:
        picture = data.to_network_input(image[np.newaxis])
        if into["dtype"] == np.uint8:
            picture = image[np.newaxis, ..., np.newaxis]
        interpreter.set_tensor(into["index"], picture)
        interpreter.invoke()
        found.append(interpreter.get_tensor(out["index"])[0])
    return np.stack(found)
