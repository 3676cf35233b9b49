"""A model of somebody else's, in the sandbox: its one input, its answers, and its graph made ready to be rewritten."""

from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from fmnist_core.brought_in import conventions
from fmnist_core.brought_in.tables import Refused
from fmnist_core.runs import foreign_model

BATCH = 100  # pictures at once
# What scikit-learn's converters put round an answer, and is taken off.
_WRAPPERS = frozenset(("ZipMap", "CastMap"))
_TYPES = {  # of inputs
    TensorProto.FLOAT: np.float32,
    TensorProto.DOUBLE: np.float64,
    TensorProto.FLOAT16: np.float16,
    TensorProto.UINT8: np.uint8,
    TensorProto.INT32: np.int32,
    TensorProto.INT64: np.int64,
}
_NUMBERS = (TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.UNDEFINED)  # of outputs
_LEAST_OPSET = 7  # before it, sums had to be told how to broadcast


class Foreign:
    """model: an onnx.ModelProto of which nothing is left but what leads from the input to answers."""

    def __init__(self, content: bytes):
        """Raises Refused for what is no such model, or more than arithmetic."""
        try:
            self.model = onnx.load_from_string(content)
        except Exception:  # protobuf's own error
            raise Refused("It is no ONNX file, or it is cut short.") from None
        graph = self.model.graph
        if not graph.node:
            raise Refused("It is no ONNX file with a network in it.")
        opset = max((one.version for one in self.model.opset_import if one.domain in ("", "ai.onnx")), default=99)
        if opset < _LEAST_OPSET:
            raise Refused(f"It is written for opset {opset}. Expected {_LEAST_OPSET} or later: export it anew.")
        weights = {one.name for one in graph.initializer}
        inputs = [one for one in graph.input if one.name not in weights]
        if len(inputs) != 1:
            raise Refused(f"It has {len(inputs)} inputs. Expected one, for pictures of 28 by 28 pixels.")
        self._keep_answers()
        if found := foreign_model.unsafe(self.model, foreign_model.FOREIGN, foreign_model.TRADITIONAL):
            raise Refused(f"{found[0].upper()}{found[1:]}. Expected plain arithmetic on weights in the file itself.")
        self._read_input(inputs[0])

    def _keep_answers(self) -> None:
        """Leaves out what no number of an answer depends on: labels, and the maps that they are packed in."""
        graph = self.model.graph
        makers = {name: node for node in graph.node for name in node.output}
        wanted = []
        for output in graph.output:
            maker = makers.get(output.name)
            if maker is not None and maker.op_type in _WRAPPERS:
                wanted.append(maker.input[0])
            elif output.type.WhichOneof("value") in ("tensor_type", None):
                if output.type.tensor_type.elem_type in _NUMBERS:
                    wanted.append(output.name)
        if not wanted:
            raise Refused("It gives no numbers. Expected an output of ten for each picture.")
        self.outputs = list(dict.fromkeys(wanted))
        prune(graph, self.outputs)

    def _read_input(self, value: Any) -> None:
        self.input, kind = value.name, value.type.tensor_type.elem_type
        if kind not in _TYPES:
            raise Refused("Its input is no numbers. Expected pictures of 28 by 28 pixels.")
        self.kind, self.dtype = kind, _TYPES[kind]
        has_shape = value.type.tensor_type.HasField("shape")
        self.shape = foreign_model.sizes(value) if has_shape else None
        if not conventions.fitting(self.shape):
            axes = " x ".join(str(size) if size else "n" for size in self.shape or ())
            raise Refused(f"Its input is {axes}. Expected pictures of 28 by 28 pixels, with one or three channels.")
        self.fixed = self.shape[0] if self.shape and len(self.shape) > 1 else 0  # pictures at once; 0: any number
        if self.fixed:
            self._free()
        del self.model.graph.value_info[:]
        self._session = self._open(self.model, self.outputs)

    def _free(self) -> None:
        """Lets any number of pictures in where the file says how many. That it works is tried later."""
        graph = self.model.graph
        shape = next(one for one in graph.input if one.name == self.input).type.tensor_type.shape
        shape.dim[0].ClearField("dim_value")
        shape.dim[0].dim_param = "n"
        targets = {node.input[1] for node in graph.node if node.op_type == "Reshape"}
        for weight in graph.initializer:
            if weight.name in targets:
                weight.CopyFrom(_freed(weight, self.fixed, weight.name))
        for node in graph.node:
            if node.op_type == "Constant" and node.output[0] in targets and node.attribute[0].name == "value":
                node.attribute[0].t.CopyFrom(_freed(node.attribute[0].t, self.fixed, ""))

    def _open(self, model: Any, outputs: list[str]) -> Any:
        """An ONNX Runtime session that gives these tensors. Raises Refused."""
        every = onnx.ModelProto()
        every.CopyFrom(model)
        del every.graph.output[:]
        every.graph.output.extend(helper.make_empty_tensor_value_info(name) for name in outputs)
        try:
            return open_session(every.SerializeToString())
        except Exception as error:  # ONNX Runtime's own errors share no public base class
            raise Refused(
                f"ONNX Runtime cannot open it ({type(error).__name__}): its parts do not fit together."
            ) from None

    def run(self, pictures: np.ndarray) -> dict[str, np.ndarray]:
        """(n, ...) as the input wants them -> the outputs, (n, ...) each.

        Raises whatever ONNX Runtime raises, and ValueError where an output has not a row for each picture.
        """
        found = []
        for start in range(0, len(pictures), BATCH):
            part = pictures[start : start + BATCH].astype(self.dtype)
            found.append(self._session.run(self.outputs, {self.input: part}))
            if any(np.ndim(one) < 1 or len(one) != len(part) for one in found[-1]):
                raise ValueError("not a row for each picture")
        return {name: np.concatenate(parts) for name, parts in zip(self.outputs, zip(*found, strict=True), strict=True)}


def _freed(weight: Any, fixed: int, name: str) -> Any:
    """The shape that a Reshape goes to, with as many pictures as come."""
    shape = numpy_helper.to_array(weight).copy()
    if shape.ndim == 1 and len(shape) > 1 and shape[0] == fixed:
        shape[0] = 0 if -1 in shape else -1
    return numpy_helper.from_array(shape, name)


def open_session(content: bytes) -> Any:
    """An ONNX Runtime session on two cores that says nothing. Raises what ONNX Runtime raises."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level, options.intra_op_num_threads = 4, 2
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def prune(graph: Any, wanted: list[str]) -> None:
    """Leaves the nodes and weights of a graph that lead to these tensors."""
    names, kept = set(wanted), []
    for node in reversed(graph.node):
        if names & set(node.output):
            names |= set(node.input)
            kept.append(node)
    weights = [one for one in graph.initializer if one.name in names]
    inputs = [
        one for one in graph.input if one.name in names or one.name not in {two.name for two in graph.initializer}
    ]
    for field, left in ((graph.node, kept[::-1]), (graph.initializer, weights), (graph.input, inputs)):
        copies = [type(one)() for one in left]
        for copy, one in zip(copies, left, strict=True):
            copy.CopyFrom(one)
        del field[:]
        field.extend(copies)
