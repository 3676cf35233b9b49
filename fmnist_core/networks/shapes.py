"""What each layer of a network makes of the picture and what it costs, in microseconds; and whether the whole fits."""

import math
from dataclasses import dataclass

from fmnist_core.data import SIDE
from fmnist_core.networks import layers, parts
from fmnist_core.networks.layers import KINDS, Layer, Network

MOST_PARAMETERS = 20_000_000
MOST_MACS = 500_000_000  # multiply-adds for one picture
MOST_VALUES = 2_000_000  # of all layers for one picture: a training holds them for a whole batch


@dataclass(frozen=True)
class Described:
    """A layer of the list, or the logits after the last."""

    shape: tuple[int, ...]  # of what it gives: rows, columns and channels, or units
    parameters: int  # weights, trained or not
    macs: int  # multiply-adds for one picture, as `zoo/summaries.py` counts
    receptive_field: int | None  # side in pixels of the input that one value can see, at most 28; None: all of it
    problem: str = ""  # why it does not fit here, and what would


def describe(network: Network) -> tuple[Described, ...]:
    """One for each layer and one for the logits; what has a problem is as if it were not there.

    With radial_basis at the end, which is the logits, both say the same. Never raises for layers whose fields are in
    their limits.
    """
    found, problems = parts.problems(network)
    shape: tuple[int, ...] = (SIDE, SIDE, 1)
    described = []
    seen: tuple[int, int] | None = (1, 1)  # side in pixels, and pixels from one value to the next
    for line, (layer, problem) in enumerate(zip(network.layers, problems, strict=False)):
        mine = [part for part in found if part.line == line]
        shape = mine[-1].shape if mine else shape
        seen = _seen(layer, seen) if mine else seen
        described.append(_sum_up(mine, shape, seen, problem))
    last = [found[-1]]
    return *described, _sum_up(last, last[0].shape, None, problems[-1])


def _sum_up(mine: list[parts.Part], shape: tuple[int, ...], seen: tuple[int, int] | None, problem: str) -> Described:
    return Described(
        shape,
        sum(part.parameters for part in mine),
        sum(part.macs for part in mine),
        min(seen[0], SIDE) if seen and len(shape) == 3 else None,
        problem,
    )


def _seen(layer: Layer, before: tuple[int, int] | None) -> tuple[int, int] | None:
    """The usual recurrence: a kernel of k pixels, s apart, adds (k - 1) steps, and s times longer ones come next."""
    if before is None or layer.kind == "squeeze_and_excitation":  # each channel's factor comes from the whole picture
        return None
    side, jump = before
    if layer.kind == "residual_block":  # through its two convolutions; the shortcut sees less
        return side + 2 * jump + 2 * jump * layer.stride, jump * layer.stride
    if "stride" in KINDS[layer.kind].fields:
        return side + (layer.size - 1) * jump, jump * layer.step
    return before


def check(network: Network) -> None:
    """Raises ValueError with a sentence for the first thing for which the network cannot be built or is too large."""
    layers.from_json(layers.to_json(network))  # which looks at every field
    described = describe(network)
    for number, (layer, one) in enumerate(zip(network.layers, described, strict=False), start=1):
        if one.problem:
            raise ValueError(f"Layer {number} ({KINDS[layer.kind].word}) does not fit. {one.problem}")
    if described[-1].problem:
        raise ValueError(described[-1].problem)
    found = parts.expand(network)
    for what, has, most, fix in (
        ("parameters", sum(part.parameters for part in found), MOST_PARAMETERS, "fewer filters or units, or pooling"),
        ("multiply-adds for one picture", sum(part.macs for part in found), MOST_MACS, "fewer filters, or pooling"),
        ("values in all layers", sum(math.prod(part.shape) for part in found), MOST_VALUES, "fewer filters or layers"),
    ):
        if has > most:
            raise ValueError(f"The network has {has:,} {what}; at most {most:,} fit: use {fix}.")
