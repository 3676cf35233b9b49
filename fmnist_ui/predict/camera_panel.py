"""The camera on Predict: a verdict on what it sees about once a second, and on the photo that is taken in full."""

import re
from urllib.parse import urlsplit

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fmnist_core.data import DataError
from fmnist_core.photo.pipeline import DEFAULT_MODE, MODES, prepare
from fmnist_core.photo.steps import Prepared
from fmnist_core.runs.catalogue import Row
from fmnist_core.storage.folders import RunError
from fmnist_ui import charts, parts, received, state
from fmnist_ui.layout.columns import beside
from fmnist_ui.predict import kept_photos, live_camera, photo_answers, photo_panel
from fmnist_ui.predict.kept_photos import KeptPhoto
from fmnist_ui.widgets.hostile_text import literal

KEY = "camera"
NOTHING_YET = "The verdict appears here while the camera is on."


@st.fragment
def show(row: Row) -> None:
    if says_https(KEY):
        return
    touched, lost = charts.on_touch(), st.container()
    brief = st.container(height=parts.BRIEF_HEIGHT, border=False, key="camera-brief") if touched else None
    left, right = beside("camera", [1, 1])
    with left:
        camera, below = st.container(), st.container()
    with st.container() if touched else below:  # on a phone after the answer
        mode = choose_mode()
    frame, photo = live_camera.newest(KEY)
    with right:
        kept_photos.say_forgotten(KEY, int(photo is not None), lost)
    try:
        if photo is not None:
            _show_photo(row, photo, mode, right, brief)
        elif frame is not None:
            _show_frame(row, frame, mode, right, brief)
        else:
            (brief or right).info(NOTHING_YET, icon=":material/photo_camera:")
    except (RunError, DataError, ValueError) as error:
        (brief or right).warning(literal(str(error)), icon=":material/broken_image:")
    with camera:
        live_camera.show(KEY)


def _show_frame(row: Row, frame: KeptPhoto, mode: str, right: DeltaGenerator, brief: DeltaGenerator | None) -> None:
    prepared = prepare(kept_photos.read(frame).image, mode)
    if brief is None:
        with right:
            photo_panel.show_answer(row, prepared, "camera-live")
        return
    _in_brief(row, prepared, brief)


def _show_photo(row: Row, photo: KeptPhoto, mode: str, right: DeltaGenerator, brief: DeltaGenerator | None) -> None:
    one = photo_answers.marked(photo, photo.name)
    key = f"{KEY}-{one.mark}"
    with right:
        prepared = photo_answers.prepared(one, mode, *photo_panel.settings_of(mode, key))
        for warning in prepared.warnings:
            st.warning(warning, icon=":material/info:")
        image = photo_answers.decoded(one) if brief is not None else None
        answered = photo_panel.show_answer(row, prepared, key, image)
        st.button(
            "Remove the photo", icon=":material/delete:", type="tertiary", on_click=live_camera.forget, args=(KEY,)
        )
    if brief is not None:
        _in_brief(row, prepared, brief)
    photo_panel.show_rest_of_photo(row, one, prepared, answered, mode, key)


def _in_brief(row: Row, prepared: Prepared, brief: DeltaGenerator) -> None:
    found = photo_answers.answer(row, prepared)
    with brief:
        parts.brief_answer(prepared.picture, found.probabilities, found.names, found.known)


def says_https(key: str) -> bool:
    """Whether the browser keeps the camera from this page; then why, and where to go, is said."""
    if not needs_https(st.context.url):
        return False
    st.info(
        "Browsers give a page the camera only over https or on the machine that serves it, and this page came over "
        "http from another. Take the photo with your camera's own app and add it under Photos.",
        icon=":material/no_photography:",
    )
    if st.button("Go to Photos", icon=":material/add_a_photo:", key=f"{key}-to-photos"):
        state.put(way="upload")
        st.rerun()
    return True


def needs_https(url: str | None) -> bool:
    """Whether a browser keeps the camera from a page of that address: https://www.w3.org/TR/secure-contexts/"""
    parts = urlsplit(url or "")
    own = re.fullmatch(r"(.*\.)?localhost|127(\.\d+){3}|::1", parts.hostname or "")
    return parts.scheme == "http" and not own


def choose_mode() -> str:
    mode = received.segmented(
        "Preparation",
        tuple(MODES),
        default=DEFAULT_MODE,
        format_func=lambda name: MODES[name].title,
        key="mode",
        persist_state="session",
    )
    st.caption(MODES[mode].sentence)
    return mode
