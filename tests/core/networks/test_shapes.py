"""Shapes, parameters, multiply-adds and receptive fields by hand. tests/core/zoo/test_own_network.py holds them against
Keras.

Run: python -m pytest tests/core/networks/test_shapes.py
"""

import time

from fmnist_core.networks import layers, parts
from fmnist_core.networks.layers import Layer, Network
from fmnist_core.networks.shapes import check, describe


def network(*found: Layer) -> Network:
    return Network("Mine", found)


def test_a_small_network_by_hand():
    mine = network(
        Layer("convolution", filters=8),
        Layer("max_pooling"),
        Layer("convolution", filters=16, size=5, padding="valid"),
        Layer("flatten"),
        Layer("dense", units=20),
    )
    check(mine)
    found = describe(mine)
    assert [one.shape for one in found] == [(28, 28, 8), (14, 14, 8), (10, 10, 16), (1_600,), (20,), (10,)]
    assert [one.parameters for one in found] == [80, 0, 8 * 25 * 16 + 16, 0, 1_600 * 20 + 20, 210]
    assert [one.macs for one in found] == [28 * 28 * 72, 0, 100 * 8 * 25 * 16, 0, 32_000, 200]
    assert [one.receptive_field for one in found] == [3, 4, 12, None, None, None]  # 4 + 4 * 2
    assert not any(one.problem for one in found)


def test_receptive_field_through_strides_and_blocks():
    found = describe(
        network(
            Layer("convolution", stride=2),  # 3, steps of 2
            Layer("residual_block", filters=32),  # 3 + 2 * 2 + 2 * 2
            Layer("residual_block", filters=64, stride=2),  # 11 + 4, then steps of 4: + 8
            Layer("average_pooling", size=2),  # + 4
            Layer("convolution"),  # + 2 * 8: more than the picture
            Layer("padding"),
            Layer("squeeze_and_excitation"),
            Layer("global_average_pooling"),
        )
    )
    assert [one.receptive_field for one in found] == [3, 11, 23, 27, 28, 28, None, None, None]
    assert [one.shape for one in found][:4] == [(14, 14, 32), (14, 14, 32), (7, 7, 64), (3, 3, 64)]


def test_residual_block_separable_convolution_and_squeeze_by_hand():
    found = describe(
        network(
            Layer("separable_convolution", filters=16),
            Layer("residual_block", filters=16),
            Layer("residual_block", filters=32, stride=2),
            Layer("squeeze_and_excitation", reduction=4),
            Layer("global_max_pooling"),
        )
    )
    assert found[0].parameters == 9 + 16 + 16 and found[0].macs == 784 * 9 + 784 * 16
    assert found[1].parameters == 2 * (9 * 256 + 64) and found[1].macs == 784 * 2 * 9 * 256
    shortcut = 16 * 32
    assert found[2].parameters == 9 * 16 * 32 + 9 * 32 * 32 + shortcut + 3 * 128
    assert found[2].macs == 196 * (9 * 16 * 32 + 9 * 32 * 32 + shortcut)
    assert found[3].parameters == 32 * 8 + 8 + 8 * 32 + 32 and found[3].macs == 512


def test_each_channel_by_itself_and_then_all_of_a_pixel():
    found = describe(network(Layer("convolution", filters=6), Layer("separable_convolution", filters=10, size=5)))
    assert found[1].parameters == 6 * 25 + 6 * 10 + 10 and found[1].macs == 784 * (6 * 25 + 6 * 10)


def test_what_does_not_fit_is_said_there_and_left_out():
    found = describe(
        network(Layer("flatten"), Layer("max_pooling"), Layer("dense", units=7), Layer("flatten"), Layer("dropout"))
    )
    assert [bool(one.problem) for one in found] == [False, True, False, True, False, False]
    assert "flatten (layer 1) has made a list of it" in found[1].problem
    assert found[1].shape == (784,) and found[1].parameters == 0 and found[2].parameters == 784 * 7 + 7


def test_a_picture_at_the_end_is_a_problem_of_the_logits():
    *_, last = describe(network(Layer("convolution", filters=4)))
    assert "end with flatten or global average pooling" in last.problem
    (only,) = describe(network())
    assert "28x28x1" in only.problem and only.parameters == 7_850


def test_radial_basis_stands_in_for_the_logits():
    mine = network(Layer("flatten"), Layer("dense", units=84), Layer("radial_basis"))
    found = describe(mine)
    assert found[-1] == found[-2] and found[-1].parameters == 840 and found[-1].shape == (10,)
    assert [part.name for part in parts.expand(mine)] == ["flatten", "dense1", "logits"]


def test_names_read_well_and_are_told_once():
    mine = network(
        Layer("convolution"), Layer("batch_normalization"), Layer("activation"), Layer("residual_block", filters=8),
        Layer("max_pooling"), Layer("convolution"), Layer("flatten"), Layer("dense"),
    )  # fmt: skip
    names = [part.name for part in parts.expand(mine)]
    assert names[:3] == ["conv1", "batch_norm1", "relu1"] and names[-5:] == [
        "pool1",
        "conv2",
        "flatten",
        "dense1",
        "logits",
    ]
    assert "block1_shortcut" in names and "block1_sum" in names and "block1" in names
    assert len(set(names)) == len(names)


def test_sixty_layers_are_described_at_a_key_stroke():
    mine = network(*[Layer("residual_block", filters=4)] * (layers.MOST_LAYERS - 1), Layer("global_average_pooling"))
    start = time.perf_counter()
    describe(mine)
    assert time.perf_counter() - start < 0.05
