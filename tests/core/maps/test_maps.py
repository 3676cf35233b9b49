"""Stored maps and the jobs that make them: on a few hundred pictures, in processes of their own where it matters.

Run: python -m pytest tests/core/maps/test_maps.py
"""

import dataclasses
import errno
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from fmnist_core import data
from fmnist_core.cli.command_line import main
from fmnist_core.embedding.layout import Layout
from fmnist_core.embedding.neighbours import nearest
from fmnist_core.embedding.quality import kept_neighbours, trustworthiness
from fmnist_core.jobs import lifecycle, queue, slot, worker
from fmnist_core.jobs.status import Status
from fmnist_core.maps import map_jobs, map_making, map_vectors, maps, vectors
from fmnist_core.maps.map_spec import (
    MapSpec,
    Parameters,
    PictureChoice,
    check,
    images_at,
    labels_at,
    parse_spec,
    resolve,
)
from fmnist_core.maps.maps import Figures, MapFiles
from fmnist_core.runs import predictions
from fmnist_core.runs.runs import Run
from fmnist_core.storage import folders
from fmnist_core.storage.folders import RunError
from tests.tiny import shipped_run

ROOT = folders.PROJECT
FEW = PictureChoice(positions=tuple(range(120)))


@pytest.fixture
def own(runs_folder) -> Run:
    """An own run: a copy of a small shipped one, so that nothing has to be trained."""
    shipped = shipped_run("cnn_1")
    its_maps = shutil.ignore_patterns("tsne-*", "umap-*")
    shutil.copytree(shipped.folder, runs_folder / shipped.id, ignore=its_maps)
    return Run(runs_folder / shipped.id)


def spec_of(run: Run | None, method: str = "tsne", pictures: PictureChoice = FEW, **changes) -> MapSpec:
    names = {field.name for field in dataclasses.fields(Parameters)}
    chosen = {name: changes.pop(name) for name in list(changes) if name in names}
    parameters = Parameters(**({"iterations": 60, "perplexity": 10.0} | chosen))
    return MapSpec(method, run=run.id if run else None, pictures=pictures, parameters=parameters, **changes)


def make(spec: MapSpec) -> tuple[MapFiles, Status]:
    """Makes a map in this process."""
    where, wanted = map_jobs.prepare(spec)
    assert wanted
    return where, worker.work(map_jobs.job(where))


def wait_for(condition, what: str, seconds: float = 90) -> None:
    end = time.time() + seconds
    while not condition():
        assert time.time() < end, f"waited in vain for {what}"
        time.sleep(0.05)


# What is asked for


def test_the_same_wish_has_the_same_name(own):
    spec = spec_of(own)
    assert spec.name == parse_spec(json.loads(json.dumps(dataclasses.asdict(spec)))).name
    same = [spec_of(own, n_neighbors=7), spec_of(own, pictures=PictureChoice(positions=(*range(119, -1, -1), 5)))]
    assert {other.name for other in same} == {spec.name}
    others = [
        spec_of(own, perplexity=11.0),
        spec_of(own, dims=3),
        spec_of(own, of="conv1"),
        spec_of(own, spherize=True),
        spec_of(own, pictures=PictureChoice()),
        spec_of(own, "umap"),
        spec_of(own, "pca"),
    ]
    assert len({other.name for other in [spec, *others]}) == 8
    assert spec.name.startswith("tsne-features-2d-") and others[2].name.startswith("tsne-conv1-2d-")
    assert spec_of(own, of="pixels").name == spec_of(None, of="pixels").name


def test_a_run_that_went_on_has_other_maps(own):
    before = spec_of(own).name
    result = json.loads((own.folder / "result.json").read_text())
    result["files"]["predictions.npz"]["sha256"] = "0" * 64
    (own.folder / "result.json").write_text(json.dumps(result))
    assert spec_of(own).name != before


def test_pictures_are_chosen(own):
    labels = {split: data.load_split(split).labels for split in data.SPLITS}
    assert len(resolve(spec_of(own, pictures=PictureChoice()))) == 10_000
    assert len(resolve(spec_of(own, pictures=PictureChoice("train")))) == 60_000
    both = resolve(spec_of(own, pictures=PictureChoice("both", label=8)))
    assert len(both) == 7_000 and (labels["train"][both[:6_000]] == 8).all()
    assert (labels["test"][both[6_000:] - 60_000] == 8).all()
    stored = predictions.load(own, "test")
    wrong = np.flatnonzero(stored.predicted != stored.labels)
    np.testing.assert_array_equal(resolve(spec_of(own, pictures=PictureChoice(errors=True))), wrong)
    listed = PictureChoice(label=int(labels["test"][wrong[0]]), errors=True, positions=(int(wrong[0]), int(wrong[1])))
    assert wrong[0] in resolve(spec_of(own, pictures=listed))


