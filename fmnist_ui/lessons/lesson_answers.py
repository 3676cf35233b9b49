"""Answers of lessons as pages have them: computed once for all visitors, but for those of one's own runs."""

import dataclasses

import numpy as np
import streamlit as st

from fmnist_core.lessons import answers, answers_of_pictures
from fmnist_core.lessons.found import Found
from fmnist_core.lessons.lesson import Lesson, LessonError, Question
from fmnist_core.lessons.sources import OWN, Sources
from fmnist_core.storage import owners
from fmnist_ui import cached

SOURCES = Sources(
    cached.list_rows, cached.load_predictions, cached.load_classifier, cached.read_metrics, cached.calibrator
)


def find(lesson: Lesson, question: Question) -> Found:
    """Raises LessonError or RunError."""
    named = [question.answer.of.get(name, lesson.run) for name in ("run", "other", "runs")]
    if any(OWN in name for name in named):
        return answers.find(lesson, question, SOURCES)
    ships = tuple(row.run.id for row in cached.list_rows() if row.usable)
    return _find(lesson.run, repr(question), ships, lesson, question)


@st.cache_resource(max_entries=300, show_spinner=False)
def _find(run: str, asked: str, runs: tuple[str, ...], _lesson: Lesson, _question: Question) -> Found:
    return answers.find(_lesson, _question, SOURCES)


def find_in_room(lesson: Lesson, number: int, code: str, teaches: bool) -> Found:
    """The answer to a step's question for all in a room: "own" is the teacher's run there, whoever asks.

    The teacher's page finds it first, and remembers for this process which run it was. Raises as `find`.
    """
    question = lesson.steps[number].question
    if question is None:
        raise LessonError("This step asks nothing.")
    named = question.answer.of.get("run", lesson.run)
    if OWN not in named:
        return find(lesson, question)
    runs = _own_runs()
    if teaches:
        runs[code, number] = SOURCES.row(named).run.id
    if (code, number) not in runs:
        raise LessonError("Look at the board: your teacher's network is still being trained.")
    of = dict(question.answer.of) | {"run": runs[code, number]}
    asked = dataclasses.replace(question, answer=dataclasses.replace(question.answer, of=of))
    with owners.acting(owners.MACHINE):
        return answers.find(lesson, asked, SOURCES)


@st.cache_resource(show_spinner=False)
def _own_runs() -> dict[tuple[str, int], str]:
    return {}


def recognise(lesson: Lesson, question: Question, picture: np.ndarray) -> str:
    """What the network that a question asks calls a picture, (28, 28) uint8. Raises LessonError or RunError."""
    row = SOURCES.row(question.answer.of.get("run", lesson.run))
    said = answers_of_pictures.answers_to(SOURCES, row, picture)
    return said.names[int(said.probabilities.argmax())]


def verdict(lesson: Lesson, question: Question, picture: np.ndarray) -> "answers_of_pictures.Answers":
    """The same with all probabilities."""
    row = SOURCES.row(question.answer.of.get("run", lesson.run))
    return answers_of_pictures.answers_to(SOURCES, row, picture)
