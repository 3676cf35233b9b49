"""The Keras model of a run that ships without it: its network with the weights of the run's ONNX file.

An export folds what a batch normalization has learned into one factor and one shift a channel. Here they become its
gamma and beta, beside a mean of 0 and a variance of 1: it answers as before, and is not for going on with a training.
"""

import re
from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnx
from onnx import numpy_helper

from fmnist_core.inference.classifier import Classifier
from fmnist_core.runs import runs
from fmnist_core.runs.runs import Run
from fmnist_core.storage import reading
from fmnist_core.storage.atomic import replacing
from fmnist_core.storage.folders import RunError
from fmnist_core.training.finish import check_export
from fmnist_core.zoo import model_of
from fmnist_core.zoo.layers import with_mirror

_HALVED = "/float16"  # see release.shipping
_GATES = (0, 2, 3, 1)  # of an LSTM: ONNX has input, output, forget, cell; Keras input, forget, cell, output


def save_keras_model(run: Run, path: Path) -> None:
    """Writes the run's network as model.keras, once it was seen to answer as the ONNX file does.

    Raises:
        RunError: the run has no ONNX file, or its weights do not fit its network.
    """
    config = runs.read_config(run)
    file = run.folder / "model.onnx"
    try:
        content = reading.read_bytes(file)
    except OSError as error:
        raise RunError(f"The run {run.id} comes without its parameters ({type(error).__name__}).") from None
    try:
        model = model_of(config.recipe).build(num_classes=len(config.class_names))
        _set_weights(model, onnx.load_from_string(content))
        answering = with_mirror(model) if config.recipe.mirror else model
        check_export(answering, Classifier(file))
    except (ValueError, LookupError, RuntimeError) as error:
        raise RunError(f"The parameters of the run {run.id} do not fit its network: {error}") from None
    with replacing(path) as temporary:
        answering.save(temporary)


def _set_weights(model: keras.Model, exported: Any) -> None:
    graph = exported.graph
    arrays = {
        one.name.removesuffix(_HALVED): numpy_helper.to_array(one).astype(np.float32) for one in graph.initializer
    }
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights(_normalization(layer, graph, arrays))
        elif isinstance(layer, keras.layers.LSTM):
            layer.set_weights(_recurrent(graph, arrays))
        elif isinstance(layer, keras.layers.DepthwiseConv2D):
            layer.set_weights([_depthwise(layer, graph, arrays)])
        elif layer.weights:
            mine = [array for name, array in arrays.items() if _is_of(layer, name)]
            layer.set_weights([_fitting(weight.shape, mine) for weight in layer.weights])


def _is_of(layer: keras.Layer, name: str) -> bool:
    return bool(re.search(rf"/{re.escape(layer.name)}(_\d+)?/", name))


def _fitting(shape: tuple[int, ...], arrays: list[np.ndarray]) -> np.ndarray:
    """The one of that many axes; kernels of convolutions have their channels first in ONNX."""
    found = next((array for array in arrays if array.ndim == len(shape)), None)
    if found is None:
        raise LookupError("the export has joined some of them with others")
    return found.transpose(2, 3, 1, 0) if found.ndim == 4 else found


def _depthwise(layer: Any, graph: Any, arrays: dict[str, np.ndarray]) -> np.ndarray:
    """Its kernel, without a bias, is made anew by the export, under another name."""
    (node,) = (node for node in graph.node if node.op_type == "Conv" and _is_of(layer, node.output[0]))
    return arrays[node.input[1]].transpose(2, 3, 0, 1)


def _normalization(layer: Any, graph: Any, arrays: dict[str, np.ndarray]) -> list[np.ndarray]:
    factor = next((name for name in arrays if _is_of(layer, name) and name.endswith("/mul:0")), None)
    if factor is None:
        raise LookupError("the export has joined some of them with others")
    (product,) = (node.output[0] for node in graph.node if node.op_type == "Mul" and factor in node.input)
    (added,) = (node.input for node in graph.node if node.op_type == "Add" and product in node.input)
    (shift,) = (name for name in added if name != product)
    gamma, beta = arrays[factor].ravel(), arrays[shift].ravel()
    return [gamma, beta, np.zeros_like(gamma), np.full_like(gamma, 1 - layer.epsilon)]


def _recurrent(graph: Any, arrays: dict[str, np.ndarray]) -> list[np.ndarray]:
    (node,) = (node for node in graph.node if node.op_type == "LSTM")
    kernel, recurrent, bias = (arrays[name] for name in node.input[1:4])
    halves = bias.reshape(2, -1).sum(axis=0)
    return [_in_keras_order(kernel[0]).T, _in_keras_order(recurrent[0]).T, _in_keras_order(halves)]


def _in_keras_order(rows: np.ndarray) -> np.ndarray:
    """(4 * units, ...), a gate after the other."""
    return np.concatenate([np.split(rows, 4)[gate] for gate in _GATES])
