"""Where a layer does not fit: the changes that would make it fit, found by trying them."""

import dataclasses
from dataclasses import dataclass
from typing import Literal

from fmnist_core.networks.layers import KINDS, MOST_LAYERS, Layer, Network
from fmnist_core.networks.shapes import Described, describe

Layers = tuple[Layer, ...]
MOST_OFFERED = 3
_MAKE_LISTS = ("flatten", "global_average_pooling", "global_max_pooling", "lstm")


@dataclass(frozen=True)
class Fix:
    """One change of a list of layers, and how a button calls it."""

    label: str
    do: Literal["insert", "move", "change", "remove"]
    place: int  # of the layer that is inserted, moved, changed or removed, from 0
    layer: Layer | None = None  # that is inserted, or what the one at that place becomes
    to: int = 0  # where it is moved

    def apply(self, layers: Layers) -> Layers:
        place = self.place
        if self.do == "insert" and self.layer:
            return (*layers[:place], self.layer, *layers[place:])
        if self.do == "change" and self.layer:
            return (*layers[:place], self.layer, *layers[place + 1 :])
        rest = (*layers[:place], *layers[place + 1 :])
        return (*rest[: self.to], layers[place], *rest[self.to :]) if self.do == "move" else rest


def fixes(layers: Layers, described: tuple[Described, ...], place: int) -> list[Fix]:
    """What would make the layer at that place fit, or the logits where it is the number of layers.

    described: of these layers. Only changes that leave fewer problems are given, at most MOST_OFFERED.
    """
    if not described[place].problem:
        return []
    before = _problems(described)
    found = []
    for fix in _candidates(layers, described, place):
        changed = fix.apply(layers)
        if len(changed) <= MOST_LAYERS and _problems(describe(Network("", changed))) < before:
            found.append(fix)
    return found[:MOST_OFFERED]


def _problems(described: tuple[Described, ...]) -> int:
    return sum(bool(one.problem) for one in described)


def _candidates(layers: Layers, described: tuple[Described, ...], place: int) -> list[Fix]:
    """Whatever might help, the likeliest first."""
    where = "Add {} before it" if place < len(layers) else "End with {}"
    found = [
        Fix(where.format(KINDS[kind].word), "insert", place, Layer(kind))
        for kind in ("flatten", "global_average_pooling")
    ]
    if place == len(layers):
        return found
    return found + _of_layer(layers, described, place)


def _of_layer(layers: Layers, described: tuple[Described, ...], place: int) -> list[Fix]:
    layer = layers[place]
    fields = KINDS[layer.kind].fields
    shape = described[place].shape  # as the one before gives it, since this one has none
    found = []
    flat = next((at for at, one in enumerate(layers[:place]) if one.kind in _MAKE_LISTS), None)
    if flat is not None:
        found.append(Fix(f"Move it before {KINDS[layers[flat].kind].word}", "move", place, to=flat))
        if layer.kind == "convolution":
            dense = Layer("dense", units=layer.filters, activation=layer.activation)
            found.append(Fix("Make it dense", "change", place, dense))
    if layer.kind == "radial_basis":
        found.append(Fix("Move it to the end", "move", place, to=len(layers) - 1))
    side, channels = min(shape[:2]), shape[-1]
    if "padding" in fields:
        found.append(_changed(layer, place, 'Padding "same"', padding="same"))
    if "size" in fields and 1 <= side < layer.size:
        found.append(_changed(layer, place, f"Size {side}", size=side))
    if "stride" in fields and 1 <= side < layer.step:
        found.append(_changed(layer, place, f"Stride {side}", stride=side))
    if "reduction" in fields and channels < layer.reduction:
        found.append(_changed(layer, place, f"Reduction {channels}", reduction=channels))
    return [*found, Fix("Take it out", "remove", place)]


def _changed(layer: Layer, place: int, label: str, **values: object) -> Fix:
    return Fix(label, "change", place, dataclasses.replace(layer, **values))  # type: ignore[arg-type]
