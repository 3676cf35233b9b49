"""What stands in for a row of the zoo where a model or its answers were made elsewhere, and what its run says of it."""

import re
from dataclasses import dataclass
from typing import Any, Literal

from fmnist_core.data import CLASS_NAMES
from fmnist_core.recipe import BROUGHT_IN, Recipe, Split
from fmnist_core.zoo.spec import Model, Published, Source

VALIDATED = Split("last", 5_000)  # the training pictures that a model is asked about, too
FILE_NAME = re.compile(r"[\w .()-]{0,80}")
_INPUT = re.compile(r"(?:[a-z0-9]{3,5},[a-z0-9.-]{4,12})?")
Format = Literal["onnx", "keras", "h5", "csv", "npz"]


@dataclass(frozen=True)
class Tried:
    """How an input that a model may have been made for did on 500 pictures."""

    input: str  # such as "nchw,0..255"; see brought_in.conventions
    accuracy: float
    loss: float  # in nats


@dataclass(frozen=True)
class BroughtIn:
    """Of a run whose model or answers were made elsewhere: what came in, and what was found out about it."""

    format: Format
    file: str = ""  # its name
    input: str = ""  # how its model takes pictures; "": there is no model
    tried: tuple[Tried, ...] = ()  # the best first; one where its user has said which it is
    probabilities: bool = False  # whether its answers are, and no logits
    features: Literal["penultimate", "pixels", "answers", ""] = ""  # what the map is of; "": there is no model
    classes: tuple[int, ...] = ()  # the column of each class, where they seem to come in another order
    pictures: Literal["", "reversed", "by class", "by class name"] = ""  # the order that they seem to come in
    reordered: bool = False  # whether these two were put right

    @property
    def has_model(self) -> bool:
        """Whether a model came in, and not its answers alone."""
        return bool(self.input)


def _build(num_classes: int = 10) -> Any:
    raise ValueError("A model that was brought in cannot be built here: how it was made is not known.")


ROW = Model(
    name=BROUGHT_IN,
    title="Brought in",
    idea="Made elsewhere and brought in as a file. How it was trained is not known here.",
    source=Source("Brought in", None),
    build=_build,
    recipe=Recipe(model=BROUGHT_IN, stages=(), split=Split("none", 0)),
    published=Published(),
    kind="brought in",
)


def check_brought_in(brought_in: BroughtIn) -> None:
    """Raises ValueError."""
    if not FILE_NAME.fullmatch(brought_in.file):
        raise ValueError("The config names a file that was brought in by no plain name.")
    for one in brought_in.tried:
        if not 0 <= one.accuracy <= 1:
            raise ValueError(f"The config's accuracy of an input cannot be {one.accuracy:g}; expected 0 to 1.")
    if odd := [
        one for one in (brought_in.input, *(one.input for one in brought_in.tried)) if not _INPUT.fullmatch(one)
    ]:
        raise ValueError(f"The config's input cannot be {odd[0][:40]!r}; expected one such as nchw,0..255.")
    if brought_in.classes and sorted(brought_in.classes) != list(range(len(CLASS_NAMES))):
        raise ValueError("The config's order of the classes does not name each class once.")
