"""Watches a training from inside `fit`: measures, writes metrics.jsonl and replay files, obeys `cancel`."""

import contextlib
import json
import time
from pathlib import Path
from typing import Any, TextIO

import keras
import numpy as np

from fmnist_core.jobs.lifecycle import CANCEL
from fmnist_core.progress import OnPhase
from fmnist_core.runs.records import BatchLine, EpochLine, Line, OnLine, line_to_json, parse_line
from fmnist_core.storage import reading, stored_arrays
from fmnist_core.storage.atomic import replacing
from fmnist_core.training import checkpoint
from fmnist_core.training.checkpoint import Kept, Progress
from fmnist_core.training.scoring import EpochScores, Scorer

BATCH_LINE_SECONDS = 0.5  # between two lines of metrics at first; later a 200th of the time trained, so that
LINES_A_DOUBLING = 200  # an hour of training writes a thousand lines, not ten thousand
CANCEL_SECONDS = 0.2  # how often the file `cancel` is looked for
REPLAY_EPOCHS = 25  # replay files kept at most
REPLAY_FEATURES = 64  # dimensions kept in them


class MetricsLog:
    """Appends to metrics.jsonl, a whole line at a time."""

    def __init__(self, path: Path, finished_epochs: int):
        """Keeps the lines of the epochs that are finished, each once and in their order, and drops the rest.

        What lies beyond is trained again. Of lines of the same step the last one stays.
        """
        content = b""
        with contextlib.suppress(OSError):  # none, or damage
            content = reading.read_bytes(path)
        parsed = [(text, parse_line(text)) for text in content.decode(errors="replace").splitlines()]
        kept = {_place(line): text + "\n" for text, line in parsed if line and line.epoch <= finished_epochs}
        ended = {epoch for epoch, is_end, _ in kept if is_end}
        self.missing = sorted(set(range(1, finished_epochs + 1)) - ended)  # epochs without the line of their end
        with replacing(path) as temporary:
            temporary.write_text("".join(kept[place] for place in sorted(kept)), encoding="utf-8")
        self._file: TextIO = path.open("a", encoding="utf-8")

    def write(self, line: Line) -> None:
        self._file.write(json.dumps(line_to_json(line)) + "\n")
        self._file.flush()

    def close(self) -> None:
        self._file.close()


def _place(line: Line) -> tuple[int, bool, int]:
    """By which the lines of a training are in order, and no two are alike."""
    return line.epoch, isinstance(line, EpochLine), 0 if isinstance(line, EpochLine) else line.step


