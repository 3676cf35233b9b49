"""The map page: what its controls do, without a browser. Drawing and pointing are in tests/browser/map/test_map.py.

Run: python -m pytest tests/app/maps/test_map_page.py
"""

import dataclasses
import io
import json
import re
from concurrent.futures import Future

import numpy as np
import pytest

from fmnist_core import data
from fmnist_core.jobs import kinds, queue, worker
from fmnist_core.maps import map_jobs, maps, own_vectors, search, transform
from fmnist_core.maps.map_spec import MapSpec, Parameters, PictureChoice, address_of
from fmnist_core.maps.transform import Landed
from fmnist_core.metrics import selection
from fmnist_core.runs import predictions
from fmnist_core.storage import folders
from fmnist_ui import cached, state
from fmnist_ui.maps import map_axes, map_own, map_panels
from fmnist_ui.maps.map_controls import positions_of
from fmnist_ui.maps.map_source import Scene, look_up, points_of, verdicts_on
from tests.app.test_pages import open_page, sentences
from tests.tiny import shipped_run

SHIPPED = shipped_run("simple_nn")


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("FMNIST_RUNS", str(tmp_path / "runs"))
    cached.forget_rows()
    yield
    cached.forget_rows()


def open_map(**parameters: str):
    app = open_page("map.py", run=SHIPPED.id, **parameters)
    assert not app.exception, app.exception[0].message
    return app


def text_of(app) -> str:
    return " ".join(element.value for kind in (app.markdown, app.caption) for element in kind)


def sent_to_map(app) -> dict:
    return next(
        sent for part in app.get("bidi_component") if "named_by" in (sent := json.loads(part.proto.mixed.json or "{}"))
    )


def tiles_of(app, label: str) -> list[dict]:
    galleries = [
        json.loads(one.proto.json) for one in app.get("bidi_component") if "gallery" in one.proto.component_name
    ]
    return next(sent["tiles"] for sent in galleries if sent["label"] == label)


def make_map(**changes) -> maps.Stored:
    """t-SNE of the 100 first test pictures' features, made in this process."""
    pictures = PictureChoice(positions=tuple(range(100)))
    spec = MapSpec("tsne", run=SHIPPED.id, pictures=pictures, parameters=Parameters(iterations=50, perplexity=10.0))
    where, _ = map_jobs.prepare(dataclasses.replace(spec, **changes))
    assert worker.work(map_jobs.job(where)).state == "done"
    return maps.load(where)


def test_page_opens_with_what_is_there_without_a_job():
    app = open_map()
    assert app.segmented_control(key="widget_method").value == "tsne"  # it ships
    assert "10,000 pictures" in text_of(app) and "Trustworthiness 0.9" in text_of(app)
    app = open_map(dims="3")
    assert app.segmented_control(key="widget_method").value == "tsne"
    app = open_map(method="pca")
    assert "principal components hold" in text_of(app)
    assert not [button for button in app.button if button.label.startswith("Make")]


@pytest.mark.parametrize(("method", "name"), [("tsne", "t-SNE"), ("umap", "UMAP")])
def test_map_that_was_never_made_is_offered_and_says_what_it_shows(monkeypatch, method, name):
    submitted = []
    monkeypatch.setattr(map_jobs, "submit", lambda spec, expected: submitted.append(spec))
    app = open_map(method=method, dims="3", n_neighbors="20", perplexity="40")
    assert f"where {name} starts: the principal components" in text_of(app)
    assert any("About **" in one.value and "another machine" in one.value for one in app.markdown)
    app.button(key="make").click().run()
    assert not app.exception
    wanted = submitted[0].canonical
    assert (wanted.method, wanted.dims, wanted.run) == (method, 3, SHIPPED.id)
    assert wanted.parameters == Parameters(**({"perplexity": 40.0} if method == "tsne" else {"n_neighbors": 20}))


