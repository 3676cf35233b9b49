"""Whether a run's probabilities can be believed: calibrated or raw, and what it gains where it may abstain."""

import numpy as np
import pandas as pd
import streamlit as st

from fmnist_core import data, figures, glossary
from fmnist_core.metrics import calibration, evaluation
from fmnist_core.metrics.calibration import Coverage, Reliability
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.predictions import Predictions
from fmnist_ui import calibrated, charts, parts, state
from fmnist_ui.inspect import data_pictures
from fmnist_ui.widgets import paging

SHOWN_REJECTED = 60
ON_A_PAGE = 60  # of a bin


def calibration_panel(row: Row, stored: Predictions, names: tuple[str, ...]) -> None:
    """The section of a page. stored: what the run says of the pictures that are looked at."""
    st.subheader("Calibration", help=glossary.term("Calibration"))
    st.caption("Can its probabilities be believed?")
    probabilities = choose_probabilities(row, stored)
    confidence, right = probabilities.max(axis=1), stored.predicted == stored.labels
    found = calibration.reliability(confidence, right)
    left, aside = st.columns([6, 5], gap="large")
    with left:
        charts.draw(
            figures.reliability_diagram(found),
            key="reliability",
            alt=reliability_words(found),
            file=f"{row.run.id}-reliability",
            on_pick=lambda _, place: state.put(bin=place, page=None, picture=None),
            shown=state.get("bin"),
        )
        st.caption(
            "A bar for each range of confidence: its accuracy, with the 95 % interval. The orange mark is the mean "
            "confidence. On the dashed line the two agree; a bar below it is overconfidence. A click on a bar opens "
            "its pictures."
        )
    with aside:
        say_calibration(found, confidence, right, stored)
        classwise(probabilities, stored, names)
    if (place := state.get("bin")) is not None:
        show_bin(row, place, confidence, stored, names)
    st.subheader("Coverage", help=glossary.term("Coverage"))
    st.caption("What if it may abstain?")
    abstain(row, calibration.coverage(confidence, right), stored, names)


