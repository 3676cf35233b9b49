"""A visitor's own picture on the map: it lands between the pictures that are most like it.

On a map of umap-learn or scikit-learn the library itself says where, a few seconds later.
"""

import concurrent.futures
import dataclasses
from concurrent.futures import Future
from dataclasses import dataclass

import numpy as np
import streamlit as st

from fmnist_core.embedding.landing import Landing, land
from fmnist_core.maps import transform
from fmnist_core.maps.maps import Figures
from fmnist_core.maps.transform import Landed
from fmnist_core.runs.catalogue import Row
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached, calibrated, parts, state
from fmnist_ui.maps import map_panels
from fmnist_ui.maps.map_source import Scene, Verdicts
from fmnist_ui.widgets.map_data import MapPoints, default_sheet

ASKED = "own_picture_asked"  # in the session: of which map and picture a library was asked, and its answer to come
ASK_SECONDS = 0.9  # between looks whether it is there
COLOUR, WORD = "#e5007e", "yours"


@dataclass(frozen=True, eq=False)
class Own:
    picture: np.ndarray  # (28, 28) uint8
    landing: Landing
    probabilities: np.ndarray  # (classes,)
    by: str = transform.NEIGHBOURS  # who says where it lies; see transform.Landed
    note: str = ""  # a sentence: why not the library that made the map
    asked: "Future[Landed] | None" = None  # the library, which has not answered yet


def find_own(scene: Scene, places: np.ndarray, row: Row) -> Own | None:
    """Where the visitor's picture lands on these places; None, with a sentence, where it cannot."""
    picture = st.session_state.get(state.OWN_PICTURE)
    if picture is None or not len(places):
        return None
    found = cached.map_vectors(scene.spec)
    if found is None or (why := transform.cannot_land(scene.spec)):
        told = "It lands on a finished map." if found is None else why
        st.info(f"Your own picture is not shown. {told}", icon=":material/flight_land:")
        return None
    space, vectors = found
    try:
        classifier = cached.load_classifier(row.run)
        vector = space.vectors(picture[None], classifier if scene.spec.needs_run else None)
        logits = classifier.logits(picture[None])
    except (RunError, ValueError) as error:
        st.warning(f"Your own picture cannot land here. {error}", icon=":material/flight_land:")
        return None
    own = Own(picture, land(vector, vectors, places), calibrated.probabilities(row.run, logits)[0])
    if scene.figures is None or scene.working or not scene.spec.library:
        return own
    return _placed_by_library(own, scene, scene.figures)


def _placed_by_library(own: Own, scene: Scene, figures: Figures) -> Own:
    """Moves it to where the map's library says, once that has answered; asks, where nobody has."""
    if transform.way(scene.spec) is None:
        return dataclasses.replace(own, note=transform.why_neighbours(scene.spec))
    key = (scene.spec.name, figures.seconds, own.picture.tobytes())
    known, asked = st.session_state.get(ASKED, (None, None))
    if known != key:
        asked = transform.ask(scene.spec.name, own.picture)
        st.session_state[ASKED] = (key, asked)
    if not asked.done():
        return dataclasses.replace(own, asked=asked)
    try:
        landed = asked.result()
    except RunError as error:
        return dataclasses.replace(own, note=f"{error} It lies among those that are most like it.")
    place = np.array([landed.coordinates], np.float32)
    landing = dataclasses.replace(own.landing, coordinates=place)
    return dataclasses.replace(own, landing=landing, by=landed.by, note=landed.note)


def own_panel(scene: Scene, own: Own | None, verdicts: Verdicts | None, names: tuple[str, ...]) -> None:
    """The landed picture and those that pulled it there; without one, where to make one."""
    if own is None:
        if st.session_state.get(state.OWN_PICTURE) is None:
            label = "Put a drawing or photo of yours here"
            st.page_link("pages/predict.py", label=label, icon=":material/flight_land:")
        return
    best = int(own.probabilities.argmax())
    with st.container(horizontal=True, vertical_alignment="center"):
        st.image(parts.enlarge(own.picture), width=96, alt="Your own picture, 28 by 28 pixels")
        st.markdown(f"**Yours**  \n{names[best]}, {parts.percent(float(own.probabilities[best]))}")
        st.button("", icon=":material/close:", type="tertiary", help="Take it off the map", on_click=_forget)
    rows, pulls = own.landing.indices[0], own.landing.weights[0]
    between = f"It landed between these {len(rows)}, most like it; under each, how much it pulled."
    if own.by != transform.NEIGHBOURS:
        between = f"{own.by} of {scene.spec.library} placed it. Most like it are these {len(rows)}, by these weights."
    st.caption(f"{own.note} {between}".lstrip())
    above = st.container()
    figures = [parts.percent(float(pull), 0) for pull in pulls]
    map_panels.pictures(scene, rows, verdicts, names, "landed", "What pulled it there", figures)
    if own.asked is not None:  # last, for it waits
        with above:
            st.fragment(run_every=1.0)(_wait)(own.asked, f"{transform.way(scene.spec)} places it: a few seconds.")


def _wait(asked: "Future[Landed]", words: str) -> None:
    with st.spinner(words):
        concurrent.futures.wait([asked], ASK_SECONDS)
    if asked.done():
        st.rerun()


def _forget() -> None:
    st.session_state.pop(state.OWN_PICTURE, None)


def with_own(points: MapPoints, frames: np.ndarray | None, own: Own | None, colour: int, label: int) -> tuple:
    """The points and the frames with one point more, which in every frame lies as it does to the same pictures.

    colour: its index in the palette. label: that in the class names.
    """
    if own is None:
        return points, frames
    indices, weights = own.landing.indices[0], own.landing.weights[0]
    added = {"picture": max(int(points.picture.max()) + 1, default_sheet().count), "colour": colour, "label": label}
    place = own.landing.coordinates[0]
    added |= dict(zip("xyz", place, strict=False))
    if points.predicted is not None:
        added["predicted"] = int(own.probabilities.argmax())
        added["confidence"] = round(255 * float(own.probabilities.max()))
    changed = {}
    for field in dataclasses.fields(points):
        values = getattr(points, field.name)
        if values is not None:
            changed[field.name] = np.append(values, added[field.name]).astype(values.dtype)
    if frames is not None:
        paths = np.einsum("k,fkd->fd", weights, frames[:, indices])
        paths += place - paths[-1]  # from between them to where it lies, where a library has placed it
        frames = np.concatenate([frames, paths[:, None].astype(frames.dtype)], axis=1)
        changed |= dict(zip("xyz", np.split(frames[-1], frames.shape[2], axis=1), strict=False))
        changed = {name: values.reshape(-1) for name, values in changed.items()}
    return MapPoints(**changed), frames
