"""What ships: smaller than the run it comes from, and still saying the same.

Run: python -m pytest tests/core/release/test_shipping.py
"""

import dataclasses
import json
import shutil

import keras
import numpy as np
import onnx
import pytest

from fmnist_core import data, zoo
from fmnist_core.inference.classifier import Classifier, open_classifier
from fmnist_core.jobs.status import Status
from fmnist_core.release import reproduce, shipping
from fmnist_core.release.reproduce import shipped_run
from fmnist_core.runs import catalogue, exchange, feature_map, predictions, runs
from fmnist_core.runs.records import StoredWeights
from fmnist_core.runs.runs import Run
from fmnist_core.storage import folders
from fmnist_core.storage.folders import RunError
from fmnist_core.training import training_jobs
from tests.tiny import tiny_recipe

MODEL = "cnn_1"


@pytest.fixture(autouse=True)
def shipped_folder(tmp_path, monkeypatch):
    """Nothing ships yet, and the published recipe is a tiny one."""
    folder = tmp_path / "shipped"
    monkeypatch.setattr(folders, "shipped_folder", lambda: folder)
    row = dataclasses.replace(zoo.MODELS[MODEL], recipe=tiny_recipe(MODEL, keep="best"))
    monkeypatch.setitem(zoo.MODELS, MODEL, row)
    return folder


def size(run: runs.Run) -> int:
    return sum(path.stat().st_size for path in run.folder.rglob("*") if path.is_file())


def take_over(trained: runs.Run, begun: runs.Run) -> runs.Status:
    """In place of a training: what another run of the recipe has learned."""
    config = (begun.folder / "config.json").read_bytes()
    shutil.copytree(trained.folder, begun.folder, dirs_exist_ok=True)
    (begun.folder / "config.json").write_bytes(config)
    return runs.read_status(begun)


@pytest.mark.long
def test_shipped_run_says_the_same_in_less_space(run):
    shipped = shipping.ship(run)
    assert shipped.shipped and runs.find(run.id).folder == run.folder
    assert size(shipped) < 0.6 * size(run)
    row = catalogue.describe(shipped)
    assert row.usable and row.test_accuracy == runs.read_result(run).test_accuracy
    for split in predictions.SPLITS:
        np.testing.assert_array_equal(predictions.load(shipped, split).logits, predictions.load(run, split).logits)
    assert runs.read_metrics(shipped) == runs.read_metrics(run)
    for name, stored in row.result.files.items():
        assert (shipped.folder / name).stat().st_size == stored.bytes
    assert not (shipped.folder / "replay").exists() and not (shipped.folder / "model.keras").exists()


@pytest.mark.long
def test_weights_are_float16_and_answers_hardly_change(run):
    shipped = shipping.ship(run)
    images = data.load_split("test").images[:500]
    exact, halved = (open_classifier(one).logits(images) for one in (run, shipped))
    assert 0 < np.abs(exact - halved).max() < 0.01
    tensors = onnx.load(shipped.folder / "model.onnx").graph.initializer
    kinds = {t.data_type for t in tensors if np.prod(t.dims) >= shipping.SMALL_ARRAY}
    assert kinds == {onnx.TensorProto.FLOAT16}
    weights = runs.read_result(shipped).weights
    assert weights.stored_as == "float16"
    stored = predictions.load(run, "test")
    found = (open_classifier(shipped).logits(stored.images_at(slice(None))).argmax(1) == stored.labels).mean()
    assert weights.test_accuracy == pytest.approx(found, abs=1e-6)


@pytest.mark.long
def test_weights_stay_float32_where_float16_loses_too_much(run, monkeypatch):
    monkeypatch.setattr(shipping, "LARGEST_LOSS", -1.0)
    shipped = shipping.ship(run)
    assert (shipped.folder / "model.onnx").read_bytes() == (run.folder / "model.onnx").read_bytes()
    result = runs.read_result(shipped)
    assert result.weights == StoredWeights("float32", result.test_accuracy)


@pytest.mark.long
def test_distances_on_the_map_hardly_change(run):
    ours, theirs = feature_map.load(shipping.ship(run)).coordinates, feature_map.load(run).coordinates
    spread = theirs[:, 0].std()
    assert 0 < np.abs(ours - theirs).max() <= spread / shipping.STEPS_A_DEVIATION
    np.testing.assert_array_equal(ours[:, : shipping.FINE], theirs[:, : shipping.FINE])  # or an axis shows a lattice
    assert len(np.unique(ours[:, 0])) > 1_000 > len(np.unique(ours[:, shipping.FINE]))


