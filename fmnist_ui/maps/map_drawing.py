"""The large map with all that is marked on it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st

from fmnist_core.embedding.neighbours import Neighbours
from fmnist_core.maps.maps import describe
from fmnist_core.release.sprites import TEST_SHEET
from fmnist_ui import state
from fmnist_ui.maps import map_colours, map_own, map_panels
from fmnist_ui.maps.map_own import Own
from fmnist_ui.maps.map_source import Scene, Verdicts, points_of
from fmnist_ui.widgets.map_html import map_html
from fmnist_ui.widgets.sprite_map import Look, sprite_map

HEIGHT = "var(--window-height)"  # frame.css


@dataclass(frozen=True, eq=False)
class Marks:
    """What is marked on the map."""

    mode: str  # of colouring
    chosen: np.ndarray  # rows
    selected: int | None  # the row of the open picture
    near: Neighbours | None  # its neighbours
    own: Own | None  # the visitor's own picture
    axes: tuple[str, ...] = ()  # their titles, where they mean something


def draw(
    scene: Scene, places: np.ndarray, verdicts: Verdicts | None, names: tuple[str, ...], marks: Marks
) -> Callable[[], str]:
    """Draws the map; returns what makes the same as one HTML file."""
    colours = map_colours.colours_of(marks.mode, scene, verdicts, names, marks.chosen)
    points = points_of(scene, places, verdicts, colours.index)
    frames = None if scene.working else scene.frames
    points, frames = map_own.with_own(points, frames, marks.own, len(colours.palette), len(names))
    extra = marks.own is not None
    alone = bool(len(marks.chosen)) and st.session_state.get(map_panels.ALONE, False)
    rings = marks.near.indices[0] if marks.near else marks.own.landing.indices[0] if marks.own else None
    look = Look(
        palette=(*colours.palette, map_own.COLOUR) if extra else colours.palette,
        legend=(*colours.legend, map_own.WORD) if extra else colours.legend,
        class_names=(*names, map_own.WORD) if extra else names,
        selected=len(scene.positions) if extra and marks.selected is None else marks.selected,
        highlighted=rings,
        emphasised=marks.chosen if len(marks.chosen) and not alone else None,
        shown=marks.chosen if alone else None,
        frames=frames,
        frame_labels=None if frames is None else scene.frame_labels,
        named_by=state.get("names"),
        numbered=scene.numbered,
        axes=marks.axes,
    )
    sprite_map(
        points,
        look,
        key="map",
        sheet=scene.sheet,
        height=HEIGHT,
        on_pick=partial(_open, scene),
        on_select=lambda rows: map_panels.choose(scene, rows[rows < len(scene.positions)]),
    )
    count = scene.sheet.count
    sheet = TEST_SHEET.read_bytes() if count else None
    return lambda: map_html(points, look, sheet=sheet, sheet_count=count, title=describe(scene.spec))


def _open(scene: Scene, index: int) -> None:
    if index < len(scene.positions):  # beyond them lies the visitor's own
        state.put(picture=scene.address(index))
