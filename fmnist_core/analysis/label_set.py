"""A label set: what somebody decided about labels, under a name; as a file in label_set_files.py."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from fmnist_core import data
from fmnist_core.storage.schema import is_plain, shown

MOST_NAME = 60  # characters
UNNAMED = "Labels"

DecisionKind = Literal["keep", "relabel", "ambiguous"]
KINDS = ("keep", "relabel", "ambiguous")


class Decision(NamedTuple):
    kind: DecisionKind
    label: int | None = None  # the class that it should have been, of "relabel" only


@dataclass(frozen=True)
class LabelSet:
    name: str
    decisions: Mapping[str, Decision]  # by the picture's address, in the order of the file

    def of_split(self, split: str) -> dict[int, Decision]:
        """Position -> decision."""
        return of_split(self.decisions, split)

    def counts(self) -> Counter[tuple[str, str]]:
        """How many pictures, by their split and by the kind of decision."""
        return Counter((picture.partition("/")[0], held.kind) for picture, held in self.decisions.items())


class Taught(NamedTuple):
    """What a training makes of a label set: fields of a recipe, ascending."""

    relabelled: tuple[tuple[int, int], ...]  # position in the training set, class
    ambiguous: tuple[int, ...]  # positions that are left out


def of_split(decisions: Mapping[str, Decision], split: str) -> dict[int, Decision]:
    """Position -> decision."""
    parsed = {data.parse_picture_address(picture): decision for picture, decision in decisions.items()}
    return {index: decision for (name, index), decision in parsed.items() if name == split}


def taught(labels: LabelSet) -> Taught:
    found = sorted(labels.of_split("train").items())
    return Taught(
        tuple((position, held.label) for position, held in found if held.label is not None),
        tuple(position for position, held in found if held.kind == "ambiguous"),
    )


def official_labels() -> dict[str, np.ndarray]:
    """Of each split; asked once for many pictures."""
    return {split: data.load_split(split).labels for split in data.SPLITS}


def checked(picture: str, kind: object, label: object, official: Mapping[str, np.ndarray]) -> Decision:
    """A decision about the picture of an address, as it is kept. Raises ValueError with a sentence for any other.

    official: as `official_labels`.
    """
    split, index = data.parse_picture_address(picture)
    if picture != data.picture_address(split, index):
        raise ValueError("a picture has one address")  # not test/007
    if not isinstance(kind, str) or kind not in KINDS:
        raise ValueError(f"A decision is one of {', '.join(KINDS)}. Received: {shown(kind)}.")
    if kind != "relabel":
        if label is not None:
            raise ValueError(f"Only relabel names a class; {kind} names none.")
        return Decision(kind)  # type: ignore[arg-type]
    if type(label) is not int or not 0 <= label < len(data.CLASS_NAMES):
        raise ValueError(f"Relabel names a class of Fashion-MNIST, by name or 0 to 9. Received: {shown(label)}.")
    if label == official[split][index]:
        raise ValueError(f"Relabel means another class than the label, and {data.CLASS_NAMES[label]} is the label.")
    return Decision("relabel", label)


def in_words(held: Decision) -> str:
    """ "to Coat", "kept", "ambiguous"."""
    return f"to {class_name(held)}" if held.label is not None else {"keep": "kept"}.get(held.kind, held.kind)


def class_name(held: Decision) -> str:
    """Of the class that it should have been; "" of what is no relabel."""
    return "" if held.label is None else data.CLASS_NAMES[held.label]


def plain_name(text: str) -> str:
    """A name that `checked_name` takes, made of any text, such as that of a file."""
    kept = "".join(one if is_plain(f"a{one}") else " " for one in text.replace("_", " "))
    return " ".join(kept.lstrip(" -'/&").split())[:MOST_NAME].strip() or UNNAMED


def checked_name(text: object) -> str:
    """Raises ValueError for what a page could take for more than a name."""
    name = " ".join(text.split()) if isinstance(text, str) else ""
    if not is_plain(name) or len(name) > MOST_NAME:
        raise ValueError(
            f"The name of a label set has 1 to {MOST_NAME} letters, figures and spaces. Received: {shown(text)}."
        )
    return name
