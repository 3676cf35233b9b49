"""How long a training takes, and a quick preset of about a minute.

Run: python -m pytest tests/core/speed/test_estimate.py
"""

import dataclasses
import json
import time
from pathlib import Path

import pytest

from fmnist_core import data, machine, recipe
from fmnist_core.jobs import lifecycle, queue, worker
from fmnist_core.jobs.status import Status
from fmnist_core.jobs.status import write as write_status
from fmnist_core.machine import processor_name
from fmnist_core.recipe import Augmentation, Recipe, Split, Stage
from fmnist_core.runs import runs, size_curve
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.records import line_to_json
from fmnist_core.runs.runs import Config, Run
from fmnist_core.runs.size_curve import Size
from fmnist_core.speed import estimate as estimates
from fmnist_core.speed import measurement
from fmnist_core.speed.estimate import (
    BFLOAT16_GAIN,
    EMULATED_GAIN,
    FEWEST,
    FINISH_SECONDS,
    FITS_AROUND,
    QUICK_BATCH,
    QUICK_EPOCHS,
    QUICK_VALIDATION,
    START_SECONDS,
    estimate,
    quick_recipe,
)
from fmnist_core.speed.measurement import Speed
from fmnist_core.zoo import CLASSICAL, MODELS, summaries
from tests.made_up import epoch_line, made_up_result

OVERHEAD = START_SECONDS + FINISH_SECONDS


def chosen(model: str = "cnn_2", **changes) -> Recipe:
    return dataclasses.replace(Recipe(model, (Stage(10),), split=Split("none", 0), batch_size=64), **changes)


def measured(rate: float | None, trained: Recipe, processor: str | None = None) -> Row:
    """The row of a finished run that has trained `rate` pictures a second."""
    described = {"processor": processor or processor_name()}
    config = Config(trained, data.CLASS_NAMES, data.fingerprint(), {}, described, "2026-11-22T00:00:00Z")
    run = Run(Path(f"{trained.model}-20261122-000000-0000"))
    precision = machine.fitting_precision(trained.precision, True)  # as the one that is asked for would have
    return Row(run, config, Status("done"), made_up_result(images_per_second=rate, precision=precision))


def test_a_baseline_classifies_test_and_validation_pictures_once_more(tmp_path):
    fitted = dataclasses.replace(CLASSICAL["k_neighbors"].recipe, images=1_000, split=Split("last", 500))
    row = dataclasses.replace(measured(None, fitted), run=Run(tmp_path / "k_neighbors-20261122-000000-0000"))
    row.run.folder.mkdir()
    figures = {"training_accuracy": 1.0, "val_accuracy": 0.5, "seconds": 2.0, "classifying_seconds": 5.0}
    size_curve.write(row.run, [Size(pictures=1_000, **figures)])
    found = estimate(dataclasses.replace(fitted, split=Split("last", 2_000)), [row])
    assert found.seconds == pytest.approx(FITS_AROUND + 2 + 5 + (10_000 + 2_000) / 100)


def test_same_model_on_this_machine_is_taken_as_it_is():
    found = estimate(chosen(), [measured(2_000, chosen())])
    assert found.seconds == pytest.approx(OVERHEAD + 10 * 60_000 / 2_000)
    assert found.basis == "measured on this machine: the same model"


def test_fewer_pictures_and_validation_count():
    some = chosen(images=6_000, split=Split("last", 10_000))
    found = estimate(some, [measured(2_000, chosen())])
    assert found.seconds == pytest.approx(OVERHEAD + 10 * (6_000 + 0.4 * 10_000) / 2_000)


def test_this_machine_counts_before_the_same_model():
    rows = [measured(9_000, chosen(), "another processor"), measured(2_000, chosen("cnn_1"))]
    found = estimate(chosen(), rows)
    assert found.basis == "measured on this machine: a run of cnn_1, scaled"
    assert estimate(chosen(), rows[:1]).basis == "measured on another machine: the same model"


def other_precision(row: Row, units: bool, precision: str) -> Row:
    """The same run on a processor of the same name with or without units for bfloat16."""
    config = dataclasses.replace(row.config, machine=row.config.machine | {"bfloat16_units": units})
    return dataclasses.replace(row, config=config, result=dataclasses.replace(row.result, precision=precision))


@pytest.mark.parametrize(("units", "gain"), [(False, 1 / BFLOAT16_GAIN), (True, BFLOAT16_GAIN)])
def test_a_processor_of_the_same_name_without_units_is_another_machine(monkeypatch, units, gain):
    for module in (machine, estimates):
        monkeypatch.setattr(module, "cpu_has_bfloat16", lambda: units)
    row = other_precision(measured(2_000, chosen()), not units, "float32" if units else "mixed_bfloat16")
    found = estimate(chosen(), [row])
    assert found.basis == "measured on another machine: the same model"
    assert found.seconds == pytest.approx(OVERHEAD + 10 * 60_000 / (2_000 * gain))
    own = other_precision(measured(300, chosen("cnn_1")), units, "mixed_bfloat16" if units else "float32")
    assert estimate(chosen(), [row, own]).basis == "measured on this machine: a run of cnn_1, scaled"


