"""Runs on disk: their states, and that whatever has become of a run's files, a sentence says so.

Run: python -m pytest tests/core/runs/test_runs.py
"""

import dataclasses
import errno
import io
import json
import os
import re
import shutil
import subprocess
import sys
import time
import types
import zipfile
from functools import partial
from pathlib import Path

import numpy as np
import psutil
import pytest

from fmnist_core import data, recipe
from fmnist_core.inference import photo_calibrations, robustness_records
from fmnist_core.inference.classifier import open_classifier
from fmnist_core.jobs import status
from fmnist_core.jobs.status import Status
from fmnist_core.jobs.status import write as write_status
from fmnist_core.machine import host_name
from fmnist_core.recipe import Split
from fmnist_core.runs import catalogue, curves, feature_map, predictions, records, replay, runs
from fmnist_core.runs.records import EpochLine, ModelFigures, Result, Taught
from fmnist_core.runs.runs import Run
from fmnist_core.speed.estimate import estimate
from fmnist_core.storage import folders, stored_arrays
from fmnist_core.storage.folders import RunError
from fmnist_core.storage.schema import as_plain
from tests.made_up import made_up_result
from tests.odd_files import ODD, at_once, put_in_place_of
from tests.tiny import tiny_recipe

JSON_FILES = ("config.json", "status.json", "result.json")
ARRAY_FILES = ("predictions.npz", "maps/features.npz")
JSON_READERS = (runs.read_config, runs.read_status, runs.read_result)
READ = (*JSON_FILES, *ARRAY_FILES, "model.onnx")  # by readers that say so
ARRAY_READERS = (*(partial(predictions.load, split=split) for split in predictions.SPLITS), feature_map.load)
WRONG = (None, "x", -1, 3, 0.5, True, [], [[1]], {}, {"a": {}}, 1e300, 10**400, float("nan"), float("inf"))


@pytest.fixture(autouse=True)
def _no_shipped_runs(tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "shipped_folder", lambda: tmp_path / "shipped")


def read_everything(run: Run, readers=(*JSON_READERS, *ARRAY_READERS, open_classifier)) -> list[str]:
    """Uses every reader, and what lives on them; returns the sentences of those that refuse. Other errors escape."""
    sentences = []
    for reader in readers:
        try:
            reader(run)
        except RunError as error:
            sentences.append(str(error))
    lines = runs.read_metrics(run)
    for metric in ("loss", "accuracy"):
        json.dumps(curves.curve_rows(lines, run.id, metric, 0.5))
    curves.read_curves(lines)
    row = catalogue.describe(run)
    assert row.interval is None or 0 <= row.interval[0] <= row.interval[1] <= 1
    estimate(tiny_recipe(), [row])
    catalogue.default_run([row, row])
    return sentences


def assert_sentences(sentences: list[str], run: Run) -> None:
    for sentence in sentences:
        assert sentence.startswith(f"The run {run.id} ") and sentence.endswith("."), sentence
        assert "\n" not in sentence and len(sentence) < 300, sentence


def write_json(run: Run, name: str, value) -> None:
    (run.folder / name).write_text(json.dumps(value))


def change_status(run: Run, **changes) -> Status:
    """Writes the status of a job of this process, with changes, and reads it again."""
    now = time.time()
    mine = {"pid": os.getpid(), "pid_started": psutil.Process().create_time(), "host": host_name()}
    status = Status("running", epoch=1, epochs=2, queued_at=now, started_at=now, heartbeat=now, **mine)
    write_status(run.folder, dataclasses.replace(status, **changes))
    return runs.read_status(run)


# Making and finding


def test_new_run_is_queued_and_says_how_it_is_made(runs_folder):
    chosen = tiny_recipe("cnn_2")
    run = runs.create(chosen)
    assert run.folder.parent == runs_folder and runs.RUN_ID.fullmatch(run.id) and run.id.startswith("cnn_2-")
    config = runs.read_config(run)
    assert config.recipe == chosen
    assert config.class_names == data.CLASS_NAMES
    assert config.data_fingerprint == data.fingerprint()
    assert {"code", "keras", "numpy"} <= set(config.versions) and config.machine["cores"] >= 1
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", config.created)
    status = runs.read_status(run)
    assert (status.state, status.epochs, status.pid) == ("queued", 2, None)
    with pytest.raises(RunError, match="has not finished"):
        runs.read_result(run)
    assert runs.read_metrics(run) == []
    row = catalogue.describe(run)
    assert (row.state, row.model, row.usable, row.problem, row.interval) == ("queued", "cnn_2", False, "", None)


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        (tiny_recipe(images=30), "images cannot be 30"),
        (dataclasses.replace(tiny_recipe(), model="../../etc"), r"Unknown model '\.\./\.\./etc'\. Choose one of"),
        (dataclasses.replace(tiny_recipe(), model="cnn_9"), "Unknown model 'cnn_9'"),
        (
            tiny_recipe("vgg19_fixed", stages=(recipe.Stage(1, recipe.Augmentation(shift=0.1)),)),
            "frozen part.*without augmentation",
        ),
    ],
)
def test_recipe_that_cannot_be_trained_makes_no_run(chosen, words, runs_folder):
    with pytest.raises(ValueError, match=words):
        runs.create(chosen)
    assert not runs_folder.exists()


