"""Answers about single pictures: their labels, and what a run's model says of them, unchanged or changed."""

import numpy as np

from fmnist_core import data
from fmnist_core.analysis import explain, robustness
from fmnist_core.analysis.robustness import CHANGES
from fmnist_core.formatting import percent
from fmnist_core.label_audit import audit_records
from fmnist_core.lessons import reveals
from fmnist_core.lessons.answers_of_figures import title
from fmnist_core.lessons.found import Found
from fmnist_core.lessons.lesson import LessonError, Question
from fmnist_core.lessons.reveals import Answers, Mark, Tile
from fmnist_core.lessons.sources import Sources
from fmnist_core.metrics import class_figures
from fmnist_core.quiz.pictures import all_pictures, called_by_place, draw, hard_pictures
from fmnist_core.runs.catalogue import Row
from fmnist_core.zoo.reported import PEOPLE

PARTS = ("The upper part", "The middle", "The lower part")  # of a picture, in thirds of its rows
EXAMPLES = 6
MOST_CHANNELS = 12  # that are shown of a layer
SIDE = data.SIDE
NOTEWORTHY = 0.005  # of a probability: where no covered place costs more, the answer rests on no one place


def _picture(address: str) -> tuple[np.ndarray, str]:
    split, index = data.parse_picture_address(address)
    pictures = data.load_split(split)
    return pictures.images[index], data.CLASS_NAMES[pictures.labels[index]]


def answers_to(ask: Sources, run: Row, image: np.ndarray) -> Answers:
    """What a run says of a picture, (28, 28) uint8. Raises RunError."""
    names = tuple(run.config.class_names) if run.config else data.CLASS_NAMES
    return Answers(image, names, ask.probabilities(run.run, ask.classifier(run.run).logits(image[None]))[0])


def _best(answers: Answers) -> tuple[str, float]:
    place = int(answers.probabilities.argmax())
    return answers.names[place], float(answers.probabilities[place])


def label(question: Question, ask: Sources, picture: str) -> Found:
    image, name = _picture(picture)
    reveal = reveals.Gallery((Tile(image, name),))
    return Found(name, f"Its label is {name}.", reveal, question.options or data.CLASS_NAMES)


def black_pixels(question: Question, ask: Sources, picture: str) -> Found:
    image, name = _picture(picture)
    count = int((image == 0).sum())
    sentence = f"Of its {image.size} pixels {count} are 0; the brightest is {int(image.max())}."
    return Found(float(count), sentence, reveals.Gallery((Tile(image, name),)))


def called(question: Question, ask: Sources, run: Row, picture: str) -> Found:
    image, name = _picture(picture)
    answers = answers_to(ask, run, image)
    said, sure = _best(answers)
    so = "rightly" if said == name else f"but its label is {name}"
    sentence = f"{title(run)} calls it {said} with {percent(sure, 0)}, {so}."
    return Found(said, sentence, answers, question.options or answers.names)


def called_changed(question: Question, ask: Sources, run: Row, picture: str, change: str, severity: float) -> Found:
    image, _ = _picture(picture)
    row = CHANGES[change]
    words = f"{row.title} {severity:g} {row.unit}".strip() if row.unit else row.title
    return _changed(question, ask, run, image, robustness.changed(image[None], change, severity)[0], words)


def called_inverted(question: Question, ask: Sources, run: Row, picture: str) -> Found:
    image, _ = _picture(picture)
    return _changed(question, ask, run, image, data.WHITE - image, "Black and white exchanged")


def _changed(question: Question, ask: Sources, run: Row, image: np.ndarray, other: np.ndarray, words: str) -> Found:
    before, after = answers_to(ask, run, image), answers_to(ask, run, other)
    (was, sure), (said, surely) = _best(before), _best(after)
    sentence = (
        f"{words}: {title(run)} says {said} ({percent(surely, 0)}). Unchanged it says {was} ({percent(sure, 0)})."
    )
    return Found(said, sentence, reveals.BeforeAfter(before, after, words), question.options or after.names)