def test_job_that_cannot_start_says_why(monkeypatch):
    def refuse(spec, expected):
        raise folders.RunError("The disk is full. Free some space.")

    monkeypatch.setattr(map_jobs, "submit", refuse)
    app = open_map(method="tsne", dims="3")
    app.button(key="make").click().run()
    assert "The disk is full." in sentences(app)


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ("shirt as coat", lambda true, said: (true == 6) & (said == 4)),
        ("/^bag as (?!bag)/", lambda true, said: (true == 8) & (said != 8)),
    ],
)
def test_search_chooses_the_pictures_and_counts_them(query, fits):
    stored = predictions.load(SHIPPED, "test")
    app = open_map(find=query)
    chosen = fits(stored.labels, stored.predicted)
    assert f"**{chosen.sum():,} chosen**" in text_of(app)
    tiles, first = tiles_of(app, "Chosen pictures"), np.flatnonzero(chosen)[0]
    names = [data.CLASS_NAMES[of[first]] for of in (stored.labels, stored.predicted)]
    assert [tiles[0][key] for key in ("caption", "detail", "tone")] == [*names, "wrong"]


def test_chosen_pictures_are_turned_page_by_page_and_another_search_begins_at_the_first():
    rows = np.flatnonzero(predictions.load(SHIPPED, "test").labels == 9)
    app = open_map(find="boot", page="16")
    assert len(tiles_of(app, "Chosen pictures")) == len(rows) - 16 * map_panels.ON_A_PAGE == 40
    assert f"test/{rows[-1]}:" in tiles_of(app, "Chosen pictures")[-1]["label"]
    app.text_input(key="widget_find").set_value("bag").run()
    assert "page" not in app.query_params and len(tiles_of(app, "Chosen pictures")) == map_panels.ON_A_PAGE


@pytest.mark.parametrize(("query", "said"), [("/(/", "no regular expression"), ("*velvet*", "called “\\*velvet\\*”")])
def test_search_that_finds_nothing_says_so(query, said):
    app = open_map(find=query)
    assert "No picture fits" in sentences(app) and said in sentences(app)
    assert search.HELP in [box.proto.help for box in app.text_input]


@pytest.mark.parametrize(
    ("cells", "fits"),
    [
        ("6-0", lambda true, said: (true == 6) & (said == 0)),
        ("6-other,0-6", lambda true, said: (true == 6) & (said != 6) | (true == 0) & (said == 6)),
        ("tops-shoes", lambda true, said: np.isin(true, [0, 2, 3, 4, 6]) & np.isin(said, [5, 7, 9])),
        ("other-other", lambda true, said: true != said),
    ],
)
def test_choice_in_the_matrix_lights_up_on_the_map_until_it_is_cleared(cells, fits):
    stored = predictions.load(SHIPPED, "test")
    expected = np.flatnonzero(fits(stored.labels, stored.predicted))
    app = open_map(cells=cells)
    assert len(expected) and f"**{len(expected):,} chosen**" in text_of(app)
    next(button for button in app.button if button.label == "Clear").click().run()
    assert "chosen**" not in text_of(app) and "cells" not in app.query_params


def test_rows_of_a_choice_are_exactly_its_pictures(monkeypatch):
    scene = look_up(MapSpec("pca", "pixels", SHIPPED.id, pictures=PictureChoice("test", label=6)))
    verdicts = verdicts_on(SHIPPED, scene)
    cells = selection.parse_cells("6-0,4-6")
    monkeypatch.setattr(map_panels.state, "get", lambda name: {"find": "", "cells": cells}[name])
    stored = predictions.load(SHIPPED, "test")
    found = map_panels.chosen_rows(scene, verdicts, data.CLASS_NAMES)
    wanted = np.flatnonzero((stored.labels == 6) & (stored.predicted == 0))  # no coat is on this map
    np.testing.assert_array_equal(scene.positions[found], stored.indices[wanted])


