"""An audit: its folds, its job, its file, what ships of it, and the command.

Run: python -m pytest tests/core/label_audit/test_audit_records.py
"""

import argparse
import dataclasses
import json
import subprocess
import sys

import numpy as np
import pytest

from fmnist_core import data
from fmnist_core.analysis import label_issues
from fmnist_core.analysis.confident_learning import Pairs
from fmnist_core.cli import audit_commands
from fmnist_core.jobs import lifecycle, queue, worker
from fmnist_core.label_audit import audit_jobs, audit_records
from fmnist_core.label_audit.audit_records import Audit
from fmnist_core.label_audit.audit_spec import AuditSpec, address, check, code, place, recipe_of
from fmnist_core.storage import stored_arrays
from fmnist_core.storage.folders import RunError

SMALL = AuditSpec("simple_nn", epochs=1, folds=2, pictures=300)


def guesses(size: int, seed: int = 0) -> np.ndarray:
    """(size, 10) float16 probabilities."""
    values = np.random.default_rng(seed).dirichlet(np.full(10, 0.3), size)
    return values.astype(np.float16)


def made_up(train: int = 300, test: int = 200) -> Audit:
    labels = {split: data.load_split(split).labels for split in data.SPLITS}
    splits = {
        "train": audit_records.rank(guesses(train), labels["train"][:train]),
        "test": audit_records.rank(guesses(test, 1), labels["test"][:test]),
    }
    # 0 is an ankle boot, 1 a T-shirt; test 0 an ankle boot.
    pairs = Pairs(np.array([0, 0]), np.array([60_000, 1]), np.array([0.04, 0.06]))
    return Audit(AuditSpec(pictures=60_000), 12.5, splits, pairs, np.array([7, 60_003]))


@pytest.fixture(autouse=True)
def shipped(tmp_path, monkeypatch):
    path = tmp_path / "assets" / "audit.npz"
    monkeypatch.setattr(audit_records, "shipped_file", lambda: path)
    return path


def test_importing_it_does_not_import_tensorflow():
    words = "import sys, fmnist_core.label_audit.audit_jobs; print('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", words], capture_output=True, text=True).stdout == "False\n"


def test_every_picture_has_one_number():
    assert (code("train", 59_999), code("test", 0)) == (59_999, 60_000)
    assert place(60_000) == ("test", 0) and address(69_999) == "test/9999"
    assert len(audit_records.all_labels()) == 70_000


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"model": "vgg19"}, "cannot be 'vgg19'. Choose one of:"),
        ({"model": "../x"}, "Choose one of:"),
        ({"folds": 1}, "folds of an audit can be 2 to 20. Received: 1"),
        ({"epochs": 0}, "epochs"),
        ({"repeats": 0}, "repeats of an audit can be 1 to 99. Received: 0"),
        ({"pictures": 19, "folds": 2}, "20 to 60000. Received: 19"),
        ({"pictures": 60_001}, "60001"),
    ],
)
def test_what_cannot_be_audited_is_refused(changes, sentence):
    with pytest.raises(ValueError, match=sentence):
        check(dataclasses.replace(AuditSpec(), **changes))


def test_other_values_have_another_name():
    check(AuditSpec())
    names = {AuditSpec().name, SMALL.name, dataclasses.replace(SMALL, seed=1).name}
    assert len(names) == 3 and AuditSpec().name == AuditSpec().name
    assert recipe_of(AuditSpec(), 3, 48_000).images == 48_000 and recipe_of(SMALL, 1, 50).batch_size == 50


def test_a_job_goes_on_after_its_finished_folds(monkeypatch):
    from fmnist_core.training import folds

    seen, train_fold = [], folds.train_fold

    def counted(chosen, images, labels, judged, tell):
        seen.append((chosen.seed, len(images), len(judged)))
        if len(seen) == 2:  # somebody stops it in the second fold
            lifecycle.cancel(audit_jobs.job(SMALL))
        return train_fold(chosen, images, labels, judged, tell)

    monkeypatch.setattr(folds, "train_fold", counted)
    assert audit_records.load() is None and lifecycle.read_status(audit_jobs.job(SMALL)) is None
    assert audit_jobs.prepare(SMALL) and not audit_jobs.prepare(SMALL)
    stopped = worker.work(audit_jobs.job(SMALL))
    assert (stopped.state, stopped.message) == ("cancelled", "Stopped; the finished folds are kept.")
    folder = audit_records.job_folder(SMALL)
    assert sorted(path.name for path in folder.glob("*.npz")) == ["fold-0.npz"]
    assert stored_arrays.load(folder / "fold-0.npz")["test"].dtype == np.float16
    told = []
    assert audit_jobs.prepare(SMALL)
    ended = worker.work(audit_jobs.job(SMALL), told.append)
    assert (ended.state, ended.epoch, ended.epochs) == ("done", 2, 2) and told
    assert seen == [(0, 150, 450), (1, 150, 450), (1, 150, 450)]
    assert [path.name for path in folder.glob("*.npz")] == ["audit.npz"]
    found = audit_records.load()
    assert found.spec == SMALL and not found.shipped
    assert sorted(found.splits["train"].positions) == list(range(300)) == sorted(found.splits["test"].positions)
    assert found.splits["train"].accuracy > 0.3  # 150 pictures teach more than chance
    assert (np.diff(found.splits["train"].margins) >= 0).all()
    with pytest.raises(RunError, match="is done, and nothing is to be done"):
        worker.work(audit_jobs.job(SMALL))