def test_two_runs_never_share_a_folder(monkeypatch):
    class Noon(runs.datetime.datetime):
        @classmethod
        def now(cls, zone=None):
            return cls(2026, 11, 22, 12, 0, 0, tzinfo=zone)

    fixed = types.SimpleNamespace(datetime=Noon, UTC=runs.datetime.UTC)
    monkeypatch.setattr(runs, "datetime", fixed)
    monkeypatch.setattr(runs.secrets, "token_hex", lambda size: "abcd")
    first = runs.create(tiny_recipe(seed=1))
    with pytest.raises(RunError, match="cannot be stored"):
        runs.create(tiny_recipe(seed=2))
    assert runs.read_config(first).recipe.seed == 1


def test_find(run):
    assert runs.find(run.id) == run
    for name in (
        "",
        ".",
        "..",
        "../runs",
        f"../runs/{run.id}",
        f"{run.id}/",
        f"{run.id}\n",
        "cnn_1",
        run.id[:-1] + "x",
    ):
        with pytest.raises(RunError, match="There is no run"):
            runs.find(name)
    with pytest.raises(RunError) as caught:
        runs.find("cnn_1-" + "9" * 5_000)
    assert len(str(caught.value)) < 300


def test_runs_are_listed_newest_first_and_nothing_else(runs_folder):
    assert runs.list_runs() == []
    names = ["cnn_2-20261122-120000-0000", "cnn_1-20261122-120001-0000", "minivggnet-20251231-235959-ffff"]
    for name in (*names, "notes", ".cnn_1-20261122-120001-0000.importing", "cnn_1-2026"):
        (runs_folder / name).mkdir(parents=True)
    (runs_folder / "cnn_1-20261122-120005-0000").write_text("a file")
    assert [run.id for run in runs.list_runs()] == [names[1], names[0], names[2]]


def test_shipped_baselines_come_after_every_shipped_network(runs_folder, tmp_path):
    """Whatever is newer: who opens a list of runs looks for a network."""
    names = ["gaussian_nb-20991231-000000-0000", "cnn_2-20261122-120000-0000", "cnn_1-20261122-110000-0000"]
    for name in names:
        (tmp_path / "shipped" / name).mkdir(parents=True)
    (runs_folder / "svc_rbf-20261122-120000-0001").mkdir(parents=True)
    listed = [run.id for run in runs.list_runs()]
    assert listed == ["svc_rbf-20261122-120000-0001", names[1], names[2], names[0]]


def test_shipped_runs_come_last_and_stay(run, tmp_path):
    shutil.copytree(run.folder, tmp_path / "shipped" / "cnn_1-20991231-000000-0000")
    assert [found.shipped for found in runs.list_runs()] == [False, True]
    shipped = runs.find("cnn_1-20991231-000000-0000")
    assert shipped.shipped
    with pytest.raises(RunError, match="comes with the app"):
        runs.delete(shipped)
    assert shipped.folder.exists()
    assert catalogue.default_run(catalogue.list_rows()).run == shipped


# States


def test_job_of_a_living_process_is_at_work(run):
    assert change_status(run).state == "running"
    assert change_status(run, state="queued").state == "queued"


def test_interrupted_is_concluded_of_a_dead_process(run):
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    started = psutil.Process(child.pid).create_time()
    assert change_status(run, pid=child.pid, pid_started=started).state == "running"
    child.communicate()
    status = runs.read_status(run)
    assert status.state == "interrupted"
    assert status.message == "The job ended without a word after 1 of 2 epochs. Resume goes on from there."
    assert change_status(run, state="queued", pid=child.pid, pid_started=started).state == "interrupted"


def test_interrupted_is_concluded_of_a_zombie(run):
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    process = psutil.Process(child.pid)
    started = process.create_time()
    child.stdin.close()
    while process.status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    assert change_status(run, pid=child.pid, pid_started=started).state == "interrupted"
    child.wait()


def test_interrupted_is_concluded_of_a_number_that_another_process_has_now(run):
    started = psutil.Process().create_time()
    assert change_status(run, pid_started=started - 100).state == "interrupted"
    assert change_status(run, pid_started=None).state == "interrupted"


