"""Limits of a demo: each is reached, and says what would fit; nobody who owns all has any.

Run: python -m pytest tests/core/demo/test_limits.py
"""

import dataclasses
import math

import pytest

from fmnist_core.demo import disk, limits
from fmnist_core.demo.limits import Limits
from fmnist_core.jobs import kinds, queue
from fmnist_core.networks.layers import Layer, Network
from fmnist_core.recipe import Recipe, with_epochs
from fmnist_core.runs import runs, size_curve
from fmnist_core.speed.estimate import quick_recipe
from fmnist_core.storage import folders, owners
from fmnist_core.storage.folders import RunError
from fmnist_core.training import training_jobs
from fmnist_core.zoo import MODELS, own_network
from tests.fitted import WITH_ONNX, fit, small_recipe
from tests.tiny import tiny_recipe

ADA, BOB = owners.visitor_of("ada"), owners.visitor_of("bob")
QUICK = quick_recipe(MODELS["cnn_2"].recipe)


@pytest.fixture(autouse=True)
def demo(monkeypatch):
    monkeypatch.setenv("FMNIST_DEMO", "1")
    monkeypatch.setattr(queue, "_spawn", lambda job, queued: None)
    monkeypatch.setattr(limits, "free_memory", lambda: 4e9)
    monkeypatch.setattr(disk, "REMEMBERED_SECONDS", 0.0)
    monkeypatch.setattr(limits, "_uploaded", {})
    with owners.acting(ADA):
        yield


def test_every_quick_preset_fits():
    for model in MODELS.values():
        if model.name not in ("vgg19_published", "vgg19_fixed"):  # a frozen trunk's weights are not here
            limits.check_training(quick_recipe(model.recipe))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (with_epochs(QUICK, 21), "It has 21 epochs; here 20 fit"),
        (dataclasses.replace(MODELS["simple_nn"].recipe, images=60_000), ""),
        (MODELS["flagship"].recipe, "It has 60 epochs"),
        (
            with_epochs(MODELS["cnn_2"].recipe, 19),
            r"It takes [\d.]+ trillion multiply-adds; here 3 fit: \d+ epochs of it fit",
        ),
    ],
)
def test_a_training_that_is_too_much_is_told_what_would_fit(changed: Recipe, words: str):
    if not words:
        limits.check_training(changed)
        return
    with pytest.raises(RunError, match=words):
        limits.check_training(changed)
    with owners.acting(owners.MACHINE):
        limits.check_training(changed)


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        (
            (Layer("flatten"), Layer("dense", units=4_096), Layer("dense", units=512)),
            "5,318,154 parameters; here 5 million",
        ),
        (
            (Layer("convolution", filters=96),) * 2 + (Layer("global_max_pooling"),),
            "65,706,432 multiply-adds .* 60 million",
        ),
        ((Layer("convolution", filters=16), Layer("global_max_pooling")), ""),
    ],
)
def test_own_networks_are_limited_further(layers, words):
    chosen = quick_recipe(own_network.recipe(Network("Mine", layers)))
    if not words:
        limits.check_training(chosen)
        return
    with pytest.raises(RunError, match=words):
        limits.check_training(chosen)
    with owners.acting(owners.MACHINE):
        limits.check_training(chosen)


def test_a_fit_is_let_through_by_what_the_machine_measured(monkeypatch):
    monkeypatch.setattr(folders, "shipped_folder", lambda: folders.runs_folder() / "none")
    chosen = small_recipe(WITH_ONNX)
    with pytest.raises(RunError, match="How long its fit takes is not known here"):
        limits.check_training(chosen)
    fit(WITH_ONNX)  # a visitor's run may say anything of its seconds
    with pytest.raises(RunError, match="is not known here"):
        limits.check_training(chosen)
    with owners.acting(owners.MACHINE):
        run = fit(WITH_ONNX)
    limits.check_training(chosen)
    size_curve.write(run, [dataclasses.replace(size_curve.read(run)[0], seconds=900.0)])
    with pytest.raises(RunError, match="longer than 10 minutes"):
        limits.check_training(chosen)


def test_what_is_said_to_fit_fits():
    chosen = MODELS["cnn_2"].recipe
    for epochs in range(1, 21):
        try:
            limits.check_training(with_epochs(chosen, epochs))
        except RunError as error:
            assert f": {epochs - 1} epochs of it fit" in str(error)
            return
    pytest.fail("no limit was reached")


