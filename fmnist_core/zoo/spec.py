"""What a row of the zoo says about a model."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from fmnist_core.recipe import Recipe

Kind = Literal["network", "brought in", "classical"]


@dataclass(frozen=True)
class Source:
    """Where a model was published."""

    title: str
    url: str | None  # None: no public address is known, or the architecture is this project's own (see title)

    @property
    def author(self) -> str:
        """The title up to its first comma: who, or where."""
        return self.title.partition(",")[0]


@dataclass(frozen=True)
class StageFigures:
    """What a source reports of the end of a stage. Accuracies are fractions of 1, losses in nats; None: not given."""

    test_accuracy: float | None = None
    test_loss: float | None = None
    train_accuracy: float | None = None
    train_loss: float | None = None
    validation_accuracy: float | None = None
    validation_loss: float | None = None


@dataclass(frozen=True)
class Published(StageFigures):
    """The source's own figures, never mixed with reproduced ones; those of the base class are its final ones."""

    first_stage: StageFigures = StageFigures()  # where the recipe has two stages
    later_test_accuracy: float | None = None  # of a later edition of the source, where that has another
    seconds_per_epoch: str | None = None  # in the source's words, with its machine
    min_epochs: int | None = None  # where the source sees over-fitting start
    precision_recall: tuple[tuple[float, float], ...] | None = None  # on the test set, one pair a class
    note: str = ""  # other figures, contradictions, what the source leaves open


@dataclass(frozen=True)
class Model:
    """A row of the zoo: an architecture, its idea, its source, its published recipe and result."""

    name: str
    title: str
    idea: str  # one sentence for a reader who has never seen it
    source: Source
    build: Callable[..., Any]  # build(num_classes=10) -> keras.Model: pictures (n, 28, 28, 1) in [0, 1] -> logits
    recipe: Recipe
    published: Published
    # A frozen part whose output is computed once: the name of its last layer, and what loads its weights.
    trunk: str | None = None
    load_trunk: Callable[[Any], None] | None = None  # takes what `build` returns; raises spec.WeightsUnavailable
    missing: Callable[[], str] = lambda: ""  # what a training still has to download, as Markdown; "" where nothing
    require: Callable[[], None] = lambda: None  # raises spec.WeightsUnavailable where a training could not have it
    note: str = ""  # what is ours where the source is silent, or what differs
    why_different: str = ""  # what is known of why a reproduction is more than a point off, shown only where it is
    why_no_run: str = ""  # why none ships
    kind: Kind = "network"  # only a network can be built and learns in epochs


class WeightsUnavailable(RuntimeError):
    """Weights that a model starts from cannot be had on this machine; the message says what to do."""
