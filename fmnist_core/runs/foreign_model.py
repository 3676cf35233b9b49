"""A network from elsewhere, tried in a process of its own before the app ever opens it.

An ONNX file is a program: a loop in it can run for ever, a shape in it can ask for all memory, and a weight can be the
name of another file. So only operators that our own export writes are let in, and the first run has limits.

Run: python -m fmnist_core.runs.foreign_model FILE CLASSES prints what is wrong and ends with 1, or ends with 0.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from fmnist_core import data
from fmnist_core.storage.folders import PROJECT, RunError

# What the networks of the zoo become (tests/core/zoo/test_zoo.py looks at all of them), a head taught to one, and all
# that a list of layers may hold (tests/core/training/test_own_training.py).
OPERATORS = frozenset(
    "Add AveragePool Cast Concat Conv Elu Erf Expand Flatten Gather GlobalAveragePool GlobalMaxPool Identity LSTM "
    "LeakyRelu MatMul MaxPool Mul Neg Pad ReduceMax ReduceMean "
    "ReduceSum Relu Reshape Resize ReverseSequence Shape Sigmoid Slice Split Squeeze Sub Tanh Transpose "
    "Unsqueeze".split()
)
# What the classical baselines become (tests/core/classical), by the domain of their operators.
CLASSICAL_OPERATORS = {
    "": frozenset("Div Exp Log LpNormalization Max Pow ReduceLogSumExp Softmax".split()),
    "ai.onnx.ml": frozenset("LinearClassifier TreeEnsembleClassifier".split()),
}
PICTURES = 8  # of the first run
MEMORY = 4_000_000_000  # bytes of address space, of which Python and ONNX Runtime take one and a half
SECONDS = 60  # of processor time
_FLOAT = 1  # onnx.TensorProto.FLOAT
_GRAPHS = (5, 10)  # onnx.AttributeProto.GRAPH, GRAPHS: the body of a loop or a condition


def try_out(file: Path, classes: int) -> None:
    """Raises RunError where the file is no network of ours that gives logits for so many classes within the limits."""
    command = [sys.executable, "-m", "fmnist_core.runs.foreign_model", str(file.resolve()), str(classes)]
    try:
        ended = subprocess.run(
            command, cwd=PROJECT, capture_output=True, text=True, timeout=3 * SECONDS, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        raise _refused(f"it had not answered {PICTURES} pictures after {3 * SECONDS} seconds") from None
    if ended.returncode == 1:
        raise _refused(ended.stdout.strip() or "it needs more memory than a network of this app")
    if ended.returncode:
        raise _refused(f"it needs more than {SECONDS} seconds or {MEMORY // 10**9} GB for {PICTURES} pictures")


def _refused(reason: str) -> RunError:
    return RunError(f"The run's model.onnx is no network that this app has written: {reason}. Nothing was imported.")


def problem(model: Any) -> str | None:
    """What in an onnx.ModelProto our own export never writes; None where there is nothing."""
    if model.functions or any(opset.domain not in ("", "ai.onnx.ml") for opset in model.opset_import):
        return "it brings operators of its own"
    graph = model.graph
    for node in graph.node:
        known = CLASSICAL_OPERATORS.get(node.domain, frozenset()) | (frozenset() if node.domain else OPERATORS)
        if node.op_type not in known or any(one.type in _GRAPHS for one in node.attribute):
            return f"it has the operator {node.op_type[:40]!r}"
    if graph.sparse_initializer or any(weight.external_data or weight.data_location for weight in graph.initializer):
        return "its weights lie in another file"
    if len(graph.input) != 1 or [size.dim_value for size in graph.input[0].type.tensor_type.shape.dim][1:] != [
        28,
        28,
        1,
    ]:
        return "it takes something else than pictures of 28 by 28 pixels"
    return None


def _limit() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answers(file: Path, classes: int) -> str | None:
    """What is wrong with what it says of pictures; None where nothing is."""
    import onnx
    import onnxruntime

    if found := problem(onnx.load(file, load_external_data=False)):
        return found
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 4
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    images = data.load_split("test").images[:PICTURES]
    names = [one.name for one in session.get_outputs()]
    if not {"logits", "features"} <= set(names):
        return "it has no outputs named logits and features"
    said = dict(
        zip(names, session.run(names, {session.get_inputs()[0].name: data.to_network_input(images)}), strict=True)
    )
    if said["logits"].shape != (PICTURES, classes) or not np.isfinite(said["logits"]).all():
        return f"it does not give {classes} finite logits for each picture"
    if any(len(values) != PICTURES for values in said.values()):
        return "it does not give a row for each picture"
    return None


def _main(file: str, classes: str) -> int:
    try:
        _limit()
        found = _answers(Path(file), int(classes))
    except MemoryError:
        found = "it needs more memory than a network of this app"
    except Exception as error:  # of ONNX and its runtime, which share no base class
        found = f"it cannot be opened and run ({type(error).__name__})"
    if found:
        print(found)  # noqa: T201 - what the process that has started this one reads
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
