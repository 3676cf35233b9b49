"""Predict: photos, the camera or a drawing, as the network sees them and what it calls them."""

import re
from urllib.parse import urlsplit

import streamlit as st

from fmnist_core.data import DataError
from fmnist_core.photo.alike import training_outlines
from fmnist_core.photo.decode import PhotoError
from fmnist_core.photo.drawing import FILLINGS, prepare_drawing
from fmnist_core.photo.pipeline import DEFAULT_MODE, MODES
from fmnist_core.runs.catalogue import Row
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached, calibrated, charts, parts, state, uploads
from fmnist_ui.frame import open_inside_app
from fmnist_ui.predict import batch_panel, kept_photos, photo_answers, photo_panel, teach_panel
from fmnist_ui.widgets import drawing

open_inside_app(__file__)

uploads.bound()

WAYS = {"draw": "Draw", "upload": "Photos", "camera": "Camera", "teach": "Teach"}
MOST_IN_FULL = 3  # photos: more are a table
BRIEF_HEIGHT = 108  # CSS pixels, on a phone above the canvas: nothing may move under the finger that draws


def photos(row: Row) -> None:
    mode = choose_mode()
    files = st.file_uploader(
        "Photos of one garment each",
        type=kept_photos.KINDS,
        accept_multiple_files=True,
        help=f"{kept_photos.KINDS_IN_WORDS}, up to 20 MB each and {kept_photos.MOST_FILES} at once. They stay "
        "in memory and are gone when you close this window.",
        max_upload_size=kept_photos.LARGEST_UPLOAD,
        key="photos",
        on_change=kept_photos.keep,
        args=("photos",),
    )
    shown = kept_photos.held(files, "photos") or kept_photos.from_before("photos")
    if not shown:
        st.info(
            "Drop a photo of one garment, or up to a hundred. A plain background works best.",
            icon=":material/add_a_photo:",
        )
    marked = photo_answers.told_apart(shown)
    if len(marked) > MOST_IN_FULL:
        batch_panel.show(row, marked, mode)
        return
    for number, photo in enumerate(marked):
        with st.container(border=True):
            photo_panel.show_photo(row, photo, mode, str(number))


def camera(row: Row) -> None:
    if needs_https(st.context.url):
        st.info(
            "Browsers give a page the camera only over https or on the machine that serves it, and this page came over "
            "http from another. Take the photo with your camera's own app and add it under Photos.",
            icon=":material/no_photography:",
        )
        if st.button("Go to Photos", icon=":material/add_a_photo:"):
            state.put(way="upload")
            st.rerun()
        return
    mode = choose_mode()
    shot = st.camera_input(
        "Hold one garment before a plain background", key="camera", on_change=kept_photos.keep, args=("camera",)
    )
    for photo in kept_photos.held(shot, "camera") or kept_photos.from_before("camera"):
        with st.container(border=True):
            photo_panel.show_photo(row, photo_answers.marked(photo, "Your camera"), mode, "camera")


def needs_https(url: str | None) -> bool:
    """Whether a browser keeps the camera from a page of that address: https://www.w3.org/TR/secure-contexts/"""
    parts = urlsplit(url or "")
    own = re.fullmatch(r"(.*\.)?localhost|127(\.\d+){3}|::1", parts.hostname or "")
    return parts.scheme == "http" and not own


def choose_mode() -> str:
    mode = st.segmented_control(
        "Preparation",
        tuple(MODES),
        default=DEFAULT_MODE,
        required=True,
        format_func=lambda name: MODES[name].title,
        key="mode",
        persist_state="session",
    )
    mode = mode if mode in MODES else DEFAULT_MODE
    st.caption(MODES[mode].sentence)
    return mode


@st.fragment
def sketch(row: Row) -> None:
    touched = charts.on_touch()
    brief = st.container(height=BRIEF_HEIGHT, border=False, key="brief") if touched else None
    left, right = (st.container(), st.container()) if touched else st.columns([5, 6], gap="large")
    with left:
        try:
            ink = drawing.draw("canvas")
        except PhotoError as error:
            st.error(str(error), icon=":material/broken_image:")
            return
        filling = state.segmented("Filling", "filling", tuple(FILLINGS), format_func=lambda name: FILLINGS[name].title)
        st.caption(FILLINGS[filling].sentence)
    if ink is None:
        (brief or right).info("The verdict appears here after your first stroke.", icon=":material/draw:")
        training_outlines()  # while the visitor begins: it takes a second, once
        return
    with right:
        try:
            prepared = prepare_drawing(ink, filling)
            for warning in prepared.warnings:
                st.warning(warning, icon=":material/info:")
            found = photo_panel.show_answer(row, prepared, "drawing")
        except (PhotoError, DataError, RunError, ValueError) as error:
            (brief or right).info(str(error), icon=":material/draw:")
            return
    if brief is not None:
        with brief:
            parts.brief_answer(prepared.picture, found.probabilities, found.names)
    photo_panel.show_rest(row, prepared, found, "drawing")


state.enter("predict", "run", "way", "filling", "probabilities")
row = parts.header_with_run("Predict", "Show the network something of yours and see what it makes of it.")
if row is not None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        way = state.segmented("From", "way", tuple(WAYS), format_func=WAYS.get, label_visibility="collapsed")
        calibrated.choose()
    try:
        cached.load_classifier(row.run)  # before anybody draws for a run without a model
        {"draw": sketch, "upload": photos, "camera": camera, "teach": teach_panel.show}[way](row)
    except RunError as error:
        st.warning(str(error), icon=":material/broken_image:")
