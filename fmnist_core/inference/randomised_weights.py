"""A run's network with its weights randomised: the same layers, and nothing learned."""

import tempfile
from pathlib import Path

import numpy as np

from fmnist_core.inference.classifier import Classifier
from fmnist_core.runs.runs import Run
from fmnist_core.storage.folders import RunError

SMALLEST = 2  # numbers; a single one has no other order


def open_randomised(run: Run, seed: int = 0, threads: int | None = None) -> Classifier:
    """The run's model with the numbers of each weight in a random order, so that their sizes stay what they were.

    Raises:
        RunError: the run has no model, or its file is damaged.
    """
    path = run.folder / "model.onnx"
    try:
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / "randomised.onnx"
            randomise(path, target, seed)
            return Classifier(target, threads)
    except FileNotFoundError:
        raise RunError(f"The run {run.id} has no model.onnx here. Choose another run, or train this model.") from None
    except (OSError, ValueError) as error:
        raise RunError(f"The model of the run {run.id} cannot be given randomised weights: {error}") from None


def randomise(source: Path, target: Path, seed: int = 0) -> None:
    """Writes the ONNX model with each weight's numbers permuted. Raises OSError, ValueError for a damaged file."""
    import onnx
    from onnx import TensorProto, numpy_helper

    try:
        model = onnx.load(source)
    except OSError:
        raise
    except Exception as error:  # protobuf's own error
        raise ValueError(f"{source.name} is no ONNX model ({error})") from None
    generator = np.random.default_rng(seed)
    for tensor in model.graph.initializer:
        if tensor.data_type in (TensorProto.FLOAT, TensorProto.FLOAT16):
            values = numpy_helper.to_array(tensor)
            if values.size >= SMALLEST:
                permuted = generator.permutation(values.ravel()).reshape(values.shape)
                tensor.CopyFrom(numpy_helper.from_array(permuted, tensor.name))
    onnx.save(model, target)
