"""Shipped runs come with their maps, and those are what the page asks for.

Run: python -m pytest tests/core/release/test_shipped_maps.py
"""

import dataclasses
import shutil

import numpy as np
import pytest

from fmnist_core.maps import map_jobs, maps
from fmnist_core.maps.map_spec import MapSpec, Parameters, PictureChoice
from fmnist_core.release import shipped_maps
from fmnist_core.runs import catalogue
from fmnist_core.runs.runs import Run
from fmnist_core.storage import folders
from fmnist_core.storage.folders import RunError
from tests.tiny import shipped_run


@pytest.fixture
def shipped(tmp_path, monkeypatch) -> Run:
    """A folder of shipped runs that holds one, without its maps; jobs elsewhere."""
    source = shipped_run("cnn_1")
    folder = tmp_path / "shipped"
    shutil.copytree(source.folder, folder / source.id, ignore=shutil.ignore_patterns("tsne*", "umap*"))
    monkeypatch.setattr(folders, "shipped_folder", lambda: folder)
    monkeypatch.setenv("FMNIST_RUNS", str(tmp_path / "runs"))
    return Run(folder / source.id, shipped=True)


def test_every_shipped_run_has_its_maps():
    """`make maps` makes those that are missing. A run that is replaced has other predictions, and so other maps."""
    assert [(run.id, spec.method, spec.dims) for run, spec in shipped_maps.missing()] == []


def test_the_default_run_ships_in_space_too_within_half_a_megabyte():
    default = catalogue.default_run([row for row in catalogue.list_rows() if row.run.shipped])
    sizes = []
    for method in shipped_maps.METHODS:
        where = maps.files_of(MapSpec(method, run=default.run.id, dims=3))
        stored = maps.load(where)
        assert where.file.is_relative_to(default.run.folder) and stored.coordinates.shape == (10_000, 3)
        assert stored.figures.trustworthiness > 0.99 and stored.figures.knn_accuracy > 0.94
        sizes.append(where.file.stat().st_size)
    assert sum(sizes) < 500_000


def test_maps_are_found_where_the_page_looks(shipped, monkeypatch):
    wanted = [("tsne", 2), ("tsne", 3), ("umap", 2), ("umap", 3)]  # the only run is the default one
    assert [(spec.method, spec.dims) for _, spec in shipped_maps.missing()] == wanted
    small = MapSpec(
        "tsne", run=shipped.id, pictures=PictureChoice(positions=tuple(range(80))), parameters=Parameters(iterations=60)
    )
    target = shipped_maps.ship_map(shipped, small)
    assert maps.files_of(small).file == target.file and maps.read_status(maps.files_of(small)).state == "done"
    stored = maps.load(maps.files_of(small))
    assert len(stored.iterations) == shipped_maps.FRAMES[2] and stored.figures.trustworthiness > 0
    assert not list((shipped.folder.parents[1]).glob("results/*/*.npz"))
    with pytest.raises(RunError, match="comes with the app"):
        map_jobs.delete(maps.files_of(small))


def test_thinned_map_keeps_first_and_last_frame():
    frames = np.arange(40 * 3 * 2, dtype=np.int16).reshape(40, 3, 2)
    spec = MapSpec("tsne", "pixels", pictures=PictureChoice(positions=(0, 1, 2)))
    full = maps.Stored(
        spec.name,
        spec,
        maps.Figures(1.0, 1_000),
        np.arange(3),
        frames[-1].astype(np.float32),
        frames,
        np.linspace(0.1, 4, 40, dtype=np.float32),
        np.arange(0, 1_000, 25),
    )
    thin = shipped_maps.thinned(full)
    assert len(thin.frames) == len(thin.scales) == len(thin.iterations) == shipped_maps.FRAMES[2]
    kept = [list(full.iterations).index(one) for one in thin.iterations]
    assert (kept[0], kept[-1]) == (0, 39)
    np.testing.assert_array_equal(thin.frames[-1], frames[-1])
    assert not (thin.frames[:-1] % shipped_maps.COARSE).any()
    assert np.abs(thin.frames[:-1] - frames[kept[:-1]]).max() <= shipped_maps.COARSE // 2
    assert np.abs(thin.coordinates - full.coordinates).max() <= np.abs(full.coordinates).max() * shipped_maps.FINE
    again = shipped_maps.thinned(thin)
    np.testing.assert_array_equal(again.frames, thin.frames)
    np.testing.assert_array_equal(again.coordinates, thin.coordinates)
    few = dataclasses.replace(full, frames=frames[:3], scales=full.scales[:3], iterations=full.iterations[:3])
    assert len(shipped_maps.thinned(few).frames) == 3


def test_map_that_cannot_be_made_is_a_sentence(shipped):
    (shipped.folder / "maps" / "features.npz").unlink()
    (shipped.folder / "model.onnx").unlink()
    with pytest.raises(RunError, match="was not made"):
        shipped_maps.ship_map(shipped, MapSpec("tsne", run=shipped.id))
