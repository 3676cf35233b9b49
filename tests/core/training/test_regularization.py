"""L2 regularization, dropout and label noise of a recipe reach the training, and nothing else.

Run: python -m pytest tests/core/training/test_regularization.py
"""

import dataclasses
import json

import keras
import numpy as np
import pytest

from fmnist_core import data
from fmnist_core.inference.classifier import Classifier
from fmnist_core.recipe import Recipe, Split
from fmnist_core.runs import predictions, runs
from fmnist_core.runs.records import EpochLine
from fmnist_core.splits import split_indices, taught_labels
from fmnist_core.training import training_jobs
from fmnist_core.training.batches import EpochBatches
from fmnist_core.training.precision import FastDropout, training_copy
from fmnist_core.training.train import compile_model
from fmnist_core.zoo import get_model
from tests.tiny import tiny_recipe

PICTURES = data.load_split("train")


def learner_of(chosen: Recipe) -> tuple[keras.Model, keras.Model]:
    """A network and its training copy, compiled."""
    keras.utils.set_random_seed(0)
    network = get_model(chosen.model).build()
    learner = training_copy(network, "float32", chosen)
    compile_model(learner, chosen, 600)
    return network, learner


@pytest.mark.some(2)
@pytest.mark.parametrize("model", ["simple_nn", "cnn_1", "lstm_rows"])
def test_l2_adds_the_squares_of_all_kernels_to_the_loss(model):
    chosen = tiny_recipe(model, loss="sparse_categorical_crossentropy", label_smoothing=0.0)
    inputs, labels = data.to_network_input(PICTURES.images[:64]), PICTURES.labels[:64].astype(np.int64)
    network, plain = learner_of(chosen)
    _, penalised = learner_of(dataclasses.replace(chosen, l2=0.01))
    kernels = [
        layer.kernel.numpy() for layer in network.layers if isinstance(layer, keras.layers.Dense | keras.layers.Conv2D)
    ]
    squares = sum(float(np.square(kernel).sum()) for kernel in kernels)
    penalised.set_weights(plain.get_weights())
    losses = [one.evaluate(inputs, labels, verbose=0)[0] for one in (plain, penalised)]
    assert len(kernels) >= 1 and losses[1] - losses[0] == pytest.approx(0.01 * squares, rel=1e-4)
    assert all(getattr(layer, "kernel_regularizer", None) is None for layer in network.layers)


@pytest.mark.parametrize(("rate", "expected"), [(None, [0.2, 0.2, 0.5]), (0.35, [0.35] * 3), (0.0, [0.0] * 3)])
def test_dropout_is_the_rate_of_every_dropout_layer(rate, expected):
    network, learner = learner_of(tiny_recipe("cnn_2", dropout=rate))
    rates = [layer.rate for layer in learner.layers if isinstance(layer, FastDropout)]
    assert rates == expected
    assert [layer.rate for layer in network.layers if isinstance(layer, keras.layers.Dropout)] == [0.2, 0.2, 0.5]


def test_a_network_without_dropout_gets_it_before_its_logits_while_it_trains():
    network, learner = learner_of(tiny_recipe("simple_nn", dropout=0.5))
    assert [layer.rate for layer in learner.layers if isinstance(layer, FastDropout)] == [0.5]
    assert learner.layers[-1].name == "logits" and isinstance(learner.layers[-2], FastDropout)
    inputs = data.to_network_input(PICTURES.images[:8])
    np.testing.assert_allclose(network(inputs), learner(inputs, training=False), atol=1e-5)
    assert np.abs(np.asarray(learner(inputs, training=True)) - np.asarray(network(inputs))).max() > 0.01
    for off in (None, 0.0):
        assert not any(isinstance(layer, FastDropout) for layer in learner_of(tiny_recipe(dropout=off))[1].layers)


@pytest.mark.parametrize("loss", ["sparse_categorical_crossentropy", "categorical_crossentropy"])
def test_batches_give_the_wrong_labels_to_the_loss_and_the_official_ones_to_the_accuracy(loss):
    chosen = tiny_recipe(label_noise=0.5, loss=loss, batch_size=100)
    positions = split_indices(chosen).train
    official, taught = PICTURES.labels[positions], taught_labels(chosen, positions)
    assert (official != taught).sum() == 300
    batches = EpochBatches(PICTURES.images[positions], official, chosen, chosen.stages[0], 10, taught)
    order = batches.plan()[0]
    images, pairs = next(iter(batches.dataset()))
    np.testing.assert_array_equal(pairs[:, 0], taught[order[:100]])
    np.testing.assert_array_equal(pairs[:, 1], official[order[:100]])
    _, learner = learner_of(chosen)
    loss_said, accuracy = learner.evaluate(images, pairs, verbose=0)
    logits = np.asarray(learner(images), np.float64)
    shares = np.log(np.exp(logits).sum(1)) - logits[np.arange(100), taught[order[:100]]]
    assert loss_said == pytest.approx(shares.mean(), rel=1e-4)
    assert accuracy == pytest.approx((logits.argmax(1) == official[order[:100]]).mean())


def test_a_training_that_corrects_labels_teaches_these_and_counts_official_ones():
    positions = split_indices(tiny_recipe()).train
    pairs = tuple((int(one), (int(PICTURES.labels[one]) + 1) % 10) for one in positions[:7])
    chosen = tiny_recipe(relabelled=pairs, batch_size=600)
    official, taught = PICTURES.labels[positions], taught_labels(chosen, positions)
    batches = EpochBatches(PICTURES.images[positions], official, chosen, chosen.stages[0], 10, taught)
    _, pairs_of_labels = next(iter(batches.dataset()))
    order = batches.plan()[0]
    np.testing.assert_array_equal(pairs_of_labels[:, 1], official[order])
    changed = np.flatnonzero(pairs_of_labels[:, 0] != pairs_of_labels[:, 1])
    assert sorted(order[changed]) == list(range(7))


@pytest.mark.long
def test_a_run_with_all_three_trains_exports_and_counts_official_labels(runs_folder):
    run = runs.create(tiny_recipe("cnn_1", l2=1e-4, dropout=0.2, label_noise=0.9, split=Split("last", 500)))
    status = training_jobs.run_job(run)
    assert status.state == "done", status.message
    kept = runs.read_config(run).recipe
    assert (kept.l2, kept.dropout, kept.label_noise) == (1e-4, 0.2, 0.9)
    stored = predictions.load(run, "train")
    np.testing.assert_array_equal(stored.labels, PICTURES.labels[stored.indices])
    wrong = taught_labels(kept, stored.indices)
    assert (wrong != stored.labels).mean() == pytest.approx(0.9)
    ends = [line for line in runs.read_metrics(run) if isinstance(line, EpochLine)]
    assert len(ends) == 2 and all(line.accuracy is not None for line in ends)
    layers = json.dumps(keras.saving.load_model(run.folder / "model.keras").get_config())
    assert "L2" not in layers and "added_dropout" not in layers and "FastDropout" not in layers
    assert Classifier(run.folder / "model.onnx").logits(PICTURES.images[:3]).shape == (3, 10)