def test_long_training_ships_every_other_stored_epoch_with_the_first_and_the_last(tmp_path):
    run = Run(tmp_path)
    (tmp_path / "replay").mkdir()
    for count, kept in ((12, range(1, 13)), (13, range(1, 14, 2)), (20, (1, *range(2, 21, 2)))):
        for epoch in range(1, count + 1):
            (tmp_path / "replay" / f"{epoch:03}.npz").touch()
        assert [int(path.stem) for path in shipping._shipped_epochs(run)] == list(kept)


@pytest.mark.long
def test_showcase_keeps_replay_and_keras_model(run, monkeypatch):
    monkeypatch.setattr(shipping, "WHOLE", (MODEL,))
    shipped = shipping.ship(run)
    assert len(list((shipped.folder / "replay").iterdir())) == len(list((run.folder / "replay").iterdir()))
    model = keras.models.load_model(shipped.folder / "model.keras")
    images = data.load_split("test").images[:50]
    by_onnx = Classifier(shipped.folder / "model.onnx").logits(images)
    np.testing.assert_allclose(model(data.to_network_input(images)), by_onnx, atol=1e-4)


def test_large_network_ships_without_weights(run, monkeypatch, tmp_path, shipped_folder):
    monkeypatch.setattr(shipping, "MOST_PARAMETERS", 10)
    shipped = shipping.ship(run)
    assert not list(shipped.folder.glob("model.*"))
    assert runs.read_result(shipped).weights is None
    with pytest.raises(RunError, match="without its weights"):
        open_classifier(shipped)
    file = exchange.export_run(shipped, tmp_path)
    for folder in (shipped.folder, run.folder):  # elsewhere, where it does not ship
        folder.rename(tmp_path / folder.parent.name.replace("runs", "gone").replace("shipped", "away"))
    assert catalogue.describe(exchange.import_run(file)).usable


@pytest.mark.long
def test_a_newer_run_takes_the_place_of_the_older_one_of_its_seed(run, shipped_folder):
    first = shipping.ship(run)
    other = runs.create(dataclasses.replace(zoo.MODELS[MODEL].recipe, seed=1))
    assert take_over(run, other).state == "done"
    second = shipping.ship(other)
    assert {folder.name for folder in shipped_folder.iterdir()} == {first.id, second.id}
    shipping.ship(run)
    assert {folder.name for folder in shipped_folder.iterdir()} == {first.id, second.id}


def test_other_recipe_or_unfinished_run_does_not_ship(run, shipped_folder):
    config = json.loads((run.folder / "config.json").read_text())
    config["recipe"]["batch_size"] = 50
    (run.folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(RunError, match="does not follow the published recipe"):
        shipping.ship(run)
    runs.write_result(run, dataclasses.replace(runs.read_result(run), cancelled=True))
    with pytest.raises(RunError, match="Resume it first"):
        shipping.ship(run)
    assert not shipped_folder.exists()


@pytest.mark.long
def test_full_disk_leaves_what_ships_alone(run, shipped_folder, monkeypatch):
    shipping.ship(run)
    before = {path: path.read_bytes() for path in shipped_folder.rglob("*") if path.is_file()}

    def fail(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(runs, "write_result", fail)
    with pytest.raises(OSError):
        shipping.ship(run)
    assert {path: path.read_bytes() for path in shipped_folder.rglob("*") if path.is_file()} == before


# Reproducing


@pytest.mark.long
def test_reproducing_trains_once_ships_and_then_compares(trained_run):
    begun = []

    def work(run: runs.Run) -> Status:
        begun.append(run.id)
        return take_over(trained_run, run)

    first = reproduce.reproduce(MODEL, work=work)
    assert shipped_run(zoo.MODELS[MODEL].recipe).run.id == first.id
    again = reproduce.reproduce(MODEL, work=work)
    assert again.id != first.id and begun == [first.id, again.id]
    assert shipped_run(zoo.MODELS[MODEL].recipe).run.id == first.id


@pytest.mark.long
def test_finished_run_that_was_not_shipped_is_only_shipped(run):
    found = reproduce.reproduce(MODEL, work=lambda run: pytest.fail("trained again"))
    assert found.id == run.id and shipped_run(zoo.MODELS[MODEL].recipe).run.id == run.id


@pytest.mark.slow
def test_interrupted_run_goes_on(shipped_folder):
    def crash(line):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reproduce.reproduce(MODEL, work=lambda run: training_jobs.run_job(run, crash))
    assert not shipped_folder.exists()
    (begun,) = runs.list_runs()
    assert reproduce.reproduce(MODEL).id == begun.id


@pytest.mark.long
def test_replacing_ships_the_new_one(run):
    shipping.ship(run)
    newer = reproduce.reproduce(MODEL, replace=True, work=lambda begun: take_over(run, begun))
    assert newer.id != run.id
    assert shipped_run(zoo.MODELS[MODEL].recipe).run.id == newer.id
