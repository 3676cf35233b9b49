"""Suspects: pictures whose label is in doubt, one after the other, and what a reader decides about them."""

from typing import Any

import numpy as np
import streamlit as st

from fmnist_core import data, glossary
from fmnist_core.analysis import confident_learning, label_issues, label_set, label_set_files
from fmnist_core.analysis.label_set import Decision, LabelSet
from fmnist_core.data import CLASS_NAMES
from fmnist_core.label_audit import audit_decisions, audit_records, label_sets, rescored
from fmnist_core.label_audit.audit_records import Audit
from fmnist_core.runs.catalogue import Row
from fmnist_core.storage import owners
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached, parts, state
from fmnist_ui.audit import audit_opened
from fmnist_ui.audit.audit_job import job_bar
from fmnist_ui.inspect import data_pictures
from fmnist_ui.layout import first_line
from fmnist_ui.widgets import paging
from fmnist_ui.widgets.gallery import Tile

ON_A_PAGE = 60
_AS_SET, _BY_IT = {"what": "labels", "label_set": label_sets.MINE}, {"labels": label_sets.MINE}
PROBLEM = "audit_problem"  # in the session: why the last decision was not stored
ALL = "all"
SPLIT_WORDS = {"test": "test", "train": "training"}
KIND_WORDS = {
    "label": "Another class, confidently",
    "conflict": "Like one with another label",
    "duplicate": "Near-duplicates",
    "faint": "Little to see",
    "known": "Reported by others",
    "decided": "Decided by you",
}
ORDER_WORDS = {
    "margin": "Most suspicious first",
    "confidence": "Least confident of the label first",
    "position": "As stored",
}


def show(row: Row | None) -> None:
    """The view of the page: the suspects, or the job that finds them. row: the network that is asked about them."""
    try:
        found = _load(*audit_records.newest())
        decisions = audit_decisions.load()
    except RunError as error:
        st.warning(str(error), icon=":material/broken_image:")
        return
    parts.tell_problem(PROBLEM)
    if found is not None:
        _suspects(found, decisions, row)
    job_bar(found)


@st.cache_resource(max_entries=2, show_spinner=False)
def _load(path: str, stamp: float) -> Audit | None:
    return audit_records.load()


@st.fragment
def _suspects(found: Audit, decisions: dict[str, Decision], row: Row | None) -> None:
    """Drawn again alone after a click."""
    parts.tell_problem(PROBLEM)
    with_new = _decisions_now(decisions)
    with first_line.controls("Which suspects"):
        changes = {"clears": ("page", "picture")}
        words = {"test": "Test", "train": "Train"}
        split = state.segmented("Split", "split", ("test", "train"), format_func=words.get, **changes)
        told = {"help": glossary.several("Label issue", "Confident learning", "Near-duplicate"), **changes}
        kind = state.select("Kind", "kind", tuple(KIND_WORDS), format_func=KIND_WORDS.get, width=260, **told)
        order = state.select("Order", "order", tuple(ORDER_WORDS), format_func=ORDER_WORDS.get, width=240, **changes)
        chosen = state.select("Label", "class", (ALL, *range(len(CLASS_NAMES))), format_func=_class_words, **changes)
    st.markdown(_in_words(found, split))
    score_in_words(found, with_new, row)
    positions = listed(found, with_new, split, kind, order, chosen)
    if not positions:
        st.info(_nothing(found, split, kind), icon=":material/check:")
    else:
        audit_opened.large_view(found, with_new, split, positions, row)
        _thumbnails(found, with_new, split, positions)
    _export(with_new)


def _decisions_now(before: dict[str, Decision]) -> dict[str, Decision]:
    try:
        return audit_decisions.load()
    except RunError:
        return before


def _class_words(label: int | str) -> str:
    return "All classes" if label == ALL else CLASS_NAMES[int(label)]


def listed(
    found: Audit, decisions: dict[str, Decision], split: str, kind: str, order: str, chosen: int | str
) -> list[int]:
    """Positions in the split, in the order in which they are looked at.

    order: pictures that no network was asked about (a shipped audit holds the first ones only) come last.
    """
    opinions = found.splits[split]
    if kind == "known":
        positions = list(label_issues.KNOWN) if split == "train" else []
    elif kind == "decided":
        positions = list(label_set.of_split(decisions, split))
    else:
        positions = found.kinds[split][kind]
    labels = data.load_split(split).labels
    if chosen != ALL:
        positions = [one for one in positions if labels[one] == chosen]
    if order == "position":
        return sorted(positions)
    if order == "margin" and kind in ("conflict", "duplicate"):
        return positions  # the nearest pair first
    sure = (
        opinions.ranks
        if order == "margin"
        else confident_learning.self_confidence(opinions.labels, opinions.probabilities)
    )
    of = {int(position): float(value) for position, value in zip(opinions.positions, sure, strict=True)}
    return sorted(positions, key=lambda one: of.get(one, np.inf))


