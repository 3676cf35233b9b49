"""What stands beside an exported model, as JSON and as Markdown: what goes in, what comes out, and how good it is."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fmnist_core import data
from fmnist_core.data import SIZES
from fmnist_core.formatting import percent
from fmnist_core.inference.classifier import open_classifier
from fmnist_core.metrics import evaluation
from fmnist_core.report import recipe_words
from fmnist_core.runs import catalogue, runs
from fmnist_core.runs.runs import Run
from fmnist_core.storage.atomic import replacing, write_json

CHECKED = 1_000  # pictures, the first of the test set, on which an exported file is compared with the ONNX file
_LICENCE = "MIT, as the code that trained it; the data is Fashion-MNIST by Zalando Research, MIT"
_NO_LICENCE = "not known: it was made elsewhere; ask whoever made it"
_FLOATS = "float32, each pixel divided by 255: 0 is black, 1 is white"
_BYTES = "uint8, the pixels as they are: 0 is black, 255 is white"
_LOGITS = "float32 logits, in the order of the classes; their softmax are the probabilities"
PREPARATION = (
    "28x28 gray, one garment, light on black, its longest side 28, centred (an odd pixel goes left and on top); shoes "
    "point left. fmnist_core.photo.prepare makes such a picture of a photo."
)


@dataclass(frozen=True)
class Checked:
    """The file beside the run's ONNX file, on the first test pictures."""

    pictures: int
    same_class: float  # share of the pictures, 0 to 1
    accuracy: float
    accuracy_of_onnx: float

    def in_words(self) -> str:
        return (
            f"On the first {self.pictures:,} test pictures it gives the class of the ONNX file for "
            f"{percent(self.same_class)} and is right for {percent(self.accuracy)}; the ONNX file for "
            f"{percent(self.accuracy_of_onnx)}."
        )


@dataclass(frozen=True)
class Card:
    """input, output: shape and type in words. test_accuracy: of the run's network, on all 10,000 test pictures."""

    file: str
    format: str
    bytes: int
    run: str
    model: str
    input: str
    output: str
    preprocessing: str
    classes: tuple[str, ...]
    test_accuracy: float
    test_accuracy_interval: tuple[float, float]  # 95 %, Wilson's
    parameters: int
    licence: str
    recipe: tuple[tuple[str, str], ...]
    checked: Checked | None = None
    quantized_with: str | None = None
    notes: tuple[str, ...] = ()

    def accuracy_in_words(self) -> str:
        low, high = self.test_accuracy_interval
        return (
            f"{percent(self.test_accuracy)} of {SIZES['test']:,} test pictures "
            f"(95 % interval {percent(low)} to {percent(high)})"
        )


def card_of(
    run: Run,
    file: Path,
    format: str,
    *,
    checked: Checked | None = None,
    quantized_with: str | None = None,
    notes: tuple[str, ...] = (),
) -> Card:
    """The card of a file that was made of a finished run. Raises RunError."""
    result, config = runs.read_result(run), runs.read_config(run)
    as_bytes = quantized_with is not None
    shape = "(1, 28, 28, 1)" if format.startswith("LiteRT") else "(n, 28, 28, 1)"
    right = round(result.test_accuracy * SIZES["test"])
    return Card(
        file=file.name,
        format=format,
        bytes=file.stat().st_size,
        run=run.id,
        model=catalogue.describe(run).title,
        input=f"{shape} {_BYTES if as_bytes else _FLOATS}",
        output=f"{shape.split(',')[0]}, {len(config.class_names)}) {_LOGITS}",
        preprocessing=PREPARATION,
        classes=tuple(config.class_names),
        test_accuracy=result.test_accuracy,
        test_accuracy_interval=evaluation.wilson_interval(right, SIZES["test"]),
        parameters=result.parameters,
        licence=_NO_LICENCE if config.brought_in else _LICENCE,
        recipe=tuple(recipe_words.in_words(config.recipe)),
        checked=checked,
        quantized_with=quantized_with,
        notes=notes,
    )


def compare(run: Run, logits: np.ndarray) -> Checked:
    """logits: (k, classes), of an exported file for the first k test pictures. Raises RunError."""
    pictures = data.load_split("test")
    count = len(logits)
    labels, given = pictures.labels[:count], logits.argmax(axis=1)
    expected = open_classifier(run).logits(pictures.images[:count]).argmax(axis=1)
    shares = (float((one == other).mean()) for one, other in ((given, expected), (given, labels), (expected, labels)))
    return Checked(count, *shares)


def write(card: Card, file: Path) -> None:
    """FILE.card.json and FILE.card.md, whole or not at all. Raises OSError."""
    write_json(file.with_name(f"{file.name}.card.json"), dataclasses.asdict(card))
    target = file.with_name(f"{file.name}.card.md")
    with replacing(target) as temporary:
        temporary.write_text(markdown(card), encoding="utf-8")


def markdown(card: Card) -> str:
    rows = [
        ("Run", f"`{card.run}`"),
        ("Format", f"{card.format}, {card.bytes:,} bytes"),
        ("Input", card.input),
        ("Output", card.output),
        ("Preprocessing", card.preprocessing),
        ("Classes", "; ".join(f"{number} {name}" for number, name in enumerate(card.classes))),
        ("Test accuracy of the run", card.accuracy_in_words()),
        ("Parameters", f"{card.parameters:,}"),
        *([("This file", card.checked.in_words())] if card.checked else []),
        *([("Quantized with", card.quantized_with)] if card.quantized_with else []),
        *(("Note", note) for note in card.notes),
        ("Licence", card.licence),
    ]
    recipe = [(name, words) for name, words in card.recipe if name != "Model"]
    return f"# {_plain(card.model)}: {_plain(card.file)}\n\n{_table(rows)}\n## How it was trained\n\n{_table(recipe)}"


def _table(rows: list[tuple[str, str]]) -> str:
    lines = ["|  |  |", "| --- | --- |", *(f"| {name} | {_plain(words)} |" for name, words in rows)]
    return "\n".join(lines) + "\n"


def _plain(words: str) -> str:
    """On one line of a table, whatever somebody called a class."""
    return " ".join(words.replace("|", "\\|").replace("<", "&lt;").split())
