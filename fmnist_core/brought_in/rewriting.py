"""A foreign graph as a network of this app: "picture", (n, 28, 28, 1) float32 from 0 to 1, in; "logits", "features" and
"activation.NAME" out, all float32. So nothing that comes after needs to know who made it.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from fmnist_core.brought_in.conventions import LAYOUTS, VALUES, Convention, Values
from fmnist_core.brought_in.foreign import Foreign, open_session, prune
from fmnist_core.brought_in.orders import CLASSES, SAME, Order
from fmnist_core.brought_in.trying import SMALLEST, Trial
from fmnist_core.data import SIDE
from fmnist_core.inference.classifier import ACTIVATION

PICTURE, LOGITS, FEATURES = "picture", "logits", "features"
_WITHIN = frozenset(("coefficients", "intercepts"))  # attributes of ai.onnx.ml
_SEVERAL = 3  # pictures, to see which tensors have a row for each
_FLOATS = (TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16)


class Rewriting:
    """A graph that grows: the foreign nodes under names of our own, ours before and behind them."""

    def __init__(self, model: Foreign, trial: Trial, order: Order):
        """order: the column of each class."""
        self.model = onnx.ModelProto()
        self.model.CopyFrom(model.model)
        self._graph = self.model.graph
        self._count = 0
        answer = _before_softmax(self._graph, trial) if trial.probabilities else None
        self.probabilities = trial.probabilities and answer is None
        self.names = _rename(self._graph)
        self.answer = self.names[answer or trial.output]
        self.start = self.names[model.input]
        inner = list(self._graph.node)
        del self._graph.node[:], self._graph.output[:], self._graph.input[:]
        self._graph.input.append(helper.make_tensor_value_info(PICTURE, TensorProto.FLOAT, ["n", SIDE, SIDE, 1]))
        self._adapt(trial.convention, model.kind)
        self._graph.node.extend(inner)
        self._give_logits(order)
        self.model.ir_version = max(self.model.ir_version, 8)
        for field in ("producer_name", "producer_version", "doc_string", "domain"):
            self.model.ClearField(field)
        del self.model.metadata_props[:]
        self._graph.name, self._graph.doc_string = "network", ""

    def _node(self, kind: str, inputs: Sequence[str], output: str = "", **attributes: Any) -> str:
        self._count += 1
        output = output or f"adapter{self._count}/out"
        self._graph.node.append(helper.make_node(kind, list(inputs), [output], f"adapter{self._count}", **attributes))
        return output

    def _constant(self, values: np.ndarray) -> str:
        self._count += 1
        name = f"adapter{self._count}/value"
        self._graph.initializer.append(numpy_helper.from_array(values, name))
        return name

    def _adapt(self, convention: Convention, kind: int) -> None:
        """From "picture" to what the foreign input takes."""
        values, shape = VALUES[convention.values], LAYOUTS[convention.layout]
        tensor = self._in_colour(values) if 3 in shape else self._scaled(values)
        if convention.channels_at is None:
            tensor = self._node("Reshape", [tensor, self._constant(np.array([-1, *shape], np.int64))])
        elif (convention.channels_at == 1) != (3 in shape):  # not in the order in which it was made
            perm = [0, 3, 1, 2] if convention.channels_at == 1 else [0, 2, 3, 1]
            tensor = self._node("Transpose", [tensor], perm=perm)
        if kind != TensorProto.FLOAT:
            tensor = self._node("Cast", [tensor], to=kind)
        self._node("Identity", [tensor], self.start)

    def _scaled(self, values: Values) -> str:
        """(n, 28, 28, 1)."""
        tensor = PICTURE
        for operator, numbers, nothing in (("Mul", values.scale, 1.0), ("Add", values.shift, 0.0)):
            if set(numbers) != {nothing}:
                constant = self._constant(np.array(numbers, np.float32))
                tensor = self._node(operator, [tensor, constant], f"scaled/{operator.lower()}")  # as Inside calls it
        return tensor

    def _in_colour(self, values: Values) -> str:
        """(n, 3, 28, 28): the picture as red, green and blue, by a convolution of single pixels, which Inside reads."""
        scale, shift = (np.broadcast_to(np.array(one, np.float32), (3,)) for one in (values.scale, values.shift))
        picture = self._node("Transpose", [PICTURE], perm=[0, 3, 1, 2])
        weights = self._constant(scale.reshape(3, 1, 1, 1)), self._constant(np.array(shift))
        return self._node("Conv", [picture, *weights], "scaled/conv")

    def _give_logits(self, order: Order) -> None:
        tensor = self._node("Cast", [self.answer], to=TensorProto.FLOAT)
        tensor = self._node("Reshape", [tensor, self._constant(np.array([-1, CLASSES], np.int64))])
        if self.probabilities:
            least = self._constant(np.array([SMALLEST], np.float32))
            tensor = self._node("Log", [self._node("Max", [tensor, least])])
        if order != SAME:
            tensor = self._node("Gather", [tensor, self._constant(np.array(order, np.int64))], axis=1)
        self._output(tensor, LOGITS)

    @property
    def parameters(self) -> int:
        """Numbers of the foreign weights, and of those that a linear model's node has within itself; not of trees."""
        within = [one for node in self._graph.node for one in node.attribute if one.name in _WITHIN]
        theirs = [one for one in self._graph.initializer if not one.name.startswith("adapter")]
        weights = sum(int(np.prod(one.dims)) for one in theirs if one.data_type in _FLOATS)
        return weights + sum(len(one.floats) for one in within)

    def shapes(self, tensors: list[str]) -> dict[str, tuple[int, ...]]:
        """Of these tensors for three pictures, without those that are no float or have not a row a picture."""
        every = onnx.ModelProto()
        every.CopyFrom(self.model)
        del every.graph.output[:]
        every.graph.output.extend(helper.make_empty_tensor_value_info(one) for one in dict.fromkeys(tensors))
        session = open_session(every.SerializeToString())
        names = [one.name for one in session.get_outputs()]
        found = session.run(names, {PICTURE: np.zeros((_SEVERAL, SIDE, SIDE, 1), np.float32)})
        whole = lambda one: np.ndim(one) > 0 and len(one) == _SEVERAL and one.dtype.kind == "f"  # noqa: E731
        return {name: one.shape for name, one in zip(names, found, strict=True) if whole(one)}

    def give_features(self, tensor: str) -> None:
        """tensor: (n, ...) of the rewritten graph; given as (n, d)."""
        flat = self._node("Flatten", [self._node("Cast", [tensor], to=TensorProto.FLOAT)], axis=1)
        self._output(flat, FEATURES)

    def give_layer(self, name: str, tensor: str, channels_first: bool) -> None:
        """channels_first: they come last in what the app sees, as in Keras."""
        found = self._node("Cast", [tensor], to=TensorProto.FLOAT)
        if channels_first:
            found = self._node("Transpose", [found], perm=[0, 2, 3, 1])
        self._output(found, ACTIVATION + name)

    def _output(self, tensor: str, name: str) -> None:
        self._node("Identity", [tensor], name)
        self._graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))

    def finish(self) -> bytes:
        prune(self._graph, [one.name for one in self._graph.output])
        content: bytes = self.model.SerializeToString()
        return content


