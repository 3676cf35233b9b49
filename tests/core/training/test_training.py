"""Training: the same pictures, losses and layers as published, exact resuming, an export that can be relied on.

Run: python -m pytest tests/core/training/test_training.py
"""

import dataclasses
import hashlib
import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from fmnist_core import data, machine, splits
from fmnist_core.inference.classifier import Classifier, open_classifier
from fmnist_core.jobs import lifecycle
from fmnist_core.metrics import evaluation
from fmnist_core.photo import corruptions
from fmnist_core.recipe import Augmentation, Optimizer, Split, Stage
from fmnist_core.runs import predictions, runs
from fmnist_core.runs.records import BatchLine, EpochLine, StoredFile
from fmnist_core.runs.runs import Run
from fmnist_core.splits import replay_indices, split_indices
from fmnist_core.storage.folders import RunError
from fmnist_core.training import augmentation as augmenting
from fmnist_core.training import finish, observer, scoring, train, training_jobs
from fmnist_core.training.batches import EpochBatches
from fmnist_core.training.checkpoint import Progress
from fmnist_core.training.losses import build_loss, build_optimizer, clipped_rbf_crossentropy
from fmnist_core.training.observer import REPLAY_EPOCHS, Observer
from fmnist_core.training.precision import FusedBatchNormalization, choose_precision, training_copy
from fmnist_core.zoo import MODELS
from fmnist_core.zoo.layers import chain
from tests.tiny import tiny_recipe

PICTURES = data.load_split("train").images[:40]
KINDS = {
    "nothing": Augmentation(),
    "rotation": Augmentation(rotation=30),
    "shift": Augmentation(shift=0.2),
    "shear": Augmentation(shear=20),
    "zoom": Augmentation(zoom=0.3),
    "flip": Augmentation(flip=True),
    "crop": Augmentation(crop=4),
    "brightness": Augmentation(brightness=0.8),
    "James Le": Augmentation(rotation=8, shift=0.08, shear=0.3, zoom=0.08),
    "cutout": Augmentation(cutout=9),
    "photo damage": Augmentation(photo_damage=0.5),
    "everything": Augmentation(
        20, 0.1, 10, 0.2, True, crop=3, brightness=0.5, cutout=6, cutout_chance=0.5, photo_damage=0.5
    ),
}


class Extreme:
    """A generator whose every draw is the largest one, and whose coin always falls on the same side."""

    def uniform(self, low, high, count):
        return np.full(count, high)

    def integers(self, low, high, count):
        return np.full(count, high - 1)

    def random(self, count):
        return np.zeros(count)


def at_its_extreme(augmentation: Augmentation) -> np.ndarray:
    """The pictures, changed as far as the augmentation goes."""
    return augmenting.apply(PICTURES, augmenting.draw(augmentation, len(PICTURES), Extreme()), augmentation)


# Augmentation


@pytest.mark.parametrize("fill", ["nearest", "constant"])
@pytest.mark.parametrize("kind", list(KINDS))
def test_preview_shows_what_a_training_sees(kind, fill):
    chosen = dataclasses.replace(KINDS[kind], fill=fill)
    draws = augmenting.draw(chosen, len(PICTURES), np.random.default_rng(3))
    shown = augmenting.apply(PICTURES, draws, chosen)
    seen = augmenting.change(PICTURES, draws, chosen)[..., 0] * 255
    assert np.abs(shown - seen).max() <= 1
    assert shown.dtype == np.uint8
    assert (kind == "nothing") == np.array_equal(shown, PICTURES)


def test_flip_mirrors_left_and_right():
    np.testing.assert_array_equal(at_its_extreme(Augmentation(flip=True)), PICTURES[:, :, ::-1])
    draws = augmenting.draw(Augmentation(flip=True), 1_000, np.random.default_rng(0))
    assert 400 < (draws.transforms[:, 0] < 0).sum() < 600


@pytest.mark.parametrize("pixels", [1, 4, 14])
def test_crop_shifts_by_whole_pixels(pixels):
    shifted = at_its_extreme(Augmentation(crop=pixels, fill="constant"))
    np.testing.assert_array_equal(shifted[:, :-pixels, :-pixels], PICTURES[:, pixels:, pixels:])
    assert not shifted[:, -pixels:].any() and not shifted[:, :, -pixels:].any()
    edge = at_its_extreme(Augmentation(crop=pixels, fill="nearest"))
    np.testing.assert_array_equal(edge[:, -1, :-pixels], PICTURES[:, -1, pixels:])
    draws = augmenting.draw(Augmentation(crop=pixels), 2_000, np.random.default_rng(0))
    offsets = draws.transforms[:, [2, 5]]
    assert set(offsets.ravel()) == set(range(-pixels, pixels + 1))


