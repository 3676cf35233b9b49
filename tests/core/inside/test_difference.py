"""Where the layers of a network begin to tell two pictures apart."""

import numpy as np
import pytest

from fmnist_core import data
from fmnist_core.inside import difference

TEST = data.load_split("test")


def test_cosine_distances_of_known_vectors():
    distance = difference.cosine_distance
    assert distance(np.array([1.0, 0]), np.array([2.0, 0])) == 0
    assert distance(np.array([1.0, 0]), np.array([0, 3.0])) == 1
    assert distance(np.array([1.0, 0]), np.array([-1.0, 0])) == 2
    assert distance(np.zeros(2), np.array([1.0, 0])) == 1


def test_a_picture_is_nowhere_apart_from_itself(opened):
    inside = opened("cnn_2")
    seen = inside.look(TEST.images[0])
    found = difference.apart(inside, seen, seen, 9)
    assert found.layers[0] == "picture"
    assert np.abs(found.pair).max() < 1e-6
    assert found.begins is None


def test_a_boot_and_a_pullover_are_farther_apart_in_the_end_than_two_boots(opened):
    inside = opened("cnn_2")
    boot, pullover = (int(np.flatnonzero(TEST.labels == label)[0]) for label in (9, 2))
    found = difference.apart(inside, inside.look(TEST.images[boot]), inside.look(TEST.images[pullover]), 9)
    assert found.begins is not None
    assert found.pair[-1] > found.same_class[-1, 2]
    assert (np.diff(found.same_class, axis=1) >= 0).all()


def test_they_begin_to_differ_where_they_stay_apart_until_the_end():
    same = np.array([[0, 0, 0.5]] * 4)
    names = ("a", "b", "c", "d")
    told = lambda *pair: difference.Apart(names, np.array(pair), same).begins  # noqa: E731
    assert told(0.9, 0.1, 0.8, 0.9) == "c"
    assert told(0.9, 0.9, 0.9, 0.9) == "a"
    assert told(0.9, 0.9, 0.9, 0.1) is None
    assert told(0.1, 0.1, 0.1, 0.9) == "d"


@pytest.mark.parametrize("model", ["flagship", "lstm_rows", "simple_nn"])
def test_every_kind_of_network_has_a_curve(opened, model):
    inside = opened(model)
    found = difference.apart(inside, inside.look(TEST.images[1]), inside.look(TEST.images[2]), 2)
    assert len(found.pair) == len(found.layers) >= 3
    assert np.isfinite(found.pair).all()
