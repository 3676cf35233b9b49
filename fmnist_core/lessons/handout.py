"""A lesson on paper: a worksheet for who learns, and the answers for who teaches, each one HTML file that prints.

Both open anywhere, fetch nothing and run nothing. The worksheet holds no answer and no note for the teacher.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fmnist_core import data
from fmnist_core.lessons import answers, markdown, reveals
from fmnist_core.lessons.answers_of_figures import title as run_title
from fmnist_core.lessons.found import Found
from fmnist_core.lessons.lesson import Lesson, LessonError, Question, Step
from fmnist_core.lessons.sources import Sources
from fmnist_core.report import page, parts
from fmnist_core.storage.folders import RunError

TEMPLATES = Path(__file__).with_name("templates")
MOST_TICKS = 11  # of a number line that have their number
BETWEEN = 5  # parts between two of these


@dataclass(frozen=True)
class Tick:
    """share: of the line, 0 to 1. name: "" for a small one."""

    share: float
    name: str


@dataclass(frozen=True)
class Shown:
    """A question on paper. options: to tick, or to bring in order."""

    kind: str
    ask: str
    options: tuple[str, ...]
    ticks: tuple[Tick, ...]
    unit: str
    picture: parts.Picture | None  # that is asked about, where the step's text has it not
    pictures: tuple[parts.Picture, ...] = ()  # of a quiz


@dataclass(frozen=True)
class Answer:
    """lines: what is right; several of an order. problem: why there is none now, in a sentence."""

    lines: tuple[str, ...] = ()
    sentence: str = ""
    pictures: tuple[parts.Picture, ...] = ()  # that show it
    near: str = ""  # of a number: what counts as right, too
    problem: str = ""


def handout(lesson: Lesson, sources: Sources) -> bytes:
    """The worksheet, UTF-8: texts, pictures and questions with room to answer; never an answer or a teacher's note.

    Raises:
        DataError: the dataset's files are missing or damaged.
    """
    steps = [
        {
            "number": number,
            "title": step.title,
            "text": markdown.to_html(step.text),
            "page": step.view.page.capitalize() if step.view else "",
            "question": _shown(step, step.question, _found(lesson, step.question, sources)) if step.question else None,
        }
        for number, step in enumerate(lesson.steps, start=1)
    ]
    return _render("handout.html", lesson, steps)


def answer_sheet(lesson: Lesson, sources: Sources) -> bytes:
    """The same questions, UTF-8, with the right answers as they are now, and the notes for the teacher.

    Raises:
        DataError: the dataset's files are missing or damaged.
    """
    steps = []
    for number, step in enumerate(lesson.steps, start=1):
        found = _found(lesson, step.question, sources) if step.question else None
        steps.append(
            {
                "number": number,
                "title": step.title,
                "notes": markdown.to_html(step.notes),
                "question": _shown(step, step.question, found, always=True) if step.question and found else None,
                "answer": _answer(step.question, found) if step.question and found else None,
            }
        )
    return _render("answer_sheet.html", lesson, steps, run=_run(lesson, sources))


def ticks(low: float, high: float) -> tuple[Tick, ...]:
    """Of a number line between two ends: at most `MOST_TICKS` with a number, at round ones, and small ones between."""
    step = 10.0 ** math.floor(math.log10(high - low)) / 10
    while (high - low) / step > MOST_TICKS - 1:
        step *= 2.5 if f"{step:e}".startswith("2") else 2
    first = math.ceil(low / step - 1e-9)
    count = math.floor((high - first * step) / step + 1e-9)
    parts_of = range(-BETWEEN, BETWEEN * (count + 1) + 1)
    places = [(first + part / BETWEEN, part % BETWEEN == 0) for part in parts_of]
    shares = [((place * step - low) / (high - low), f"{place * step:.10g}" if large else "") for place, large in places]
    inside = [Tick(share, name) for share, name in shares if -1e-9 <= share <= 1 + 1e-9]
    ends = [Tick(0.0, f"{low:g}"), Tick(1.0, f"{high:g}")]
    return tuple(inside) if sum(bool(tick.name) for tick in inside) > 1 else tuple(ends)


def _found(lesson: Lesson, question: Question, sources: Sources) -> Found | str:
    """The answer, or why there is none now."""
    try:
        return answers.find(lesson, question, sources)
    except (LessonError, RunError) as error:
        return str(error)


def _shown(step: Step, question: Question, found: Found | str, always: bool = False) -> Shown:
    """always: the picture that is asked about, also where the step's text has it."""
    options = question.options if isinstance(found, str) else found.options
    if question.kind == "order":
        options = _mixed(options, () if isinstance(found, str) else found.value)
    address = question.answer.of.get("picture", "")
    asked = markdown.picture(address, "The picture in question") if address else None
    if not always and f"({address})" in step.text:
        asked = None
    line = ticks(question.low, question.high) if question.kind == "number" else ()
    quiz = () if isinstance(found, str) or not isinstance(found.reveal, reveals.Quiz) else found.reveal.places
    asked_of = tuple(
        markdown.picture(data.picture_address("test", place), f"Picture {number}")
        for number, place in enumerate(quiz, start=1)
    )
    return Shown(question.kind, question.ask, options, line, question.unit, asked, asked_of)


def _mixed(options: Sequence[str], right: object) -> tuple[str, ...]:
    """By name, which says nothing of the right order; where it is the right one, the first comes last."""
    names = sorted(options)
    return tuple(names if tuple(names) != right else names[1:] + names[:1])


def _answer(question: Question, found: Found | str) -> Answer:
    if isinstance(found, str):
        return Answer(problem=found)
    value, unit = found.value, question.unit and " " + question.unit
    shown = tuple(markdown.enlarged(tile.image, tile.label) for tile in _tiles(found))
    if isinstance(value, tuple):
        return Answer(value, found.sentence, shown)
    if isinstance(value, str):
        return Answer((value,), found.sentence, shown)
    near = "" if found.near is None else "{:.4g} to {:.4g}".format(*found.near)
    line = f"{value:.10g}{unit}" if value == int(value) else f"{value:.4g}{unit}"
    return Answer((line,), found.sentence, shown, near)


def _tiles(found: Found) -> tuple[reveals.Tile, ...]:
    """Pictures that show an answer; one alone is the picture in question."""
    if isinstance(found.reveal, reveals.Drawn):
        return found.reveal.examples
    tiles = found.reveal.tiles if isinstance(found.reveal, reveals.Confusions | reveals.Gallery) else ()
    return tiles if len(tiles) > 1 else ()


def _run(lesson: Lesson, sources: Sources) -> str:
    try:
        row = sources.row(lesson.run)
    except LessonError:
        return lesson.run
    return f"{run_title(row)} ({row.run.id})"


def _render(template: str, lesson: Lesson, steps: Sequence[dict[str, Any]], **more: str) -> bytes:
    found = page.environment(TEMPLATES).get_template(template)
    try:
        return found.render(lesson=lesson, steps=steps, **more).encode()
    except UnicodeEncodeError as error:
        raise LessonError(f"The lesson holds a character that no file can hold: {error.reason}.") from None
