"""How one number of a layer was computed: which numbers, times which weights, their sum, and what is done to it then.

Worked out in double precision from the values of the layers before; equal to the network's float32
but for its last digits.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from fmnist_core.inside import lstm
from fmnist_core.inside.functions import activate
from fmnist_core.inside.layers import CONVOLUTION, Layer, Network, Step, answer_of
from fmnist_core.inside.session import Seen


@dataclass(frozen=True)
class Part:
    """One input channel's share. Arrays are (rows, columns) float64."""

    source: str  # the layer that it comes from
    channel: int
    top: int  # where the patch lies in the source; may begin outside, in the padding
    left: int
    values: np.ndarray  # NaN: outside, where zeros are added
    weights: np.ndarray | None  # None: nothing is multiplied
    total: float
    chosen: tuple[int, int] | None = None  # max pooling: the largest


@dataclass(frozen=True)
class Done:
    """A step after the sum: what it was, what it became."""

    step: Step
    factor: float | None  # batch normalization
    shift: float | None
    before: float
    after: float


@dataclass(frozen=True)
class Worked:
    """parts: the largest contribution first."""

    layer: Layer
    channel: int
    row: int
    column: int
    parts: tuple[Part, ...]
    bias: float | None
    total: float  # what the parts make, with the bias
    steps: tuple[Done, ...]
    value: float  # after all steps; 0 where the channel is switched off
    off: bool
    gates: tuple[lstm.Gate, ...] = field(default=())  # LSTM only
    cell: tuple[float, float] | None = None  # LSTM only: its memory before and after this row


def work_out(network: Network, seen: Seen, name: str, channel: int, row: int = 0, column: int = 0) -> Worked:
    """One number of a layer. row, column: 0 for vectors; of an LSTM, row is the step, and -1 its last.

    Raises:
        ValueError: there is no such layer, channel or place; or nobody knows how this layer computes.
    """
    layer = network[name]
    _check_place(layer, channel, row, column)
    if layer.kind == "LSTM":
        return _recurrent(layer, seen, channel, row)
    if layer.kind in ("picture", "other") or layer.kind not in _WORK:
        raise ValueError(f"How {name} computes is not known here; its values are those of the network itself.")
    parts, total = _WORK[layer.kind](network, layer, seen, channel, row, column)
    bias = None if layer.bias is None else float(layer.bias[channel])
    total += bias or 0.0
    steps, value = _steps(layer, channel, total)
    off = channel in seen.off.get(name, ())
    ordered = tuple(sorted(parts, key=lambda part: -abs(part.total)))
    return Worked(layer, channel, row, column, ordered, bias, total, steps, 0.0 if off else value, off)


def _check_place(layer: Layer, channel: int, row: int, column: int) -> None:
    if not 0 <= channel < layer.channels:
        raise ValueError(f"The layer {layer.name} has no channel {channel}. Expected 0 to {layer.channels - 1}.")
    rows, columns = (layer.shape[1:] if len(layer.shape) == 3 else (1, 1)) if layer.kind != "LSTM" else (28, 1)
    lowest = -1 if layer.kind == "LSTM" else 0
    if not (lowest <= row < rows and 0 <= column < columns):
        raise ValueError(f"The layer {layer.name} has no place {row}, {column}. Expected under {rows} and {columns}.")


def _steps(layer: Layer, channel: int, value: float) -> tuple[tuple[Done, ...], float]:
    done = []
    for step in layer.steps:
        factor = None if step.factor is None else float(step.factor[channel])
        shift = None if step.shift is None else float(step.shift[channel])
        after = activate(step, value) if step.kind == "activation" else value * (factor or 0.0) + (shift or 0.0)
        done.append(Done(step, factor, shift, value, after))
        value = after
    return tuple(done), value


def _values(seen: Seen, name: str) -> np.ndarray:
    """(channels, rows, columns) float64; a vector as pictures of one pixel."""
    values = seen.values[name].astype(np.float64)
    return values.reshape(len(values), 1, 1) if values.ndim == 1 else values


def _patch(plane: np.ndarray, layer: Layer, row: int, column: int) -> tuple[np.ndarray, int, int]:
    """What a window sees of a channel, NaN outside; and where the window begins."""
    top, left = row * layer.stride[0] - layer.pads[0], column * layer.stride[1] - layer.pads[1]
    found = np.full(layer.size, np.nan)
    first, start = max(top, 0), max(left, 0)
    inside = plane[first : top + layer.size[0], start : left + layer.size[1]]
    found[first - top : first - top + inside.shape[0], start - left : start - left + inside.shape[1]] = inside
    return found, top, left


Found = tuple[list[Part], float]


def _convolution(network: Network, layer: Layer, seen: Seen, channel: int, row: int, column: int) -> Found:
    assert layer.kernel is not None  # noqa: S101 - every convolution has one
    source, kernel = layer.inputs[0], layer.kernel[channel].astype(np.float64)
    values = _values(seen, source)
    first = channel // (len(layer.kernel) // layer.groups) * len(kernel)
    parts = []
    for place, weights in enumerate(kernel):
        patch, top, left = _patch(values[first + place], layer, row, column)
        parts.append(Part(source, first + place, top, left, patch, weights, float(np.nansum(patch * weights))))
    return parts, sum(part.total for part in parts)


