"""Explore: confusion matrix, map and pictures of one run on one screen; a choice in one is shown in all."""

from contextlib import nullcontext
from pathlib import Path

import streamlit as st

from fmnist_core import data
from fmnist_core.maps.map_spec import METHOD_WORDS, MapSpec, Method
from fmnist_core.runs.catalogue import Row
from fmnist_core.storage.folders import RunError
from fmnist_ui import brought_in, explore, parts, state
from fmnist_ui.explore import bench, brushes, windows
from fmnist_ui.frame import open_inside_app
from fmnist_ui.layout import first_line, presenting

open_inside_app(__file__)

FIELDS = (
    "run other differ pictures method of cells area find class confidence losses errors doubt picture first page "
    "window probabilities"
)
STYLE = (Path(explore.__file__).parent / "explore.css").read_text(encoding="utf-8")
SPLIT_WORDS = {"test": "Test, 10,000", "train": "Training, 60,000"}
WINDOW_WORDS = {"matrix": "Matrix", "map": "Map", "pictures": "Pictures"}
POLL_SECONDS = 1.0


Choice = tuple[Row, Row | None, str, Method]  # A, B, which pictures, by which method their map is


def choices() -> Choice | None:
    row = parts.choose_run()
    if row is None:
        return None
    split = state.select(
        "Pictures", "pictures", tuple(SPLIT_WORDS), format_func=SPLIT_WORDS.get, clears=("area", "page"), width=165
    )
    method: Method = state.segmented(
        "Map", "method", tuple(METHOD_WORDS), fallback="tsne", format_func=METHOD_WORDS.get, clears=("area",)
    )
    other = parts.choose_other(row, "Against B", clears=("page",), width=200)
    if other is not None:
        state.select(
            "Differ",
            "differ",
            tuple(brushes.DIFFER),
            format_func=lambda one: brushes.DIFFER[one].capitalize(),
            clears=("page",),
            width=170,
        )
    brushes.filter_controls_popover(row.config.class_names if row.config else data.CLASS_NAMES)
    return row, other, split, method


def look(row: Row, other: Row | None, split: str, method: Method) -> None:
    """The views, drawn again each second while their map is made."""
    spec = bench.spec_of(row, method, split)
    try:
        working = bench.load(row, other, spec).scene.working
    except (RunError, ValueError) as error:
        st.warning(str(error), icon=":material/broken_image:")
        return
    st.fragment(run_every=POLL_SECONDS if working else None)(views)(row, other, spec, working)


def choose_window() -> None:
    """Where there is room for one view only: which; explore.css hides the choice elsewhere."""
    with st.container(key="explore-tabs", width="content"):
        state.segmented(
            "View", "window", tuple(WINDOW_WORDS), format_func=WINDOW_WORDS.get, label_visibility="collapsed"
        )
    hidden = ", ".join(
        f"[data-testid=stColumn]:has(.st-key-window-{one})" for one in WINDOW_WORDS if one != state.get("window")
    )
    room = "all" if presenting.is_on() else "(max-width: 640px)"
    st.html(f"<style>@media {room} {{ {hidden} {{ display: none; }} }}</style>")


def views(row: Row, other: Row | None, spec: MapSpec, working: bool) -> None:
    found = bench.load(row, other, spec)
    if found.scene.working != working:  # whether this is drawn again by itself is decided outside
        st.rerun()
    linked, held = brushes.read(found)
    with st.container(horizontal=True, vertical_alignment="center") if presenting.is_on() else nullcontext():
        choose_window()
        brushes.say(found, linked, held)
    left, middle, right = st.columns([10, 11, 8], gap="small")
    with left, st.container(key="window-matrix"):
        windows.matrix_window(found, linked)
    with middle, st.container(key="window-map"):
        windows.map_window(found, linked, held)
    with right, st.container(key="window-pictures"):
        windows.pictures_window(found, linked)


state.enter("explore", *FIELDS.split())
st.html(f"<style>{STYLE}</style>")
with first_line.bar("Explore", "Run and filter"):
    chosen = choices()
if chosen is not None:
    brought_in.warn(chosen[0])
    look(*chosen)
