"""What the JSON files of a run say, checked: a file may have been cut, damaged, or made by hand elsewhere."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from fmnist_core import recipe
from fmnist_core.recipe import Recipe
from fmnist_core.storage.schema import from_json, is_plain, known_fields, parse_json, to_json
from fmnist_core.zoo.others.brought_in import BroughtIn, check_brought_in

MOST_CLASSES = 100  # of the data and taught ones
LONGEST_NAME = 100  # characters of a class
LONGEST_TEXT = 300  # characters of what config.json says of the machine and the versions
GROUP_ID = re.compile("[0-9a-f]{8}")  # of runs that belong together: a family, a sweep
LARGEST_FAMILY = 1_000  # runs
RANGES = {  # of the figures of result.json and of the lines of metrics.jsonl; what lies outside no training has written
    **dict.fromkeys(("test_accuracy", "val_accuracy", "accuracy"), (0, 1)),
    **dict.fromkeys(("epochs", "best_epoch", "kept_epoch", "overfits_after"), (0, recipe.MOST_EPOCHS)),
    **dict.fromkeys(("seconds", "seconds_per_epoch", "seconds_per_picture"), (0, 1e9)),
    "images_per_second": (1e-6, 1e9),
    "parameters": (0, 1e11),
    "model_bytes": (0, 1e12),
    "onnx_largest_difference": (0, 1e9),
}


def new_group_id() -> str:
    """What a family or a sweep is called that is started now."""
    return secrets.token_hex(4)


Varied = Literal["learning_rate", "batch_size", "optimizer", "dropout", "l2", "images", "label_noise"]


@dataclass(frozen=True)
class Family:
    """That a run is one of several whose recipes differ in one value alone, and which of them; see `families`."""

    id: str  # the same for all of them
    varies: Varied  # the value in which they differ
    place: int  # among them, from 0
    size: int  # how many they were when they were started


@dataclass(frozen=True)
class Config:
    """What config.json says."""

    recipe: Recipe
    class_names: tuple[str, ...]
    data_fingerprint: str
    versions: dict[str, str]
    machine: dict[str, Any]
    created: str  # ISO 8601, UTC
    family: Family | None = None
    brought_in: BroughtIn | None = None


@dataclass(frozen=True)
class StoredFile:
    """Size and hash of one of the run's files, by which an import checks it."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class StoredWeights:
    """How a shipped run's weights are stored."""

    stored_as: Literal["float32", "float16"]
    test_accuracy: float  # of the weights as they are stored


@dataclass(frozen=True)
class StageFigures:
    """The test figures at the end of a stage that another one follows."""

    stage: int  # from 1
    test_accuracy: float
    test_loss: float


@dataclass(frozen=True)
class Taught:
    """The classes that a run was taught on top of another one."""

    origin: str  # the id of that run
    names: tuple[str, ...] = ()
    examples: tuple[int, ...] = ()  # of each new class


@dataclass(frozen=True, kw_only=True)
class TrainingFigures:
    """What a training took and reached."""

    epochs: int  # finished ones
    cancelled: bool
    best_epoch: int | None  # by validation accuracy
    kept_epoch: int
    precision: str
    seconds: float
    seconds_per_epoch: float | None
    images_per_second: float | None
    overfits_after: int | None = None  # see curves.overfits_after


@dataclass(frozen=True, kw_only=True)
class ModelFigures:
    """Accuracies in 0..1 and losses in nats; None of a split that the run has not."""

    test_accuracy: float
    test_loss: float
    val_accuracy: float | None
    val_loss: float | None


@dataclass(frozen=True, kw_only=True)
class Result(TrainingFigures, ModelFigures):
    """What result.json says: figures of the kept weights and of the training; see training.finish."""

    parameters: int
    onnx_largest_difference: float  # of a probability, between Keras and ONNX Runtime
    seconds_per_picture: float
    model_bytes: int | None = None  # of a classical model, exported or else as Python stores it
    without_test_time_augmentation: ModelFigures | None = None  # None: the network looks at one picture anyway
    last_swing: tuple[float, ...] | None = None  # see curves.last_swing; shipped runs only
    stages: tuple[StageFigures, ...] = ()  # at the end of each stage but the last
    weights: StoredWeights | None = None  # of a shipped run that comes with them
    taught: Taught | None = None
    files: dict[str, StoredFile]


@dataclass(frozen=True, kw_only=True)
class _Line:
    epoch: int  # from 1
    step: int  # from 1
    loss: float | None  # None: no longer a number
    accuracy: float | None


@dataclass(frozen=True, kw_only=True)
class BatchLine(_Line):
    """A line of metrics.jsonl within an epoch; its figures are means since the line before."""

    steps: int  # of an epoch
    images_per_second: float
    seconds: float  # of training, all epochs together

    @property
    def epochs_done(self) -> float:
        return self.epoch - 1 + self.step / self.steps


