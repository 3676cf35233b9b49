"""Garments made to look as from a photo.

Run: python -m pytest tests/core/photo/test_corruptions.py
"""

import numpy as np

from fmnist_core import data
from fmnist_core.photo.corruptions import damaged, damaged_views, fitted


def test_damage_is_drawn_and_keeps_a_garment_in_the_frame():
    images = data.load_split("test").images[:8]
    first, again = (damaged(images, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert first.shape == images.shape and first.dtype == np.uint8
    assert (first != images).mean(axis=(1, 2)).min() > 0.1
    rows, columns = (first.max(axis=axis) > 0 for axis in (2, 1))
    assert (np.maximum(rows.sum(axis=1), columns.sum(axis=1)) >= 26).all()


def test_damage_of_nothing_is_nothing():
    black = np.zeros((2, 28, 28), np.uint8)
    np.testing.assert_array_equal(damaged(black, np.random.default_rng(0)), black)
    assert damaged(black[:0], np.random.default_rng(0)).shape == (0, 28, 28)


def test_what_is_visible_fills_the_picture():
    gray = np.zeros((28, 28), np.uint8)
    gray[3:10, 5:19] = 200
    found = fitted(gray)
    assert (found[7:21] == 200).all() and not found[:7].any() and not found[21:].any()
    assert not fitted(np.full((5, 9), 3, np.uint8)).any()


def test_views_of_one_photo_differ_in_the_outline_and_little_else():
    images = data.load_split("train").images[:6]
    views = damaged_views(images, 3, np.random.default_rng(0))
    assert views.shape == (6, 3, 28, 28)
    for one in views.astype(int):
        both = (one[0] > 20) & (one[1] > 20)
        assert (one[0] > 20).sum() and not (one[0] == one[1]).all()
        assert np.corrcoef(one[0][both], one[1][both])[0, 1] > 0.1
    again = damaged_views(images[:2], 3, np.random.default_rng(0))
    np.testing.assert_array_equal(again, views[:2])  # whatever else is asked for