def test_precision_matters_to_convolutions_only(monkeypatch):
    monkeypatch.setattr(machine, "cpu_has_bfloat16", lambda: False)
    found = estimate(chosen("simple_nn"), [other_precision(measured(2_000, chosen("simple_nn")), True, "float32")])
    assert found.seconds == pytest.approx(OVERHEAD + 10 * 60_000 / 2_000)


@pytest.mark.parametrize(
    ("measured_in", "units", "asked", "gain"),
    [
        ("float32", False, "mixed_bfloat16", EMULATED_GAIN),
        ("mixed_bfloat16", False, "auto", 1 / EMULATED_GAIN),
        ("mixed_bfloat16", True, "mixed_bfloat16", EMULATED_GAIN / BFLOAT16_GAIN),
        ("mixed_bfloat16", False, "mixed_bfloat16", 1),
    ],
)
def test_emulated_bfloat16_is_slow(monkeypatch, measured_in, units, asked, gain):
    monkeypatch.setattr(machine, "cpu_has_bfloat16", lambda: False)
    monkeypatch.setattr(estimates, "cpu_has_bfloat16", lambda: False)
    row = other_precision(measured(2_000, chosen()), units, measured_in)
    found = estimate(chosen(precision=asked), [row])
    assert found.seconds == pytest.approx(OVERHEAD + 10 * 60_000 / (2_000 * gain))


def test_same_batch_size_counts_before_another():
    rows = [measured(500, chosen(batch_size=8)), measured(2_000, chosen())]
    assert estimate(chosen(), rows).seconds == pytest.approx(OVERHEAD + 10 * 60_000 / 2_000)


def test_same_model_counts_before_one_of_the_same_cost():
    rows = [measured(2_000, chosen("cnn_3conv")), measured(500, chosen("cnn_1", batch_size=8))]
    assert "the same model" in estimate(chosen("cnn_1"), rows).basis


def test_larger_models_and_smaller_batches_take_longer():
    rows = [measured(2_000, chosen("cnn_1"))]
    seconds = [estimate(chosen(model), rows).seconds for model in ("simple_nn", "cnn_1", "minivggnet", "vgg19_fixed")]
    assert seconds == sorted(seconds) and seconds[0] < seconds[-1]
    assert estimate(chosen(batch_size=8), rows).seconds > estimate(chosen(), rows).seconds


def test_nearest_in_size_is_the_measure():
    rows = [measured(40_000, chosen("simple_nn")), measured(1_000, chosen("minivggnet"))]
    assert "minivggnet" in estimate(chosen("cnn_4conv"), rows).basis
    assert "simple_nn" in estimate(chosen("patel_dense"), rows).basis


def test_runs_that_measure_nothing_are_left_out():
    unfinished = dataclasses.replace(measured(1, chosen()), result=None)
    damaged = Row(Run(Path("x")), None, None, None, "damaged")
    unknown = measured(5_000, chosen("a_model_of_tomorrow"))
    assert estimate(chosen(), []) is None
    assert estimate(chosen(), [unfinished, damaged, unknown, measured(None, chosen()), measured(0, chosen())]) is None
    assert estimate(chosen(), [unknown, measured(2_000, chosen())]).seconds == pytest.approx(OVERHEAD + 300)


@pytest.mark.parametrize("name", list(MODELS))
def test_quick_recipe_of_every_model_can_be_trained(name):
    short = quick_recipe(MODELS[name].recipe)
    recipe.check(short)
    assert short.epochs == QUICK_EPOCHS and len(short.stages) == 1
    assert short.stages[0].augmentation is None and not short.stages[0].augment_validation
    assert (short.batch_size, short.split, short.watch_test) == (QUICK_BATCH, Split("last", QUICK_VALIDATION), False)
    assert FEWEST <= short.images <= 58_000 and short.images % 1_000 == 0
    assert (short.loss, short.optimizer) == (MODELS[name].recipe.loss, MODELS[name].recipe.optimizer)


def test_quick_recipe_has_more_pictures_for_smaller_networks():
    """And the same ones on every machine: no run that was measured is asked."""
    images = [quick_recipe(MODELS[name].recipe).images for name in ("simple_nn", "cnn_2", "minivggnet", "flagship")]
    assert images == [58_000, 16_000, 7_000, 2_000]
    assert quick_recipe(MODELS["vgg19_fixed"].recipe).images == FEWEST


def test_a_frozen_trunk_is_counted_once():
    rows = [measured(2_000, chosen("cnn_2"))]
    ten, twenty = (estimate(chosen("vgg19_fixed", stages=(Stage(epochs),)), rows).seconds for epochs in (10, 20))
    head = summaries.trained_macs("vgg19_fixed") + estimates.STEP_MACS / 2
    whole = summaries.trained_macs("cnn_2") + estimates.STEP_MACS / 2
    a_picture = head / whole / 2_000 / estimates._gain(rows[0], chosen("vgg19_fixed"))
    assert twenty - ten == pytest.approx(10 * 60_000 * a_picture)
    assert ten > 20 * (twenty - ten)  # the trunk


