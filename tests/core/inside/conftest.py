"""Networks for the tests of what is inside them: shipped ones, and some made by hand of what those lack."""

import functools
from collections.abc import Callable

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from fmnist_core.inside.session import Inside, open_inside
from fmnist_core.runs import runs


@functools.cache
def _open(model: str) -> Inside:
    return open_inside(next(run for run in runs.list_runs() if run.shipped and run.id.startswith(f"{model}-")))


@pytest.fixture
def opened() -> Callable[[str], Inside]:
    """The shipped run of a model, opened once."""
    return _open


class Graph:
    """An ONNX file, node by node; weights are drawn from a seed."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.last, self.random = "picture", np.random.default_rng(5)

    def weight(self, *shape: int, positive: bool = False) -> str:
        values = self.random.normal(0, 0.4, shape).astype(np.float32)
        return self.constant(np.abs(values) + np.float32(0.1) if positive else values)

    def constant(self, values: np.ndarray) -> str:
        self.weights.append(numpy_helper.from_array(values, f"weight{len(self.weights)}"))
        return self.weights[-1].name

    def node(self, operator: str, *more: str, of: str | None = None, name: str = "", **told: object) -> str:
        output = name or f"value{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, [of or self.last, *more], [output], **told))
        self.last = output
        return output

    def inside(self) -> Inside:
        """The network whose last value gives, flattened and through a dense layer, the logits."""
        self.node("Flatten")
        size = _size_of_last(self)
        self.node("Gemm", self.weight(10, size), self.weight(10), transB=1, name="logits")
        return Inside(self.model(["logits"]).SerializeToString())

    def model(self, outputs: list[str]) -> onnx.ModelProto:
        picture = helper.make_tensor_value_info("picture", TensorProto.FLOAT, ("n", 28, 28, 1))
        given = [helper.make_empty_tensor_value_info(name) for name in outputs]
        graph = helper.make_graph(self.nodes, "made", [picture], given, self.weights)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def _size_of_last(graph: Graph) -> int:
    import onnxruntime

    session = onnxruntime.InferenceSession(graph.model([graph.last]).SerializeToString())
    return int(session.run(None, {"picture": np.zeros((1, 28, 28, 1), np.float32)})[0].shape[1])


@pytest.fixture
def graph() -> Graph:
    made = Graph()
    made.node("Transpose", perm=[0, 3, 1, 2])
    return made