@dataclass(frozen=True, kw_only=True)
class EpochLine(_Line):
    """A line of metrics.jsonl at the end of an epoch. None: not measured, or no longer a number."""

    val_loss: float | None
    val_accuracy: float | None
    val_recall: tuple[float | None, ...] | None  # a class; None where it has no pictures
    val_augmented_loss: float | None = None
    val_augmented_accuracy: float | None = None
    watched_test_loss: float | None = None
    watched_test_accuracy: float | None = None
    images_per_second: float
    learning_rate: float
    seconds: float  # of training, all epochs together

    @property
    def epochs_done(self) -> float:
        return float(self.epoch)


_LINES: dict[str, type[BatchLine] | type[EpochLine]] = {"batch": BatchLine, "epoch": EpochLine}
Line = BatchLine | EpochLine
OnLine = Callable[[Line], None]  # called with each line of metrics.jsonl as it is written


def parse_config(value: Any) -> Config:
    """Raises ValueError."""
    if isinstance(value, dict) and "recipe" in value:
        value = value | {"recipe": recipe.with_todays_model(value["recipe"])}
    config: Config = from_json(Config, value, "config")
    recipe.check(config.recipe)
    if not 1 <= len(config.class_names) <= MOST_CLASSES:
        raise ValueError(f"The config names {len(config.class_names)} classes; expected 1 to {MOST_CLASSES}.")
    _check_names(config.class_names)
    if config.family:
        _check_family(config.family)
    if (config.brought_in is not None) != (config.recipe.model == recipe.BROUGHT_IN):
        raise ValueError("The config says either that the run was brought in, or what; expected both or neither.")
    if config.brought_in:
        check_brought_in(config.brought_in)
    written = {"created": config.created, "data_fingerprint": config.data_fingerprint}
    for name, said in {**config.machine, **config.versions, **written}.items():
        if not isinstance(said, str | int | float | None) or max(len(name), len(str(said))) > LONGEST_TEXT:
            raise ValueError(f"What the config says of {name[:40]!r} is no word or number.")
    return config


def _check_family(family: Family) -> None:
    if not GROUP_ID.fullmatch(family.id):
        raise ValueError(f"A family cannot be called {family.id[:40]!r}; expected eight of the digits 0 to 9, a to f.")
    if not 0 <= family.place < family.size <= LARGEST_FAMILY:
        raise ValueError(
            f"The config says that the run is number {family.place + 1} of a family of {family.size}; expected 1 to "
            f"its size, and at most {LARGEST_FAMILY:,} runs."
        )


def _check_names(names: tuple[str, ...]) -> None:
    if odd := next((name for name in names if not is_plain(name)), None):
        raise ValueError(
            f"A class cannot be called {odd[:40]!r}; letters, figures, spaces and - ' / & may be in a name."
        )
    if long := next((name for name in names if len(name) > LONGEST_NAME), None):
        raise ValueError(f"The class {long[:40]!r} has {len(long):,} characters; at most {LONGEST_NAME} are allowed.")


def parse_result(value: Any) -> Result:
    """Raises ValueError."""
    result: Result = from_json(Result, known_fields(Result, _with_todays_names(value)), "result")
    for figures in (result, result.without_test_time_augmentation, result.weights, *result.stages):
        _check_ranges(figures)
    if result.taught:
        _check_names(result.taught.names)
        if len(result.taught.names) != len(result.taught.examples) or min(result.taught.examples, default=0) < 0:
            raise ValueError("The result does not say of each taught class how many examples it had.")
    if max(len(result.precision), len(result.taught.origin if result.taught else "")) > LONGEST_TEXT:
        raise ValueError("The result's precision, or the run that it was taught on, is no name.")
    return result


def _check_ranges(figures: object) -> None:
    for name, (low, high) in RANGES.items():
        if (value := getattr(figures, name, None)) is not None and not low <= value <= high:
            raise ValueError(f"The result's {name} cannot be {value:g}; expected {low:g} to {high:g}.")


def _with_todays_names(value: Any) -> Any:
    """A result.json of an earlier version with the names that it has now; anything else as it is."""
    if not isinstance(value, dict):
        return value
    renamed = dict(value)
    if once := renamed.pop("one_look", None):
        unvalidated = {"val_accuracy": None, "val_loss": None}
        renamed["without_test_time_augmentation"] = unvalidated | once if isinstance(once, dict) else once
    if isinstance(taught := renamed.get("taught"), dict) and "from" in taught:
        renamed["taught"] = {"origin" if name == "from" else name: item for name, item in taught.items()}
    return renamed


def parse_line(text: str) -> Line | None:
    """A line of metrics.jsonl; None where it is half written or damaged."""
    try:
        value = parse_json(text)
        kind = _LINES[value["kind"]]
        line: Line = from_json(kind, known_fields(kind, value), "line")
        _check_ranges(line)
    except (ValueError, TypeError, LookupError):
        return None
    counts = (line.epoch, line.step, line.steps if isinstance(line, BatchLine) else 1)
    return line if min(counts) > 0 else None


def line_to_json(line: Line) -> dict[str, Any]:
    """As `parse_line` reads it."""
    return {"kind": next(name for name, kind in _LINES.items() if isinstance(line, kind))} | to_json(line)