def test_job_on_another_machine_lives_by_its_heartbeat(run):
    now, elsewhere = time.time(), {"host": "elsewhere", "pid": 1, "pid_started": 0.0}
    assert change_status(run, heartbeat=now - 5, **elsewhere).state == "running"
    assert change_status(run, heartbeat=now - 2 * status.HEARTBEAT_LIMIT, **elsewhere).state == "interrupted"


def test_job_that_never_began_is_interrupted(run):
    nobody = {"state": "queued", "pid": None, "pid_started": None, "host": ""}
    assert change_status(run, **nobody).state == "queued"
    late = time.time() - 2 * status.HEARTBEAT_LIMIT
    assert change_status(run, **nobody, queued_at=late, heartbeat=late).state == "interrupted"
    assert change_status(run, **nobody, queued_at=late, heartbeat=time.time()).state == "queued"  # started just now
    assert change_status(run, **nobody, queued_at=late, heartbeat=late, awaits_process=True).state == "queued"


@pytest.mark.parametrize("state", ["done", "cancelled", "failed"])
def test_ended_job_needs_no_process(run, state):
    assert change_status(run, state=state, pid=2**22 + 1).state == state


def test_interrupted_is_never_written(run):
    with pytest.raises(RunError, match="status.json cannot be read"):
        change_status(run, state="interrupted")


# Damage


DAMAGES = {
    "missing": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
    "cut": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "garbage": lambda path: path.write_bytes(np.random.default_rng(0).bytes(5_000)),
    "text": lambda path: path.write_text("<html>moved</html>"),
    "zeros": lambda path: path.write_bytes(bytes(5_000)),
    "nested": lambda path: path.write_text("[" * 100_000),
    "long number": lambda path: path.write_text('{"epoch": ' + "9" * 10_000 + "}"),
    "folder": lambda path: (path.unlink(), path.mkdir()),
    "link to itself": lambda path: (path.unlink(), path.symlink_to(path)),
}


@pytest.mark.some(2)
@pytest.mark.parametrize("damage", list(DAMAGES))
@pytest.mark.parametrize("name", [*JSON_FILES, *ARRAY_FILES, "metrics.jsonl", "model.onnx"])
def test_damaged_file_is_explained(run, name, damage):
    healthy = Run(run.folder.with_name("cnn_1-20200101-000000-0000"))
    shutil.copytree(run.folder, healthy.folder)
    DAMAGES[damage](run.folder / name)
    sentences = read_everything(run)
    assert_sentences(sentences, run)
    assert bool(sentences) == (name != "metrics.jsonl")
    rows = {row.run.id: row for row in catalogue.list_rows()}
    assert set(rows) == {run.id, healthy.id}
    assert rows[healthy.id].usable and not rows[healthy.id].problem
    if name in JSON_FILES:
        assert name in rows[run.id].problem and "damaged" in rows[run.id].problem and not rows[run.id].usable
    elif name != "metrics.jsonl" and damage not in ("missing", "folder", "link to itself"):
        assert all(f"its {name} cannot be" in sentence for sentence in sentences)
    assert not read_everything(healthy)


def test_every_file_may_be_damaged_at_once(run):
    for path in [path for path in run.folder.rglob("*") if path.is_file()]:
        path.write_bytes(b"\x00\xff")
    assert len(read_everything(run)) == 8


def test_empty_run_folder(run):
    shutil.rmtree(run.folder)
    run.folder.mkdir()
    sentences = read_everything(run)
    assert_sentences(sentences, run)
    row = catalogue.describe(run)
    assert (row.state, row.model) == ("damaged", "cnn_1")
    assert row.problem == f"The run {run.id} is damaged: its config.json is missing. Delete the run and train it again."
    assert any("has no model yet" in sentence for sentence in sentences)
    fitted = Run(run.folder.rename(run.folder.with_name(run.id.replace("cnn_1", "k_neighbors"))))
    row = catalogue.describe(fitted)
    assert (row.state, row.kind, row.title) == ("damaged", "classical", "Nearest neighbours")


def paths_of(value, way=()):
    """The way to every value inside a JSON value, the whole of it first."""
    yield way
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from paths_of(item, (*way, key))


def replaced(value, way, new):
    if not way:
        return new
    copy = value.copy()
    copy[way[0]] = replaced(value[way[0]], way[1:], new)
    return copy


