"""Taught networks as runs of their own, and examples that are held out.

Run: python -m pytest tests/core/inference/test_taught_runs.py
"""

import dataclasses

import numpy as np
import pytest

from fmnist_core import data
from fmnist_core.analysis import few_shot, few_shot_accuracy
from fmnist_core.analysis.few_shot import Features, Head
from fmnist_core.inference import taught_runs
from fmnist_core.inference.classifier import open_classifier
from fmnist_core.inference.taught_runs import check_name
from fmnist_core.runs import catalogue, exchange, predictions, runs
from fmnist_core.runs.records import Taught
from fmnist_core.runs.runs import Run
from fmnist_core.storage.folders import RunError

BARS = np.zeros((8, 28, 28), np.uint8)
BARS[:, ::4] = np.arange(180, 260, 10).reshape(8, 1, 1).clip(max=255)


@pytest.fixture(autouse=True)
def _few_pictures(monkeypatch):
    monkeypatch.setattr(taught_runs, "OLD_PICTURES", 300)


def teach(run: Run, name: str = "Bars") -> Head:
    classifier, indices = open_classifier(run), taught_runs.old_indices(run)
    train = data.load_split("train")
    old, new = (few_shot.extract(classifier, images) for images in (train.images[indices], BARS))
    return few_shot.fit(old, train.labels[indices], new, np.zeros(len(BARS), int), [name])


@pytest.mark.long
def test_a_taught_run_is_a_run_like_any_other(run, tmp_path):
    before, done = sorted(path.name for path in run.folder.iterdir()), []
    made = taught_runs.save(run, teach(run), [8], done.append)
    assert done[-1] == 1 and done == sorted(done)
    assert made.id != run.id and [one.id for one in runs.list_runs() if not one.shipped][0] == made.id
    row = catalogue.describe(made)
    assert row.usable and row.problem == "" and row.config.class_names == (*data.CLASS_NAMES, "Bars")
    assert row.taught == Taught(run.id, ("Bars",), (8,))
    assert taught_runs.origin(made) == run.id and taught_runs.origin(run) is None
    stored, old = predictions.load(made, "test"), predictions.load(run, "test")
    assert stored.logits.shape == (10_000, 11)
    np.testing.assert_allclose(stored.logits[:, :10], old.logits, atol=0.01)
    assert row.test_accuracy == pytest.approx((stored.predicted == stored.labels).mean(), abs=1e-6)
    assert (open_classifier(made).logits(BARS).argmax(axis=1) == 10).all()
    for split, count in (("validation", 300), ("train", 300)):
        assert len(predictions.load(made, split).labels) == count
    assert sorted(path.name for path in run.folder.iterdir()) == before  # the first one stays as it was
    zipped = exchange.export_run(made, tmp_path)  # its hashes are those of its files
    runs.delete(made)
    assert exchange.import_run(zipped).id == made.id


@pytest.mark.long
def test_no_half_written_run_is_left_behind(run, monkeypatch):
    head, there = teach(run), sorted(run.folder.parent.iterdir())

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(predictions, "save", full)
    with pytest.raises(RunError, match="cannot be stored: No space left on device. Free some space"):
        taught_runs.save(run, head, [8])
    assert sorted(run.folder.parent.iterdir()) == there


def test_what_cannot_be_taught_is_refused(run):
    head, there = teach(run), sorted(run.folder.parent.iterdir())
    with pytest.raises(ValueError, match="There is a class of that name"):
        taught_runs.save(run, head._replace(names=("bag",)), [8])
    trained = runs.read_result(run)
    runs.write_result(run, dataclasses.replace(trained, taught=Taught("cnn_1-20260101-000000-0000")))
    with pytest.raises(RunError, match="taught new classes already. .* from cnn_1-20260101-000000-0000"):
        taught_runs.save(run, head, [8])
    runs.write_result(run, trained)
    (run.folder / "model.onnx").unlink()
    with pytest.raises(RunError, match="has no model"):
        taught_runs.save(run, head, [8])
    assert sorted(run.folder.parent.iterdir()) == there


def test_a_model_that_answers_otherwise_is_not_kept(run, monkeypatch):
    head, there = teach(run), sorted(run.folder.parent.iterdir())
    other = head._replace(bias=head.bias + 50)
    write = few_shot.write_model
    monkeypatch.setattr(few_shot, "write_model", lambda source, target, _: write(source, target, other))
    with pytest.raises(ValueError, match="differs from the taught one"):
        taught_runs.save(run, head, [8])
    assert sorted(run.folder.parent.iterdir()) == there


@pytest.mark.parametrize("name", ["Hat", "  Hat ", "Zylinder groß", "帽子", "T-shirt 2", "Mum's hat", "3/4 trousers"])
def test_names_are_letters_and_few_signs(name):
    assert check_name(name, data.CLASS_NAMES) == name.strip()


@pytest.mark.parametrize(
    "name",
    ["", "  ", "x" * 31, "bag", " ANKLE  BOOT", "<b>hat</b>", "**hat**", "[a](b)", "a_b_c", "$x$", ":red[x]", "- hat"]
    + ["hat\u202e", "hat\x00", "\u0301hat", "1. hat", "`hat`", "#hat"],
)
def test_other_names_are_refused_in_a_sentence(name):
    with pytest.raises(ValueError, match=r"^[A-Z].*\.$"):
        check_name(name, data.CLASS_NAMES)


def test_each_example_is_held_out_once_and_five_are_left():
    labels = np.array([0] * 6 + [1] * 5 + [2] * 13)
    rounds = few_shot_accuracy.rounds_of(labels, 3)
    assert (rounds[labels == 1] == -1).all() and (rounds[labels != 1] >= 0).all()
    for number in range(few_shot_accuracy.ROUNDS):
        left = labels[rounds != number]
        assert min(np.bincount(left)) >= few_shot.FEWEST


def test_what_is_held_out_does_not_teach():
    generator = np.random.default_rng(0)
    centres = np.array([[4.0, 0], [-4, 0], [0, 6]])

    def seen(labels: np.ndarray) -> Features:
        features = (centres[labels] + generator.normal(0, 0.4, (len(labels), 2))).astype(np.float32)
        return Features(features, np.stack([features[:, 0], -features[:, 0]], axis=1))

    old_labels, new_labels, done = np.arange(200) % 2, np.zeros(7, int), []
    old, new = seen(old_labels), seen(new_labels + 2)
    new.features[6] = new.logits[6, 0], 0  # no hat at all: it lies among the first class
    new.features[6] = 4, 0
    new.logits[6] = 4, -4
    called = few_shot_accuracy.called_when_held_out(old, old_labels, new, new_labels, ["hat"], done.append)
    assert called[:6].tolist() == [2] * 6 and called[6] == 0
    assert done[-1] == 1
    few = Features(new.features[:5], new.logits[:5])
    assert (few_shot_accuracy.called_when_held_out(old, old_labels, few, new_labels[:5], ["hat"]) == -1).all()
