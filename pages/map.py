"""Map: pictures as points, near where a network or a comparison of pixels finds them alike."""

import streamlit as st

from fmnist_core import data
from fmnist_core.maps.map_spec import MapSpec
from fmnist_core.maps.search import HELP
from fmnist_core.runs.catalogue import Row
from fmnist_core.storage.folders import RunError
from fmnist_ui import charts, parts, state
from fmnist_ui.frame import open_inside_app
from fmnist_ui.layout import first_line
from fmnist_ui.maps import map_colours, map_panels
from fmnist_ui.maps.map_axes import project
from fmnist_ui.maps.map_controls import choose_spec
from fmnist_ui.maps.map_drawing import Marks, draw
from fmnist_ui.maps.map_epochs import over_epochs
from fmnist_ui.maps.map_job import job_bar
from fmnist_ui.maps.map_notes import notes
from fmnist_ui.maps.map_own import find_own, own_panel
from fmnist_ui.maps.map_side_by_side import four_perplexities, two_networks
from fmnist_ui.maps.map_source import Scene, Verdicts, look_up, verdicts_on

open_inside_app(__file__)

POLL_SECONDS = 1.0
FIELDS = (
    "run of method engine dims pictures only map_errors perplexity learning_rate early_exaggeration n_neighbors "
    "min_dist supervised densmap metric iterations seed spherize colour names x y z left right below above find cells "
    "picture k neighbour_metric side other probabilities page"
).split()
NAME_WORDS = {"label": "Labels", "predicted": "Predicted"}
HOW = "Click a garment to see it large. Hold Shift and drag to choose many."
HOW_ON_TOUCH = "Tap a garment to see it large. Draw a lasso around many to choose them."
SIDE_WORDS = {
    "one": "One map",
    "epochs": "Over epochs",
    "networks": "Two networks",
    "perplexities": "Four perplexities",
}


def choices() -> tuple[Row, str, MapSpec | None] | None:
    """The run, the view, and what it is the map of, where the view does not say it itself."""
    row = parts.choose_run(width=215)
    if row is None:
        return None
    side = state.select("Show", "side", tuple(SIDE_WORDS), format_func=SIDE_WORDS.get, width=150)
    return row, side, None if side == "epochs" else choose_spec(row, fixed=side == "perplexities")


def show(row: Row, side: str, spec: MapSpec | None) -> None:
    if spec is None:
        over_epochs(row)
    elif side == "networks":
        two_networks(row, spec)
    elif side == "perplexities":
        four_perplexities(row, spec)
    else:
        one_map(row, spec)


def one_map(row: Row, spec: MapSpec) -> None:
    try:
        scene = look_up(spec)
        verdicts = verdicts_on(row.run, scene)
    except (RunError, ValueError) as error:
        st.warning(str(error), icon=":material/broken_image:")
        return
    st.fragment(run_every=POLL_SECONDS if scene.working else None)(panel)(row, scene, verdicts)


def panel(row: Row, scene: Scene, verdicts: Verdicts | None) -> None:
    """The map and what stands beside it; while its job works, it is looked up again each second."""
    before, scene = scene, look_up(scene.spec)
    if scene.working != before.working:  # whether this is drawn again by itself is decided outside
        st.rerun()
    names = row.config.class_names if row.config else data.CLASS_NAMES
    main, side = st.columns([7, 3], gap="medium")
    with side:
        mode = colouring(scene, verdicts)
        shown = project(scene, verdicts, names)
    with main:
        job_bar(scene)
        chosen = map_panels.chosen_rows(scene, verdicts, names)
        selected = scene.row_of(state.get("picture"))
        near = None if selected is None else map_panels.neighbours_of(scene, selected)
        own = find_own(scene, shown.places, row)
        marks = Marks(mode, chosen, selected, near, own, shown.titles)
        as_file = draw(scene, shown.places, verdicts, names, marks) if len(shown.places) else None
        notes(scene, shown.sentence, verdicts, names, as_file)
    with side:
        if len(chosen) or state.get("find"):
            map_panels.chosen_panel(scene, chosen, verdicts, names)
        if selected is not None:
            map_panels.picture_panel(scene, selected, row, near, verdicts, names)
        elif not len(chosen):
            st.info(HOW_ON_TOUCH if charts.on_touch() else HOW, icon=":material/touch_app:")
        own_panel(scene, own, verdicts, names)


def colouring(scene: Scene, verdicts: Verdicts | None) -> str:
    """What is coloured, named and looked for; returns the mode of colouring."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        modes = map_colours.available(scene, verdicts)
        mode = state.select("Colour", "colour", modes, format_func=map_colours.WORDS.get, width=170)
        if verdicts is not None:
            state.select("Names", "names", tuple(NAME_WORDS), format_func=NAME_WORDS.get)
    told = {"placeholder": "shoe wrong", "icon": ":material/search:", "help": HELP, "clears": ("page",)}
    state.text("Find", "find", **told)
    return str(mode)


state.enter("map", *FIELDS)
with first_line.bar("Map", "Run and map"):
    chosen = choices()
if chosen is not None:
    show(*chosen)