@pytest.mark.some(2)
@pytest.mark.parametrize("name", JSON_FILES)
def test_wrong_types_anywhere_are_explained(run, name):
    """Each value of the file in turn becomes each of WRONG, or is left out."""
    original = json.loads((run.folder / name).read_text())
    for way in list(paths_of(original)):
        for new in WRONG:
            write_json(run, name, replaced(original, way, new))
            assert_sentences(read_everything(run, JSON_READERS), run)
        if way and isinstance(way[-1], str):
            parent = replaced(original, way, None)
            place = parent
            for step in way[:-1]:
                place = place[step]
            del place[way[-1]]
            write_json(run, name, parent)
            assert_sentences(read_everything(run, JSON_READERS), run)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("config.json", {"class_names": "abc"}),
        ("config.json", {"class_names": []}),
        ("config.json", {"class_names": [1, 2]}),
        ("config.json", {"versions": [["a", "b"]]}),
        ("config.json", {"machine": None}),
        ("config.json", {"created": 5}),
        ("status.json", {"state": "resting"}),
        ("status.json", {"epoch": "1"}),
        ("status.json", {"epochs": None}),
        ("status.json", {"message": None}),
        ("status.json", {"heartbeat": "now"}),
        ("status.json", {"mood": "fine"}),
        ("status.json", {"heartbeat": float("inf")}),
        ("result.json", {"test_loss": float("nan")}),
        ("result.json", {"test_accuracy": "high"}),
        ("result.json", {"test_accuracy": None}),
        ("result.json", {"test_accuracy": 1.5}),
        ("result.json", {"val_accuracy": [0.9]}),
        ("result.json", {"images_per_second": "many"}),
        ("result.json", {"epochs": "2"}),
        ("result.json", {"parameters": {}}),
        ("result.json", {"files": []}),
        ("result.json", {"files": {"model.onnx": "abc"}}),
    ],
)
def test_value_of_a_wrong_type_is_damage(run, name, changes):
    write_json(run, name, json.loads((run.folder / name).read_text()) | changes)
    sentences = read_everything(run, JSON_READERS)
    assert len(sentences) == 1 and f"its {name} cannot be read" in sentences[0]


def test_result_is_awaited_while_the_job_works_and_missed_when_it_is_done(run):
    (run.folder / "result.json").unlink()
    change_status(run)
    with pytest.raises(RunError, match="has not finished"):
        runs.read_result(run)
    change_status(run, state="done")
    with pytest.raises(RunError, match="result.json is missing"):
        runs.read_result(run)


# What lies in place of a file


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize(
    "name", [*JSON_FILES, *ARRAY_FILES, "model.onnx", "metrics.jsonl", "log.txt", "claim", "replay/001.npz"]
)
def test_nobody_waits_for_what_is_no_file(run, name, kind):
    put_in_place_of(run.folder / name, kind)
    with at_once():
        if name == "claim":  # it is looked at where a job seems to be at work
            change_status(run, pid_started=0.0)
        sentences = read_everything(run)
        row = catalogue.describe(run)
        if name.startswith("replay"):
            with pytest.raises(RunError, match="001.npz cannot be read"):
                replay.load(run)
    assert_sentences(sentences, run)
    assert any(f"its {name} cannot be" in sentence for sentence in sentences) == (name in READ)
    assert (row.state == "damaged" or row.problem != "") == (name in JSON_FILES)
    runs.delete(run)
    assert not run.folder.exists()


@pytest.mark.parametrize("kind", ODD)
def test_photo_calibrations_and_robustness_are_not_waited_for(run, monkeypatch, kind):
    monkeypatch.setattr(photo_calibrations, "make", lambda *_: None)
    monkeypatch.setattr(photo_calibrations, "save", lambda *_: None)
    place = photo_calibrations.place(run)
    place.parent.mkdir(parents=True)
    put_in_place_of(place, kind)
    put_in_place_of(run.folder / robustness_records.FILE, kind)
    with at_once():
        assert photo_calibrations.calibration(run, open_classifier(run)) is None  # made anew
        with pytest.raises(RunError, match="The robustness figures of .* cannot be read"):
            robustness_records.load(run)


# Metrics


def test_half_written_last_line_is_no_damage(run):
    path = run.folder / "metrics.jsonl"
    whole = runs.read_metrics(run)
    assert [line.epoch for line in whole if isinstance(line, EpochLine)] == [1, 2]
    text = path.read_bytes()
    last = text[:-1].rfind(b"\n") + 1
    for end in range(last, len(text) - 1):
        path.write_bytes(text[:end])
        assert runs.read_metrics(run) == whole[:-1]


@pytest.mark.parametrize("kind", ["batch", "epoch"])
def test_lines_of_wrong_types_are_left_out(run, kind):
    path = run.folder / "metrics.jsonl"
    lines = map(json.loads, path.read_text().splitlines())
    good = next(line for line in lines if line["kind"] == kind)
    read = records.parse_line(json.dumps(good))
    for name in good:
        for new in WRONG:
            path.write_text(json.dumps(good | {name: new}) + "\n" + json.dumps(good) + "\n")
            assert runs.read_metrics(run)[-1] == read
            read_everything(run, ())
        path.write_text(json.dumps({key: value for key, value in good.items() if key != name}) + "\n")
        read_everything(run, ())


