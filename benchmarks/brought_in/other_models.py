"""Two networks by tf2onnx, three models by skl2onnx and five by Keras alone.

Run: python -m benchmarks.brought_in.other_models FOLDER
"""

import sys
import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnx
import skl2onnx
import tensorflow as tf
import tf2onnx
from keras import layers
from skl2onnx.common.data_types import FloatTensorType
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.brought_in.made_by import Made, pictures


def trained(network: keras.Model, values: str, epochs: int = 2) -> np.ndarray:
    """Trains it, and returns its answers to the test pictures."""
    shape = tuple(network.input_shape[1:])
    images, labels = pictures("train", values)
    last = network.layers[-1].get_config().get("activation")
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=last != "softmax")
    network.compile(keras.optimizers.Adam(1e-3), loss)
    network.fit(_shaped(images, shape), labels, 128, epochs, verbose=0)
    return np.asarray(network.predict(_shaped(pictures("test", values)[0], shape), 500, verbose=0))


def _shaped(images: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    return np.repeat(images[..., None], 3, -1) if shape[-1] == 3 else images.reshape(-1, *shape)


def by_tf2onnx(folder: Path, made: Made) -> None:
    network = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(16, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.DepthwiseConv2D(3, activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(64, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    for file, values, told in (
        ("tf2onnx_nhwc.onnx", "-1..1", {}),
        ("tf2onnx_nchw.onnx", "0..255", {"inputs_as_nchw": ["x"]}),
    ):
        said = trained(network, values, 3)
        signature = (tf.TensorSpec((None, 28, 28, 1), tf.float32, name="x"),)
        function = tf.function(lambda x: network(x, training=False), input_signature=signature)
        tf2onnx.convert.from_function(function, signature, opset=15, output_path=str(folder / file), **told)
        layout = "nchw" if told else "nhwc"
        made.add(file, "tf2onnx", f"{layout},{values}", said)


def by_skl2onnx(folder: Path, made: Made) -> None:
    rows: tuple[tuple[str, Any, str, dict[str, Any]], ...] = (
        ("skl2onnx_logistic.onnx", make_pipeline(StandardScaler(), LogisticRegression(max_iter=15)), "0..255", {}),
        ("skl2onnx_forest.onnx", RandomForestClassifier(30, max_depth=12, random_state=1), "0..1", {"zipmap": False}),
        ("skl2onnx_mlp.onnx", MLPClassifier((64,), max_iter=6, random_state=1), "standardised", {"zipmap": False}),
    )
    for file, model, values, options in rows:
        images, labels = pictures("train", values)
        model.fit(images.reshape(-1, 784), labels)
        said = model.predict_proba(pictures("test", values)[0].reshape(-1, 784))
        told = {"options": {id(model): options}} if options else {}
        converted = skl2onnx.to_onnx(model, initial_types=[("x", FloatTensorType([None, 784]))], **told)
        onnx.save(converted, folder / file)
        made.add(file, "skl2onnx", f"flat,{values}", said)


def by_keras(folder: Path, made: Made) -> None:
    picture = keras.Input((28, 28, 1))
    x = layers.Rescaling(1 / 255)(picture)
    x = layers.BatchNormalization()(layers.Conv2D(16, 3, strides=2, padding="same")(x))
    x = layers.Flatten()(layers.Conv2D(16, 3, strides=2, activation="gelu")(layers.ReLU()(x)))
    functional = keras.Model(picture, layers.Dense(10)(layers.Dropout(0.2)(layers.Dense(64, activation="relu")(x))))
    dense = [layers.Dense(64, activation="relu"), layers.Dense(10, activation="softmax")]
    rows = (
        (
            "keras_cnn.keras",
            [keras.Input((28, 28, 1)), layers.Conv2D(8, 3, activation="relu"), layers.MaxPooling2D(), layers.Flatten()],
            "0..1",
        ),
        ("keras_functional.keras", functional, "0..255"),
        ("keras_dense.h5", [keras.Input((784,)), layers.Dense(128, activation="tanh")], "-1..1"),
        ("keras_rows.keras", [keras.Input((28, 28)), layers.LSTM(32)], "standardised"),
        (
            "keras_rgb.h5",
            [keras.Input((28, 28, 3)), layers.SeparableConv2D(16, 3, strides=2, activation="relu"), layers.Flatten()],
            "0..1",
        ),
    )
    names = {4: "nhwc", 3: "nhw", 2: "flat"}
    for file, network, values in rows:
        if isinstance(network, list):
            fresh = [layer.__class__.from_config(layer.get_config()) for layer in dense]
            network = keras.Sequential([*network, *fresh])
        said = trained(network, values)
        network.save(folder / file)
        shape = network.input_shape
        layout = names[len(shape)] + ("3" if shape[-1] == 3 else "")
        made.add(file, "Keras", f"{layout},{values}", said)


def main(folder: Path) -> None:
    warnings.filterwarnings("ignore")
    keras.utils.set_random_seed(1)
    made = Made(folder)
    by_skl2onnx(folder, made)
    by_tf2onnx(folder, made)
    by_keras(folder, made)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
