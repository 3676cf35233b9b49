"""A network as code: its layers one below another, and a small function for each kind that Keras has no layer for."""

from dataclasses import dataclass, replace
from typing import TypeVar

from fmnist_core.data import CLASS_NAMES, SIDE
from fmnist_core.networks import shapes
from fmnist_core.networks.layers import Layer, Network
from fmnist_core.script.lines import INDENT, Block, call, code, definition, filled, literal, one_a_line

Said = TypeVar("Said")
CLASSES = len(CLASS_NAMES)
PICTURE = f"keras.Input(({SIDE}, {SIDE}, 1))"
MOMENTUM = 0.99  # of Keras' batch normalization where none is said
CONVOLVE = "convolve"  # a convolution, batch normalization and an activation, in networks with residual blocks
_SIMPLE = {
    "global_average_pooling": "layers.GlobalAveragePooling2D()",
    "global_max_pooling": "layers.GlobalMaxPooling2D()",
    "flatten": "layers.Flatten()",
}
_POOLS = {"max_pooling": "layers.MaxPooling2D", "average_pooling": "layers.AveragePooling2D"}


@dataclass(frozen=True)
class Step:
    """What the network does next: "layers.Flatten()", or a function of the script and its arguments behind x."""

    name: str
    arguments: str
    function: bool = False

    @property
    def made(self) -> str:
        """The layer; of a function, what stands for one."""
        if self.function:
            return f"lambda x: {self.of('x')}"
        return f"{self.name}({self.arguments})"

    def of(self, value: str) -> str:
        """What it makes of a value."""
        if self.function:
            return f"{self.name}({', '.join(filter(None, (value, self.arguments)))})"
        return f"{self.made}({value})"


def write(network: Network, dropout: float | None, graph: bool = False, packed: bool = False) -> list[Block]:
    """The functions that it needs, and the lines that make `model`.

    Args:
        dropout: as of a recipe.
        graph: no Sequential, as its `input` and `output` are asked for.
        packed: several layers in a line, for networks of many layers.
    """
    network = with_dropout(network, dropout)
    steps = _steps(network)
    helpers = _helpers(network)
    listed = filled if packed else one_a_line
    if not graph and not any(step.function for step in steps):
        made = listed([PICTURE, *(step.made for step in steps)])
        return [*helpers, code("network = [", *made, "]", "model = keras.Sequential(network)")]
    if packed:
        made = filled(step.made for step in steps)
        return [
            *helpers,
            code(
                f"picture = x = {PICTURE}",
                "for layer in [",
                *made,
                "]:",
                f"{INDENT}x = layer(x)",
                "model = keras.Model(picture, x)",
            ),
        ]
    lines, value = [f"picture = {PICTURE}"], "picture"
    *rest, last = steps
    for step, times in _repeated(rest):
        for _ in range(times):
            value = step.of(value)
        lines.append(f"x = {value}")
        value = "x"
    return [*helpers, code(*lines, f"model = keras.Model(picture, {last.of(value)})")]


def _repeated(steps: list[Step]) -> list[tuple[Step, int]]:
    """The same function twice in a row is one line."""
    found: list[tuple[Step, int]] = []
    for step in steps:
        if found and found[-1] == (step, 1) and step.function:
            found[-1] = step, 2
        else:
            found.append((step, 1))
    return found


def with_dropout(network: Network, dropout: float | None) -> Network:
    """The network with a recipe's dropout: in every such layer; where it has none, before the logits."""
    if dropout is None:
        return network
    has = any(layer.kind == "dropout" for layer in network.layers)
    layers = [replace(layer, rate=dropout) if layer.kind == "dropout" else layer for layer in network.layers]
    if dropout == 0:
        layers = [layer for layer in layers if layer.kind != "dropout"]
    elif not has:
        before = len(layers) - (layers[-1].kind == "radial_basis")
        layers.insert(before, Layer("dropout", rate=dropout))
    return replace(network, layers=tuple(layers))


