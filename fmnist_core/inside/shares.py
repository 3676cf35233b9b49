"""What each input channel adds to a whole channel of a convolution: with the bias, all of them are the channel."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from fmnist_core.inside.layers import CONVOLUTION, Network
from fmnist_core.inside.session import Seen


def shares(network: Network, seen: Seen, name: str, channel: int) -> tuple[tuple[int, ...], np.ndarray]:
    """The channels of the layer before, and what each adds: (inputs, rows, columns) float32, before bias and steps.

    Raises:
        ValueError: the layer is no convolution over a picture, or has no such channel.
    """
    layer = network[name]
    if layer.kind not in CONVOLUTION or layer.kernel is None or not network[layer.inputs[0]].is_picture_like:
        raise ValueError(f"The layer {name} is no convolution over a picture, so no input adds a picture to it.")
    if not 0 <= channel < layer.channels:
        raise ValueError(f"The layer {name} has no channel {channel}. Expected 0 to {layer.channels - 1}.")
    kernel, (top, left, bottom, right) = layer.kernel[channel], layer.pads
    first = channel // (len(layer.kernel) // layer.groups) * len(kernel)
    planes = seen.values[layer.inputs[0]][first : first + len(kernel)]
    padded = np.pad(planes, ((0, 0), (top, bottom), (left, right)))
    windows = sliding_window_view(padded, layer.size, axis=(1, 2))[:, :: layer.stride[0], :: layer.stride[1]]
    found = np.einsum("crkij,cij->crk", windows, kernel)
    return tuple(range(first, first + len(kernel))), found.astype(np.float32)
