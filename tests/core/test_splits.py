"""Which pictures are for training and which for validation.

Run: python -m pytest tests/core/test_splits.py
"""

import dataclasses

import numpy as np
import pytest
from sklearn.model_selection import train_test_split

from fmnist_core import data
from fmnist_core.recipe import Recipe, Split, Stage
from fmnist_core.splits import (
    REPLAY_PICTURES,
    corrected_labels,
    replay_indices,
    split_indices,
    taught_labels,
    wrong_labels,
)


def recipe(split: Split, images: int | None = None, seed: int = 0) -> Recipe:
    return Recipe("cnn_1", (Stage(1),), split=split, images=images, seed=seed)


def test_random_split_is_that_of_scikit_learn():
    train, validation = train_test_split(np.arange(60_000), test_size=12_000, random_state=13)
    found = split_indices(recipe(Split("random", 12_000, 13)))
    np.testing.assert_array_equal(found.train, train)
    np.testing.assert_array_equal(found.validation, validation)


def test_first_last_and_none():
    first = split_indices(recipe(Split("first", 5_000)))
    assert (first.validation[0], first.validation[-1], first.train[0], first.train[-1]) == (0, 4_999, 5_000, 59_999)
    last = split_indices(recipe(Split("last", 5_000)))
    assert (last.train[0], last.train[-1], last.validation[0], last.validation[-1]) == (0, 54_999, 55_000, 59_999)
    none = split_indices(recipe(Split("none", 0)))
    assert len(none.train) == 60_000 and len(none.validation) == 0


@pytest.mark.parametrize("images", [None, 700])
@pytest.mark.parametrize("split", [Split("first", 300), Split("last", 300), Split("random", 300), Split("none", 0)])
def test_parts_are_disjoint_and_complete(split, images):
    found = split_indices(recipe(split, images))
    assert len(found.train) == (images or 60_000 - split.validation)
    assert len(found.validation) == split.validation
    together = np.concatenate(found)
    assert len(np.unique(together)) == len(together)
    assert together.min() >= 0 and together.max() < 60_000
    assert found.train.dtype == found.validation.dtype == np.int64


def test_fewer_pictures_are_drawn_by_the_seed_and_leave_validation_alone():
    some, same, other = (split_indices(recipe(Split("last", 300), 700, seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(some.train, same.train)
    assert set(some.train) != set(other.train)
    np.testing.assert_array_equal(some.validation, other.validation)
    assert some.train.max() > 50_000  # from everywhere, not the first ones


def test_excluded_pictures_are_not_trained_on_and_stay_in_validation():
    suspects = (3, 700, 59_999)
    whole = recipe(Split("last", 300))
    without = split_indices(dataclasses.replace(whole, excluded=suspects))
    assert set(split_indices(whole).train) - set(without.train) == {3, 700}
    np.testing.assert_array_equal(without.validation, split_indices(whole).validation)
    few = split_indices(dataclasses.replace(whole, excluded=suspects, images=59_698)).train
    assert len(few) == 59_698 and not set(few) & set(suspects)


def test_replay_shows_validation_pictures_or_else_training_pictures():
    split = recipe(Split("random", 12_000))
    np.testing.assert_array_equal(replay_indices(split), split_indices(split).validation[:REPLAY_PICTURES])
    few = recipe(Split("last", 300))
    np.testing.assert_array_equal(replay_indices(few), np.arange(59_700, 60_000))
    without = recipe(Split("none", 0), images=2_500)
    assert len(replay_indices(without)) == REPLAY_PICTURES
    assert set(replay_indices(without)) <= set(split_indices(without).train)


def noisy(noise: float, **changes) -> Recipe:
    return dataclasses.replace(recipe(Split("last", 300), 1_000), label_noise=noise, **changes)


def test_label_noise_is_wrong_about_exactly_its_part_and_about_training_pictures_only():
    labels = data.load_split("train").labels
    for noise in (0.0, 0.2, 0.9):
        found = wrong_labels(noisy(noise))
        assert len(found.positions) == round(1_000 * noise) == len(set(found.positions))
        assert set(found.positions) <= set(split_indices(noisy(noise)).train)
        assert (found.labels != labels[found.positions]).all() and (np.diff(found.positions) > 0).all()
        everything = np.arange(60_000)
        taught = taught_labels(noisy(noise), everything)
        np.testing.assert_array_equal(everything[taught != labels], found.positions)
    shifts = (wrong_labels(noisy(0.9)).labels.astype(int) - labels[wrong_labels(noisy(0.9)).positions]) % 10
    assert set(shifts) == set(range(1, 10)) and np.bincount(shifts)[1:].min() > 60  # of 100 each
    assert data.load_split("train").labels is labels and not labels.flags.writeable


def test_corrected_labels_are_taught_to_training_pictures_alone():
    official = data.load_split("train").labels
    pairs = tuple((position, (int(official[position]) + 1) % 10) for position in (3, 700, 59_700, 59_999))
    corrected = dataclasses.replace(recipe(Split("last", 300)), relabelled=pairs, excluded=(700,))
    found = corrected_labels(corrected)  # 700 is left out, the last two validate
    assert (found.positions.tolist(), found.labels.tolist()) == ([3], [(official[3] + 1) % 10])
    everything = np.arange(60_000)
    taught = taught_labels(corrected, everything)
    assert np.flatnonzero(taught != official).tolist() == [3] and taught[3] == (official[3] + 1) % 10
    few = dataclasses.replace(corrected, images=500)
    assert set(corrected_labels(few).positions) == {3} & set(split_indices(few).train)
    assert taught_labels(recipe(Split("last", 300)), everything) is not official  # a copy, or a view of it
    assert data.load_split("train").labels is official and not official.flags.writeable


def test_noise_comes_after_what_is_corrected():
    official = data.load_split("train").labels
    pairs = tuple((position, (int(label) + 1) % 10) for position, label in enumerate(official[:20_000]))
    both = noisy(0.5, relabelled=pairs)
    positions, wrong = split_indices(both).train, wrong_labels(both)
    corrected = taught_labels(dataclasses.replace(both, label_noise=0.0), positions)
    taught = taught_labels(both, positions)
    assert (taught != corrected).sum() == len(wrong.positions) == 500  # of 1,000: wrong about what it is now called
    np.testing.assert_array_equal(wrong.positions, wrong_labels(noisy(0.5)).positions)
    assert (corrected != official[positions]).sum() == (positions < 20_000).sum() > 250


def test_label_noise_is_drawn_by_the_seed_and_more_of_it_begins_with_the_same():
    less, more, other = (
        dict(zip(*wrong_labels(one), strict=True)) for one in (noisy(0.2), noisy(0.4), noisy(0.2, seed=1))
    )
    assert less == dict(zip(*wrong_labels(noisy(0.2)), strict=True)) != other
    assert less.items() < more.items()
