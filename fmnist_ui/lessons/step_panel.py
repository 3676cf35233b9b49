"""One step of a lesson as who works alone has it: text, question, then what was said beside what it is."""

import html
import re
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from fmnist_core import data
from fmnist_core.lessons import class_training
from fmnist_core.lessons import found as judging
from fmnist_core.lessons.found import Found, Judged
from fmnist_core.lessons.lesson import WITH_PICTURE, Lesson, LessonError, Question, Step
from fmnist_core.storage.folders import RunError
from fmnist_ui.lessons import drawn, lesson_answers, questions, reveal_panel, said, training_panel, view_bar

STYLE = f"<style>{(Path(__file__).parent / 'lessons.css').read_text(encoding='utf-8')}</style>"
_PICTURE = re.compile(r"!\[([^\]]*)\]\(((?:train|test)/\d{1,5})\)")
_ROW = re.compile(rf"\s*(?:{_PICTURE.pattern}\s*)+")


def show(lesson: Lesson, number: int, presented: bool) -> None:
    step = lesson.steps[number]
    st.html(STYLE)
    left, right = st.columns(2, gap="large")
    found = None
    mine = said.of(lesson.name, number)
    if step.question:
        try:
            found = lesson_answers.find(lesson, step.question)
            mine = fitting(step.question, found, mine)
        except (LessonError, RunError) as error:
            with right:
                st.warning(str(error), icon=":material/info:")
    answered = found is not None and mine is not None
    with left:
        title(step)
        if not (answered and presented):
            text(step)
    if step.question and found:
        with left if answered else right:
            ask(step.question)
        with right:
            if answered and mine:
                answer(lesson, number, step.question, found, mine, presented)
            else:
                _questions(lesson, number, step.question, found)
        if answered and mine:
            with left:
                compare(
                    step.question,
                    found,
                    judging.judge(step.question, found, mine.value) if mine.value is not None else None,
                )
    with left:
        if step.view and (answered or not step.question):
            view_bar.link(lesson, number)


def fitting(question: Question, found: Found, mine: said.Said | None) -> said.Said | None:
    """What was said, where it answers the question as it is now: file or browser may have said otherwise before."""
    if mine is None or mine.value is said.SKIPPED:
        return mine
    try:
        value = judging.check_said(question, found.options, mine.value)
        return mine if question.kind == "training" else mine._replace(value=value)
    except ValueError:
        return None


def title(step: Step) -> None:
    st.subheader(step.title, anchor=False)


def text(step: Step) -> None:
    """A step's Markdown; lines of pictures of the data become rows of them."""
    lines: list[str] = []
    for line in [*step.text.splitlines(), ""]:
        if _ROW.fullmatch(line) and line.strip():
            _markdown(lines)
            _pictures(_PICTURE.findall(line))
            lines = []
        else:
            lines.append(line)
    _markdown(lines)


def _markdown(lines: list[str]) -> None:
    if joined := "\n".join(lines).strip():
        st.markdown(joined)


def _pictures(found: list[tuple[str, str]]) -> None:
    shown = []
    for alt, address in found:
        try:
            split, index = data.parse_picture_address(address)
        except ValueError:
            continue
        shown.append((data.load_split(split).images[index], alt or address, alt))
    st.html(drawn.pictures(shown, 4.5 if len(shown) > 2 else 7))


def picture_of(image: np.ndarray) -> None:
    """One's own drawing as the network sees it, (28, 28) uint8."""
    st.html(drawn.pictures([(image, "Your drawing, 28 by 28 pixels", "")], 7))


def ask(question: Question) -> None:
    with st.container(key="question-asked"):
        st.markdown(f"**{question.ask}**")


def _questions(lesson: Lesson, number: int, question: Question, found: Found) -> None:
    def on_said(value: Any, picture: np.ndarray | None) -> None:
        said.put(lesson.name, number, value, picture)

    recognise = lambda picture: lesson_answers.recognise(lesson, question, picture)  # noqa: E731
    questions.ask(question, found, f"ask-{lesson.name}-{number}", on_said, recognise)
    st.button(
        "Show the answer",
        key="skip",
        type="tertiary",
        icon=":material/visibility:",
        on_click=said.put,
        args=(lesson.name, number, said.SKIPPED),
    )


def compare(question: Question, found: Found, judged: Judged | None) -> None:
    """What was said beside what it is, in words."""
    yours = ""
    if judged:
        tone = drawn.RIGHT if judged.right else drawn.WRONG
        yours = f'<div class="lesson-said" style="--tone:{tone}"><b>You</b>{html.escape(judged.sentence)}</div>'
    truth = f'<div class="lesson-said" style="--tone:{drawn.TRUTH}"><b>It is</b>{html.escape(found.sentence)}</div>'
    st.html(f'<div class="lesson-two">{yours}{truth}</div>')


def answer(lesson: Lesson, number: int, question: Question, found: Found, mine: said.Said, presented: bool) -> None:
    """The reveal, with a drawing's verdict where there is one."""
    if question.kind == "training":
        if mine.value is not said.SKIPPED:
            training_panel.mine(class_training.check(class_training.terms_of(question), mine.value))
        return
    verdict = None
    if question.kind in WITH_PICTURE and mine.picture is not None:
        verdict = lesson_answers.verdict(lesson, question, mine.picture)
    reveal_panel.show(found.reveal, mine.value, f"reveal-{number}", presented, verdict)
