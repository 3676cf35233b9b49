"""The command line: exit codes, one line of JSON, sentences instead of tracebacks.

Run: python -m pytest tests/core/cli/test_command_line.py
"""

import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from PIL import Image

from fmnist_core import data
from fmnist_core.analysis import label_issues
from fmnist_core.classical import fitting_process
from fmnist_core.cli import command_line
from fmnist_core.cli.command_line import main
from fmnist_core.inference import test_time_augmentation
from fmnist_core.inference.classifier import open_classifier
from fmnist_core.jobs import warm, worker
from fmnist_core.jobs.status import write as write_status
from fmnist_core.metrics import evaluation
from fmnist_core.runs import predictions, runs
from fmnist_core.runs.records import EpochLine
from fmnist_core.storage import folders
from fmnist_core.storage.folders import RunError
from fmnist_core.zoo import CLASSICAL, MODELS, vgg19
from tests.tiny import tiny_recipe

ROOT = folders.PROJECT
TWO_VIEWS = ["--test-time-augmentation", "flip"]


@pytest.fixture
def call(capsys):
    """Runs a command; returns its exit code, the last line of its standard output as JSON, and its errors."""

    def run_command(*arguments) -> tuple[int, object, str]:
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        lines = captured.out.splitlines()
        assert "Traceback" not in captured.err
        return code, json.loads(lines[-1]) if lines and "--json" in arguments else captured.out, captured.err

    return run_command


@pytest.fixture(autouse=True)
def _no_shipped_runs(tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "shipped_folder", lambda: tmp_path / "shipped")


def assert_sentence(answer: tuple[int, object, str], words: str) -> None:
    """Exit code 1, nothing on standard output, one line on the other."""
    code, out, err = answer
    assert (code, out) == (1, "")
    assert err.startswith("error: ") and err.count("\n") == 1 and words in err


# The process


