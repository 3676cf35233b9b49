"""The replay of a training: it fits the run, its kept epoch says what the run says, and damage is a sentence.

Run: python -m pytest tests/core/runs/test_replay.py
"""

import numpy as np
import pytest

from fmnist_core.metrics import evaluation
from fmnist_core.runs import predictions, replay, runs
from fmnist_core.splits import split_indices
from fmnist_core.storage import stored_arrays
from fmnist_core.storage.folders import RunError


def test_the_kept_epoch_equals_the_runs_own_figures_on_the_same_pictures(run):
    found = replay.load(run)
    kept = runs.read_result(run).kept_epoch
    assert found.kept == kept and kept in found.epochs
    own = predictions.load(run, "validation")
    rows = [int(np.flatnonzero(own.indices == index)[0]) for index in found.indices]
    matrix = evaluation.confusion_matrix(own.labels[rows], own.predicted[rows], 10)
    np.testing.assert_array_equal(found.matrices[found.epochs.index(kept)], matrix)
    assert matrix.sum() == len(found.indices) == len(found.labels)
    assert set(found.indices) <= set(split_indices(runs.read_config(run).recipe).validation)


def test_other_epochs_are_as_they_were_stored(run):
    found = replay.load(run)
    other = next(epoch for epoch in found.epochs if epoch != found.kept)
    stored = stored_arrays.load(run.folder / "replay" / f"{other:03d}.npz", "logits", "filters")
    place = found.epochs.index(other)
    np.testing.assert_array_equal(found.logits[place], stored["logits"])
    np.testing.assert_array_equal(found.filters[place, 0], stored["filters"].astype(np.float32)[:, :, 0, 0])
    assert found.places.shape == (len(found.epochs), len(found.labels), 2)
    assert np.isfinite(found.places).all()


@pytest.mark.parametrize("model", ["cnn_2", "simple_nn", "lenet5_rbf", "flagship"])
def test_the_kept_epoch_of_a_shipped_run_is_that_of_its_predictions(model):
    ours = [one for one in runs.list_runs() if one.shipped and one.id.startswith(f"{model}-")]
    run = next(one for one in ours if (one.folder / "replay").exists())  # the first seed alone ships with it
    found, own = replay.load(run), predictions.load(run, "validation")
    right = own.predicted == own.labels
    expected = right[np.isin(own.indices, found.indices)].mean()
    assert evaluation.accuracy(found.matrices[found.epochs.index(found.kept)]) == pytest.approx(expected, abs=1e-12)
    assert replay.learned_last(found.recalls, found.epochs) == 6  # Shirt


def test_a_run_without_epochs_has_no_replay_and_a_damaged_one_says_so(run):
    files = sorted((run.folder / "replay").glob("*.npz"))
    files[-1].write_bytes(b"garbage")
    with pytest.raises(RunError, match="damaged"):
        replay.load(run)
    files[-1].unlink()
    assert replay.load(run) is None


RECALLS = np.array([[0.9, 0.1, 0.85, np.nan], [0.9, 0.7, 0.70, np.nan], [0.9, 0.81, 0.90, np.nan]])


def test_a_class_is_learned_once_it_stays_so():
    assert replay.learned_after(RECALLS, (1, 3, 8)) == [1, 8, 8, None]


def test_of_classes_that_are_learned_together_the_one_found_least_is_last():
    assert replay.learned_last(RECALLS[:, :3], (1, 3, 8)) == 1
    assert replay.learned_last(np.array([[0.9, 0.1], [0.9, 0.2]]), (1, 2)) == 1
    assert replay.learned_last(np.full((2, 3), np.nan), (1, 2)) is None
