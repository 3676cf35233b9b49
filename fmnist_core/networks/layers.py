"""A network as a list of layers: what kinds there are, what each has, and how a list is read from JSON and written."""

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, Literal, get_args

from fmnist_core.storage.schema import is_plain, shown

Kind = Literal[
    "convolution",
    "separable_convolution",
    "max_pooling",
    "average_pooling",
    "global_average_pooling",
    "global_max_pooling",
    "batch_normalization",
    "activation",
    "dropout",
    "flatten",
    "dense",
    "residual_block",
    "squeeze_and_excitation",
    "padding",
    "lstm",
    "radial_basis",
]
Padding = Literal["same", "valid"]
Activation = Literal["linear", "relu", "tanh", "sigmoid", "elu", "gelu", "swish", "leaky_relu"]
Initializer = Literal["glorot_uniform", "he_normal"]
MOST_LAYERS = 60
LONGEST_TITLE = 60  # characters
_ALWAYS_SAID = ("filters", "units", "size", "rate")


@dataclass(frozen=True)
class Layer:
    """One line of the list. What its kind does not have stays at its default; sizes left at 0 get the kind's usual one.

    Activations are Keras': leaky_relu with a slope of 0.2 below 0, gelu exact, swish as x times sigmoid(x).
    """

    kind: Kind
    filters: int = 32  # 1 to 1,024
    units: int = 128  # 1 to 4,096
    size: int = 0  # pixels: side of a kernel, 3, or of a pool, 2; what padding adds on each side, 2
    stride: int = 0  # pixels from one patch to the next: 1; 0 for a pool: its size
    padding: Padding | None = None  # "same" of convolutions, "valid" (none) of pools
    activation: Activation = "relu"
    bias: bool = True
    rate: float = 0.5  # of values that dropout sets to 0, from 0 up to, not with, 1
    momentum: float = 0.9  # of the moving averages of batch normalization: short trainings need less than Keras' 0.99
    initializer: Initializer = "glorot_uniform"  # of a convolution's kernel
    reduction: int = 8  # of squeeze and excitation: so many times fewer channels inside
    gamma: float = 0.5  # of the radial basis function

    def __post_init__(self) -> None:
        fields = KINDS[self.kind].fields if self.kind in KINDS else {}
        for field in dataclasses.fields(self)[1:]:
            if field.name not in fields:
                object.__setattr__(self, field.name, field.default)
            elif getattr(self, field.name) in (0, None) and field.default in (0, None):
                object.__setattr__(self, field.name, fields[field.name])

    @property
    def step(self) -> int:
        """Pixels from one patch to the next."""
        return self.stride or self.size


@dataclass(frozen=True)
class Network:
    """Layers in order, without the last: the logits, a dense unit a class, follow (radial_basis stands in for them)."""

    title: str  # its user's name for it, plain characters
    layers: tuple[Layer, ...]

    # What `storage.schema` calls: this module's functions of these names.
    from_json = staticmethod(lambda value: from_json(value))
    to_json = lambda self: to_json(self)  # noqa: E731


@dataclass(frozen=True)
class KindRow:
    """What a kind of layer is called, has, and is for."""

    word: str
    does: str  # one sentence for who has never used it
    fields: dict[str, Any]  # each with its default
    takes: Literal["picture", "list", "either"]  # a picture is rows, columns and channels; a list is units
    by_hand: bool = True  # whether a person adds it; else it only comes with a network of the zoo


def _fields(**defaults: Any) -> dict[str, Any]:
    return defaults


