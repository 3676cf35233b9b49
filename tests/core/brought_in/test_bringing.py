"""From a file to a run, through the sandbox: an ONNX model, a Keras model, answers; and what is refused before.

Run: python -m pytest tests/core/brought_in/test_bringing.py
"""

import dataclasses
import errno
import io
import json
import os
import shutil
import sys
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest

from fmnist_core import data, sandbox
from fmnist_core.brought_in import bringing, conventions, words, work
from fmnist_core.brought_in.tables import Refused
from fmnist_core.brought_in.work import Task
from fmnist_core.cli.command_line import main
from fmnist_core.exports import files
from fmnist_core.inference.classifier import open_classifier
from fmnist_core.inside.session import open_inside
from fmnist_core.jobs import turns
from fmnist_core.report import page
from fmnist_core.runs import exchange, feature_map, labels, predictions, run_zip, runs
from fmnist_core.runs.runs import Run
from fmnist_core.storage.folders import RunError
from fmnist_core.zoo.others.brought_in import BroughtIn

sys.path.insert(0, str(Path(__file__).parent))
import made_elsewhere


@pytest.mark.long
def test_an_onnx_model_becomes_a_run_that_everything_reads_and_that_travels(tmp_path, capsys):
    convention = conventions.parse("nchw,0..255")
    (tmp_path / "my <b>net.onnx").write_bytes(made_elsewhere.model(convention, "Softmax"))
    assert main(["import", str(tmp_path / "my <b>net.onnx"), "--name", "Mine", "--json"]) == 0
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    run = runs.find(said["run"])
    assert said["test_accuracy"] == pytest.approx(made_elsewhere.accuracy(convention), abs=1e-4)
    about = runs.read_config(run).brought_in
    assert about.input == "nchw,0..255" and about.tried[0].input == about.input and about.probabilities
    assert labels.read(run).name == "Mine" and "<" not in about.file
    assert open_classifier(run).logits(data.load_split("test").images[:3]).shape == (3, 10)
    assert open_inside(run).network.layers[-1].kind == "dense"
    assert feature_map.load(run).coordinates.shape[0] == 10_000
    assert len(predictions.load(run, "validation").labels) == 5_000
    with pytest.raises(RunError, match="was brought in, and nothing is known of its train pictures"):
        predictions.load(run, "train")
    assert "made elsewhere" in page.run_report(run)
    _, card = files.export(run, tmp_path, "onnx")
    assert card.licence.startswith("not known")
    packed = exchange.export_run(run, tmp_path)
    shutil.rmtree(run.folder)
    with pytest.raises(ValueError, match="imported as it is. Leave out its name"):
        bringing.bring_file(packed, "Mine")
    assert bringing.bring_file(packed).id == run.id


@pytest.mark.long
def test_a_keras_model_becomes_a_run():
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(10)])
    weights = made_elsewhere.weights(conventions.parse("nhw,-1..1"))
    model.layers[-1].set_weights(weights)
    file = io.BytesIO()
    path = runs.runs_folder().parent / "model.keras"
    model.save(path)
    file.write(path.read_bytes())
    run = bringing.bring(file.getvalue(), "model.keras")
    assert runs.read_config(run).brought_in.input == "nhw,-1..1"
    expected = made_elsewhere.accuracy(conventions.parse("nhw,-1..1"))
    assert runs.read_result(run).test_accuracy == pytest.approx(expected, abs=1e-4)


def answers_of(accuracy: float) -> bytes:
    """A CSV with the accuracy; where it is wrong, it says the next class."""
    labels = data.load_split("test").labels
    wrong = np.arange(10_000) >= 10_000 * accuracy
    file = io.StringIO()
    np.savetxt(file, np.eye(10)[(labels + wrong) % 10], "%d", ",")
    return file.getvalue().encode()


def test_answers_become_a_run_without_a_model():
    run = bringing.bring(answers_of(0.8), "answers.csv")
    assert runs.read_result(run).test_accuracy == 0.8
    with pytest.raises(RunError, match="only its answers to the test pictures were brought in"):
        open_classifier(run)
    assert runs.read_result(run).val_accuracy is None and "made elsewhere" in page.run_report(run)
    with pytest.raises(RunError, match=f"Only the answers of {run.id} were brought in, so it has no features"):
        feature_map.load(run)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"MZ\x90\0", "none of the files"),
        (b"PK\x03\x04", "neither a Keras model"),
        (b"\x08" * (bringing.LARGEST + 1), "At most 30 are taken"),
    ],
)
def test_what_is_no_such_file_is_refused_before_it_is_opened(content, words):
    with pytest.raises(RunError, match=words):
        bringing.bring(content, "file")


