"""What the builder is told once and for all: kinds of layers, their fields, and the words for both."""

import dataclasses
from typing import Any

from fmnist_core.networks import layers as networks
from fmnist_core.networks.layers import CHOICES, KINDS, LIMITS, Layer

# The palette's groups; a family is also a colour. Kinds that only come with a model of the zoo are in none.
FAMILIES = {
    "patterns": ("convolution", "separable_convolution", "residual_block", "squeeze_and_excitation", "padding"),
    "shrink": ("max_pooling", "average_pooling"),
    "list": ("flatten", "global_average_pooling", "global_max_pooling"),
    "decide": ("dense", "lstm", "radial_basis"),
    "steady": ("batch_normalization", "activation", "dropout"),
}
FAMILY_WORDS = {
    "patterns": "Find patterns",
    "shrink": "Shrink the picture",
    "list": "Make a list of it",
    "decide": "Combine",
    "steady": "Bend and steady",
}
FIELD_HELP = {
    "filters": "How many filters, each with a channel of its own in what comes out.",
    "units": "How many units, each with a weight for every value that comes in.",
    "size": "Side in pixels of the square that is looked at.",
    "stride": "Pixels from one square to the next: 2 halves the picture's sides. Of pooling, the size unless given.",
    "padding": '"same": a border of zeros keeps the picture\'s size. "valid": none, so the picture loses its edge.',
    "activation": "The curve that each value goes through; without one, layers could only add.",
    "bias": "A number of its own that each filter or unit adds.",
    "rate": "The part of the values that is set to 0 while training.",
    "momentum": "How slowly the averages that normalize later pictures follow those of the batches.",
    "initializer": "How the first weights are drawn, before anything is learned.",
    "reduction": "How many times fewer channels there are inside.",
    "gamma": "How fast the answer falls with the distance from a centre.",
}
RARE = ("bias", "momentum", "initializer", "gamma")  # behind a button: few change them
DOUBLES = ("filters", "units")  # the next value that one wants is twice as large
CHOICE_WORDS = {"glorot_uniform": "Glorot", "he_normal": "He", "leaky_relu": "leaky ReLU", "relu": "ReLU", "elu": "ELU"}
CHOICE_WORDS |= {"gelu": "GELU", "linear": "no activation", "same": "same padding", "valid": "valid padding"}


def _kinds() -> dict[str, dict[str, Any]]:
    found = {}
    for family, names in FAMILIES.items():
        for name in names:
            row = KINDS[name]
            # A stride of 0 is no number that a field may have: it says that the size is the stride.
            defaults = {
                field: None if (field, value) == ("stride", 0) else value for field, value in row.fields.items()
            }
            found[name] = {
                "word": row.word,
                "does": row.does,
                "family": family,
                "defaults": defaults,
                "fields": list(row.fields),
                "optional": [field for field, value in defaults.items() if value is None],
            }
    return found


def _field(name: str) -> dict[str, Any]:
    told: dict[str, Any] = {"word": name, "help": FIELD_HELP[name], "rare": name in RARE}
    if name == "bias":
        return told | {"switch": True}
    if name in CHOICES:
        return told | {"choices": CHOICES[name], "words": CHOICE_WORDS}
    low, high = LIMITS[name]
    default = next(field.default for field in dataclasses.fields(Layer) if field.name == name)
    whole, below = isinstance(default, int), not _takes(name, high)
    may = f"a {'whole ' * whole}number from {low:g} {f'below {high:g}' if below else f'to {high:,}'}"
    told |= {"low": low, "high": high, "whole": whole, "below": below, "may": may}
    return told | {"doubles": name in DOUBLES, "step": 1 if whole else 0.05}


def _takes(name: str, value: float) -> bool:
    """Whether a layer's field may be so."""
    kind = next(kind for kind, row in KINDS.items() if name in row.fields)
    try:
        networks.from_json({"title": "Network", "layers": [{"kind": kind, name: value}]})
    except ValueError:
        return False
    return True


FACTS = {
    "kinds": _kinds(),
    "groups": [
        {"word": FAMILY_WORDS[family], "kinds": [name for name in names if KINDS[name].by_hand]}
        for family, names in FAMILIES.items()
    ],
    "fields": {name: _field(name) for name in FIELD_HELP},
}
