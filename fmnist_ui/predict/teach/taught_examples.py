"""The examples of classes that a visitor teaches: collected one by one, as pictures, for the session."""

from dataclasses import dataclass, field

import numpy as np
import streamlit as st

from fmnist_core import data
from fmnist_core.analysis.few_shot import FEWEST
from fmnist_core.data import DataError
from fmnist_core.photo.decode import PhotoError
from fmnist_core.photo.drawing import prepare_drawing
from fmnist_core.photo.pipeline import DEFAULT_MODE, prepare
from fmnist_ui import parts, received
from fmnist_ui.predict import camera_panel, kept_photos, live_camera
from fmnist_ui.predict.kept_photos import KeptPhoto, taken_in
from fmnist_ui.widgets import drawing
from fmnist_ui.widgets.gallery import Tile, gallery
from fmnist_ui.widgets.hostile_text import plain_name

MOST_CLASSES = 5
MOST_EXAMPLES = 60  # of a class
LONGEST_NAME = 100  # characters
WAYS = {"photos": "Photos", "draw": "Draw", "camera": "Camera", "data": "The data"}
FROM_DATA = 20  # pictures that are added at once
_DRAFTS = "teach_drafts"


@dataclass
class Draft:
    """A class that is being put together. Pictures are all that is kept of photos and drawings."""

    number: int
    name: str = ""
    pictures: list[np.ndarray] = field(default_factory=list)  # each (28, 28) uint8
    left_out: set[int] = field(default_factory=set)
    problems: list[tuple[str, str]] = field(default_factory=list)  # of files: what they are called, and what is wrong
    added: int = 0  # times that something was: uploader and canvas start anew after each

    @property
    def kept(self) -> list[np.ndarray]:
        return [picture for place, picture in enumerate(self.pictures) if place not in self.left_out]

    def key(self, name: str) -> str:
        return f"teach-{self.number}-{name}"


def drafts() -> list[Draft]:
    """The classes of this session, one that is empty to begin with."""
    return st.session_state.setdefault(_DRAFTS, [Draft(0)])


def replace_drafts(drafts: list[Draft]) -> None:
    st.session_state[_DRAFTS] = drafts


def add_class() -> None:
    found = drafts()
    if len(found) < MOST_CLASSES:
        found.append(Draft(max((draft.number for draft in found), default=-1) + 1))


def remove_class(number: int) -> None:
    replace_drafts([draft for draft in drafts() if draft.number != number] or [Draft(number + 1)])


