"""A run's ONNX model: pictures in; logits, features, activations out. What the web process classifies with."""

import time
from pathlib import Path
from typing import Any

import numpy as np

from fmnist_core import data
from fmnist_core.inference.sharing import share_out
from fmnist_core.machine import cores
from fmnist_core.runs import catalogue
from fmnist_core.runs.runs import Run
from fmnist_core.storage import reading
from fmnist_core.storage.folders import RunError
from fmnist_core.zoo.others import classical

BATCH = 250  # pictures that are in work at once
LEAST = 8  # pictures for which another core is worth its while
ACTIVATION = "activation."  # prefix of the outputs that are a layer's activation


class Classifier:
    """Thread-safe: ONNX Runtime sessions may be used by several visitors at once."""

    def __init__(self, path: Path, threads: int | None = None):
        """Opens an ONNX file that `training.finish` wrote.

        Args:
            threads: ONNX Runtime's for each request; None is one for each core. With one, pictures of a large request
                are shared out to idle cores, which is no slower, and requests of one picture wait for nobody.

        Raises:
            OSError: the file is missing, no file at all or too large.
            ValueError: it is not such a model.
        """
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or cores()
        self._shares = options.intra_op_num_threads == 1
        options.log_severity_level = 3  # errors only
        model = reading.read_bytes(path)  # by its path, ONNX Runtime would wait for a pipe
        try:
            self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime's own errors share no public base class
            raise ValueError(f"{path.name} is not a model that ONNX Runtime can open: {error}") from None
        self._input = self._session.get_inputs()[0].name
        self.outputs = [output.name for output in self._session.get_outputs()]
        if not {"logits", "features"} <= set(self.outputs):
            raise ValueError(
                f"{path.name} has no outputs named logits and features. It has: {', '.join(self.outputs)}."
            )

    @property
    def layers(self) -> list[str]:
        """The names of the layers whose activations can be asked for."""
        return [name.removeprefix(ACTIVATION) for name in self.outputs if name.startswith(ACTIVATION)]

    def logits(self, images: np.ndarray) -> np.ndarray:
        """(n, 28, 28) uint8 -> (n, classes) float32."""
        return self.run(images, ["logits"])[0]

    def features(self, images: np.ndarray) -> np.ndarray:
        """(n, 28, 28) uint8 -> (n, d) float32: what the last layer sees."""
        return self.run(images, ["features"])[0].reshape(len(images), -1)

    def activation(self, images: np.ndarray, layer: str) -> np.ndarray:
        """(n, 28, 28) uint8 -> (n, ...) float32: the named layer's output."""
        if layer not in self.layers:
            raise ValueError(f"Unknown layer {layer!r}. Choose one of: {', '.join(self.layers)}.")
        return self.run(images, [ACTIVATION + layer])[0]

    def run(self, images: np.ndarray, outputs: list[str]) -> list[np.ndarray]:
        """(n, 28, 28) uint8, n at least 1 -> the named outputs, each (n, ...) float32.

        Raises RunError where ONNX Runtime fails.
        """
        size = self._share(len(images))
        parts = [images[start : start + size] for start in range(0, len(images), size)]

        def classify(part: np.ndarray) -> list[np.ndarray]:
            return ask(self._session, outputs, {self._input: data.to_network_input(part)})

        each = share_out(classify, parts) if self._shares else map(classify, parts)
        return [np.concatenate(part) for part in zip(*each, strict=True)]

    def _share(self, count: int) -> int:
        """How many of so many pictures go to ONNX Runtime at once."""
        return max(LEAST, -(-min(BATCH, count) // cores())) if self._shares else BATCH


def ask(session: Any, outputs: list[str], fed: dict[str, np.ndarray]) -> list[np.ndarray]:
    """What an ONNX Runtime session gives. Raises RunError, with a sentence, where it fails."""
    try:
        found: list[np.ndarray] = session.run(outputs, fed)
    except MemoryError:
        raise
    except Exception as error:  # ONNX Runtime's own errors share no public base class
        raise RunError(
            f"The run's model.onnx fails on these pictures ({type(error).__name__}): it is no network of this "
            "app, or memory ran out. Choose another run, or delete this one and train it again."
        ) from error
    return found


def measure_latency(classifier: Classifier) -> float:
    """Seconds for one picture, the median of 20."""
    picture, seconds = data.load_split("test").images[:1], []
    for _ in range(20):
        start = time.perf_counter()
        classifier.logits(picture)
        seconds.append(time.perf_counter() - start)
    return float(np.median(seconds))


def open_classifier(run: Run, threads: int | None = None) -> Classifier:
    """The run's model. Raises RunError where it has none yet or the file is damaged."""
    try:
        return Classifier(run.folder / "model.onnx", threads)
    except FileNotFoundError:
        raise RunError(_without_model(run)) from None
    except (OSError, ValueError) as error:
        raise RunError(
            f"The run {run.id} is damaged: its model.onnx cannot be opened ({type(error).__name__}). "
            "Delete the run and train it again."
        ) from None


def _without_model(run: Run) -> str:
    """Why a run has no model.onnx, and what to do."""
    row = catalogue.describe(run)
    if row.config and row.config.brought_in and not row.config.brought_in.has_model:
        return (
            f"Of the run {run.id} only its answers to the test pictures were brought in, and no model: it cannot look "
            "at other pictures. Choose another run."
        )
    if row.kind == "classical" and row.usable:
        large = classical.facts_of(row.model).too_large
        why = "is too large for an ONNX file" if large else "ships without its ONNX file, to keep the app small"
        return (
            f"The run {run.id} is of a classical model that {why}, so it cannot answer anew. Its stored answers are on "
            f"Evaluate and Report; choose another run here{'' if large else ', or train this model'}."
        )
    if run.shipped:
        return (
            f"The run {run.id} comes with its figures and answers, but without its weights: they are too large. "
            "Choose another run, or train this model."
        )
    return f"The run {run.id} has no model yet. Let it finish, or choose another run."
