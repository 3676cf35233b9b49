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
EACH_ALONE = ("training", "quiz")  # kinds of questions that no class answers together at a projector
_PICTURE = re.compile(r"!\[([^\]]*)\]\(((?:train|test)/\d{1,5})\)")
_ROW = re.compile(rf"\s*(?:{_PICTURE.pattern}\s*)+")


def show(lesson: Lesson, number: int, presented: bool) -> None:
    step = lesson.steps[number]
    st.html(STYLE)
    if step.question is None:
        alone(lesson, number)
        return
    left, right = st.columns(2, gap="large")
    mine = said.of(lesson.name, number)
    found, problem = None, ""
    try:
        found = lesson_answers.find(lesson, step.question)
        mine = fitting(step.question, found, mine)
    except (LessonError, RunError) as error:
        problem = str(error)
    if found and mine:
        _answered(lesson, number, found, mine, presented, (left, right))
        return
    with left:
        title(step)
        text(step)
    with right:
        ask(step.question)
        if found is None:
            st.info(problem, icon=":material/hourglass_empty:")
            guess_before(lesson, number, step.question, mine)
        else:
            _questions(lesson, number, step.question, found, presented)


def alone(lesson: Lesson, number: int) -> None:
    """A step that asks nothing has the whole width."""
    step = lesson.steps[number]
    title(step)
    with st.container(key="lesson-alone"):
        text(step)
    view_bar.link(lesson, number)


def _answered(
    lesson: Lesson, number: int, found: Found, mine: said.Said, presented: bool, sides: tuple[Any, Any]
) -> None:
    step = lesson.steps[number]
    left, right = sides
    if step.question is None:
        return
    judged = None if mine.value is said.SKIPPED else judging.judge(step.question, found, mine.value)
    with left:
        title(step)
        if not presented:
            text(step)
        ask(step.question)
        compare(found, judged)
        view_bar.link(lesson, number)
    with right:
        answer(lesson, number, step.question, found, mine, presented)


def guess_before(lesson: Lesson, number: int, question: Question, mine: said.Said | None) -> None:
    """A number can be guessed before it is known, as while its training is at work."""
    if question.kind != "number":
        return
    if mine is None or mine.value is said.SKIPPED:
        _questions(lesson, number, question, None)
    elif isinstance(mine.value, (int, float)):
        st.success(f"You said: {mine.value:g} {question.unit}".rstrip(), icon=":material/check:")


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


def _questions(lesson: Lesson, number: int, question: Question, found: Found | None, presented: bool = False) -> None:
    """found: None where it is not known yet, and can be guessed all the same."""

    def on_said(value: Any, picture: np.ndarray | None) -> bool:
        said.put(lesson.name, number, value, picture)
        return True

    def recognise(picture: np.ndarray) -> str:
        return lesson_answers.called(lesson_answers.verdict(lesson, question, picture))

    if presented and question.kind in EACH_ALONE:
        st.markdown("Each does this on a device of their own: open a room, and the class joins by its code.")
    else:
        questions.ask(question, found, f"ask-{lesson.name}-{number}", on_said, recognise)
    if found is None:
        return
    st.button(
        "Show the answer",
        key="skip",
        type="tertiary",
        icon=":material/visibility:",
        on_click=said.put,
        args=(lesson.name, number, said.SKIPPED),
    )


def compare(found: Found, judged: Judged | None) -> None:
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
