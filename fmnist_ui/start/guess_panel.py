"""Guess: three garments that the network gets wrong, named by the visitor first."""

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from fmnist_core import data
from fmnist_core.jobs import kinds, queue
from fmnist_core.label_audit import audit_records
from fmnist_core.quiz import mistakes
from fmnist_core.quiz.mistakes import Mistake
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.runs import Run
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached, calibrated, charts, parts
from fmnist_ui.layout.columns import beside
from fmnist_ui.start import steps

NAMES = data.CLASS_NAMES
FACTOR, FACTOR_ON_TOUCH = 16, 8  # CSS pixels a pixel of the picture is wide
_GIVEN = "start-guesses"
_Stamped = tuple[tuple[Run, tuple[float, ...]], ...]


@dataclass(frozen=True)
class Given:
    """What was guessed so far. seen: of how many answers the truth was read and left behind."""

    run: str
    answers: tuple[int, ...] = ()
    seen: int = 0


def given(row: Row) -> Given:
    found: Given | None = st.session_state.get(_GIVEN)
    return found if found and found.run == row.run.id else Given(row.run.id)


@st.fragment
def show(row: Row) -> None:
    """row: of the network that is guessed against."""
    try:
        asked = three(row)
    except RunError as error:
        st.warning(str(error), icon=":material/broken_image:")
        return
    if not asked:
        st.info("It gets no picture wrong that others get right.", icon=":material/info:")
        return
    mine = given(row)
    number = min(mine.seen, len(asked) - 1)
    told = len(mine.answers) > number
    touched = charts.on_touch()
    left, right = beside("guess")
    with left, st.container(horizontal_alignment="center" if touched else "left"):
        factor = FACTOR_ON_TOUCH if touched else FACTOR
        alt = f"Picture {number + 1}: a garment, 28 by 28 gray pixels, enlarged"
        picture = data.load_split("test").images[asked[number].place]
        st.image(parts.picture_uri(picture, factor), width=data.SIDE * factor, alt=alt)
    with right:
        if told:
            reveal(row, asked, number, mine)
        else:
            ask(row, asked, number)


def ask(row: Row, asked: list[Mistake], number: int) -> None:
    st.caption(f"Picture {number + 1} of {len(asked)} that the network gets wrong")
    st.header("What is this?", anchor=False)
    with st.container(key="start-options"), st.grid(2, min_column_width=140, gap="small"):
        for label in asked[number].options:
            key = f"guess-{number}-{label}"  # of this picture, or a late click would answer the next one
            st.button(NAMES[label], key=key, width="stretch", on_click=add, args=(row, number, label))


def reveal(row: Row, asked: list[Mistake], number: int, mine: Given) -> None:
    """What it is, what the network took it for and how sure it was, and how the two of them stand."""
    one, answer = asked[number], mine.answers[number]
    right = answer == one.label
    mark = ":green[:material/check_circle:]" if right else ":orange[:material/cancel:]"
    yours = "You are right." if right else f"You said {NAMES[answer]}."
    st.caption(f"Picture {number + 1} of {len(asked)}: its label is")
    st.header(NAMES[one.label], anchor=False)
    sure = parts.percent(confidence(row, one), 0)
    st.markdown(f"{mark} {yours} The network said **{NAMES[one.called]}**, and was {sure} sure.")
    st.subheader(f"You {count_right(asked, mine)}, network 0", anchor=False)
    if number + 1 < len(asked):
        st.button("Next picture", type="primary", icon=":material/arrow_forward:", on_click=leave, args=(row, number))
    else:
        steps.offer(steps.TRAIN, "Next: train one yourself")
    accuracy = parts.percent(row.test_accuracy)
    st.caption(f"These are among its surest mistakes. Of all 10,000 test pictures it has {accuracy} right.")


def count_right(asked: list[Mistake], mine: Given) -> int:
    return sum(answer == one.label for answer, one in zip(mine.answers, asked, strict=False))


def add(row: Row, number: int, label: int) -> None:
    """The answer to a picture; a second one to the same, as of a click that comes late, changes nothing."""
    before = given(row)
    if number == len(before.answers):
        st.session_state[_GIVEN] = replace(before, answers=(*before.answers, label))
        expect_training()


def leave(row: Row, number: int) -> None:
    before = given(row)
    if number == before.seen and len(before.answers) > number:
        st.session_state[_GIVEN] = replace(before, seen=number + 1)


def expect_training() -> None:
    """Who has guessed is likely to train next: a process gets ready for it, where there is memory."""
    try:
        queue.prepare(kinds.TRAINING)
    except RunError:
        return  # said where the training is started


def confidence(row: Row, one: Mistake) -> float:
    """How sure the network is, as the other pages say it. Raises RunError."""
    logits = cached.logits_of_picture(row.run, "test", one.place)
    return float(calibrated.probabilities(row.run, logits)[0, one.called])


def three(row: Row) -> list[Mistake]:
    """The pictures to guess, by stored predictions. Raises RunError."""
    others = [one.run for one in cached.list_rows() if one.run.shipped and one.usable and one.run != row.run]
    stamped = tuple((run, cached.stamp(run, "predictions.npz")) for run in (row.run, *others))
    return _three(stamped, audit_records.newest())


@st.cache_resource(max_entries=4, show_spinner=False)
def _three(stamped: _Stamped, audit: tuple[str, float]) -> list[Mistake]:
    stored, *others = [cached.load_predictions(run, "test") for run, _ in stamped]
    return mistakes.convincing(stored, others, _doubted())


def _doubted() -> frozenset[int]:
    """Places of test pictures whose labels are in doubt; none where no audit can be read."""
    try:
        found = audit_records.load()
    except RunError:
        return frozenset()
    if found is None or "test" not in found.splits:
        return frozenset()
    opinions = found.splits["test"]
    return frozenset(np.asarray(opinions.positions)[opinions.confident].tolist())