def edit(draft: Draft, removable: bool) -> None:
    """Its name, a way to add examples, and thumbnails of them."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        draft.name = st.text_input(
            "Name of the new class",
            draft.name,
            max_chars=LONGEST_NAME,
            placeholder="Hat",
            key=draft.key("name"),
            width=260,
        )
        way = received.segmented(
            "Examples from",
            tuple(WAYS),
            format_func=WAYS.__getitem__,
            default="photos",
            key=draft.key("way"),
        )
        if removable or draft.pictures:
            st.button(
                "Remove this class",
                icon=":material/delete:",
                type="tertiary",
                key=draft.key("remove"),
                on_click=remove_class,
                args=(draft.number,),
            )
    full = len(draft.pictures) >= MOST_EXAMPLES
    if full:
        st.caption(f"{MOST_EXAMPLES} examples are enough; leave some out, or teach it.")
    else:
        {"photos": _photos, "draw": _drawing, "camera": _camera, "data": _from_data}[way](draft)
    _show_problems(draft)
    _thumbnails(draft)


def _photos(draft: Draft) -> None:
    files = kept_photos.uploader(
        "Photos, one garment each",
        "Only what the network sees of them is kept, 28 by 28 pixels each, until you close this tab.",
        accept_multiple_files=True,
        key=draft.key(f"files-{draft.added}"),
    )
    if files:
        photos, left_out = taken_in(files)
        add_photos(draft, photos)
        draft.problems += [("", left_out)] * bool(left_out)
        kept_photos.let_go(files)
        st.rerun()  # with an empty uploader: what was in it is an example now


def add_photos(draft: Draft, photos: tuple[KeptPhoto, ...]) -> None:
    """Makes a picture of each; what is wrong with one is noted and stops none of the others."""
    draft.problems = []
    room = MOST_EXAMPLES - len(draft.pictures)
    if len(photos) > room:
        draft.problems.append(
            ("", f"The first {room} of your {len(photos)} photos were taken: there is room for no more.")
        )
    bar = st.progress(0.0, "Finding the garments")
    for place, photo in enumerate(photos[:room]):
        try:
            image, notes = kept_photos.read(photo)
            draft.pictures.append(prepare(image, DEFAULT_MODE).picture)
            draft.problems += [(plain_name(photo.name), note) for note in notes]
        except PhotoError as error:
            draft.problems.append((plain_name(photo.name), str(error)))
        bar.progress((place + 1) / min(room, len(photos)), "Finding the garments")
    bar.empty()
    draft.added += 1


def _drawing(draft: Draft) -> None:
    canvas = draft.key(f"canvas-{draft.added}")
    left, right = st.columns([4, 3], gap="medium", vertical_alignment="center")
    with left:
        try:
            ink = drawing.draw(canvas, draft.key("canvas"))
            picture = prepare_drawing(ink).picture if ink is not None else None
        except (PhotoError, DataError) as error:
            picture = None
            st.info(str(error), icon=":material/draw:")
    with right:
        if picture is None:
            st.caption("Draw one, large. What the network sees of it appears here.")
            return
        st.image(parts.enlarge(picture), width=140, alt="What the network sees of the drawing")
        st.button(
            "Add this drawing",
            icon=":material/add:",
            key=draft.key("add"),
            on_click=add_drawing,
            args=(draft, picture, canvas),
        )


def add_drawing(draft: Draft, picture: np.ndarray, canvas: str) -> None:
    draft.pictures.append(picture)
    draft.added += 1
    for name in [name for name in st.session_state if str(name).startswith(f"{canvas}-")]:
        del st.session_state[name]


def _camera(draft: Draft) -> None:
    key = draft.key("camera")
    if camera_panel.says_https(key):
        return
    _, photo = live_camera.newest(key)
    if photo is not None:
        live_camera.forget(key)
        add_photos(draft, (photo,))
    live_camera.show(key, take="Add this picture", frames=False)


def _from_data(draft: Draft) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = data.CLASS_NAMES
        label = st.selectbox(
            "Pictures of", range(len(names)), format_func=names.__getitem__, key=draft.key("of"), width=200
        )
        st.button(
            f"Add {FROM_DATA} from the data",
            icon=":material/add:",
            key=draft.key("add-data"),
            on_click=add_from_data,
            args=(draft, label),
        )
    st.caption("Training pictures, chosen at random: to see what happens when a class is split, or named anew.")


def add_from_data(draft: Draft, label: int) -> None:
    """Training pictures of a class that are not among the examples yet, while there is room."""
    train = data.load_split("train")
    order = np.random.default_rng(draft.number).permutation(np.flatnonzero(train.labels == label))
    there = {picture.tobytes() for picture in draft.pictures}
    new = [index for index in order[: MOST_EXAMPLES + FROM_DATA] if train.images[index].tobytes() not in there]
    room = min(FROM_DATA, MOST_EXAMPLES - len(draft.pictures))
    draft.pictures += [train.images[index] for index in new[:room]]
    draft.added += 1


def _show_problems(draft: Draft) -> None:
    for name, sentence in draft.problems:
        with st.container(border=True):
            if name:
                st.text(name)  # plain text: a file may be named like Markdown
            st.warning(sentence, icon=":material/broken_image:")


def _thumbnails(draft: Draft) -> None:
    count = len(draft.kept)
    missing = FEWEST - count
    left = f", {len(draft.left_out)} left out" if draft.left_out else ""
    if not draft.pictures:
        st.caption(f"No examples yet. {FEWEST} or more are needed; {FEWEST + 1} or more also show how well it works.")
        return
    more = f" {missing} more and it can be taught." if missing > 0 else ""
    st.markdown(
        f"**{count} example{'s' * (count != 1)}{left}.**{more} "
        ":gray[What the network will see; a click leaves one out.]"
    )
    tiles = []
    for place, picture in enumerate(draft.pictures):
        out = place in draft.left_out
        alt = f"Example {place + 1} of the new class"
        tiles.append(Tile(picture, "left out" if out else f"{place + 1}", tone="wrong" if out else "neutral", alt=alt))
    picked = lambda place: leave_out(draft, place)  # noqa: E731
    gallery(tiles, key=draft.key("gallery"), label="Examples of the new class", size=64, on_pick=picked)


def leave_out(draft: Draft, place: int) -> None:
    """Or takes it back in."""
    draft.left_out ^= {place}
