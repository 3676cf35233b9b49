"""A class trains: what each may choose within the teacher's limits, the recipe that it makes, and how all came out."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fmnist_core.jobs import lifecycle
from fmnist_core.jobs.status import ACTIVE
from fmnist_core.lessons.lesson import Question
from fmnist_core.recipe import Augmentation, Recipe, with_epochs
from fmnist_core.runs import catalogue, runs
from fmnist_core.runs.catalogue import Row
from fmnist_core.speed.estimate import quick_recipe
from fmnist_core.storage import owners
from fmnist_core.storage.folders import RunError
from fmnist_core.training import training_jobs
from fmnist_core.zoo import MODELS

CHANGES = Augmentation(
    shift=0.1, flip=True
)  # what "augmentation" means here: moved by up to 10 %, half of them mirrored
FEWEST_PICTURES = 500
GONE = "deleted"  # the state of a training that is not there
STEPS = (500, 1_000, 2_000, 5_000, 10_000, 20_000, 55_000)  # numbers of pictures to choose from


@dataclass(frozen=True)
class Terms:
    """The teacher's limits: models of the zoo, most epochs, most pictures."""

    models: tuple[str, ...]
    epochs: int
    pictures: int

    @property
    def steps(self) -> tuple[int, ...]:
        """Numbers of pictures that may be chosen."""
        return tuple(step for step in STEPS if step <= self.pictures) or (FEWEST_PICTURES,)


@dataclass(frozen=True)
class Choice:
    """What a pupil has trained. guess: of the test accuracy, in percent. run: "" until it is started."""

    model: str
    epochs: int
    pictures: int
    augmented: bool
    guess: float
    run: str = ""


@dataclass(frozen=True)
class Entry:
    """A line of the leaderboard. accuracy: in percent, of the test pictures; None until the training has ended."""

    name: str
    choice: Choice
    state: str
    epoch: int
    accuracy: float | None
    parameters: int | None

    @property
    def off(self) -> float | None:
        """How far the guess was off, in points."""
        return None if self.accuracy is None else abs(self.accuracy - self.choice.guess)


def terms_of(question: Question) -> Terms:
    of = question.answer.of
    return Terms(question.options, int(of.get("epochs", "3")), int(of.get("pictures", "5000")))


def check(terms: Terms, said: object) -> Choice:
    """What was chosen, from a browser or a room's table. Raises ValueError where it is outside of the limits."""
    if not isinstance(said, Mapping) or set(said) - {field.name for field in dataclasses.fields(Choice)}:
        raise ValueError("Expected a model, epochs, pictures and a guess.")
    value: dict[str, Any] = dict(said)
    whole = all(type(value.get(name)) is int for name in ("epochs", "pictures"))
    guess, run = value.get("guess"), value.get("run", "")
    fits = whole and 1 <= value["epochs"] <= terms.epochs and value["pictures"] in terms.steps
    if not fits or value.get("model") not in terms.models or type(value.get("augmented")) is not bool:
        raise ValueError("The training is outside of what this lesson allows.")
    if isinstance(guess, bool) or not isinstance(guess, (int, float)) or not 0 <= guess <= 100:
        raise ValueError("Expected a guess from 0 to 100 %.")
    if not isinstance(run, str) or (run and not runs.RUN_ID.fullmatch(run)):
        raise ValueError("That is no run.")
    return Choice(value["model"], value["epochs"], value["pictures"], value["augmented"], float(guess), run)


def recipe_of(choice: Choice) -> Recipe:
    """The quick preset of the model with what was chosen."""
    quick = quick_recipe(MODELS[choice.model].recipe)
    stage = dataclasses.replace(quick.stages[0], augmentation=CHANGES if choice.augmented else None)
    return dataclasses.replace(
        with_epochs(dataclasses.replace(quick, stages=(stage,)), choice.epochs), images=choice.pictures
    )


def standing(name: str, choice: Choice) -> Entry:
    """How the training of a choice is doing, as far as who asks may look at it."""
    try:
        row = catalogue.describe(runs.find(choice.run))
    except (RunError, ValueError):
        return Entry(name, choice, GONE, 0, None, None)
    if row.model != choice.model:  # what a browser gave back may name any run
        return Entry(name, choice, GONE, 0, None, None)
    accuracy = 100 * row.test_accuracy if row.test_accuracy is not None else None
    return Entry(name, choice, row.state, _epoch(row), accuracy, row.result.parameters if row.result else None)


def stop(question: Question, value: str) -> None:
    """Ends a training of a room that has not ended yet. value: the answer, as the room stores it. Raises RunError."""
    try:
        choice = check(terms_of(question), json.loads(value))
    except ValueError:
        return
    with owners.acting(owners.MACHINE):
        run = runs.find(choice.run)
        if runs.read_status(run).state in ACTIVE:
            lifecycle.cancel(training_jobs.job(run))


def _epoch(row: Row) -> int:
    return row.status.epoch if row.status else 0


def is_active(entry: Entry) -> bool:
    return entry.state in ACTIVE


def ranked(entries: Sequence[Entry]) -> list[Entry]:
    """The most accurate first; those still at work after them."""
    return sorted(entries, key=lambda one: (one.accuracy is None, -(one.accuracy or 0), one.name))


def nearest(entries: Sequence[Entry]) -> Entry | None:
    """Whose guess was nearest; None until a training has ended."""
    ended = [one for one in entries if one.off is not None]
    return min(ended, key=lambda one: one.off or 0.0, default=None)
