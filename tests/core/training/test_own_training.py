"""An own network goes the whole way of the zoo's: trained, exported, tried, imported, listed, audited, reported.

Run: python -m pytest tests/core/training/test_own_training.py
"""

import dataclasses
import json
import shutil
import subprocess
import sys
import zipfile

import keras
import numpy as np
import onnx
import pytest

from fmnist_core import data, zoo
from fmnist_core.cli import command_line, training_commands
from fmnist_core.data import SIZES
from fmnist_core.inference.classifier import Classifier
from fmnist_core.label_audit import audit_spec
from fmnist_core.label_audit.audit_spec import AuditSpec
from fmnist_core.metrics import evaluation
from fmnist_core.networks.layers import CHOICES, Layer, Network, to_json
from fmnist_core.recipe import OWN, Recipe, Split, with_epochs
from fmnist_core.report import page, recipe_words
from fmnist_core.runs import catalogue, exchange, foreign_model, leaderboard, runs
from fmnist_core.runs.runs import Run
from fmnist_core.speed.estimate import estimate, quick_recipe
from fmnist_core.storage import schema
from fmnist_core.storage.folders import PROJECT, RunError
from fmnist_core.training import rebuild
from fmnist_core.training.finish import check_export, export_onnx
from fmnist_core.training.folds import train_fold
from fmnist_core.zoo import own_network, summaries

SIX = Network(
    "My first & only",
    (
        Layer("convolution", filters=6, size=5, stride=2),
        Layer("batch_normalization"),
        Layer("residual_block", filters=8, stride=2),
        Layer("separable_convolution", filters=8),
        Layer("dropout", rate=0.1),
        Layer("global_average_pooling"),
    ),
)
# The exporter still looks for names that numpy has dropped.
pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning:keras.src.export.tf2onnx_lib")


def own_recipe(network: Network = SIX, **changes) -> Recipe:
    small = {"images": 600, "batch_size": 64, "split": Split("last", 500), "precision": "float32"}
    return dataclasses.replace(with_epochs(own_network.recipe(network), 2), **(small | changes))


@pytest.fixture(scope="module")
def trained_once(tmp_path_factory) -> Run:
    """Trained in a process of its own, as the app does it, with one thread: there TensorFlow's own gradient of a
    strided convolution of single pixels, as of the residual block's shortcut, would end it (docs/log.md)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FMNIST_RUNS", str(tmp_path_factory.mktemp("own") / "runs"))
        patch.setenv("TF_NUM_INTRAOP_THREADS", "1")
        run = runs.create(own_recipe())
        command = [sys.executable, "-m", "fmnist_core", "work", "train", str(run.folder)]
        done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
        assert runs.read_status(run).state == "done", done.stderr[-2_000:]
    return run


@pytest.fixture
def run(trained_once, runs_folder) -> Run:
    """A copy in this test's folder of runs."""
    shutil.copytree(trained_once.folder, runs_folder / trained_once.id)
    return Run(runs_folder / trained_once.id)


@pytest.mark.long
def test_it_trains_and_keeps_its_layers(run):
    assert run.id.startswith("own-")
    assert runs.read_config(run).recipe == own_recipe()
    stored = json.loads((run.folder / "config.json").read_text())["recipe"]
    assert stored["network"] == to_json(SIX) and stored["network"]["layers"][1] == {"kind": "batch_normalization"}
    result = runs.read_result(run)
    assert result.parameters == summaries.total_parameters(own_recipe())
    outputs = {one.name for one in onnx.load(run.folder / "model.onnx").graph.output}
    shown = {"conv1", "batch_norm1", "block1_conv1", "block1_conv2", "block1_shortcut", "separable1_depthwise"}
    assert {f"activation.{name}" for name in shown | {"separable1"}} | {"logits", "features"} <= outputs


def test_it_stands_in_the_lists_with_its_interval(run):
    row = catalogue.describe(run)
    assert (row.model, row.title, row.usable) == (OWN, "My first & only", True)
    correct = round(row.test_accuracy * SIZES["test"])
    (entry,) = leaderboard.list_own_entries(catalogue.list_rows())
    assert entry.row.run == run and entry.model.title == "My first & only" and entry.network == SIX
    assert entry.interval == evaluation.wilson_interval(correct, SIZES["test"])
    assert entry.parameters == runs.read_result(run).parameters and entry.macs == summaries.total_macs(own_recipe())
    assert entry.published is None and entry.difference is None and "best on the validation" in entry.explanation


def test_of_several_runs_validation_chooses(run):
    better = dataclasses.replace(runs.read_result(run), val_accuracy=0.99, test_accuracy=0.01)
    other = Run(run.folder.with_name(f"{run.id[:-4]}ffff"))
    shutil.copytree(run.folder, other.folder)
    runs.write_result(other, better)
    (entry,) = leaderboard.list_own_entries(catalogue.list_rows())
    assert entry.row.run.id == other.id


