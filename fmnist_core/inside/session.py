"""A network with a gate behind each layer: what every layer makes of a picture, with channels switched off or not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fmnist_core import data
from fmnist_core.inference.classifier import ask
from fmnist_core.inference.sharing import share_out
from fmnist_core.inside.draft import NotReadable
from fmnist_core.inside.layers import Layer, Network, answer_of
from fmnist_core.inside.reading import read_network
from fmnist_core.runs import catalogue
from fmnist_core.runs.runs import Run
from fmnist_core.storage import reading as files
from fmnist_core.storage.folders import RunError

Off = Mapping[str, tuple[int, ...]]  # names of layers -> their channels that are switched off
NOTHING: Off = {}
BATCH = 8  # pictures at once: their values stay in the processor's cache
_GATE, _WHOLE = "gate.", "/whole"


@dataclass(frozen=True)
class Seen:
    """What a network makes of one picture."""

    picture: np.ndarray  # (28, 28) uint8
    off: Off
    values: Mapping[str, np.ndarray]  # by layer, float32: (channels, rows, columns) or (units,); behind its gate
    mirror_logits: np.ndarray | None  # (classes,) float32: of the mirror image, where the network looks at it, too

    @property
    def logits(self) -> np.ndarray:
        """(classes,) float32: the network's answer."""
        return self.values[list(self.values)[-1]]