@pytest.mark.parametrize(
    "changes",
    [{"loss": "1"}, {"accuracy": []}, {"epoch": 1.5}, {"epoch": 0}, {"seconds": None}, {"images_per_second": "x"}]
    + [{"steps": 0}, {"step": None}, {"kind": "week"}, {"val_recall": 3}, {"val_recall": ["x"]}, {"val_loss": "x"}],
)
def test_line_that_no_chart_could_draw_is_left_out(run, changes):
    lines = map(json.loads, (run.folder / "metrics.jsonl").read_text().splitlines())
    good = next(line for line in lines if line["kind"] == ("batch" if "steps" in changes else "epoch"))
    (run.folder / "metrics.jsonl").write_text(json.dumps(good | changes) + "\n")
    assert runs.read_metrics(run) == []


# Arrays


def load_arrays(path: Path) -> dict[str, np.ndarray]:
    with np.load(path) as arrays:
        return dict(arrays)


def test_stored_predictions(run):
    test = predictions.load(run, "test")
    np.testing.assert_array_equal(test.indices, np.arange(10_000))
    np.testing.assert_array_equal(test.labels, data.load_split("test").labels)
    assert test.logits.shape == (10_000, 10) and test.logits.dtype == np.float32 and test.source == "test"
    validation = predictions.load(run, "validation")
    np.testing.assert_array_equal(validation.indices, np.arange(59_500, 60_000))
    assert validation.source == "train"
    np.testing.assert_array_equal(validation.images_at(slice(None)), data.load_split("train").images[59_500:])
    train = predictions.load(run, "train")
    assert len(train.labels) == 600 and (np.diff(train.indices) > 0).all()
    for array in (test.indices, test.labels, test.logits):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


@pytest.mark.parametrize(
    "change",
    [
        lambda indices: (indices[:1], 1),  # pages compare runs picture by picture, and draw sixteen
        lambda indices: (np.zeros_like(indices), len(indices)),
        lambda indices: (indices.astype(np.int64) - len(indices), len(indices)),  # counted from the end
    ],
    ids=["one", "the same", "below zero"],
)
def test_predictions_that_are_not_of_each_test_picture_are_damage(run, change):
    arrays = load_arrays(run.folder / "predictions.npz")
    indices, count = change(arrays["test_indices"])
    changed = arrays | {"test_indices": indices, "test_logits": arrays["test_logits"][:count]}
    np.savez(run.folder / "predictions.npz", **changed)
    with pytest.raises(RunError, match=r"predictions.npz cannot be read \(ValueError\)"):
        predictions.load(run, "test")


def test_logits_of_other_classes_than_the_runs_are_damage(run):
    predictions.save(run, {"test": (np.arange(10_000), np.zeros((10_000, 9)))})
    with pytest.raises(RunError, match="its predictions.npz cannot be read"):
        predictions.load(run, "test")


def test_run_without_validation_says_so(run):
    chosen = dataclasses.replace(runs.read_config(run).recipe, split=Split("none", 0), keep="last")
    write_json(run, "config.json", as_plain(runs.config_of(chosen)))
    with pytest.raises(RunError, match="no validation pictures: its recipe sets no validation split aside"):
        predictions.load(run, "validation")


def test_logits_beyond_float16_keep_their_order_and_probabilities(run):
    large = np.full((10_000, 10), -5e5, np.float32)
    large[:3, :3] = [[2e5, 1e5, 199_990.0], [1.0, 2.0, 3.0], [-3e5, -1e5, -2e5]]
    predictions.save(run, {"test": (np.arange(10_000), large)})
    loaded = predictions.load(run, "test").logits
    np.testing.assert_array_equal(loaded[:3].argmax(axis=1), [0, 2, 1])
    np.testing.assert_array_equal(loaded[1, :3] - loaded[1, 2], [-2, -1, 0])
    assert loaded[0, 0] - loaded[0, 2] == 10


