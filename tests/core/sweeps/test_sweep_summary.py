"""What a sweep shows: counted by hand, with seeds, with one, and with too few.

Run: python -m pytest tests/core/sweeps/test_sweep_summary.py
"""

import dataclasses
import json

import numpy as np
import pytest
from scipy import stats

from fmnist_core.sweeps import chart_data, summary
from fmnist_core.sweeps.chart_data import Axis
from fmnist_core.sweeps.records import Spec, Sweep
from fmnist_core.zoo import MODELS
from tests.core.sweeps.swept import end, predictions_of, put_run, stored_sweep
from tests.tiny import tiny_recipe

GOOD, BAD = (0.90, 0.92, 0.94), (0.80, 0.83, 0.83)


def put_all(sweep, accuracies):
    for place, accuracy in enumerate(accuracies):
        put_run(sweep, place, accuracy, test=accuracy - 0.1)
    end(sweep)


def test_mean_spread_and_paired_differences():
    sweep = stored_sweep()
    put_all(sweep, [*BAD, *GOOD])
    found = summary.summarise(sweep)
    assert [one.words for one in found.judged] == ["learning rate 0.0003", "learning rate 0.001"]
    best, other = found.judged
    assert best.mean == pytest.approx(0.92) and best.deviation == pytest.approx(0.02)
    (difference,) = found.differences
    theirs = stats.ttest_rel(GOOD, BAD)
    assert difference.combination is other and difference.points == pytest.approx(0.1)
    assert difference.p_value == pytest.approx(theirs.pvalue, rel=0.05)  # a little more: accuracies are counted
    assert difference.real and difference.interval[0] < 0.1 < difference.interval[1]
    text = summary.learned(found)
    assert text.startswith("Best by validation: learning rate 0.0003, 92.00 % ± 2.00 (mean of 3 seeds); test 82.00 %.")
    assert text.endswith("It is really better than the other one on these validation pictures.")


@pytest.mark.long
def test_p_is_multiplied_by_how_many_could_have_been_compared():
    rates = tuple(f"{rate / 1000}" for rate in range(1, 8))
    sweep = stored_sweep({"learning-rate": rates})
    put_all(sweep, [*BAD, *GOOD, *BAD * 5])
    two = stored_sweep(sweep_id="1" * 8)
    put_all(two, [*BAD, *GOOD])
    many, few = summary.summarise(sweep).differences, summary.summarise(two).differences
    assert len(many) == 6 and many[0].p_value == pytest.approx(min(1, 21 * few[0].p_value))
    assert few[0].real and not many[0].real
    width = lambda one: one.interval[1] - one.interval[0]  # noqa: E731
    assert width(many[0]) > width(few[0])
    text = summary.learned(summary.summarise(sweep))
    assert "cannot be told apart from: learning rate 0.001; learning rate 0.003" in text
    assert text.endswith("learning rate 0.006 and 1 other.")


def test_two_seeds_are_too_few_and_that_is_said():
    sweep = stored_sweep(seeds=(0, 1))
    put_all(sweep, [0.5, 0.5, 0.9, 0.9])
    found = summary.summarise(sweep)
    assert [(one.real, one.p_value, one.interval) for one in found.differences] == [(None, None, None)]
    assert "2 seeds are too few" in summary.learned(found)


def test_of_one_seed_the_pictures_decide():
    sweep = stored_sweep({"learning-rate": ("0.1", "0.2", "0.3")}, seeds=(0,))
    put_all(sweep, [0.8, 0.9, 0.89])
    right = {place: np.arange(1_000) < count for place, count in enumerate((800, 900, 890))}
    places = {task.run: place for place, task in enumerate(sweep.plan.tasks)}
    found = summary.summarise(sweep, lambda run, split: predictions_of(right[places[run.id]]))
    near, far = found.differences
    assert (near.combination.words, near.real) == ("learning rate 0.3", True)
    assert near.p_value == pytest.approx(3 * 2 * 0.5**10) and far.p_value < near.p_value
    assert "really better than each of the others on" in summary.learned(found)
    assert "another seed may turn this around" in summary.learned(found)


def test_test_figures_are_the_chosen_ones_and_come_when_nothing_else_may_be_chosen():
    sweep = stored_sweep()
    for place, accuracy in enumerate([*BAD, *GOOD[:2]]):
        put_run(sweep, place, accuracy, test=0.123)
    early = summary.summarise(sweep)
    assert not early.settled and [row["test"] for row in summary.rows(early)] == [None, None]
    assert "12.30" not in summary.learned(early) and "so far" in summary.learned(early)
    assert [row["complete"] for row in summary.rows(early)] == [True, False]
    put_run(sweep, 5, GOOD[2], test=0.456)
    rows = summary.rows(summary.summarise(sweep))
    assert [(row["best"], row["test"]) for row in rows] == [
        (True, pytest.approx((0.123 * 2 + 0.456) / 3)),
        (False, None),
    ]
    json.dumps(rows)


def test_a_stopped_sweep_tells_what_it_has():
    sweep = stored_sweep()
    assert summary.learned(summary.summarise(sweep)).startswith("No combination")
    put_run(sweep, 0, 0.9)
    end(sweep, "cancelled")
    found = summary.summarise(sweep)
    assert found.best is None and summary.rows(found)[0]["deviation"] is None
    for place in (1, 2):
        put_run(sweep, place, 0.9)
    assert summary.learned(summary.summarise(sweep)).endswith("3 of 6 trainings have no result.")
    for place in (3, 4):
        put_run(sweep, place, 0.8)
    assert summary.learned(summary.summarise(sweep)).endswith("1 of 6 trainings has no result.")
    drawn = Sweep(sweep.id, Spec(dataclasses.replace(sweep.plan, sampled=2)))
    assert "Of all combinations these are a random sample." in summary.learned(summary.summarise(drawn))
    one_seed = stored_sweep(seeds=(0,), sweep_id="1" * 8)
    assert summary.learned(summary.summarise(one_seed)) == "No combination has a result yet."


def test_parallel_coordinates_and_accuracy_by_value():
    cnn = tiny_recipe("cnn_1")
    values = {"learning-rate": ("0.001", "0.01"), "optimizer": ("adam", "sgd"), "images": ("600",)}
    sweep = stored_sweep(values, seeds=(0, 1), bases=[tiny_recipe(), cnn])
    accuracies = [0.5 + 0.02 * place for place in range(16)]
    put_all(sweep, accuracies)
    found = summary.summarise(sweep)
    titles = (MODELS["simple_nn"].title, MODELS["cnn_1"].title)
    means = tuple(np.reshape(accuracies, (8, 2)).mean(axis=1))
    assert chart_data.axes(found) == [
        Axis("model", (0.0,) * 4 + (1.0,) * 4, titles),
        Axis("learning rate", (0.001, 0.001, 0.01, 0.01) * 2),
        Axis("optimizer", (0.0, 1.0) * 4, ("adam", "sgd")),
        Axis("validation accuracy", pytest.approx(means)),
    ]
    by_value = chart_data.by_value(found)
    assert list(by_value) == ["model", "learning-rate", "optimizer"]
    slow, fast = by_value["learning-rate"]
    table = np.reshape(accuracies, (2, 2, 2, 2))
    assert (slow.value, fast.value) == ("0.001", "0.01")
    assert sorted(slow.accuracies) == pytest.approx(sorted(table[:, 0].ravel()))
    assert fast.mean == pytest.approx(table[:, 1].mean()) and fast.deviation == pytest.approx(table[:, 1].std(ddof=1))
    assert found.judged[0].words == f"{titles[1]}, learning rate 0.01, optimizer sgd"