def test_quarter_turn_and_shift_and_zoom_by_hand():
    np.testing.assert_array_equal(at_its_extreme(Augmentation(rotation=90)), np.rot90(PICTURES, -1, axes=(1, 2)))
    np.testing.assert_array_equal(at_its_extreme(Augmentation(shift=1 / 28))[:, :-1, :-1], PICTURES[:, 1:, 1:])
    halved = at_its_extreme(Augmentation(zoom=0.9, fill="constant"))  # 1.9 times as much is seen
    assert not halved[:, :6].any() and not halved[:, :, -6:].any() and halved[:, 8:20].any()
    slanted = at_its_extreme(Augmentation(shear=45, fill="constant"))
    assert not np.array_equal(slanted, PICTURES) and slanted.any()


def test_brightness_is_a_factor_and_stays_in_range():
    np.testing.assert_array_equal(
        at_its_extreme(Augmentation(brightness=0.5)), np.clip(PICTURES * 1.5, 0, 255).round().astype(np.uint8)
    )
    factors = augmenting.draw(Augmentation(brightness=0.5), 2_000, np.random.default_rng(0)).brightness
    assert 0.5 <= factors.min() < 0.55 and 1.45 < factors.max() <= 1.5


def test_cutout_blackens_a_square_around_any_point():
    white = np.full((2_000, 28, 28), 255, np.uint8)
    chosen = Augmentation(cutout=4, cutout_chance=0.25)
    draws = augmenting.draw(chosen, len(white), np.random.default_rng(0))
    black = augmenting.apply(white, draws, chosen) == 0
    areas = black.sum(axis=(1, 2))
    assert {0, 8, 12, 16} <= set(areas) <= {0, 4, 6, 8, 9, 12, 16}  # smaller where an edge cuts it
    assert 400 < (areas > 0).sum() < 600
    centres = draws.cutout[areas > 0] + 2
    assert centres.min() == 0 and centres.max() == 27


def test_photo_damage_is_drawn_for_its_part_and_the_same_for_the_same_seed():
    damage = augmenting.draw(Augmentation(photo_damage=0.25), 2_000, np.random.default_rng(0)).damage
    assert 400 < (damage >= 0).sum() < 600 and len(set(damage[damage >= 0])) > 390
    seeds = np.where(np.arange(len(PICTURES)) % 2, np.arange(len(PICTURES)), -1)
    whole = corruptions.damaged_by(PICTURES, seeds)
    np.testing.assert_array_equal(whole[::2], PICTURES[::2])
    assert (whole[1::2] != PICTURES[1::2]).any(axis=(1, 2)).all()
    np.testing.assert_array_equal(corruptions.damaged_by(PICTURES[7:9], seeds[7:9]), whole[7:9])


def test_draws_stay_in_their_ranges():
    transforms = augmenting.draw(Augmentation(shift=0.1), 2_000, np.random.default_rng(0)).transforms
    assert 2.7 < np.abs(transforms[:, [2, 5]]).max() <= 2.8 + 1e-5
    turned = augmenting.draw(Augmentation(rotation=30), 2_000, np.random.default_rng(0)).transforms
    angles = np.degrees(np.arctan2(turned[:, 1], turned[:, 0]))
    assert -30 <= angles.min() < -29 and 29 < angles.max() <= 30 + 1e-4


# Batches


def numbered_pictures(count: int) -> np.ndarray:
    """Pictures that can be told apart: the first two pixels hold their number."""
    pictures = np.random.default_rng(0).integers(0, 256, (count, 28, 28), np.uint8)
    pictures[:, 0, 0], pictures[:, 0, 1] = np.divmod(np.arange(count), 256)
    return pictures


def read_epoch(batches: EpochBatches, epoch: int) -> tuple[np.ndarray, np.ndarray, list[int]]:
    batches.epoch = epoch
    found = [(images.numpy(), labels.numpy()) for images, labels in batches.dataset()]
    images, labels = (np.concatenate(part) for part in zip(*found, strict=True))
    return images, labels, [len(part) for part, _ in found]


def batches_of(count: int, augmentation: Augmentation | None = None, **changes) -> EpochBatches:
    chosen = tiny_recipe(**({"batch_size": 32} | changes))
    labels = (np.arange(count) % 10).astype(np.uint8)
    return EpochBatches(numbered_pictures(count), labels, chosen, Stage(1, augmentation), 10)


