"""A run's network as a LiteRT file (.tflite), as it is or in 8-bit whole numbers.

TensorFlow opens the network in the sandbox alone: the model.keras of a run that was imported may be anybody's. A file
of whole numbers takes the pixels as they are, 0 to 255, and gives logits as float32; its scales are those of the
activations for calibration pictures of the training set.
"""

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from fmnist_core import data, sandbox
from fmnist_core.data import SIDE, SIZES
from fmnist_core.exports.card import CHECKED
from fmnist_core.storage.folders import RunError

CALIBRATION_PICTURES, CALIBRATION_SEED = 500, 0
SOURCE, MADE, SAID = "model.keras", "model.tflite", "logits.npy"  # in the sandbox
# Of address space, and of processor time: int8 of the largest network that ships takes two minutes on two cores.
MEMORY, SECONDS = 12_000_000_000, 600
LARGEST = 400_000_000  # bytes


def quantized_with() -> str:
    return (
        f"{CALIBRATION_PICTURES} training pictures drawn with the seed {CALIBRATION_SEED}, which set the scales of the "
        "activations; weights and activations are int8"
    )


def convert(keras_file: bytes, whole_numbers: bool) -> tuple[bytes, np.ndarray]:
    """The network of a model.keras as a LiteRT file for one picture at a time, and what that gives for the first test
    pictures: (CHECKED, classes) float.

    Raises:
        RunError: TensorFlow's converter cannot say this network in LiteRT's own operators, or it does not end.
        OSError: the disk is full.
    """
    kind = "int8" if whole_numbers else "float32"
    with sandbox.confined(__name__, [kind], {SOURCE: keras_file}, memory=MEMORY, seconds=SECONDS) as ended:
        content, said = ended.read(MADE, LARGEST), ended.read(SAID, LARGEST)
        if ended.code or content is None or said is None:
            reason = ended.said if ended.code == 1 else "It takes too long, or more memory than it may."
            raise RunError(f"This network cannot be written as LiteRT, {kind}: {reason} Choose another format.")
    return content, _answers(said)


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
    content = _converted(Path(SOURCE), arguments == ["int8"])
    if isinstance(content, str):
        return content
    Path(MADE).write_bytes(content)
    np.save(SAID, logits(content))
    return None


def _converted(keras_file: Path, whole_numbers: bool) -> bytes | str:
    """The LiteRT file, or why there is none."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    import fmnist_core.zoo.layers  # noqa: F401 - registers the layers that Keras lacks

    model = keras.models.load_model(keras_file, compile=False)
    if whole_numbers:
        model = _unrolled(model)
    called = tf.function(
        lambda picture: model(picture, training=False),
        input_signature=[tf.TensorSpec((1, SIDE, SIDE, 1), tf.float32, name="picture")],
    )
    # With the variables of Keras 3 as variables, the converter writes a file without any weights.
    frozen = convert_variables_to_constants_v2(called.get_concrete_function())
    converter = tf.lite.TFLiteConverter.from_concrete_functions([frozen], model)
    if whole_numbers:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = _calibration_pictures
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = tf.uint8
    try:
        return bytes(converter.convert())
    except Exception as error:  # the converter's own errors share no public base class
        told = str(error).strip().splitlines()
        return f"{told[0][:200] if told else type(error).__name__}."


def _unrolled(model: Any) -> Any:
    """The same network, its LSTMs one step after the other: the converter breaks down over a loop of whole numbers."""
    import keras

    def clone(layer: Any) -> Any:
        changed = {"unroll": True} if isinstance(layer, keras.layers.LSTM) else {}
        return layer.__class__.from_config(layer.get_config() | changed)

    if not any(isinstance(layer, keras.layers.LSTM) for layer in model.layers):
        return model
    copy = keras.models.clone_model(model, clone_function=clone)
    copy.set_weights(model.get_weights())
    return copy


def _calibration_pictures() -> Iterator[list[np.ndarray]]:
    chosen = np.random.default_rng(CALIBRATION_SEED).choice(SIZES["train"], CALIBRATION_PICTURES, replace=False)
    images = data.load_split("train").images
    for place in chosen:
        yield [data.to_network_input(images[place : place + 1])]


def logits(content: bytes, count: int = CHECKED) -> np.ndarray:
    """(count, classes) float32: what a LiteRT file gives for the first test pictures. For the sandbox, and for files of
    one's own."""
    import tensorflow as tf

    interpreter: Any = tf.lite.Interpreter(model_content=content, num_threads=1)
    interpreter.allocate_tensors()
    (into,), (out,) = interpreter.get_input_details(), interpreter.get_output_details()
    found = []
    for image in data.load_split("test").images[:count]:
        picture = data.to_network_input(image[np.newaxis])
        if into["dtype"] == np.uint8:
            picture = image[np.newaxis, ..., np.newaxis]
        interpreter.set_tensor(into["index"], picture)
        interpreter.invoke()
        found.append(interpreter.get_tensor(out["index"])[0])
    return np.stack(found)
