"""Two label sets beside each other: on which pictures two people agree, and how far beyond chance."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fmnist_core import data
from fmnist_core.analysis import label_set
from fmnist_core.analysis.label_set import KINDS, Decision, LabelSet
from fmnist_core.formatting import percent
from fmnist_core.metrics.kappa import Kappa, kappa

VERDICTS = (*data.CLASS_NAMES, "Ambiguous")  # what somebody says a picture is


@dataclass(frozen=True)
class Disagreement:
    picture: str
    first: Decision
    second: Decision


@dataclass(frozen=True)
class Compared:
    """Of the pictures that both have decided about."""

    names: tuple[str, str]
    only: tuple[int, int]  # pictures that one alone has decided about
    verdicts: Kappa  # of VERDICTS: who keeps a label says that it is right
    kinds: Kappa  # of KINDS
    disagreements: tuple[Disagreement, ...]  # about what a picture is, in the first's order


def compare(first: LabelSet, second: LabelSet) -> Compared:
    """Raises ValueError where they have decided about no picture in common."""
    common = [picture for picture in first.decisions if picture in second.decisions]
    if not common:
        raise ValueError(
            f"{first.name} and {second.name} have decided about no picture in common. Let both look at the same ones."
        )
    pairs = [(first.decisions[picture], second.decisions[picture]) for picture in common]
    official = label_set.official_labels()
    said = np.array(
        [[verdict(picture, one, official) for one in pair] for picture, pair in zip(common, pairs, strict=True)]
    )
    kinds = np.array([[KINDS.index(one.kind) for one in pair] for pair in pairs])
    differ = said[:, 0] != said[:, 1]
    return Compared(
        (first.name, second.name),
        (len(first.decisions) - len(common), len(second.decisions) - len(common)),
        kappa(said[:, 0], said[:, 1], len(VERDICTS)),
        kappa(kinds[:, 0], kinds[:, 1], len(KINDS)),
        tuple(Disagreement(common[place], *pairs[place]) for place in np.flatnonzero(differ)),
    )


def verdict(picture: str, held: Decision, official: Mapping[str, np.ndarray]) -> int:
    """The place in VERDICTS of what a decision says the picture is."""
    if held.kind == "ambiguous":
        return len(VERDICTS) - 1
    split, index = data.parse_picture_address(picture)
    return int(official[split][index]) if held.label is None else held.label


def in_words(found: Compared) -> list[str]:
    """A sentence each: how many both have decided about, agreement, kappa, and of the kinds alone."""
    (first, second), said = found.names, found.verdicts
    low, high = said.interval
    lines = [
        f"{first} and {second} have both decided about {_pictures(said.total)}; alone, {first} about "
        f"{found.only[0]:,} and {second} about {found.only[1]:,}.",
        f"They agree on what {int(said.table.trace()):,} of {said.total:,} are: {percent(said.agreement)} (95 % "
        f"interval {percent(low)} to {percent(high)}). By chance alone it would be {percent(said.by_chance)}.",
        _kappa_in_words(said),
    ]
    return [*lines, f"By keep, relabel or ambiguous alone they agree on {percent(found.kinds.agreement)}: "
            f"{_kappa_in_words(found.kinds)}"]  # fmt: skip


def _kappa_in_words(found: Kappa) -> str:
    if np.isnan(found.value):
        return "There is no kappa where both put every picture into one and the same category."
    low, high = found.value_interval
    return f"Cohen's kappa is {found.value:.2f} (95 % interval {low:.2f} to {high:.2f})."


def _pictures(count: int) -> str:
    return f"{count:,} {'picture' if count == 1 else 'pictures'}"


def as_value(found: Compared) -> dict[str, Any]:
    """For JSON; a kappa that there is not is null."""
    official, keep = label_set.official_labels(), Decision("keep")
    return {
        "names": list(found.names),
        "both": found.verdicts.total,
        "only": list(found.only),
        **_kappa_value(found.verdicts),
        "kinds": {"names": list(KINDS), "table": found.kinds.table.tolist()} | _kappa_value(found.kinds),
        "disagreements": [
            {
                "picture": one.picture,
                "label": VERDICTS[verdict(one.picture, keep, official)],
                "decisions": [label_set.in_words(held) for held in (one.first, one.second)],
            }
            for one in found.disagreements
        ],
    }


def _kappa_value(found: Kappa) -> dict[str, Any]:
    none = bool(np.isnan(found.value))
    return {
        "agreement": found.agreement,
        "interval": list(found.interval),
        "by_chance": found.by_chance,
        "kappa": None if none else found.value,
        "kappa_interval": None if none else list(found.value_interval),
    }