def test_a_full_disk_is_a_sentence(monkeypatch):
    """Of the sandbox's folder, which comes before that of the run."""

    def full(**_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(sandbox.tempfile, "TemporaryDirectory", full)
    for content in (answers_of(0.8), b"\x89HDF\r\n\x1a\n"):
        with pytest.raises(RunError, match="cannot be stored in the folder of runs: .*[Nn]o space"):
            bringing.bring(content, "file")


def test_an_end_without_a_word_is_told_from_one_for_lack_of_time(monkeypatch):
    monkeypatch.setattr(bringing, "SECONDS", 0)
    with pytest.raises(RunError, match="It takes too long: more"):
        bringing.bring(answers_of(0.8), "answers.csv")


def test_what_a_file_is_its_content_says():
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("a.npy", b"")
    assert bringing.format_of(zipped.getvalue()) == "npz"
    assert bringing.format_of(b"0.1,0.2\n") == "csv"
    assert bringing.format_of(b"\x89HDF\r\n\x1a\n") == "h5"
    assert bringing.format_of(made_elsewhere.model(conventions.parse("flat,0..1"))) == "onnx"


def test_a_file_that_is_not_there_is_told_what_was_expected(tmp_path):
    with pytest.raises(RunError, match=r"There is no file .*net\.onnx\. Expected an ONNX or Keras model"):
        bringing.bring_file(tmp_path / "net.onnx")


def test_a_zip_of_countless_files_is_not_even_listed(monkeypatch):
    def listed(*_):
        raise AssertionError("its directory was read")

    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        for number in range(run_zip.MOST_ENTRIES + 1):
            archive.writestr(f"{number}.npy", b"")
    monkeypatch.setattr(zipfile, "ZipFile", listed)
    with pytest.raises(RunError, match="It is a zip, but neither"):
        bringing.bring(zipped.getvalue(), "a.npz")
    with pytest.raises(RunError, match="holds more than 10,000 files"):
        exchange.import_content(zipped.getvalue(), "a.zip")


def test_a_run_is_whole_before_it_is_found_and_old_halves_go(monkeypatch):
    folder = runs.runs_folder()
    old, young = (folder / f".cnn_1-20261122-120001-000{number}.importing" for number in range(2))
    for half in (old, young):
        half.mkdir(parents=True)
    os.utime(old, (0, 0))
    seen, rename = [], Path.rename

    def renamed(path: Path, target: Path) -> Path:
        seen.append(labels.read(Run(path)).name)
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", renamed)
    bringing.bring(answers_of(0.8), "answers.csv", "Mine")
    assert seen == ["Mine"] and not old.exists() and young.exists()


def test_an_input_is_checked_and_spelled():
    with pytest.raises(ValueError, match="The input cannot be 'nchw,0..7'"):
        conventions.parse("nchw,0..7")
    about = dataclasses.replace(BroughtIn("csv"), classes=(0, 1, 2, 3, 6, 5, 4, 7, 8, 9))
    assert "Coat and Shirt swapped" in words.order_found(about)


def test_one_at_a_time_and_there_is_room_when_its_turn_has_come(monkeypatch):
    def no_room():
        assert bringing._BRINGING.locked()
        raise RunError("No room.")

    with pytest.raises(RunError, match=r"No room\."):
        bringing.bring(answers_of(0.8), "answers.csv", check=no_room)
    monkeypatch.setattr(turns, "PATIENCE", 0.01)
    with bringing._BRINGING, pytest.raises(RunError, match="Another file is being brought in"):
        bringing.bring(answers_of(0.8), "answers.csv")


def test_the_trial_has_less_time_and_no_limit_kills_without_a_word(monkeypatch):
    """The kernel tells a process that its time is over only below the hard limit."""
    given = []
    monkeypatch.setattr(work.resource, "getrlimit", lambda _: (9, 10))
    monkeypatch.setattr(work.resource, "setrlimit", lambda _, limits: given.append(limits))
    for seconds in (5, 60, None):
        work._hurry(seconds)
    assert given == [(5, 10), (9, 10), (9, 10)]


def test_what_takes_for_ever_to_open_has_the_trials_time(monkeypatch):
    """ONNX Runtime computes constants when it opens a model."""
    seen = []
    monkeypatch.setattr(work, "_hurry", seen.append)
    with pytest.raises(Refused, match="no ONNX file"):
        work._bring_model(Task("onnx"), b"")
    assert seen == [work.TRIAL_SECONDS]
