"""Where a layer does not fit what the one before gives: why, and what would."""

from fmnist_core.networks.layers import KINDS, Layer

Shape = tuple[int, ...]  # rows, columns and channels, or units
WIDEST = 64  # pixels: as far as padding may enlarge the picture


def problem(layer: Layer, shape: Shape, flat: str) -> str:
    """Why the layer cannot take that shape, and what would fit; "" where it can. flat: what has made a list."""
    row = KINDS[layer.kind]
    name = f"{'An' if row.word[0] in 'aAL' else 'A'} {row.word}"
    if row.takes == "picture" and len(shape) == 1:
        if layer.kind == "flatten":
            return f"There is nothing left to flatten: {flat} has made a list already. Take this layer out."
        fix = "take it out" if layer.kind.startswith("global") else "move it before that, or use dense"
        return f"{name} layer needs a picture, but {flat} has made a list of it: {fix}."
    if row.takes == "list" and len(shape) > 1:
        return (
            f"{name} layer needs a list of values, but gets a picture of {sides(shape)}: put flatten or global "
            "average pooling before it."
        )
    return _size_problem(layer, shape)


def _size_problem(layer: Layer, shape: Shape) -> str:
    side, channels = shape[0], shape[-1]
    if "stride" in KINDS[layer.kind].fields and layer.step > side:
        return (
            f"Steps of {layer.step} pixels are too long for a picture of {sides(shape)}: choose a "
            f"{'stride' if layer.stride else 'size'} of 1 to {side}, or take the layer out."
        )
    pools = layer.kind in ("max_pooling", "average_pooling")
    if layer.size > side and (pools or (layer.padding == "valid" and layer.kind != "padding")):
        kind = "pool" if pools else "kernel"
        instead = "" if pools else ', padding "same"'
        return (
            f"A {kind} of {layer.size}x{layer.size} does not fit into a picture of {sides(shape)}: choose a size of 1 "
            f"to {side}{instead}, or take the layer out."
        )
    if layer.kind == "padding" and side + 2 * layer.size > WIDEST:
        return (
            f"The border makes a picture of {side + 2 * layer.size} pixels a side, and {WIDEST} are the most: make "
            "it smaller."
        )
    if layer.kind == "squeeze_and_excitation" and channels < layer.reduction:
        return (
            f"{channels} channel{'s' * (channels > 1)} cannot be made {layer.reduction} times fewer: choose a "
            f"reduction of 1 to {channels}, or put a convolution with more filters before it."
        )
    return ""


def sides(shape: Shape) -> str:
    """ "28x28x1"."""
    return "x".join(map(str, shape))
