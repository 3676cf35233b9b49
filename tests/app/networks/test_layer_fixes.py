"""What is proposed where a layer does not fit.

Run: python -m pytest tests/app/networks/test_layer_fixes.py
"""

import pytest

from fmnist_core.networks.layers import MOST_LAYERS, Layer, Network
from fmnist_core.networks.shapes import describe
from fmnist_ui.networks.layer_fixes import MOST_OFFERED, fixes

CONVOLUTION, POOL, FLATTEN, DENSE = (Layer(kind) for kind in ("convolution", "max_pooling", "flatten", "dense"))
# Layers, the place of the one that does not fit, and what is offered for it.
MISFITS = {
    "dense on a picture": (
        (CONVOLUTION, DENSE),
        1,
        ["Add flatten before it", "Add global average pooling before it", "Take it out"],
    ),
    "convolution on a list": ((FLATTEN, CONVOLUTION), 1, ["Move it before flatten", "Make it dense", "Take it out"]),
    "pool on a list": ((CONVOLUTION, FLATTEN, POOL, DENSE), 2, ["Move it before flatten", "Take it out"]),
    "second flatten": ((FLATTEN, DENSE, FLATTEN), 2, ["Take it out"]),
    "large kernel": (
        (Layer("max_pooling", size=14), Layer("convolution", size=5, padding="valid"), FLATTEN),
        1,
        ['Padding "same"', "Size 2", "Take it out"],
    ),
    "large pool": (
        (Layer("max_pooling", size=14), Layer("max_pooling", size=5), FLATTEN),
        1,
        ["Size 2", "Take it out"],
    ),
    "long steps": (
        (Layer("max_pooling", size=14), Layer("convolution", stride=5), FLATTEN),
        1,
        ["Stride 2", "Take it out"],
    ),
    "few channels": (
        (Layer("convolution", filters=4), Layer("squeeze_and_excitation"), FLATTEN),
        1,
        ["Reduction 4", "Take it out"],
    ),
    "radial basis in the middle": (
        (FLATTEN, Layer("radial_basis"), DENSE),
        1,
        ["Move it to the end", "Take it out"],
    ),
    "logits of a picture": ((CONVOLUTION,), 1, ["End with flatten", "End with global average pooling"]),
    "logits of nothing": ((), 0, ["End with flatten", "End with global average pooling"]),
}


def problems(layers: tuple[Layer, ...]) -> int:
    return sum(bool(one.problem) for one in describe(Network("", layers)))


@pytest.mark.parametrize("name", MISFITS)
def test_each_misfit_is_offered_what_helps(name):
    layers, place, expected = MISFITS[name]
    described = describe(Network("", layers))
    assert described[place].problem
    found = fixes(layers, described, place)
    assert [fix.label for fix in found] == expected and len(found) <= MOST_OFFERED
    assert all(problems(fix.apply(layers)) < problems(layers) for fix in found)


def test_what_fits_is_offered_nothing():
    layers = (CONVOLUTION, POOL, FLATTEN, DENSE)
    assert not any(fixes(layers, describe(Network("", layers)), place) for place in range(len(layers) + 1))


def test_no_layer_is_added_to_a_full_list():
    layers = (CONVOLUTION,) * MOST_LAYERS
    assert not fixes(layers, describe(Network("", layers)), MOST_LAYERS)
