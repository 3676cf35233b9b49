"""How far a picture, or a run's accuracy, stands up to shifts, turns, blur and the like."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import streamlit as st

from fmnist_core import data, figures, glossary
from fmnist_core.analysis import robustness
from fmnist_core.analysis.robustness import CHANGES, Change
from fmnist_core.metrics.calibrators import Calibrator
from fmnist_core.runs.catalogue import Row
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached, charts, parts

MOST_STEPS = 80  # severities that are tried for a strip

Answers = Callable[[np.ndarray], np.ndarray]  # (n, 28, 28) uint8 -> (n, classes) probabilities


@st.fragment
def show_picture(row: Row, picture: np.ndarray, key: str, calibrator: Calibrator) -> None:
    """The section of a page on one picture. picture: (28, 28) uint8. key: tells it from others on the page.

    calibrator: of the probabilities that the page shows beside it.
    """
    names = row.config.class_names if row.config else data.CLASS_NAMES
    st.subheader("Robustness", help=glossary.term("Robustness"))
    st.caption(
        "Does the answer hold? Change the picture as a careless photo would, and see when the network changes its mind."
    )
    left, right = st.columns([5, 6], gap="large")
    with left:
        severities = _sliders(key)
    try:
        with right:
            now = apply_all(picture, severities)
            answers = lambda images: calibrator.probabilities(cached.load_classifier(row.run).logits(images))  # noqa: E731
            _verdict(answers(np.stack([picture, now])), now, names)
            moved = st.session_state.get(_moved(key))
            if moved in CHANGES:
                _strip(answers, picture, severities, CHANGES[moved], names, f"{row.run.id}-{key}")
            else:
                st.info("Move a slider: here its answer at every position will stand.", icon=":material/tune:")
    except (RunError, ValueError) as error:
        st.warning(str(error), icon=":material/broken_image:")


def apply_all(picture: np.ndarray, severities: dict[str, float]) -> np.ndarray:
    """(28, 28) uint8 -> the same under all changes, in the table's order. Raises ValueError."""
    images = picture[None]
    for name in CHANGES:
        images = robustness.changed(images, name, severities[name])
    return images[0]


def _sliders(key: str) -> dict[str, float]:
    """A slider for each change, a switch for those that have no degrees."""
    found = {}
    with st.grid("auto", min_column_width=190):
        for name, change in CHANGES.items():
            told: dict[str, Any] = {"key": _slider(key, name), "on_change": _remember, "args": (key, name)}
            if len(change.severities) == 2:
                found[name] = float(st.toggle(change.title, value=bool(change.none), **told))
            else:
                found[name] = st.slider(
                    f"{change.title} ({change.unit})",
                    float(change.lowest),
                    float(change.highest),
                    float(change.none),
                    float(change.step),
                    format="%g",
                    **told,
                )
    st.button("As it was", icon=":material/undo:", key=f"{key}-reset", on_click=_reset, args=(key,))
    return found


def _slider(key: str, name: str) -> str:
    return f"{key}-change-{name}"


def _moved(key: str) -> str:
    return f"{key}-moved"


def _remember(key: str, name: str) -> None:
    st.session_state[_moved(key)] = name


def _reset(key: str) -> None:
    for name, change in CHANGES.items():
        st.session_state[_slider(key, name)] = bool(change.none) if len(change.severities) == 2 else float(change.none)
    st.session_state.pop(_moved(key), None)


def _verdict(probabilities: np.ndarray, now: np.ndarray, names: tuple[str, ...]) -> None:
    """probabilities: (2, classes), of the picture as it was and as it is now, which is `now`."""
    before, after = probabilities
    was, called = int(before.argmax()), int(after.argmax())
    image, words = st.columns([2, 4], gap="medium", vertical_alignment="center")
    with image:
        st.image(parts.enlarge(now), width="stretch", alt=f"The changed picture, called {names[called]}")
    with words:
        st.markdown(f"**{names[called]}**, confidence {parts.percent(float(after[called]))}")
        if called == was:
            st.caption(f"The same answer as to the picture as it was (confidence {parts.percent(float(before[was]))}).")
        else:
            st.caption(f"As it was, it was {names[was]} (confidence {parts.percent(float(before[was]))}).")
        parts.probability_bars(after, names)


def _strip(
    answers: Answers,
    picture: np.ndarray,
    severities: dict[str, float],
    change: Change,
    names: tuple[str, ...],
    key: str,
) -> None:
    """The answer at every position of the slider that was moved last; the others stay where they are."""
    tried = positions(change)
    images = np.stack([apply_all(picture, severities | {change.name: one}) for one in tried])
    probabilities = answers(images)
    called = probabilities.argmax(axis=1)
    st.markdown(f"**{change.title}** :gray[{what_holds(change, tried, called, names)}]")
    st.caption(
        "From its first position to its last, in the colours of the classes; the dashed line is where it stands."
    )
    charts.draw(
        figures.answer_strip(change, tried, probabilities, names, severities[change.name]),
        key=f"{key}-strip",
        alt=f"{change.title}: {what_holds(change, tried, called, names)}",
        file=f"{key}-{change.name}",
    )


def positions(change: Change) -> list[float]:
    """Where its slider can stand, at most MOST_STEPS of it, with the place that changes nothing."""
    count = round((change.highest - change.lowest) / change.step)
    step = -(-count // MOST_STEPS)
    # From the place that changes nothing in both directions, so that it is always among them.
    start = round((change.none - change.lowest) / change.step) % step
    return [round(change.lowest + change.step * place, 6) for place in range(start, count + 1, step)]


def what_holds(change: Change, tried: Sequence[float], answers: np.ndarray, names: Sequence[str]) -> str:
    """From which severity on the answer is another one, in a sentence, going both ways from no change."""
    middle = min(range(len(tried)), key=lambda place: abs(tried[place] - change.none))
    own = int(answers[middle])
    turns = []
    for way in (range(middle - 1, -1, -1), range(middle + 1, len(tried))):
        place = next((place for place in way if answers[place] != own), None)
        if place is not None:
            turns.append((place, f"{names[int(answers[place])]} from {written(change, tried[place])} on"))
    if len(change.severities) == 2:
        return f"{names[own]} becomes {names[int(answers[-1])]}." if turns else f"It stays {names[own]}."
    if not turns:
        ends = f"{written(change, tried[0])} to {written(change, tried[-1])}"
        return f"It stays {names[own]} all the way, {ends}."
    return f"{names[own]} at first; it becomes {', and '.join(words for _, words in turns)}."


def written(change: Change, severity: float) -> str:
    """ "-4 px", "30°", "0.7 x"."""
    gap = "" if change.unit == "°" else " "
    return f"{severity:g}{gap}{change.unit}".rstrip()
