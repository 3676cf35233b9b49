"""The brushes of Explore's views: the controls of the filter, what is chosen, and a way to let go of each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from fmnist_core import glossary
from fmnist_core.maps import area, brushing, search
from fmnist_core.maps.brushing import BROKEN, FIXED, Linked
from fmnist_core.maps.search import SearchError
from fmnist_core.metrics import scores, selection
from fmnist_ui import state
from fmnist_ui.evaluate import filter_controls
from fmnist_ui.explore.bench import Bench, in_doubt
from fmnist_ui.layout import presenting
from fmnist_ui.widgets.hostile_text import literal
from fmnist_ui.widgets.map_data import MapPoints
from fmnist_ui.widgets.map_selection import select_in_polygon

DIFFER = {"all": "fixed or broken", "fixed": "fixed by B", "broken": "broken by B"}
DOUBT_WORDS = {"any": "Any", "only": "Only these", "without": "Without them"}
DOUBT_SAID = {"only": "label in doubt", "without": "label not in doubt"}
HINT = ":gray[Click a cell, draw around points, or filter: all three follow.]"
ANEW: dict[str, Any] = {"page": None}  # another choice begins at its first page


@dataclass(frozen=True, eq=False)
class Brush:
    words: str  # what is chosen with it
    fields: tuple[str, ...]  # of the address, that say so
    holds: np.ndarray | None  # (n,) bool; None: the matrix' own, which says it by itself


def filter_controls_popover(names: tuple[str, ...]) -> None:
    """The filter, which narrows all views. names: of the run's classes."""
    with st.popover("Filter", icon=":material/filter_alt:", help=glossary.term("Filter")):
        told: dict[str, Any] = {"placeholder": "shirt as coat", "icon": ":material/search:", "help": search.HELP}
        state.text("Find", "find", clears=("page",), **told)
        words = lambda one: "All" if one == "all" else names[one]  # noqa: E731
        state.select("Class", "class", ("all", *range(len(names))), format_func=words, clears=("page",))
        filter_controls.slide_confidence()
        filter_controls.slide_loss()
        state.toggle("Only errors", "errors", help=glossary.term("Errors"))
        told = {"help": "Pictures whose label the audit on the page Data doubts.", "clears": ("page",)}
        state.segmented("Label in doubt", "doubt", tuple(DOUBT_WORDS), format_func=DOUBT_WORDS.get, **told)


def read(bench: Bench) -> tuple[Linked, list[Brush]]:
    """What is chosen, and by which brushes that hold anything."""
    brushes = [*_against(bench), *_area(bench), *_filter(bench)]
    cells = selection.fitting(state.get("cells"), bench.names)
    linked = brushing.link(bench.answers, [one.holds for one in brushes if one.holds is not None], cells, bench.names)
    if cells:
        said = selection.describe(cells[0], bench.names) if len(cells) == 1 else f"{len(cells)} cells"
        brushes.insert(0, Brush(said, ("cells",), None))
    return linked, brushes


def _against(bench: Bench) -> list[Brush]:
    if bench.other is None:
        return []
    change, wanted = bench.answers.change, state.get("differ")
    holds = {"all": change > 0, "fixed": change == FIXED, "broken": change == BROKEN}[wanted]
    return [Brush(DIFFER[wanted], ("other", "differ"), holds)]


def _area(bench: Bench) -> list[Brush]:
    """What lies within the line that was drawn on the map, exactly as the address says it."""
    corners, places = state.get("area"), bench.places
    if not corners or not len(places):
        return []
    points = MapPoints(places[:, 0], places[:, 1], bench.scene.positions, bench.scene.labels, bench.scene.labels)
    inside = select_in_polygon(points, {"polygon": area.to_polygon(corners, places).tolist()})
    holds = np.zeros(len(places), bool)
    if inside is not None:
        holds[inside] = True
    return [Brush("drawn around", ("area",), holds)]


def _filter(bench: Bench) -> list[Brush]:
    answers, found = bench.answers, []

    def add(words: str, field: str, holds: Callable[[], np.ndarray]) -> None:
        if words:
            found.append(Brush(words, (field,), holds()))

    everything = (0.0, float("inf"))
    low, high = state.get("confidence")
    stand_in = scores.Scores(answers.confidence, answers.loss, answers.confidence, answers.confidence)
    sure = lambda: scores.within(stand_in, (low / 100, high / 100), everything)  # noqa: E731
    loss = lambda: scores.within(stand_in, everything, state.get("losses"))  # noqa: E731
    label = state.get("class")
    add(bench.names[label] if label in range(len(bench.names)) else "", "class", lambda: answers.labels == label)
    add(literal(state.get("find")), "find", lambda: _searched(bench, state.get("find")))
    add(filter_controls.confidence_words(), "confidence", sure)
    add(filter_controls.loss_words(), "losses", loss)
    add("errors" if state.get("errors") else "", "errors", lambda: answers.predicted != answers.labels)
    doubt = state.get("doubt")
    add(DOUBT_SAID.get(doubt, ""), "doubt", lambda: in_doubt(bench) == (doubt == "only"))
    return found


def _searched(bench: Bench, query: str) -> np.ndarray:
    scene, holds = bench.scene, np.zeros(len(bench.scene.positions), bool)
    try:
        holds[search.find(query, scene.labels, bench.answers.predicted, bench.names, scene.numbers)] = True
    except SearchError as error:
        st.warning(literal(str(error)), icon=":material/search_off:")
    return holds


def say(bench: Bench, linked: Linked, brushes: list[Brush]) -> None:
    """How many pictures are chosen and by what; a click on a condition lets go of it."""
    total, count = len(bench.scene.positions), len(linked.rows)
    with st.container(horizontal=True, vertical_alignment="center", key="explore-said", gap="small"):
        if not brushes:
            right = int((bench.answers.predicted == bench.answers.labels).sum())
            hint = "" if presenting.is_on() else HINT
            st.markdown(f"**{total:,}** pictures, {total - right:,} of them errors. {hint}", width="content")
            return
        st.markdown(f"**{count:,}** of {total:,} pictures{_fixed_and_broken(bench, linked)}", width="content")
        for brush in brushes:
            key = f"let-go-{brush.fields[0]}"
            st.button(brush.words, icon=":material/close:", key=key, on_click=let_go, args=(brush.fields,))
        if len(brushes) > 1:
            every = tuple(field for brush in brushes for field in brush.fields)
            st.button("Show all", key="let-go", type="tertiary", on_click=let_go, args=(every,))


def _fixed_and_broken(bench: Bench, linked: Linked) -> str:
    """Of the chosen ones, in the colours of the map."""
    if bench.other is None:
        return ""
    counts = np.bincount(bench.answers.change[linked.rows], minlength=3)
    return f": :primary[:material/circle: {counts[FIXED]:,} fixed], :red[:material/circle: {counts[BROKEN]:,} broken]"


def let_go(fields: tuple[str, ...]) -> None:
    state.put(**dict.fromkeys(fields), **ANEW)
