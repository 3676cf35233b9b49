"""One photo or drawing in full: what the network saw, its answer, whether it knows such pictures; more on demand."""

from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

from fmnist_core.data import DataError
from fmnist_core.inference.photo_answer import PhotoAnswer
from fmnist_core.metrics.calibrators import RAW
from fmnist_core.photo.decode import PhotoError
from fmnist_core.photo.pipeline import DEFAULT_MODE
from fmnist_core.photo.settings import DEFAULTS, Settings
from fmnist_core.photo.steps import Prepared
from fmnist_core.runs.catalogue import Row
from fmnist_core.storage.folders import RunError
from fmnist_ui import charts, parts, state
from fmnist_ui.inspect import nearest_panel, robustness_panel, why_panel
from fmnist_ui.predict import four_ways_panel, out_of_distribution_panel, photo_answers, stepper_panel, votes_panel
from fmnist_ui.predict.photo_answers import VisitorPhoto
from fmnist_ui.widgets import paint_canvas
from fmnist_ui.widgets.hostile_text import literal

SMALL = 154  # CSS pixels of a picture on a phone: with two of them the answer is on the first screen
OF_DRAWINGS = {"steps": "Steps"}
OF_PHOTOS = OF_DRAWINGS | {"ways": "Four ways"}
OF_ONE_VIEW = ("why", "robust")
ONE_VIEW = (
    "Of the one picture that is shown above, with raw probabilities. The answer above may be the mean over several "
    "views of the photo and calibrated, so it can differ."
)
OF_ALL = {"nearest": "Nearest", "votes": "Votes", "why": "Why", "robust": "Robustness"}


@st.fragment
def show_photo(row: Row, photo: VisitorPhoto, mode: str, key: str) -> None:
    """A photo of the visitor's. key: tells it from others on the page; the same file twice has two."""
    st.text(photo.name)  # plain text: a file may be named like Markdown
    if photo.note:
        st.caption(literal(photo.note))
    key = f"{key}-{photo.mark}"
    try:
        image, prepared = photo_answers.decoded(photo), photo_answers.prepared(photo, mode, *settings_of(mode, key))
        for warning in prepared.warnings:
            st.warning(warning, icon=":material/info:")
        found = show_answer(row, prepared, key, image)
        show_rest_of_photo(row, photo, prepared, found, mode, key)
    except PhotoError as error:
        st.error(literal(str(error)), icon=":material/broken_image:")
    except (RunError, DataError, ValueError) as error:
        st.warning(literal(str(error)), icon=":material/broken_image:")


def show_rest_of_photo(
    row: Row, photo: VisitorPhoto, prepared: Prepared, found: PhotoAnswer, mode: str, key: str
) -> None:
    """What else there is to say of a photo. Raises RunError, DataError and ValueError, with a sentence."""
    settings, painted = settings_of(mode, key)
    chosen = choose_more(OF_PHOTOS | OF_ALL, key)
    if chosen == "steps":
        stepper_panel.show(row, photo, prepared, found, mode, key)
    elif chosen == "ways":
        four_ways_panel.show(row, photo, settings, painted)
    else:
        if chosen in OF_ONE_VIEW:
            st.caption(ONE_VIEW)
        show_more(chosen, row, prepared, key)


def settings_of(mode: str, key: str) -> tuple[Settings, np.ndarray | None]:
    """What the visitor changed in how a photo is prepared, and (h, w) bool where they painted."""
    return (stepper_panel.settings(key), paint_canvas.painted(key)) if mode == DEFAULT_MODE else (DEFAULTS, None)


def show_rest(row: Row, prepared: Prepared, found: PhotoAnswer, key: str) -> None:
    """What else there is to say of a drawing, over the whole width."""
    try:
        chosen = choose_more(OF_DRAWINGS | OF_ALL, key)
        if chosen == "steps":
            stepper_panel.show_steps(row, prepared, found)
        show_more(chosen, row, prepared, key)
    except (RunError, DataError, ValueError) as error:
        st.warning(literal(str(error)), icon=":material/broken_image:")


def show_answer(row: Row, prepared: Prepared, key: str, photo: Image.Image | None = None) -> PhotoAnswer:
    """The answer, whether the run knows such pictures, and the prediction set. Raises as `photo_answers.answer`."""
    rule = out_of_distribution_panel.rule(row, key)
    found = photo_answers.answer(row, prepared, rule)
    first = photo is not None and charts.on_touch()
    if first:  # on a phone the pictures stand above the bars: the answer above both
        st.markdown(f"### {literal(found.label)}")
        if found.known is False:
            st.markdown(parts.STRANGE)
    left, right = st.columns([2, 5] if photo is None else [4, 5], gap="medium")
    alt = f"What the network saw: 28 by 28 pixels, called {found.label}"
    seen = parts.picture_uri(prepared.picture)
    with left:
        if photo is None:
            _captioned(seen, "What the network saw", alt, width=220)
        else:
            side_by_side = st.container(horizontal=True) if first else st.grid(2, wrap=False, min_column_width=120)
            with side_by_side:
                size = {"width": SMALL} if first else {}
                _captioned(stepper_panel.small(photo, 480), "The photo", "The photo as it came", **size)
                _captioned(seen, "What the network saw", alt, **size)
    with right:
        if not first:
            st.markdown(f"### {literal(found.label)}")
        parts.probability_bars(found.probabilities, found.names)
        st.caption(photo_answers.probabilities_in_words(row, prepared))
        st.session_state[state.SHOWN_PICTURE] = prepared.picture
        if st.button("Look inside", icon=":material/account_tree:", type="tertiary", key=f"inside-{key}"):
            st.switch_page("pages/inside.py", query_params={"run": row.run.id, "own": "yes"})
        if st.button("Where is it on the map?", icon=":material/flight_land:", type="tertiary", key=f"map-{key}"):
            st.session_state[state.OWN_PICTURE] = prepared.picture
            state.put(picture=None)
            st.switch_page("pages/map.py")
    known, inside = st.columns([1, 1] if photo is None else [4, 5], gap="medium")
    with known:
        out_of_distribution_panel.show(row, found)
    with inside:
        out_of_distribution_panel.prediction_set(row, found, rule, key)
    return found


def _captioned(image: Any, caption: str, alt: str, width: Any = "stretch") -> None:
    with st.container(gap="xsmall", width=width):
        st.image(image, width="stretch", alt=alt)
        st.caption(caption)


def choose_more(options: dict[str, str], key: str) -> str | None:
    """What is asked for beyond the answer; nothing at first, which costs nothing."""
    chosen: Any = st.segmented_control(
        "More", tuple(options), format_func=options.__getitem__, key=f"{key}-more", wrap=True
    )
    return str(chosen) if chosen in options else None


def show_more(chosen: str | None, row: Row, prepared: Prepared, key: str) -> None:
    """One of `OF_ALL`, or nothing. Raises RunError, DataError and ValueError, with a sentence."""
    if chosen == "nearest":
        nearest_panel.show(row, prepared.picture, key)
    elif chosen == "votes":
        votes_panel.show(row, prepared, key)
    elif chosen == "why":
        why_panel.show(row, prepared.picture, key, RAW)
    elif chosen == "robust":
        robustness_panel.show_picture(row, prepared.picture, key, RAW)
