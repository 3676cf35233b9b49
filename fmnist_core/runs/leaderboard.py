"""The zoo as a leaderboard: what each source published beside what is reproduced here, never mixed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fmnist_core.networks.layers import Network
from fmnist_core.recipe import Recipe
from fmnist_core.runs import seeds
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.records import Result, StageFigures
from fmnist_core.runs.seeds import Seeds
from fmnist_core.zoo import CLASSICAL, MODELS, own_network
from fmnist_core.zoo.spec import Model
from fmnist_core.zoo.summaries import total_macs, total_parameters

LARGEST_DIFFERENCE = 0.01  # beyond it a reproduction needs an explanation
LAST_EPOCH = (
    "The recipe keeps the last epoch, and chance has a large part in which one that is: in the last ten, validation "
    "accuracy went from {low:.2f} to {high:.2f} %."
)
UNKNOWN_CAUSE = "The cause of the difference is not known."


@dataclass(frozen=True)
class Entry:
    """One row of the leaderboard. Accuracies are fractions of 1; None: unknown, or there is no run."""

    model: Model
    row: Row | None  # the shipped run of the published recipe; of an own network, the run that stands for it
    seeds: Seeds | None = None  # all trainings of the row's recipe; None: it is the only one, or there is none

    @property
    def network(self) -> Network | None:
        """Of an own one, its layers."""
        return self.model.recipe.network

    @property
    def published(self) -> float | None:
        return self.model.published.test_accuracy

    @property
    def reproduced(self) -> float | None:
        return self.row.test_accuracy if self.row else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of the reproduced accuracy."""
        return self.row.interval if self.row else None

    @property
    def difference(self) -> float | None:
        """Reproduced less published."""
        if self.published is None or self.reproduced is None:
            return None
        return self.reproduced - self.published

    @property
    def result(self) -> Result | None:
        return self.row.result if self.row else None

    @property
    def first_stage(self) -> StageFigures | None:
        """Test accuracy and loss where the first of two stages ended."""
        return self.result.stages[0] if self.result and self.result.stages else None

    @property
    def explanation(self) -> str | None:
        """Why there is no run, or why it is more than one point off; None where neither needs explaining."""
        if self.row is None:
            return self.model.why_no_run or "It has not been trained here yet."
        if self.network is not None:
            return "An own network. Of its runs, this is the one that is best on the validation pictures."
        if self.difference is None or abs(self.difference) <= LARGEST_DIFFERENCE:
            return None
        known = self.model.why_different or UNKNOWN_CAUSE
        swing = self.result.last_swing if self.result and self.model.recipe.keep == "last" else None
        low, high = swing or (0.0, 0.0)
        if high - low <= LARGEST_DIFFERENCE:
            return known
        return f"{known} {LAST_EPOCH.format(low=100 * low, high=100 * high)}"

    @property
    def classical(self) -> bool:
        """Whether it is no network, and has no layers that could be counted."""
        return self.model.kind == "classical"

    @property
    def parameters(self) -> int | None:
        """Of a classical model, those of its run."""
        if self.classical:
            return self.result.parameters if self.result else None
        return total_parameters(self.model.recipe)

    @property
    def macs(self) -> int | None:
        return None if self.classical else total_macs(self.model.recipe)

    @property
    def bytes(self) -> int | None:
        """Of the model's ONNX file, or of a classical model as Python stores it; None where there is neither."""
        if self.result and self.result.model_bytes:
            return self.result.model_bytes
        stored = self.result.files.get("model.onnx") if self.result else None
        return stored.bytes if stored else None


def list_entries(rows: list[Row]) -> list[Entry]:
    """An entry for every network of the zoo, in the zoo's order, with its shipped run of the smallest seed."""
    return _entries(MODELS.values(), rows)


def list_classical_entries(rows: list[Row]) -> list[Entry]:
    """The same for the classical baselines, the best published one first."""
    return _entries(CLASSICAL.values(), rows)


def _entries(models: Iterable[Model], rows: list[Row]) -> list[Entry]:
    entries, known = [], seeds.of_rows(rows)
    for model in models:
        shipped = [row for row in rows if row.run.shipped and row.usable and row.model == model.name]
        first = min(shipped, key=lambda row: row.recipe.seed if row.recipe else 0, default=None)
        entries.append(_entry(model, first, known))
    return entries


def _entry(model: Model, row: Row | None, known: Mapping[Recipe, Seeds]) -> Entry:
    found = known.get(seeds.key_of(row.recipe)) if row and row.recipe else None
    return Entry(model, row, found if found and found.count > 1 else None)


def list_own_entries(rows: list[Row]) -> list[Entry]:
    """An entry for every network that users have put together and trained, with the run that is best on validation.

    The networks come in the order of their newest runs; two are one where their layers and titles are.
    """
    found: dict[Network, list[Row]] = {}
    known = seeds.of_rows(rows)
    for row in rows:
        if row.usable and row.recipe and row.recipe.network:
            found.setdefault(row.recipe.network, []).append(row)
    return [
        _entry(own_network.model_of(network), max(trained, key=lambda row: row.val_accuracy or 0.0), known)
        for network, trained in found.items()
    ]
