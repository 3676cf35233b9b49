"""Results and lines of metrics as a training would write them, where only a few of their figures matter."""

from typing import Any

from fmnist_core.runs.records import BatchLine, EpochLine, Result


def made_up_result(**figures: Any) -> Result:
    usual = {
        "epochs": 2,
        "cancelled": False,
        "best_epoch": 2,
        "kept_epoch": 2,
        "precision": "float32",
        "seconds": 20.0,
        "seconds_per_epoch": 10.0,
        "images_per_second": 1_000.0,
        "test_accuracy": 0.9,
        "test_loss": 0.3,
        "val_accuracy": 0.9,
        "val_loss": 0.3,
        "parameters": 65_994,
        "onnx_largest_difference": 0.0,
        "seconds_per_picture": 1e-4,
        "files": {},
    }
    return Result(**usual | figures)


def epoch_line(epoch: int, **figures: Any) -> EpochLine:
    usual = {"step": 7, "loss": None, "accuracy": None, "val_loss": None, "val_accuracy": None, "val_recall": None}
    speed = {"images_per_second": 1_000.0, "learning_rate": 0.001, "seconds": 10.0 * epoch}
    return EpochLine(epoch=epoch, **usual | speed | figures)


def batch_line(epoch: int, step: int, steps: int, loss: float | None, accuracy: float | None = None) -> BatchLine:
    return BatchLine(
        epoch=epoch, step=step, steps=steps, loss=loss, accuracy=accuracy, images_per_second=1_000.0, seconds=1.0
    )