_POOL = _fields(size=2, stride=0, padding="valid")
KINDS: dict[str, KindRow] = {
    "convolution": KindRow(
        "convolution",
        "Slides filters over the picture; each answers with one channel that is bright where its pattern is.",
        _fields(
            filters=32,
            size=3,
            stride=1,
            padding="same",
            activation="relu",
            bias=True,
            initializer="glorot_uniform",
        ),
        "picture",
    ),
    "separable_convolution": KindRow(
        "separable convolution",
        "A convolution in two steps, each channel by itself and then all of a pixel together: far fewer parameters.",
        _fields(filters=32, size=3, stride=1, padding="same", activation="relu", bias=True),
        "picture",
    ),
    "max_pooling": KindRow(
        "max pooling", "Keeps the largest value of each patch, so the picture shrinks.", _POOL, "picture"
    ),
    "average_pooling": KindRow(
        "average pooling", "Keeps the mean of each patch, so the picture shrinks.", _POOL, "picture"
    ),
    "global_average_pooling": KindRow(
        "global average pooling", "Makes one number of each channel: the mean of all its pixels.", {}, "picture"
    ),
    "global_max_pooling": KindRow(
        "global max pooling", "Makes one number of each channel: the largest of its pixels.", {}, "picture"
    ),
    "batch_normalization": KindRow(
        "batch normalization",
        "Shifts and scales each channel to a mean of 0 and a variance of 1 in a batch, so that training is steadier.",
        _fields(momentum=0.9),
        "either",
    ),
    "activation": KindRow(
        "activation", "Bends the values: without it all layers together could only add.", _fields(activation="relu"),
        "either",
    ),
    "dropout": KindRow(
        "dropout",
        "Sets some values to 0 at random while training, so that no unit relies on one other alone.",
        _fields(rate=0.5),
        "either",
    ),
    "flatten": KindRow("flatten", "Makes one long list of the picture's values, for dense layers.", {}, "picture"),
    "dense": KindRow(
        "dense", "Units that each look at all values of the list.", _fields(units=128, activation="relu", bias=True),
        "list",
    ),
    "residual_block": KindRow(
        "residual block",
        "Two convolutions whose result is added to what came in, so that a deep network learns as easily as a flat "
        "one.",
        _fields(filters=32, stride=1, momentum=0.9),
        "picture",
    ),
    "squeeze_and_excitation": KindRow(
        "squeeze and excitation",
        "Weighs each channel by what the whole picture shows.",
        _fields(reduction=8),
        "picture",
    ),
    "padding": KindRow("zero padding", "Adds a black border.", _fields(size=2), "picture", by_hand=False),
    "lstm": KindRow(
        "LSTM", "Reads the picture row by row and remembers.", _fields(units=128), "picture", by_hand=False
    ),
    "radial_basis": KindRow(
        "radial basis",
        "In place of the logits: how near the list is to a centre of each class.",
        _fields(gamma=0.5),
        "list",
        by_hand=False,
    ),
}  # fmt: skip

# What each field may be: whole numbers or numbers from .. to (the last of a fraction excluded), or words.
LIMITS: dict[str, tuple[float, float]] = {
    "filters": (1, 1_024),
    "units": (1, 4_096),
    "size": (1, 28),
    "stride": (1, 28),
    "rate": (0, 1),
    "momentum": (0, 1),
    "reduction": (1, 64),
    "gamma": (0.001, 10),
}
_BELOW = ("rate", "momentum")  # the last of the range is excluded
CHOICES: dict[str, tuple[str, ...]] = {
    "padding": get_args(Padding),
    "activation": get_args(Activation),
    "initializer": get_args(Initializer),
}


def to_json(network: Network) -> dict[str, Any]:
    """A JSON-ready dict; `from_json` is its inverse. What is as usual for a kind is left out."""
    return {"title": network.title, "layers": [_layer_to_json(layer) for layer in network.layers]}


def _layer_to_json(layer: Layer) -> dict[str, Any]:
    fields = KINDS[layer.kind].fields if layer.kind in KINDS else {}
    said = {name: getattr(layer, name) for name in fields}
    return {"kind": layer.kind} | {name: value for name, value in said.items() if value != fields[name]}


def in_words(layer: Layer) -> str:
    """Its kind, how large it is, and what is not as usual: "convolution (filters 32, size 3, stride 2)"."""
    row, told = KINDS[layer.kind], _layer_to_json(layer)
    names = [name for name in row.fields if name in told or name in _ALWAYS_SAID]
    said = [f"{name} {shown(getattr(layer, name)).strip(chr(39))}" for name in names]
    return row.word + (f" ({', '.join(said)})" if said else "")