def looks_at(question: Question, ask: Sources, run: Row, picture: str) -> Found:
    """By occlusion: the third of the rows that takes most of the answer's probability away when it is covered."""
    image, _ = _picture(picture)
    answers = answers_to(ask, run, image)
    target = int(answers.probabilities.argmax())
    values = explain.occlusion_map(ask.classifier(run.run), image, target)
    if values.max() < NOTEWORTHY:
        raise LessonError(f"No place of this picture alone matters to {title(run)}. Ask of another picture or run.")
    thirds = [np.maximum(part, 0).sum() for part in np.array_split(values, len(PARTS))]
    place = int(np.argmax(thirds))
    sentence = (
        f"{PARTS[place]}: where a black square covers it, {title(run)} loses most of its confidence in "
        f"{answers.names[target]}."
    )
    return Found(PARTS[place], sentence, reveals.Heat(answers, values), PARTS)


def suspect(question: Question, ask: Sources, picture: str) -> Found:
    split, index = data.parse_picture_address(picture)
    audit = audit_records.load()
    row = audit.splits[split].row_of.get(index) if audit else None
    if audit is None or row is None:
        raise LessonError(
            "The audit of the labels does not list this picture. Ask of one that Data shows as a label issue."
        )
    opinions = audit.splits[split]
    image, name = _picture(picture)
    said = data.CLASS_NAMES[int(opinions.probabilities[row].argmax())]
    sentence = (
        f"Networks that had not seen it call it {said} ({percent(float(opinions.probabilities[row].max()), 0)}); its "
        f"label is {name}. Of {opinions.total:,} labels it is number {int(opinions.ranks[row]):,} in doubt."
    )
    reveal = reveals.Suspect(image, name, data.CLASS_NAMES, opinions.probabilities[row])
    return Found(said, sentence, reveal, question.options or data.CLASS_NAMES)


def channels(question: Question, ask: Sources, run: Row, layer: str, picture: str) -> Found:
    image, _ = _picture(picture)
    network = ask.classifier(run.run)
    try:
        found = network.activation(image[None], layer)[0]
    except ValueError as error:
        raise LessonError(str(error)) from None
    if found.ndim != 3:
        raise LessonError(f"The layer {layer} of {title(run)} has no pictures to show. Ask of a convolution.")
    count = found.shape[-1]
    order = np.argsort(-found.std(axis=(0, 1)), kind="stable")[:MOST_CHANNELS]
    maps = np.moveaxis(found[..., order], -1, 0)
    low, high = maps.min(axis=(1, 2), keepdims=True), maps.max(axis=(1, 2), keepdims=True)
    scaled = np.divide(maps - low, high - low, out=np.zeros_like(maps), where=high > low)
    height, width = found.shape[:2]
    sentence = f"{title(run)} makes {count} pictures of the one in its layer {layer}, each {height} by {width}."
    return Found(float(count), sentence, reveals.Features(image, layer, (255 * scaled).astype(np.uint8)))


def quiz(question: Question, ask: Sources, run: Row, seed: int, hard: bool) -> Found:
    """A quiz's twenty pictures, and how the run, CNN 2 and people do: people on other pictures, as published."""
    candidates = all_pictures()
    if hard:
        shipped = [row for row in ask.rows() if row.usable and row.run.shipped]
        candidates = hard_pictures([ask.predictions(row.run, "test") for row in shipped])
    places = draw(seed, hard, candidates)
    labels = data.load_split("test").labels[list(places)]
    rows = {row.run.id: row for row in (run, ask.row("cnn_2"))}.values()
    marks = [
        _of_quiz(title(row), called_by_place(ask.predictions(row.run, "test"))[list(places)] == labels) for row in rows
    ]
    people = Mark(f"{PEOPLE.title}, of all pictures (published)", 100 * PEOPLE.test_accuracy, published=True)
    best = max(marks, key=lambda mark: mark.value)
    sentence = f"Of these {len(places)} pictures {best.name} has {round(best.value * len(places) / 100)} right."
    reveal = reveals.Quiz(places, labels, (*marks, people))
    return Found(tuple(data.CLASS_NAMES[label] for label in labels), sentence, reveal, data.CLASS_NAMES)


def _of_quiz(name: str, right: np.ndarray) -> Mark:
    value, low, high = (100 * one for one in class_figures.proportion(int(right.sum()), len(right)))
    return Mark(name, value, low, high)


def drawing(question: Question, ask: Sources, run: Row, class_: str) -> Found:
    pictures = data.load_split("train")
    rows = np.flatnonzero(pictures.labels == data.CLASS_NAMES.index(class_))[:EXAMPLES]
    tiles = tuple(Tile(pictures.images[row], class_) for row in rows)
    names = tuple(run.config.class_names) if run.config else data.CLASS_NAMES
    return Found(class_, f"Training pictures labelled {class_}:", reveals.Drawn(class_, tiles), names)
