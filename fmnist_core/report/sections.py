"""The sections of a run's report, each from what the run has stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fmnist_core import data
from fmnist_core.metrics import evaluation
from fmnist_core.report import tables
from fmnist_core.report.charts import learning_curves
from fmnist_core.report.elements import (
    Html,
    Picture,
    code,
    element,
    facts,
    gallery,
    joined,
    link,
    matrix,
    paragraph,
    percent,
    section,
    table,
    tiles,
)
from fmnist_core.report.recipe_section import as_text, commands, in_words
from fmnist_core.runs import catalogue, curves, predictions, runs
from fmnist_core.runs.predictions import Predictions
from fmnist_core.runs.records import Config
from fmnist_core.runs.runs import Run
from fmnist_core.storage.folders import RunError
from fmnist_core.zoo import MODELS
from fmnist_core.zoo.spec import Model

WORST = 50  # pictures


@dataclass(frozen=True)
class Finished:
    """A finished run, read once."""

    run: Run
    config: Config
    result: dict[str, Any]
    stored: Predictions  # of the test pictures

    @property
    def names(self) -> tuple[str, ...]:
        return self.config.class_names

    @property
    def model(self) -> Model | None:
        return MODELS.get(self.config.recipe.model)

    @property
    def title(self) -> str:
        return self.model.title if self.model else self.config.recipe.model

    @property
    def matrix(self) -> np.ndarray:
        return evaluation.confusion_matrix(self.stored.labels, self.stored.predicted, len(self.names))

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the test accuracy."""
        return evaluation.wilson_interval(int(self.matrix.trace()), int(self.matrix.sum()))


def read_finished(run: Run) -> Finished:
    """Raises RunError where the run has not finished, or something of it is damaged."""
    row = catalogue.describe(run)
    if row.config is None or row.result is None:
        raise RunError(row.problem or f"The run {run.id} has not finished. Let it finish, or choose another run.")
    return Finished(run, row.config, row.result, predictions.load(run, "test"))


def head(found: Finished) -> Html:
    low, high = (percent(end) for end in found.interval)
    result, total = found.result, len(found.stored.labels)
    stopped = "stopped before its end" if result["cancelled"] else f"kept: epoch {result['kept_epoch']}"
    unvalidated = "no validation split" if result["val_accuracy"] is None else "on pictures set aside"
    accuracy, loss = (
        evaluation.accuracy(found.matrix),
        evaluation.cross_entropy(found.stored.logits, found.stored.labels),
    )
    shown = tiles(
        [
            ("Test accuracy", percent(accuracy), f"95 % interval {low} to {high}"),
            ("Test loss", f"{loss:.4f}", "mean cross-entropy, nats"),
            ("Validation accuracy", percent(result["val_accuracy"]), unvalidated),
            ("Parameters", f"{result['parameters']:,}", "weights of the network"),
            ("Epochs", f"{result['epochs']:,}", stopped),
            ("Training", minutes(result["seconds"]), "on the machine named below"),
            ("Precision", result["precision"].replace("_", " "), "while it trained"),
            ("Test pictures", f"{total:,}", "none of them trained on"),
        ]
    )
    return joined(
        [
            element("p", "Fashion-MNIST Explorer · report of a run", class_="kicker"),
            element("h1", found.title),
            paragraph(found.model.idea) if found.model else "",
            paragraph(f"Run {found.run.id}, begun {found.config.created}.", quiet=True),
            shown,
            paragraph(_summary(found)),
            _published(found, accuracy),
        ]
    )


def minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f} min"


def _summary(found: Finished) -> str:
    total, right = len(found.stored.labels), int(found.matrix.trace())
    top = evaluation.most_confused(found.matrix)
    words = f"Right on {right:,} of {total:,} test pictures."
    if not top:
        return words
    cells = (f"{count:,} × {found.names[true]} called {found.names[called]}" for true, called, count in top)
    return f"{words} Most confused: {', '.join(cells)}."


def _published(found: Finished, accuracy: float) -> Html:
    model = found.model
    if model is None:
        return paragraph("The zoo of this version has no such model.", quiet=True)
    source = link(model.source.title, model.source.url)
    if model.published.test_accuracy is None:
        return paragraph("Source of the model: ", source, ".", quiet=True)
    follows = tables.follows_published(found.config.recipe, model)
    recipe = "This run follows the published recipe" if follows else "This run has a recipe of its own"
    figure = f"Published: {percent(model.published.test_accuracy)}, by "
    return paragraph(figure, source, f". {recipe}; its test accuracy is {percent(accuracy)}.", quiet=True)


def learning(found: Finished) -> Html:
    lines = runs.read_metrics(found.run)
    try:
        drawn = learning_curves(lines, found.config.recipe)
    except ValueError as error:
        return section("Learning curves", paragraph(str(error)))
    note = "Training figures are taken while it learns, with dropout and changed pictures at work."
    return section("Learning curves", paragraph(curves.read_curves(lines)), drawn, paragraph(note, quiet=True))


def confusion(found: Finished) -> Html:
    counts = found.matrix
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    off = share * (1 - np.eye(len(counts)))
    strengths = np.where(np.eye(len(counts), dtype=bool), share, -np.sqrt(off / max(off.max(), 1e-9)))
    told = "A row is what the pictures are, a column what the network calls them; the diagonal is right."
    return section(
        "Confusion matrix",
        paragraph(told),
        matrix(f"Test pictures by label and by what {found.title} says", found.names, counts, strengths),
    )


