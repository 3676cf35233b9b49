"""Small models with a counted accuracy: the class whose mean picture is nearest, written for any convention."""

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from fmnist_core import data
from fmnist_core.brought_in.conventions import LAYOUTS, Convention


def weights(convention: Convention) -> tuple[np.ndarray, np.ndarray]:
    """(d, 10) and (10,): of pictures as the convention has them, the logits are x @ w + b."""
    train = data.load_split("train")
    x = convention.apply(train.images[:5_000]).reshape(5_000, -1).astype(np.float64)
    means = np.stack([x[train.labels[:5_000] == one].mean(axis=0) for one in range(10)])
    scale = 1 / np.square(means - means.mean(axis=0)).sum(axis=1).mean()  # logits of some units
    return (5 * scale * means.T).astype(np.float32), (-2.5 * scale * np.square(means).sum(axis=1)).astype(np.float32)


def accuracy(convention: Convention) -> float:
    """Of the test pictures, counted without ONNX."""
    test = data.load_split("test")
    w, b = weights(convention)
    said = convention.apply(test.images).reshape(len(test.images), -1) @ w + b
    return float((said.argmax(axis=1) == test.labels).mean())


def model(
    convention: Convention,
    last: str = "",
    batch: int | str = "n",
    columns: list[int] | None = None,
    change: Callable[[onnx.ModelProto], Any] = id,
) -> bytes:
    """last: an operator behind the logits; columns: the class of each column, where they are in another order."""
    w, b = weights(convention)
    w, b = (w[:, columns], b[columns]) if columns else (w, b)
    shape = [batch, *LAYOUTS[convention.layout]]
    first = 1 if batch == 1 else -1
    constants = {"shape": np.array([first, len(w)], np.int64), "w": w, "b": b}
    nodes = [
        helper.make_node("Reshape", ["<b>x", "shape"], ["flat"]),
        helper.make_node("Gemm", ["flat", "w", "b"], ["logits0"]),
        helper.make_node(last or "Identity", ["logits0"], ["y"]),
    ]
    picture = helper.make_tensor_value_info("<b>x", TensorProto.FLOAT, shape)
    answer = helper.make_tensor_value_info("y", TensorProto.FLOAT, [batch, 10])
    stored = [numpy_helper.from_array(values, name) for name, values in constants.items()]
    graph = helper.make_graph(nodes, "g", [picture], [answer], stored)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    change(made)
    return bytes(made.SerializeToString())
