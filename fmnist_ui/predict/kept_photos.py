"""A visitor's photos, kept for the session: Streamlit forgets those of an uploader that is not on the page."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

# For uploaders. Of the wildcard phones offer camera and gallery, which they do not for a list of endings; these endings
# are of kinds that not every system knows as pictures. The decoder alone decides what a file is.
KINDS = ["image/*", ".heic", ".heif", ".avif"]
KINDS_IN_WORDS = "JPEG, HEIC, PNG, WEBP, AVIF, TIFF, BMP or GIF"
# Bytes a session, of the files as they came: about twenty photos of a phone. They are the very bytes that the
# uploader holds, so while it is on the page they take no memory of their own.
MOST_KEPT = 60 * 2**20


@dataclass(frozen=True)
class KeptPhoto:
    name: str  # what the visitor calls it; shown, and no address or path here
    content: bytes
    upload: str  # Streamlit's file_id: of this upload and no other, the same in every run of the page


def held(found: Any) -> tuple[KeptPhoto, ...]:
    """What an uploader or a camera returned."""
    files = found if isinstance(found, list) else [found] if found else []
    return tuple(KeptPhoto(file.name, file.getvalue(), file.file_id) for file in files)


def keep(key: str) -> None:
    """The `on_change` of the uploader or camera of that key: what was taken out of it is forgotten, too."""
    room, kept = MOST_KEPT, []
    for photo in held(st.session_state[key]):
        if len(photo.content) <= room:
            room -= len(photo.content)
            kept.append(photo)
    st.session_state[_kept(key)] = tuple(kept)


def from_before(key: str) -> tuple[KeptPhoto, ...]:
    """The photos of an uploader or camera that came back empty, with a button to remove them."""
    kept = st.session_state.get(_kept(key), ())
    if kept:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption("From before. What you add now takes its place.", width="content")
            st.button(
                "Remove", icon=":material/delete:", type="tertiary", key=f"{key}-forget", on_click=_forget, args=(key,)
            )
    return kept


def _forget(key: str) -> None:
    st.session_state.pop(_kept(key), None)


def _kept(key: str) -> str:
    return f"{key}-kept"
