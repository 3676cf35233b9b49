"""Answers that are figures of a run, from its stored predictions and curves."""

import itertools
from collections.abc import Sequence

import numpy as np

from fmnist_core import data
from fmnist_core.analysis.robustness import CHANGES
from fmnist_core.formatting import percent
from fmnist_core.inference import robustness_records
from fmnist_core.label_audit import audit_records
from fmnist_core.lessons import reveals
from fmnist_core.lessons.found import Found
from fmnist_core.lessons.lesson import LessonError, Question
from fmnist_core.lessons.reveals import Mark, Tile
from fmnist_core.lessons.sources import Sources
from fmnist_core.metrics import calibration, class_figures, comparison, evaluation
from fmnist_core.metrics.class_figures import Interval
from fmnist_core.runs import curves
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.records import EpochLine
from fmnist_core.zoo import MODELS
from fmnist_core.zoo.reported import PEOPLE, PEOPLE_PICTURES

BETTER, SAME = "{} is better", "They cannot be told apart"
EXAMPLES = 6  # of errors that are shown
CAPTIONED = 4  # the same with words below each, so that all of them fit a projector


def title(row: Row) -> str:
    """What a run is called in a lesson: its owner's name for it, or its model's."""
    return row.label.name or row.title


def accuracy(question: Question, ask: Sources, run: Row) -> Found:
    value, (low, high) = 100 * _of(run.test_accuracy), _ends(run)
    mark = Mark(title(run), value, low, high)
    sentence = (
        f"{title(run)} is right on {value:.1f} % of the 10,000 test pictures (95 % interval {low:.1f} to {high:.1f} %)."
    )
    return Found(value, sentence, _line(question, mark), near=(low, high))


def human_accuracy(question: Question, ask: Sources, run: Row) -> Found:
    low, high = evaluation.wilson_interval(round(PEOPLE.test_accuracy * PEOPLE_PICTURES), PEOPLE_PICTURES)
    people = Mark("People (published)", 100 * PEOPLE.test_accuracy, 100 * low, 100 * high, published=True)
    ours = Mark(title(run), 100 * _of(run.test_accuracy), *_ends(run))
    sentence = (
        f"People who are no experts were right on {people.value:.1f} % of {PEOPLE_PICTURES:,} test pictures, three "
        f"people asked about each, as the makers of the data published it. {title(run)} is right on {ours.value:.1f} %."
    )
    return Found(people.value, sentence, _line(question, people, ours), near=(100 * low, 100 * high))


def recall(question: Question, ask: Sources, run: Row, class_: str) -> Found:
    names, found = _recalls(ask, run)
    value, low, high = (100 * one for one in found[_place(run, class_)])
    sentence = f"Of 100 pictures labelled {class_}, {title(run)} finds {value:.0f}."
    return Found(value, sentence, _bars(names, found, class_), near=(low, high))


def hardest_class(question: Question, ask: Sources, run: Row) -> Found:
    return _extreme(question, ask, run, -1, "fewest")


def easiest_class(question: Question, ask: Sources, run: Row) -> Found:
    return _extreme(question, ask, run, 0, "most")


def _extreme(question: Question, ask: Sources, run: Row, place: int, words: str) -> Found:
    names, found = _recalls(ask, run)
    bars = _bars(names, found, "")
    name = bars.names[place]
    interval = bars.intervals[place]
    sentence = f"{title(run)} finds the {words} of {name}: {percent(interval.value, 1)} of its pictures."
    marked = reveals.ClassBars(bars.measure, bars.names, bars.intervals, name)
    return Found(name, sentence, marked, question.options or names)


def order_of_classes(question: Question, ask: Sources, run: Row, classes: tuple[str, ...]) -> Found:
    names, found = _recalls(ask, run)
    values = sorted(((found[_place(run, one)].value, one) for one in classes), reverse=True)
    rows = tuple((name, percent(value, 1)) for value, name in values)
    sentence = f"Of these {title(run)} finds {rows[0][0]} best and {rows[-1][0]} worst."
    return Found(tuple(name for name, _ in rows), sentence, reveals.Ranking(rows), classes)


def order_of_runs(question: Question, ask: Sources, runs: tuple[str, ...]) -> Found:
    rows = sorted((ask.row(one) for one in runs), key=lambda row: -_of(row.test_accuracy))
    names = tuple(title(row) for row in rows)
    if len(set(names)) < len(names):
        raise LessonError("Two of the runs have the same name. Ask of other ones.")
    told = [
        f"{percent(row.test_accuracy, 1)}, {row.result.parameters:,} parameters" if row.result else "" for row in rows
    ]
    sentence = f"{names[0]} has the highest test accuracy, {names[-1]} the lowest."
    return Found(names, sentence, reveals.Ranking(tuple(zip(names, told, strict=True))), tuple(sorted(names)))


