"""The confusion matrix that one can click: rows are what a picture is, columns what it was called."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import streamlit as st

Show = Literal["counts", "percent", "errors", "part"]

# The palest an error is drawn: one confusion among thousands still has to be seen beside an empty cell.
_FAINTEST = 0.1
_SPACE = "\N{NO-BREAK SPACE}"

WITHOUT_DIAGONAL = ("errors", "part")
_HINTS = {
    "counts": "Choose a cell to see its pictures.",
    "percent": "In percent of each row. Choose a cell to see its pictures.",
    "errors": "Errors only. Choose a cell to see its pictures.",
    "part": "Choose a cell to see its pictures.",  # some of the errors: what is left says nothing of a class as a whole
}

_COMPONENTS = Path(__file__).parent / "components"
_component = st.components.v2.component(
    "fmnist_matrix",
    css=(_COMPONENTS / "matrix.css").read_text(encoding="utf-8"),
    js=(_COMPONENTS / "matrix.js").read_text(encoding="utf-8"),
)


def confusion_matrix(
    counts: np.ndarray,
    class_names: Sequence[str],
    *,
    key: str,
    show: Show = "counts",
    selected: tuple[int, int] | None = None,
    on_pick: Callable[[int, int], None],
) -> None:
    """Draws the matrix as wide as the page allows, at most 720 pixels, and updates it in place.

    Args:
        counts: (c, c) int, counts[true, predicted], none negative.
        class_names: c names, in the order of the counts.
        show: "counts"; "percent", of each row; "errors", counts with an empty diagonal; "part", the same where only
            some of the errors are counted, so that no share of a class is given.
        selected: the outlined cell (true, predicted); one outside the matrix outlines none.
        on_pick: called with the true and the predicted class of a clicked cell, before the script runs again: so
            one run shows what the click changed.

    Raises:
        ValueError: the counts are not square, are negative or do not fit the names, or show is unknown.
    """
    payload = matrix_payload(counts, class_names, show=show, selected=selected)

    def picked() -> None:
        cell = picked_cell(st.session_state[key].picked, len(class_names))
        if cell is not None:
            on_pick(*cell)

    _component(key=key, data=payload, on_picked_change=picked)


def picked_cell(picked: object, num_classes: int) -> tuple[int, int] | None:
    """The cell that the browser reported, None for anything that is no cell: a browser may send anything."""
    if not isinstance(picked, list) or len(picked) != 2:
        return None
    true, predicted = picked
    inside = all(type(place) is int and 0 <= place < num_classes for place in picked)
    return (true, predicted) if inside else None


def matrix_payload(
    counts: np.ndarray,
    class_names: Sequence[str],
    *,
    show: Show = "counts",
    selected: tuple[int, int] | None = None,
) -> dict[str, Any]:
    """What the browser is sent for a matrix, ready for JSON; see confusion_matrix() for the arguments.

    Each cell has its text, a kind ("right" on the diagonal, "wrong" off it, "none" for no pictures, "blank"
    where it is not shown), a level from 0 to 1 of how strongly it is coloured, and its sentence.
    """
    _check(counts, class_names, show)
    totals = counts.sum(axis=1)
    levels = cell_levels(counts, show)
    rows = []
    for true, name in enumerate(class_names):
        cells = [
            {
                "text": _cell_text(int(count), int(totals[true]), true == predicted, show),
                "kind": _cell_kind(int(count), true == predicted, show),
                "level": round(float(levels[true, predicted]), 3),
                "sentence": part_sentence(int(count), class_names[true], class_names[predicted])
                if show == "part"
                else cell_sentence(counts, class_names, true, predicted),
            }
            for predicted, count in enumerate(counts[true])
        ]
        recall = f"{100 * counts[true, true] / totals[true]:.1f}" if totals[true] else "–"
        recall = "" if show == "part" else recall
        rows.append({"name": name, "total": f"{totals[true]:,}", "recall": recall, "cells": cells})
    places = range(len(class_names))
    return {
        "label": f"Confusion matrix of {len(class_names)} classes and {counts.sum():,} pictures",
        "show": show,
        "rows": rows,
        "selected": [int(place) for place in selected]
        if selected is not None and all(place in places for place in selected)
        else None,
        "summary": summary_sentence(counts, class_names),
        "hint": _HINTS[show],
    }


def _check(counts: np.ndarray, class_names: Sequence[str], show: str) -> None:
    if counts.shape != (len(class_names), len(class_names)) or counts.dtype.kind not in "iu":
        raise ValueError(
            f"A confusion matrix of {len(class_names)} classes is an integer array of shape "
            f"({len(class_names)}, {len(class_names)}). Received: shape {counts.shape}, {counts.dtype}."
        )
    if (counts < 0).any():
        raise ValueError(f"A confusion matrix counts pictures. Received a negative count: {counts.min()}.")
    if show not in _HINTS:
        raise ValueError(f"Unknown show {show!r}. Choose one of: {', '.join(_HINTS)}.")


def cell_levels(counts: np.ndarray, show: Show) -> np.ndarray:
    """How strongly each cell is coloured: (c, c) float in [0, 1].

    On the diagonal the share of the row. Off it the logarithm, because a few pairs hold most of the errors
    and the rest would look like none: of the counts, or of the shares where percents are shown.
    """
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    # A share counts as so many of 1,000, the size of a class in the test set, before the logarithm.
    sizes = np.log1p(1000 * shares if show == "percent" else counts.astype(float))
    np.fill_diagonal(sizes, 0)
    levels = np.where(sizes > 0, _FAINTEST + (1 - _FAINTEST) * sizes / max(sizes.max(), 1e-9), 0)
    np.fill_diagonal(levels, 0 if show in WITHOUT_DIAGONAL else np.diag(shares))
    return levels


def _cell_kind(count: int, correct: bool, show: Show) -> str:
    if correct and show in WITHOUT_DIAGONAL:
        return "blank"
    if count == 0:
        return "none"
    return "right" if correct else "wrong"


def _cell_text(count: int, total: int, correct: bool, show: Show) -> str:
    """At most four characters, so that fifteen columns fit; the sentence has the whole number."""
    if correct and show in WITHOUT_DIAGONAL:
        return ""
    if count == 0:
        return "·"
    if show == "percent":
        percent = 100 * count / total
        return "<0.1" if percent < 0.05 else f"{percent:.1f}" if percent < 9.95 else f"{percent:.0f}"
    return str(count) if count < 10_000 else f"{count / 1000:.0f}k"


def cell_sentence(counts: np.ndarray, class_names: Sequence[str], true: int, predicted: int) -> str:
    """The cell in words: "131 of 1,000 Shirt pictures were called T-shirt/top (13.1 %)"."""
    count, total = int(counts[true, predicted]), int(counts[true].sum())
    if total == 0:
        return f"There is no {class_names[true]} picture among these."
    verb = "were" if count > 1 else "was"
    ending = "recognised" if true == predicted else f"called {class_names[predicted]}"
    number = f"{count:,}" if count else "None"
    share = f" ({100 * count / total:.1f}{_SPACE}%)" if count else ""
    return f"{number} of {total:,} {class_names[true]} pictures {verb} {ending}{share}."


def part_sentence(count: int, true: str, called: str) -> str:
    """The same where only some of the errors are counted: "30 × Shirt called T-shirt/top."."""
    return f"{count:,} × {true} called {called}."


def summary_sentence(counts: np.ndarray, class_names: Sequence[str]) -> str:
    """The three pairs of classes that are taken for each other most often, both directions together."""
    if not counts.any():
        return "No pictures were counted."
    both = np.triu(counts + counts.T, k=1)
    order = np.argsort(-both, axis=None, kind="stable")[:3]
    pairs = [(*divmod(int(place), len(counts)), int(both.flat[place])) for place in order]
    told = [f"{class_names[a]} and {class_names[b]} ({number:,})" for a, b, number in pairs if number]
    if not told:
        return "Every picture was recognised."
    return f"Most often taken for each other: {', '.join(told)}."