def test_training_errors_are_those_of_all_that_was_seen(own):
    found = resolve(spec_of(own, pictures=PictureChoice("both", errors=True)))
    wrong = 0
    for split in ("train", "validation", "test"):
        try:
            stored = predictions.load(own, split)
        except RunError:
            continue
        wrong += int((stored.predicted != stored.labels).sum())
    assert len(found) == wrong and (np.diff(found) > 0).all() and found[-1] >= 60_000


def test_both_splits_follow_each_other():
    positions = np.array([0, 59_999, 60_000, 69_999])
    train, test = data.load_split("train"), data.load_split("test")
    np.testing.assert_array_equal(labels_at("both", positions), [*train.labels[[0, -1]], *test.labels[[0, -1]]])
    np.testing.assert_array_equal(images_at("both", positions)[2], test.images[0])


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (MapSpec("tsne"), "Without a run there is only a map of the pixels"),
        (MapSpec("tsne", "pixels", pictures=PictureChoice(errors=True)), "Without a run"),
        (MapSpec("lle", "pixels"), "Unknown method 'lle'. Choose one of: pca, tsne, umap"),
        (MapSpec("pca", "pixels", dims=4), "cannot have 4 dimensions"),
        (MapSpec("tsne", "pixels", parameters=Parameters(perplexity=0)), "perplexity cannot be 0. Expected 1 to 1000"),
        (MapSpec("tsne", "pixels", parameters=Parameters(seed=-1)), "seed cannot be -1"),
    ],
)
def test_what_cannot_be_is_refused(spec, words):
    with pytest.raises(ValueError, match=words):
        check(spec)
    with pytest.raises(ValueError, match=words):
        map_jobs.submit(spec)


def test_no_picture_left_is_refused(own):
    stored = predictions.load(own, "test")
    right = int(np.flatnonzero(stored.predicted == stored.labels)[0])
    with pytest.raises(ValueError, match="No picture fits all that was chosen"):
        map_jobs.submit(spec_of(own, pictures=PictureChoice(errors=True, positions=(right,))))
    with pytest.raises(ValueError, match="outside the test pictures. Expected 0 to 9999"):
        map_jobs.submit(spec_of(own, pictures=PictureChoice(positions=(10_000,))))
    with pytest.raises(ValueError, match="No picture fits"):
        map_jobs.submit(spec_of(own, pictures=PictureChoice(positions=())))


# What is stored


@pytest.mark.parametrize("method", ["pca", "tsne", "umap"])
@pytest.mark.parametrize("dims", [2, 3])
def test_a_map_is_made_and_found_again(own, method, dims):
    spec = spec_of(own, method, dims=dims, iterations=300)
    where, status = make(spec)
    assert (status.state, status.message) == ("done", "")
    assert where.file == own.folder / "maps" / f"{spec.name}.npz" and not where.job.exists()
    assert map_jobs.prepare(spec) == (where, False) and maps.find(spec.name) == where
    assert maps.read_status(where).state == "done"
    stored = maps.load(where)
    assert stored.spec == spec.canonical
    np.testing.assert_array_equal(stored.positions, np.arange(120))
    np.testing.assert_array_equal(stored.labels, data.load_split("test").labels[:120])
    assert stored.address(7) == "test/7"
    assert stored.coordinates.shape == (120, dims) and stored.coordinates.dtype == np.float32
    _, found = map_vectors.read_vectors(spec, stored.positions)
    figures = stored.figures
    assert figures.trustworthiness == pytest.approx(trustworthiness(found, stored.coordinates))
    trust = kept_neighbours(nearest(found, 10).indices, nearest(stored.coordinates, 10).indices)
    np.testing.assert_allclose(stored.trust, trust, atol=1e-3)
    assert 0 < figures.seconds < 60 and 0.3 < figures.knn_accuracy < 1 and 0.5 < figures.continuity <= 1
    assert "64 principal components" in figures.reduced and figures.notes == ()


