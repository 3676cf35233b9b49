"""What a teaching came to, and its figures in words."""

from collections import Counter
from typing import NamedTuple

from fmnist_core.analysis.few_shot import FEWEST, Head
from fmnist_core.metrics import evaluation
from fmnist_ui import parts

MOST_MISTAKEN = 3  # classes that are named


class Teaching(NamedTuple):
    """What a run was taught, and how it does."""

    mark: str  # of the run, the names and the examples
    head: Head
    examples: tuple[int, ...]  # of each new class
    names: tuple[str, ...]  # of all classes
    pictures: int  # of the test set, on which the old classes are counted
    right_before: int
    right_after: int
    taken: tuple[int, ...]  # of these, that each new class takes from a right answer
    before: tuple[Counter[str], ...]  # what the examples of each new class were called before
    held: tuple[Counter[str], ...]  # what those that were held out are called now


def in_words(teaching: Teaching) -> list[str]:
    """Held-out figures of the old and the new classes, before and after, a sentence each."""
    return [_old_in_words(teaching), *(_new_in_words(teaching, number) for number in range(len(teaching.head.names)))]


def _old_in_words(teaching: Teaching) -> str:
    total, fewer = teaching.pictures, teaching.right_before - teaching.right_after
    low, high = evaluation.wilson_interval(teaching.right_after, total)
    words = (
        f"**The old classes**, on {total:,} test pictures: {teaching.right_before:,} right before "
        f"({parts.percent(teaching.right_before / total)}), {teaching.right_after:,} after "
        f"(**{parts.percent(teaching.right_after / total)}**, 95 % interval {parts.percent(low)} to "
        f"{parts.percent(high)})."
    )
    if not fewer:
        return f"{words} None was lost."
    takers = {name: count for name, count in zip(teaching.head.names, teaching.taken, strict=True) if count}
    return f"{words} It lost {fewer:,}: {_listed(takers)} took them."


def _new_in_words(teaching: Teaching, number: int) -> str:
    name, held = teaching.head.names[number], teaching.held[number]
    words = (
        f"**{name}**: before, it called your {teaching.examples[number]} examples {_listed(teaching.before[number])}. "
    )
    total = sum(held.values())
    if not total:
        more = FEWEST + 1 - teaching.examples[number]
        return (
            f"{words}All of them were needed to teach; with {more} more, some can be held out to see how well it works."
        )
    low, high = evaluation.wilson_interval(held[name], total)
    words += (
        f"Taught without them, it calls **{held[name]} of {total}** {name} "
        f"({parts.percent(held[name] / total, 0)}, 95 % interval {parts.percent(low, 0)} to {parts.percent(high, 0)})"
    )
    others = {other: count for other, count in held.items() if other != name}
    return f"{words}, the others {_listed(others)}." if others else f"{words}."


def _listed(counts: dict[str, int]) -> str:
    """ "Bag (3), Shirt (1)", the most frequent first."""
    order = sorted(counts.items(), key=lambda item: -item[1])
    words = [f"{name} ({count})" for name, count in order[:MOST_MISTAKEN]]
    return ", ".join(words) + (" and others" if len(order) > MOST_MISTAKEN else "")