def classes(found: Finished) -> Html:
    counts = found.matrix
    rows = tables.classification_rows(counts, found.names)
    if found.model and tables.follows_published(found.config.recipe, found.model):
        rows = tables.with_published(rows, found.model)
    published = "published precision" in rows[0]
    headings = ["Class", "Precision", "Recall", "95 % interval of recall", "F1", "Pictures"]
    headings += ["Published precision", "Published recall"] if published else []
    lines = []
    for place, row in enumerate(rows):
        own = place < len(counts)
        interval = _interval(counts, place) if own else None
        line = [row["class"], _digits(row["precision"]), _digits(row["recall"]), interval]
        line += [_digits(row["f1-score"]), f"{row['support']:,}"]
        line += [_digits(row["published precision"]), _digits(row["published recall"])] if published else []
        lines.append([*line, _called_instead(counts, place, found.names) if own else None])
    note = "Precision: of what it called so, the part that is. Recall: of what is so, the part that it called so."
    shown = table(
        "On the test pictures; accuracy stands under F1", [*headings, "Most often called instead"], lines, foot=3
    )
    return section("Class by class", paragraph(note), shown)


def _digits(value: float | None) -> str | None:
    return None if value is None else f"{value:.4f}"


def _interval(counts: np.ndarray, place: int) -> str | None:
    total = int(counts[place].sum())
    if not total:
        return None
    low, high = evaluation.wilson_interval(int(counts[place, place]), total)
    return f"{low:.4f} to {high:.4f}"


def _called_instead(counts: np.ndarray, place: int, names: Sequence[str]) -> str | None:
    others = counts[place].copy()
    others[place] = 0
    return f"{names[int(others.argmax())]} ({others.max():,} ×)" if others.any() else None


def worst_places(stored: Predictions) -> np.ndarray:
    """(50,) int64 rows of the largest loss, the largest first; all of them where there are fewer."""
    return np.argsort(-losses(stored), kind="stable")[:WORST]


def losses(stored: Predictions) -> np.ndarray:
    """(n,) float64: the cross-entropy of each picture, in nats."""
    logits = stored.logits.astype(np.float64)
    shifted = logits - logits.max(axis=1, keepdims=True)
    of_label = shifted[np.arange(len(shifted)), stored.labels]
    return np.asarray(np.log(np.exp(shifted).sum(axis=1)) - of_label)


def worst(found: Finished) -> Html:
    stored, names = found.stored, found.names
    chosen = worst_places(stored)
    probabilities, loss = evaluation.softmax(stored.logits[chosen]), losses(stored)[chosen]
    pictures = []
    for place, row, each in zip(chosen, probabilities, loss, strict=True):
        label, called = names[int(stored.labels[place])], names[int(row.argmax())]
        address = data.picture_address(stored.source, int(stored.indices[place]))
        lines = (label, f"called {called}", f"{percent(float(row.max()), 1)} sure", f"loss {each:.2f}", address)
        pictures.append(Picture(stored.images[place], f"{address}: {label}, called {called}", lines))
    told = (
        f"The {len(pictures)} test pictures with the largest loss: where the network is wrong and sure of it. In bold "
        "the label, under it what the network says and how sure it is. Some of the labels themselves are in doubt."
    )
    return section("The worst pictures", paragraph(told), gallery(pictures))


def recipe(found: Finished) -> Html:
    chosen = found.config.recipe
    return section("Recipe", facts(in_words(chosen)), element("h3", "As JSON"), code(as_text(chosen)))


def made_with(found: Finished) -> Html:
    """Seed, versions and machine."""
    config, machine = found.config, found.config.machine
    versions = (("Code" if name == "code" else name, version) for name, version in config.versions.items())
    named = {"bfloat16_units": "Multiplies bfloat16 in hardware", "python": "Python"}
    on = ((named.get(key, key.capitalize()), _answer(value)) for key, value in machine.items())
    made = [("Seed", str(config.recipe.seed)), ("Dataset fingerprint", config.data_fingerprint), *versions, *on]
    return facts(made)


def origin(found: Finished) -> Html:
    return section("Seed, versions, machine", made_with(found))


def _answer(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def repeat(found: Finished) -> Html:
    lines, note = commands(found.config.recipe)
    said = [paragraph(note)] if note else []
    if found.result["cancelled"]:
        said.append(
            paragraph(f"This run was stopped after epoch {found.result['epochs']}; the command trains to the end.")
        )
    promise = (
        "With the same code on the same machine, figures agree up to the order in which threads finish; the seed "
        "fixes all else."
    )
    return section("Train it again", *said, *map(code, lines), paragraph(promise, quiet=True))


def foot() -> Html:
    told = (
        "Figures are computed from the logits that the run has stored for every test picture. Interval of a "
        "proportion: Wilson 1927. Calibration: Guo et al. 2017, arXiv 1706.04599. Pictures: Fashion-MNIST, Zalando "
        "Research, MIT licence, "
    )
    return element(
        "footer", paragraph(told, link("arXiv 1708.07747", "https://arxiv.org/abs/1708.07747"), ".", quiet=True)
    )
