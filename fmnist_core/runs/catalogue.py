"""All runs at a glance: one row a run, for lists, leaderboards and the choice of the run to open with."""

from dataclasses import dataclass

from fmnist_core import zoo
from fmnist_core.data import SIZES
from fmnist_core.jobs.status import FINISHED, Status
from fmnist_core.metrics import evaluation
from fmnist_core.recipe import Recipe
from fmnist_core.runs import labels, runs
from fmnist_core.runs.labels import Label
from fmnist_core.runs.records import Config, Result, Taught
from fmnist_core.runs.runs import Run
from fmnist_core.storage import owners
from fmnist_core.storage.folders import RunError
from fmnist_core.storage.owners import Owner
from fmnist_core.zoo.spec import Kind, Model

FLAGSHIP = "flagship"  # the model of the zoo


@dataclass(frozen=True)
class Row:
    """A run in a list. Where something is damaged, `problem` says so in a sentence and the rest is None."""

    run: Run
    config: Config | None
    status: Status | None
    result: Result | None  # None until the run has finished
    problem: str = ""
    label: Label = Label()
    owner: Owner | None = None  # None: the machine's

    @property
    def model(self) -> str:
        return self.run.model

    @property
    def known(self) -> Model | None:
        """Its model's row of the zoo, or what stands in for one of an own network; None where there is neither."""
        return zoo.find(self.recipe) if self.recipe else zoo.ROWS.get(self.model)

    @property
    def kind(self) -> Kind:
        """What its model is; one that the zoo does not know has been a network."""
        return self.known.kind if self.known else "network"

    @property
    def title(self) -> str:
        """Of its network."""
        return self.known.title if self.known else self.model

    @property
    def recipe(self) -> Recipe | None:
        return self.config.recipe if self.config else None

    @property
    def state(self) -> str:
        return self.status.state if self.status else "damaged"

    @property
    def usable(self) -> bool:
        """Whether its model and predictions can be looked at."""
        return self.result is not None

    def has(self, name: str) -> bool:
        """Whether it comes with a file: some runs ship without model.onnx or model.keras."""
        return self.result is not None and name in self.result.files

    @property
    def own(self) -> bool:
        """Whether who asks may change it."""
        return not self.run.shipped and owners.is_own(self.owner)

    @property
    def flagship(self) -> bool:
        """Whether it is one of the runs that this project puts forward as its best."""
        return self.run.shipped and self.model == FLAGSHIP

    @property
    def test_accuracy(self) -> float | None:
        return self.result.test_accuracy if self.result else None

    @property
    def val_accuracy(self) -> float | None:
        """None also where the recipe sets no validation split aside."""
        return self.result.val_accuracy if self.result else None

    @property
    def test_accuracy_without_test_time_augmentation(self) -> float | None:
        """The same as `test_accuracy` where the network does not look at the mirror image."""
        if self.result and self.result.without_test_time_augmentation:
            return self.result.without_test_time_augmentation.test_accuracy
        return self.test_accuracy

    @property
    def taught(self) -> Taught | None:
        """The classes that it was taught on top of another run."""
        return self.result.taught if self.result else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of the test accuracy."""
        if self.result is None:
            return None
        return evaluation.wilson_interval(round(self.result.test_accuracy * SIZES["test"]), SIZES["test"])


def describe(run: Run) -> Row:
    """Reads a run's small files; never raises."""
    config = status = result = None
    owner = None if run.shipped else owners.read(run.folder)
    try:
        config = runs.read_config(run)
        status = runs.read_status(run)
        # One that was stopped before it began, or by Ctrl-C.
        without_result = status.state == "cancelled" and not (run.folder / "result.json").exists()
        # A resumed run still has the files of its last stop, which no longer fit it.
        if status.state in FINISHED and not without_result:
            result = runs.read_result(run)
    except RunError as error:
        return Row(run, config, status, None, str(error), labels.read(run), owner)
    return Row(run, config, status, result, label=labels.read(run), owner=owner)


def list_rows() -> list[Row]:
    """A row for every run that who asks may look at, the newest first, shipped ones last."""
    return [describe(run) for run in runs.list_runs()]


def default_run(rows: list[Row]) -> Row | None:
    """What the app opens with: a flagship, of these one that ships, of these one with a replay, so that each view has
    something to show; of all that are left validation chooses, never the test set.

    Other runs follow in the same order; one without a validation split comes after those with one.
    """
    usable = [row for row in rows if row.usable]
    replayed = lambda row: (row.run.folder / "replay").is_dir()  # noqa: E731
    key = lambda row: (row.flagship, row.run.shipped, row.flagship and replayed(row), row.val_accuracy or 0.0)  # noqa: E731
    return max(usable, key=key, default=None)