def test_repeats_draw_the_folds_anew_and_judge_by_the_mean(monkeypatch):
    from fmnist_core.training import folds

    spec, seen = dataclasses.replace(SMALL, repeats=2), []

    def made_up(chosen, images, labels, judged, tell):
        """Says its own seed's class of each picture: 0 and 1 of the first repeat, 100 and 101 of the second."""
        seen.append((chosen.seed, images[:, 14].tobytes()))
        given = np.zeros((len(judged), 10), np.float32)
        given[:, chosen.seed // 100] = 1
        return given

    monkeypatch.setattr(folds, "train_fold", made_up)
    audit_jobs.prepare(spec)
    ended = worker.work(audit_jobs.job(spec))
    assert (ended.state, ended.epochs) == ("done", 4) and spec.networks == 4
    assert [seed for seed, _ in seen] == [0, 1, 100, 101] and len({learned for _, learned in seen}) == 4
    for opinions in audit_records.load(spec).splits.values():  # each repeat judges each picture once
        assert (opinions.probabilities[:, :2] == 0.5).all() and not opinions.probabilities[:, 2:].any()
    assert not list(audit_records.job_folder(spec).glob("fold-*.npz"))


def test_a_fold_that_was_damaged_is_trained_again_and_said(monkeypatch):
    from fmnist_core.training import folds

    trained = []
    monkeypatch.setattr(folds, "train_fold", lambda chosen, images, labels, judged, tell: trained.append(chosen.seed))
    audit_jobs.prepare(SMALL)
    folder = audit_records.job_folder(SMALL)
    sound = {"own": np.full((150, 10), 0.1, np.float16), "test": np.full((300, 10), 0.1, np.float16)}
    stored_arrays.save(folder / "fold-0.npz", sound | {"test": sound["test"] * np.nan})
    stopped = worker.work(audit_jobs.job(SMALL))  # at once: the training says that it was stopped
    assert trained == [0] and stopped.state == "cancelled"
    assert stopped.notice == "What was kept of these folds was damaged, and they are trained again: 1."
    stored_arrays.save(folder / "fold-0.npz", sound)
    audit_jobs.prepare(SMALL)
    assert worker.work(audit_jobs.job(SMALL)).notice == "" and trained == [0, 1]


def test_a_fold_is_stopped_while_it_judges_too():
    from fmnist_core.training.folds import train_fold

    pictures, told = data.load_split("train"), []

    def stop_once_it_is_trained(share):
        told.append(share)
        return told.count(1.0) == 2  # once after its last batch, then after the first part of what it judges

    given = pictures.images[:150], pictures.labels[:150], pictures.images[:2_000]
    assert train_fold(recipe_of(SMALL, 0, 150), *given, stop_once_it_is_trained) is None
    assert told.count(1.0) == 2


def test_a_job_that_fails_says_why(monkeypatch):
    from fmnist_core.training import folds

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folds, "train_fold", full)
    audit_jobs.prepare(SMALL)
    ended = worker.work(audit_jobs.job(SMALL))
    assert ended.state == "failed" and "No space left" in ended.message
    assert "OSError" in (audit_records.job_folder(SMALL) / "log.txt").read_text()
    assert audit_records.load(SMALL) is None


def test_submit_starts_one_process(monkeypatch):
    started = []
    monkeypatch.setattr(queue, "_spawn", lambda job, queued: started.append(job))
    audit_jobs.submit(SMALL)
    audit_jobs.submit(SMALL)
    assert len(started) == 1 and lifecycle.read_status(audit_jobs.job(SMALL)).state == "queued"
    asked = json.loads((started[0].folder / "spec.json").read_text())
    assert AuditSpec(**asked) == SMALL  # the job is told exactly what was asked for


def test_a_file_gives_back_what_was_saved(tmp_path):
    found = made_up()
    audit_records.save(tmp_path / "audit.npz", found)
    again = audit_records.read(tmp_path / "audit.npz")
    for split in data.SPLITS:
        for field in dataclasses.fields(found.splits[split]):
            np.testing.assert_array_equal(
                getattr(again.splits[split], field.name), getattr(found.splits[split], field.name), field.name
            )
    assert again.spec == found.spec and again.faint.tolist() == [7, 60_003]
    assert again.pairs.second.tolist() == [60_000, 1]


