"""What a lesson is: steps with a text, a question whose answer is computed, a view, and notes for the teacher."""

from collections.abc import Mapping
from dataclasses import dataclass, field

KINDS = ("choice", "number", "order", "drawing", "photo", "training", "quiz")  # of questions
WITH_PICTURE = ("drawing", "photo")  # kinds whose answer is a picture, and what the network calls it


class LessonError(ValueError):
    """A lesson cannot be read or asked; the message is a sentence for a visitor."""


@dataclass(frozen=True)
class Asked:
    """What the answer is: a row of `answers.ANSWERS`, and what it is asked of."""

    what: str
    of: Mapping[str, str] = field(
        default_factory=dict
    )  # the row's options, as the file has them: class, picture, run ...


@dataclass(frozen=True)
class Question:
    kind: str  # of KINDS
    ask: str  # one line
    answer: Asked
    options: tuple[str, ...] = ()  # of a choice or an order, as the file names them; (): what the answer itself offers
    low: float = 0.0  # of a number, and how it is chosen
    high: float = 100.0
    step: float = 1.0
    unit: str = ""
    line: int = field(default=1, compare=False)  # of the file, on which it says what the answer is


@dataclass(frozen=True)
class View:
    """A page of the app as a step shows it."""

    page: str  # its address
    fields: Mapping[str, str]  # of the address
    hide: tuple[str, ...] = ()  # fields whose controls are not shown


@dataclass(frozen=True)
class Step:
    title: str
    text: str  # Markdown; a line of pictures alone, ![alt](test/4021), is a row of pictures of the data
    question: Question | None = None
    view: View | None = None
    notes: str = ""  # Markdown, for the teacher
    line: int = field(default=1, compare=False)  # of the file, where it begins


@dataclass(frozen=True)
class Lesson:
    name: str  # of its file, without the ending; also its address
    title: str
    minutes: int
    age: str
    learned: tuple[str, ...]
    run: str  # the network that is asked where a question names none: a model of the zoo, or a run
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Problem:
    """What is wrong with a file. line: from 1."""

    line: int
    sentence: str