def test_frames_begin_with_pca_and_end_with_the_map(own):
    spec = spec_of(own)
    stored = maps.load(make(spec)[0])
    assert stored.iterations[0] == 0 and stored.iterations[-1] == stored.figures.iterations == 60
    assert stored.frames.shape == (40, 120, 2) and stored.frames.dtype == np.int16
    assert np.abs(stored.frames).max(axis=(1, 2)).tolist() == [4_095] * 40
    pca = maps.load(make(spec_of(own, "pca"))[0])
    np.testing.assert_allclose(stored.frame(0), pca.coordinates, atol=2 * stored.scales[0])
    np.testing.assert_allclose(stored.frame(-1), stored.coordinates, atol=stored.scales[-1])


def test_frames_do_not_turn_where_the_method_would(own, monkeypatch):
    def spin(vectors, dims, on_iteration, **parameters):
        layout = np.random.default_rng(0).normal(size=(len(vectors), dims)).astype(np.float32)
        layout -= layout.mean(axis=0)
        for number in range(61):
            angle = number / 5
            turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]], np.float32)
            on_iteration(number, layout @ turn)
        return Layout(layout @ turn, 60)

    monkeypatch.setattr(map_making, "tsne", spin)
    stored = maps.load(make(spec_of(own))[0])
    for number in range(len(stored.frames)):
        np.testing.assert_allclose(stored.frame(number), stored.frame(0), atol=3 * stored.scales[0])
    np.testing.assert_allclose(stored.coordinates, stored.frame(0), atol=3 * stored.scales[0])


def test_a_map_of_10_000_points_is_small(tmp_path):
    """Frames that move as t-SNE's do: by less and less of what the whole is wide."""
    random = np.random.default_rng(0)
    layout, frames, scales = random.normal(size=(10_000, 2)), [], []
    for number in range(40):
        layout = layout + random.normal(size=layout.shape) / (5 + 2 * number)
        frame, scale = maps.quantise(layout)
        frames.append(frame), scales.append(scale)
    stored = maps.Stored(
        "x",
        MapSpec("tsne", "pixels"),
        Figures(1.0, 40),
        np.arange(10_000),
        layout.astype(np.float32),
        np.stack(frames),
        np.array(scales, np.float32),
        np.arange(40),
        np.full(10_000, 0.4, np.float32),
    )
    maps.save(tmp_path / "x.npz", stored)
    assert (tmp_path / "x.npz").stat().st_size <= 1_500_000
    again = maps._read(tmp_path / "x.npz", "x")
    np.testing.assert_array_equal(again.frames, stored.frames)
    np.testing.assert_array_equal(again.coordinates, stored.coordinates)
    assert (again.spec, again.figures) == (stored.spec, stored.figures)


@pytest.mark.parametrize(("iterations", "points", "count"), [(1_000, 10_000, 39), (1_000, 70_000, 9), (5, 100, 5)])
def test_frames_are_spread_evenly(iterations, points, count):
    found = maps.frame_iterations(iterations, points)
    assert len(found) == count and found[-1] == iterations and found[0] > 0
    assert np.ptp(np.diff(found)) <= 1


def test_pixels_and_shipped_runs_have_their_maps_beside_the_runs(runs_folder):
    pixels = make(spec_of(None, "pca", of="pixels"))[0]
    assert pixels.file.parent.parent == runs_folder.parent / "results"
    assert maps.find(pixels.name) == pixels
    shipped = shipped_run("cnn_1")
    before = sorted(shipped.folder.rglob("*"))
    where, status = make(spec_of(shipped, "pca"))
    assert status.state == "done" and where.file.parent.parent == runs_folder.parent / "results"
    assert sorted(shipped.folder.rglob("*")) == before
    assert maps.find(pixels.name) == pixels and maps.find(where.name) == where


def test_a_shipped_map_is_found_and_stays(own, tmp_path, monkeypatch):
    where = make(spec_of(own, "pca"))[0]
    shutil.copytree(own.folder, tmp_path / "shipped" / own.id)
    shutil.rmtree(own.folder)
    monkeypatch.setattr(folders, "shipped_folder", lambda: tmp_path / "shipped")
    found, wanted = map_jobs.prepare(spec_of(own, "pca"))
    assert not wanted and found.file == tmp_path / "shipped" / own.id / "maps" / where.file.name
    assert maps.load(found).name == where.name and maps.find(where.name).file == found.file
    with pytest.raises(RunError, match="comes with the app and stays"):
        map_jobs.delete(found)


def test_layers_and_training_pictures_are_computed_once(own, monkeypatch):
    spec = spec_of(own, "pca", of="conv1")
    where, _ = make(spec)
    assert "conv1 gives" in maps.load(where).figures.reduced
    assert map_vectors.vectors_file(spec).exists()
    train = spec_of(own, "pca", pictures=PictureChoice("train", positions=tuple(range(80))))
    assert maps.load(make(train)[0]).address(3) == "train/3"
    monkeypatch.setattr(map_vectors, "open_classifier", None)
    assert make(spec_of(own, "tsne", of="conv1"))[1].state == "done"
    space, found = map_vectors.read_vectors(spec, np.arange(120))
    assert found.shape == (120, 65) and space.of == "conv1"


