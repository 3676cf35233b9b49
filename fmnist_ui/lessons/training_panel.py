"""A class trains: the small form with a guess, and the leaderboard that fills as trainings end."""

import html
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any

import streamlit as st

from fmnist_core.demo import limits
from fmnist_core.jobs import kinds, lifecycle, queue
from fmnist_core.lessons import class_training
from fmnist_core.lessons.class_training import Choice, Entry
from fmnist_core.lessons.lesson import Question
from fmnist_core.storage.folders import RunError
from fmnist_core.training import training_jobs
from fmnist_core.zoo import MODELS
from fmnist_ui import cached, waiting
from fmnist_ui.lessons import drawn
from fmnist_ui.train.estimate_line import estimate_of

OnSaid = Callable[[Any, None], bool]  # whether it was taken
STATES = {"queued": "waiting", "running": "training", "cancelled": "stopped"}  # other states are called as they are
_REFUSED = "class_training_refused"  # in the session


def ask(question: Question, key: str, on_said: OnSaid) -> None:
    """The form within the teacher's limits; its button starts the training."""
    terms = class_training.terms_of(question)
    model = st.selectbox("Model", terms.models, format_func=lambda name: MODELS[name].title, key=f"{key}-model")
    epochs = st.slider("Epochs", 1, terms.epochs, min(3, terms.epochs), key=f"{key}-epochs") if terms.epochs > 1 else 1
    pictures = st.select_slider(
        "Pictures", terms.steps, terms.steps[-1], format_func="{:,}".format, key=f"{key}-pictures"
    )
    augmented = st.toggle("Augmentation: pictures moved and mirrored", key=f"{key}-augmented")
    guess = st.slider("Your guess: its accuracy on the test pictures, in percent", 0, 100, 50, key=f"{key}-guess")
    try:
        choice = class_training.check(
            terms,
            {"model": model, "epochs": epochs, "pictures": pictures, "augmented": augmented, "guess": guess},
        )
        chosen = class_training.recipe_of(choice)
        limits.check_training(chosen)
        queue.prepare(kinds.TRAINING)
    except (RunError, ValueError) as error:
        st.warning(str(error), icon=":material/rule:")
        return
    waiting.show_before_start(kinds.TRAINING, estimate_of(chosen))
    if refused := st.session_state.pop(_REFUSED, None):
        st.error(str(refused), icon=":material/error:")
    st.button("Train it", key=f"{key}-say", type="primary", on_click=_start, args=(choice, on_said))


def _start(choice: Choice, on_said: OnSaid) -> None:
    recipe = class_training.recipe_of(choice)
    try:
        run = training_jobs.submit(recipe, estimate_of(recipe))
    except (RunError, ValueError) as error:
        st.session_state[_REFUSED] = str(error)
        return
    cached.forget_rows()
    if not on_said(asdict(replace(choice, run=run.id)), None):  # no more answers are taken: nobody waits for it
        lifecycle.cancel(training_jobs.job(run))


def mine(choice: Choice) -> bool:
    """How one's own training is doing, drawn again by itself; whether it has ended."""
    entry = class_training.standing("You", choice)
    st.fragment(run_every=2.0 if class_training.is_active(entry) else None)(_mine)(choice, entry.state)
    return not class_training.is_active(entry)


def _mine(choice: Choice, state: str) -> None:
    entry = class_training.standing("You", choice)
    if entry.state != state:
        st.rerun()
    if entry.accuracy is not None:
        st.markdown(
            f"You guessed {choice.guess:g} %; it is right on **{entry.accuracy:.1f} %** of the test pictures: "
            f"{entry.off:.1f} points apart."
        )
    elif not class_training.is_active(entry):
        told = STATES.get(entry.state, entry.state)
        st.markdown(f"Your {MODELS[choice.model].title} was {told}, so there is no accuracy. Answer again for another.")
    else:
        told = (
            f"epoch {entry.epoch} of {choice.epochs}"
            if entry.state == "running"
            else STATES.get(entry.state, entry.state)
        )
        st.markdown(f"Your {MODELS[choice.model].title} is on its way: {told}.")


def leaderboard(entries: Sequence[Entry], most: int = 12) -> None:
    """Accuracy against parameters, and the lines of it."""
    ranked = class_training.ranked(entries)
    if not ranked:
        st.caption("Nobody has started a training yet.")
        return
    nearest = class_training.nearest(ranked)
    rows = "".join(_row(place, one, one is nearest) for place, one in enumerate(ranked[:most], start=1))
    head = "<tr><th></th><th>Who</th><th>Accuracy</th><th>Guess</th><th>Parameters</th><th>Network</th></tr>"
    ended = sum(one.accuracy is not None for one in ranked)
    first = f"<b>{ended} of {len(ranked)} trainings have ended.</b>"
    best = f" Nearest guess: <b>{html.escape(nearest.name)}</b>, {nearest.off:.1f} points off." if nearest else ""
    st.html(f"<p>{first}{best}</p>{_scatter(ranked)}<table class='lesson-table'>{head}{rows}</table>")


def _row(place: int, one: Entry, is_nearest: bool) -> str:
    choice = one.choice
    accuracy = f"{one.accuracy:.1f} %" if one.accuracy is not None else STATES.get(one.state, one.state)
    guess = f"{choice.guess:g} %" + (" ★" if is_nearest else "")
    told = f"{MODELS[choice.model].title}, {choice.epochs} × {choice.pictures:,}" + (
        ", augmented" if choice.augmented else ""
    )
    cells = [str(place), one.name, accuracy, guess, f"{one.parameters:,}" if one.parameters else "", told]
    return f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in cells)}</tr>"


def _scatter(entries: Sequence[Entry]) -> str:
    """A dot a finished training: to the right more parameters, as a logarithm, upwards more accuracy."""
    ended = [(one.parameters, one.accuracy) for one in entries if one.parameters and one.accuracy is not None]
    if not ended:
        return ""
    logs = [math.log10(parameters) for parameters, _ in ended]
    left, right = min(logs) - 0.3, max(logs) + 0.3
    low = max(0.0, 10 * math.floor(min(accuracy for _, accuracy in ended) / 10))
    dots = "".join(
        f'<i style="left:{100 * (log - left) / (right - left):.1f}%;bottom:{100 * (accuracy - low) / (100 - low):.1f}%;'
        f'background:{drawn.TRUTH if place == 0 else drawn.NEUTRAL}"></i>'
        for place, (log, (_, accuracy)) in enumerate(zip(logs, ended, strict=True))
    )
    sides = f"<span>{low:.0f} %</span><span>100 %</span>"
    ends = f"<span>{_rounded(10**left)}</span><span>parameters</span><span>{_rounded(10**right)}</span>"
    return (
        f'<div class="lesson-scatter" role="img" aria-label="Accuracy against parameters">{dots}'
        f'<div class="lesson-up lesson-quiet">{sides}</div></div>'
        f'<div class="lesson-ends lesson-quiet">{ends}</div>'
    )


def _rounded(count: float) -> str:
    """With two digits: 130,000."""
    digits = 10 ** max(0, math.floor(math.log10(count)) - 1)
    return f"{round(count / digits) * digits:,}"
