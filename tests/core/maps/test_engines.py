"""Maps of both engines: their names, how they are made, stopped and read, and where later pictures land on them.

Run: python -m pytest tests/core/maps/test_engines.py [--slow]
"""

import dataclasses
import json
import sys

import numpy as np
import pytest

from fmnist_core import data
from fmnist_core.cli.command_line import main
from fmnist_core.embedding import library
from fmnist_core.embedding.landing import land
from fmnist_core.jobs import lifecycle, worker
from fmnist_core.maps import map_jobs, map_vectors, maps, transform
from fmnist_core.maps.map_making import iterations_of
from fmnist_core.maps.map_spec import MapSpec, Parameters, PictureChoice, as_json, check, parse_spec
from fmnist_core.storage.folders import RunError
from tests.tiny import shipped_run

SHIPPED = shipped_run("cnn_1")
FEW = PictureChoice(positions=tuple(range(200)))
NEW = data.load_split("train").images[5]


def spec_of(method: str, engine: str = "library", **parameters) -> MapSpec:
    chosen = Parameters(**({"perplexity": 10.0} | parameters))
    return MapSpec(method, run=SHIPPED.id, pictures=FEW, parameters=chosen, engine=engine)


def make(spec: MapSpec) -> maps.Stored:
    where, wanted = map_jobs.prepare(spec)
    assert wanted
    status = worker.work(map_jobs.job(where))
    assert status.state == "done", status.message
    return maps.load(where)


# Names


def test_maps_from_before_there_were_engines_keep_their_names():
    """Those that ship were named then; each is found by what the page asks for."""
    for method in ("tsne", "umap"):
        spec = MapSpec(method, run=SHIPPED.id)
        where = maps.files_of(spec)
        assert where.file.exists() and maps.load(where).spec == spec.canonical
        assert (maps.load(where).spec.engine, maps.load(where).spec.parameters.densmap) == ("built-in", False)
    assert not {"engine", "densmap"} & {*as_json(spec), *as_json(spec)["parameters"]}


def test_engines_have_maps_of_their_own():
    specs = [spec_of(method, engine) for method in ("pca", "tsne", "umap") for engine in ("built-in", "library")]
    specs.append(spec_of("umap", densmap=True))
    assert len({spec.name for spec in specs}) == 7
    assert len({spec.vectors_name for spec in specs}) == 1
    for spec in specs:
        assert parse_spec(json.loads(json.dumps(as_json(spec)))) == spec
    assert maps.describe(specs[1]) == "PCA by scikit-learn of the features, 2D"
    assert maps.describe(specs[4]) == "UMAP of the features, 2D"
    assert maps.describe(specs[6]) == "densMAP by umap-learn of the features, 2D"


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (spec_of("tsne", "gpu"), "Unknown engine 'gpu'. Choose one of: built-in, library"),
        (spec_of("umap", "built-in", densmap=True), "densMAP is a way of umap-learn"),
        (spec_of("tsne", densmap=True), "densMAP is a way of umap-learn"),
        (spec_of("tsne", iterations=100), "iterations cannot be 100. Expected 250 to 100000"),
    ],
)
def test_what_an_engine_cannot_do_is_refused(spec, words):
    with pytest.raises(ValueError, match=words):
        check(spec)
    with pytest.raises(ValueError, match=words):
        map_jobs.submit(spec)


def test_densmap_takes_longer():
    assert [iterations_of(spec_of("umap", densmap=True), points) for points in (200, 70_000)] == [700, 400]
    assert iterations_of(spec_of("umap", densmap=True, iterations=30), 200) == 30


# Made


@pytest.mark.parametrize(("method", "iterations"), [("pca", 0), ("tsne", 250), ("umap", 60)])
def test_a_map_is_made_by_the_library(method, iterations):
    spec = spec_of(method, iterations=iterations or None)
    stored = make(spec)
    assert stored.spec == spec.canonical and stored.iterations[-1] == stored.figures.iterations == iterations
    assert stored.frames.shape == (40 if iterations else 1, 200, 2)
    assert stored.figures.trustworthiness > 0.75 and stored.trust.shape == (200,)
    _, vectors = map_vectors.read_vectors(spec, stored.positions)
    if method == "pca":
        found = library.pca(vectors)
    elif method == "tsne":
        found = library.tsne(vectors, perplexity=10.0, iterations=250)
    else:
        found = library.umap(vectors, iterations=60)
    apart = [
        np.linalg.norm(layout[:, None] - layout[None], axis=2) for layout in (stored.coordinates, found.coordinates)
    ]
    np.testing.assert_allclose(apart[0], apart[1], atol=1e-2)  # the map may be turned, so that its frames do not spin


@pytest.mark.parametrize("method", ["tsne", "umap"])
def test_a_map_can_be_stopped_and_keeps_its_frames(method):
    where, _ = map_jobs.prepare(spec_of(method, iterations=5_000))
    stopping = lambda status: status.epoch > 0 and lifecycle.cancel(map_jobs.job(where))  # noqa: E731
    status = worker.work(map_jobs.job(where), stopping)
    assert status.state == "cancelled" and "Stopped after" in status.message
    stored = maps.load(where)
    assert stored.figures.stopped and 0 < stored.figures.iterations < 1_000 and len(stored.frames) >= 2


def test_without_the_library_the_job_fails_in_a_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "umap", None)
    where, _ = map_jobs.prepare(spec_of("umap"))
    status = worker.work(map_jobs.job(where))
    assert status.state == "failed" and "umap-learn is not installed" in status.message


# Later pictures


def new_vector(spec: MapSpec) -> tuple[np.ndarray, np.ndarray]:
    from fmnist_core.inference.classifier import open_classifier

    space, vectors = map_vectors.read_vectors(spec, np.arange(200))
    return space.vectors(NEW[None], open_classifier(SHIPPED)), vectors