def test_pixels_of_many_pictures_are_brought_into_form_by_a_job(runs_folder, monkeypatch):
    monkeypatch.setattr(map_vectors, "MOST_PIXELS", 100)
    spec = spec_of(None, "pca", of="pixels")
    positions = resolve(spec)
    assert map_vectors.read_vectors(spec, positions) is None
    space, found = map_vectors.make_vectors(spec, positions)
    again = map_vectors.read_vectors(spec, positions)
    assert again is not None and map_vectors.vectors_file(spec).is_relative_to(folders.results_folder())
    np.testing.assert_array_equal(again[1], found)
    few = spec_of(None, "pca", PictureChoice(positions=tuple(range(100))), of="pixels")
    assert map_vectors.read_vectors(few, resolve(few)) is not None


def test_a_deleted_map_is_gone(own):
    where = make(spec_of(own, "pca"))[0]
    map_jobs.delete(where)
    assert maps.read_status(where) is None
    for name in (where.name, "../../secret", ""):
        with pytest.raises(RunError, match="There is no map"):
            maps.find(name)


@pytest.mark.parametrize("damage", [b"", b"garbage", None])
def test_a_damaged_map_says_so_and_can_be_made_again(own, damage):
    where = make(spec_of(own, "pca"))[0]
    where.file.write_bytes(where.file.read_bytes()[:-200] if damage is None else damage)
    with pytest.raises(RunError, match="is damaged and cannot be read"):
        maps.load(where)
    assert maps.read_status(where).state == "failed"
    assert make(spec_of(own, "pca"))[1].state == "done" and maps.load(where)


# Jobs


def test_a_job_streams_its_frames_to_other_processes(own):
    where = map_jobs.submit(spec_of(own, iterations=20_000))
    again = map_jobs.submit(spec_of(own, iterations=20_000))
    assert again == where
    wait_for(lambda: (where.job / "live.npz").exists(), "the first frame")
    first = maps.load(where)
    assert first.iterations[0] == 0 and "64 principal components" in first.figures.reduced and first.trust is None
    wait_for(lambda: len(maps.load(where).frames) > 2, "more frames")
    status = maps.read_status(where)
    assert status.state == "running" and status.pid != os.getpid() and 0 < status.epoch < status.epochs == 20_000
    with pytest.raises(RunError, match="still being made"):
        map_jobs.delete(where)
    lifecycle.cancel(map_jobs.job(where))
    wait_for(lambda: maps.read_status(where).state == "cancelled", "the end")
    wait_for(lambda: not where.job.exists(), "the end of the job's folder")
    stored = maps.load(where)
    assert stored.figures.stopped and 0 < stored.figures.iterations < 20_000
    assert "Stopped after" in maps.read_status(where).message and stored.trust is not None
    assert stored.iterations[-1] == stored.figures.iterations
    assert map_jobs.prepare(spec_of(own, iterations=20_000))[1]  # who asks again wants all of it
    assert len(maps.load(where).frames) == len(stored.frames)  # and sees the old one until there is a newer frame


def test_a_killed_job_is_seen_and_its_frames_stay(own):
    spec = spec_of(own, iterations=20_000)
    where = map_jobs.submit(spec)
    wait_for(lambda: (where.job / "live.npz").exists(), "the first frame")
    wait_for(lambda: len(maps.load(where).frames) > 2, "more frames")
    lifecycle.kill(map_jobs.job(where))
    wait_for(lambda: maps.read_status(where).state == "interrupted", "the death")
    assert "ended without a word after" in maps.read_status(where).message
    assert len(maps.load(where).frames) > 2
    with pytest.raises(RunError, match="no job on this machine"):
        lifecycle.kill(map_jobs.job(where))
    assert map_jobs.prepare(spec)[1]
    lifecycle.cancel(map_jobs.job(where))
    assert worker.work(map_jobs.job(where)).state == "cancelled"


