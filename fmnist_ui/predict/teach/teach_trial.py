"""A place to try what was taught: a drawing, a photo or the camera, answered with the new classes, and kept nowhere."""

import numpy as np
import streamlit as st

from fmnist_core.analysis import few_shot
from fmnist_core.analysis.few_shot import Head
from fmnist_core.data import DataError
from fmnist_core.inference import photo_answer
from fmnist_core.inference.classifier import Classifier
from fmnist_core.photo.decode import PhotoError
from fmnist_core.photo.drawing import prepare_drawing
from fmnist_core.photo.pipeline import DEFAULT_MODE, prepare
from fmnist_core.photo.steps import Prepared
from fmnist_core.runs.catalogue import Row
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached, parts, received
from fmnist_ui.predict import camera_panel, kept_photos, live_camera
from fmnist_ui.predict.teach.teach_words import Teaching
from fmnist_ui.widgets import drawing
from fmnist_ui.widgets.hostile_text import literal

WAYS = {"draw": "Draw", "photo": "Photo", "camera": "Camera"}
KEY = "teach-try"


class TaughtNetwork:
    """A network with its new classes, before it is kept: what `photo_answer` asks of one."""

    def __init__(self, network: Classifier, head: Head) -> None:
        self._network, self._head = network, head

    @property
    def layers(self) -> list[str]:
        return self._network.layers

    def logits(self, images: np.ndarray) -> np.ndarray:
        """(n, 28, 28) uint8 -> (n, classes + new) float32. Raises ValueError: values that are not finite."""
        return self._head.logits(few_shot.extract(self._network, images))

    def run(self, images: np.ndarray, outputs: list[str]) -> list[np.ndarray]:
        return self._network.run(images, outputs)


def show(row: Row, teaching: Teaching) -> None:
    """Raises RunError where the run has no model."""
    st.subheader("Try it")
    st.caption("What you show here is answered by the taught network, and becomes no example.")
    way = received.segmented("Try it with", tuple(WAYS), format_func=WAYS.__getitem__, default="draw", key=f"{KEY}-way")
    left, right = st.columns(2, gap="large")
    network = TaughtNetwork(cached.load_classifier(row.run), teaching.head)
    camera = None
    try:
        with left:
            if way == "camera" and not camera_panel.says_https(f"{KEY}-camera"):
                camera = st.container()
            prepared = _shown(way)
        with right:
            if prepared is None:
                st.info("The verdict appears here.", icon=":material/draw:")
            else:
                _answer(prepared, network, teaching.names)
    except (PhotoError, DataError, RunError, ValueError) as error:
        right.warning(literal(str(error)), icon=":material/broken_image:")
    if camera is not None:
        with camera:
            live_camera.show(f"{KEY}-camera")


def _shown(way: str) -> Prepared | None:
    """What the visitor shows, as the network will see it. Raises PhotoError, DataError."""
    if way == "draw":
        ink = drawing.draw(f"{KEY}-canvas")
        return None if ink is None else prepare_drawing(ink)
    if way == "photo":
        key = f"{KEY}-photo"
        told = "It stays in memory and is gone when you close this window."
        file = kept_photos.uploader("A photo of one garment", told, key=key, on_change=kept_photos.keep, args=(key,))
        seen = (*kept_photos.held(file, key), None)[0] or next(iter(kept_photos.from_before(key)), None)
        kept_photos.say_forgotten(key, int(seen is not None))
    else:
        frame, photo = live_camera.newest(f"{KEY}-camera")
        seen = photo or frame
    return None if seen is None else prepare(kept_photos.read(seen).image, DEFAULT_MODE)


def _answer(prepared: Prepared, network: TaughtNetwork, names: tuple[str, ...]) -> None:
    found = photo_answer.answer(prepared, network, names)
    seen, said = st.columns([2, 5], gap="medium")
    seen.image(parts.picture_uri(prepared.picture), alt=f"What the taught network saw, called {found.label}")
    with said:
        st.markdown(f"### {literal(found.label)}")
        parts.probability_bars(found.probabilities, found.names)