def steps_of(network: Network) -> list[str]:
    """Its layers, the logits last, as calls; of a network without functions of its own."""
    return [step.made for step in _steps(network)]


def _steps(network: Network) -> list[Step]:
    steps: list[Step] = []
    described = shapes.describe(network)
    rest: list[tuple[Layer, tuple[int, ...]]] = list(
        zip(network.layers, [(SIDE, SIDE, 1), *(one.shape for one in described)], strict=False)
    )
    blocks, momentum = _has(network, "residual_block"), _momentum(network)
    while rest:
        folded = _folded([layer for layer, _ in rest[:3]], momentum) if blocks else None
        if folded:
            steps.append(folded)
            del rest[:3]
        else:
            layer, shape = rest.pop(0)
            steps += _step(layer, shape, momentum)
    if not _has(network, "radial_basis"):
        steps.append(Step("layers.Dense", str(CLASSES)))
    return steps


def _folded(layers: list[Layer], momentum: float) -> Step | None:
    """Three layers that are what the function `convolve` does."""
    if [layer.kind for layer in layers] != ["convolution", "batch_normalization", "activation"]:
        return None
    first, second, third = layers
    usual = Layer("convolution", first.filters, size=first.size, stride=first.stride, activation="linear", bias=False)
    if first != usual or second.momentum != momentum:
        return None
    return _function(CONVOLVE, first.filters, size=_unless(first.size, 3), stride=_unless(first.stride, 1),
                     activation=_unless(third.activation, "relu"))  # fmt: skip


def _function(name: str, *given: int, **named: int | float | str | None) -> Step:
    return Step(name, call("", *given, **named)[1:-1], function=True)


def _layer(name: str, *given: int | float | str | None, **named: int | float | str | None) -> Step:
    words = [value for value in given if value is not None]
    return Step(f"layers.{name}", call("", *words, **named)[1:-1])


def _unless(value: Said, usual: Said) -> Said | None:
    return None if value == usual else value


def _has(network: Network, *kinds: str) -> bool:
    return any(layer.kind in kinds for layer in network.layers)


def _momentum(network: Network) -> float:
    """Of the first residual block; others are written with their own."""
    return next((layer.momentum for layer in network.layers if layer.kind == "residual_block"), MOMENTUM)


def _step(layer: Layer, shape: tuple[int, ...], momentum: float) -> list[Step]:
    """shape: of what it takes."""
    kind = layer.kind
    if kind in _SIMPLE:
        return [Step(_SIMPLE[kind][:-2], "")]
    if kind in _POOLS:
        stride, padding = _unless(layer.step, layer.size), _unless(layer.padding, "valid")
        return [Step(_POOLS[kind], call("", layer.size, strides=stride, padding=padding)[1:-1])]
    if kind in ("convolution", "separable_convolution"):
        return [_convolution(layer)]
    if kind == "dense":
        return [_layer("Dense", layer.units, activation=_activation(layer), use_bias=_unless(layer.bias, True))]
    if kind == "residual_block":
        stride, own = _unless(layer.stride, 1), _unless(layer.momentum, momentum)
        return [_function("residual_block", layer.filters, stride=stride, momentum=own)]
    if kind == "squeeze_and_excitation":
        return [_function("squeeze_and_excitation", reduction=_unless(layer.reduction, 8))]
    if kind == "lstm":
        rows, columns, channels = shape
        rest = f"({rows}, {columns * channels})"
        return [Step("layers.Reshape", rest), _layer("LSTM", layer.units)]
    return {
        "batch_normalization": lambda: [_layer("BatchNormalization", momentum=_unless(layer.momentum, MOMENTUM))],
        "activation": lambda: [_layer("Activation", layer.activation)],
        "dropout": lambda: [_layer("Dropout", layer.rate)],
        "padding": lambda: [_layer("ZeroPadding2D", layer.size)],
        "radial_basis": lambda: [Step("RadialBasis", "")],
    }[kind]()


