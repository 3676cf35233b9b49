"""The answers of a class as they come in: bars, guesses on a line, drawings with the network's verdicts."""

import html
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from fmnist_core.data import SIDE
from fmnist_core.lessons import class_training
from fmnist_core.lessons import found as judging
from fmnist_core.lessons.class_training import Choice, Entry
from fmnist_core.lessons.found import Found
from fmnist_core.lessons.lesson import WITH_PICTURE, Question
from fmnist_core.room.rooms import Answer
from fmnist_core.storage import owners
from fmnist_ui.lessons import drawn, training_panel

UNNAMED = "A pupil"
MOST_DRAWINGS = 30  # that are shown
BINS = 12  # of guesses


def read(question: Question, found: Found, answers: Sequence[Answer]) -> list[tuple[Answer, Any]]:
    """Those that answer the question as it is now, with what they say."""
    kept = []
    for one in answers:
        try:
            kept.append((one, judging.check_said(question, found.options, json.loads(one.value))))
        except (ValueError, RecursionError):
            continue  # of another form of the question, or forged: it counts for nothing
    return kept


def show(question: Question, found: Found, answers: Sequence[Answer], revealed: bool) -> None:
    """How the class has answered; which one is right only once it is revealed."""
    kept = read(question, found, answers)
    if question.kind == "training":
        board = _entries([(one.name, choice) for one, choice in kept])
        alive = revealed and any(map(class_training.is_active, board))  # before, the panel around it is drawn anew
        st.fragment(run_every=2.0 if alive else None)(_leaderboard)([(one.name, choice) for one, choice in kept])
        return
    if question.kind in WITH_PICTURE:
        _drawings(kept, found, revealed)
        return
    if not kept:
        return
    if question.kind == "quiz":
        rows = _quizzes(found, [said for _, said in kept], revealed)
    elif question.kind == "number":
        rows = _guesses(question, found, [said for _, said in kept], revealed)
    elif question.kind == "order":
        rows = _orders(question, found, [said for _, said in kept], revealed)
    else:
        rows = _choices(found, [said for _, said in kept], revealed)
    st.html(f"<b>The class: {len(kept)} {'answer' if len(kept) == 1 else 'answers'}</b>{''.join(rows)}")


def _entries(chosen: Sequence[tuple[str, Choice]]) -> list[Entry]:
    """A run stands in a room's answer because the server has put it there: its result is known to the class."""
    with owners.acting(owners.MACHINE):
        return [class_training.standing(name or UNNAMED, choice) for name, choice in chosen]


def _leaderboard(chosen: Sequence[tuple[str, Choice]]) -> None:
    training_panel.leaderboard(_entries(chosen))


def _choices(found: Found, said: Sequence[str], revealed: bool) -> list[str]:
    counts, right = Counter(said), found.value if revealed else None
    return [
        drawn.bar(one, counts[one] / len(said), str(counts[one]), _tone(one == right), one == right)
        for one in found.options
    ]


def _quizzes(found: Found, said: Sequence[Sequence[str]], revealed: bool) -> list[str]:
    """How many have how many right, once that is no hint any more."""
    if not revealed or not isinstance(found.value, tuple):
        return []
    truth = found.value
    rights = [sum(one == name for one, name in zip(each, truth, strict=True)) for each in said]
    counts = Counter(rights)
    rows = [
        drawn.bar(f"{right} right", counts[right] / len(said), str(counts[right]), drawn.NEUTRAL)
        for right in sorted(counts, reverse=True)
    ]
    return [*rows, f"<p>On average <b>{100 * np.mean(rights) / len(truth):.0f} %</b></p>"]


def _tone(right: bool) -> str:
    return drawn.TRUTH if right else drawn.NEUTRAL


def _guesses(question: Question, found: Found, said: Sequence[float], revealed: bool) -> list[str]:
    counts, edges = np.histogram(said, bins=BINS, range=(question.low, question.high))
    first, last = (int(one) for one in np.flatnonzero(counts)[[0, -1]])
    truth = float(found.value) if isinstance(found.value, (int, float)) else None
    unit = f" {question.unit}" if question.unit else ""
    rows = []
    for place in range(first, last + 1):
        inside = truth is not None and edges[place] <= truth and (truth < edges[place + 1] or place + 1 == BINS)
        right = revealed and inside
        name = f"{edges[place]:g} to {edges[place + 1]:g}{unit}"
        rows.append(drawn.bar(name, counts[place] / len(said), str(counts[place]), _tone(right), right))
    middle = f"<p>Middle guess: <b>{np.median(said):g}{html.escape(unit)}</b></p>"
    return [*rows, middle]


def _orders(question: Question, found: Found, said: Sequence[Sequence[str]], revealed: bool) -> list[str]:
    """Who was put first how often."""
    counts = Counter(one[0] for one in said)
    rows = ["<p class='lesson-quiet'>Put first:</p>"]
    rows += [drawn.bar(one, counts[one] / len(said), str(counts[one]), drawn.NEUTRAL) for one in found.options]
    if revealed:
        right = sum(bool(judging.judge(question, found, one).right) for one in said)
        rows.append(f"<p><b>{right}</b> of {len(said)} have the whole order right.</p>")
    return rows


def _drawings(kept: Sequence[tuple[Answer, Any]], found: Found, revealed: bool) -> None:
    """What the network calls them is told once it is revealed."""
    shown = [
        (picture_of(one), f"Called {said}", f"{one.name or UNNAMED}: {said}")
        if revealed
        else (picture_of(one), "Not revealed yet", one.name)
        for one, said in kept[-MOST_DRAWINGS:]
        if one.picture
    ]
    right = sum(said == found.value for _, said in kept)
    head = f"{right} of {len(kept)} called {html.escape(str(found.value))}" if revealed else f"{len(kept)} came in"
    st.html(f"<b>{head}</b>{drawn.pictures(shown, 4.5)}")


def in_words(question: Question, answer: Answer) -> str:
    """An answer in a few words, as plain text; what the network calls a picture is not told here."""
    if question.kind in WITH_PICTURE:
        return "a picture"
    try:
        said = json.loads(answer.value)
    except (ValueError, RecursionError):
        return "an answer of another form"
    if question.kind == "training" and isinstance(said, dict):
        return f"{said.get('model')}, guess {said.get('guess')} %"
    if question.kind == "quiz":
        return "all pictures"
    return ", ".join(map(str, said)) if isinstance(said, list) else str(said)


def picture_of(answer: Answer) -> np.ndarray:
    """(28, 28) uint8: of a drawing or photo that was sent."""
    return np.frombuffer(answer.picture or bytes(SIDE * SIDE), np.uint8).reshape(SIDE, SIDE)
