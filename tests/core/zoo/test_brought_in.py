"""The row that stands for what was made elsewhere: found, and never built or trained.

Run: python -m pytest tests/core/zoo/test_brought_in.py
"""

import dataclasses

import pytest

from fmnist_core import zoo
from fmnist_core.recipe import BROUGHT_IN, Recipe, Split, from_json, to_json
from fmnist_core.zoo.others import brought_in

UNKNOWN = Recipe(model=BROUGHT_IN, stages=(), split=Split("none", 0))


def test_it_is_found_and_is_no_model_of_the_zoo():
    assert zoo.find(UNKNOWN) is zoo.model_of(UNKNOWN) is brought_in.ROW
    assert BROUGHT_IN not in zoo.MODELS and {row.kind for row in zoo.MODELS.values()} == {"network"}


def test_its_recipe_is_stored_and_read():
    assert UNKNOWN.epochs == 0
    assert from_json(to_json(UNKNOWN)) == UNKNOWN


def test_it_is_neither_trained_nor_built():
    with pytest.raises(ValueError, match="has no epochs, so it cannot be trained"):
        zoo.check(UNKNOWN)
    with pytest.raises(ValueError, match="how it was made is not known"):
        brought_in.ROW.build()


def test_no_network_is_trained_for_no_epoch():
    with pytest.raises(ValueError, match="no epochs"):
        zoo.check(dataclasses.replace(UNKNOWN, model="cnn_1"))
