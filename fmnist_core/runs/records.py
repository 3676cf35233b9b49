"""What the JSON files of a run say, checked: a file may have been cut, damaged, or made by hand elsewhere."""

from dataclasses import dataclass
from typing import Any, Literal, NotRequired, TypedDict

from fmnist_core import recipe
from fmnist_core.recipe import Recipe
from fmnist_core.storage.schema import build, parse_json

State = Literal["queued", "running", "done", "cancelled", "failed", "interrupted"]
ACTIVE = ("queued", "running")
FINISHED = ("done", "cancelled")  # only such a run may have a result that fits its other files


@dataclass(frozen=True)
class Status:
    """What status.json says; `runs.read_status` concludes "interrupted" where the job is dead."""

    state: State
    message: str = ""  # one sentence for the reader
    phase: str = ""  # preparing | training | finishing
    stage: int = 0  # from 0
    epoch: int = 0  # finished epochs
    epochs: int = 0
    queued_at: float = 0.0  # seconds since 1970
    started_at: float | None = None
    heartbeat: float = 0.0
    pid: int | None = None
    pid_started: float | None = None  # the process' own start time: numbers are used again
    host: str = ""


@dataclass(frozen=True)
class Config:
    """What config.json says."""

    recipe: Recipe
    class_names: tuple[str, ...]
    data_fingerprint: str
    versions: dict[str, str]
    machine: dict[str, Any]
    created: str  # ISO 8601, UTC


class StoredFile(TypedDict):
    bytes: int
    sha256: str


class StoredWeights(TypedDict):
    stored_as: Literal["float32", "float16"]
    test_accuracy: float  # of the weights as they are stored


class StageFigures(TypedDict):
    stage: int  # from 1
    test_accuracy: float
    test_loss: float


class Result(TypedDict):
    """What result.json says: figures of the kept weights and of the training; see training.finish."""

    epochs: int  # finished ones
    cancelled: bool
    best_epoch: int | None
    kept_epoch: int
    precision: str
    seconds: float
    seconds_per_epoch: float | None
    images_per_second: float | None
    parameters: int
    onnx_largest_difference: float
    seconds_per_picture: float
    test_accuracy: float
    test_loss: float
    val_accuracy: float | None
    val_loss: float | None
    overfits_after: NotRequired[int | None]  # see curves.overfits_after
    last_swing: NotRequired[tuple[float, ...] | None]  # see curves.last_swing; shipped runs only
    stages: NotRequired[tuple[StageFigures, ...]]  # at the end of each stage but the last
    weights: NotRequired[StoredWeights | None]  # of a shipped run; None: it comes without them
    files: dict[str, StoredFile]


class _Line(TypedDict):
    epoch: int  # from 1
    step: int  # from 1
    loss: float | None  # None: no longer a number
    accuracy: float | None
    images_per_second: float
    seconds: float  # of training, all epochs together


class BatchLine(_Line):
    kind: Literal["batch"]
    steps: int  # of an epoch


class EpochLine(_Line):
    kind: Literal["epoch"]
    learning_rate: float
    val_loss: float | None
    val_accuracy: float | None
    val_recall: tuple[float | None, ...] | None
    val_augmented_loss: NotRequired[float | None]
    val_augmented_accuracy: NotRequired[float | None]
    watched_test_loss: NotRequired[float | None]
    watched_test_accuracy: NotRequired[float | None]


def parse_config(value: Any) -> Config:
    """Raises ValueError."""
    config: Config = build(Config, value, "config")
    recipe.check(config.recipe)
    if not config.class_names:
        raise ValueError("The config names no class.")
    return config


def parse_status(value: Any) -> Status:
    """Raises ValueError."""
    status: Status = build(Status, value, "status")
    if status.state == "interrupted":
        raise ValueError("No job writes that it was interrupted.")
    return status


def parse_result(value: Any) -> dict[str, Any]:
    """Raises ValueError."""
    result: dict[str, Any] = build(Result, value, "result")
    for name in ("test_accuracy", "val_accuracy"):
        if not 0 <= (result[name] or 0) <= 1:
            raise ValueError(f"The result's {name} cannot be {result[name]}.")
    if result["images_per_second"] is not None and result["images_per_second"] <= 0:
        raise ValueError("A training is faster than no picture a second.")
    return result


def parse_line(text: str) -> dict[str, Any] | None:
    """A line of metrics.jsonl; None where it is half written or damaged."""
    try:
        value = parse_json(text)
        line: dict[str, Any] = build(BatchLine if value["kind"] == "batch" else EpochLine, value, "line")
    except (ValueError, TypeError, LookupError):
        return None
    return line if line["epoch"] > 0 and line["step"] > 0 and line.get("steps", 1) > 0 else None
