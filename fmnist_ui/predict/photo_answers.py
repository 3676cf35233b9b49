"""What a visitor's photos became and what a run says of them, remembered for the session; a run's photo calibration
and rule, for all visitors."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import streamlit as st
from PIL import Image

from fmnist_core import data
from fmnist_core.analysis.photo_calibration import PhotoCalibration
from fmnist_core.inference import photo_answer, photo_calibrations
from fmnist_core.inference.photo_answer import PhotoAnswer
from fmnist_core.metrics.prediction_sets import Measured, Rule
from fmnist_core.photo.decode import Decoded
from fmnist_core.photo.pipeline import prepare
from fmnist_core.photo.settings import DEFAULTS, Settings
from fmnist_core.photo.steps import Prepared
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.runs import Run
from fmnist_ui import cached, state
from fmnist_ui.predict import kept_photos
from fmnist_ui.predict.kept_photos import KeptPhoto
from fmnist_ui.widgets.hostile_text import plain_name

COVERAGES = (0.8, 0.9, 0.95, 0.99)  # those are offered whose sets say more than the answer does
_MARKS = "photo-marks"  # in the session: the mark of each upload, by its id; some bytes each


class VisitorPhoto(NamedTuple):
    """A photo as it came. The mark tells it from others, and is what is remembered of it.

    name: harmless, and no other's on the page. note: a sentence, where it is the same file as one before.
    """

    name: str
    kept: KeptPhoto
    mark: str
    note: str = ""


def told_apart(photos: Sequence[KeptPhoto]) -> list[VisitorPhoto]:
    """Phones call every photo image.jpg: the second is "image.jpg (2)". The same file twice is said to be."""
    found: list[VisitorPhoto] = []
    taken: set[str] = set()
    first: dict[str, str] = {}
    for photo in photos:
        plain = name = plain_name(photo.name)
        number = 1
        while name in taken:
            number += 1
            name = f"{plain} ({number})"
        taken.add(name)
        one = marked(photo, name)
        note = f"The same photo as {first[one.mark]}." if one.mark in first else ""
        first.setdefault(one.mark, name)
        found.append(one._replace(note=note))
    return found


def marked(photo: KeptPhoto, name: str) -> VisitorPhoto:
    """name: what it is called on the page.

    Photos that cannot be read may have no content; what is wrong with them tells them apart. A page is run anew at
    each click: an upload is hashed once.
    """
    marks: dict[str, str] = st.session_state.setdefault(_MARKS, {})
    if photo.upload not in marks:
        marks[photo.upload] = hashlib.sha256(photo.content + photo.error.encode()).hexdigest()[:16]
    return VisitorPhoto(name, photo, marks[photo.upload])


def names_of(row: Row) -> tuple[str, ...]:
    return tuple(row.config.class_names) if row.config else data.CLASS_NAMES


def decoded(photo: VisitorPhoto) -> Image.Image:
    """Raises PhotoError."""
    return _decoded(photo.mark, photo.kept).image


@st.cache_resource(scope="session", max_entries=4, show_spinner=False)
def _decoded(mark: str, _photo: KeptPhoto) -> Decoded:
    return kept_photos.read(_photo)


def prepared(
    photo: VisitorPhoto, mode: str, settings: Settings = DEFAULTS, painted: np.ndarray | None = None
) -> Prepared:
    """With what there is to say of the file among the warnings.

    painted: (h, w) bool, where the visitor painted the garment. Raises PhotoError.
    """
    return _prepared(photo.mark, mode, settings, painted, photo)


@st.cache_resource(scope="session", max_entries=8, show_spinner=False)
def _prepared(mark: str, mode: str, settings: Settings, painted: np.ndarray | None, _photo: VisitorPhoto) -> Prepared:
    image, notes = _decoded(_photo.mark, _photo.kept)
    found = prepare(image, mode, settings, painted)
    return replace(found, warnings=notes + found.warnings)


def answer(row: Row, found: Prepared, rule: Rule | None = None) -> PhotoAnswer:
    """With the run's photo calibration, where there is one.

    Raises RunError where the run has no model, ValueError where the model gives no finite values.
    """
    model = cached.load_classifier(row.run)
    return photo_answer.answer(found, model, names_of(row), calibration(row), rule, raw=_are_raw(found))


def _are_raw(found: Prepared) -> bool:
    """On request; and of drawings: what photos do was never done to these, and plain trousers would become a dress."""
    return found.drawn or state.get("probabilities") == "raw"


def along(row: Row, found: Prepared) -> np.ndarray:
    """(steps, classes): the run's answers along a photo's steps. Raises as `answer`."""
    kind = None if _are_raw(found) else calibration(row)
    return photo_answer.answers_along(found, cached.load_classifier(row.run), kind)


def calibration(row: Row) -> PhotoCalibration | None:
    """The run's for photos and drawings: made in a few seconds the first time, then kept. None without the dataset,
    whose outlines tell what is strange. Raises as `answer`."""
    try:
        data.load_split("train")
    except data.DataError:
        return None
    return _calibration(row.run, photo_calibrations.place(row.run))


@st.cache_resource(max_entries=50, show_spinner="A moment: what this run's probabilities are worth on photos …")
def _calibration(run: Run, place: Path) -> PhotoCalibration:
    return photo_calibrations.calibration(run, cached.load_classifier(run))


def probabilities_in_words(row: Row, found: Prepared) -> str:
    """Which ones are shown. Raises as `answer`."""
    by = calibration(row)
    if found.drawn:
        return "Raw probabilities: calibration is measured on pictures of the data and for photos, not on drawings."
    if by is None or state.get("probabilities") == "raw":
        return "Raw probabilities: the softmax of the network's logits, averaged over the photo's views."
    return f"Calibrated for photos, on {by.pictures} validation pictures that were damaged as photos are."


def rule(row: Row, coverage: float) -> Rule | None:
    """That of the run's prediction sets; None without validation pictures. Raises RunError and ValueError."""
    return _rule(row.run, coverage, cached.stamp(row.run, "predictions.npz"))


def rules(row: Row) -> dict[float, Rule]:
    """Those that say anything, by their coverage; empty without validation pictures. Raises RunError and ValueError."""
    found = {coverage: rule(row, coverage) for coverage in COVERAGES}
    return {coverage: one for coverage, one in found.items() if one is not None and one.tells}


@st.cache_resource(max_entries=50, show_spinner=False)
def _rule(run: Run, coverage: float, stamp: tuple[float, ...]) -> Rule | None:
    return photo_answer.prediction_rule(run, coverage)


def measured(row: Row, rule: Rule) -> Measured:
    """What the rule's sets are worth on the test pictures. Raises RunError."""
    return _measured(row.run, rule.coverage, cached.stamp(row.run, "predictions.npz"), rule)


@st.cache_resource(max_entries=50, show_spinner=False)
def _measured(run: Run, coverage: float, stamp: tuple[float, ...], _rule: Rule) -> Measured:
    return photo_answer.measured_sets(run, _rule)