def from_json(value: Any) -> Network:
    """Rebuilds a network from parsed JSON, of any origin.

    Whether its layers fit each other is `shapes.check`'s question.

    Raises:
        ValueError: one sentence with what is wrong, what was expected and what to do.
    """
    _require_fields(value, "A network", ("title", "layers"), ("title", "layers"))
    title, listed = value["title"], value["layers"]
    check_title(title)
    if not isinstance(listed, list | tuple):
        raise ValueError(f"The network's layers cannot be {shown(listed)}; give a list of layers.")
    if not 1 <= len(listed) <= MOST_LAYERS:
        what = "no layers" if not listed else f"{len(listed):,} layers"
        raise ValueError(f"The network has {what}; give 1 to {MOST_LAYERS}.")
    return Network(title, tuple(_read_layer(number, one) for number, one in enumerate(listed, start=1)))


def check_title(title: Any) -> None:
    """Raises ValueError where a network cannot be called so."""
    if not isinstance(title, str):
        raise ValueError(f"The network's title cannot be {shown(title)}; give it a name, as text.")
    if not 1 <= len(title) <= LONGEST_TITLE:
        raise ValueError(f"The network's title has {len(title):,} characters; give it a name of 1 to {LONGEST_TITLE}.")
    if not is_plain(title) or title != title.strip():
        raise ValueError(
            f"The network cannot be called {shown(title)}; use letters, figures, spaces and - ' / & only, a letter or "
            "a figure first."
        )


def _read_layer(number: int, value: Any) -> Layer:
    where = f"Layer {number}"
    if not isinstance(value, dict):
        raise ValueError(f'{where} cannot be {shown(value)}; give an object such as {{"kind": "flatten"}}.')
    kind = value.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        what = "has no kind" if "kind" not in value else f"has the kind {shown(kind)}, which is not known"
        raise ValueError(f"{where} {what}; choose one of: {', '.join(KINDS)}.")
    row = KINDS[kind]
    where = f"{where} ({row.word})"
    _require_fields(value, where, ("kind", *row.fields), ("kind",))
    return Layer(kind, **{name: _read(value[name], name, where) for name in row.fields if name in value})  # type: ignore[arg-type]


def _require_fields(value: Any, where: str, known: tuple[str, ...], needed: tuple[str, ...]) -> None:
    if not isinstance(value, dict):
        raise ValueError(f"{where} cannot be {shown(value)}; give an object with {' and '.join(needed)}.")
    if unknown := next((name for name in value if name not in known), None):
        raise ValueError(f"{where} has no field {shown(unknown)}; leave it out, or use one of: {', '.join(known)}.")
    if missing := [name for name in needed if name not in value]:
        raise ValueError(f"{where} lacks its {missing[0]}; give an object with {' and '.join(needed)}.")


def _read(value: Any, name: str, where: str) -> Any:
    """A field's value; the sentence says what it may be."""
    if name == "bias":
        if isinstance(value, bool):
            return value
        raise ValueError(f"{where}: {name} cannot be {shown(value)}; give true or false.")
    if name in CHOICES:
        if isinstance(value, str) and value in CHOICES[name]:
            return value
        raise ValueError(f"{where}: {name} cannot be {shown(value)}; choose one of: {', '.join(CHOICES[name])}.")
    low, high = LIMITS[name]
    default = next(field.default for field in dataclasses.fields(Layer) if field.name == name)
    whole = isinstance(default, int)
    fits = type(value) is int or (type(value) is float and not whole and math.isfinite(value))
    if fits and low <= value <= high and not (name in _BELOW and value == high):
        return value if whole else float(value)
    kind = "a whole number" if whole else "a number"
    end = f"below {high:g}" if name in _BELOW else f"to {high:,}"
    raise ValueError(f"{where}: {name} cannot be {shown(value)}; give {kind} from {low:g} {end}.")
