"""Which pictures a quiz is of.

Run: python -m pytest tests/core/quiz
"""

import numpy as np
import pytest

from fmnist_core.quiz import pictures
from fmnist_core.quiz.pictures import PICTURES, SEEDS, all_pictures, draw
from fmnist_core.runs import predictions, runs
from fmnist_core.runs.predictions import Predictions
from fmnist_core.storage.folders import RunError

# Links to quizzes are kept for years: these stay as they are.
LISTED = "2029 4291 1474 3881 2355 5676 5499 6653 2093 9987 6217 1279 2661 9948 7795 9885 7108 1906 7211 4110"
FIRST = tuple(map(int, LISTED.split()))


@pytest.fixture(scope="module")
def stored() -> list[Predictions]:
    return [predictions.load(run, "test") for run in runs.every_run() if run.shipped]


def made_up(called: list[int], order: list[int] | None = None) -> Predictions:
    """What a network calls a few pictures; order: in which they are stored."""
    places = np.array(order or range(len(called)))
    return Predictions("test", places, np.zeros(len(called), np.uint8), np.eye(10, dtype=np.float32)[called][places])


def test_a_seed_draws_the_same_pictures_for_ever():
    assert draw(0, False, all_pictures()) == FIRST
    assert draw(0, False, all_pictures()[::-1]) == FIRST


def test_another_seed_and_hard_ones_are_others():
    drawn = [set(draw(seed, hard, all_pictures())) for seed in (0, 1, SEEDS - 1) for hard in (False, True)]
    assert all(len(one) == PICTURES for one in drawn)
    assert len(set.union(*drawn)) > 5.5 * PICTURES


def test_a_candidate_that_comes_or_goes_leaves_the_others():
    fewer = np.delete(all_pictures(), FIRST[3])
    assert draw(0, False, fewer)[:-1] == FIRST[:3] + FIRST[4:]


def test_each_picture_is_as_likely_as_the_others():
    candidates = np.arange(40)
    counts = np.bincount(np.concatenate([draw(seed, False, candidates) for seed in range(400)]), minlength=40)
    assert counts.sum() == 400 * PICTURES
    assert np.abs(counts - 200).max() < 50  # five standard deviations


@pytest.mark.parametrize("seed", [-1, SEEDS, 10**30])
def test_a_seed_that_no_address_can_say_is_refused(seed):
    with pytest.raises(ValueError, match="whole number from 0 to 999999"):
        draw(seed, False, all_pictures())


@pytest.mark.parametrize("candidates", [range(PICTURES - 1), [*range(30), 3], [*range(30), 10_000], [*range(30), -1]])
def test_candidates_that_are_too_few_or_no_pictures_are_refused(candidates):
    with pytest.raises(ValueError, match="20 or more test pictures, each once"):
        draw(0, False, np.array(candidates))


def test_hard_pictures_are_those_that_networks_disagree_on():
    alike = [0] * 25
    other = [*[1] * 22, 0, 0, 0]
    assert pictures.hard_pictures([made_up(alike), made_up(other, [*range(24, -1, -1)])]).tolist() == [*range(22)]
    with pytest.raises(RunError, match="disagree on 0 test pictures only"):
        pictures.hard_pictures([made_up(alike), made_up(alike)])
    for few in ([], [made_up(alike)]):
        with pytest.raises(RunError, match="not two of them"):
            pictures.hard_pictures(few)


def test_the_hard_pictures_that_are_drawn_really_divide_the_networks_that_ship(stored):
    candidates = pictures.hard_pictures(stored)
    called = np.stack([pictures.called_by_place(one) for one in stored])
    for seed in range(3):
        for place in draw(seed, True, candidates):
            assert len(set(called[:, place])) > 1
    left = np.setdiff1d(all_pictures(), candidates)
    assert len(left) and (called[:, left] == called[0, left]).all()


def test_every_network_that_ships_is_wrong_more_often_on_hard_pictures(stored):
    candidates = pictures.hard_pictures(stored)
    for one in stored:
        wrong = one.predicted != one.labels
        assert wrong[np.isin(one.indices, candidates)].mean() > wrong.mean()