def test_where_no_epoch_fits_fewer_pictures_do(monkeypatch):
    monkeypatch.setenv("FMNIST_LIMITS", "trillions=1")
    chosen = with_epochs(MODELS["flagship"].recipe, 1)
    with pytest.raises(RunError, match="an epoch of 18,[0-9]+ pictures fits"):
        limits.check_training(chosen)
    limits.check_training(dataclasses.replace(chosen, images=18_000))


def test_pictures_and_memory_are_limited(monkeypatch):
    monkeypatch.setenv("FMNIST_LIMITS", "pictures=500")
    with pytest.raises(RunError, match=f"trains on {QUICK.images:,} pictures; here 500 fit"):
        limits.check_training(QUICK)
    monkeypatch.setenv("FMNIST_LIMITS", "")
    monkeypatch.setattr(limits, "free_memory", lambda: 1e9)
    with pytest.raises(RunError, match=r"It needs some 1\.3 GB of memory; 1\.0 GB are free here"):
        limits.check_training(QUICK)


def test_the_queue_is_limited_for_each_and_for_all(monkeypatch):
    monkeypatch.setenv("FMNIST_LIMITS", "trainings=3,trainings_each=2")
    for seed in range(2):
        limits.check_training(QUICK)
        training_jobs.submit(tiny_recipe(seed=seed))
    with pytest.raises(RunError, match="You have 2 of these waiting or at work; 2 fit"):
        limits.check_training(QUICK)
    limits.check_start(kinds.MAP)  # another queue
    with owners.acting(BOB):
        limits.check_training(QUICK)
        training_jobs.submit(tiny_recipe(seed=2))
    with owners.acting(owners.visitor_of("cy")), pytest.raises(RunError, match="3 are waiting or at work; 3 fit"):
        limits.check_training(QUICK)
    with owners.acting(owners.MACHINE):
        limits.check_training(QUICK)


def test_maps_are_limited_and_training_can_be_off(monkeypatch):
    monkeypatch.setenv("FMNIST_LIMITS", "jobs=0,trainings=0")
    assert not limits.trains()
    for kind in (kinds.MAP, kinds.ROBUSTNESS, kinds.TRAINING, kinds.AUDIT):
        with pytest.raises(RunError, match="Nothing of this kind is computed here"):
            limits.check_start(kind)
    with owners.acting(owners.MACHINE):
        assert limits.trains()


def test_disk_is_limited_for_each_and_for_all(monkeypatch):
    monkeypatch.setenv("FMNIST_LIMITS", "megabytes_each=1,megabytes=2")
    run = runs.create(tiny_recipe())
    limits.check_disk()
    (run.folder / "model.keras").write_bytes(bytes(1_100_000))
    with pytest.raises(RunError, match="What you have made takes 1 MB; 1 fit. Delete a run on Models first"):
        limits.check_disk()
    with owners.acting(BOB):
        limits.check_disk()
        (runs.create(tiny_recipe(seed=1)).folder / "model.keras").write_bytes(bytes(950_000))
    with owners.acting(owners.visitor_of("cy")), pytest.raises(RunError, match="All 2 MB of disk space here are taken"):
        limits.check_disk()


def test_uploads_of_a_minute_are_limited(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(limits.time, "monotonic", lambda: clock[0])
    monkeypatch.setenv("FMNIST_LIMITS", "uploads=3")
    limits.count_upload(0)
    limits.count_upload(2)
    with pytest.raises(RunError, match="3 files a minute fit here"):
        limits.count_upload(2)
    limits.count_upload()
    with owners.acting(BOB):
        limits.count_upload(3)
    clock[0] = 61.0
    limits.count_upload(3)
    assert set(limits._uploaded) == {ADA.id}  # of others nothing is remembered


@pytest.mark.parametrize(
    "text", ["epochs", "epochs=x", "epochs=-1", "epochs=inf", "epochs=nan", "nothing=1", "days=1;jobs=2"]
)
def test_limits_that_cannot_be_understood_are_refused(monkeypatch, text):
    monkeypatch.setenv("FMNIST_LIMITS", text)
    with pytest.raises(RunError, match="FMNIST_LIMITS cannot be .* Expected parts such as trainings=8"):
        limits.read()


def test_outside_of_a_demo_only_what_is_set_is_limited(monkeypatch):
    monkeypatch.setenv("FMNIST_DEMO", "0")
    assert set(dataclasses.asdict(limits.read()).values()) == {math.inf}
    monkeypatch.setenv("FMNIST_LIMITS", "epochs=3")
    assert limits.read() == dataclasses.replace(Limits(*[math.inf] * len(dataclasses.fields(Limits))), epochs=3)
    with pytest.raises(RunError, match="here 3 fit"):
        limits.check_training(QUICK)