@pytest.mark.parametrize("method", ["pca", "umap"])
def test_a_later_picture_is_placed_by_the_library(method):
    spec = spec_of(method, iterations=None if method == "pca" else 60)
    stored = make(spec)
    landed = transform.place(stored.name, NEW)
    assert landed.by == {"pca": "PCA.transform", "umap": "UMAP.transform"}[method] and not landed.note
    new, vectors = new_vector(spec)
    if method == "pca":
        expected = library.pca_transform(new, vectors, 2)
    else:
        expected = library.umap_transform(new, vectors, stored.coordinates, iterations=60)
    np.testing.assert_allclose(landed.coordinates, expected[0], atol=1e-4)
    between = land(new, vectors, stored.coordinates)
    assert not np.allclose(landed.coordinates, between.coordinates[0], atol=1e-3)
    if method == "umap":  # among those that are most like it, as the map's own pictures are
        width = np.linalg.norm(stored.coordinates, axis=1).max()
        assert np.linalg.norm(landed.coordinates - between.coordinates[0]) < width / 2


@pytest.mark.parametrize(
    ("spec", "note"),
    [
        (spec_of("tsne", iterations=250), "t-SNE of scikit-learn has no transform"),
        (spec_of("umap", densmap=True, iterations=30), "densMAP of umap-learn has no transform"),
        (spec_of("umap", "built-in", iterations=30), ""),
    ],
)
def test_where_there_is_no_transform_neighbours_say(spec, note):
    stored = make(spec)
    landed = transform.place(stored.name, NEW)
    new, vectors = new_vector(spec)
    np.testing.assert_allclose(landed.coordinates, land(new, vectors, stored.coordinates).coordinates[0], atol=1e-5)
    assert landed.by == "neighbours" and landed.note.startswith(note) and bool(landed.note) == bool(note)


def test_without_the_library_neighbours_say(monkeypatch):
    stored = make(spec_of("umap", iterations=30))
    monkeypatch.setitem(sys.modules, "umap", None)
    landed = transform.place(stored.name, NEW)
    assert landed.by == "neighbours" and "umap-learn is not installed" in landed.note


def test_nothing_lands_on_a_sphere():
    stored = make(dataclasses.replace(spec_of("pca"), spherize=True))
    with pytest.raises(RunError, match="no picture can land"):
        transform.place(stored.name, NEW)


@pytest.mark.long
def test_a_page_asks_in_a_process_of_its_own():
    stored = make(spec_of("pca"))
    landed = transform.ask(stored.name, NEW).result(120)
    assert landed.by == "PCA.transform"
    np.testing.assert_allclose(landed.coordinates, transform.place(stored.name, NEW).coordinates, atol=1e-5)
    with pytest.raises(RunError, match="There is no map 'umap-features-2d-000000000000'"):
        transform.ask("umap-features-2d-000000000000", NEW).result(120)


# The command


def call(capsys, *arguments) -> tuple[int, object, str]:
    code = main(["embed", *map(str, arguments), "--json"])
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return code, json.loads(captured.out.splitlines()[-1]), captured.err


def test_embed_by_the_library_and_transform(capsys, tmp_path):
    chosen = (SHIPPED.id, "--class", 8, "--errors", "--engine", "library", "--method", "umap", "--iterations", 30)
    code, value, _ = call(capsys, *chosen)
    assert code == 0 and value["engine"] == "library" and value["iterations"] == 30
    stored = maps.load(maps.find(value["map"]))
    assert stored.spec.library == "umap-learn" and (stored.labels == 8).all()
    assert call(capsys, *chosen, "--densmap")[1]["map"] != value["map"]
    np.save(tmp_path / "new.npy", NEW)
    code, landed, _ = call(capsys, "--transform", value["map"], "--picture", tmp_path / "new.npy")
    assert (code, landed["by"], landed["map"]) == (0, "UMAP.transform", value["map"])
    np.testing.assert_allclose(landed["coordinates"], transform.place(value["map"], NEW).coordinates, atol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--transform", "x"), "belong together"),
        (("--picture", "x.png"), "belong together"),
        (("--transform", "x", "--picture", "x.npy"), "cannot be read: No such file"),
        (("--transform", "x", "--picture", "{folder}/wide.npy"), "Expected uint8, (28, 28)"),
        (("--transform", "x", "--picture", "{folder}/pickle.npy"), "holds no picture"),
        (("--transform", "../x", "--picture", "{folder}/good.npy"), "There is no map"),
        (("--of", "pixels", "--densmap"), "densMAP is a way of umap-learn"),
    ],
)
def test_embed_refuses_in_a_sentence(capsys, tmp_path, arguments, words):
    np.save(tmp_path / "wide.npy", np.zeros((28, 29), np.uint8))
    np.save(tmp_path / "good.npy", NEW)
    np.save(tmp_path / "pickle.npy", np.array([{"a": 1}], object), allow_pickle=True)
    code, value, err = call(capsys, *(argument.format(folder=tmp_path) for argument in arguments))
    assert code == 1 and words in value["error"] and err.startswith("error: ")


@pytest.mark.slow
@pytest.mark.parametrize("method", ["tsne", "umap"])
def test_engines_are_as_good_on_2_000_pictures(method):
    """The built-in is held against the library: kNN accuracy and trustworthiness on the same pictures."""
    many = PictureChoice(positions=tuple(range(2_000)))
    both = [make(MapSpec(method, run=SHIPPED.id, pictures=many, engine=one)).figures for one in ("built-in", "library")]
    assert both[0].knn_accuracy > both[1].knn_accuracy - 0.02
    assert both[0].trustworthiness > both[1].trustworthiness - 0.01
