"""Several seeds of one recipe: which trainings count, their mean and spread, and what ships of them.

Run: python -m pytest tests/core/runs/test_seeds.py
"""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from fmnist_core import recipe as recipes
from fmnist_core.recipe import Recipe
from fmnist_core.release import seeds as release
from fmnist_core.runs import catalogue, leaderboard, seeds
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.records import Config, Taught
from fmnist_core.runs.runs import Run
from fmnist_core.runs.seeds import Seeds, Trained
from fmnist_core.zoo import MODELS
from tests.made_up import made_up_result

PUBLISHED = MODELS["cnn_2"].recipe


@pytest.fixture(autouse=True)
def shipped(tmp_path, monkeypatch):
    """Nothing ships as figures, until a test writes it."""
    monkeypatch.setattr(seeds, "shipped_file", lambda: tmp_path / "seeds.json")
    seeds._shipped.cache_clear()
    yield tmp_path / "seeds.json"
    seeds._shipped.cache_clear()


def row(name: str, chosen: Recipe, accuracy: float, shipped: bool = False, **result) -> Row:
    run = Run(Path(name), shipped)
    config = Config(chosen, (), data_fingerprint="", versions={}, machine={}, created="")
    return Row(run, config, None, made_up_result(test_accuracy=accuracy, **result))


def with_seed(seed: int, **changes) -> Recipe:
    return dataclasses.replace(PUBLISHED, seed=seed, **changes)


def test_mean_and_spread_are_of_one_recipe_and_the_first_training_of_each_seed():
    rows = [
        row("cnn_2-20260103-000000-0003", with_seed(1), 0.99),  # a second try of that seed
        row("cnn_2-20260102-000000-0002", with_seed(1, precision="float32"), 0.92),
        row("cnn_2-20260105-000000-0005", with_seed(0), 0.90, shipped=True),
        row("cnn_2-20260101-000000-0001", with_seed(0), 0.50),  # what ships comes first
        row("cnn_2-20260104-000000-0004", with_seed(2, batch_size=64), 0.80),  # another recipe
        row("cnn_2-20260106-000000-0006", with_seed(3), 0.10, cancelled=True),
        row(
            "cnn_2-20260107-000000-0007",
            with_seed(4),
            0.10,
            taught=Taught("cnn_2-20260101-000000-0001", ("hat",), (5,)),
        ),
    ]
    known = seeds.of_rows(rows)
    found = known[seeds.key_of(PUBLISHED)]
    assert [one.seed for one in found.trained] == [0, 1]
    assert found.test_accuracies.tolist() == [0.90, 0.92]
    assert found.mean == pytest.approx(0.91) and found.deviation == pytest.approx(np.sqrt(2) / 100)
    assert known[seeds.key_of(with_seed(0, batch_size=64))].deviation is None


def test_figures_that_ship_count_where_no_run_does(shipped):
    figures = Seeds((Trained(1, 0.93, None, "float32", 60.0), Trained(5, 0.94, 0.95, "float32", 60.0)))
    stored = {"cnn_2": seeds.as_json(figures, recipes.to_json(seeds.key_of(PUBLISHED)))}
    shipped.write_text(json.dumps(stored))
    found = seeds.of_rows([row("cnn_2-20260101-000000-0001", with_seed(1), 0.92)])[seeds.key_of(PUBLISHED)]
    assert [(one.seed, one.test_accuracy) for one in found.trained] == [(1, 0.92), (5, 0.94)]


def test_what_is_written_down_is_what_does_not_ship_as_a_run_and_a_second_time_changes_nothing(shipped, monkeypatch):
    rows = [
        row("cnn_2-20260101-000000-0001", with_seed(0), 0.90, shipped=True),
        row("cnn_2-20260102-000000-0002", with_seed(1), 0.92),
        row("cnn_2-20260103-000000-0003", with_seed(1, l2=0.1), 0.5),
    ]
    monkeypatch.setattr(catalogue, "list_rows", lambda: rows)
    release.main()
    ((recipe, trained),) = seeds.read(shipped)
    assert seeds.key_of(recipe) == seeds.key_of(PUBLISHED)
    assert [(one.seed, one.test_accuracy) for one in trained] == [(1, 0.92)]
    before = shipped.read_text()
    monkeypatch.setattr(catalogue, "list_rows", lambda: rows[:1])  # on a machine that has not trained it
    seeds._shipped.cache_clear()
    release.main()
    assert shipped.read_text() == before


def test_the_leaderboard_has_the_three_seeds_of_the_flagship():
    entry = next(one for one in leaderboard.list_entries(catalogue.list_rows()) if one.model.name == "flagship")
    assert entry.seeds is not None and [one.seed for one in entry.seeds.trained] == [0, 1, 2]
    accuracies = [one.test_accuracy for one in catalogue.list_rows() if one.run.shipped and one.model == "flagship"]
    assert entry.seeds.mean == pytest.approx(np.mean(accuracies))
    alone = next(one for one in leaderboard.list_entries(catalogue.list_rows()) if one.model.name == "minivggnet")
    assert alone.seeds is None
