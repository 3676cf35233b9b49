"""What a quiz's figures say, in sentences to the person who answered."""

from fmnist_core.data import SIZES
from fmnist_core.formatting import percent
from fmnist_core.metrics import comparison
from fmnist_core.metrics.class_figures import Interval
from fmnist_core.metrics.comparison import Comparison
from fmnist_core.quiz.scoring import Score
from fmnist_core.zoo.reported import PEOPLE, PEOPLE_PICTURES


def own_accuracy(you: Score) -> str:
    low, high = percent(you.accuracy.low, 1), percent(you.accuracy.high, 1)
    return (
        f"You are right on {you.count_right} of {len(you.right)}: accuracy {percent(you.accuracy.value, 1)}, "
        f"95 % interval {low} to {high}."
    )


def width(you: Score, network: str, of_all: Interval) -> str:
    """How wide an interval so few pictures leave, beside that of a network on all. of_all: its accuracy there."""
    wide, narrow = (100 * (one.high - one.low) for one in (you.accuracy, of_all))
    return (
        f"{len(you.right)} pictures say little: your interval is {wide:.0f} points wide. {network} has "
        f"{percent(of_all.value)} of all {SIZES['test']:,} test pictures, with an interval of {narrow:.1f} points."
    )


def against(found: Comparison) -> str:
    """found: you, and a network. Whether one is better, by the pictures that only one has right."""
    network, test = found.names[1], found.test
    if not test.only_a and not test.only_b:
        return f"{network} and you are right on the very same pictures."
    split = f"You alone are right on {test.only_a}, {network} alone on {test.only_b}"
    p_value = comparison.p_in_words(test.p_value)
    if not found.differ:
        return f"{split}: that could be chance ({p_value}), so these pictures do not tell who is better."
    better = f"{network} is better" if found.better == network else "you are better"
    return f"{split}: chance alone seldom does that ({p_value}), so {better} at pictures like these."


def beside_people(accuracy: Interval, hard: bool) -> str:
    """The published figure of people beside one's own interval. hard: the pictures were not drawn from all."""
    published = percent(PEOPLE.test_accuracy, 1)
    said = (
        f"People without fashion expertise have {published} on {PEOPLE_PICTURES:,} test pictures, says {PEOPLE.source}"
    )
    if hard:
        return f"{said}. That is of pictures drawn from all, not of hard ones, so it is no measure for you here."
    if PEOPLE.test_accuracy < accuracy.low:
        return f"{said}. You are above that, with your whole interval."
    if PEOPLE.test_accuracy > accuracy.high:
        return f"{said}. You are below that, with your whole interval."
    return f"{said}. That lies in your interval: you may be better or worse than they are."


def about_hard(candidates: int, networks: int) -> str:
    """What the hard pictures are."""
    return (
        f"Drawn from the {candidates:,} test pictures that the {networks} networks which ship with the app do not all "
        "call the same. Each network is wrong on more of these than of all."
    )
