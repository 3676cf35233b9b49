"""The figures of further seeds that ship belong to recipes as published, and no seed ships twice.

Run: python -m pytest tests/core/runs/test_shipped_seeds.py
"""

from fmnist_core.runs import catalogue, seeds
from fmnist_core.zoo import MODELS


def test_each_is_of_a_recipe_as_published_and_of_another_seed_than_the_runs():
    published = {seeds.key_of(model.recipe) for model in MODELS.values()}
    runs = {
        (seeds.key_of(row.recipe), row.recipe.seed) for row in catalogue.list_rows() if row.run.shipped and row.recipe
    }
    stored = seeds.read(seeds.shipped_file())
    assert stored
    for recipe, trained in stored:
        assert seeds.key_of(recipe) in published
        assert len({one.seed for one in trained}) == len(trained)
        for one in trained:
            assert (seeds.key_of(recipe), one.seed) not in runs
            assert 0.5 < one.test_accuracy < 1 and one.seconds > 0
    assert seeds.shipped_file().stat().st_size < 1_000_000