def test_open_picture_has_its_true_neighbours():
    app = open_map(of="pixels", picture="test/4021", k="5")
    assert "Nearest 5" in text_of(app)
    scene = look_up(MapSpec("pca", "pixels", SHIPPED.id))
    pixels = data.load_split("test").images.reshape(10_000, -1).astype(np.float64)
    distances = np.square(pixels - pixels[4021]).sum(axis=1)
    expected = set(np.argsort(distances)[1:4])
    _, vectors = cached.map_vectors(scene.spec)
    near = np.argsort(np.square(vectors - vectors[4021]).sum(axis=1))[1:8]
    assert expected <= set(near.tolist())  # 64 of 784 components keep the nearest ones near


def test_what_is_chosen_becomes_an_end_of_the_axis():
    app = open_map(method="pca", of="pixels", right="coat")
    app.session_state[state.CHOSEN] = frozenset({"test/0", "test/23"})
    app.button(key="take-left").click().run()
    assert not app.exception and app.query_params["left"] == map_axes.DRAWN
    assert f"From left to right: from “{map_axes.DRAWN}” to “coat”." in text_of(app)


def test_axes_between_two_searches_sort_what_lies_between():
    app = open_map(method="pca", left="trouser", right="ankle boot", below="shoe", above="bag")
    assert "from “trouser” to “ankle boot”. From below to above: from “shoe” to “bag”." in text_of(app)
    sent = sent_to_map(app)
    assert sent["axes"] == ["from trouser to ankle boot", "from shoe to bag"]
    app.text_input(key="widget_right").set_value("trouser wrong label:bag").run()
    assert "two labels" in sentences(app)
    sent = sent_to_map(app)
    assert re.fullmatch(r"Component 1 · [0-9.]+ % of the variance", sent["axes"][0]) and "shoe" in sent["axes"][1]


def test_own_picture_lands_between_its_neighbours():
    app = open_page("map.py", run=SHIPPED.id, of="features")
    app.session_state[state.OWN_PICTURE] = data.load_split("train").images[1]  # a T-shirt
    app.run()
    assert not app.exception
    assert "landed between these 12" in text_of(app) and "**Yours**" in text_of(app)


def test_own_picture_moves_with_those_that_pulled_it():
    coordinates = np.random.default_rng(0).normal(size=(20, 2)).astype(np.float32)
    frames = np.stack([2 * coordinates, coordinates])
    spec = MapSpec("tsne", run=SHIPPED.id)
    scene = Scene(spec, np.arange(20), np.zeros(20, np.uint8), coordinates)
    landing = map_own.land(coordinates[:1] + 0.01, coordinates, coordinates)
    own = map_own.Own(np.zeros((28, 28), np.uint8), landing, np.eye(10)[3])
    points, moved = map_own.with_own(points_of(scene, coordinates, None, scene.labels), frames, own, 10, 10)
    assert len(points.x) == 21 and (points.colour[20], points.label[20]) == (10, 10)
    np.testing.assert_allclose(moved[0, 20], 2 * moved[1, 20], rtol=1e-5)
    np.testing.assert_allclose([points.x[20], points.y[20]], landing.coordinates[0], rtol=1e-5)


BAGS = {"only": "8", "map_errors": "yes", "iterations": "300", "engine": "library"}


def make_bags(method: str, **parameters) -> maps.Stored:
    """By a library, of the few bags that the run gets wrong: what the page shows at the address BAGS."""
    chosen = Parameters(iterations=300, **parameters)
    return make_map(method=method, pictures=PictureChoice(label=8, errors=True), parameters=chosen, engine="library")


def open_with_own(**parameters: str):
    app = open_page("map.py", run=SHIPPED.id, **BAGS, **parameters)
    app.session_state[state.OWN_PICTURE] = data.load_split("train").images[1]
    app.run()
    assert not app.exception
    return app


