"""Predict: photos, the camera or a drawing, as the network sees them and what it calls them."""

import numpy as np
import streamlit as st

from fmnist_core import data, evaluation
from fmnist_core.catalogue import Row
from fmnist_core.photo.decode import PhotoError, decode
from fmnist_core.photo.drawing import from_drawing, ink_from_png
from fmnist_core.photo.pipeline import DEFAULT_MODE, MODES, Prepared, prepare
from fmnist_core.runs import RunError
from fmnist_ui import cached, drawing, kept_photos, map_own, parts, state
from fmnist_ui.frame import open_inside_app

open_inside_app(__file__)

WAYS = {"draw": "Draw", "upload": "Photos", "camera": "Camera"}
MOST_FILES = 20


def classify(row: Row, picture: np.ndarray, key: str) -> None:
    """What the network saw, and all ten probabilities. key: tells this picture from others on the page."""
    names = row.config.class_names if row.config else data.CLASS_NAMES
    probabilities = evaluation.softmax(cached.load_classifier(row.run.id).logits(picture[None]))[0]
    best = int(probabilities.argmax())
    left, right = st.columns([2, 5], gap="medium", vertical_alignment="center")
    with left:
        st.image(
            parts.enlarge(picture), width="stretch", alt=f"What the network saw: 28 by 28 pixels, called {names[best]}"
        )
        st.caption("What the network saw")
    with right:
        st.markdown(f"### {names[best]}")
        parts.probability_bars(probabilities, names)
        if st.button("Where is it on the map?", icon=":material/flight_land:", type="tertiary", key=f"map-{key}"):
            map_own.keep(picture)
            state.put(picture=None)
            st.switch_page("pages/map.py")


def show_steps(prepared: Prepared) -> None:
    """How the photo became a picture, one step after another."""
    for warning in prepared.warnings:
        st.warning(warning, icon=":material/info:")
    with (
        st.expander("How the photo became this picture", icon=":material/route:"),
        st.grid("auto", min_column_width=130),
    ):
        for step in prepared.steps:
            with st.container():
                st.image(step.image, width="stretch", alt=step.caption)
                st.caption(f"**{step.name}** {step.caption}")


def classify_photo(row: Row, content: bytes, mode: str, key: str) -> None:
    try:
        photo = decode(content)
        prepared = prepare(photo, mode)
    except PhotoError as error:
        st.error(str(error), icon=":material/broken_image:")
        return
    left, right = st.columns([2, 7], gap="medium", vertical_alignment="center")
    with left:
        st.image(photo, width="stretch", alt="The photo as it came")
        st.caption("The photo")
    with right:
        classify(row, prepared.picture, key)
    show_steps(prepared)


def photos(row: Row) -> None:
    mode = choose_mode()
    files = st.file_uploader(
        "Photos of one garment each",
        type=["png", "jpg", "jpeg", "webp"],
        accept_multiple_files=True,
        help="PNG, JPEG or WEBP, up to 20 MB each. They stay in memory and are gone when you close this window.",
        key="photos",
        on_change=kept_photos.keep,
        args=("photos",),
    )
    shown = kept_photos.held(files) or kept_photos.from_before("photos")
    if not shown:
        st.info("Drop a photo of one garment. A plain background works best.", icon=":material/add_a_photo:")
    if len(shown) > MOST_FILES:
        st.warning(f"The first {MOST_FILES} of your {len(shown)} photos are shown.", icon=":material/filter_list:")
    for number, photo in enumerate(shown[:MOST_FILES]):
        with st.container(border=True):
            st.text(photo.name[:80])  # plain text: a file may be named like Markdown
            classify_photo(row, photo.content, mode, str(number))


def camera(row: Row) -> None:
    mode = choose_mode()
    shot = st.camera_input(
        "Hold one garment before a plain background", key="camera", on_change=kept_photos.keep, args=("camera",)
    )
    for photo in kept_photos.held(shot) or kept_photos.from_before("camera"):
        classify_photo(row, photo.content, mode, "camera")


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
    st.caption(MODES[mode].sentence)
    return mode


@st.fragment
def sketch(row: Row) -> None:
    left, right = st.columns([4, 5], gap="large")
    with left:
        st.caption("Draw one garment, large. Shoes point left, as in the data.")
        try:
            ink = drawing.draw("canvas")
        except PhotoError as error:
            st.error(str(error), icon=":material/broken_image:")
            return
    with right:
        if ink is None:
            st.info("The verdict appears here after your first stroke.", icon=":material/draw:")
            return
        try:
            classify(row, from_drawing(ink_from_png(ink)), "drawing")
        except (PhotoError, RunError) as error:
            st.info(str(error), icon=":material/draw:")


state.enter("predict", "run", "way")
row = parts.header_with_run("Predict", "Show the network something of yours and see what it makes of it.")
if row is not None:
    way = state.segmented("From", "way", tuple(WAYS), format_func=WAYS.get, label_visibility="collapsed")
    try:
        cached.load_classifier(row.run.id)  # before anybody draws for a run without a model
        {"draw": sketch, "upload": photos, "camera": camera}[way](row)
    except RunError as error:
        st.warning(str(error), icon=":material/broken_image:")
