"""Why this answer? A map over the picture of what it rests on, beside that of a network that learned nothing."""

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import streamlit as st

from fmnist_core import data, figures, glossary
from fmnist_core.analysis import explain
from fmnist_core.analysis.explain import Deletion, Dependence
from fmnist_core.inference import randomised_weights
from fmnist_core.inference.classifier import Classifier
from fmnist_core.metrics.calibrators import Calibrator
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.runs import Run
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached, charts, parts, received

COLOURS = "viridis"  # perceptually even, from dark blue to yellow: told apart without hue, on light and on dark
COVER = 0.6  # of the map over the picture: what is left shows the garment
FAINTEST = 0.02  # of a probability: a map whose brightest place is less is not stretched to the whole scale
NOTEWORTHY = 0.005  # of a probability: below it nothing is said of a place
TITLES = {"occlusion": "Occlusion", "activation": "CAM"}
READ = {
    "occlusion": (
        "A black square of 6 by 6 pixels slides over the picture: yellow is where it costs the answer most, dark blue "
        "where it costs nothing. Not to be read into it: why a place matters, or what the network sees there. Places "
        "that can stand in for each other stay dark, and a garment with a black hole is new to the network, too."
    ),
    "activation": (
        "Each channel of the last layer that keeps positions lets its part of the picture through: yellow is what the "
        "class was recognised by. Not to be read into it: a sharp outline. The layer is coarse, and what lies beside a "
        "yellow place may be lit with it."
    ),
}


class Explanation(NamedTuple):
    """Both maps of one picture, method and class."""

    found: np.ndarray  # (28, 28) float32
    unlearned: np.ndarray  # (28, 28) float32, of the network with randomised weights
    dependence: Dependence
    deletion: Deletion


@st.fragment
def show(row: Row, picture: np.ndarray, key: str, calibrator: Calibrator) -> None:
    """The section of a page. picture: (28, 28) uint8. key: tells it from those of other pictures on the page.

    calibrator: of the probabilities that the page shows beside it.
    """
    names = row.config.class_names if row.config else data.CLASS_NAMES
    st.subheader("Why this answer?")
    if not picture.any():
        st.info("This picture is black all over, so there is nothing to explain.", icon=":material/info:")
        return
    try:
        classifier = cached.load_classifier(row.run)
        probabilities = calibrator.probabilities(classifier.logits(picture[None]))[0]
        method, target = _choose(classifier, probabilities, names, key)
        found = _explain(row.run, cached.stamp(row.run, "model.onnx"), method, target, picture.tobytes())
    except (RunError, ValueError) as error:
        st.warning(str(error), icon=":material/broken_image:")
        return
    left, right = st.columns([6, 5], gap="large")
    with left:
        _maps(picture, found, names[target], method)
        _say(found, float(probabilities[target]), names[target], method)
    with right:
        _deletion(found.deletion, names[target], key)
    st.caption(READ[method])


def _choose(classifier: Classifier, probabilities: np.ndarray, names: tuple[str, ...], key: str) -> tuple[str, int]:
    """The method and the class that is asked about: the predicted one, unless another is chosen."""
    order = [int(place) for place in np.argsort(-probabilities, kind="stable")]
    words = {place: f"{names[place]} · {parts.percent(float(probabilities[place]))}" for place in order}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        # Its key names the verdict: another picture is asked about its own class, not about the last one's.
        target = st.selectbox("Why", order, format_func=words.__getitem__, key=f"{key}-why-{order[0]}", width=240)
        methods = [method.name for method in explain.methods_for(classifier)]
        if len(methods) == 1:
            return methods[0], target
        method = received.segmented(
            "Method",
            methods,
            format_func=TITLES.__getitem__,
            default=methods[0],
            help=glossary.several("Occlusion", "CAM"),
            key=f"{key}-why-how",
            persist_state="session",
        )
    return method, target


@st.cache_data(max_entries=200, show_spinner=False)
def _explain(run: Run, stamp: tuple[float, ...], method: str, target: int, content: bytes) -> Explanation:
    """Raises RunError, ValueError."""
    picture = np.frombuffer(content, np.uint8).reshape(data.SIDE, data.SIDE)
    classifier, make = cached.load_classifier(run), explain.METHODS[method].make
    with ThreadPoolExecutor(1) as beside:  # the randomised network meanwhile: a tenth faster than in turn
        unlearned = beside.submit(make, _load_randomised(run, stamp), picture, target)
        found = make(classifier, picture, target)
        deletion = explain.deletion_curve(classifier, picture, target, found)
    return Explanation(found, unlearned.result(), explain.dependence(found, unlearned.result(), picture), deletion)


@st.cache_resource(max_entries=2, show_spinner=False)
def _load_randomised(run: Run, stamp: tuple[float, ...]) -> Classifier:
    return randomised_weights.open_randomised(run, threads=1)


