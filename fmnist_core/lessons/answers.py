"""The table of answers that a question may ask for, and how one is found.

A lesson's file names a row and its options; what the answer is today comes from the run, never from the file.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fmnist_core.lessons import answers_of_figures as figures
from fmnist_core.lessons import answers_of_pictures as pictures
from fmnist_core.lessons import options, reveals
from fmnist_core.lessons.found import Found
from fmnist_core.lessons.lesson import Lesson, LessonError, Question
from fmnist_core.lessons.options import Option
from fmnist_core.lessons.sources import Sources
from fmnist_core.quiz.pictures import SEEDS
from fmnist_core.zoo import MODELS

RUN = "run"
_OF_RUN = {RUN: Option(options.run, "")}  # "": the lesson's own
_OF_CLASS = {"class": Option(options.class_name)}


@dataclass(frozen=True)
class Row:
    """An answer that can be asked for. find: of its options, read; raises LessonError or RunError."""

    kinds: tuple[str, ...]  # of questions
    help: str  # one line, for who writes a lesson
    find: Callable[..., Found]
    of: Mapping[str, Option]


def _row(kinds: str, find: Callable[..., Found], help: str, of: Mapping[str, Option] = _OF_RUN) -> Row:
    return Row(tuple(kinds.split()), help, find, of)


def training(question: Question, ask: Sources, epochs: int, pictures: int) -> Found:
    sentence = "Each training, as it ends: accuracy on the 10,000 test pictures, and how near the guess was."
    return Found("", sentence, reveals.Leaderboard(), question.options)


def typed(question: Question, ask: Sources, is_: str, because: str) -> Found:
    value: float | str | tuple[str, ...] = is_
    if question.kind == "number":
        value = float(is_)
    elif question.kind == "order":
        value = tuple(part.strip() for part in is_.split(";"))
    told = ", ".join(value) if isinstance(value, tuple) else is_
    return Found(value, because or f"It is: {told}.", reveals.Words(told), question.options)


def check_typed(question: Question) -> list[str]:
    """What is wrong with an answer that the file gives."""
    said = question.answer.of["is"]
    if question.kind == "number":
        try:
            return [] if question.low <= float(said) <= question.high else ["`is` lies outside of `from` and `to`."]
        except ValueError:
            return ["`is` must be a number."]
    if not question.options:
        return ["A typed answer needs `options` to choose from."]
    if question.kind == "order" and sorted(one.strip() for one in said.split(";")) != sorted(question.options):
        return ["`is` must be all of the options in the right order, with semicolons between them."]
    if question.kind == "choice" and said not in question.options:
        return ["`is` must be one of the options."]
    return []


_PICTURE = {"picture": Option(options.picture)}
_SEVERITY = {"change": Option(options.change), "severity": Option(options.number(-180, 180), "1")}

ANSWERS: dict[str, Row] = {
    "accuracy": _row("number", figures.accuracy, "the run's test accuracy, in percent"),
    "human_accuracy": _row("number", figures.human_accuracy, "the published accuracy of people, in percent"),
    "recall": _row("number", figures.recall, "how much of a class is found, in percent", _OF_RUN | _OF_CLASS),
    "epoch_accuracy": _row(
        "number",
        figures.epoch_accuracy,
        "validation accuracy after an epoch, in percent",
        _OF_RUN | {"epoch": Option(options.epoch)},
    ),
    "overfits_after": _row("number", figures.overfits_after, "the epoch after which validation loss rises"),
    "accuracy_gap": _row("number", figures.accuracy_gap, "training less validation accuracy at the end, in points"),
    "right_when_sure": _row(
        "number",
        figures.right_when_sure,
        "accuracy among the answers of so much confidence, in percent",
        _OF_RUN | {"confidence": Option(options.number(10, 99.9))},
    ),
    "changed_accuracy": _row(
        "number", figures.changed_accuracy, "accuracy on changed pictures, in percent", _OF_RUN | _SEVERITY
    ),
    "doubted_labels": _row("number", figures.doubted_labels, "labels in doubt, of the 60,000 for training", {}),
    "seed_spread": _row(
        "number",
        figures.seed_spread,
        "test pictures between the best and the worst of a model's runs that ship, which differ in their seed",
        {"model": Option(options.model)},
    ),
    "black_pixels": _row("number", pictures.black_pixels, "how many pixels of a picture of the data are 0", _PICTURE),
    "channels": _row(
        "number",
        pictures.channels,
        "how many channels a layer has",
        _OF_RUN | _PICTURE | {"layer": Option(options.words)},
    ),
    "hardest_class": _row("choice", figures.hardest_class, "the class with the lowest recall"),
    "easiest_class": _row("choice", figures.easiest_class, "the class with the highest recall"),
    "confused_with": _row("choice", figures.confused_with, "what a class is most often taken for", _OF_RUN | _OF_CLASS),
    "better": _row(
        "choice",
        figures.better,
        "which of two runs is better, by McNemar's test",
        _OF_RUN | {"other": Option(options.run)},
    ),
    "label": _row("choice", pictures.label, "the label of a picture of the data", _PICTURE),
    "called": _row("choice", pictures.called, "what the run calls a picture", _OF_RUN | _PICTURE),
    "called_changed": _row(
        "choice", pictures.called_changed, "what it calls a changed picture", _OF_RUN | _PICTURE | _SEVERITY
    ),
    "called_inverted": _row(
        "choice", pictures.called_inverted, "what it calls the negative of a picture", _OF_RUN | _PICTURE
    ),
    "looks_at": _row(
        "choice", pictures.looks_at, "on which part of a picture its answer hangs most", _OF_RUN | _PICTURE
    ),
    "suspect": _row("choice", pictures.suspect, "what networks that had not seen a picture call it", _PICTURE),
    "order_of_classes": _row(
        "order",
        figures.order_of_classes,
        "classes by recall, the highest first",
        _OF_RUN | {"classes": Option(options.class_names)},
    ),
    "order_of_runs": _row(
        "order", figures.order_of_runs, "runs by test accuracy, the highest first", {"runs": Option(options.runs)}
    ),
    "drawing": _row(
        "drawing photo",
        pictures.drawing,
        "the class that a drawing or photo is to be recognised as",
        _OF_RUN | _OF_CLASS,
    ),
    "quiz": _row(
        "quiz",
        pictures.quiz,
        "twenty test pictures, the same for all; `hard`: yes: only those that networks disagree on",
        _OF_RUN | {"seed": Option(options.whole(0, SEEDS - 1)), "hard": Option(options.yes_or_no, "no")},
    ),
    "training": _row(
        "training",
        training,
        "what each trains, within limits; `options` are models, `epochs` and `pictures` the most that may be chosen",
        {"epochs": Option(options.whole(1, 50), "3"), "pictures": Option(options.whole(500, 55_000), "5000")},
    ),
    "typed": _row(
        "choice number order",
        typed,
        "an answer that the lesson gives, where the app knows none",
        {"is": Option(options.words), "because": Option(options.words, "")},
    ),
}


def check(question: Question) -> list[str]:
    """What is wrong with what a question asks for, in sentences."""
    asked = question.answer
    row = ANSWERS.get(asked.what)
    if row is None:
        return [f"The app computes no answer `{asked.what[:40]}`. Expected one of: {', '.join(ANSWERS)}."]
    found = []
    if question.kind not in row.kinds:
        found.append(f"`{asked.what}` answers a question of kind {' or '.join(row.kinds)}, not {question.kind}.")
    for name in asked.of:
        if name not in row.of:
            expected = ", ".join(row.of) or "nothing"
            found.append(f"`{name[:40]}` means nothing to `{asked.what}`. It takes: {expected}.")
    read: dict[str, Any] = {}
    for name, option in row.of.items():
        try:
            read[name] = _read(asked.of, name, option)
        except ValueError as error:
            found.append(str(error))
    if asked.what == "training" and (unknown := [one for one in question.options if one not in MODELS]):
        found.append(f"`options` of a training are models of the zoo; {unknown[0][:40]} is none.")
    elif asked.what == "training" and not question.options:
        found.append("A training needs `options`: the models that may be chosen.")
    if not found and "severity" in read:
        found += options.check_severity(read["change"], read["severity"])
    if not found and asked.what == "typed":
        found += check_typed(question)
    return found


def find(lesson: Lesson, question: Question, sources: Sources) -> Found:
    """The answer, computed now.

    Raises:
        LessonError: it cannot be asked, as of a run that is not there, or the options lack the right one.
        RunError: what it is computed from cannot be read.
    """
    row = ANSWERS[question.answer.what]
    read: dict[str, Any] = {name: _read(question.answer.of, name, option) for name, option in row.of.items()}
    if RUN in read:
        read[RUN] = sources.row(read[RUN] or lesson.run)
    found = row.find(
        question, sources, **{f"{name}_" if name in ("class", "is") else name: value for name, value in read.items()}
    )
    if question.kind in ("choice", "drawing") and found.value not in found.options:
        raise LessonError(f"The options lack the right one, which is {found.value} now. Add it to `options`.")
    if question.kind == "order" and sorted(map(str, found.value)) != sorted(found.options):  # type: ignore[arg-type]
        raise LessonError("The options are not those that can be put in order.")
    if question.kind == "number" and not question.low <= float(found.value) <= question.high:  # type: ignore[arg-type]
        raise LessonError(f"The answer, {found.value:g}, lies outside of what can be said. Change `from` and `to`.")
    return found


def _read(of: Mapping[str, str], name: str, option: Option) -> Any:
    text = of.get(name, option.default)
    if text is None:
        raise ValueError(f"The answer needs `{name}`.")
    if name == RUN and text == "":
        return ""
    try:
        return option.read(text)
    except ValueError as error:
        raise ValueError(f"`{name}` {error}; it is `{text[:40]}`.") from None