@pytest.mark.slow  # it compiles for 40 s on a new machine; quick: test_engines asks in a process of its own
def test_own_picture_is_placed_by_the_library_once_it_has_answered(monkeypatch):
    stored, asked, answer = make_bags("umap"), [], Future()
    monkeypatch.setattr(transform, "ask", lambda *what: asked.append(what) or answer)
    app = open_with_own(method="umap")
    assert "landed between these 12" in text_of(app) and "UMAP.transform" not in text_of(app)
    answer.set_result(Landed((0.25, -0.5), "UMAP.transform"))
    app.run()
    assert "UMAP.transform of umap-learn placed it" in text_of(app)
    assert [name for name, _ in asked] == [stored.name]  # once
    own = app.session_state[map_own.ASKED]
    assert own[1].result().coordinates == (0.25, -0.5)


@pytest.mark.parametrize(
    ("method", "parameters", "address", "words"),
    [
        ("tsne", {}, {}, "t-SNE of scikit-learn has no transform"),
        ("umap", {"densmap": True}, {"densmap": "yes"}, "densMAP of umap-learn has no transform"),
    ],
)
def test_own_picture_lands_by_neighbours_where_the_library_has_no_transform(method, parameters, address, words):
    make_bags(method, **parameters)
    app = open_with_own(method=method, **address)
    assert words in text_of(app) and "landed between these 12" in text_of(app)


def test_own_picture_lands_by_neighbours_where_the_library_fails(monkeypatch):
    make_bags("pca")
    failed: Future[Landed] = Future()
    failed.set_exception(folders.RunError("umap-learn gave up."))
    monkeypatch.setattr(transform, "ask", lambda *what: failed)
    assert "umap-learn gave up. It lies among those that are most like it." in text_of(open_with_own(method="pca"))


def test_own_picture_comes_to_where_the_library_has_it():
    coordinates = np.random.default_rng(0).normal(size=(20, 2)).astype(np.float32)
    frames = np.stack([2 * coordinates, coordinates])
    scene = Scene(MapSpec("umap", run=SHIPPED.id), np.arange(20), np.zeros(20, np.uint8), coordinates)
    landing = map_own.land(coordinates[:1] + 0.01, coordinates, coordinates)
    landing = dataclasses.replace(landing, coordinates=np.array([[3.0, -3.0]], np.float32))
    own = map_own.Own(np.zeros((28, 28), np.uint8), landing, np.eye(10)[3], by="UMAP.transform")
    points, moved = map_own.with_own(points_of(scene, coordinates, None, scene.labels), frames, own, 10, 10)
    np.testing.assert_allclose([moved[1, 20], [points.x[20], points.y[20]]], [[3, -3]] * 2, rtol=1e-5)
    between = map_own.land(coordinates[:1] + 0.01, coordinates, coordinates).coordinates[0]
    np.testing.assert_allclose(moved[0, 20] - moved[1, 20], between, atol=1e-5)  # frame 0 is twice as wide
    assert points.picture[20] >= 10_000  # no tile of a test picture is taken for it


@pytest.mark.parametrize(
    ("method", "name"),
    [("pca", "PCA by scikit-learn"), ("tsne", "t-SNE by scikit-learn"), ("umap", "UMAP by umap-learn")],
)
def test_map_of_the_library_is_offered(monkeypatch, method, name):
    submitted, ready = [], []
    monkeypatch.setattr(map_jobs, "submit", lambda spec, expected: submitted.append(spec))
    monkeypatch.setattr(queue, "prepare", ready.append)
    app = open_map(method=method, engine="library")
    assert ready == [kinds.MAP]  # a process waits for the click
    assert f"These are the principal components. {name} has not been made" in text_of(app)
    assert app.segmented_control(key="widget_engine").value == "library"
    if method == "umap":
        app.toggle(key="widget_densmap").set_value(True).run()
        assert "densMAP by umap-learn has not been made" in text_of(app)
    app.button(key="make").click().run()
    assert submitted[0] == MapSpec(
        method, run=SHIPPED.id, engine="library", parameters=Parameters(densmap=method == "umap")
    )
    assert not app.exception