def _maps(picture: np.ndarray, found: Explanation, name: str, method: str) -> None:
    spot = place_of(found.found)
    shown = (
        (parts.enlarge(picture), "The picture", "The picture itself, 28 by 28 pixels", ""),
        (
            overlay(picture, found.found, method),
            "What it learned",
            f"Map over the picture of what speaks for {name}: brightest at the {spot}",
            scale(found.found, method),
        ),
        (
            overlay(picture, found.unlearned, method),
            "Randomised weights",
            f"The same map of a network with randomised weights: brightest at the {place_of(found.unlearned)}",
            scale(found.unlearned, method),
        ),
    )
    with st.grid(3, min_column_width=90):
        for image, caption, alt, colours in shown:
            with st.container():
                st.image(image, width="stretch", alt=alt)
                st.caption(caption)
                if colours:
                    st.html(colours)


def scale(found: np.ndarray, method: str) -> str:
    """What a map's colours mean, from its darkest to its brightest, as HTML."""
    from matplotlib import colormaps

    colours = 255 * np.array([colormaps[COLOURS](part)[:3] for part in np.linspace(0, 1, 5)])
    stops = ",".join(f"rgb({red:.0f} {green:.0f} {blue:.0f})" for red, green, blue in colours)
    low, high = ("0", f"{100 * _brightest(found, method):.1f} points") if method == "occlusion" else ("none", "most")
    return (
        "<div style='display:flex;align-items:center;gap:.35rem;font-size:.75rem;opacity:.8;margin-top:-.6rem'>"
        f"<span>{low}</span><span style='flex:1;min-width:1rem;height:.5rem;border-radius:3px;"
        f"background:linear-gradient(90deg,{stops})'></span><span>{high}</span></div>"
    )


def _brightest(found: np.ndarray, method: str) -> float:
    """The value of a map that has the brightest colour."""
    return max(float(found.max()), FAINTEST if method == "occlusion" else 0.0) or 1.0


def overlay(picture: np.ndarray, found: np.ndarray, method: str) -> np.ndarray:
    """(28, 28) uint8 and a map of that size -> (280, 280, 3) uint8: its colours, with the picture visible beneath."""
    from matplotlib import colormaps  # late: a page that shows no map need not wait for it

    coloured = colormaps[COLOURS](np.clip(found / _brightest(found, method), 0, 1))[..., :3]
    mixed = COVER * coloured + (1 - COVER) * picture[..., None] / data.WHITE
    return parts.enlarge((data.WHITE * mixed).round().astype(np.uint8))


def place_of(found: np.ndarray) -> str:
    """Where a map is brightest, in words: "top left", "centre"."""
    y, x = np.unravel_index(int(found.argmax()), found.shape)
    row, column = ("top", "", "bottom")[3 * y // len(found)], ("left", "", "right")[3 * x // len(found)]
    return f"{row} {column}".strip() or "centre"


def _say(found: Explanation, probability: float, name: str, method: str) -> None:
    st.markdown(in_words(found.found, probability, name, method))
    correlation, flagged = found.dependence
    if np.isnan(correlation):
        st.warning(
            "One of the two maps is the same all over, so it cannot be told whether this one shows what was learned.",
            icon=":material/flag:",
        )
    elif flagged:
        st.warning(
            f"The map of randomised weights looks much the same (rank correlation {correlation:.2f}). So this one "
            "shows the picture, not what the network learned: do not rely on it.",
            icon=":material/flag:",
        )
    else:
        st.markdown(
            f"With randomised weights the map looks different (rank correlation {correlation:.2f}; flagged from "
            f"{explain.DEPENDS_BELOW}), so it does depend on what was learned.",
            help=glossary.term("Randomised weights"),
        )


def in_words(found: np.ndarray, probability: float, name: str, method: str) -> str:
    """What a map says of the class, in one or two sentences."""
    most = float(found.max())
    if method == "activation":
        if most == 0:
            return f"No channel alone makes **{name}** likelier than a black picture does, so there is nothing to see."
        return f"**{name}** is recognised most by what lies at the **{place_of(found)}**."
    sentence = f"It gives **{name}** {parts.percent(probability)}. "
    if most < NOTEWORTHY:
        return f"{sentence}No single small square takes anything worth naming from it: it rests on no one place."
    sentence += f"That rests most on the **{place_of(found)}**: covered, it loses {100 * most:.1f} points on average."
    if (least := -float(found.min())) >= NOTEWORTHY:
        sentence += f" Covering the {place_of(-found)} makes it likelier, by {100 * least:.1f} points."
    return sentence


def _deletion(found: Deletion, name: str, key: str) -> None:
    st.markdown(f"**When pixels are taken away** :gray[what is left of {name}]")
    chart = figures.deletion_curves(found)
    charts.draw(chart, key=f"{key}-why-deletion", alt=deletion_words(found), file=f"deletion-{key}")
    st.caption(deletion_words(found))


def deletion_words(found: Deletion) -> str:
    """The areas under the two curves, each the mean of what is left."""
    verdict = (
        "so the map finds what counts" if found.area < found.random_area else "so the map is no better than chance"
    )
    return (
        f"Averaged over the curve, {parts.percent(found.area)} is left when the map's brightest pixels go first and "
        f"{parts.percent(found.random_area)} in random order, {verdict}."
    )