def test_maps_wait_for_each_other_and_not_for_trainings(own, runs_folder):
    import fcntl

    first, _ = map_jobs.prepare(spec_of(own, "pca"))
    second, _ = map_jobs.prepare(spec_of(own, "pca", dims=3))
    assert (queue.jobs_ahead(map_jobs.job(first)), queue.jobs_ahead(map_jobs.job(second))) == (0, 1)
    with (runs_folder / ".slot-training-0").open("w") as training:
        fcntl.flock(training, fcntl.LOCK_EX)
        command = [sys.executable, "-m", "fmnist_core", "work", "map", str(second.job)]
        waiting = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
        wait_for(lambda: maps.read_status(second).pid == waiting.pid, "the second one's process")
        time.sleep(2 * slot.QUEUE_SECONDS)
        assert maps.read_status(second).state == "queued"
        assert worker.work(map_jobs.job(first)).state == "done"
        assert waiting.wait(60) == 0
    assert maps.read_status(second).state == "done"


def test_a_job_cancelled_while_it_waits_leaves_nothing(own):
    where, _ = map_jobs.prepare(spec_of(own))
    lifecycle.cancel(map_jobs.job(where))
    assert worker.work(map_jobs.job(where)).message == "Stopped before it began."
    with pytest.raises(RunError, match="shows nothing yet"):
        maps.load(where)


def test_what_fails_says_why(own, monkeypatch):
    where, status = make(spec_of(own, of="nose"))
    assert status.state == "failed" and "Unknown layer 'nose'. Choose one of: pixels, features" in status.message
    assert "Traceback" in (where.job / "log.txt").read_text()

    def broken(*arguments):
        raise vectors.VectorError("The network gives values of conv1 that are not a number.")

    with monkeypatch.context() as patch:
        patch.setattr(vectors, "fit", broken)
        assert "not a number" in make(spec_of(own, of="conv1"))[1].message

    def full(*arguments, **options):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(maps, "save", full)
        where, status = make(spec_of(own, "pca"))
    assert (status.state, maps.read_status(where).state) == ("failed", "failed")
    assert "No space left on device" in status.message
    assert make(spec_of(own, "pca"))[1].state == "done"


@pytest.mark.parametrize("method", ["pca", "tsne", "umap"])
@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_a_handful_of_pictures_is_a_map(own, method, count):
    where, status = make(spec_of(own, method, PictureChoice(positions=tuple(range(count)))))
    assert status.state == "done", status.message
    stored = maps.load(where)
    assert len(stored.coordinates) == len(stored.trust) == count
    assert (stored.figures.trustworthiness is None) == (count < 3)
    assert bool(stored.figures.notes) == (method != "pca")


def test_nothing_can_be_stored_says_so(own, monkeypatch):
    def fail(*arguments, **options):
        raise OSError(errno.EROFS, "Read-only file system")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "mkdir", fail)
        with pytest.raises(RunError, match="The map .* cannot be stored: Read-only file system"):
            map_jobs.submit(spec_of(own))
    monkeypatch.setattr(subprocess, "Popen", fail)
    with pytest.raises(RunError, match="cannot be started: Read-only file system"):
        map_jobs.submit(spec_of(own))
    assert maps.read_status(maps.files_of(spec_of(own))).state == "failed"


# The command


def call(capsys, *arguments) -> tuple[int, object, str]:
    code = main(["embed", *map(str, arguments)])
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return code, json.loads(captured.out.splitlines()[-1]) if "--json" in arguments else captured.out, captured.err


def test_embed(own, capsys):
    arguments = (own.id, "--method", "pca", "--of", "pixels", "--class", 8, "--errors", "--json")
    code, value, err = call(capsys, *arguments)
    assert code == 0 and value["map"] in err
    assert {"map", "seconds", "trustworthiness", "knn_accuracy"} <= set(value)
    assert value["knn_accuracy"] == 1  # all of one class
    stored = maps.load(maps.find(value["map"]))
    assert stored.spec.pictures == PictureChoice(label=8, errors=True) and (stored.labels == 8).all()
    assert call(capsys, *arguments)[1] == value
    text = call(capsys, *arguments[:-1])[1]
    assert "PCA of the pixels, 2D" in text and "It was there already." in text and "28 x 28 values" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no-such-run"], "There is no run"),
        ([], "Without a run there is only a map of the pixels"),
        (["--of", "pixels", "--class", "12"], "--class cannot be 12. Expected 0 to 9"),
        (["--of", "pixels", "--perplexity", "0"], "perplexity cannot be 0"),
        (["--of", "pixels", "--n-neighbors", "1", "--method", "umap"], "n_neighbors cannot be 1"),
    ],
)
def test_embed_refuses_in_a_sentence(capsys, arguments, words):
    code, out, err = call(capsys, *arguments)
    assert (code, out) == (1, "") and err.startswith("error: ") and err.count("\n") == 1 and words in err
