"""Whether a run's probabilities can be believed: reliability, temperature, and what it gains where it may abstain."""

import numpy as np
import pandas as pd
import streamlit as st

from fmnist_core import data, glossary
from fmnist_core.colours import CLASS_COLORS
from fmnist_core.metrics import calibration, evaluation
from fmnist_core.metrics.calibration import Coverage, Reliability
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.predictions import Predictions
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached, parts, state

SHOWN_REJECTED = 60
POINTS = 300  # of the coverage curve; more cannot be told apart


def calibration_panel(row: Row, stored: Predictions, names: tuple[str, ...]) -> None:
    """The section of a page. stored: what the run says of the pictures that are looked at."""
    st.subheader("Calibration", help=glossary.term("Calibration"))
    st.caption("Can its probabilities be believed?")
    temperature = choose_temperature(row)
    probabilities = evaluation.softmax(stored.logits, temperature)
    confidence, right = probabilities.max(axis=1), stored.predicted == stored.labels
    found = calibration.reliability(confidence, right)
    left, aside = st.columns([6, 5], gap="large")
    with left:
        st.vega_lite_chart(bins_of(found), reliability_chart(), key="reliability", height=340)
        st.caption(
            "A bar for each range of confidence: the accuracy there. The orange mark is the mean "
            "confidence. On the dashed line the two agree; a bar below it is overconfidence."
        )
    with aside:
        say_calibration(found, confidence, right, stored)
        classwise(probabilities, stored, names)
    st.subheader("Coverage", help=glossary.term("Coverage"))
    st.caption("What if it may abstain?")
    abstain(row, calibration.coverage(confidence, right), stored, names)


def choose_temperature(row: Row) -> float:
    """The slider, with the value that fits the validation pictures marked; 1 leaves the run as it is."""
    fitted = fitted_temperature(row)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        value = st.slider(
            "Temperature",
            0.25,
            4.0,
            1.0,
            0.01,
            key="temperature",
            help=glossary.term("Temperature"),
            width=420,
            persist_state="session",
        )
        if fitted is None:
            st.caption("Its recipe sets no validation split aside, so no temperature can be fitted honestly.")
        else:
            take = lambda: st.session_state.update(temperature=float(np.clip(round(fitted, 2), 0.25, 4.0)))  # noqa: E731
            st.button(f"Take the fitted one, {fitted:.2f}", icon=":material/tune:", on_click=take)
    return value


def fitted_temperature(row: Row) -> float | None:
    """Fitted on validation pictures, never on those that are shown; None without them."""
    try:
        validation = cached.load_predictions(row.run.id, "validation")
    except RunError:
        return None
    return calibration.fit_temperature(validation.logits, validation.labels)


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


def bins_of(found: Reliability) -> pd.DataFrame:
    """A row a bin that holds pictures."""
    table = pd.DataFrame(
        {
            "from": found.edges[:-1],
            "to": found.edges[1:],
            "Confidence": found.confidence,
            "Right": found.accuracy,
            "Pictures": found.counts,
        }
    )
    return table[table["Pictures"] > 0]


def reliability_chart() -> dict:
    """Bars of how often a bin is right, a mark at how sure it is, and the diagonal where the two agree."""
    axis = {"format": ".0%", "grid": False}
    across = {"type": "quantitative", "scale": {"domain": [0, 1]}, "axis": axis | {"title": "how sure it is"}}
    up = {"type": "quantitative", "scale": {"domain": [0, 1]}, "axis": axis | {"title": "how often it is right"}}
    sure = {"field": "Confidence"}
    tooltip = [{"field": name, "format": ".1%"} for name in ("Confidence", "Right")]
    tooltip.append({"field": "Pictures", "format": ","})
    return {
        "layer": [
            {
                "mark": {"type": "bar", "color": CLASS_COLORS[0], "opacity": 0.75},
                "encoding": {
                    "x": across | {"field": "from"},
                    "x2": {"field": "to"},
                    "y": up | {"field": "Right"},
                    "y2": {"datum": 0},
                    "tooltip": tooltip,
                },
            },
            {
                "mark": {"type": "tick", "color": CLASS_COLORS[6], "thickness": 3, "orient": "horizontal", "width": 16},
                "encoding": {"x": across | sure, "y": up | sure, "tooltip": tooltip},
            },
            {
                "data": {"values": [{"x": 0, "y": 0}, {"x": 1, "y": 1}]},
                "mark": {"type": "line", "color": "#8a9694", "strokeDash": [4, 4]},
                "encoding": {"x": across | {"field": "x"}, "y": up | {"field": "y"}},
            },
        ]
    }


def abstain(row: Row, found: Coverage, stored: Predictions, names: tuple[str, ...]) -> None:
    """The curve, the chosen point in words, and the pictures that it would not answer."""
    total = len(found.order)
    told = {"key": "answered", "help": glossary.term("Coverage")}
    part = st.slider("Part of the pictures that is answered", 50, 100, 92, 1, format="%d %%", **told)
    count = max(1, round(total * part / 100))
    accuracy = float(found.accuracy[count - 1])
    threshold = parts.percent(float(found.threshold[count - 1]))
    st.markdown(
        f"Coverage **{part} %**, accuracy **{parts.percent(accuracy, 2)}**: it answers where its confidence is "
        f"{threshold} or more, and leaves {total - count:,} to a person."
    )
    places = np.unique(np.linspace(0, total - 1, POINTS).astype(int))
    curve = pd.DataFrame({"Answered": found.coverage[places], "Right": found.accuracy[places]})
    point = pd.DataFrame({"Answered": [count / total], "Right": [accuracy]})
    left, right = st.columns([6, 5], gap="large")
    with left:
        st.vega_lite_chart(curve, coverage_chart(point), key="coverage", height=300)
    with right:
        show_rejected(row, found.order[count:], stored, names)


def coverage_chart(point: pd.DataFrame) -> dict:
    axis = {"format": ".0%"}
    across = {
        "field": "Answered",
        "type": "quantitative",
        "axis": axis | {"title": "answered"},
        "scale": {"zero": False},
    }
    up = {"field": "Right", "type": "quantitative", "axis": axis | {"title": "of these right", "format": ".1%"}}
    encoding = {"x": across, "y": up | {"scale": {"zero": False}}}
    encoding["tooltip"] = [{"field": name, "format": ".2%"} for name in ("Answered", "Right")]
    return {
        "layer": [
            {"mark": {"type": "line", "color": CLASS_COLORS[0], "strokeWidth": 2}, "encoding": encoding},
            {
                "data": {"values": point.to_dict("records")},
                "mark": {"type": "point", "filled": True, "size": 120, "color": CLASS_COLORS[6]},
                "encoding": encoding,
            },
        ]
    }


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
    addresses = [data.picture_address(stored.source, int(stored.indices[index])) for index in shown]
    if (picture := state.get("picture")) in addresses:
        parts.open_picture(picture, row)
    called = [names[stored.predicted[index]] for index in shown]
    parts.judged_gallery(stored, shown, called, key="rejected", label="Pictures it would not answer")
