"""Receptive fields equal those that are found by changing pixels of the picture."""

import numpy as np
import pytest

from fmnist_core import data
from fmnist_core.inside.receptive_field import fields

SIDE = 28


def seen_by(inside, layer: str, row: int, column: int) -> tuple[int, int, int, int]:
    """The rectangle around all pixels that move any channel there; two pictures, as a relu hides small changes."""
    moved = np.zeros((SIDE, SIDE), bool)
    for picture in data.load_split("test").images[[0, 19]]:
        changed = np.repeat(picture[None], SIDE * SIDE, axis=0)
        changed.reshape(len(changed), -1)[np.arange(SIDE * SIDE), np.arange(SIDE * SIDE)] ^= 0xFF
        values = inside.values(np.concatenate([picture[None], changed]), layer)
        values = values.reshape(*values.shape[:2], -1) if values.ndim < 4 else values[:, :, row, column][:, :, None]
        moved |= (values[1:] != values[:1]).any(axis=(1, 2)).reshape(SIDE, SIDE)
    rows, columns = np.flatnonzero(moved.any(axis=1)), np.flatnonzero(moved.any(axis=0))
    return int(rows[0]), int(columns[0]), int(rows[-1]), int(columns[-1])


CASES = [
    ("cnn_2", "conv1", (0, 13)),
    ("cnn_2", "pool1", (6, 2)),
    ("cnn_2", "conv2", (13, 7)),
    ("cnn_2", "conv3", (3, 3)),
    ("cnn_2", "conv3", (0, 6)),
    ("cnn_3conv", "conv3", (1, 2)),
    ("cnn_3conv", "flatten", (0, 0)),  # the last rows and columns are never looked at
    ("lenet5_valid", "pool2", (4, 4)),
    ("flagship", "conv1", (27, 0)),
    ("flagship", "sum1_1", (0, 5)),
    ("flagship", "squeeze1_factor", (0, 0)),
    ("flagship", "squeeze1", (3, 3)),
    ("flagship_small", "sum1_1", (13, 13)),
    ("lstm_rows", "lstm1", (0, 0)),
]


@pytest.mark.some(2)
@pytest.mark.parametrize(("model", "layer", "place"), CASES)
def test_the_field_is_what_changed_pixels_say(opened, model, layer, place):
    inside = opened(model)
    assert fields(inside.network)[layer].at(*place) == seen_by(inside, layer, *place)


def test_without_factors_a_channel_that_is_multiplied_sees_its_own_window(opened):
    network = opened("flagship").network
    assert fields(network)["squeeze1"].at(3, 3) == (0, 0, 27, 27)
    assert fields(network, factors=False)["squeeze1"] == fields(network)["sum1_1"]
    assert fields(network, factors=False)["conv5"].at(3, 3) < (27, 27, 27, 27)


def test_places_outside_are_refused(opened):
    with pytest.raises(IndexError):
        fields(opened("cnn_2").network)["conv1"].at(28, 0)


def test_a_window_that_lies_in_the_padding_sees_nothing(graph):
    graph.node("Conv", graph.weight(2, 1, 3, 3), pads=[3, 3, 3, 3])
    field = fields(graph.inside().network)
    first = next(name for name in field if name != "picture")
    assert field[first].rows[0] == (0, -1)
    assert field[first].rows[1] == (0, 0)


def test_what_comes_after_a_layer_that_is_not_understood_may_see_all(graph):
    graph.node("LRN", size=1)
    graph.node("Conv", graph.weight(2, 1, 3, 3))
    inside = graph.inside()
    unknown, after = [layer for layer in inside.network.layers if layer.is_picture_like][1:]
    assert unknown.kind == "other"
    found = fields(inside.network)
    assert found[unknown.name].at(27, 0) == found[after.name].at(9, 9) == (0, 0, 27, 27)