def confused_with(question: Question, ask: Sources, run: Row, class_: str) -> Found:
    stored = ask.predictions(run.run, "test")
    names = _names(run)
    true = _place(run, class_)
    counts = evaluation.confusion_matrix(stored.labels, stored.predicted, len(names))[true]
    others = sorted((place for place in range(len(names)) if place != true), key=lambda place: -counts[place])
    called = names[others[0]]
    rows = np.flatnonzero((stored.labels == true) & (stored.predicted == others[0]))[:EXAMPLES]
    tiles = tuple(Tile(image, class_, called) for image in stored.images_at(rows))
    shown = tuple((names[place], int(counts[place])) for place in others if counts[place])
    if not shown:
        raise LessonError(f"{title(run)} gets no test picture labelled {class_} wrong. Ask of another class or run.")
    sentence = f"Of {int(counts.sum()):,} pictures labelled {class_}, {title(run)} calls {shown[0][1]:,} {called}."
    reveal = reveals.Confusions(class_, shown, int(counts.sum()), tiles)
    return Found(called, sentence, reveal, question.options or tuple(names[place] for place in sorted(others)))


def better(question: Question, ask: Sources, run: Row, other: str) -> Found:
    rows = (run, ask.row(other))
    names = tuple(title(row) for row in rows)
    stored = [ask.predictions(row.run, "test") for row in rows]
    if names[0] == names[1] or not np.array_equal(stored[0].indices, stored[1].indices):
        raise LessonError("These two cannot be compared: ask of two different runs on the same test pictures.")
    right = [one.predicted == one.labels for one in stored]
    found = comparison.compare(names[0], right[0], names[1], right[1])
    value = BETTER.format(found.better) if found.better else SAME
    marks = tuple(Mark(name, 100 * _of(row.test_accuracy), *_ends(row)) for name, row in zip(names, rows, strict=True))
    counts = [int((right[0] == a).astype(int) @ (right[1] == b)) for a, b in ((1, 1), (1, 0), (0, 1), (0, 0))]
    reveal = reveals.Versus(
        (marks[0], marks[1]), counts[0], (counts[1], counts[2]), counts[3], comparison.in_words(found)
    )
    return Found(value, reveal.sentence, reveal, (*(BETTER.format(name) for name in names), SAME))


def seed_spread(question: Question, ask: Sources, model: str) -> Found:
    """How far apart trainings that differ in their seed alone end, in test pictures behind the best one."""
    fits = [row for row in ask.rows() if row.usable and row.run.shipped and row.model == model]
    seeds = [row.recipe.seed for row in fits if row.recipe]
    if not 2 <= len(seeds) == len(fits):
        raise LessonError(f"{MODELS[model].title} comes with one seed or none. Ask of a model with several.")
    stored = [ask.predictions(row.run, "test") for row in fits]
    right = [int((one.predicted == one.labels).sum()) for one in stored]
    differ = [int((a.predicted != b.predicted).sum()) for a, b in itertools.combinations(stored, 2)]
    lags = sorted((float(max(right) - count), seed) for count, seed in zip(right, seeds, strict=True))
    marks = [Mark(f"Seed {seed}", lag) for lag, seed in lags]
    sentence = (
        f"{MODELS[model].title}, trained {len(fits)} times: the best is right on {max(right):,} test pictures, the "
        f"worst on {min(right):,}. Two of them answer differently on {min(differ):,} pictures or more."
    )
    return Found(float(max(right) - min(right)), sentence, _line(question, *marks))


def epoch_accuracy(question: Question, ask: Sources, run: Row, epoch: int) -> Found:
    lines = ask.metrics(run.run)
    by_epoch = {line.epoch: line.val_accuracy for line in curves.epochs_of(lines)}
    value = by_epoch.get(epoch)
    if value is None:
        raise LessonError(f"{title(run)} has no validation accuracy of epoch {epoch}. Ask of another epoch or run.")
    sentence = f"After epoch {epoch} {title(run)} is right on {percent(value, 1)} of the validation pictures."
    return Found(100 * value, sentence, _curves(run, lines, "accuracy"))


def overfits_after(question: Question, ask: Sources, run: Row) -> Found:
    lines = ask.metrics(run.run)
    epoch = curves.overfits_after(lines)
    if epoch is None:
        raise LessonError(
            f"The validation loss of {title(run)} is lowest at the end: it does not rise. Ask of another run."
        )
    sentence = (
        f"From epoch {epoch} on the validation loss of {title(run)} rises, while the training loss goes on falling."
    )
    return Found(float(epoch), sentence, _curves(run, lines, "loss"))


