"""A visitor's photos, kept small and for the session: Streamlit keeps what is uploaded whole until the session ends,
however much it is, and forgets those of an uploader that is not on the page."""

import io
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from fmnist_core.demo import limits
from fmnist_core.photo.decode import MAX_BYTES, Decoded, PhotoError, decode_with_notes
from fmnist_core.storage.folders import RunError
from fmnist_ui import uploads
from fmnist_ui.widgets import browser_tab

# For uploaders. Of the wildcard phones offer camera and gallery, which they do not for a list of endings; these endings
# are of kinds that not every system knows as pictures. The decoder alone decides what a file is.
KINDS = ["image/*", ".heic", ".heif", ".avif"]

MOST_FILES = 100  # of one uploader
LARGEST_UPLOAD = MAX_BYTES // 2**20  # MB a photo; a browser holds to it, the decoder checks it
# Bytes of an uploader's photos. They are the very bytes that Streamlit holds, so they are in memory once.
MOST_KEPT = 60 * 2**20
LARGE = 2**20  # a larger file is kept as a JPEG of what is looked at of it, of some hundred kB
_TOLD = "photo-told"  # in the session: what became of each large upload, by its id
_COUNTED = "photo-counted"  # in the session: the ids of all uploads so far
_IDS = "photo-ids"  # in the session: the ids of each uploader's files


@dataclass(frozen=True)
class KeptPhoto:
    name: str  # what the visitor calls it; shown, and no address or path here
    content: bytes
    notes: tuple[str, ...] = ()  # sentences about the file as it came
    error: str = ""  # why there is no content
    upload: str = ""  # Streamlit's file_id: of this upload and no other, the same in every run of the page


def uploader(label: str, told: str, key: str, **widget: Any) -> Any:
    """Streamlit's, for photos. told: what becomes of them, for its tooltip. widget: what else it is told."""
    kinds = f"JPEG, HEIC, PNG, WEBP, AVIF, TIFF, BMP or GIF, up to {LARGEST_UPLOAD} MB each. {told}"
    return st.file_uploader(
        label, type=KINDS, help=kinds, max_upload_size=LARGEST_UPLOAD, key=browser_tab.uploader_key(key), **widget
    )


def read(photo: KeptPhoto) -> Decoded:
    """Raises PhotoError."""
    if photo.error:
        raise PhotoError(photo.error)
    image, notes = decode_with_notes(photo.content)
    return Decoded(image, photo.notes + notes)


def held(found: Any, key: str) -> tuple[KeptPhoto, ...]:
    """What the uploader of that key returned, taken in, and kept for when the page comes back without it.

    It returned copies: the files that Streamlit holds until the next run of the page are those of its own state.
    """
    found = st.session_state[browser_tab.uploader_key(key)] if found else []
    files = [file for file in (found if isinstance(found, list) else [found]) if isinstance(file, UploadedFile)]
    _forget_others(key, {file.file_id for file in files})
    photos, left_out = taken_in(files)
    if left_out:
        st.warning(left_out, icon=":material/filter_list:")
    if photos:
        st.session_state[_kept(key)] = photos
    return photos


def taken_in(files: list[Any]) -> tuple[tuple[KeptPhoto, ...], str]:
    """An uploader's files, the large ones made small, and a sentence where there was no room for some."""
    photos: list[KeptPhoto] = []
    most = min(MOST_KEPT, limits.read().session_megabytes * limits.MEGABYTE)
    room, too_many = most, _count(files)
    for file in files:
        photo = _take_in(file) if len(photos) < MOST_FILES and file.getvalue() != uploads.LEFT_OUT else None
        if photo is not None and len(photo.content) <= room:
            room -= len(photo.content)
            photos.append(photo)
        else:
            uploads.replace(file, uploads.LEFT_OUT)
    lost = len(files) - len(photos)
    sentence = (
        f"{lost} of your {len(files)} files {'was' if lost == 1 else 'were'} left out: up to {MOST_FILES} photos are "
        f"kept, {most / 2**20:.0f} MB of them once they are made small, and {uploads.MOST_AT_ONCE // 2**20} MB are "
        "taken at once. Remove some, and add the others in smaller lots."
    )
    return tuple(photos), (too_many or sentence) if lost else ""