def _before_softmax(graph: Any, trial: Trial) -> str | None:
    """The logits of which a last softmax makes the probabilities: exact where those have been rounded to 0."""
    maker = next((node for node in graph.node if trial.output in node.output), None)
    while maker is not None and maker.op_type in ("Identity", "Cast"):
        maker = next((node for node in graph.node if maker.input[0] in node.output), None)
    return maker.input[0] if maker is not None and maker.op_type == "Softmax" else None


_KINDS = {"Conv": "conv", "Gemm": "dense", "MatMul": "dense", "MaxPool": "pool", "AveragePool": "pool"}


def _rename(graph: Any) -> dict[str, str]:
    """Gives every node and tensor a name of ours: those in the file may say anything. Returns new names by old ones.

    A tensor is called by the layer that makes it, as in Keras' files, so that Inside can tell layers by their names.
    """
    names, counts = {"": ""}, dict[str, int]()
    for one in graph.input:
        names[one.name] = "input/out"
    for place, one in enumerate(graph.initializer):
        names[one.name] = f"weights{place + 1}"
        one.name, one.doc_string = names[one.name], ""
    for node in graph.node:
        kind = _KINDS.get(node.op_type, node.op_type.lower())
        counts[kind] = counts.get(kind, 0) + 1
        node.name, node.doc_string = f"{kind}{counts[kind]}", ""
        for place, name in enumerate(node.output):
            if name:
                names[name] = f"{node.name}/out{place}" if place else f"{node.name}/out"
    for node in graph.node:
        changed = [names[name] for name in node.input], [names[name] for name in node.output]
        del node.input[:], node.output[:]
        node.input.extend(changed[0])
        node.output.extend(changed[1])
    return names
