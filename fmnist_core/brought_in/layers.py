"""Which tensors of a foreign graph are worth seeing: what its last layer sees, and what its layers give."""

from collections import Counter
from typing import Any

PIXELS, PENULTIMATE, ANSWERS = "pixels", "penultimate", "answers"
MOST_LAYERS = 16
_WEIGHTED = frozenset("Conv ConvTranspose Gemm MatMul LinearClassifier LinearRegressor".split())
# What may stand between the last weights and the answer, and changes no number's meaning.
_AFTER = frozenset(
    "Add Sub Mul Div Softmax LogSoftmax Sigmoid Reshape Squeeze Unsqueeze Flatten Identity Cast Clip Max Log Transpose "
    "Dropout Normalizer GlobalAveragePool ReduceMean BatchNormalization".split()
)
_MOVES = frozenset("Reshape Squeeze Unsqueeze Flatten Identity Cast Transpose Dropout Mul Sub Add Div Scaler".split())
_SHOWN = frozenset("Conv ConvTranspose MaxPool AveragePool GlobalAveragePool GlobalMaxPool Gemm MatMul".split())
_STEPS = frozenset(
    "Add BatchNormalization Relu LeakyRelu PRelu Elu Selu Celu Sigmoid Tanh Softplus Softsign HardSwish HardSigmoid "
    "Mish Gelu Clip Identity".split()
)


class Reading:
    """graph: an onnx.GraphProto; start: the tensor that the picture is in it; answer: that of its ten numbers."""

    def __init__(self, graph: Any, start: str, answer: str):
        self._nodes, self._start, self._answer = list(graph.node), start, answer
        self._makers = {name: node for node in self._nodes for name in node.output}
        self._takers = Counter(name for node in self._nodes for name in set(node.input))
        self._constants = {one.name for one in graph.initializer} | {""}
        for node in self._nodes:
            if all(name in self._constants for name in node.input):
                self._constants |= set(node.output)

    def _of_picture(self, node: Any) -> list[str]:
        return [name for name in node.input if name not in self._constants]

    def last_layer(self) -> Any | None:
        """The node with the last weights; None where the answer is not weighed at last."""
        name = self._answer
        while (node := self._makers.get(name)) is not None:
            fed = self._of_picture(node)
            if len(fed) != 1:
                return None
            if node.op_type in _WEIGHTED:
                return node
            if node.op_type not in _AFTER:
                return None
            name = fed[0]
        return None

    def features(self) -> tuple[str, str]:
        """The tensor that the last layer sees, and what that is: PENULTIMATE, PIXELS or, where there is no last layer,
        the ANSWERS themselves."""
        if (node := self.last_layer()) is None:
            return self._answer, ANSWERS
        name = seen = self._of_picture(node)[0]
        while name != self._start and (maker := self._makers.get(name)) is not None and maker.op_type in _MOVES:
            if len(fed := self._of_picture(maker)) != 1:
                break
            name = fed[0]
        return seen, PIXELS if name == self._start else PENULTIMATE

    def shown(self) -> list[tuple[str, str]]:
        """Layers worth seeing as (name, tensor): what convolutions, pools and dense layers give, after their
        activation; at most MOST_LAYERS, spread over the network."""
        last, found = self.last_layer(), []
        for node in self._nodes:
            if node.op_type in _SHOWN and node is not last and len(self._of_picture(node)) == 1:
                found.append((str(node.name), self._after_steps(node)))
        if len(found) > MOST_LAYERS:
            places = {round(one * (len(found) - 1) / (MOST_LAYERS - 1)) for one in range(MOST_LAYERS)}
            found = [one for place, one in enumerate(found) if place in places]
        return found

    def _after_steps(self, node: Any) -> str:
        name: str = node.output[0]
        while self._takers[name] == 1:
            taker = next(one for one in self._nodes if name in one.input)
            if taker.op_type not in _STEPS or len(self._of_picture(taker)) != 1:
                break
            name = taker.output[0]
        return name