def _in_words(found: Audit, split: str) -> str:
    opinions, kinds = found.splits[split], found.kinds[split]
    words = (
        f"**{opinions.doubted:,} of {opinions.total:,} {SPLIT_WORDS[split]} pictures** are confidently "
        f"something else to networks that had not seen them "
        f":gray[(such networks agree with the label of {parts.percent(opinions.accuracy)})]."
    )
    if len(opinions.positions) < opinions.total:
        words += f" The {int(opinions.confident.sum()):,} most suspicious come with the app."
    if kinds["conflict"]:
        words += f" {len(kinds['conflict'])} look nearly like a picture with another label."
    return words


def _nothing(found: Audit, split: str, kind: str) -> str:
    if kind == "decided":
        return "Nothing decided here yet. Open a suspect and press K to keep its label, L to relabel, A for ambiguous."
    if kind == "known" and split == "test":
        return "All pictures that others have reported are training pictures: choose Train."
    return "No such picture in this choice."


def score_in_words(found: Audit, decisions: dict[str, Decision], row: Row | None) -> None:
    """What the run would score if the reader's decisions were right, and without near-duplicates."""
    if row is None:
        return
    try:
        stored = cached.load_predictions(row.run, "test")
        after = rescored.rescore(stored, LabelSet(label_sets.MY_NAME, decisions))
    except (RunError, ValueError) as error:
        st.warning(str(error), icon=":material/broken_image:")
        return
    before = float((stored.predicted == stored.labels).mean())
    words = f"Accuracy **{parts.percent(before, 2)}** on the test pictures as they are labelled."
    if after.decides:
        words += (
            f" **If you are right, {_figure(after.accuracies[1], after.intervals[1])}**, with {after.relabelled:,} "
            f"relabelled and {after.ambiguous:,} left out as ambiguous. {rescored.FAVOURS}"
        )
    elif label_set.of_split(decisions, "test"):
        words += " If you are right, just that: you kept every label."
    else:
        words += " Decide about test pictures, and here stands the score if you are right."
    alike = np.flatnonzero(np.isin(stored.indices, found.test_pictures_like_training()))
    if len(alike):
        without = confident_learning.score_if_right(stored.labels, stored.predicted, {}, alike)
        words += f" Without the test pictures that are nearly in the training set ({len(alike)}), "
        words += f"{_figure(without.accuracy, without.interval)}."
    st.markdown(words)


def _figure(accuracy: float, interval: tuple[float, float]) -> str:
    low, high = interval
    return f"{parts.percent(accuracy, 2)} :gray[(95 % interval {parts.percent(low, 2)} to {parts.percent(high, 2)})]"


def _thumbnails(found: Audit, decisions: dict[str, Decision], split: str, positions: list[int]) -> None:
    shown = positions[paging.open_part(len(positions), ON_A_PAGE)]
    addresses = [data.picture_address(split, one) for one in shown]
    tiles = [tile(found, decisions, split, one) for one in shown]
    label = "Suspects: the label each has, what networks say, and what you decided"
    data_pictures.addressed_gallery(tiles, addresses, key="suspects", label=label, size=92)
    paging.turn(len(positions), ON_A_PAGE, f"suspects-{len(positions)}-{positions[0]}")


def tile(found: Audit, decisions: dict[str, Decision], split: str, position: int) -> Tile:
    """One suspect: its label, and the decision, or else the networks' opinion."""
    pictures, opinions = data.load_split(split), found.splits[split]
    address, label = data.picture_address(split, position), CLASS_NAMES[pictures.labels[position]]
    row, decision = opinions.row_of.get(position), decisions.get(address)
    detail = ""
    if decision is not None:
        detail = label_set.in_words(decision)
    elif row is not None:
        opinion = int(opinions.opinion[row])
        detail = f"{parts.percent(float(opinions.probabilities[row, opinion]), 0)} {CLASS_NAMES[opinion]}"
    return Tile(
        pictures.images[position], label, detail, "neutral" if decision is None else "accent", f"{address}: {label}"
    )


def _export(decisions: dict[str, Decision]) -> None:
    if not decisions:
        return
    label = f"{len(decisions):,} {'decision' if len(decisions) == 1 else 'decisions'} (CSV)"
    told: dict[str, Any] = {"icon": ":material/download:", "on_click": "ignore", "key": "decisions"}
    with st.container(horizontal=True, vertical_alignment="center"):
        content = lambda: label_set_files.to_csv(decisions).encode()  # noqa: E731 - made when it is asked for
        st.download_button(label, content, "decisions.csv", "text/csv", **told)
        st.page_link("pages/data.py", label="As a label set", icon=":material/label:", query_params=_AS_SET)
        st.page_link("pages/evaluate.py", label="Evaluate by it", icon=":material/grid_on:", query_params=_BY_IT)
    whose = "on this computer" if owners.visitor().owns_all else "for you alone, on the server"
    st.caption(f"Kept {whose}. The dataset itself is never changed.")
