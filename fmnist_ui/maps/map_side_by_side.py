"""Several small maps of the same pictures: a finger on one points at the same picture on all."""

import dataclasses
import html

import streamlit as st

from fmnist_core import glossary
from fmnist_core.maps.map_spec import MapSpec, Parameters
from fmnist_core.runs.catalogue import Row
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached, parts, state
from fmnist_ui.inspect import data_pictures
from fmnist_ui.maps import map_colours, map_panels
from fmnist_ui.maps.map_colours import Colours
from fmnist_ui.maps.map_job import job_bar, start
from fmnist_ui.maps.map_source import Scene, look_up, points_of, verdicts_on
from fmnist_ui.widgets.sprite_map import Look, sprite_map

POLL_SECONDS = 1.0
PERPLEXITIES = (5, 15, 30, 100)
HEIGHT = 380
MODES = ("class", "predicted", "mistakes", "confidence", "trust", "chosen")
SAME_DATA = (
    "The same pictures at four perplexities. What all four show is in the data; what only one of them shows, such as "
    "the size of a group or the room between two, is the method's."
)


def four_perplexities(row: Row, spec: MapSpec) -> None:
    """t-SNE of the same pictures four times. spec: says of what, which pictures, how many dimensions."""
    specs = {
        f"Perplexity {one}": dataclasses.replace(spec, method="tsne", parameters=Parameters(perplexity=float(one)))
        for one in PERPLEXITIES
    }
    st.caption(SAME_DATA)
    _draw({title: (row, one) for title, one in specs.items()}, columns=2)


def two_networks(row: Row, spec: MapSpec) -> None:
    """The same map of two runs."""
    others = [other for other in cached.list_rows() if other.has("maps/features.npz") and other.run.id != row.run.id]
    if not others:
        st.info("Train another network first: then two can be seen side by side.", icon=":material/info:")
        return
    titles = {other.run.id: parts.run_title(other) for other in others}
    chosen = state.select("Beside it", "other", list(titles), format_func=titles.get, width=420)
    other = next(one for one in others if one.run.id == chosen)
    theirs = dataclasses.replace(spec, run=chosen)
    _draw({parts.run_title(row): (row, spec), titles[chosen]: (other, theirs)}, columns=2)


def _draw(maps_of: dict[str, tuple[Row, MapSpec]], columns: int) -> None:
    try:
        scenes = {title: look_up(spec) for title, (_, spec) in maps_of.items()}
    except (RunError, ValueError) as error:
        st.warning(str(error), icon=":material/broken_image:")
        return
    working = any(scene.working for scene in scenes.values())
    st.fragment(run_every=POLL_SECONDS if working else None)(_panel)(maps_of, working, columns)


def _panel(maps_of: dict[str, tuple[Row, MapSpec]], was_working: bool, columns: int) -> None:
    scenes = {title: look_up(spec) for title, (_, spec) in maps_of.items()}
    if any(scene.working for scene in scenes.values()) != was_working:
        st.rerun()
    missing = [scene for scene in scenes.values() if _is_missing(scene)]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        mode = state.select("Colour", "colour", MODES, format_func=map_colours.WORDS.get, width=190)
        if len(missing) > 1:
            st.button(
                "Make them all", icon=":material/play_arrow:", type="primary", on_click=_start_all, args=(missing,)
            )
    key_to_colours, shown = st.container(), []  # one key for all maps
    cells = [cell for _ in range(0, len(scenes), columns) for cell in st.columns(columns, gap="medium")]
    for number, (cell, (title, scene)) in enumerate(zip(cells, scenes.items(), strict=False)):
        with cell:
            st.markdown(f"**{title}**")
            job_bar(scene, key=f"make-{number}")
            if len(scene.coordinates):
                shown.append(_small_map(scene, maps_of[title][0], mode, f"small-{number}"))
            if scene.figures and scene.figures.trustworthiness is not None:
                told = glossary.term("Trustworthiness")
                st.caption(f"Trustworthiness {scene.figures.trustworthiness:.3f}", help=told)
    if shown:
        with key_to_colours:
            legend(shown[0])
    if (address := state.get("picture")) and any(scene.row_of(address) is not None for scene in scenes.values()):
        data_pictures.open_picture(address, next(iter(maps_of.values()))[0])


def _small_map(scene: Scene, row: Row, mode: str, key: str) -> Colours:
    verdicts = verdicts_on(row.run, scene)
    names = row.config.class_names if row.config else ()
    chosen = map_panels.chosen_rows(scene, verdicts, names)
    colours = map_colours.colours_of(mode, scene, verdicts, names, chosen)
    places = scene.coordinates[:, : scene.spec.dims]
    sprite_map(
        points_of(scene, places, verdicts, colours.index),
        Look(
            colours.palette,
            colours.legend,
            names,
            selected=scene.row_of(state.get("picture")),
            emphasised=chosen if len(chosen) else None,
            numbered=scene.numbered,
        ),
        key=key,
        sheet=scene.sheet,
        height=HEIGHT,
        legend_shown=False,
        linked="side by side",
        on_pick=lambda index: state.put(picture=scene.address(index)),
        on_select=lambda rows: map_panels.choose(scene, rows),
    )
    return colours


def legend(colours: Colours) -> None:
    dots = "".join(
        "<span style='display:inline-flex;align-items:center;gap:.4rem;margin-right:1rem;font-size:.85rem'>"
        f"<span style='width:.7rem;height:.7rem;border-radius:50%;background:{colour}'></span>"
        f"{html.escape(name)}</span>"
        for colour, name in zip(colours.palette, colours.legend, strict=True)
    )
    st.html(f"<div style='display:flex;flex-wrap:wrap'>{dots}</div>")


def _is_missing(scene: Scene) -> bool:
    return not scene.working and (scene.start_only or not len(scene.coordinates))


def _start_all(scenes: list[Scene]) -> None:
    for scene in scenes:
        start(scene.spec)