BAD_ARRAYS = {
    "missing one": lambda arrays: {k: v for k, v in arrays.items() if not k.endswith(("_logits", "coordinates"))},
    "text": lambda arrays: {k: np.array(["x"] * 4) for k in arrays},
    "scalars": lambda arrays: {k: np.array(1.0) for k in arrays},
    "empty": lambda arrays: {k: v[:0] if v.ndim else v for k, v in arrays.items()},
    "not finite": lambda arrays: {k: np.full(v.shape, np.nan, np.float32) for k, v in arrays.items()},
    "one row less": lambda arrays: {k: v[:-1] if "logits" in k or k == "components" else v for k, v in arrays.items()},
    "infinite": lambda arrays: {k: v if v.dtype.kind == "u" else v + np.inf for k, v in arrays.items()},
    "out of range": lambda arrays: {
        k: np.full_like(v, 60_000) if k.endswith("indices") else v if "logits" in k else v[..., None]
        for k, v in arrays.items()
    },
    "other widths": lambda arrays: {k: v[:-1] if k == "mean" else v.T for k, v in arrays.items()},
    "complex": lambda arrays: {k: v.astype(complex) for k, v in arrays.items()},
    "objects": lambda arrays: {k: np.array([{}], object) for k in arrays},
}


@pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")
@pytest.mark.parametrize("damage", list(BAD_ARRAYS))
@pytest.mark.parametrize("name", ARRAY_FILES)
def test_arrays_of_another_kind_are_damage(run, name, damage):
    arrays = BAD_ARRAYS[damage](load_arrays(run.folder / name))
    np.savez(run.folder / name, **arrays)
    readers = ARRAY_READERS[:3] if name == "predictions.npz" else ARRAY_READERS[3:]
    sentences = read_everything(run, readers)
    assert_sentences(sentences, run)
    assert len(sentences) == len(readers)
    assert all("cannot be read" in sentence or "no validation pictures" in sentence for sentence in sentences)


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::SyntaxWarning")
def test_damage_anywhere_in_arrays_is_a_value_error(tmp_path):
    """Bytes of a small file are changed, in its headers and in its content."""
    generator, path = np.random.default_rng(0), tmp_path / "arrays.npz"
    arrays = {"logits": generator.normal(size=(300, 10)).astype(np.float16), "indices": np.arange(300, dtype=np.uint16)}
    stored_arrays.save(path, arrays)
    good, refused = path.read_bytes(), 0
    for _ in range(1_500):
        content = bytearray(good)
        for position in generator.integers(0, len(content), generator.integers(1, 6)):
            content[position] = generator.integers(0, 256)
        path.write_bytes(content)
        try:
            stored_arrays.load(path)
        except ValueError:
            refused += 1
    assert refused > 1_200


def test_array_that_claims_to_be_enormous_is_damage(run):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f4", "fortran_order": False, "shape": (1 << 44, 10)})
    with zipfile.ZipFile(run.folder / "predictions.npz", "w") as archive:
        for split in predictions.SPLITS:
            archive.writestr(f"{split}_logits.npy", header.getvalue())
            archive.writestr(f"{split}_indices.npy", header.getvalue())
    assert_sentences(sentences := read_everything(run, ARRAY_READERS), run)
    assert len(sentences) == 3


def test_arrays_are_replaced_in_one_step(run, monkeypatch):
    """A page may read while the job of a resumed run writes."""
    before = predictions.load(run, "test")

    def fail(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    for save in (
        lambda: predictions.save(run, {"test": (np.arange(1), np.zeros((1, 10)))}),
        lambda: feature_map.save(run, np.random.default_rng(0).random((100, 20))),
    ):
        with pytest.raises(OSError, match="No space left"):
            save()
    np.testing.assert_array_equal(predictions.load(run, "test").logits, before.logits)
    assert feature_map.load(run).coordinates.shape[0] == 10_000
    assert not [path for path in run.folder.rglob(".*")]


def test_feature_map_is_the_pca_of_the_features(run):
    found = feature_map.load(run)
    assert found.coordinates.shape == (10_000, 64) and found.coordinates.dtype == np.float32
    features = open_classifier(run).features(data.load_split("test").images[:300])
    np.testing.assert_allclose(found.pca.transform(features), found.coordinates[:300], atol=0.02, rtol=0.01)


def test_feature_map_of_huge_features_stays_finite(run):
    """Without normalization, and with a learning rate far too large, features leave the range of float16."""
    feature_map.save(run, 1e6 * np.random.default_rng(0).normal(size=(100, 20)).astype(np.float32))
    found = feature_map.load(run)
    assert np.isfinite(found.coordinates).all() and np.abs(found.coordinates).max() == 65_504


def test_classifier_refuses_other_models_and_layers(run):
    classifier = open_classifier(run)
    assert set(classifier.layers) == {"conv1", "pool1", "conv2", "conv3", "pool2"}
    assert classifier.activation(np.zeros((3, 28, 28), np.uint8), "conv1").shape == (3, 26, 26, 32)
    with pytest.raises(ValueError, match="Unknown layer 'conv9'. Choose one of: .*conv1"):
        classifier.activation(np.zeros((1, 28, 28), np.uint8), "conv9")
    images = np.random.default_rng(0).integers(0, 256, (521, 28, 28), np.uint8)
    np.testing.assert_allclose(classifier.logits(images)[500:], classifier.logits(images[500:]), atol=1e-5)
    assert classifier.features(images).shape == (521, 1024)


@pytest.mark.parametrize("count", [1, 7, 17, 251, 521])
def test_requests_that_are_shared_out_are_answered_alike(run, count):
    images = np.random.default_rng(0).integers(0, 256, (count, 28, 28), np.uint8)
    shared, alone = open_classifier(run, threads=1), open_classifier(run, threads=2)
    names = ["logits", "features"]
    for one, other in zip(shared.run(images, names), alone.run(images, names), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_onnx_model_of_another_kind_is_damage(run):
    from onnx import TensorProto, helper, save

    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["y"])],
        "other",
        [value("x", TensorProto.FLOAT, [1])],
        [value("y", TensorProto.FLOAT, [1])],
    )
    opset = [helper.make_opsetid("", 17)]
    save(helper.make_model(graph, opset_imports=opset, ir_version=9), run.folder / "model.onnx")
    with pytest.raises(RunError, match="its model.onnx cannot be opened"):
        open_classifier(run)


