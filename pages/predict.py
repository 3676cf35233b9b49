"""Predict: photos, the camera or a drawing, as the network sees them and what it calls them."""

from collections.abc import Sequence

import streamlit as st

from fmnist_core.data import DataError
from fmnist_core.photo.alike import training_outlines
from fmnist_core.photo.decode import PhotoError
from fmnist_core.photo.drawing import FILLINGS, prepare_drawing
from fmnist_core.runs.catalogue import Row
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached, calibrated, charts, parts, state
from fmnist_ui.frame import open_inside_app
from fmnist_ui.layout import first_line
from fmnist_ui.layout.columns import beside
from fmnist_ui.predict import batch_panel, camera_panel, invitation, kept_photos, photo_answers, photo_panel
from fmnist_ui.predict.kept_photos import KeptPhoto
from fmnist_ui.predict.photo_answers import VisitorPhoto
from fmnist_ui.predict.teach import teach_panel
from fmnist_ui.widgets import drawing

open_inside_app(__file__)

WAYS = {"draw": "Draw", "upload": "Photos", "camera": "Camera", "teach": "Teach"}
ASKED = "Drop a photo of one garment, or up to a hundred. A plain background works best."
MOST_IN_FULL = 3  # photos: more are a table


def choose_way() -> str:
    return str(state.segmented("From", "way", tuple(WAYS), format_func=WAYS.get, label_visibility="collapsed"))


def photos(row: Row) -> None:
    """The answers beside the photos, on a phone below them."""
    left, answers = beside("photos", [1, 2])
    with left:
        shown = chosen_photos()
    with st.container() if charts.on_touch() else left:
        mode = camera_panel.choose_mode()
    with answers:
        if not shown:
            st.info(ASKED, icon=":material/add_a_photo:")
        answer(row, photo_answers.told_apart(shown), mode)


def chosen_photos() -> Sequence[KeptPhoto]:
    files = kept_photos.uploader(
        "Photos of one garment each",
        f"At most {kept_photos.MOST_FILES} at once. They stay in memory and are gone when you close this window.",
        accept_multiple_files=True,
        key="photos",
        on_change=kept_photos.keep,
        args=("photos",),
    )
    shown = kept_photos.held(files, "photos") or kept_photos.from_before("photos")
    if not kept_photos.say_forgotten("photos", len(shown)) and not shown:
        label = "Photos in folders? See how many are right"
        st.page_link("pages/evaluate.py", label=label, icon=":material/folder:", query_params={"view": "photos"})
    return shown


def answer(row: Row, marked: Sequence[VisitorPhoto], mode: str) -> None:
    """One or a few photos in full, many as a table."""
    if len(marked) > MOST_IN_FULL:
        batch_panel.show(row, marked, mode)
        return
    for number, photo in enumerate(marked):
        with st.container(border=True):
            photo_panel.show_photo(row, photo, mode, str(number))


@st.fragment
def sketch(row: Row) -> None:
    touched = charts.on_touch()
    brief = st.container(height=parts.BRIEF_HEIGHT, border=False, key="brief") if touched else None
    left, right = beside("drawing")
    with left:
        try:
            ink = drawing.draw("canvas")
        except PhotoError as error:
            st.error(str(error), icon=":material/broken_image:")
            return
        filling = state.segmented("Filling", "filling", tuple(FILLINGS), format_func=lambda name: FILLINGS[name].title)
        st.caption(FILLINGS[filling].sentence)
    if ink is None:
        with brief or right:
            invitation.invite(row, brief is not None)
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
            parts.brief_answer(prepared.picture, found.probabilities, found.names, found.known)
    photo_panel.show_rest(row, prepared, found, "drawing")


state.enter("predict", "run", "way", "filling", "probabilities")
touched = charts.on_touch()
with first_line.bar("Predict", wrap=not touched):
    way = None if touched else choose_way()
    row = parts.run_beside()
if row is not None:
    way = way or choose_way()
    try:
        cached.load_classifier(row.run)  # before anybody draws for a run without a model
        {"draw": sketch, "upload": photos, "camera": camera_panel.show, "teach": teach_panel.show}[way](row)
        if way in ("upload", "camera"):
            calibrated.choose()  # last: on a phone the picture and the answer have the first screen
    except RunError as error:
        st.warning(str(error), icon=":material/broken_image:")
