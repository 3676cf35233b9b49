"""Which pixels of the picture a number of a layer depends on, exactly: borders and padding counted."""

from collections.abc import Iterable
from dataclasses import dataclass

from fmnist_core.data import SIDE
from fmnist_core.inside.layers import CONVOLUTION, Layer, Network

Span = tuple[int, int]  # first and last index


@dataclass(frozen=True)
class Field:
    """Of each row and column of a layer, the rows and columns of the picture that it sees; one of each for a vector.

    They are rectangles, since windows are, and the sum of two layers sees what the one that sees more does.
    """

    rows: tuple[Span, ...]
    columns: tuple[Span, ...]

    def at(self, row: int = 0, column: int = 0) -> tuple[int, int, int, int]:
        """(top, left, bottom, right), both ends counted; raises IndexError outside the layer."""
        (top, bottom), (left, right) = self.rows[row], self.columns[column]
        return top, left, bottom, right


def fields(network: Network, factors: bool = True) -> dict[str, Field]:
    """The field of every layer.

    Args:
        factors: whether what a channel is multiplied by counts, as in squeeze and excitation: it is made of the whole
            picture. Without it, the field is of what is multiplied.
    """
    found: dict[str, Field] = {}
    for layer in network.layers:
        found[layer.name] = _field(layer, network, found, factors)
    return found


def _field(layer: Layer, network: Network, found: dict[str, Field], factors: bool) -> Field:
    if layer.kind == "picture":
        every = tuple((index, index) for index in range(SIDE))
        return Field(every, every)
    sources = [(network[name], found[name]) for name in layer.inputs]
    if layer.kind in (*CONVOLUTION, "max pooling", "average pooling") and sources[0][0].is_picture_like:
        (source, field), (top, left, _, _) = sources[0], layer.pads
        rows = _windows(layer.shape[1], layer.size[0], layer.stride[0], top, source.shape[1], field.rows)
        columns = _windows(layer.shape[2], layer.size[1], layer.stride[1], left, source.shape[2], field.columns)
        return Field(rows, columns)
    if layer.kind == "padding":
        (source, field), (top, left, _, _) = sources[0], layer.pads
        rows = _windows(layer.shape[1], 1, 1, top, source.shape[1], field.rows)
        return Field(rows, _windows(layer.shape[2], 1, 1, left, source.shape[2], field.columns))
    if layer.is_picture_like and layer.kind != "other":
        alike = [field for source, field in sources if source.shape == layer.shape]
        others = [field for source, field in sources if source.shape != layer.shape] if factors else []
        return _together(alike, others, layer.shape[1:])
    every_row = _hull(span for _, field in sources for span in field.rows)
    every_column = _hull(span for _, field in sources for span in field.columns)
    height, width = layer.shape[1:] if layer.is_picture_like else (1, 1)
    return Field((every_row,) * height, (every_column,) * width)  # one that is not understood may see all


def _windows(count: int, size: int, stride: int, pad: int, length: int, inner: tuple[Span, ...]) -> tuple[Span, ...]:
    """Of each of `count` windows over `length` positions, of which each sees `inner`."""
    found = []
    for index in range(count):
        first, last = max(index * stride - pad, 0), min(index * stride - pad + size - 1, length - 1)
        found.append(_hull(inner[first : last + 1]))
    return tuple(found)


def _hull(spans: Iterable[Span]) -> Span:
    """From the first to the last; (0, -1), which is nothing, where there are none: only padding is seen."""
    seen = [span for span in spans if span[1] >= span[0]]
    return (min(first for first, _ in seen), max(last for _, last in seen)) if seen else (0, -1)


def _together(alike: list[Field], others: list[Field], shape: tuple[int, ...]) -> Field:
    everywhere_rows = [span for field in others for span in field.rows]
    everywhere_columns = [span for field in others for span in field.columns]
    rows = (_hull([field.rows[at] for field in alike] + everywhere_rows) for at in range(shape[0]))
    columns = (_hull([field.columns[at] for field in alike] + everywhere_columns) for at in range(shape[1]))
    return Field(tuple(rows), tuple(columns))