# Deleting


@pytest.mark.parametrize("state", ["queued", "running"])
def test_run_at_work_is_not_deleted(run, state):
    change_status(run, state=state)
    with pytest.raises(RunError, match="still at work. Stop it first"):
        runs.delete(run)
    assert (run.folder / "model.onnx").exists()


@pytest.mark.parametrize("state", ["done", "cancelled", "failed"])
def test_stopped_run_is_deleted(run, state):
    change_status(run, state=state)
    runs.delete(run)
    assert not run.folder.exists()


def test_what_was_computed_of_a_run_goes_with_it(run):
    other = run.id[:-1] + ("0" if run.id[-1] != "0" else "1")
    mine = [folders.results_folder() / f"{kind}-{run.id}" for kind in ("photos", "robustness", "trust", "map")]
    others = [folders.results_folder() / f"{kind}-{other}" for kind in ("photos", "robustness")]
    for folder in (*mine, *others):
        (folder / "inside").mkdir(parents=True)
    (run.folder / ".123-0123abcd.checkpoint.npz").touch()
    runs.delete(run)
    assert not run.folder.exists() and not any(folder.exists() for folder in mine)
    assert all(folder.exists() for folder in others)


def test_interrupted_run_is_deleted(run):
    change_status(run, pid_started=0.0)
    runs.delete(run)
    assert not run.folder.exists()


@pytest.mark.parametrize("name", JSON_FILES)
def test_damaged_run_is_deleted_as_its_sentence_advises(run, name):
    (run.folder / name).write_text("{")
    assert "Delete the run" in catalogue.describe(run).problem
    runs.delete(run)
    assert not run.folder.exists()


def test_failing_deletion_is_explained(run, monkeypatch):
    def fail(path, **options):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(shutil, "rmtree", fail)
    with pytest.raises(RunError, match=f"{run.id} cannot be removed: Permission denied"):
        runs.delete(run)


# Where nothing can be written


