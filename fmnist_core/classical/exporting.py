"""A fitted baseline as an ONNX model with the interface of the networks here: "picture" in, "logits" out."""

import pickle
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fmnist_core import data
from fmnist_core.classical import estimators
from fmnist_core.data import SIDE
from fmnist_core.inference.classifier import Classifier
from fmnist_core.metrics import evaluation
from fmnist_core.runs.runs import Run
from fmnist_core.storage.atomic import replacing
from fmnist_core.zoo.others import classical

MOST_BYTES = 10_000_000  # of an ONNX model; larger ones are left out
CHECKED_PICTURES = 1_000
LARGEST_DIFFERENCE = 1e-4  # of a probability: float32 against scikit-learn's float64
USUAL_LOGITS = 100.0  # the larger the logits, the fewer digits are left behind the point
OPSET = {"": 18, "ai.onnx.ml": 3}


class ExportMismatch(RuntimeError):
    """The exported model does not give what the fitted one gives."""


def export(run: Run, name: str, fitted: Any, answer: Callable[[np.ndarray], np.ndarray]) -> tuple[int, float]:
    """Writes model.onnx where it is small enough; returns the model's bytes, and the largest difference of a
    probability between ONNX Runtime and scikit-learn (0 without an ONNX model).

    answer: pictures, (n, 28, 28) uint8, to logits, as scikit-learn gives them. Without an ONNX model its size is that
    of what Python stores.

    Raises:
        ExportMismatch: on the first 1,000 test pictures the two differ by more than 1e-4 (more where logits are huge).
    """
    path = run.folder / "model.onnx"
    path.unlink(missing_ok=True)
    stored = b"" if classical.facts_of(name).too_large else to_onnx(name, fitted)
    if not 0 < len(stored) <= MOST_BYTES:
        return len(pickle.dumps(fitted, protocol=5)), 0.0
    with replacing(path) as temporary:
        temporary.write_bytes(stored)
    return len(stored), _check(path, answer)


def hidden_units(fitted: Any) -> int:
    """Of its one hidden layer; 0 where there is none."""
    return int(fitted[-1].coefs_[0].shape[1]) if hasattr(fitted[-1], "coefs_") else 0


def to_onnx(name: str, fitted: Any) -> bytes:
    """Input picture, (n, 28, 28, 1) float32 in [0, 1]; outputs logits, (n, classes), and features, (n, d): the units of
    the hidden layer, or where there is none the standardised pixels."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    decides = classical.answers_of(name) == "decision values"
    plain = {} if name == "linear_svc" else {"zipmap": False}  # that one never has it
    options = {id(fitted[-1]): plain | ({"raw_scores": True} if decides else {})}
    example = np.zeros((1, SIDE * SIDE), np.float32)
    graph = _converted(fitted, example, options).graph
    pixels, scores = graph.input[0].name, graph.output[1].name
    scaler = fitted[0]
    constants = {
        "flat_shape": np.array([-1, SIDE * SIDE], np.int64),
        "pixel_means": scaler.mean_.astype(np.float32),
        "pixel_deviations": scaler.scale_.astype(np.float32),
        "least_probability": np.array(estimators.FLOOR, np.float32),
    }
    nodes = [helper.make_node("Reshape", ["picture", "flat_shape"], [pixels])]
    for node in graph.node:
        nodes += _standardising(node) if node.op_type == "Scaler" else [node]
    hidden = hidden_units(fitted)
    kind, order = ("Relu", reversed(nodes)) if hidden else ("Div", iter(nodes))  # the first division is the scaler's
    seen = next(node.output[0] for node in order if node.op_type == kind)
    nodes.append(helper.make_node("Identity", [seen], ["features"]))
    if decides:
        nodes.append(helper.make_node("Identity", [scores], ["logits"]))
    else:
        nodes.append(helper.make_node("Max", [scores, "least_probability"], ["floored"]))
        nodes.append(helper.make_node("Log", ["floored"], ["logits"]))
    told = lambda name, *size: helper.make_tensor_value_info(name, TensorProto.FLOAT, ["pictures", *size])  # noqa: E731
    outputs = [told("logits", len(data.CLASS_NAMES)), told("features", hidden or SIDE * SIDE)]
    weights = [*graph.initializer, *(numpy_helper.from_array(array, key) for key, array in constants.items())]
    nodes = _needed(nodes, {"logits", "features"})
    made = helper.make_graph(nodes, name, [told("picture", SIDE, SIDE, 1)], outputs, weights)
    opsets = [helper.make_opsetid(domain, version) for domain, version in OPSET.items()]
    finished = helper.make_model(made, opset_imports=opsets, ir_version=10)
    onnx.checker.check_model(finished)
    return bytes(finished.SerializeToString())


def _converted(fitted: Any, example: np.ndarray, options: dict[int, dict[str, Any]]) -> Any:
    """What skl2onnx makes of it. Of a leaf of histogram gradient boosting it says False where ONNX takes only 0."""
    from skl2onnx import to_onnx as convert
    from skl2onnx.common import tree_ensemble

    add, flag = tree_ensemble.add_node, "nodes_missing_value_tracks_true"
    tree_ensemble.add_node = lambda *told, **named: add(*told, **named | {flag: int(named.get(flag, 0))})
    try:
        return convert(fitted, example, options=options, target_opset=OPSET)
    finally:
        tree_ensemble.add_node = add


def _needed(nodes: Sequence[Any], wanted: set[str]) -> list[Any]:
    """Those, in order, that the wanted values are computed from: nobody asks for scikit-learn's labels."""
    kept = []
    for node in reversed(nodes):
        if wanted & set(node.output):
            kept.append(node)
            wanted = wanted | set(node.input)
    return kept[::-1]


def _standardising(scaler: Any) -> list[Any]:
    """What takes the place of ONNX' Scaler, which multiplies where scikit-learn divides: a pixel as bright as a tree's
    threshold must fall on the same side of it in both."""
    from onnx import helper

    centred = f"{scaler.output[0]}_centred"
    return [
        helper.make_node("Sub", [scaler.input[0], "pixel_means"], [centred]),
        helper.make_node("Div", [centred, "pixel_deviations"], [scaler.output[0]]),
    ]


def _check(path: Path, answer: Callable[[np.ndarray], np.ndarray]) -> float:
    images = data.load_split("test").images[:CHECKED_PICTURES]
    here, there = answer(images), Classifier(path).logits(images)
    difference = float(np.abs(evaluation.softmax(here) - evaluation.softmax(there)).max())
    allowed = LARGEST_DIFFERENCE * max(1.0, float(np.abs(here).max()) / USUAL_LOGITS)
    if difference > allowed:
        raise ExportMismatch(
            f"The exported model differs from the fitted one by {difference:.1e} in a probability; at most "
            f"{allowed:.0e} was expected."
        )
    return difference
