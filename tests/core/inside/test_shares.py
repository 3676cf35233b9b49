"""What each input channel adds to a channel."""

import numpy as np
import pytest

from fmnist_core import data
from fmnist_core.inside.arithmetic import work_out
from fmnist_core.inside.shares import shares

PICTURE = data.load_split("test").images[12]


@pytest.mark.parametrize(("model", "layer", "channel"), [("cnn_2", "conv2", 5), ("flagship", "conv5", 100)])
def test_all_together_are_the_channel_before_its_steps(opened, model, layer, channel):
    inside = opened(model)
    seen = inside.look(PICTURE)
    inputs, found = shares(inside.network, seen, layer, channel)
    for row, column in ((0, 0), (3, 4), (6, 6)):
        worked = work_out(inside.network, seen, layer, channel, row, column)
        assert found[:, row, column].sum() + (worked.bias or 0) == pytest.approx(worked.total, abs=1e-3)
        told = {part.channel: part.total for part in worked.parts}
        assert [told[one] for one in inputs] == pytest.approx(found[:, row, column].tolist(), abs=1e-4)


def test_a_depthwise_channel_has_one_input(graph):
    graph.node("Conv", graph.weight(4, 1, 3, 3))
    graph.node("Conv", graph.weight(8, 1, 3, 3), group=4)
    inside = graph.inside()
    inputs, found = shares(inside.network, inside.look(PICTURE), inside.network.layers[2].name, 5)
    assert inputs == (2,)
    assert found.shape == (1, 24, 24)
    assert np.abs(found).max() > 0


@pytest.mark.parametrize(("layer", "channel"), [("pool1", 0), ("dense1", 0), ("conv1", 32), ("conv1", -1)])
def test_other_layers_and_channels_are_refused(opened, layer, channel):
    inside = opened("cnn_2")
    with pytest.raises(ValueError, match=r"no convolution|no channel"):
        shares(inside.network, inside.look(PICTURE), layer, channel)