def test_quick_recipe_leaves_distortion_out():
    distorted = dataclasses.replace(chosen(), stages=(Stage(9, Augmentation(shift=0.1), augment_validation=True),))
    assert quick_recipe(distorted).stages == (Stage(QUICK_EPOCHS),)


# What is measured on this machine

THERE = "another processor"
SPEED = Speed(convolutions=500, dense=8_000, start=11, epoch=2, export=5, classify_convolutions=20, classify_dense=8)


def around(model: str, epochs: int) -> float:
    """The seconds of SPEED that are not of an epoch's pictures."""
    dense, whole = (summaries.total_macs(name) for name in ("simple_nn", "cnn_2"))
    return 11 + 2 * epochs + 5 + 8 + 12 * (summaries.total_macs(model) - dense) / (whole - dense)


def published(model: str, rate: float) -> Row:
    return measured(rate, MODELS[model].recipe, THERE)


def test_runs_of_another_machine_are_scaled_by_what_is_measured_here():
    rows = [published("cnn_2", 2_000), published("simple_nn", 40_000), published("cnn_1", 6_000)]
    found = estimate(dataclasses.replace(MODELS["cnn_1"].recipe, split=Split("none", 0)), rows, SPEED)
    epochs = MODELS["cnn_1"].recipe.epochs
    assert found.seconds == pytest.approx(around("cnn_1", epochs) + epochs * 60_000 / (6_000 * 500 / 2_000))
    assert found.basis == "measured on another machine, scaled to this one: the same model"
    dense = dataclasses.replace(MODELS["simple_nn"].recipe, split=Split("none", 0))
    expected = around("simple_nn", dense.epochs) + dense.epochs * 60_000 / 8_000
    assert estimate(dense, rows, SPEED).seconds == pytest.approx(expected)


def test_a_run_of_the_model_on_this_machine_counts_before_what_is_scaled():
    rows = [published("cnn_2", 2_000), measured(700, chosen()), measured(9, chosen("cnn_1"))]
    assert estimate(chosen(), rows, SPEED).basis == "measured on this machine: the same model"
    assert "scaled to this one" in estimate(chosen("cnn_3conv"), rows, SPEED).basis


def test_a_run_of_a_machine_without_a_reference_is_taken_as_it_is():
    assert estimate(chosen("cnn_1"), [published("cnn_1", 900)], SPEED).basis.startswith("measured on another machine:")


# The measurement


def test_this_machine_is_measured_by_trainings_that_leave_nothing(monkeypatch):
    from fmnist_core.training import train

    trained = []

    def pretend(run: Run, told: train.Told) -> None:
        trained.append(runs.read_config(run).recipe)
        lines = [epoch_line(number, images_per_second=100.0 * number * len(trained)) for number in (1, 2)]
        (run.folder / "metrics.jsonl").write_text("\n".join(json.dumps(line_to_json(line)) for line in lines))
        for line in lines:
            time.sleep(0.02)
            told.line(line)
        for words in ("exporting the model", "checking", "classifying the test pictures", "writing the result"):
            time.sleep(0.02)
            told.phase(words)

    monkeypatch.setattr(train, "train", pretend)
    lifecycle.enqueue(measurement.job(), epochs=2)
    assert measurement.is_at_work() and measurement.read() is None
    status = worker.work(measurement.job())
    assert status.state == "done", status.message
    found = measurement.read()
    assert (found.convolutions, found.dense) == (200, 400)
    assert found.export >= 0.04 and 0.02 <= found.classify_convolutions < 5 and 0.02 <= found.classify_dense < 5
    assert [recipe.model for recipe in trained] == ["cnn_2", "simple_nn"] and {one.epochs for one in trained} == {2}
    assert all(run.shipped for run in runs.list_runs()) and not measurement.is_at_work()
    kept = {path.name for path in measurement.job().folder.iterdir()}
    assert "speed.json" in kept <= {"speed.json", "status.json", "claim", "log.txt"}


def test_a_machine_is_measured_once_and_not_where_that_is_switched_off(monkeypatch):
    spawned = []
    monkeypatch.setattr(queue, "_spawn", lambda job, queued: spawned.append(job.folder))
    assert not measurement.begin() and not spawned  # as these tests are run
    monkeypatch.setenv(measurement.SWITCH, "yes")
    assert measurement.begin() and spawned == [measurement.job().folder]
    write_status(measurement.job().folder, Status("failed", "No."))
    assert not measurement.begin() and len(spawned) == 1


@pytest.mark.parametrize(
    "content", ["{}", "x", '{"convolutions": -1, "dense": 1, "start": 1, "export": 1, "classify": 1}']
)
def test_a_damaged_measurement_is_none(content):
    measurement.job().folder.mkdir(parents=True)
    (measurement.job().folder / measurement.FILE).write_text(content)
    assert measurement.read() is None