def test_densmap_is_asked_for_with_its_library_only():
    app = open_map(method="umap", densmap="yes")
    assert "widget_densmap" not in {toggle.key for toggle in app.toggle} and "Trustworthiness 0.9" in text_of(app)


def test_map_of_the_library_is_shown_with_frames_that_say_where_they_come_from():
    stored = make_bags("umap")
    scene = look_up(stored.spec)
    assert scene.frame_labels[:2] == ("PCA, before it starts", f"iteration {stored.iterations[1]:,}")
    pca = make_bags("pca")
    assert look_up(pca.spec).pca is None and not look_up(pca.spec).start_only
    np.testing.assert_allclose(look_up(pca.spec).coordinates, pca.coordinates, atol=1e-2)


def test_every_setting_of_a_method_is_asked_for(monkeypatch):
    submitted = []
    monkeypatch.setattr(map_jobs, "submit", lambda spec, expected: submitted.append(spec))
    common = {"metric": "cosine", "iterations": "300", "seed": "7"}
    for extra in (
        {"method": "tsne", "perplexity": "40", "learning_rate": "200", "early_exaggeration": "4"},
        {"method": "umap", "n_neighbors": "9", "min_dist": "0.25", "supervised": "yes"},
    ):
        app = open_map(of="pixels", spherize="yes", only="3", **common, **extra)
        app.button(key="make").click().run()
        assert not app.exception
    tsne, umap = submitted
    shared = {"metric": "cosine", "iterations": 300, "seed": 7}
    assert tsne.parameters == Parameters(perplexity=40.0, learning_rate=200.0, early_exaggeration=4.0, **shared)
    assert umap.parameters == Parameters(n_neighbors=9, min_dist=0.25, supervised=True, **shared)
    assert all(spec.spherize and spec.of == "pixels" and spec.pictures == PictureChoice(label=3) for spec in submitted)


def test_names_on_the_map_are_those_of_the_labels_or_of_the_predictions():
    assert sent_to_map(open_map())["named_by"] == "label"
    assert sent_to_map(open_map(names="predicted"))["named_by"] == "predicted"


def test_pictures_of_both_sets_are_numbered_each_in_its_own():
    assert sent_to_map(open_map(method="pca"))["numbered"] == [[0, "Picture"]]
    scene = Scene(MapSpec("pca", pictures=PictureChoice("both")), np.array([7, 60_004]), np.zeros(2), np.zeros((2, 2)))
    (start, word), (beyond, other) = scene.numbered
    assert list(scene.tiles) == [beyond + 7, start + 4]
    assert (word, other) == ("Test picture", "Training picture")


def test_map_of_the_chosen_pictures_alone():
    stored = predictions.load(SHIPPED, "test")
    rows = np.flatnonzero((stored.labels == 6) & (stored.predicted == 4))
    app = open_map(method="pca", find="shirt as coat")
    next(button for button in app.button if button.label == "Map of these alone").click().run()
    assert not app.exception
    assert f"{len(rows):,} pictures, near" in text_of(app)
    next(button for button in app.button if button.label.startswith("Not only the")).click().run()
    assert "10,000 pictures, near" in text_of(app)


@pytest.mark.parametrize("split", ["test", "train", "both"])
def test_positions_of_addresses(split):
    wanted = ["test/9999", "train/5", "test/0", "train/59999"]
    expected = {"test": (0, 9_999), "train": (5, 59_999), "both": (5, 59_999, 60_000, 69_999)}[split]
    assert positions_of(wanted, split) == expected
    named = {address_of(split, position) for position in expected}
    assert named == {one for one in wanted if split in (one.split("/")[0], "both")}