def test_it_is_exported_and_imported(run, tmp_path):
    exported = exchange.export_run(run, tmp_path / "out")
    runs.delete(run)
    again = exchange.import_run(exported)
    assert again.id == run.id and runs.read_config(again).recipe.network == SIX
    assert catalogue.describe(again).title == "My first & only"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"network": None}, "model cannot be own without a list of layers"),
        ({"model": "cnn_2"}, "model cannot be cnn_2 with a list of layers"),
        ({"network": {"title": "<b>", "layers": [{"kind": "flatten"}]}}, "cannot be called"),
        ({"network": {"title": "a", "layers": [{"kind": "dense", "units": 10**9}]}}, "units cannot be 1,000,000,000"),
        ({"network": {"title": "a", "layers": [{"kind": "dense"}]}}, "Layer 1 .dense. does not fit"),
        ({"network": {"title": "a", "layers": [{"kind": "flatten"}] * 61}}, "61 layers; give 1 to 60"),
        ({"network": [[[[]]]]}, "A network cannot be a list"),
    ],
)
def test_an_import_with_an_unsound_network_is_refused(run, tmp_path, change, words):
    exported = exchange.export_run(run, tmp_path)
    runs.delete(run)
    with zipfile.ZipFile(exported) as archive:
        files = {entry: archive.read(entry) for entry in archive.namelist()}
    name = f"{run.id}/config.json"
    config = json.loads(files[name])
    config["recipe"] |= change
    files[name] = json.dumps(config).encode()
    with zipfile.ZipFile(exported, "w") as archive:
        for entry, content in files.items():
            archive.writestr(entry, content)
    with pytest.raises(RunError, match=words):
        exchange.import_run(exported)
    assert not run.folder.exists()


def test_its_keras_model_can_be_made_of_the_exported_one(run, tmp_path):
    rebuild.save_keras_model(run, tmp_path / "again.keras")
    again = keras.saving.load_model(tmp_path / "again.keras")
    check_export(again, Classifier(run.folder / "model.onnx"))


def test_its_report_names_it_and_its_layers(run):
    html = page.run_report(run)
    assert "My first &amp; only" in html and "residual block (filters 8, stride 2)" in html
    assert "published recipe" not in html
    words = dict(recipe_words.in_words(own_recipe()))
    assert words["Model"] == "My first & only (own)"
    assert words["Layers"].startswith("convolution (filters 6, size 5, stride 2); batch normalization; residual block")
    assert words["Layers"].endswith("(filters 8, size 3); dropout (rate 0.1); global average pooling")


def test_the_command_trains_the_same_recipe(run):
    line, note = recipe_words.command(own_recipe())
    options = command_line._parser().parse_args(line.split()[3:])
    assert training_commands.recipe_of(options) == own_recipe()
    assert line.startswith("python -m fmnist_core train own --layers 1") and "network WORD" in note


def test_a_training_time_is_estimated(run):
    rows = catalogue.list_rows()
    mine = estimate(own_recipe(), rows)
    assert mine is not None and mine.basis == "measured on this machine: the same model"
    other = dataclasses.replace(SIX, layers=(Layer("convolution", filters=64), *SIX.layers))
    longer = estimate(own_recipe(other), rows)
    assert longer is not None and longer.seconds > mine.seconds
    assert longer.basis.endswith("a run of My first & only, scaled") or "another machine" in longer.basis
    assert quick_recipe(own_network.recipe(SIX)).network == SIX


def test_a_fold_of_an_audit_is_trained_with_it():
    flat = Network("Flat", (Layer("flatten"), Layer("dense", units=16)))
    spec = AuditSpec(OWN, epochs=1, folds=2, pictures=200, network=flat)
    audit_spec.check(spec)
    assert schema.from_json(AuditSpec, json.loads(json.dumps(schema.as_plain(spec))), "spec") == spec
    train = data.load_split("train")
    chosen = audit_spec.recipe_of(spec, 0, 100)
    zoo.check(chosen)
    found = train_fold(chosen, train.images[:100], train.labels[:100], train.images[100:110], lambda share: False)
    assert found.shape == (10, 10) and np.allclose(found.sum(axis=1), 1, atol=1e-5)
    with pytest.raises(ValueError, match="cannot be 'own'"):
        audit_spec.check(AuditSpec(OWN))
    with pytest.raises(ValueError, match="cannot be 'cnn_1'. Choose one of: own"):
        audit_spec.check(AuditSpec(network=SIX))


def test_audits_of_before_keep_their_names():
    """Found by the name: the one that ships would be lost."""
    assert (
        AuditSpec(pictures=100).name == "audit-9dfd2ede73" and AuditSpec(OWN, network=SIX).name != AuditSpec(OWN).name
    )


EVERY_ACTIVATION = [Layer("convolution", filters=4, activation=name) for name in CHOICES["activation"]]
EXPORTED = {
    "activations": [*EVERY_ACTIVATION, Layer("flatten")],
    "activations of lists": [
        Layer("flatten"),
        *[Layer("activation", activation=name) for name in CHOICES["activation"]],
    ],
    "one channel": [Layer("global_average_pooling")],
    "largest": [Layer("separable_convolution", filters=3, stride=2), Layer("global_max_pooling")],
    "largest of one": [Layer("average_pooling", size=3, stride=2, padding="same"), Layer("global_max_pooling")],
    "squeezed": [
        Layer("residual_block", filters=4),
        Layer("squeeze_and_excitation", reduction=2),
        Layer("max_pooling", size=3, stride=1, padding="same"),
        Layer("lstm", units=5),
        Layer("batch_normalization"),
    ],
}


@pytest.mark.some(2)
@pytest.mark.parametrize("name", EXPORTED)
def test_every_kind_is_exported_to_operators_that_an_import_takes(name, tmp_path):
    mirror = name == "largest"  # which adds none of a kind's own
    keras.utils.set_random_seed(3)
    model = own_network.build(Network("Mine", tuple(EXPORTED[name])))
    export_onnx(model, tmp_path / "model.onnx", mirror)
    exported = onnx.load(tmp_path / "model.onnx")
    assert foreign_model.problem(exported) is None, {node.op_type for node in exported.graph.node}
    answering = zoo.layers.with_mirror(model) if mirror else model
    check_export(answering, Classifier(tmp_path / "model.onnx"))