class Inside:
    """Thread-safe: ONNX Runtime sessions may be used by several visitors at once."""

    def __init__(self, content: bytes):
        """content: of an ONNX file. Raises NotReadable."""
        import onnx
        import onnxruntime

        try:
            model = onnx.load_from_string(content)
        except Exception as error:  # protobuf's own error
            raise NotReadable(f"The file is no ONNX model ({type(error).__name__}).") from None
        self.network: Network = read_network(model)
        self._gate_shapes = _prepare(model, self.network)
        options = onnxruntime.SessionOptions()
        options.log_severity_level, options.intra_op_num_threads = 3, 1
        # Every layer's values are outputs: an arena would keep room for them, 16 MB for the flagship's.
        options.enable_cpu_mem_arena = options.enable_mem_pattern = False
        try:
            content = model.SerializeToString()
            self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime's own errors share no public base class
            raise NotReadable(f"The network cannot be opened with its gates ({type(error).__name__}).") from None
        self._input = self._session.get_inputs()[0].name

    def look(self, picture: np.ndarray, off: Off = NOTHING) -> Seen:
        """picture: (28, 28) uint8. Raises ValueError for a layer or channel that is not there."""
        layers = [layer for layer in self.network.layers if layer.kind not in ("picture", "mean of two views")]
        views = np.stack([picture, picture[:, ::-1]][: 1 + self.network.mirrored])
        found = self._run(views, [layer.tensor for layer in layers], off)
        values = {"picture": data.to_network_input(picture[None])[0].transpose(2, 0, 1)}
        values |= {layer.name: _arranged(layer, value)[0] for layer, value in zip(layers, found, strict=True)}
        if not self.network.mirrored:
            return Seen(picture, off, values, None)
        mirror = found[[layer.name for layer in layers].index(answer_of(self.network).name)][1]
        last = self.network.layers[-1].name
        return Seen(picture, off, values | {last: (values[answer_of(self.network).name] + mirror) / 2}, mirror)

    def look_at(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """(n, 28, 28) uint8, a few dozen at most -> each layer's values, (n, *shape) float32; one view only."""
        layers = [layer for layer in self.network.layers if layer.kind not in ("picture", "mean of two views")]
        found = self._run(images, [layer.tensor for layer in layers], NOTHING)
        return {layer.name: _arranged(layer, value) for layer, value in zip(layers, found, strict=True)}

    def without_each(self, picture: np.ndarray, layer: str, off: Off = NOTHING) -> np.ndarray:
        """(channels, classes) float32: the answer, of both views, with each channel of a layer off by itself."""
        check_switch(self.network, layer, ())
        shape = self._gate_shapes[layer]
        gates = np.ones((max(shape), max(shape)), np.float32)
        gates[:, list(off.get(layer, ()))] = 0
        np.fill_diagonal(gates, 0)
        gates = gates.reshape(-1, *shape[1:])
        others = self._gates({name: channels for name, channels in off.items() if name != layer})
        tensor = answer_of(self.network).tensor
        views = [picture, picture[:, ::-1]][: 1 + self.network.mirrored]

        def some(part: np.ndarray) -> np.ndarray:
            fed = [{_GATE + layer: part, **others, self._input: _repeated(view, len(part))} for view in views]
            return np.mean([ask(self._session, [tensor], one)[0] for one in fed], axis=0)

        return np.concatenate(share_out(some, [gates[at : at + BATCH] for at in range(0, len(gates), BATCH)]))

    def plain_logits(self, images: np.ndarray, off: Off = NOTHING) -> np.ndarray:
        """(n, 28, 28) uint8 -> (n, classes) float32, each picture looked at once, without its mirror image."""
        return self.values(images, answer_of(self.network).name, off)

    def values(self, images: np.ndarray, layer: str, off: Off = NOTHING) -> np.ndarray:
        """(n, 28, 28) uint8 -> (n, *shape of the layer) float32."""
        wanted = self.network[layer]
        parts = [images[start : start + BATCH] for start in range(0, len(images), BATCH)]
        found = share_out(lambda part: self._run(part, [wanted.tensor], off)[0], parts)
        return _arranged(wanted, np.concatenate(found))

    def _run(self, images: np.ndarray, names: list[str], off: Off) -> list[np.ndarray]:
        return ask(self._session, names, {self._input: data.to_network_input(images)} | self._gates(off))

    def _gates(self, off: Off) -> dict[str, np.ndarray]:
        fed = {}
        for name, channels in off.items():
            check_switch(self.network, name, channels)
            gate = np.ones(self.network[name].channels, np.float32)
            gate[list(channels)] = 0
            fed[_GATE + name] = gate.reshape(self._gate_shapes[name])
        return fed


def _repeated(picture: np.ndarray, count: int) -> np.ndarray:
    return data.to_network_input(np.broadcast_to(picture, (count, *picture.shape)))


def check_switch(network: Network, name: str, channels: tuple[int, ...]) -> Layer:
    """The layer of which these channels are to be switched off.

    Raises:
        ValueError: there is no such layer or channel, or it cannot be switched off.
    """
    layer = network[name]
    if name not in network.switchable:
        raise ValueError(f"The layer {name} cannot be switched off. Choose one of: {', '.join(network.switchable)}.")
    if outside := [one for one in channels if not 0 <= one < layer.channels]:
        raise ValueError(f"The layer {name} has no channel {outside[0]}. Expected 0 to {layer.channels - 1}.")
    return layer


def _prepare(model: Any, network: Network) -> dict[str, tuple[int, ...]]:
    """Makes the graph give each layer's values, behind a gate where it can be switched off: a factor a channel, an
    input that is all ones where nothing is said. Mirror images are given to it by who wants them.

    Returns the shape of each gate, by its layer.
    """
    from onnx import TensorProto, helper, numpy_helper

    graph = model.graph
    gated = {network[name].tensor: name for name in network.switchable}
    wanted = [layer.tensor for layer in network.layers if layer.kind not in ("picture", "mean of two views")]
    nodes = []
    for node in _needed(graph, wanted, network.both_views):
        nodes.append(node)
        for place, output in enumerate(node.output):
            if name := gated.get(output):
                node.output[place] = output + _WHOLE
                nodes.append(helper.make_node("Mul", [output + _WHOLE, _GATE + name], [output]))
    del graph.node[:], graph.output[:]
    graph.node.extend(nodes)
    graph.output.extend(helper.make_empty_tensor_value_info(tensor) for tensor in wanted)
    shapes = {name: _gate_shape(network[name]) for name in gated.values()}
    for name, shape in shapes.items():
        graph.input.append(helper.make_tensor_value_info(_GATE + name, TensorProto.FLOAT, ("gates", *shape[1:])))
        graph.initializer.append(numpy_helper.from_array(np.ones(shape, np.float32), _GATE + name))
    return shapes


def _gate_shape(layer: Layer) -> tuple[int, ...]:
    ones = (1,) * (layer.rank - 2)
    return (1, *ones, layer.channels) if layer.channels_last else (1, layer.channels, *ones)


def _arranged(layer: Layer, values: np.ndarray) -> np.ndarray:
    """(n, *shape of the layer), channels first."""
    if layer.channels_last and len(layer.shape) == 3:
        channels, rows, columns = layer.shape
        return values.reshape(-1, rows, columns, channels).transpose(0, 3, 1, 2)
    return values.reshape(-1, *layer.shape)


def _needed(graph: Any, wanted: list[str], both_views: str) -> list[Any]:
    """The nodes that lead to what is wanted, in order; the picture stands for itself and its mirror image."""
    from onnx import helper

    same = helper.make_node("Identity", [graph.input[0].name], [both_views])
    nodes = [same if both_views in node.output else node for node in graph.node]
    names, found = set(wanted), []
    for node in reversed(nodes):
        if names & set(node.output):
            names |= set(node.input)
            found.append(node)
    return found[::-1]


def open_inside(run: Run) -> Inside:
    """The run's network, layer by layer. Raises RunError where it has no model yet, or none that can be read so."""
    if catalogue.describe(run).kind == "classical":
        raise RunError(
            f"The run {run.id} is of a classical model, which is no network to look into. Choose another run."
        )
    try:
        return Inside(files.read_bytes(run.folder / "model.onnx"))
    except FileNotFoundError:
        raise RunError(f"The run {run.id} has no network here to look inside. Choose another run.") from None
    except OSError as error:
        raise RunError(
            f"The run {run.id} is damaged: its model.onnx cannot be read ({type(error).__name__})."
        ) from None
    except NotReadable as error:
        raise RunError(f"{error} Choose another run, or train this model here.") from None