def test_epoch_brings_each_picture_once_with_its_label():
    images, labels, sizes = read_epoch(batches_of(300), 0)
    numbers = np.round(images[:, 0, 0, 0] * 255) * 256 + np.round(images[:, 0, 1, 0] * 255)
    assert sorted(numbers) == list(range(300)) and list(numbers) != list(range(300))
    np.testing.assert_array_equal(labels, numbers % 10)
    assert sizes == [32] * 9 + [12]
    assert images.shape == (300, 28, 28, 1) and images.dtype == np.float32
    np.testing.assert_allclose(images[..., 0], numbered_pictures(300)[numbers.astype(int)] / 255, atol=1e-6)


def test_only_whole_batches_where_the_recipe_says_so():
    batches = batches_of(300, drop_last_batch=True)
    assert batches.steps == 9
    assert read_epoch(batches, 0)[2] == [32] * 9


def test_labels_are_one_hot_for_the_loss_that_takes_them_so():
    _, labels, _ = read_epoch(batches_of(64, loss="categorical_crossentropy"), 0)
    assert labels.shape == (64, 10) and (labels.sum(axis=1) == 1).all()


@pytest.mark.parametrize("augmentation", [None, KINDS["everything"]])
def test_epoch_depends_on_seed_and_number_alone(augmentation):
    batches = batches_of(100, augmentation)
    first, again, other = (read_epoch(batches, epoch)[0] for epoch in (3, 3, 4))
    fresh = read_epoch(batches_of(100, augmentation), 3)[0]
    reseeded = read_epoch(batches_of(100, augmentation, seed=1), 3)[0]
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(first, fresh)
    assert not np.array_equal(first, other) and not np.array_equal(first, reseeded)


def test_each_picture_is_flipped_in_every_other_epoch():
    batches = batches_of(64, Augmentation(flip=True, in_turn=True))

    def flipped(epoch: int) -> np.ndarray:
        batches.epoch = epoch
        order, transforms, *_ = batches.plan()
        return (transforms[:, 0] < 0)[np.argsort(order)]

    first, second, third = (flipped(epoch) for epoch in range(3))
    np.testing.assert_array_equal(first, ~second)
    np.testing.assert_array_equal(first, third)
    assert 16 < first.sum() < 48


def test_batches_are_changed_as_planned():
    batches = batches_of(64, KINDS["everything"])
    images = read_epoch(batches, 2)[0]
    order, *draws = batches.plan()
    expected = augmenting.apply(numbered_pictures(64)[order], augmenting.Draws(*draws), KINDS["everything"])
    assert np.abs(images[..., 0] * 255 - expected).max() <= 1


def test_no_tuner_holds_up_the_end_of_an_epoch():
    assert batches_of(64).dataset().options().autotune.enabled is False


def test_features_of_a_frozen_trunk_pass_unchanged():
    features = np.random.default_rng(0).random((20, 7)).astype(np.float16)
    batches = EpochBatches(features, np.zeros(20, np.uint8), tiny_recipe(batch_size=8), Stage(1), 10)
    values = read_epoch(batches, 0)[0]
    np.testing.assert_array_equal(values, features[batches.plan()[0]].astype(np.float32))


# Losses, optimizers


def test_crossentropies_take_logits():
    logits = np.random.default_rng(0).normal(size=(6, 10)).astype(np.float32)
    labels = np.array([0, 1, 2, 3, 4, 9])
    expected = evaluation.cross_entropy(logits, labels)
    assert float(build_loss("sparse_categorical_crossentropy")(labels, logits)) == pytest.approx(expected, rel=1e-5)
    one_hot = np.eye(10, dtype=np.float32)[labels]
    assert float(build_loss("categorical_crossentropy")(one_hot, logits)) == pytest.approx(expected, rel=1e-5)


def test_clipped_loss_by_hand():
    """Outputs exp(logit), clipped to [1e-7, 1 - 1e-7], divided by their sum; the loss is minus the logarithm."""
    logits = np.array([[-1.0, -2.0, -40.0], [0.0, -3.0, -5.0]], np.float32)
    outputs = np.clip(np.exp(logits.astype(float)), 1e-7, 1 - 1e-7)
    assert outputs[0, 2] == 1e-7
    for labels in ([0, 1], [2, 0], [2, 2]):
        expected = -np.log(outputs[[0, 1], labels] / outputs.sum(axis=1))
        np.testing.assert_allclose(clipped_rbf_crossentropy(np.array(labels), logits), expected, rtol=1e-5)
    assert build_loss("clipped_rbf_crossentropy") is clipped_rbf_crossentropy


def test_clipped_loss_has_no_gradient_beyond_the_clip():
    logits = tf.constant([[-1.0, -2.0, -40.0]])
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = clipped_rbf_crossentropy(tf.constant([2]), logits)
    gradient = tape.gradient(loss, logits).numpy()[0]
    assert gradient[2] == 0 and gradient[0] > 0 and gradient[1] > 0