def test_vectors_of_ones_own_are_loaded_mapped_and_refused_in_a_sentence():
    file, rows = io.BytesIO(), np.arange(50, 90)
    np.savez(file, vectors=np.random.default_rng(0).normal(size=(40, 6)), pictures=rows)
    app = open_map()
    app.file_uploader[0].upload("mine.npz", b"garbage", "application/zip").run()
    assert not app.exception and "cannot be read as NPZ" in " ".join(one.value for one in app.error)
    app.file_uploader[0].upload("*mine*.npz", file.getvalue(), "application/zip").run()
    assert not app.exception and own_vectors.is_own(app.query_params["of"]) and app.query_params["method"] == "pca"
    assert not app.toast  # the class that is not chosen, sent as nothing, is no forged value
    assert "40 pictures, near where they are alike to your own vectors." in text_of(app)
    assert "Own vectors: *mine*.npz" in app.selectbox(key="widget_of").options
    assert sent_to_map(app)["axes"][0].startswith("Component 1 · ")
    assert "vectors own_000000000000 are not here" in sentences(open_map(of="own_000000000000", method="pca"))


@pytest.mark.parametrize("side", ["epochs", "networks", "perplexities"])
def test_other_views_open(side):
    app = open_map(side=side)
    assert app.selectbox(key="widget_side").value == side


def test_a_number_that_the_method_chooses_is_an_empty_field_that_says_auto():
    app = open_map(method="tsne", iterations="300")
    assert app.number_input(key="widget_iterations").value == 300
    rate = app.number_input(key="widget_learning_rate")
    assert rate.value is None and rate.placeholder == "auto"
    rate.set_value(200).run()
    assert app.query_params["learning_rate"] == "200"
    for name in ("learning_rate", "iterations"):
        app.number_input(key=f"widget_{name}").set_value(None).run()
        assert name not in app.query_params and app.number_input(key=f"widget_{name}").value is None


def test_stored_map_brings_frames_figures_and_trust():
    stored = make_map()
    scene = look_up(stored.spec)
    np.testing.assert_allclose(scene.coordinates, scene.frames[-1])
    assert scene.frame_labels[0].startswith("PCA") and scene.frame_labels[-1] == "iteration 50"
    assert scene.figures.trustworthiness > 0.5 and scene.trust.shape == (100,)
    assert not scene.start_only and not scene.working


def test_verdicts_belong_to_the_pictures_of_the_map():
    spec = MapSpec("pca", "pixels", SHIPPED.id, pictures=PictureChoice("both", label=3))
    scene = look_up(spec)
    assert (scene.labels == 3).all() and len(scene.positions) == 7_000
    assert scene.address(0).startswith("train/") and scene.address(6_999).startswith("test/")
    for row in (0, 3_000, 6_999):
        assert scene.row_of(scene.address(row)) == row
    verdicts = verdicts_on(SHIPPED, scene)
    stored = predictions.load(SHIPPED, "test")
    np.testing.assert_array_equal(verdicts.predicted[-1_000:], stored.predicted[stored.labels == 3])
    assert verdicts.loss.min() >= 0 and verdicts.confidence.max() <= 1 + 1e-6


def test_drawn_around_pictures_are_chosen_on_every_map(monkeypatch):
    scene = look_up(MapSpec("pca", "pixels", SHIPPED.id))
    other = look_up(MapSpec("pca", "pixels", SHIPPED.id, pictures=PictureChoice("both", label=9)))
    kept = {state.CHOSEN: frozenset(scene.address(row) for row in (0, 1, 23))}
    monkeypatch.setattr(map_panels.st, "session_state", kept)
    monkeypatch.setattr(map_panels.state, "get", lambda name: {"find": "", "cells": ()}[name])
    np.testing.assert_array_equal(sorted(map_panels.chosen_rows(scene, None, ())), [0, 1, 23])
    rows = map_panels.chosen_rows(other, None, ())
    assert {other.address(int(row)) for row in rows} == {
        f"test/{index}" for index in (0, 1, 23) if data.load_split("test").labels[index] == 9
    }
