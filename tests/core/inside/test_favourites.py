"""The training pictures that move each channel most."""

import numpy as np
import pytest

from fmnist_core import data
from fmnist_core.inside import favourites
from fmnist_core.jobs import lifecycle, worker
from fmnist_core.runs import runs
from fmnist_core.storage.folders import RunError

IMAGES = data.load_split("train").images[:1_200]


def test_they_are_those_with_the_largest_values_and_lie_where_these_are(opened):
    inside = opened("cnn_1")
    found = favourites.find(inside, IMAGES)
    assert set(found.pictures) == {"conv1", "conv2", "conv3"}
    values = inside.values(IMAGES, "conv3")
    largest = values.max(axis=(2, 3))
    for channel in (0, 31, 63):
        order = np.argsort(-largest[:, channel], kind="stable")[: favourites.COUNT]
        assert found.pictures["conv3"][channel].tolist() == order.tolist()
        for picture, (row, column), value in zip(
            found.pictures["conv3"][channel],
            found.places["conv3"][channel],
            found.values["conv3"][channel],
            strict=True,
        ):
            assert values[picture, channel, row, column] == pytest.approx(value) == largest[picture, channel]


def test_units_have_favourites_without_a_place(opened):
    found = favourites.find(opened("simple_nn"), IMAGES)
    assert found.pictures["dense1"].shape == (300, favourites.COUNT)
    assert not found.places["dense1"].any()


def test_they_are_stored_and_read_again(opened, tmp_path):
    inside = opened("cnn_1")
    found = favourites.find(inside, IMAGES)
    favourites.save(tmp_path / favourites.FILE, found)
    again = favourites._read(tmp_path / favourites.FILE, inside.network)
    assert all(np.array_equal(again.pictures[name], found.pictures[name]) for name in found.pictures)
    assert all(np.array_equal(again.places[name], found.places[name]) for name in found.places)


def _damaged(found, how):
    if how == "picture":
        found.pictures["conv1"][0, 0] = 60_000
    elif how == "place":
        found.places["conv1"][0, 0] = 26, 0
    else:
        del found.pictures["conv1"]


@pytest.mark.parametrize("how", ["picture", "place", "layer"])
def test_a_damaged_file_is_told(opened, tmp_path, how):
    inside = opened("cnn_1")
    run = runs.Run(tmp_path / "cnn_1-20260101-000000-0000")
    found = favourites.find(inside, IMAGES[:100])
    _damaged(found, how)
    favourites.save(run.folder / favourites.FILE, found)
    with pytest.raises(RunError, match="Find them again"):
        favourites.load(run, inside.network)


@pytest.mark.long
def test_a_job_finds_those_of_its_run(runs_folder):
    shipped = next(run for run in runs.list_runs() if run.shipped and run.id.startswith("simple_nn"))
    job = favourites.job(shipped)
    lifecycle.enqueue(job, epochs=60, spec={"run": shipped.id})
    assert worker.work(job).state == "done"
    network = favourites.open_inside(shipped).network
    found = favourites.load(shipped, network)
    assert found is not None
    assert found.values["dense1"][:, 0].min() >= found.values["dense1"][:, -1].min()