def choose_probabilities(row: Row, stored: Predictions) -> np.ndarray:
    """(n, classes): the calibrated ones, or the raw ones at a temperature that the visitor tries."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        kind = calibrated.choose()
        if kind == "raw":
            told = glossary.term("Temperature")
            temperature = st.slider(
                "Temperature", 0.25, 4.0, 1.0, 0.01, key="temperature", help=told, width=320, persist_state="session"
            )
    st.caption(calibrated.words(row.run))
    if kind == "raw":
        return evaluation.softmax(stored.logits, temperature)
    return calibrated.probabilities(row.run, stored.logits)


def say_calibration(found: Reliability, confidence: np.ndarray, right: np.ndarray, stored: Predictions) -> None:
    sure, true = float(confidence.mean()), float(right.mean())
    gap = sure - true
    verdict = "overconfident" if gap > 0.005 else "underconfident" if gap < -0.005 else "well calibrated on average"
    st.markdown(
        f"Mean confidence **{parts.percent(sure)}**, accuracy **{parts.percent(true)}**: it is {verdict}.  \n"
        f"Expected calibration error (ECE) **{parts.percent(found.error, 2)}** "
        f":gray[({calibration.BINS} bins of equal width, {len(right):,} {stored.split} pictures)]",
        help=glossary.term("ECE"),
    )


def reliability_words(found: Reliability) -> str:
    """The diagram in a sentence."""
    held = found.counts > 0
    above = int((found.accuracy[held] >= found.confidence[held]).sum())
    return (
        f"Reliability diagram of {int(held.sum())} bins with pictures: accuracy reaches confidence in {above}, "
        f"expected calibration error {parts.percent(found.error, 2)}"
    )


def classwise(probabilities: np.ndarray, stored: Predictions, names: tuple[str, ...]) -> None:
    errors = calibration.classwise_errors(probabilities, stored.labels)
    table = pd.DataFrame({"Class": names, "ECE": 100 * errors}).sort_values("ECE", ascending=False)
    st.dataframe(
        table,
        hide_index=True,
        height=248,
        column_config={
            "ECE": st.column_config.NumberColumn(
                format="%.2f %%", help=f"Of this class's probability, against all others. {glossary.term('ECE')}"
            )
        },
        key="classwise",
    )


def show_bin(row: Row, place: int, confidence: np.ndarray, stored: Predictions, names: tuple[str, ...]) -> None:
    """The pictures of a bin of the diagram, the surest first; a click opens one."""
    rows = np.flatnonzero(calibration.bin_of(confidence) == place)
    low, high = (parts.percent(edge / calibration.BINS, 0) for edge in (place, place + 1))
    if not len(rows):
        st.info(f"No picture has a confidence of {low} to {high}.", icon=":material/info:")
        return
    rows = rows[np.argsort(-confidence[rows], kind="stable")]
    wrong = int((stored.predicted[rows] != stored.labels[rows]).sum())
    st.markdown(f"**Confidence {low} to {high}** :gray[{wrong:,} of {len(rows):,} are errors; the surest first]")
    shown = rows[paging.open_part(len(rows), ON_A_PAGE)]
    _judged(row, shown, stored, names, key="of-bin", label="Pictures of this bin")
    paging.turn(len(rows), ON_A_PAGE, f"bin-{place}-{len(rows)}")


def abstain(row: Row, found: Coverage, stored: Predictions, names: tuple[str, ...]) -> None:
    """The curve, the chosen point in words, and the pictures that it would not answer."""
    total = len(found.order)
    told = glossary.term("Coverage")
    part = st.slider("Part of the pictures that is answered", 50, 100, 92, 1, format="%d %%", key="answered", help=told)
    count = int(found.answered[max(1, round(total * part / 100)) - 1])  # and all that are as sure as the last of them
    answered, accuracy = parts.percent(count / total), float(found.accuracy[count - 1])
    threshold = parts.percent(float(found.threshold[count - 1]))
    st.markdown(
        f"Coverage **{answered}**, accuracy **{parts.percent(accuracy, 2)}**: it answers where its confidence is "
        f"{threshold} or more, and leaves {total - count:,} to a person."
    )
    left, right = st.columns([6, 5], gap="large")
    with left:
        charts.draw(
            figures.coverage_curve(found, count),
            key="coverage",
            alt=f"Accuracy against the part that is answered: {parts.percent(accuracy, 2)} at {answered}, "
            f"{parts.percent(float(found.accuracy[-1]), 2)} where all are answered",
            file=f"{row.run.id}-coverage",
        )
    with right:
        show_rejected(row, found.order[count:], stored, names)


def show_rejected(row: Row, rejected: np.ndarray, stored: Predictions, names: tuple[str, ...]) -> None:
    """Pictures it would not answer, the least confident first; a click opens one beside its probabilities."""
    if not len(rejected):
        st.info("It answers all of them.", icon=":material/check_circle:")
        return
    shown = rejected[::-1][:SHOWN_REJECTED]
    wrong = int((stored.predicted[rejected] != stored.labels[rejected]).sum())
    st.markdown(
        f"**Left to a person** :gray[{wrong:,} of {len(rejected):,} would be errors; the least confident first]"
    )
    _judged(row, shown, stored, names, key="rejected", label="Pictures it would not answer")


def _judged(row: Row, rows: np.ndarray, stored: Predictions, names: tuple[str, ...], *, key: str, label: str) -> None:
    """Thumbnails with what each is and is called, and the one that the address names beside its probabilities."""
    addresses = [data.picture_address(stored.source, int(index)) for index in stored.indices[rows]]
    if (picture := state.get("picture")) in addresses:
        with st.container(key=f"large-{key}"):
            data_pictures.open_picture(picture, row)
    data_pictures.judged_gallery(stored, rows, names, key=key, label=label)