def no_space(*arguments, **options):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_runs_folder_that_cannot_be_made_is_explained(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FMNIST_RUNS", str(tmp_path / "file" / "runs"))
    with pytest.raises(RunError, match="cannot be stored in the folder of runs: Not a directory.*set FMNIST_RUNS"):
        runs.create(tiny_recipe())
    assert runs.list_runs() == []
    with pytest.raises(RunError, match="There is no run"):
        runs.find("cnn_1-20261122-120000-0000")


@pytest.mark.parametrize("place", ["os.replace", "pathlib.Path.write_text", "pathlib.Path.mkdir"])
def test_full_disk_is_explained_and_leaves_no_half_run(place, runs_folder, monkeypatch):
    runs_folder.mkdir()
    monkeypatch.setattr(place, no_space)
    with pytest.raises(RunError, match="cannot be stored in .*: No space left on device. Free some space"):
        runs.create(tiny_recipe())
    monkeypatch.undo()
    assert list(runs_folder.iterdir()) == []


def test_failed_replacement_leaves_the_old_file_and_no_other(run, monkeypatch):
    before = (run.folder / "status.json").read_bytes()
    monkeypatch.setattr(os, "replace", no_space)
    with pytest.raises(OSError):
        write_status(run.folder, Status("failed"))
    assert (run.folder / "status.json").read_bytes() == before
    assert not list(run.folder.glob(".*"))


# The catalogue


def test_row_of_a_finished_run(run):
    row = catalogue.describe(run)
    assert (row.state, row.model, row.usable, row.problem) == ("done", "cnn_1", True, "")
    assert row.recipe == runs.read_config(run).recipe
    low, high = row.interval
    assert low < row.test_accuracy < high


def test_run_at_work_again_has_no_result_that_fits(run):
    change_status(run)
    row = catalogue.describe(run)
    assert (row.usable, row.problem) == (False, "")
    change_status(run, state="cancelled")
    assert catalogue.describe(run).usable


def test_default_run_is_the_best_by_validation(run):
    def row(name: str, val_accuracy: float | None, test_accuracy: float, shipped: bool = False) -> catalogue.Row:
        result = made_up_result(val_accuracy=val_accuracy, test_accuracy=test_accuracy)
        return catalogue.Row(Run(Path(name), shipped), None, None, result)

    unfinished = dataclasses.replace(row("unfinished", 0.99, 0.99), result=None)
    rows = [row("none", None, 0.99), row("worse", 0.8, 0.95), row("better", 0.9, 0.85), unfinished]
    assert catalogue.default_run(rows).run.id == "better"
    rows += [row("shipped worse", 0.5, 0.5, True), row("shipped", 0.6, 0.4, True)]
    assert catalogue.default_run(rows).run.id == "shipped"
    rows += [row(f"flagship-{name}", accuracy, 0.5, True) for name, accuracy in (("worse", 0.1), ("best", 0.2))]
    assert catalogue.default_run([*rows, row("flagship-own", 0.9, 0.9)]).run.id == "flagship-best"
    assert catalogue.default_run([unfinished]) is None


def test_of_flagships_with_a_replay_validation_chooses_whatever_their_seed(run, tmp_path):
    config = runs.read_config(run)

    def row(seed: int, accuracy: float, replayed: bool) -> catalogue.Row:
        seeded = dataclasses.replace(config, recipe=dataclasses.replace(config.recipe, seed=seed))
        folder = tmp_path / f"flagship-{seed}"
        (folder / "replay" if replayed else folder).mkdir(parents=True)
        return catalogue.Row(Run(folder, True), seeded, None, made_up_result(val_accuracy=accuracy))

    rows = [row(0, 0.7, True), row(1, 0.9, False), row(2, 0.8, True)]
    assert catalogue.default_run(rows).run.id == "flagship-2"


def test_accuracy_without_test_time_augmentation():
    def plain_accuracy(result: Result | None) -> float | None:
        row = catalogue.Row(Run(Path("cnn_2-1")), None, None, result)
        return row.test_accuracy_without_test_time_augmentation

    plain = ModelFigures(test_accuracy=0.8, test_loss=0.4, val_accuracy=None, val_loss=None)
    assert plain_accuracy(made_up_result(without_test_time_augmentation=plain)) == 0.8
    assert plain_accuracy(made_up_result(test_accuracy=0.9)) == 0.9
    assert plain_accuracy(None) is None


def test_a_result_of_an_earlier_version_still_reads(run):
    """Its names were others, and a later version may say more."""
    stored = json.loads((run.folder / "result.json").read_text())
    before = runs.read_result(run)
    old = {
        "one_look": {"test_accuracy": 0.5, "test_loss": 1.5},
        "taught": {"from": "cnn_1-20260101-000000-0000", "names": ["Bars"], "examples": [8]},
        "weights": None,
        "not known here": 1,
    }
    write_json(run, "result.json", stored | old)
    plain = ModelFigures(test_accuracy=0.5, test_loss=1.5, val_accuracy=None, val_loss=None)
    taught = Taught("cnn_1-20260101-000000-0000", ("Bars",), (8,))
    found = runs.read_result(run)
    assert found == dataclasses.replace(before, without_test_time_augmentation=plain, taught=taught)
    runs.write_result(run, found)
    assert runs.read_result(run) == found
    assert not {"one_look", "from"} & set((run.folder / "result.json").read_text().split('"'))
    write_json(run, "result.json", stored | {"one_look": None})
    assert runs.read_result(run) == before


def test_a_line_of_metrics_is_read_as_it_was_written(run):
    lines = runs.read_metrics(run)
    written = [json.loads(text) for text in (run.folder / "metrics.jsonl").read_text().splitlines()]
    assert [json.loads(json.dumps(records.line_to_json(line))) for line in lines] == written
    more = json.dumps(written[-1] | {"not known here": 1})
    assert records.parse_line(more) == lines[-1]


def test_recipe_without_validation_is_unlike_a_damaged_run(run):
    config = json.loads((run.folder / "config.json").read_text())
    config["recipe"] = recipe.to_json(dataclasses.replace(tiny_recipe(), split=Split("none", 0)))
    write_json(run, "config.json", config)
    result = json.loads((run.folder / "result.json").read_text())
    write_json(run, "result.json", result | {"val_accuracy": None, "val_loss": None})
    assert catalogue.describe(run).usable
