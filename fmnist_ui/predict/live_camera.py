"""The camera (components/camera): frames about once a second and the photo that is taken, checked; for the session."""

import base64
import binascii
import hashlib
from typing import Any

import streamlit as st

from fmnist_core.photo.decode import PhotoError
from fmnist_ui import charts, received
from fmnist_ui.javascript import by_address
from fmnist_ui.predict.kept_photos import KeptPhoto
from fmnist_ui.widgets import drawing

SOURCES = drawing.SOURCES.parent / "camera"
MOST_CHARACTERS = 3_000_000  # of what the browser sends for a picture: 1,280 pixels a side take a tenth of it
PREFIX = "data:image/jpeg;base64,"
HINT = "Hold one garment before a plain background."
_BAD = "The camera's picture did not arrive as a JPEG. Load the page again and start the camera once more."

_component = st.components.v2.component(
    "fmnist_camera",
    css=drawing.PANEL + (SOURCES / "camera.css").read_text(encoding="utf-8"),
    js=by_address("camera", (SOURCES / "index.js").read_text(encoding="utf-8")),
)


def newest(key: str) -> tuple[KeptPhoto | None, KeptPhoto | None]:
    """The last frame and the photo that was taken: at most one of the two. What was wrong with them is in `error`."""
    return st.session_state.get(f"{key}-frame"), st.session_state.get(f"{key}-photo")


def forget(key: str) -> None:
    for name in ("frame", "photo"):
        st.session_state.pop(f"{key}-{name}", None)


def show(key: str, take: str = "Take the photo", frames: bool = True) -> None:
    """The camera. Called once what it sent last is answered: from then on it sends the next frame.

    take: what the button says. frames: False for a camera that only takes photos, one after another.
    """
    data = {
        "answered": st.session_state.get(f"{key}-number", 0),
        "hint": HINT,
        "rear": charts.on_touch(),
        "take": take,
        "frames": frames,
    }
    _component(
        key=key,
        data=data,
        on_frame_change=lambda: _take(key, "frame"),
        on_photo_change=lambda: _take(key, "photo"),
    )


def _take(key: str, name: str) -> None:
    sent = received.sent(key, name)
    number = received.part(sent, "number")
    try:
        content, error = content_of(received.part(sent, "image")), ""
    except PhotoError as problem:
        content, error = b"", str(problem)
    forget(key)
    if received.is_place(number, 2**31):
        st.session_state[f"{key}-number"] = number
    mark = hashlib.sha256(content).hexdigest()[:16]
    st.session_state[f"{key}-{name}"] = KeptPhoto("Your camera", content, error=error, upload=f"{key}-{mark}")


def content_of(sent: Any) -> bytes:
    """The file that a browser sent as text. sent: untrusted; whether it holds a JPEG is for the decoder to say.

    Raises PhotoError: it is no such text, or too long.
    """
    if not isinstance(sent, str) or not sent.startswith(PREFIX) or len(sent) > MOST_CHARACTERS:
        raise PhotoError(_BAD)
    try:
        return base64.b64decode(sent.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise PhotoError(_BAD) from None
