"""The nodes of an ONNX graph, with what a reader of layers asks of them: constants, shapes, who takes what."""

from collections import defaultdict
from typing import Any

import numpy as np

# They only move or name numbers. Shape and what is made of it tells sizes and no numbers of the picture.
ALIASES = frozenset("Transpose Identity Cast Squeeze Unsqueeze Reshape Flatten Split Slice".split())
SIZES = frozenset(("Shape", "Size"))


class Graph:
    """Read-only view of an onnx.ModelProto; shapes are of one picture (of two views of it: of both)."""

    def __init__(self, model: Any):
        """Raises ValueError where ONNX Runtime cannot run it on a picture."""
        from onnx import numpy_helper

        self.nodes = list(model.graph.node)
        self._constants = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
        for node in self.nodes:
            self._fold(node)
        self.shapes = self._run(model)
        self._takers: dict[str, list[Any]] = defaultdict(list)
        for node in self.nodes:
            for name in set(node.input):
                self._takers[name].append(node)

    def _fold(self, node: Any) -> None:
        """Weights that are stored as halves are cast back by a node."""
        from onnx import numpy_helper

        if node.op_type == "Constant":
            value = next((one.t for one in node.attribute if one.name == "value"), None)
            if value is not None:
                self._constants[node.output[0]] = numpy_helper.to_array(value)
        elif node.op_type in ("Cast", "Identity") and node.input[0] in self._constants:
            self._constants[node.output[0]] = self._constants[node.input[0]]

    def _run(self, model: Any) -> dict[str, tuple[int, ...]]:
        import onnxruntime
        from onnx import ModelProto, helper

        every = ModelProto()
        every.CopyFrom(model)
        known = {one.name for one in every.graph.output}
        names = [name for node in self.nodes for name in node.output if name and name not in self._constants]
        every.graph.output.extend(helper.make_empty_tensor_value_info(name) for name in names if name not in known)
        options = onnxruntime.SessionOptions()
        options.log_severity_level, options.intra_op_num_threads = 4, 1
        options.enable_cpu_mem_arena = False
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        try:
            content = every.SerializeToString()
            session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
            picture = {session.get_inputs()[0].name: np.zeros((1, 28, 28, 1), np.float32)}
            self.picture = next(iter(picture))
            found = session.run(names, picture)
        except Exception as error:  # ONNX Runtime's own errors share no public base class
            raise ValueError(f"the network cannot be run layer by layer ({type(error).__name__})") from None
        shapes = {name: tuple(np.shape(value)) for name, value in zip(names, found, strict=True)}
        return shapes | {self.picture: (1, 28, 28, 1)}

    def constant(self, name: str) -> np.ndarray | None:
        """The value, floats as float32; None where it depends on the picture."""
        value = self._constants.get(name)
        return value.astype(np.float32) if value is not None and value.dtype.kind == "f" else value

    def is_constant(self, name: str) -> bool:
        return name in self._constants or not name

    def takers(self, name: str) -> list[Any]:
        """The nodes that compute with a tensor, however often it is named or turned before."""
        found = []
        for node in self._takers[name]:
            if node.op_type in SIZES:
                continue
            if node.op_type in ALIASES:
                found += [taker for output in node.output for taker in self.takers(output)]
            else:
                found.append(node)
        return found


def attributes(node: Any) -> dict[str, Any]:
    from onnx import helper

    return {one.name: helper.get_attribute_value(one) for one in node.attribute}
