"""Channels that are switched off: nothing else changes, and what is lost is counted."""

import numpy as np
import pytest

from fmnist_core import data
from fmnist_core.inside import switching
from fmnist_core.metrics import evaluation

PICTURE = data.load_split("test").images[12]


def test_a_channel_that_is_off_is_zero_and_all_others_of_its_layer_stay(opened):
    inside = opened("flagship")
    before, after = inside.look(PICTURE), inside.look(PICTURE, {"conv2": (3, 40)})
    assert not after.values["conv2"][[3, 40]].any()
    rest = [channel for channel in range(64) if channel not in (3, 40)]
    assert np.array_equal(after.values["conv2"][rest], before.values["conv2"][rest])
    assert np.array_equal(after.values["conv1"], before.values["conv1"])
    assert not np.array_equal(after.values["conv3"], before.values["conv3"])
    assert np.array_equal(inside.look(PICTURE).logits, before.logits)  # nothing is kept of it


def test_a_residual_block_that_is_off_leaves_the_shortcut(opened):
    inside = opened("flagship")
    off = {inside.network.blocks()["sum1_1"]: tuple(range(64))}
    seen = inside.look(PICTURE, off)
    assert np.array_equal(seen.values["sum1_1"], np.maximum(seen.values["conv2"], 0))


def test_a_gate_stands_for_a_network_without_the_weights_of_a_channel(opened):
    """What comes after a channel that is off is what it would be if its numbers had never been there."""
    inside = opened("simple_nn")
    seen = inside.look(PICTURE, {"dense1": (0, 5)})
    kernel, bias = inside.network["dense2"].kernel.copy(), inside.network["dense2"].bias
    kernel[[0, 5]] = 0
    whole = inside.look(PICTURE).values["dense1"]
    assert seen.values["dense2"] == pytest.approx(np.maximum(whole @ kernel + bias, 0), abs=1e-4)


@pytest.mark.parametrize(
    ("off", "words"),
    [
        ({"nothing": (0,)}, "no layer"),
        ({"conv1": (32,)}, "no channel 32"),
        ({"logits": (1,)}, "cannot be switched off"),
    ],
)
def test_what_cannot_be_switched_off_is_said(opened, off, words):
    with pytest.raises(ValueError, match=words):
        opened("cnn_2").look(PICTURE, off)


def test_the_thousand_pictures_are_a_hundred_of_each_class():
    labels = data.load_split("test").labels[switching.test_positions()]
    assert np.bincount(labels).tolist() == [100] * 10


def test_what_is_lost_is_counted_class_by_class(opened):
    inside = opened("cnn_1")
    before = switching.base(inside)
    labels = data.load_split("test").labels[switching.test_positions()]
    found = switching.effect(inside, {"conv3": tuple(range(32))}, before)
    after = inside.plain_logits(data.load_split("test").images[switching.test_positions()], {"conv3": tuple(range(32))})
    right = after.argmax(axis=1) == labels
    assert found.accuracy_before == pytest.approx((before == labels).mean())
    assert found.accuracy_after == pytest.approx(right.mean())
    assert found.after.tolist() == [int(right[labels == label].sum()) for label in range(10)]
    assert found.suffers_most == int((found.before - found.after).argmax())
    assert found.called.sum() == 1000
    assert found.called.trace() == right.sum()
    assert found.test.p_value == evaluation.mcnemar(before == labels, right).p_value


def test_nothing_is_lost_with_nothing_off(opened):
    inside = opened("cnn_1")
    found = switching.effect(inside, {}, switching.base(inside))
    assert (found.suffers_most, found.accuracy_after) == (None, found.accuracy_before)


@pytest.mark.parametrize(("model", "layer"), [("cnn_1", "conv2"), ("flagship_small", "conv3"), ("simple_nn", "dense1")])
def test_the_most_important_channels_are_found_by_switching_off_each(opened, model, layer):
    inside = opened(model)
    found = switching.important(inside, PICTURE, layer, {layer: (1,)})
    now = inside.look(PICTURE, {layer: (1,)}).logits
    for channel in (0, 7, int(found.order[0])):
        logits = inside.look(PICTURE, {layer: tuple({1, channel})}).logits
        assert found.probabilities[channel] == pytest.approx(evaluation.softmax(logits[None])[0, found.named], abs=1e-5)
        fall = switching.log_odds(now[None], found.named)[0] - switching.log_odds(logits[None], found.named)[0]
        assert found.falls[channel] == pytest.approx(fall, abs=1e-3)
    assert found.falls[1] == pytest.approx(0, abs=1e-4)  # it is off already
    assert found.falls[found.order[0]] == found.falls.max()


def test_log_odds_tell_apart_what_probabilities_near_one_do_not():
    logits = np.array([[40.0, 0, 0], [30.0, 0, 0]], np.float32)
    assert evaluation.softmax(logits)[:, 0] == pytest.approx([1, 1])
    assert switching.log_odds(logits, 0) == pytest.approx([40 - np.log(2), 30 - np.log(2)])
