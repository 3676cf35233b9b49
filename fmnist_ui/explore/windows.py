"""The three views of Explore, each of which shows what is chosen and chooses."""

from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from fmnist_core.colours import class_colours
from fmnist_core.maps import area
from fmnist_core.maps.brushing import BROKEN, FIXED, Linked
from fmnist_core.maps.map_spec import images_at
from fmnist_core.metrics import evaluation, selection
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached, calibrated, parts, state
from fmnist_ui.explore.bench import Bench
from fmnist_ui.explore.brushes import ANEW, Brush
from fmnist_ui.inspect import data_pictures
from fmnist_ui.maps.map_colours import GRAY, RED, STEPS
from fmnist_ui.maps.map_job import job_bar
from fmnist_ui.widgets import paging
from fmnist_ui.widgets.gallery import Tile, Tone
from fmnist_ui.widgets.matrix import selectable_matrix
from fmnist_ui.widgets.sprite_map import Look, sprite_map

HEIGHT = "var(--window-height)"  # explore.css
ON_A_PAGE = 60
FIRST_WORDS = {"loss": "Largest loss first", "surest": "Most confident first", "least": "Least confident first"}
CHANGE_WORDS = ("as with A", "fixed by B", "broken by B")
CHANGE_COLOURS = (GRAY, STEPS[-1], RED)


def matrix_window(bench: Bench, linked: Linked) -> None:
    """Of what the other brushes leave; its chosen cells and the cell of the open picture are outlined."""
    answers, names = bench.answers, bench.names
    rows = np.flatnonzero(linked.kept)
    counts = evaluation.confusion_matrix(answers.labels[rows], answers.called[rows], len(names))
    sides = tuple(map(str, range(len(names))))
    cells = selection.fitting(state.get("cells"), names)
    opened = bench.scene.row_of(state.get("picture"))
    marked = None if opened is None else (int(answers.labels[opened]), int(answers.called[opened]))

    def pick(places: list[tuple[int, int]], add: bool) -> None:
        wanted = selection.pick(cells, places, add, sides)
        state.put(cells=() if wanted == cells else wanted, **ANEW)

    selectable_matrix(
        counts,
        names,
        key="explore-matrix",
        show="counts" if bench.other is None else "part",
        paint="shares",
        chosen=selection.places_of(cells, sides),
        marked=marked,
        several=False,
        on_pick=pick,
    )


def map_window(bench: Bench, linked: Linked, brushes: list[Brush]) -> None:
    """All pictures; what is not chosen fades."""
    scene = bench.scene
    job_bar(scene, key="explore-make")
    if not len(bench.places):
        return
    names = bench.names
    palette, legend = (class_colours(len(names)), names) if bench.other is None else (CHANGE_COLOURS, CHANGE_WORDS)
    look = Look(
        palette=palette,
        legend=legend,
        class_names=names,
        selected=scene.row_of(state.get("picture")),
        emphasised=linked.rows if brushes else None,
        numbered=scene.numbered,
    )
    sprite_map(
        bench.points,
        look,
        key="explore-map",
        sheet=scene.sheet,
        height=HEIGHT,
        legend_shown=False,
        on_pick=lambda point: state.put(picture=bench.address(point)),
        on_draw=lambda line: state.put(area=area.from_polygon(line, bench.places), **ANEW),
    )


def pictures_window(bench: Bench, linked: Linked) -> None:
    """The chosen pictures, page by page, and the open one above them."""
    sort = state.select(
        "Order",
        "first",
        tuple(FIRST_WORDS),
        format_func=FIRST_WORDS.get,
        clears=("page",),
        label_visibility="collapsed",
    )
    rows = _sorted(bench, linked.rows, sort)
    _open_picture(bench, rows)
    if not len(rows):
        st.info("No picture fits. Let go of one of the conditions above.", icon=":material/search_off:")
        return
    shown = rows[paging.open_part(len(rows), ON_A_PAGE)]
    tiles = _tiles(bench, shown, sort)
    addresses = [bench.address(int(row)) for row in shown]
    data_pictures.addressed_gallery(tiles, addresses, key="explore-pictures", label="The chosen pictures", size=72)
    paging.turn(len(rows), ON_A_PAGE, f"explore-{len(rows)}-{rows[0]}")


def _sorted(bench: Bench, rows: np.ndarray, sort: str) -> np.ndarray:
    confidence, loss = bench.answers.confidence[rows], bench.answers.loss[rows]
    keys = {"surest": -confidence, "least": confidence, "loss": -loss}
    return rows[np.argsort(keys[sort], kind="stable")]


def _tiles(bench: Bench, rows: np.ndarray, sort: str) -> list[Tile]:
    """Under each its label and what it was called; against another run, whether that one fixes or breaks it."""
    answers, scene, names = bench.answers, bench.scene, bench.names
    order = np.argsort(scene.positions[rows], kind="stable")
    images = np.empty((len(rows), 28, 28), np.uint8)
    images[order] = images_at(bench.split, scene.positions[rows][order])
    tiles = []
    for image, row in zip(images, rows.tolist(), strict=True):
        label, called = int(answers.labels[row]), int(answers.called[row])
        sure = f"{answers.loss[row]:.2f}" if sort == "loss" else parts.percent(float(answers.confidence[row]), 0)
        tile = data_pictures.judged_tile(image, label, called, bench.address(row), names, sure)
        change = int(answers.change[row])
        if change in (FIXED, BROKEN):
            tone: Tone = "right" if change == FIXED else "wrong"
            said = f"{tile.alt} by {'A' if change == FIXED else 'B'}, {CHANGE_WORDS[change]}"
            tile = Tile(image, names[label], names[called], tone, said)
        tiles.append(tile)
    return tiles


def _open_picture(bench: Bench, rows: np.ndarray) -> None:
    """What the address names: the picture, its label, the likeliest classes, and the way to the next."""
    opened = bench.scene.row_of(state.get("picture"))
    if opened is None:
        return
    address = bench.address(opened)
    split, index = address.split("/")
    image = images_at(bench.split, bench.scene.positions[opened : opened + 1])[0]
    with st.container(border=True, key="explore-large"):
        label = bench.names[int(bench.answers.labels[opened])]
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{label}** :gray[{address}]", width="content")
            place = np.flatnonzero(rows == opened)
            if len(place):
                paging.step(int(place[0]), len(rows), partial(_go, bench, rows))
            told: dict[str, Any] = {"on_click": state.put, "kwargs": {"picture": None}, "type": "tertiary"}
            st.button("", icon=":material/close:", key="explore-close", help="Close the picture", **told)
        try:
            logits = cached.logits_of_picture(bench.row.run, split, int(index))
        except RunError as error:
            st.warning(str(error), icon=":material/broken_image:")
            return
        parts.brief_answer(image, calibrated.probabilities(bench.row.run, logits)[0], bench.names, None)
        if bench.answers.other is not None:
            st.caption(f"B calls it {bench.names[int(bench.answers.other[opened])]}.")
        if not len(place):
            st.caption("It is not among the chosen ones.")
        if parts.opens(bench.row, "inside.py"):
            link = {"run": bench.row.run.id, "picture": address}
            st.page_link("pages/inside.py", label="Look inside", icon=":material/account_tree:", query_params=link)


def _go(bench: Bench, rows: np.ndarray, place: int) -> None:
    state.put(picture=bench.address(int(rows[place])), page=place // ON_A_PAGE)