def test_kinds_and_twins():
    found = made_up()
    assert found.kinds["train"]["conflict"] == [0, 1] and found.kinds["train"]["duplicate"] == [0]
    assert found.kinds["test"] == found.kinds["test"] | {"conflict": [], "duplicate": [0], "faint": [3]}
    assert found.twins("train", 0) == [("test/0", 0.04), ("train/1", 0.06)] and not found.twins("train", 2)
    assert found.test_pictures_like_training().tolist() == [0]
    assert {"conflict", "duplicate"} <= set(found.kinds_of("train", 0))
    opinions = found.splits["train"]
    doubted = [int(one) for one in opinions.positions[opinions.confident]]
    assert found.kinds["train"]["label"] == doubted and opinions.doubted == len(doubted) > 100
    assert set(found.known_ranks().values()) == {None} and len(found.known_ranks()) == len(label_issues.KNOWN)


def test_what_ships_is_small_and_holds_the_known_ones(shipped):
    whole = made_up(60_000, 10_000)
    audit_records.save(shipped, audit_records.cut(whole))
    assert shipped.stat().st_size < audit_records.MOST_SHIPPED_BYTES
    found = audit_records.load()
    assert found.shipped and found.spec == AuditSpec()
    assert found.splits["train"].total == 60_000 and (found.splits["train"].ranks[:2_000] == np.arange(1, 2_001)).all()
    assert found.known_ranks() == whole.known_ranks() and None not in found.known_ranks().values()
    # One that was computed here counts more.
    folder = audit_records.job_folder(AuditSpec())
    folder.mkdir(parents=True)
    (folder / "spec.json").write_text(json.dumps(dataclasses.asdict(AuditSpec())))
    audit_records.save(folder / "audit.npz", made_up())
    assert not audit_records.load().shipped


@pytest.mark.parametrize("name", ["about", "pairs", "train_positions", "test_guess", "train_probabilities"])
def test_a_damaged_file_is_refused(shipped, name):
    audit_records.save(shipped, made_up())
    arrays = stored_arrays.load(shipped)
    hostile = {
        "about": np.frombuffer(b'{"version": 1, "spec": {"model": "../../x"}}', np.uint8),
        "pairs": np.array([[0, 70_000]], np.uint32),
        "train_positions": arrays["train_positions"][:5],
        "test_guess": arrays["test_guess"] + 9,
        "train_probabilities": arrays["train_probabilities"] * np.float16(np.nan),
    }
    stored_arrays.save(shipped, arrays | {name: hostile[name]})
    with pytest.raises(RunError, match=r"cannot be read .* Delete audit.npz"):
        audit_records.load()
    shipped.write_bytes(shipped.read_bytes()[:1_000])
    with pytest.raises(RunError, match="cannot be read"):
        audit_records.load()


def options_of(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    audit_commands.add_arguments(parser)
    return parser.parse_args(arguments)


def test_the_command_tells_the_suspects(shipped):
    audit_records.save(shipped, made_up())
    value, text = audit_commands.command(options_of("--top", "3"))
    json.dumps(value)
    assert [row["rank"] for row in value["suspects"]] == [1, 2, 3] and value["shipped"]
    first, opinions = value["suspects"][0], audit_records.load().splits["train"]
    assert first["picture"] == f"train/{opinions.positions[0]}" and first["score"] < -0.9
    assert first["label"] == data.CLASS_NAMES[data.load_split("train").labels[first["position"]]] != first["opinion"]
    assert value["conflicting_pairs"] == [["train/0", "train/1"]] and value["show_little"] == 1
    score = value["without_duplicates"]
    assert score["left_out"] == 1 and score["interval"][0] < score["without_them"] < score["interval"][1]
    assert "train/45592 none" in text and first["picture"] in text
    assert audit_commands.command(options_of("--split", "test"))[0]["suspects"][0]["picture"].startswith("test/")
    with pytest.raises(ValueError, match="--top cannot be -1"):
        audit_commands.command(options_of("--top", "-1"))


def test_the_command_computes_what_is_missing_and_ships_it(shipped, monkeypatch):
    small = ["--model", "simple_nn", "--epochs", "1", "--folds", "2", "--pictures", "100"]
    value, _ = audit_commands.command(options_of(*small, "--ship"))
    assert value["pictures"] == 100 and not value["shipped"] and shipped.exists()
    monkeypatch.setattr(audit_jobs, "work", lambda *_: pytest.fail("it was there already"))
    assert audit_commands.command(options_of(*small))[0]["audit"] == value["audit"]
    scores = [row["score"] for row in value["suspects"]]
    assert scores == sorted(scores)
