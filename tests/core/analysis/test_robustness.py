"""What a network makes of changed pictures.

Run: python -m pytest tests/core/analysis/test_robustness.py
"""

import numpy as np
import pytest

from fmnist_core.analysis import robustness
from fmnist_core.analysis.robustness import CHANGES, changed, sweep
from fmnist_core.inference import robustness_records
from fmnist_core.jobs import lifecycle, worker
from fmnist_core.storage.folders import RunError

DOT = np.zeros((1, 28, 28), np.uint8)
DOT[0, 10, 12] = 200


class LeftOrRight:
    """Class 0 is brighter on the left, class 1 on the right; a black picture is class 0."""

    def logits(self, images):
        return np.stack([images[:, :, half].mean(axis=(1, 2)) for half in (np.s_[:14], np.s_[14:])], axis=1)


@pytest.mark.parametrize(
    ("name", "severity", "where"),
    [
        ("shift", 4, (10, 16)),
        ("shift", -2, (10, 10)),
        ("shift_down", 3, (13, 12)),
        ("rotate", 90, (15, 10)),
        ("rotate", 180, (17, 15)),
        ("flip", 1, (10, 15)),
        ("upside_down", 1, (17, 12)),
    ],
)
def test_where_a_dot_goes(name, severity, where):
    found = changed(DOT, name, severity)[0]
    assert np.unravel_index(found.argmax(), found.shape) == where
    assert found[where] == 200 and (found > 2).sum() == 1


def test_other_changes_by_hand():
    square = np.zeros((1, 28, 28), np.uint8)
    square[0, 10:18, 10:18] = 100
    assert (changed(square, "scale", 0.5)[0] > 50).sum() == 16
    assert (changed(square, "scale", 1.5)[0] > 50).sum() == 144
    np.testing.assert_array_equal(changed(square, "contrast", 0.5), square // 2)
    blurred = changed(square, "blur", 1)[0]
    assert blurred[14, 14] > 95 and 0 < blurred[14, 9] < 50
    gray = np.full((4, 28, 28), 128, np.uint8)
    noisy = changed(gray, "noise", 25)
    assert (noisy - 128.0).std() == pytest.approx(25, rel=0.05)
    np.testing.assert_array_equal(noisy, changed(gray, "noise", 25))


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_row_of_the_table(change):
    images = np.random.default_rng(0).integers(0, 256, (3, 28, 28)).astype(np.uint8)
    np.testing.assert_array_equal(changed(images, change.name, change.none), images)
    if change.step < change.highest - change.lowest:  # the slider has no jump there
        np.testing.assert_array_equal(change.apply(images, change.none), images)
    assert change.none in change.severities and list(change.severities) == sorted(change.severities)
    for severity in {change.lowest, change.highest, *change.severities}:
        found = changed(images, change.name, severity)
        assert found.shape == images.shape and found.dtype == np.uint8
        assert changed(images[:0], change.name, severity).shape == (0, 28, 28)
    one = changed(images, change.name, change.highest)[:1]
    if change.name != "noise":
        np.testing.assert_array_equal(one, changed(images[:1], change.name, change.highest))


def test_a_sweep_counts():
    left = np.zeros((4, 28, 28), np.uint8)
    left[:3, :, 9:13], left[3, :, 20:24] = 200, 200
    told = []
    found = sweep(LeftOrRight(), left, np.array([0, 0, 0, 1]), "flip", told.append)
    np.testing.assert_allclose(found.accuracy, [1, 0])
    assert robustness.loss_at(found, 1) == 1 and told == [0.5, 1]
    moved = sweep(LeftOrRight(), left, np.array([0, 0, 0, 1]), "shift")
    assert moved.severities == CHANGES["shift"].severities
    np.testing.assert_allclose(moved.by_class[-2], [0, 1])  # by 4 px, what was left is right, and what was right stays
    assert np.isnan(sweep(LeftOrRight(), left[:1], np.array([0]), "flip").by_class[:, 1]).all()


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="Unknown change 'melt'. Choose one of: shift"):
        changed(DOT, "melt", 1)
    with pytest.raises(ValueError, match="from -10 to 10 px. Received: 11"):
        changed(DOT, "shift", 11)
    with pytest.raises(ValueError, match="Received: nan"):
        changed(DOT, "blur", float("nan"))
    with pytest.raises(ValueError, match="28 x 28 uint8"):
        changed(DOT[0], "blur", 1)
    with pytest.raises(ValueError, match="Received: 1 and 0"):
        sweep(LeftOrRight(), DOT, np.array([], int), "flip")
    with pytest.raises(ValueError, match="was not measured. Choose one of: 0, 1"):
        robustness.loss_at(sweep(LeftOrRight(), DOT, np.array([0]), "flip"), 0.5)

    class Broken:
        def logits(self, images):
            return np.full((len(images), 2), np.nan)

    with pytest.raises(ValueError, match="not finite"):
        sweep(Broken(), DOT, np.array([0]), "flip")


@pytest.mark.long
def test_a_run_s_sweeps_are_computed_and_kept(run):
    assert robustness_records.load(run) is None and lifecycle.read_status(robustness_records.job(run)) is None
    found = robustness_records.compute(run, pictures=60)
    path = robustness_records.job_folder(run) / robustness_records.FILE
    path.parent.mkdir(parents=True)
    robustness_records.save(path, found)
    assert path.stat().st_size < 20_000
    again = robustness_records.load(run)
    assert again.pictures == 60 and set(again.sweeps) == set(CHANGES)
    for name, sweep_ in found.sweeps.items():
        np.testing.assert_allclose(again.sweeps[name].accuracy, sweep_.accuracy, atol=1e-4)
        np.testing.assert_allclose(again.sweeps[name].by_class, sweep_.by_class, atol=1e-4)
    assert again.flip_gap == pytest.approx(found.flip_gap, abs=2e-4)
    path.write_text(path.read_text()[:100])
    with pytest.raises(RunError, match="cannot be read .* compute them again"):
        robustness_records.load(run)
    with pytest.raises(ValueError, match="1 to 10000 pictures. Received: 0"):
        robustness_records.compute(run, 0)


def test_a_job_says_how_it_ended(run, monkeypatch):
    monkeypatch.setattr(robustness_records, "PICTURES", 20)
    compute = robustness_records.compute
    monkeypatch.setattr(
        robustness_records, "compute", lambda one, on_progress: compute(one, 20, on_progress=on_progress)
    )
    job = robustness_records.job(run)
    assert lifecycle.enqueue(job, epochs=len(CHANGES), spec={"run": run.id})
    ended = worker.work(job)
    assert (ended.state, ended.epoch) == ("done", len(CHANGES))
    assert lifecycle.read_status(job).state == "done"
    assert robustness_records.load(run).pictures == 20
    lifecycle.enqueue(job, epochs=len(CHANGES), spec={"run": run.id})
    lifecycle.cancel(job)
    assert worker.work(job).state == "cancelled"
    lifecycle.enqueue(job, epochs=len(CHANGES), spec={"run": run.id})
    (run.folder / "model.onnx").unlink()
    failed = worker.work(job)
    assert failed.state == "failed" and "has no model yet" in failed.message