def _convolution(layer: Layer) -> Step:
    initializer = _unless(layer.initializer, "glorot_uniform") if layer.kind == "convolution" else None
    return _layer(
        "Conv2D" if layer.kind == "convolution" else "SeparableConv2D",
        layer.filters,
        layer.size,
        _unless(layer.stride, 1),
        padding=_unless(layer.padding, "valid"),
        activation=_activation(layer),
        use_bias=_unless(layer.bias, True),
        kernel_initializer=initializer,
    )


def _activation(layer: Layer) -> str | None:
    return _unless(layer.activation, "linear")


# What Keras has no layer for


def _helpers(network: Network) -> list[Block]:
    made = []
    if _has(network, "residual_block"):
        made += _residual(network)
    if _has(network, "squeeze_and_excitation"):
        made.append(
            definition(
                "def squeeze_and_excitation(x, reduction=8):",
                f"{INDENT}factor = layers.GlobalAveragePooling2D(keepdims=True)(x)",
                f'{INDENT}factor = layers.Conv2D(x.shape[-1] // reduction, 1, activation="relu")(factor)',
                f'{INDENT}return layers.Multiply()([x, layers.Conv2D(x.shape[-1], 1, activation="sigmoid")(factor)])',
            )
        )
    if output := next((layer for layer in network.layers if layer.kind == "radial_basis"), None):
        made.append(_radial_basis(output.gamma))
    return made


def _residual(network: Network) -> list[Block]:
    blocks = [layer for layer in network.layers if layer.kind == "residual_block"]
    usual = blocks[0].momentum
    varies = any(layer.momentum != usual for layer in blocks)
    strides = any(layer.stride != 1 for layer in blocks)
    takes = f", momentum={literal(usual)}" if varies else ""
    passes = ", momentum=momentum" if varies else ""
    stride = (", stride=1", ", stride=stride") if strides else ("", "")
    momentum = "momentum" if varies else literal(usual)
    lines = [
        f"def residual_block(x, filters{stride[0]}{takes}):",
        f'{INDENT}y = convolve(convolve(x, filters{stride[1]}{passes}), filters, activation="linear"{passes})',
    ]
    if _changes_shape(network):
        linear = f'size=1{stride[1]}, activation="linear"{passes}'
        lines += [f"{INDENT}if x.shape != y.shape:", f"{INDENT * 2}x = convolve(x, filters, {linear})"]
    return [
        definition(
            f'def convolve(x, filters, size=3, stride=1, activation="relu"{takes}):',
            f'{INDENT}x = layers.Conv2D(filters, size, stride, padding="same", use_bias=False)(x)',
            f"{INDENT}return layers.Activation(activation)(layers.BatchNormalization(momentum={momentum})(x))",
        ),
        definition(*lines, f'{INDENT}return layers.Activation("relu")(layers.Add()([x, y]))'),
    ]


def _changes_shape(network: Network) -> bool:
    """Whether any residual block gives another shape than it takes, so that its shortcut is a convolution."""
    shape: tuple[int, ...] = (SIDE, SIDE, 1)
    for layer, described in zip(network.layers, shapes.describe(network), strict=False):
        if layer.kind == "residual_block" and described.shape != shape:
            return True
        shape = described.shape
    return False


def _radial_basis(gamma: float) -> Block:
    return definition(
        "@keras.saving.register_keras_serializable()",
        "class RadialBasis(layers.Layer):",
        f'{INDENT}"""How near its input is to a centre of each class: -{literal(gamma)} times the squared distance."""',
        "",
        f"{INDENT}def build(self, shape):",
        f"{INDENT * 2}centres = keras.initializers.RandomUniform(-0.05, 0.05)",
        f"{INDENT * 2}self.mu = self.add_weight(shape=(shape[-1], {CLASSES}), initializer=centres)",
        "",
        f"{INDENT}def call(self, x):",
        f"{INDENT * 2}return -{literal(gamma)} * ops.sum(ops.square(ops.expand_dims(x, -1) - self.mu), axis=1)",
    )