def _pool(network: Network, layer: Layer, seen: Seen, channel: int, row: int, column: int) -> Found:
    plane = _values(seen, layer.inputs[0])[channel]
    patch, top, left = (plane, 0, 0) if layer.kind.startswith("global") else _patch(plane, layer, row, column)
    if "max" in layer.kind:
        at = np.unravel_index(int(np.nanargmax(patch)), patch.shape)
        chosen, total = (int(at[0]), int(at[1])), float(np.nanmax(patch))
    else:
        chosen, total = None, float(np.nanmean(patch))
    return [Part(layer.inputs[0], channel, top, left, patch, None, total, chosen)], total


def _dense(network: Network, layer: Layer, seen: Seen, unit: int, row: int, column: int) -> Found:
    assert layer.kernel is not None  # noqa: S101
    source, weights = network[layer.inputs[0]], layer.kernel[:, unit].astype(np.float64)
    order = source.flattened
    if source.kind == "flatten":
        source = network[source.inputs[0]]
    values = _values(seen, source.name)
    channels, rows, columns = (int(side) for side in values.shape)
    planes = weights.reshape(channels, rows, columns)
    if order == "hwc":
        planes = weights.reshape(rows, columns, channels).transpose(2, 0, 1)
    totals = (values * planes).sum(axis=(1, 2))
    parts = [
        Part(source.name, place, 0, 0, values[place], planes[place], float(totals[place])) for place in range(channels)
    ]
    return parts, float(totals.sum())


def _radial_basis(network: Network, layer: Layer, seen: Seen, unit: int, row: int, column: int) -> Found:
    """Each input's squared distance to the class' centre, times -gamma."""
    assert layer.kernel is not None  # noqa: S101
    values, centre = _values(seen, layer.inputs[0])[:, 0, 0], layer.kernel[:, unit].astype(np.float64)
    shares = -layer.gamma * np.square(values - centre)
    parts = [
        Part(layer.inputs[0], place, 0, 0, np.full((1, 1), values[place]), np.full((1, 1), centre[place]), float(share))
        for place, share in enumerate(shares)
    ]
    return parts, float(shares.sum())


def _of_layers(network: Network, layer: Layer, seen: Seen, channel: int, row: int, column: int) -> Found:
    """The same place of each layer that comes in: added, or multiplied, by a factor for a whole channel, say."""
    parts, total = [], 1.0 if layer.kind == "product" else 0.0
    for name in layer.inputs:
        plane = _values(seen, name)[channel]
        at = (row, column) if plane.shape != (1, 1) else (0, 0)
        value = float(plane[at])
        parts.append(Part(name, channel, *at, np.full((1, 1), value), None, value))
        total = total * value if layer.kind == "product" else total + value
    return parts, total


def _moved(network: Network, layer: Layer, seen: Seen, channel: int, row: int, column: int) -> Found:
    """Padding and flatten: a number of the layer before, or a zero."""
    source = network[layer.inputs[0]]
    values = _values(seen, source.name)
    if layer.kind == "flatten":
        axes = values.shape if layer.flattened == "chw" else (*values.shape[1:], len(values))
        at = tuple(map(int, np.unravel_index(channel, axes)))
        place, row, column = at if layer.flattened == "chw" else (at[2], at[0], at[1])
    else:
        place, row, column = channel, row - layer.pads[0], column - layer.pads[1]
    inside = 0 <= row < values.shape[1] and 0 <= column < values.shape[2]
    value = float(values[place, row, column]) if inside else np.nan
    total = value if inside else 0.0
    return [Part(source.name, place, row, column, np.full((1, 1), value), None, total)], total


def _two_views(network: Network, layer: Layer, seen: Seen, unit: int, row: int, column: int) -> Found:
    assert seen.mirror_logits is not None  # noqa: S101 - such a layer is only in networks that look twice
    name = answer_of(network).name
    both = float(seen.values[name][unit]), float(seen.mirror_logits[unit])
    parts = [Part(name, unit, 0, 0, np.full((1, 1), value), np.full((1, 1), 0.5), value / 2) for value in both]
    return parts, sum(both) / 2


_WORK: dict[str, Callable[[Network, Layer, Seen, int, int, int], Found]] = {
    **dict.fromkeys(CONVOLUTION, _convolution),
    **dict.fromkeys(("max pooling", "average pooling", "global average pooling", "global max pooling"), _pool),
    **dict.fromkeys(("sum", "product", "activation", "batch normalization"), _of_layers),
    **dict.fromkeys(("padding", "flatten"), _moved),
    "dense": _dense,
    "radial basis": _radial_basis,
    "mean of two views": _two_views,
}


def _recurrent(layer: Layer, seen: Seen, unit: int, step: int) -> Worked:
    played = lstm.play(layer, seen.values[layer.inputs[0]])
    step = step % len(played.states)
    gates = played.gates(unit, step)
    cell = played.cell_before(unit, step), float(played.cells[step, unit])
    value = float(played.states[step, unit])
    off = unit in seen.off.get(layer.name, ())
    return Worked(layer, unit, step, 0, (), None, value, (), 0.0 if off else value, off, gates, cell)