def test_process_ends_with_one_line_of_json():
    command = [sys.executable, "-m", "fmnist_core", "models", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stderr == ""
    rows = json.loads(done.stdout.splitlines()[-1])
    assert [row["name"] for row in rows] == [*MODELS, *CLASSICAL]
    figures = {"published_test_accuracy", "reproduced_test_accuracy", "interval", "difference", "explanation"}
    assert set(rows[0]) == {"name", "title", "kind", "parameters", "run", "seconds", "bytes", "seeds"} | figures


@pytest.mark.some(2)
@pytest.mark.parametrize(
    ("arguments", "code"), [(["models"], 0), (["models", "--json"], 0), (["evaluate", "x", "--json"], 1)]
)
def test_nobody_reads_on(arguments, code):
    """As `models | head -1`, in which head may have gone before the last line came."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "fmnist_core", *arguments]
    done = subprocess.run(command, cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert done.returncode == code
    assert "Traceback" not in done.stderr and "BrokenPipe" not in done.stderr


@pytest.mark.parametrize("arguments", ["", "fly", "train cnn_2 --epochs many", "evaluate", "export x"])
def test_wrong_usage_ends_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        main(arguments.split())
    assert caught.value.code == 2
    assert "usage: python -m fmnist_core" in capsys.readouterr().err


# models, runs


def test_models_are_listed_with_the_published_figures(call):
    code, rows, _ = call("models", "--json")
    assert code == 0
    by_name = {row["name"]: row for row in rows}
    assert by_name["cnn_2"] == {
        "name": "cnn_2",
        "title": MODELS["cnn_2"].title,
        "kind": "network",
        "parameters": 896_906,
        "published_test_accuracy": 0.9293,
        "reproduced_test_accuracy": None,
        "interval": None,
        "difference": None,
        "explanation": "It has not been trained here yet.",
        "run": None,
        "seconds": None,
        "bytes": None,
        "seeds": None,
    }
    assert by_name["lstm_rows"]["published_test_accuracy"] is None
    assert "ImageNet weights" in by_name["vgg19_fixed"]["explanation"]
    code, text, _ = call("models")
    assert code == 0 and len(text.splitlines()) == len(MODELS) + len(CLASSICAL) + 1 and "92.93 %" in text


def test_models_are_listed_with_what_is_reproduced(call, run, tmp_path):
    shutil.copytree(run.folder, tmp_path / "shipped" / run.id)
    _, rows, _ = call("models", "--json")
    (row,) = [row for row in rows if row["run"]]
    result = json.loads((run.folder / "result.json").read_text())
    assert (row["name"], row["run"]) == ("cnn_1", run.id)
    assert row["reproduced_test_accuracy"] == result["test_accuracy"]
    low, high = row["interval"]
    assert 0 <= low < result["test_accuracy"] < high <= 1
    assert row["difference"] == pytest.approx(result["test_accuracy"] - 0.916)
    assert "not known" in row["explanation"]  # two epochs on 600 pictures are far off


@pytest.mark.long
def test_reproduce_compares_with_what_was_published(call, monkeypatch, tmp_path):
    chosen = tiny_recipe("simple_nn")
    monkeypatch.setitem(MODELS, "simple_nn", dataclasses.replace(MODELS["simple_nn"], recipe=chosen))
    code, first, _ = call("reproduce", "simple_nn", "--json")
    assert code == 0 and first["shipped_test_accuracy"] is None and first["published_test_accuracy"] == 0.8386
    assert (tmp_path / "shipped" / first["run"]).is_dir()
    code, again, _ = call("reproduce", "simple_nn", "--json")
    assert again["shipped_test_accuracy"] == first["test_accuracy"] == pytest.approx(again["test_accuracy"], abs=0.003)
    assert again["run"] != first["run"]
    assert_sentence(call("reproduce", "no_such"), "Unknown model")


def test_export_of_what_does_not_ship_is_made_or_says_so(call, run, tmp_path):
    shutil.move(run.folder, shipped := tmp_path / "shipped" / run.id)
    (shipped / "model.keras").unlink()
    assert call("export", run.id, "--to", tmp_path / "made", "--format", "keras")[0] == 0
    assert zipfile.is_zipfile(tmp_path / "made" / f"{run.id}.keras")
    (shipped / "model.onnx").unlink()
    for kind in ("keras", "onnx"):
        answer = call("export", run.id, "--to", tmp_path / "out", "--format", kind)
        assert_sentence(answer, f"{run.id} ships without its parameters")
        assert "reproduce cnn_1" in answer[2] and not (tmp_path / "out").exists()


def test_runs_are_listed_damaged_ones_too(call, run, tmp_path):
    assert call("runs", "--shipped", "--json")[:2] == (0, [])
    shutil.copytree(run.folder, tmp_path / "shipped" / "cnn_1-20200101-000000-0000")
    broken = run.folder.with_name("cnn_1-20200101-000000-0001")
    shutil.copytree(run.folder, broken)
    (broken / "config.json").write_text("{")
    code, rows, _ = call("runs", "--json")
    assert code == 0
    assert [row["run"] for row in rows] == [run.id, broken.name, "cnn_1-20200101-000000-0000"]
    result = runs.read_result(run)
    assert rows[0] == {
        "run": run.id,
        "model": "cnn_1",
        "status": "done",
        "test_accuracy": result.test_accuracy,
        "test_accuracy_without_test_time_augmentation": result.test_accuracy,
        "validation_accuracy": result.val_accuracy,
        "parameters": 65_994,
        "seconds": result.seconds,
        "seed": 0,
        "shipped": False,
        "flagship": False,
    }
    figures = (
        "test_accuracy",
        "test_accuracy_without_test_time_augmentation",
        "validation_accuracy",
        "parameters",
        "seconds",
        "seed",
    )
    assert rows[1] == rows[0] | dict.fromkeys(figures) | {
        "run": broken.name,
        "status": "damaged",
    }
    assert [row["shipped"] for row in call("runs", "--shipped", "--json")[1]] == [True]
    assert run.id in call("runs")[1]


def test_no_runs_yet(call):
    assert call("runs", "--json")[:2] == (0, [])
    assert "No runs yet" in call("runs")[1]


# train


def test_train(call):
    arguments = ("--epochs", 2, "--images", 600, "--batch", 100, "--seed", 3, "--precision", "float32", "--json")
    code, value, err = call("train", "simple_nn", *arguments)
    assert code == 0 and f"run {value['run']}" in err
    assert set(value) == {"run", "epochs", "val_accuracy", "images_per_second", "seconds"}
    assert value["epochs"] == 2 and value["images_per_second"] > 0 and value["seconds"] > 0
    run = runs.find(value["run"])
    recipe = runs.read_config(run).recipe
    assert (recipe.epochs, recipe.images, recipe.batch_size, recipe.seed) == (2, 600, 100, 3)
    assert recipe.precision == "float32"
    published = MODELS["simple_nn"].recipe
    assert dataclasses.replace(
        recipe, stages=published.stages, images=None, batch_size=32, seed=0, precision="auto"
    ) == dataclasses.replace(published, batch_size=32)
    assert value["val_accuracy"] == runs.read_result(run).val_accuracy
    assert_sentence(call("train", "--resume", run.id), "is done; only a stopped run can go on")
    assert runs.read_status(run).state == "done"


def test_train_leaves_suspects_out(call, monkeypatch, tmp_path):
    started = []

    def fail(job, report):
        started.append(runs.read_config(runs.Run(job.folder)).recipe)
        raise RunError("Enough.")

    monkeypatch.setattr(worker, "work", fail)
    file = tmp_path / "list.csv"
    file.write_text("position,label\n7,1\n9,1\n")
    for argument, expected in (("known", tuple(label_issues.KNOWN)), (file, (7, 9))):
        assert call("train", "simple_nn", "--exclude", argument)[0] == 1
        assert started.pop().excluded == expected
    assert call("train", "simple_nn")[0] == 1
    assert started.pop().excluded == ()


@pytest.mark.long
def test_stopped_training_goes_on(call, monkeypatch):
    from fmnist_core.training import train

    real = train.checkpoint.save

    def stop(*arguments):
        real(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(train.checkpoint, "save", stop)
        code, value, errors = call("train", "simple_nn", "--epochs", 2, "--images", 600, "--json")
    (run,) = runs.list_runs()
    assert runs.read_status(run).state == "cancelled"
    goes_on = f"To go on: python -m fmnist_core train --resume {run.id}"
    assert (code, value) == (130, {"error": f"Stopped; 0 of 2 epochs are done. {goes_on}"})
    assert errors.splitlines()[-1] == value["error"]
    code, again, _ = call("train", "--resume", run.id, "--json")
    assert (code, again["run"], again["epochs"]) == (0, run.id, 2)
    assert [line.epoch for line in runs.read_metrics(run) if isinstance(line, EpochLine)] == [1, 2]


def test_a_stopped_fit_says_how_it_goes_on(call, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(fitting_process, "train", stop)
    code, value, _ = call("train", "extra_tree", "--images", 300, "--json")
    (run,) = runs.list_runs()
    goes_on = f"To go on: python -m fmnist_core train --resume {run.id}"
    assert (code, value) == (130, {"error": f"Stopped; training sizes done: 0. {goes_on}"})


@pytest.mark.slow  # quick: tests/core/training/test_checkpoint.py
def test_a_training_that_lost_its_checkpoint_says_so(call, run):
    write_status(run.folder, dataclasses.replace(runs.read_status(run), state="cancelled"))
    code, value, errors = call("train", "--resume", run.id, "--json")
    assert (code, value["epochs"]) == (0, 2)
    words = "No checkpoint of it could be read, so the training began again from the first epoch."
    assert errors.splitlines().count(f"warning: {words}") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--epochs", "5"], "leave out --epochs."),
        (["cnn_1"], "leave out the model 'cnn_1'."),
        (["cnn_1", "--seed", "0"], "leave out the model 'cnn_1', --seed."),
        (["--images", "600", "--batch", "9"], "leave out --batch, --images."),
        (["--precision", "float32"], "leave out --precision."),
        (["--exclude", "known"], "leave out --exclude."),
        (["--stage", "5", "--no-mirror"], "leave out --stage, --no-mirror."),
    ],
)
def test_a_resumed_run_keeps_its_recipe(call, run, arguments, words):
    status = dataclasses.replace(runs.read_status(run), state="cancelled")
    write_status(run.folder, status)
    words = f"--resume goes on with the run's own recipe; {words}"
    assert_sentence(call("train", *arguments, "--resume", run.id), words)
    code, value, _ = call("train", *arguments, "--resume", run.id, "--json")
    assert code == 1 and value == {"error": words}
    assert runs.read_status(run).state == "cancelled"


def test_failed_training_is_one_sentence(call, monkeypatch):
    from fmnist_core.training import train

    def fail(*arguments):
        raise train.TrainingDiverged("The loss is no longer a number.")

    monkeypatch.setattr(train, "train", fail)
    code, out, err = call("train", "simple_nn", "--images", 600)
    assert (code, out) == (1, "")
    assert err.splitlines()[-1] == "error: The loss is no longer a number."
    assert "TrainingDiverged" in (runs.list_runs()[0].folder / "log.txt").read_text()


def test_weights_that_cannot_be_had_are_said_before_a_run_is_made(call, runs_folder, monkeypatch, tmp_path):
    monkeypatch.delenv(vgg19.WEIGHTS_VARIABLE, raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(vgg19, "WEIGHTS_ADDRESS", "http://localhost:9/weights.h5")  # where nobody listens
    for command in (["train", "vgg19_fixed"], ["reproduce", "vgg19_fixed"]):
        assert_sentence(
            call(*command), "VGG19 needs its ImageNet weights: they are not on this machine and no download"
        )
    assert not runs_folder.exists()
    monkeypatch.setenv(vgg19.WEIGHTS_VARIABLE, str(tmp_path / "none.h5"))
    assert_sentence(call("train", "vgg19_fixed"), "names none.h5, and there is no such file")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["lennet"], "Unknown model 'lennet'. Choose one of: flagship"),
        ([], "Name a model (see `models`), or a stopped run with --resume"),
        (["cnn_2", "--epochs", "0"], "--epochs cannot be 0. Expected 1 or more"),
        (["cnn_2", "--epochs", "-3"], "--epochs cannot be -3"),
        (["cnn_2", "--epochs", "1001"], "epochs in all cannot be 1001"),
        (["cnn_2", "--batch", "0"], "batch_size cannot be 0"),
        (["cnn_2", "--images", "10"], "images cannot be 10"),
        (["cnn_2", "--images", "60001"], "images cannot be 60001"),
        (["cnn_2", "--seed", "-1"], "seed cannot be -1"),
        (["cnn_2", "--exclude", "no such file"], "The list of suspects no such file cannot be read"),
        (["cnn_2", "--exclude", ""], "cannot be read"),
        (["--resume", "cnn_2-20200101-000000-0000"], "There is no run 'cnn_2-20200101-000000-0000'"),
    ],
)
def test_training_that_cannot_be_is_refused(call, runs_folder, arguments, words):
    assert_sentence(call("train", *arguments), words)
    assert not runs_folder.exists()


# evaluate


@pytest.mark.parametrize("split", ["test", "validation"])
def test_evaluate(call, run, split):
    code, value, _ = call("evaluate", run.id, "--split", split, "--json")
    assert code == 0
    assert set(value) == {
        "run",
        "split",
        "accuracy",
        "loss",
        "class_names",
        "confusion_matrix",
        "test_time_augmentation",
    }
    assert value["test_time_augmentation"] == "none"
    result, prefix = runs.read_result(run), "val" if split == "validation" else "test"
    assert (value["run"], value["split"], value["class_names"]) == (run.id, split, list(data.CLASS_NAMES))
    assert value["accuracy"] == pytest.approx(getattr(result, f"{prefix}_accuracy"), abs=1e-6)
    assert value["loss"] == pytest.approx(getattr(result, f"{prefix}_loss"), abs=1e-6)
    matrix = np.array(value["confusion_matrix"])
    assert matrix.shape == (10, 10) and matrix.sum() == (500 if split == "validation" else 10_000)
    assert np.trace(matrix) / matrix.sum() == pytest.approx(value["accuracy"])
    np.testing.assert_array_equal(matrix.sum(axis=1), np.bincount(predictions.load(run, split).labels))
    assert "95 % interval" in call("evaluate", run.id)[1]


@pytest.mark.long
@pytest.mark.parametrize("views", ["flip", "crops"])
def test_evaluate_averages_over_views(call, run, views):
    plain = call("evaluate", run.id, "--split", "validation", "--json")[1]
    code, value, _ = call("evaluate", run.id, "--split", "validation", "--test-time-augmentation", views, "--json")
    assert code == 0
    assert set(value) == set(plain) | {"plain_accuracy", "p_value"}
    assert (value["test_time_augmentation"], value["plain_accuracy"]) == (views, plain["accuracy"])
    stored = predictions.load(run, "validation")
    averaged = test_time_augmentation.averaged_predictions(stored, open_classifier(run), views)
    assert value["accuracy"] == pytest.approx((averaged.predicted == averaged.labels).mean())
    assert value["accuracy"] == pytest.approx(np.trace(value["confusion_matrix"]) / 500)
    assert value["loss"] == pytest.approx(evaluation.cross_entropy(averaged.logits, averaged.labels), rel=1e-4)
    assert value["loss"] != plain["loss"]
    right = stored.predicted == stored.labels, averaged.predicted == averaged.labels
    assert value["p_value"] == pytest.approx(evaluation.mcnemar(*right).p_value)
    text = call("evaluate", run.id, "--split", "validation", "--test-time-augmentation", views)[1]
    assert f"{100 * plain['accuracy']:.2f} % without test-time augmentation." in text and "single view" in text


def test_evaluate_against_another_run(call, run):
    other = runs.Run(run.folder.with_name(f"{run.id[:-4]}0bbb"))
    shutil.copytree(run.folder, other.folder)
    changed = {}
    for split in predictions.SPLITS:
        stored = predictions.load(run, split)
        logits = stored.logits.copy()
        logits[: len(logits) // 2] = np.roll(logits[: len(logits) // 2], 1, axis=1)
        changed[split] = (stored.indices, logits)
    predictions.save(other, changed)
    code, value, _ = call("evaluate", run.id, "--against", other.id, "--json")
    assert code == 0 and value["runs"] == [run.id, other.id]
    both = [predictions.load(one, "test") for one in (run, other)]
    matrices = [evaluation.confusion_matrix(one.labels, one.predicted, 10) for one in both]
    np.testing.assert_array_equal(value["confusion_matrices"], matrices)
    np.testing.assert_array_equal(value["difference"], matrices[1] - matrices[0])
    right = [one.predicted == one.labels for one in both]
    assert 0 < np.sum(value["fixed"]) == (~right[0] & right[1]).sum()
    assert 0 < np.sum(value["broken"]) == (right[0] & ~right[1]).sum()
    assert value["p_value"] == evaluation.mcnemar(*right).p_value
    low, high = value["difference_interval"]
    assert low < value["accuracy"][1] - value["accuracy"][0] < high
    assert_sentence(call("evaluate", run.id, "--against", "nobody"), "There is no run")
    assert_sentence(
        call("evaluate", run.id, "--against", other.id, "--test-time-augmentation", "flip"),
        "leave out --test-time-augmentation",
    )


def test_evaluate_averages_only_with_a_model(call, run):
    (run.folder / "model.onnx").unlink()
    assert call("evaluate", run.id, "--json")[0] == 0
    assert_sentence(call("evaluate", run.id, "--test-time-augmentation", "flip"), "has no model yet")
    with pytest.raises(SystemExit) as stop:
        call("evaluate", run.id, "--test-time-augmentation", "ten")
    assert stop.value.code == 2


def test_evaluate_refuses_what_is_no_finished_run(call, run):
    assert_sentence(call("evaluate", "cnn_1"), "There is no run 'cnn_1'")
    assert_sentence(call("evaluate", "../../etc/passwd"), "There is no run")
    (run.folder / "predictions.npz").unlink()
    assert_sentence(call("evaluate", run.id), "has no predictions yet")


def test_evaluate_refuses_class_names_that_do_not_fit(call, run):
    config = json.loads((run.folder / "config.json").read_text())
    for names in (["a", "b"], [str(number) for number in range(12)]):
        (run.folder / "config.json").write_text(json.dumps(config | {"class_names": names}))
        assert_sentence(call("evaluate", run.id), "its predictions.npz cannot be read")


# predict


@pytest.fixture
def photos(tmp_path) -> list[Path]:
    """A trouser on white, a broken file, a missing one, a folder, and another good one."""
    picture = data.load_split("test").images[2]
    shown = Image.fromarray(255 - picture).resize((224, 224)).convert("RGB")
    folder = tmp_path / "photos"
    folder.mkdir()
    paths = [folder / name for name in ("trouser.png", "broken.jpg", "missing.png", "folder", "again.png")]
    shown.save(paths[0])
    paths[1].write_bytes(b"\xff\xd8\xff\xe0 not a photo")
    paths[3].mkdir()
    shown.save(paths[4])
    return paths


def test_predict_answers_in_order_and_goes_on_after_a_bad_file(call, run, photos):
    code, rows, _ = call("predict", *photos, "--run", run.id, "--json")
    assert code == 0
    assert [row["file"] for row in rows] == [str(path) for path in photos]
    for row, good in zip(rows, (True, False, False, False, True), strict=True):
        assert set(row) == {
            "file",
            "label",
            "probabilities",
            "calibrated",
            "known",
            "in_distribution_score",
            "error",
            "warnings",
        }
        assert row["warnings"] == []
        assert (row["error"] is None) == good
        if good:
            assert row["label"] == data.CLASS_NAMES[int(np.argmax(row["probabilities"]))]
            assert len(row["probabilities"]) == 10 and sum(row["probabilities"]) == pytest.approx(1)
        else:
            assert row["label"] is row["probabilities"] is None and row["error"].endswith(".")
    assert rows[0] | {"file": ""} == rows[4] | {"file": ""}
    assert "No such file" in rows[2]["error"] and "directory" in rows[3]["error"]
    assert "%" in call("predict", photos[0], "--run", run.id)[1]


def test_predict_passes_on_what_the_preparation_warns_of(call, run, photos):
    from fmnist_core.photo.pipeline import LIGHT_GARMENT, NOTHING_FOUND

    white = Image.new("RGB", (200, 200), (90, 120, 60))
    white.paste((250, 250, 250), (60, 50, 140, 150))
    white.save(photos[0].with_name("white.png"))
    Image.new("RGB", (200, 200), "gray").save(photos[0].with_name("nothing.png"))
    files = [photos[0].with_name("white.png"), photos[0], photos[0].with_name("nothing.png"), photos[1]]
    code, rows, err = call("predict", *files, "--json")
    assert code == 0
    assert [row["warnings"] for row in rows] == [[LIGHT_GARMENT], [], [NOTHING_FOUND], []]
    assert err == f"warning: {files[0]}: {LIGHT_GARMENT}\nwarning: {files[2]}: {NOTHING_FOUND}\n"
    _, text, err = call("predict", *files)
    assert len(text.splitlines()) == 4 and err.count("warning: ") == 2


def test_predict_takes_the_best_run_by_itself(call, run, photos):
    named = call("predict", photos[0], "--run", run.id, "--json")
    assert call("predict", photos[0], "--json") == named
    shutil.rmtree(run.folder)
    assert_sentence(call("predict", photos[0]), "There is no finished run to classify with. Train one")


def test_predict_fails_where_no_file_is_good(call, run, photos):
    code, rows, _ = call("predict", *photos[1:4], "--json")
    assert code == 1 and all(row["error"] for row in rows)


def test_predict_refuses_a_damaged_run(call, run, photos):
    (run.folder / "model.onnx").write_bytes(b"x")
    assert_sentence(call("predict", photos[0], "--run", run.id), "its model.onnx cannot be opened")


# export, import


@pytest.mark.parametrize("format", ["onnx", "keras"])
def test_export_of_a_model(call, run, tmp_path, format):
    code, value, _ = call("export", run.id, "--to", tmp_path / "out", "--format", format, "--json")
    assert code == 0
    assert value == {"run": run.id, "file": str(tmp_path / "out" / f"{run.id}.{format}")}
    assert Path(value["file"]).read_bytes() == (run.folder / f"model.{format}").read_bytes()


def test_run_leaves_and_comes_back(call, run, tmp_path):
    code, value, _ = call("export", run.id, "--to", tmp_path, "--format", "run", "--json")
    assert code == 0 and value["file"].endswith(f"{run.id}.zip")
    assert_sentence(call("import", value["file"]), "is here already")
    shutil.rmtree(run.folder)
    assert call("import", value["file"], "--json")[:2] == (0, {"run": run.id})
    assert runs.read_status(run).state == "done"


def test_export_and_import_refuse_in_a_sentence(call, run, tmp_path):
    (tmp_path / "file").touch()
    assert_sentence(call("export", run.id, "--to", tmp_path / "file"), "cannot be exported to")
    assert_sentence(call("export", "cnn_1-20200101-000000-0000", "--to", tmp_path), "There is no run")
    assert_sentence(call("import", tmp_path / "file"), "The file is empty")
    assert_sentence(call("import", tmp_path / "none.zip"), "There is no file")
    (run.folder / "model.onnx").unlink()
    assert_sentence(call("export", run.id, "--to", tmp_path / "out"), "cannot be exported to")


def test_work_yields_to_others_and_refuses_a_finished_run(call, run, monkeypatch):
    steps = []
    monkeypatch.setattr(os, "getpriority", lambda *_: 0)  # whatever that of the tests is
    monkeypatch.setattr(os, "nice", steps.append)  # it would stay with the process of the tests
    assert_sentence(call("work", "train", run.folder), "is done, and nothing is to be done")
    assert_sentence(call("work", "train", run.folder.parent), "Expected a folder that the app has queued")
    assert steps == [warm.NICENESS]


def test_missing_data_is_one_sentence(call, run, tmp_path, monkeypatch):
    monkeypatch.setenv("FMNIST_DATA", str(tmp_path / "nowhere"))
    assert_sentence(call("evaluate", run.id), "The dataset file t10k-images-idx3-ubyte.gz is missing")


@pytest.mark.slow  # quick: test_interrupt_ends_with_130
def test_an_interrupt_from_the_terminal_says_what_is_done(run, runs_folder):
    command = [sys.executable, "-m", "fmnist_core", "train", "cnn_1", "--images", "6000", "--batch", "8"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    begun = lambda: [one for one in runs.list_runs() if one.id != run.id and runs.read_metrics(one)]  # noqa: E731
    while not begun():
        assert process.poll() is None
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=120)
    (made,) = begun()
    assert (process.returncode, out) == (130, "")
    assert errors.splitlines()[-1].endswith(f"To go on: python -m fmnist_core train --resume {made.id}")
    assert "Traceback" not in errors and runs.read_status(made).state == "cancelled"


@pytest.mark.parametrize("command", ["predict", "evaluate"])
def test_a_model_that_fails_when_it_runs_is_one_sentence(call, run, tmp_path, command):
    """It opens, and has the outputs; only at work ONNX Runtime finds that no picture fits."""
    value = helper.make_tensor_value_info
    outputs = ("logits", "features")
    nodes = [helper.make_node("MatMul", ["picture", "weights"], ["product"])]
    nodes += [helper.make_node("Identity", ["product"], [name]) for name in outputs]
    graph = helper.make_graph(
        nodes,
        "other",
        [value("picture", TensorProto.FLOAT, ["n", "h", "w", "c"])],
        [value(name, TensorProto.FLOAT, None) for name in outputs],
        [helper.make_tensor("weights", TensorProto.FLOAT, [7, 3], [0.0] * 21)],
    )
    opset = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=9), run.folder / "model.onnx")
    Image.new("RGB", (40, 40), "white").save(tmp_path / "a.png")
    given = [tmp_path / "a.png", "--run", run.id] if command == "predict" else [run.id, *TWO_VIEWS]
    words = "The run's model.onnx fails on these pictures ("
    code, out, errors = call(command, *given)
    assert (code, out) == (1, "") and errors.splitlines()[-1].startswith(f"error: {words}")
    code, answer, _ = call(command, *given, "--json")
    assert code == 1 and answer["error"].startswith(words)


def test_interrupt_ends_with_130(monkeypatch):
    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(command_line.catalogue, "list_rows", interrupt)
    assert main(["runs"]) == 130
