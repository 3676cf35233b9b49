"""Whether a run knows such a picture, and which classes it cannot tell apart: under a photo's or drawing's answer."""

import html

import streamlit as st

from fmnist_core import glossary
from fmnist_core.data import DataError
from fmnist_core.inference import photo_answer, photo_calibrations
from fmnist_core.inference.photo_answer import PhotoAnswer
from fmnist_core.metrics.prediction_sets import Measured, Rule
from fmnist_core.runs.catalogue import Row
from fmnist_core.storage.folders import RunError
from fmnist_ui.predict import photo_answers
from fmnist_ui.widgets.hostile_text import literal

KNOWN_WORDS = "In distribution: looks like what it was trained on"
STRANGE_WORDS = "Out-of-distribution: not quite like anything it was trained on"
_GREEN, _ORANGE = "#0e9285", "#d9730d"


def rule(row: Row, key: str) -> Rule | None:
    """The one that the visitor chose in `prediction_set`, before that is drawn; None where there is none."""
    try:
        offered = photo_answers.rules(row)
    except (RunError, DataError, ValueError):
        return None
    chosen = st.session_state.get(f"{key}-coverage", photo_answer.COVERAGE)
    return offered.get(chosen) or offered.get(photo_answer.COVERAGE) or next(iter(offered.values()), None)


def show(row: Row, found: PhotoAnswer) -> None:
    """Whether the run knows such pictures, in words and as a bar. Raises as `photo_answers.answer`."""
    if found.verdict is None:
        st.caption("Whether it knows such pictures cannot be told without the dataset.")
        return
    known, value, false_alarms = found.verdict
    icon, colour = (":material/check_circle:", "green") if known else (":material/help:", "orange")
    told = glossary.term("Out-of-distribution")
    st.markdown(f":{colour}[{icon}] **{KNOWN_WORDS if known else STRANGE_WORDS}**", help=told)
    st.html(score_bar(value, false_alarms, known))
    note = None if found.drawn else photo_calibrations.note(row.run)
    st.caption(score_sentence(value, false_alarms, found.drawn), help=note)


def score_sentence(value: float, false_alarms: float, drawn: bool) -> str:
    share = "Fewer than 1" if value < 0.01 else f"{int(100 * value)}"  # down, as the warning's limit is meant
    as_strange = (
        "outlines of other garments lie at least as far from those of the training pictures"
        if drawn
        else "garments that it knows look at least as strange, once put through what photos do"
    )
    warns = f"It warns below {100 * false_alarms:.0f} in 100, and about as often by mistake."
    return f"{share} in 100 {as_strange}. {warns}"


def score_bar(value: float, false_alarms: float, known: bool) -> str:
    """HTML: how far from strange, with a mark where the warning begins. By square roots, or that would be the edge."""
    width, mark = 100 * value**0.5, 100 * false_alarms**0.5
    words = html.escape(
        f"In distribution: {int(100 * value)} of 100; a warning is given below {100 * false_alarms:.0f}."
    )
    end = "font-size:.78rem;opacity:.7;white-space:nowrap"
    return (
        f"<div role='img' aria-label='{words}' title='{words}' "
        "style='display:flex;align-items:center;gap:.6rem;max-width:26rem'>"
        f"<span style='{end}'>strange</span>"
        "<span style='position:relative;flex:1;background:rgba(128,140,138,.18);border-radius:4px;height:.62rem'>"
        f"<span style='display:block;width:{width:.1f}%;min-width:3px;height:100%;border-radius:4px;"
        f"background:{_GREEN if known else _ORANGE}'></span>"
        f"<span style='position:absolute;left:{mark:.1f}%;top:-.2rem;bottom:-.2rem;width:2px;"
        "background:currentColor;opacity:.55'></span></span>"
        f"<span style='{end}'>familiar</span></div>"
    )


def prediction_set(row: Row, found: PhotoAnswer, rule: Rule | None, key: str) -> None:
    """The classes that the run does not rule out, at a coverage that can be chosen; none of what is strange to it."""
    if rule is None:
        st.caption(
            "No prediction set: this run's recipe sets no validation pictures aside, they cannot be read, or its sets "
            "would never hold more than the answer."
        )
        return
    offered = tuple(photo_answers.rules(row))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        told = glossary.several("Prediction set", "Coverage")
        st.markdown("**Prediction set** at", width="content", help=told)
        st.selectbox(
            "Coverage",
            offered,
            index=offered.index(rule.coverage),
            format_func=lambda share: f"{100 * share:.0f} %",
            key=f"{key}-coverage",
            label_visibility="collapsed",
            width=96,
        )
    if found.known is False:
        st.caption("None: it is out-of-distribution, and a set promises nothing about such pictures.")
        return
    st.markdown(" · ".join(literal(name) for name in found.set_names))
    st.caption(set_sentence(rule, photo_answers.measured(row, rule)))


def set_sentence(rule: Rule, measured: Measured) -> str:
    """What was asked, what was measured, and of what."""
    low, high = (f"{100 * end:.1f}" for end in measured.interval)
    return (
        f"Asked: {100 * rule.coverage:.0f} in 100 pictures of each class have it in their set. Measured on the test "
        f"pictures: {100 * measured.coverage:.1f} ({low} to {high}), with {measured.mean_size:.2f} classes a set. "
        "For photos and drawings nothing is promised."
    )
