"""Fifteen files that are broken or mean harm, each beside a sound one: what each is, and its content."""

import io
import json
import struct
import zipfile
from collections.abc import Callable, Iterator

import keras
import numpy as np
import onnx
from keras import layers
from onnx import TensorProto, helper, numpy_helper

Graph = tuple[list[onnx.NodeProto], list[onnx.TensorProto]]


def _model(
    graph: Graph, shape: tuple[object, ...] = ("n", 784), change: Callable[[onnx.ModelProto], object] = id
) -> bytes:
    nodes, weights = graph
    picture = helper.make_tensor_value_info("x", TensorProto.FLOAT, list(shape))
    answer = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    made = helper.make_graph(nodes, "g", [picture], [answer], weights)
    opsets = [helper.make_opsetid("", 15)]
    model = helper.make_model(made, opset_imports=opsets, ir_version=8)
    change(model)
    return bytes(model.SerializeToString())


def _linear(fed: str = "x", classes: int = 10) -> Graph:
    weights = np.random.default_rng(0).normal(size=(784, classes)).astype(np.float32)
    return [helper.make_node("MatMul", [fed, "w"], ["y"])], [numpy_helper.from_array(weights, "w")]


def _with(*nodes: onnx.NodeProto, weights: tuple[tuple[str, np.ndarray], ...] = (), fed: str = "h") -> Graph:
    last, weight = _linear(fed)
    return [*nodes, *last], [*weight, *(numpy_helper.from_array(values, name) for name, values in weights)]


def _elsewhere(model: onnx.ModelProto) -> None:
    weight = model.graph.initializer[0]
    weight.ClearField("raw_data")
    weight.data_location = TensorProto.EXTERNAL
    weight.external_data.add(key="location", value="../../../etc/passwd")


def _loop() -> Graph:
    go, trip, value = (
        helper.make_tensor_value_info(name, kind, None)
        for name, kind in (("go", TensorProto.BOOL), ("trip", TensorProto.INT64), ("v", TensorProto.FLOAT))
    )
    outputs = [helper.make_tensor_value_info(f"{name}.on", one, None) for name, one in (("go", 9), ("v", 1))]
    body = [helper.make_node("Identity", [name], [f"{name}.on"]) for name in ("go", "v")]
    inner = helper.make_graph(body, "body", [trip, go, value], outputs)
    node = helper.make_node("Loop", ["trips", "true", "x"], ["h"], body=inner)
    return _with(node, weights=(("trips", np.array(2**62, np.int64)), ("true", np.array(True))))


def _memory() -> Graph:
    wide, axis = ("wide", np.array([200_000, 1, 784], np.int64)), ("axis", np.array([0], np.int64))
    nodes = (
        helper.make_node("Expand", ["x", "wide"], ["huge"]),
        helper.make_node("ReduceSum", ["huge", "axis"], ["h"], keepdims=0),
    )
    return _with(*nodes, weights=(wide, axis))


def _slow() -> Graph:
    """A product of matrices of 6,000 by 6,000, again and again."""
    square = ("square", np.zeros((1,), np.float32))
    wide = ("wide", np.array([6_000, 6_000], np.int64))
    nodes = [helper.make_node("Expand", ["square", "wide"], ["m0"])]
    nodes += [helper.make_node("MatMul", [f"m{place}", "m0"], [f"m{place + 1}"]) for place in range(400)]
    nodes += [
        helper.make_node("ReduceMax", ["m400"], ["one"], keepdims=0),
        helper.make_node("Add", ["x", "one"], ["h"]),
    ]
    return _with(*nodes, weights=(square, wide))


def _endless_weights(model: onnx.ModelProto) -> None:
    model.graph.initializer[0].dims[:] = [2**40, 2**20]


def _keras(*middle: keras.layers.Layer) -> keras.Model:
    return keras.Sequential([keras.Input((28, 28, 1)), *middle, layers.Flatten(), layers.Dense(10)])


def _saved(model: keras.Model, kind: str) -> bytes:
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"model.{kind}"
        model.save(path)
        return path.read_bytes()


def _with_config(content: bytes, change: Callable[[dict], None], extra: dict[str, bytes] | None = None) -> bytes:
    """A .keras file with another config, and other entries beside its own."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name == "config.json":
                config = json.loads(text)
                change(config)
                text = json.dumps(config).encode()
            new.writestr(name, text)
        for name, text in (extra or {}).items():
            new.writestr(name, text)
    return made.getvalue()


def _foreign_layer(config: dict) -> None:
    config["config"]["layers"][1] |= {"module": "os", "class_name": "system", "config": {"command": "touch /tmp/owned"}}


def files() -> Iterator[tuple[str, bytes]]:
    """What it is, and what it holds."""
    sound = _model(_linear())
    plain = _saved(_keras(layers.Conv2D(2, 3)), "keras")
    yield "onnx-cut-short", sound[: len(sound) // 2]
    yield "onnx-of-noise", b"\x08" + np.random.default_rng(0).bytes(5_000)
    yield "onnx-with-weights-elsewhere", _model(_linear(), change=_elsewhere)
    yield "onnx-with-an-endless-loop", _model(_loop())
    yield "onnx-with-an-operator-of-its-own", _model(_with(helper.make_node("Steal", ["x"], ["h"], domain="evil.com")))
    yield "onnx-that-asks-for-all-memory", _model(_memory())
    yield "onnx-that-takes-for-ever", _model(_slow())
    yield "onnx-whose-weights-are-larger-than-it", _model(_linear(), change=_endless_weights)
    yield "onnx-of-11-classes", _model(_linear(classes=11))
    yield "onnx-for-32-by-32-pixels", _model(_linear(), ("n", 3, 32, 32))
    yield "keras-with-a-lambda", _saved(_keras(layers.Lambda(lambda x: x * 2)), "keras")
    yield "keras-with-a-program-for-a-layer", _with_config(plain, _foreign_layer)
    yield "keras-that-writes-outside", _with_config(plain, dict, {"../../owned.txt": b"owned"})
    yield "h5-with-a-lambda", _saved(_keras(layers.Lambda(lambda x: x * 2)), "h5")
    yield "h5-of-noise", b"\x89HDF\r\n\x1a\n" + struct.pack("<Q", 2**60) + bytes(4_000)
