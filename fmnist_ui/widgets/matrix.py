"""The confusion matrix that one can click: rows are what a picture is, columns what it was called."""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import streamlit as st

from fmnist_core.metrics.selection import Place
from fmnist_ui import received
from fmnist_ui.javascript import by_address, one_module
from fmnist_ui.widgets.matrix_words import (
    cell_kind,
    cell_levels,
    cell_sentence,
    cell_text,
    colour_scales,
    margin_payload,
    part_sentence,
    summary_sentence,
)

Show = Literal["counts", "percent", "columns", "errors", "part"]
Paint = Literal["shares", "linear", "log"]

_HINTS = {
    "counts": "Choose a cell to see its pictures.",
    "percent": "In percent of each row. Choose a cell to see its pictures.",
    "columns": "In percent of each column. Choose a cell to see its pictures.",
    "errors": "Errors only. Choose a cell to see its pictures.",
    "part": "Choose a cell to see its pictures.",  # some of the errors: what is left says nothing of a class as a whole
}
_PAINTS = ("shares", "linear", "log")

_COMPONENTS = Path(__file__).parent / "components"
_MODULES = ("matrix_colours", "matrix_parts", "matrix_scale", "matrix")
_component = st.components.v2.component(
    "fmnist_matrix",
    css=(_COMPONENTS / "matrix.css").read_text(encoding="utf-8"),
    js=by_address("matrix", one_module(_COMPONENTS, _MODULES)),
)


def confusion_matrix(
    counts: np.ndarray,
    class_names: Sequence[str],
    *,
    key: str,
    show: Show = "counts",
    chosen: Collection[Place] = (),
    on_pick: Callable[[int, int], None],
) -> None:
    """Draws the matrix as wide as the page allows, at most 720 pixels, and updates it in place.

    Args:
        counts: (c, c) int, counts[true, predicted], none negative.
        class_names: c names, in the order of the counts.
        show: "counts"; "percent", of each row; "columns", of each column; "errors", counts with an empty diagonal;
            "part", the same where only some of the errors are counted, so that no share of a class is given.
        chosen: the outlined cells (true, predicted); those outside the matrix are not drawn.
        on_pick: called with the true and the predicted class of a clicked cell, before the script runs again: so
            one run shows what the click changed.

    Raises:
        ValueError: the counts are not square, are negative or do not fit the names, or show is unknown.
    """
    payload = matrix_payload(counts, class_names, show=show, chosen=chosen)

    def picked() -> None:
        cell = picked_cell(received.sent(key, "picked"), len(class_names))
        if cell is None:
            received.drop()
        else:
            on_pick(*cell)

    _component(key=key, data=payload, on_picked_change=picked)


def selectable_matrix(
    counts: np.ndarray,
    class_names: Sequence[str],
    *,
    key: str,
    show: Show,
    paint: Paint,
    chosen: Collection[Place],
    several: bool,
    marked: Place | None = None,
    on_pick: Callable[[list[Place], bool], None],
) -> None:
    """The same with margins that can be clicked too, and a choice of several cells.

    A margin is the row or column c, "missed" and "wrongly called so", or c + 1, all of the row or column.

    Args:
        paint: see `matrix_words.cell_levels`.
        chosen: the outlined cells and margins.
        marked: a cell with a dot in its corner, such as that of the open picture.
        several: a plain click adds a cell to the choice, as a click with Ctrl does; for who has no keyboard.
        on_pick: called with cells and margins, and whether they are added to the choice or replace it.
    """
    payload = matrix_payload(counts, class_names, show=show, paint=paint, chosen=chosen, margins=True, several=several)
    payload["marked"] = marked

    def picked() -> None:
        found = picked_cells(received.sent(key, "picked"), len(class_names))
        if found is None:
            received.drop()
        else:
            on_pick(*found)

    _component(key=key, data=payload, on_picked_change=picked)