def _count(files: list[Any]) -> str:
    """Counts those that have just come; where they are too many within a minute they are let go, and that is said."""
    counted: set[str] = st.session_state.setdefault(_COUNTED, set())
    new = [file for file in files if file.file_id not in counted]
    counted |= {file.file_id for file in new}
    try:
        limits.count_upload(len(new))
    except RunError as error:
        for file in new:
            uploads.replace(file, uploads.LEFT_OUT)
        return str(error)
    return ""


def let_go(files: list[Any]) -> None:
    """Of an uploader that is not drawn again."""
    for file in files:
        uploads.remove(file.file_id)
        st.session_state.get(_TOLD, {}).pop(file.file_id, None)


def say_forgotten(name: str, here: int, place: Any = st) -> bool:
    """Has the tab know how many photos the session holds under a name; where an earlier session has taken some along,
    that is said, until there are others. place: where. Returns whether it is."""
    browser_tab.count(name, here, MOST_FILES, forgotten)
    if sentence := browser_tab.gone(name):
        place.warning(sentence, icon=":material/cloud_off:")
    return bool(sentence)


def forgotten(count: int) -> str:
    which, them = ("a photo", "it") if count == 1 else (f"{count} photos", "them")
    return (
        f"The connection broke, or the page was loaded again: the server, which keeps photos in memory only, has "
        f"forgotten {which} of yours. Show {them} again."
    )


def keep(key: str) -> None:
    """The `on_change` of the uploader of that key: where all was taken out of it, all is forgotten."""
    if not st.session_state.get(browser_tab.uploader_key(key), "not on the page"):
        _forget(key)


def from_before(key: str) -> tuple[KeptPhoto, ...]:
    """The photos of an uploader that came back empty, with a button to remove them."""
    kept = st.session_state.get(_kept(key), ())
    if kept:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption("From before. What you add now takes its place.", width="content")
            st.button(
                "Remove", icon=":material/delete:", type="tertiary", key=f"{key}-forget", on_click=_forget, args=(key,)
            )
    return kept


def _take_in(file: Any) -> KeptPhoto:
    """A large file is decoded once and its bytes are let go."""
    told: dict[str, KeptPhoto] = st.session_state.setdefault(_TOLD, {})
    content = file.getvalue()
    if len(content) <= LARGE and file.file_id not in told:
        return KeptPhoto(file.name, content, upload=file.file_id)
    if file.file_id not in told:
        with st.spinner("Making large photos small"):
            told[file.file_id] = KeptPhoto(file.name, *_made_small(content), upload=file.file_id)
    uploads.replace(file, told[file.file_id].content)
    return told[file.file_id]


def _made_small(content: bytes) -> tuple[bytes, tuple[str, ...], str]:
    """A JPEG of the photo as it is looked at, notes; or nothing, and why."""
    try:
        image, notes = decode_with_notes(content)
    except PhotoError as error:
        return b"", (), str(error)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=95, subsampling=0)
    return file.getvalue(), notes, ""


def _forget_others(key: str, now: set[str]) -> None:
    """Of the uploads that are gone from that uploader, which Streamlit would keep until the session ends."""
    before: set[str] = st.session_state.setdefault(_IDS, {}).get(key, set())
    for upload in before - now:
        uploads.remove(upload)
        st.session_state.get(_TOLD, {}).pop(upload, None)
    st.session_state[_IDS][key] = now


def _forget(key: str) -> None:
    st.session_state.pop(_kept(key), None)


def _kept(key: str) -> str:
    return f"{key}-kept"