@pytest.mark.parametrize("name", ["sgd", "adam", "nadam", "adamw", "rmsprop"])
def test_optimizer_has_the_recipes_values(name):
    built = build_optimizer(Optimizer(name, 0.02, momentum=0.7 if name == "sgd" else 0.0, nesterov=name == "sgd"))
    assert type(built).__name__.lower().removeprefix("fused") == name
    assert float(built.learning_rate) == pytest.approx(0.02)
    if name == "sgd":
        assert (built.momentum, built.nesterov) == (0.7, True)


def test_learning_rate_decays_a_step_at_a_time():
    built = build_optimizer(Optimizer("sgd", 0.01, momentum=0.9, decay=0.01 / 25))
    for step in (0, 1, 25, 1_000):
        built.iterations.assign(step)
        assert float(built.learning_rate) == pytest.approx(0.01 / (1 + 0.01 / 25 * step), rel=1e-5)


def test_one_cycle_climbs_and_falls_to_zero():
    built = build_optimizer(Optimizer("sgd", 0.4, schedule="one_cycle", warm_up=0.25), steps=99)
    rates = []
    for step in range(99):
        built.iterations.assign(step)
        rates.append(float(built.learning_rate))
    expected = [0.4 * min((step + 1) / 25, (99 - step) / 75) for step in range(99)]
    np.testing.assert_allclose(rates, expected, rtol=1e-5)
    assert max(rates) == rates[24] == pytest.approx(0.4)
    falling = build_optimizer(Optimizer("sgd", 0.4, schedule="one_cycle"), steps=99)
    assert float(falling.learning_rate) == pytest.approx(0.4 * 0.99)


@pytest.mark.parametrize("name", ["sgd", "adam", "adamw"])
def test_weight_decay_shrinks_kernels_only(name):
    model = chain("tiny", keras.layers.Flatten(), keras.layers.BatchNormalization(), keras.layers.Dense(2))
    before = [variable.numpy() for variable in model.trainable_variables]
    optimizer = build_optimizer(Optimizer(name, 0.5, weight_decay=0.1))
    optimizer.build(model.trainable_variables)
    optimizer.apply([tf.zeros_like(value) for value in before])
    for variable, old in zip(model.trainable_variables, before, strict=True):
        factor = 1 - 0.5 * 0.1 if variable.path.endswith("kernel") else 1
        np.testing.assert_allclose(variable.numpy(), factor * old, rtol=1e-6)


def test_label_smoothing_shares_a_part_of_the_target():
    logits, one_hot = np.array([[2.0, 0, -1, 0]], np.float32), np.array([[1.0, 0, 0, 0]], np.float32)
    target = np.array([0.7 + 0.3 / 4, 0.3 / 4, 0.3 / 4, 0.3 / 4])
    expected = -(target * (logits[0] - np.log(np.exp(logits[0]).sum()))).sum()
    loss = build_loss("categorical_crossentropy", 0.3)
    assert float(loss(one_hot, logits)) == pytest.approx(expected, rel=1e-5)


# Layers and precision


def test_fused_batch_normalization_is_that_of_keras():
    generator = np.random.default_rng(0)
    fused, theirs = FusedBatchNormalization(momentum=0.9), keras.layers.BatchNormalization(momentum=0.9)
    weights = [generator.random(3).astype(np.float32) + 0.5 for _ in range(4)]
    for layer in (fused, theirs):
        layer.build((None, 5, 4, 3))
        layer.set_weights(weights)
    for step in range(3):
        inputs = tf.constant(generator.normal(step, 2, (6, 5, 4, 3)).astype(np.float32))
        results = []
        for layer in (fused, theirs):
            with tf.GradientTape() as tape:
                tape.watch(inputs)
                outputs = layer(inputs, training=True)
                score = tf.reduce_sum(outputs**3)
            results.append([outputs, *tape.gradient(score, [inputs, layer.gamma.value, layer.beta.value])])
        for ours, keras_own in zip(*results, strict=True):
            np.testing.assert_allclose(ours, keras_own, rtol=1e-3, atol=1e-3)
        for ours, keras_own in zip(fused.get_weights(), theirs.get_weights(), strict=True):
            np.testing.assert_allclose(ours, keras_own, rtol=1e-5)
    np.testing.assert_allclose(fused(inputs, training=False), theirs(inputs, training=False), rtol=1e-5, atol=1e-5)
    assert not np.allclose(fused.moving_variance, weights[3])