def picked_cell(picked: object, num_classes: int) -> Place | None:
    """The cell that the browser reported, None for anything that is no cell: a browser may send anything."""
    if not isinstance(picked, list) or len(picked) != 2:
        return None
    true, predicted = picked
    inside = all(received.is_place(place, num_classes) for place in picked)
    return (true, predicted) if inside else None


def picked_cells(picked: object, num_classes: int) -> tuple[list[Place], bool] | None:
    """What the browser reported of a matrix with margins, {"cells": [[row, column], …], "add": bool}, or None."""
    if not isinstance(picked, dict) or not isinstance(picked.get("cells"), list):
        return None
    cells = [picked_cell(cell, num_classes + 2) for cell in picked["cells"][: num_classes**2]]
    found = [cell for cell in cells if cell is not None and {*cell} != {num_classes, num_classes + 1}]
    return (found, picked.get("add") is True) if found and len(found) == len(cells) else None


def matrix_payload(
    counts: np.ndarray,
    class_names: Sequence[str],
    *,
    show: Show = "counts",
    paint: Paint = "shares",
    chosen: Collection[Place] = (),
    margins: bool = False,
    several: bool = False,
) -> dict[str, Any]:
    """What the browser is sent for a matrix, ready for JSON; see the two functions above for the arguments.

    Each cell has its text, a kind ("right" on the diagonal, "wrong" off it, "none" for no pictures, "blank"
    where it is not shown), a level from 0 to 1 of how strongly it is coloured, and its sentence.
    """
    _check(counts, class_names, show, paint)
    levels = cell_levels(counts, show, paint)
    rows = [{"name": name} | _row(counts, class_names, true, levels, show) for true, name in enumerate(class_names)]
    last = len(class_names) + (2 if margins else 0)
    return {
        "label": f"Confusion matrix of {len(class_names)} classes and {counts.sum():,} pictures",
        "show": show,
        "scales": colour_scales(counts, show, paint),
        "hues": "one" if paint == "linear" else "two",
        "rows": rows,
        "margins": margin_payload(counts, class_names) if margins else None,
        "several": several,
        "selected": sorted([int(row), int(column)] for row, column in chosen if max(row, column) < last),
        "summary": summary_sentence(counts, class_names),
        "hint": _HINTS[show] + (" Ctrl or Shift adds more; the margins open a whole row or column." if margins else ""),
    }


def _row(counts: np.ndarray, class_names: Sequence[str], true: int, levels: np.ndarray, show: Show) -> dict[str, Any]:
    base = counts.sum(axis=0) if show == "columns" else np.full(len(counts), counts[true].sum())
    cells = []
    for predicted, count in enumerate(counts[true].tolist()):
        kind = cell_kind(count, true == predicted, show)
        said = (
            part_sentence(count, class_names[true], class_names[predicted])
            if show == "part"
            else cell_sentence(counts, class_names, true, predicted)
        )
        text = "" if kind == "blank" else cell_text(count, int(base[predicted]), show)
        level = round(float(levels[true, predicted]), 3)
        cells.append({"text": text, "kind": kind, "level": level, "sentence": said})
    total, right = int(counts[true].sum()), int(counts[true, true])
    recall = "" if show == "part" else f"{100 * right / total:.1f}" if total else "–"
    return {"total": f"{total:,}", "recall": recall, "cells": cells}


def _check(counts: np.ndarray, class_names: Sequence[str], show: str, paint: str) -> None:
    if counts.shape != (len(class_names), len(class_names)) or counts.dtype.kind not in "iu":
        raise ValueError(
            f"A confusion matrix of {len(class_names)} classes is an integer array of shape "
            f"({len(class_names)}, {len(class_names)}). Received: shape {counts.shape}, {counts.dtype}."
        )
    if (counts < 0).any():
        raise ValueError(f"A confusion matrix counts pictures. Received a negative count: {counts.min()}.")
    if show not in _HINTS:
        raise ValueError(f"Unknown show {show!r}. Choose one of: {', '.join(_HINTS)}.")
    if paint not in _PAINTS:
        raise ValueError(f"Unknown paint {paint!r}. Choose one of: {', '.join(_PAINTS)}.")