def accuracy_gap(question: Question, ask: Sources, run: Row) -> Found:
    lines = ask.metrics(run.run)
    last: EpochLine | None = next(iter(curves.epochs_of(lines)[::-1]), None)
    if last is None or last.val_accuracy is None or last.accuracy is None:
        raise LessonError(f"{title(run)} has no validation pictures, so there is no gap. Ask of another run.")
    value = 100 * (last.accuracy - last.val_accuracy)
    sentence = (
        f"At the end {title(run)} is right on {percent(last.accuracy, 1)} of what it learned from, and on "
        f"{percent(last.val_accuracy, 1)} of what it did not: {value:.1f} points apart."
    )
    return Found(value, sentence, _curves(run, lines, "accuracy"))


def right_when_sure(question: Question, ask: Sources, run: Row, confidence: float) -> Found:
    stored = ask.predictions(run.run, "test")
    sure = ask.probabilities(run.run, stored.logits).max(axis=1)
    right = stored.predicted == stored.labels
    chosen = sure >= confidence / 100
    if not chosen.any():
        raise LessonError(f"{title(run)} is never {confidence:g} % sure. Ask of less.")
    value, low, high = (100 * one for one in class_figures.proportion(int(right[chosen].sum()), int(chosen.sum())))
    sentence = (
        f"{title(run)} gives {int(chosen.sum()):,} of {len(right):,} pictures a confidence of {confidence:g} % or "
        f"more, and is right on {value:.1f} % of these."
    )
    return Found(value, sentence, reveals.Diagram(calibration.reliability(sure, right)), near=(low, high))


def changed_accuracy(question: Question, ask: Sources, run: Row, change: str, severity: float) -> Found:
    stored = robustness_records.load(run.run)
    sweep = stored.sweeps.get(change) if stored else None
    if stored is None or sweep is None or severity not in sweep.severities:
        raise LessonError(
            f"{title(run)} was not measured on pictures so changed. Measure it on Evaluate, or ask of another."
        )
    value = float(sweep.accuracy[sweep.severities.index(severity)])
    low, high = evaluation.wilson_interval(round(value * stored.pictures), stored.pictures)
    row = CHANGES[change]
    told = f"{row.title} {severity:g} {row.unit}".strip() if row.unit else row.title
    sentence = f"{told}: {title(run)} is right on {percent(value, 1)} of {stored.pictures:,} test pictures."
    reveal = reveals.Severity(row, title(run), sweep, _names(run), stored.pictures)
    return Found(100 * value, sentence, reveal, near=(100 * low, 100 * high))


def doubted_labels(question: Question, ask: Sources) -> Found:
    audit = audit_records.load()
    if audit is None:
        raise LessonError("The labels were not audited here. Start an audit on Data.")
    opinions = audit.splits["train"]
    images = data.load_split("train").images
    tiles = tuple(
        Tile(images[position], data.CLASS_NAMES[label], data.CLASS_NAMES[opinion])
        for position, label, opinion in zip(
            opinions.positions[:CAPTIONED], opinions.labels[:CAPTIONED], opinions.opinion[:CAPTIONED], strict=True
        )
    )
    sentence = (
        f"Of {opinions.total:,} training pictures, {opinions.doubted:,} are confidently something else than their "
        "label to networks that had not seen them. The most doubtful:"
    )
    return Found(float(opinions.doubted), sentence, reveals.Gallery(tiles))


def _of(value: float | None) -> float:
    if value is None:
        raise LessonError("The run has no test accuracy. Ask of another one.")
    return value


def _ends(row: Row) -> tuple[float, float]:
    low, high = row.interval or (0.0, 1.0)
    return 100 * low, 100 * high


def _names(row: Row) -> tuple[str, ...]:
    return tuple(row.config.class_names) if row.config else data.CLASS_NAMES


def _place(row: Row, name: str) -> int:
    """Of a class among those that a run knows."""
    names = _names(row)
    if name not in names:
        raise LessonError(f"{title(row)} knows no class {name}. Ask of another run.")
    return names.index(name)


def _line(question: Question, *marks: Mark) -> reveals.NumberLine:
    return reveals.NumberLine(question.low, question.high, question.unit or "%", marks)


def _recalls(ask: Sources, run: Row) -> tuple[tuple[str, ...], list[Interval]]:
    stored, names = ask.predictions(run.run, "test"), _names(run)
    return names, [one.recall for one in class_figures.class_figures(stored.logits, stored.labels, len(names))]


def _bars(names: Sequence[str], found: Sequence[Interval], marked: str) -> reveals.ClassBars:
    order = sorted(range(len(names)), key=lambda place: -found[place].value)
    return reveals.ClassBars("Recall", tuple(names[one] for one in order), tuple(found[one] for one in order), marked)


def _curves(run: Row, lines: Sequence[object], metric: str) -> reveals.Curves:
    return reveals.Curves(metric, curves.curve_rows(lines, title(run), metric))  # type: ignore[arg-type]
