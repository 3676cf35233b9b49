"""Layers, and how a number of theirs was computed, in words."""

from fmnist_core import glossary
from fmnist_core.inside.arithmetic import Done, Part, Worked
from fmnist_core.inside.layers import CONVOLUTION, GLOBAL, POOLING, Layer, Step

FUNCTIONS = {
    "relu": "ReLU",
    "elu": "ELU",
    "leaky_relu": "leaky ReLU",
    "gelu": "GELU",
    "selu": "SELU",
    "hard_sigmoid": "hard sigmoid",
}
_DOES = {"relu": "what is negative becomes 0", "sigmoid": "brought between 0 and 1", "tanh": "brought between −1 and 1"}
_SHORT = {
    "picture": "input",
    "padding": "zeros added",
    "sum": "sum",
    "product": "product",
    "flatten": "flatten",
    "dense": "dense",
    "LSTM": "LSTM",
    "radial basis": "RBF",
    "mean of two views": "mean",
    "global average pooling": "mean",
    "global max pooling": "max",
    "depthwise convolution": "depthwise",
}


def short_kind(layer: Layer) -> str:
    """For the head of a narrow column: "3×3 / 2", "max 2×2"."""
    size = f"{layer.size[0]}×{layer.size[1]}"
    if layer.kind in CONVOLUTION and layer.is_picture_like:
        each = "each " if layer.kind == "depthwise convolution" else ""
        return f"{each}{size}" + (f" / {layer.stride[0]}" if max(layer.stride) > 1 else "")
    if layer.kind in CONVOLUTION:
        return "dense"
    if layer.kind in POOLING and layer.kind not in GLOBAL:
        return f"{layer.kind.split()[0]} {size}"
    return _SHORT.get(layer.kind, layer.kind)


def function(step: Step) -> str:
    return FUNCTIONS.get(step.function, step.function) or step.kind


def short_shape(layer: Layer) -> str:
    if layer.is_picture_like:
        rows, columns = layer.shape[1:]
        area = f"{rows}²" if rows == columns else f"{rows}×{columns}"
        return area if layer.channels == 1 else f"{layer.channels}·{area}"
    return str(layer.channels)


def sentence(layer: Layer) -> str:
    """ "conv2: convolution 3×3, stride 2, batch normalization, ReLU; 64 channels of 14×14"."""
    said: list[str] = [layer.kind]
    if layer.kind in (*CONVOLUTION, *POOLING) and layer.kind not in GLOBAL and layer.size != (1, 1):
        said[0] += f" {layer.size[0]}×{layer.size[1]}"
    if max(layer.stride) > 1:
        said.append(f"stride {layer.stride[0]}")
    said += [function(one) for one in layer.steps]
    if layer.is_picture_like:
        shape = f"{layer.channels} channels of {layer.shape[1]}×{layer.shape[2]}"
    else:
        shape = f"{layer.channels} numbers"
    return f"{layer.name}: {', '.join(said)}; {shape}"


_POOLS = glossary.term("Pooling")
_TERMS = {
    "convolution": glossary.term("Convolution"),
    "depthwise convolution": glossary.term("Convolution"),
    "max pooling": _POOLS,
    "average pooling": _POOLS,
    "global average pooling": _POOLS,
    "global max pooling": _POOLS,
    "padding": glossary.term("Zero padding"),
    "dense": glossary.term("Dense layer"),
    "LSTM": glossary.term("LSTM"),
    "radial basis": glossary.term("Radial basis"),
    "sum": glossary.term("Residual block"),
    "product": glossary.term("Squeeze and excitation"),
    "mean of two views": glossary.term("Test-time augmentation"),
}


def explained(layer: Layer, in_branch: bool) -> str:
    """The sentence of a layer with what its words mean, for a tooltip."""
    told = [_TERMS["product"] if in_branch else _TERMS.get(layer.kind, glossary.term("Layer"))]
    if any(step.kind == "batch normalization" for step in layer.steps):
        told.append(f"Batch normalization: {glossary.term('Batch normalization')}")
    return "\n".join([sentence(layer), *told])


def title(worked: Worked, names: tuple[str, ...], answers: bool) -> str:
    """answers: whether its channels are the classes of these names."""
    layer = worked.layer
    if layer.kind == "LSTM":
        return f"{layer.name}, unit {worked.channel}, after row {worked.row} of the picture"
    if answers and worked.channel < len(names):
        return f"{layer.name}, {names[worked.channel]}"
    if not layer.is_picture_like:
        return f"{layer.name}, unit {worked.channel}"
    return f"{layer.name}, channel {worked.channel}, row {worked.row}, column {worked.column}"


def signed(words: str, value: float) -> str:
    """ "bias −0.0132", with a minus sign as it is set."""
    return f"{words}{'−' if value < 0 else '+'}{abs(value):.4g}"


def of_values(worked: Worked) -> str:
    """What the numbers of a part are."""
    if all(part.values.size == 1 for part in worked.parts):
        return "value"
    sliding = worked.layer.kind in (*CONVOLUTION, *POOLING) and worked.layer.kind not in GLOBAL
    return "patch" if sliding else "values"


def joined(worked: Worked) -> str:
    """What makes one number of the parts."""
    kind = worked.layer.kind
    if kind == "product":
        return "the product of both"
    if kind in POOLING:
        return "the largest" if "max" in kind else "their mean"
    if kind in ("padding", "flatten"):
        return "taken as it is"
    if kind == "mean of two views":
        return "half of each, together"
    return "the sum of all"


def step(done: Done) -> tuple[str, str]:
    """Its kind, and the step in words."""
    if done.step.kind == "batch normalization":
        shift = done.shift or 0.0
        sign = "−" if shift < 0 else "+"
        return "normalization", f"batch normalization: × {done.factor or 0.0:.4g} {sign} {abs(shift):.4g}"
    name, more = function(done.step), _DOES.get(done.step.function)
    return "activation", f"{name}: {more}" if more else name


def beside(part: Part, worked: Worked) -> str:
    """What stands after a part's numbers where no product of weights explains its total."""
    kind = worked.layer.kind
    if kind == "radial basis":
        return f"−{worked.layer.gamma:.3g} × (value − centre)²"
    if part.chosen is not None:
        return f"the largest is at row {part.chosen[0]}, column {part.chosen[1]} of the patch"
    if kind in POOLING:
        return f"mean of {part.values.size}"
    return ""


def recurrent(worked: Worked) -> list[list[str]]:
    """An LSTM's step, line by line: what is done, and what it gives."""
    if worked.cell is None:
        return []
    lines = [["its row of the picture, the states after the row before, and a bias decide four numbers:", ""]]
    told = {
        "input": "input gate, how much of the new is taken",
        "output": "output gate, how much of the memory is given",
        "forget": "forget gate, how much of the memory is kept",
        "cell": "the new",
    }
    for gate in worked.gates:
        squash = "tanh" if gate.name == "cell" else "sigmoid"
        sums = f"{gate.from_row:+.3f} {gate.from_memory:+.3f} {gate.bias:+.3f}"
        lines.append([f"{told[gate.name]}: {squash}({sums})", f"{gate.value:.3f}"])
    values = {gate.name: gate.value for gate in worked.gates}
    before, after = worked.cell
    memory = f"memory: {values['forget']:.3f} × {before:.3f} + {values['input']:.3f} × {values['cell']:.3f}"
    lines += [[memory, f"{after:.3f}"], [f"output: {values['output']:.3f} × tanh({after:.3f})", ""]]
    return [[part.replace("-", "−") for part in line] for line in lines]