class Observer(keras.callbacks.Callback):
    """Keras callback of one run. Epochs count from 1 in what it writes, as people count them."""

    def __init__(
        self,
        folder: Path,
        progress: Progress,
        scorer: Scorer,
        batch_size: int,
        keep_best: bool,
        on_line: OnLine,
        on_phase: OnPhase = lambda words: None,
    ):
        super().__init__()
        self.cancelled = False
        self.diverged = False
        self.progress = progress
        self._folder, self._scorer, self._batch_size = folder, scorer, batch_size
        self._keep_best, self._on_line, self._on_phase = keep_best, on_line, on_phase
        self._log = MetricsLog(folder / "metrics.jsonl", progress.epoch)
        self.missing = self._log.missing
        (folder / "replay").mkdir(exist_ok=True)
        self._last_look = 0.0
        self._any_line = False  # the first one comes at once: somebody is waiting for it

    def close(self) -> None:
        self._log.close()

    def on_train_begin(self, logs: Any = None) -> None:
        self._any_line = False  # a stage begins, and until its first step has been compiled nothing is heard of it
        self._on_phase("compiling the network")

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._epoch, self._began = epoch, time.perf_counter()
        self._line_time, self._line_step = self._began, -1  # of the last line written
        self._sums = (0.0, 0.0)
        self._step = -1

    def on_train_batch_end(self, step: int, logs: dict[str, float] | None = None) -> None:
        now = time.perf_counter()
        self._step = step
        if now - self._last_look > CANCEL_SECONDS:
            self._last_look = now
            self._look_for_cancel()
        trained = self.progress.seconds + now - self._began
        pause = max(BATCH_LINE_SECONDS, trained / LINES_A_DOUBLING)
        if now - self._line_time >= pause or not self._any_line:
            self._write_batches(step, now, logs or {})

    def _steps_done(self, step: int) -> int:
        """Keras counts the last of several steps an execution even where the epoch ends before it."""
        return min(step + 1, self.params["steps"] or step + 1)

    def _look_for_cancel(self) -> None:
        if (self._folder / CANCEL).exists():
            self.cancelled = self.model.stop_training = True

    def _write_batches(self, step: int, now: float, logs: dict[str, float]) -> None:
        """Keras' logs are means since the epoch began; the curve wants the mean since the last line."""
        count, before = self._steps_done(step), self._line_step + 1
        sums = (logs["loss"] * count, logs["accuracy"] * count)
        loss, accuracy = ((new - old) / (count - before) for new, old in zip(sums, self._sums, strict=True))
        rate = (count - before) * self._batch_size / (now - self._line_time)
        line = BatchLine(
            epoch=self._epoch + 1,
            step=count,
            steps=self.params["steps"],
            loss=_number(loss),
            accuracy=_number(accuracy),
            images_per_second=_rate(rate),
            seconds=round(self.progress.seconds + now - self._began, 3),
        )
        self._log.write(line)
        self._on_line(line)
        self._any_line = True
        self._sums, self._line_step, self._line_time = sums, count - 1, now
        if not np.isfinite(loss):
            self.diverged = self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        count = self._steps_done(self._step)
        unfinished = count < (self.params["steps"] or 0)
        if self.diverged or (self.cancelled and unfinished):
            return  # not a whole epoch: what it learned is kept, but it is no point of the curve
        logs = logs or {}
        trained = time.perf_counter() - self._began
        self._on_phase(f"measuring epoch {epoch + 1}")
        scores = self._scorer.score_epoch(epoch)
        if not np.isfinite(logs["loss"]) or not np.isfinite(scores.replay_logits).all() or not self._is_finite():
            self.diverged = self.model.stop_training = True
            return  # nothing could go on from these weights
        self.progress.epoch = epoch + 1
        self.progress.seconds += time.perf_counter() - self._began
        self._keep_if_best(scores.validation.accuracy)
        self._write_replay(epoch + 1, scores.replay_logits, scores.replay_features)
        line = self._epoch_line(logs, count, _rate(count * self._batch_size / trained), scores)
        self._log.write(line)
        # After the line: a crash between the two only means that the epoch is trained, and written, once more.
        checkpoint.save(self._folder, self.model, self.progress)
        self._on_line(line)

    def _is_finite(self) -> bool:
        """Whether the weights are: a network may answer with numbers although some that it does not use are none."""
        return all(np.isfinite(weights).all() for weights in self.model.get_weights())

    def _keep_if_best(self, accuracy: float | None) -> None:
        if not self._keep_best:
            return
        reached = float("nan") if accuracy is None else accuracy  # by validation; NaN is better than nothing only
        if self.progress.best is None or reached > self.progress.best.accuracy:
            self.progress.best = Kept(self.progress.epoch, reached, self.model.get_weights())

    def _epoch_line(self, logs: dict[str, float], steps: int, rate: float, scores: EpochScores) -> EpochLine:
        """Of the epoch that has just been counted as finished."""
        return EpochLine(
            epoch=self.progress.epoch,
            step=steps,
            loss=_number(logs["loss"]),
            accuracy=_number(logs["accuracy"]),
            val_loss=scores.validation.loss,
            val_accuracy=scores.validation.accuracy,
            val_recall=scores.validation.recall,
            val_augmented_loss=scores.augmented.loss,
            val_augmented_accuracy=scores.augmented.accuracy,
            watched_test_loss=scores.watched_test.loss,
            watched_test_accuracy=scores.watched_test.accuracy,
            images_per_second=rate,
            learning_rate=float(self.model.optimizer.learning_rate),
            seconds=round(self.progress.seconds, 3),
        )

    def _write_replay(self, epoch: int, logits: np.ndarray, features: np.ndarray) -> None:
        first = next((layer for layer in self.model.layers if isinstance(layer, keras.layers.Conv2D)), None)
        filters = first.kernel.numpy() if first else np.zeros((0, 0, 0, 0))
        arrays = {
            "logits": stored_arrays.logits_as_float16(logits),
            "features": stored_arrays.as_float16(features[:, :REPLAY_FEATURES]),
            "filters": stored_arrays.as_float16(filters),
        }
        stored_arrays.save(self._folder / "replay" / f"{epoch:03d}.npz", arrays)
        self._thin_replay()

    def _thin_replay(self) -> None:
        """Keeps the newest, the first, and between them the ones that leave the most even steps."""
        files = sorted((self._folder / "replay").glob("[0-9][0-9][0-9].npz"))
        while len(files) > REPLAY_EPOCHS:
            epochs = [int(path.stem) for path in files]
            gaps = [epochs[i + 1] - epochs[i - 1] for i in range(1, len(files) - 1)]
            files.pop(1 + gaps.index(min(gaps))).unlink()


def _rate(value: float) -> float:
    """To six digits: of the slowest training something is left, too."""
    return float(f"{value:.6g}")


def _number(value: float) -> float | None:
    """JSON has no NaN: a training that has diverged writes null."""
    return round(float(value), 6) if np.isfinite(value) else None
