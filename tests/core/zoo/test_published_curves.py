"""The curves that sources publish are those of their figures, epoch by epoch.

Run: python -m pytest tests/core/zoo/test_published_curves.py
"""

import pytest

from fmnist_core.zoo import MODELS, published_curves
from fmnist_core.zoo.published_curves import epochs_of, points_of


@pytest.mark.parametrize("name", ["cnn_1conv", "cnn_3conv", "cnn_4conv", "vgg19_published"])
def test_curves_have_every_epoch_and_end_where_the_figures_of_the_zoo_do(name):
    model = MODELS[name]
    epochs = epochs_of(model)
    assert [one.epoch for one in epochs] == list(range(1, model.recipe.epochs + 1))
    ends = [(epochs[-1], model.published)]
    if len(model.recipe.stages) > 1:
        ends.append((epochs[model.recipe.stages[0].epochs - 1], model.published.first_stage))
    for last, said in ends:
        assert (last.accuracy, last.loss) == (said.train_accuracy, said.train_loss)
        assert (last.validation_accuracy, last.validation_loss) == (said.validation_accuracy, said.validation_loss)


def test_figures_by_epoch_are_the_notebooks():
    first = epochs_of(MODELS["cnn_1conv"])
    assert first[0] == (1, 0.546, 0.8085, 0.3817, 0.869, 30.0) and first[10].accuracy == 0.8633
    best = max(epochs_of(MODELS["cnn_4conv"])[10:], key=lambda one: one.validation_accuracy)
    assert (best.epoch - 10, best.validation_accuracy) == (44, 0.9278)


def test_the_last_epoch_of_the_updated_post_is_its_later_figure():
    model = MODELS["minivggnet"]
    assert [one.epoch for one in epochs_of(model)] == [1, 2, 3, 23, 24, 25]
    assert epochs_of(model)[-1].validation_accuracy == model.published.later_test_accuracy == 0.9324
    assert list(points_of(model, "loss")) == ["training", "test set, as published"]


def test_points_are_named_by_what_they_were_measured_on():
    curves = points_of(MODELS["cnn_1conv"], "accuracy")
    assert {name: (points[0][0], len(points)) for name, points in curves.items()} == {
        "training": (1, 60),
        "validation": (1, 10),
        "validation, distorted": (11, 50),
    }
    assert curves["validation"][9] == (10, 0.9081)


def test_most_sources_publish_no_curves_and_those_that_do_are_cited():
    assert epochs_of(MODELS["cnn_2"]) == () and points_of(MODELS["cnn_2"], "loss") == {}
    text = published_curves.FILE.read_text(encoding="utf-8")
    assert "James Le" in text and "PyImageSearch" in text and set(published_curves._read()) <= set(MODELS)