def test_fused_batch_normalization_of_flat_features_is_that_of_keras():
    inputs = np.random.default_rng(0).normal(1, 2, (8, 3)).astype(np.float32)
    fused, theirs = FusedBatchNormalization(), keras.layers.BatchNormalization()
    np.testing.assert_allclose(fused(inputs, training=True), theirs(inputs, training=True), rtol=1e-5)
    for ours, keras_own in zip(fused.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(ours, keras_own, rtol=1e-6)


@pytest.mark.parametrize("arithmetic", ["float32", "mixed_bfloat16"])
def test_training_copy_is_the_same_network(arithmetic):
    network = MODELS["cnn_4conv"].build()
    copy = training_copy(network, arithmetic)
    kinds = {type(layer) for layer in copy.layers}
    assert FusedBatchNormalization in kinds and keras.layers.BatchNormalization not in kinds
    assert copy.get_layer("conv1").dtype_policy.name == arithmetic
    assert copy.get_layer("logits").dtype_policy.name == "float32"
    for ours, original in zip(copy.get_weights(), network.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, original)
    inputs = data.to_network_input(PICTURES)
    tolerance = 1e-5 if arithmetic == "float32" else 0.1
    np.testing.assert_allclose(copy(inputs, training=False), network(inputs, training=False), atol=tolerance)


@pytest.mark.parametrize(
    ("requested", "model", "has_units", "expected"),
    [
        ("auto", "cnn_1", True, "mixed_bfloat16"),
        ("auto", "cnn_1", False, "float32"),
        ("auto", "simple_nn", True, "float32"),
        ("float32", "cnn_1", True, "float32"),
        ("mixed_bfloat16", "simple_nn", False, "mixed_bfloat16"),
    ],
)
def test_precision_is_chosen_by_processor_and_network(monkeypatch, requested, model, has_units, expected):
    monkeypatch.setattr(machine, "cpu_has_bfloat16", lambda: has_units)
    assert choose_precision(requested, MODELS[model].build()) == expected


@pytest.mark.parametrize(
    ("model", "batch", "steps"),
    [("simple_nn", 32, 32), ("simple_nn", 1, 32), ("lstm_rows", 128, 8), ("cnn_3conv", 256, 4)]
    + [
        ("vgg19_fixed", 2_048, 1),
        ("cnn_2", 32, 8),
        ("minivggnet", 128, 8),
        ("minivggnet", 129, 1),
        ("flagship", 256, 1),
    ],
)
def test_steps_of_small_networks_are_taken_together(model, batch, steps):
    chosen = tiny_recipe(model, batch_size=batch)
    assert train.steps_together(chosen) == steps
    learner = keras.Sequential([keras.Input((2,)), keras.layers.Dense(10)])
    train.compile_model(learner, chosen, 64)
    assert learner.steps_per_execution == steps


# Training


@pytest.fixture
def kept(monkeypatch) -> list[list[np.ndarray]]:
    """The weights that each training of the test keeps; the export is left out, it has tests of its own."""
    found = []

    def record(run, model, chosen, indices, training, *rest):
        found.append(model.get_weights())
        return training

    monkeypatch.setattr(train, "finish", record)
    return found


def train_run(chosen) -> Run:
    run = runs.create(chosen)
    status = training_jobs.run_job(run)
    assert status.state == "done", status.message
    return run


def epoch_lines(run: Run) -> list[EpochLine]:
    return [line for line in runs.read_metrics(run) if isinstance(line, EpochLine)]


@pytest.mark.long
def test_resumed_training_ends_where_an_uninterrupted_one_does(kept, monkeypatch):
    """Dropout, augmentation in a second stage, momentum and decay: all of it must go on where it stopped."""
    monkeypatch.setattr(observer, "BATCH_LINE_SECONDS", 0.0)
    monkeypatch.setattr(observer, "LINES_A_DOUBLING", 1e9)
    stages = (Stage(2), Stage(2, Augmentation(shift=0.1, flip=True)))
    sgd = Optimizer("sgd", 0.01, momentum=0.9, decay=0.001)
    chosen = tiny_recipe("cnn_1", stages=stages, optimizer=sgd, images=320, batch_size=16, keep="best")
    whole = train_run(chosen)

    def crash(line):
        if (type(line), line.epoch) == (BatchLine, 3):
            raise KeyboardInterrupt

    run = runs.create(chosen)
    with pytest.raises(KeyboardInterrupt):
        training_jobs.run_job(run, crash)
    assert runs.read_status(run).epoch == 2 and len(kept) == 1
    lifecycle.requeue(training_jobs.job(run))
    assert training_jobs.run_job(run).state == "done"
    for ours, theirs in zip(epoch_lines(run), epoch_lines(whole), strict=True):
        for name in ("epoch", "step", "loss", "accuracy", "val_loss", "val_accuracy", "val_recall", "learning_rate"):
            assert getattr(ours, name) == pytest.approx(getattr(theirs, name), rel=1e-4, abs=1e-4), name
    for ours, theirs in zip(kept[1], kept[0], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)
    logits = [predictions.load_stage(one, 1).logits for one in (run, whole)]
    np.testing.assert_allclose(*logits, rtol=1e-2, atol=1e-2)


def test_test_logits_are_kept_where_a_stage_ends_and_another_follows():
    run = train_run(tiny_recipe(stages=(Stage(1), Stage(1)), images=320))
    assert predictions.list_stages(run) == [1]
    first, last = predictions.load_stage(run, 1), predictions.load(run, "test")
    np.testing.assert_array_equal(first.labels, last.labels)
    assert not np.allclose(first.logits, last.logits)
    result = runs.read_result(run)
    assert "stages/1.npz" in result.files
    (figures,) = result.stages
    assert figures.stage == 1
    assert figures.test_accuracy == pytest.approx((first.predicted == first.labels).mean())
    with pytest.raises(RunError, match="no readable figures of its stage 2"):
        predictions.load_stage(run, 2)
    (run.folder / "stages" / "1.npz").write_bytes(b"PK")
    with pytest.raises(RunError, match="stage 1"):
        predictions.load_stage(run, 1)


def test_every_epoch_has_its_own_order(kept, monkeypatch):
    seen, plan = [], EpochBatches.plan
    monkeypatch.setattr(EpochBatches, "plan", lambda batches: seen.append(batches.epoch) or plan(batches))
    train_run(tiny_recipe(stages=(Stage(2), Stage(1))))
    assert seen == [0, 1, 2]


def test_same_recipe_trains_the_same_and_another_seed_another(kept):
    for seed in (0, 0, 1):
        train_run(tiny_recipe(epochs=1, seed=seed))
    np.testing.assert_allclose(kept[0][0], kept[1][0], rtol=1e-4, atol=1e-6)
    assert not np.allclose(kept[0][0], kept[2][0])


@pytest.mark.parametrize(("keep", "expected"), [("best", 2), ("last", 3)])
def test_recipe_decides_which_weights_are_kept(kept, monkeypatch, keep, expected):
    after, real = {}, scoring.Scorer.score_epoch

    def score(self, epoch):
        """The second epoch and the third are the best, and equal."""
        after[epoch + 1] = learner[-1].get_weights()
        accuracy = (0.3, 0.5, 0.5)[epoch]
        return dataclasses.replace(real(self, epoch), validation=scoring.SetScores(accuracy=accuracy))

    learner, real_copy = [], train.training_copy
    monkeypatch.setattr(train, "training_copy", lambda *a: learner.append(real_copy(*a)) or learner[-1])
    monkeypatch.setattr(scoring.Scorer, "score_epoch", score)
    run = runs.create(tiny_recipe(epochs=3, keep=keep))
    figures = train.train(run)
    assert figures.kept_epoch == expected
    for ours, theirs in zip(kept[0], after[expected], strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert not np.array_equal(after[2][0], after[3][0])


def test_metrics_of_an_epoch(kept):
    run = train_run(tiny_recipe("simple_nn", epochs=2))
    lines = epoch_lines(run)
    assert [line.epoch for line in lines] == [1, 2]
    assert 0 < lines[0].seconds < lines[1].seconds  # of training, all epochs together
    for line in lines:
        assert line.step == 10 and len(line.val_recall) == 10
        assert line.learning_rate == pytest.approx(runs.read_config(run).recipe.optimizer.learning_rate)
        measured = (
            line.watched_test_loss,
            line.watched_test_accuracy,
            line.val_augmented_loss,
            line.val_augmented_accuracy,
        )
        assert measured == (None,) * 4
    with np.load(run.folder / "replay" / "002.npz") as replay:
        logits = replay["logits"].astype(np.float32)
    labels = data.load_split("train").labels[59_500:]
    assert (logits.argmax(1) == labels).mean() == pytest.approx(lines[1].val_accuracy, abs=0.01)
    assert evaluation.cross_entropy(logits, labels) == pytest.approx(lines[1].val_loss, abs=0.01)


@pytest.mark.long
def test_watched_test_set_and_distorted_validation_are_recorded(kept):
    distorted = Stage(1, Augmentation(rotation=90, shift=0.3), augment_validation=True)
    run = train_run(tiny_recipe("simple_nn", stages=(Stage(3), distorted), images=6_000, watch_test=True))
    lines = epoch_lines(run)
    assert [line.val_augmented_accuracy is not None for line in lines] == [False, False, False, True]
    assert lines[3].val_augmented_accuracy < lines[3].val_accuracy - 0.05
    assert lines[3].val_augmented_loss > lines[3].val_loss
    assert all(line.watched_test_loss > 0 for line in lines)
    assert abs(lines[2].watched_test_accuracy - lines[2].val_accuracy) < 0.08
    assert lines[2].watched_test_accuracy > 0.4


def test_without_validation_nothing_is_validated(kept):
    run = train_run(tiny_recipe(split=Split("none", 0), images=2_100, epochs=1))
    (line,) = epoch_lines(run)
    assert line.val_loss is line.val_accuracy is line.val_recall is None
    with np.load(run.folder / "replay" / "001.npz") as replay:
        assert replay["logits"].shape == (2_000, 10)


def test_bfloat16_training_leaves_float32_weights(kept):
    run = train_run(tiny_recipe("cnn_1", epochs=1, images=64, precision="mixed_bfloat16", split=Split("last", 100)))
    assert {weights.dtype for weights in kept[0]} == {np.dtype(np.float32)}
    assert epoch_lines(run)[0].loss > 0


# Replay


@pytest.fixture
def watcher(tmp_path) -> Observer:
    made = Observer(tmp_path, Progress(0, 0.0), None, 32, False, lambda line: None)
    made.set_model(MODELS["cnn_4conv"].build())
    yield made
    made.close()


def test_replay_keeps_at_most_25_epochs_evenly(watcher, tmp_path):
    for epoch in range(1, 201):
        (tmp_path / "replay" / f"{epoch:03d}.npz").touch()
        watcher._thin_replay()
        epochs = sorted(int(path.stem) for path in (tmp_path / "replay").iterdir())
        assert len(epochs) == min(epoch, REPLAY_EPOCHS) and epochs[0] == 1 and epochs[-1] == epoch
    gaps = np.diff(epochs)
    assert REPLAY_EPOCHS == 25 and gaps.max() <= 4 * gaps[:-1].min() and gaps.max() <= 20


def test_replay_file_stays_small(watcher, tmp_path):
    generator = np.random.default_rng(0)
    watcher._write_replay(7, generator.normal(size=(2_000, 10)), 1e6 * generator.normal(size=(2_000, 8_192)))
    path = tmp_path / "replay" / "007.npz"
    assert path.stat().st_size <= 1_000_000
    with np.load(path) as replay:
        assert replay["features"].shape == (2_000, 64) and replay["filters"].shape == (3, 3, 1, 32)
        assert all(np.isfinite(replay[name]).all() for name in replay.files)


def check_replay_of_the_kept_epoch(run: Run) -> None:
    stored = predictions.load(run, "validation")
    np.testing.assert_array_equal(stored.indices[:500], replay_indices(runs.read_config(run).recipe))
    with np.load(run.folder / "replay" / f"{runs.read_result(run).kept_epoch:03d}.npz") as replay:
        np.testing.assert_allclose(replay["logits"], stored.logits[:500], rtol=2e-3, atol=2e-3)


def test_replay_of_the_kept_epoch_is_the_runs_own_verdict(run):
    check_replay_of_the_kept_epoch(run)


# The finished run


def test_onnx_model_gives_what_keras_gives(run):
    network = keras.models.load_model(run.folder / "model.keras")
    classifier = open_classifier(run)
    images, inputs = PICTURES, data.to_network_input(PICTURES)
    np.testing.assert_allclose(classifier.logits(images), network(inputs, training=False), rtol=1e-4, atol=1e-4)
    for name in ("features", *(f"activation.{layer}" for layer in classifier.layers)):
        layer = network.get_layer("logits").input if name == "features" else network.get_layer(name[11:]).output
        expected = keras.Model(network.input, layer)(inputs, training=False)
        np.testing.assert_allclose(classifier.run(images, [name])[0], expected, rtol=1e-4, atol=1e-4)


@pytest.mark.long
def test_model_that_mirrors_answers_with_the_mean_of_two_looks():
    run = train_run(tiny_recipe(epochs=1, mirror=True))
    classifier, images = open_classifier(run), data.load_split("test").images[:50]
    once, features, mean = classifier.run(images, [finish.PLAIN_LOGITS, "features", "logits"])
    mirrored, other = classifier.run(images[:, :, ::-1], [finish.PLAIN_LOGITS, "features"])
    np.testing.assert_allclose(mean, (once + mirrored) / 2, atol=1e-5)
    assert np.abs(once - mirrored).max() > 0.01 and np.abs(features - other).max() > 0.01
    network = keras.models.load_model(run.folder / "model.keras")
    np.testing.assert_allclose(network(data.to_network_input(images), training=False), mean, atol=1e-4)
    result, stored = runs.read_result(run), predictions.load(run, "validation")
    looked = classifier.run(stored.images_at(slice(None)), [finish.PLAIN_LOGITS])[0]
    assert result.without_test_time_augmentation.val_accuracy == pytest.approx(
        (looked.argmax(axis=1) == stored.labels).mean(), abs=1e-6
    )
    assert result.val_accuracy == pytest.approx(epoch_lines(run)[-1].val_accuracy, abs=0.005)
    check_replay_of_the_kept_epoch(run)


def test_result_says_what_the_files_hold(run):
    result, config = runs.read_result(run), runs.read_config(run)
    for split, prefix in (("test", "test"), ("validation", "val")):
        stored = predictions.load(run, split)
        assert getattr(result, f"{prefix}_accuracy") == pytest.approx(
            (stored.predicted == stored.labels).mean(), abs=1e-6
        )
        loss = evaluation.cross_entropy(stored.logits, stored.labels)
        assert getattr(result, f"{prefix}_loss") == pytest.approx(loss, abs=1e-6)
    assert result.parameters == 65_994
    assert (result.epochs, result.precision, result.cancelled) == (2, "float32", False)
    assert 0 <= result.onnx_largest_difference <= finish.LARGEST_DIFFERENCE
    lines = epoch_lines(run)
    best = max(lines, key=lambda line: line.val_accuracy)
    assert result.best_epoch == result.kept_epoch == best.epoch
    assert result.val_accuracy == pytest.approx(best.val_accuracy, abs=0.005)
    assert result.seconds == lines[-1].seconds
    for name, stored in result.files.items():
        content = (run.folder / name).read_bytes()
        assert stored == StoredFile(len(content), hashlib.sha256(content).hexdigest())
    assert {"config.json", "metrics.jsonl", "model.keras", "model.onnx", "predictions.npz"} <= set(result.files)
    np.testing.assert_array_equal(predictions.load(run, "train").indices, np.sort(split_indices(config.recipe).train))
    assert sorted(path.name for path in run.folder.iterdir() if path.name.startswith(".")) == []


@pytest.mark.long
def test_the_pictures_are_divided_once_in_a_training(monkeypatch, runs_folder):
    made, real = runs.create(tiny_recipe(stages=(Stage(1), Stage(1)), mirror=True)), splits._divide
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr(splits, "_divide", lambda *given: asked.append(given) or real(*given))
    train.train(made)
    assert asked == [(runs.read_config(made).recipe.split, 60_000)]


def test_export_that_differs_is_refused(run):
    network = keras.models.load_model(run.folder / "model.keras")
    assert finish.check_export(network, open_classifier(run)) <= finish.LARGEST_DIFFERENCE
    layer = network.get_layer("logits")
    layer.kernel.assign(layer.kernel * 1.01)
    with pytest.raises(finish.ExportMismatch, match="differs from the trained one by .* in a probability"):
        finish.check_export(network, open_classifier(run))


def test_export_of_huge_logits_may_differ_more(run, tmp_path):
    """A learning rate far too large leaves them, and float32 has no digits behind the point for them."""
    network = keras.models.load_model(run.folder / "model.keras")
    for factor in (3e3, 1e4):
        network.get_layer("logits").kernel.assign(network.get_layer("logits").kernel * factor)
        finish.export_onnx(network, tmp_path / "model.onnx")
        finish.check_export(network, Classifier(tmp_path / "model.onnx"))
        network.get_layer("logits").kernel.assign(network.get_layer("logits").kernel / factor)


def test_network_that_is_no_longer_finite_is_refused(run):
    network = keras.models.load_model(run.folder / "model.keras")
    network.get_layer("logits").kernel.assign(network.get_layer("logits").kernel * np.nan)
    with pytest.raises(ValueError, match="not finite"):
        finish.check_export(network, open_classifier(run))


def test_config_names_the_code_that_trained(run, monkeypatch, tmp_path):
    config = json.loads((run.folder / "config.json").read_text())
    assert config["versions"]["code"] == runs.code_fingerprint()
    assert config["versions"]["keras"] == keras.__version__
    (tmp_path / "fmnist_core").mkdir()
    (tmp_path / "fmnist_core" / "runs.py").write_text("other code")
    monkeypatch.setattr(runs, "PROJECT", tmp_path)
    assert runs.code_fingerprint() != config["versions"]["code"]


@pytest.mark.some(2)
@pytest.mark.parametrize(
    "changes", [{}, {"loss": "categorical_crossentropy", "label_smoothing": 0.1}, {"label_noise": 0.1}]
)
def test_a_step_is_traced_once(changes, monkeypatch):
    """Twice would cost a second before the first point of a curve, and three with many layers."""
    traced, step = [], keras.Model.train_step
    monkeypatch.setattr(keras.Model, "train_step", lambda model, data: traced.append(model) or step(model, data))
    train_run(tiny_recipe(epochs=1, **changes))
    assert len(traced) == 1
