"""Answers of lessons as pages have them: computed once for all visitors, but for those of one's own runs."""

import dataclasses
from typing import Any

import numpy as np
import streamlit as st

from fmnist_core.inference import robustness_records
from fmnist_core.label_audit import audit_records
from fmnist_core.lessons import answers, answers_of_pictures, reveals
from fmnist_core.lessons.found import Found
from fmnist_core.lessons.lesson import Lesson, LessonError, Question
from fmnist_core.lessons.sources import OWN, Sources
from fmnist_core.room import rooms
from fmnist_core.room.rooms import Room
from fmnist_core.storage import owners
from fmnist_ui import cached

SOURCES = Sources(
    cached.list_rows, cached.load_predictions, cached.load_classifier, cached.read_metrics, cached.calibrator
)


def find(lesson: Lesson, question: Question) -> Found:
    """Raises LessonError or RunError."""
    if _own(lesson, question):
        return answers.find(lesson, question, SOURCES)
    return _find(lesson.run, repr(question), _stamps(lesson, question), lesson, question)


def _stamps(lesson: Lesson, question: Question) -> tuple[Any, ...]:
    """What an answer hangs on, and would be another with: the runs that it asks, and what was measured of them."""
    rows = [SOURCES.row(name) for name in _named(lesson, question)]
    files = [cached.stamp(row.run, "predictions.npz", "metrics.jsonl", robustness_records.FILE) for row in rows]
    measured = [cached.newest(robustness_records.job_folder(row.run) / robustness_records.FILE) for row in rows]
    return tuple((row.run.id, row.label.name) for row in rows), *files, *measured, audit_records.newest()


def _named(lesson: Lesson, question: Question) -> list[str]:
    """The runs that a question names, as it calls them."""
    of = question.answer.of
    names = [of.get("run", lesson.run), of.get("other", "")]
    return [name.strip() for name in (*names, *of.get("runs", "").split(",")) if name.strip()]


def _own(lesson: Lesson, question: Question) -> list[str]:
    return [name for name in _named(lesson, question) if name.split(" ")[0] == OWN]


@st.cache_resource(max_entries=300, show_spinner=False)
def _find(run: str, asked: str, stamps: tuple[Any, ...], _lesson: Lesson, _question: Question) -> Found:
    return answers.find(_lesson, _question, SOURCES)


def resolve_own(lesson: Lesson, number: int, room: Room, asking: str) -> Room:
    """The room with the teacher's own runs that its step asks of, which the teacher's page finds. Raises as `find`."""
    question = lesson.steps[number].question
    if question is None or room.revealed or not (named := _own(lesson, question)):
        return room
    own = {name: SOURCES.row(name).run.id for name in named}
    rooms.remember_own(room.code, asking, number, own)
    return dataclasses.replace(room, own=own)


def question_in(lesson: Lesson, number: int, room: Room) -> Question:
    """A step's question as it is in a room: "own" is the teacher's run there, whoever asks.

    Raises LessonError where it asks nothing, or where the teacher's training has not ended.
    """
    question = lesson.steps[number].question
    if question is None:
        raise LessonError("This step asks nothing.")
    missing = [name for name in _own(lesson, question) if name not in room.own]
    if missing:
        raise LessonError("Look at the board: your teacher's network is still being trained.")
    of = {"run": lesson.run} if lesson.run in room.own else {}
    of |= dict(question.answer.of)
    for name in ("run", "other", "runs"):
        if name in of:
            of[name] = ", ".join(room.own.get(one.strip(), one.strip()) for one in of[name].split(","))
    return dataclasses.replace(question, answer=dataclasses.replace(question.answer, of=of))


def find_in_room(lesson: Lesson, question: Question, room: Room) -> Found:
    """The answer for all in a room. question: of `question_in`. Raises LessonError or RunError."""
    if not room.own:
        return find(lesson, question)
    with owners.acting(owners.MACHINE):  # which runs these are has said the teacher, who may look at them
        return answers.find(lesson, question, SOURCES)


def verdict(lesson: Lesson, question: Question, picture: np.ndarray) -> reveals.Answers:
    """What the network that a question asks says of a picture, (28, 28) uint8. Raises LessonError or RunError."""
    row = SOURCES.row(question.answer.of.get("run", lesson.run))
    return answers_of_pictures.answers_to(SOURCES, row, picture)


def verdict_in_room(lesson: Lesson, question: Question, room: Room, picture: np.ndarray) -> reveals.Answers:
    """The same in a room, of whose teacher the network may be."""
    if not room.own:
        return verdict(lesson, question, picture)
    with owners.acting(owners.MACHINE):
        return verdict(lesson, question, picture)


def called(found: reveals.Answers) -> str:
    """The most probable class."""
    return found.names[int(found.probabilities.argmax())]
