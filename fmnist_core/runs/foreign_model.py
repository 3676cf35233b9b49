"""A network from elsewhere, tried in a process of its own before the app ever opens it.

An ONNX file is a program: a loop in it can run for ever, a shape in it can ask for all memory, and a weight can be the
name of another file. So only operators that our own export writes are let in (of what was brought in: those that
compute numbers from numbers), and the first run has limits; see sandbox.
"""

import contextlib
import time
from pathlib import Path
from typing import Any

from fmnist_core import sandbox
from fmnist_core.storage import reading
from fmnist_core.storage.folders import RunError

# What the networks of the zoo become (tests/core/zoo/test_zoo.py looks at all of them), a head taught to one, and all
# that a list of layers may hold (tests/core/training/test_own_training.py).
OPERATORS = frozenset(
    "Add AveragePool Cast Concat Conv Elu Erf Expand Flatten Gather GlobalAveragePool GlobalMaxPool Identity LSTM "
    "LeakyRelu MatMul MaxPool Mul Neg Pad ReduceMax ReduceMean "
    "ReduceSum Relu Reshape Resize ReverseSequence Shape Sigmoid Slice Split Squeeze Sub Tanh Transpose "
    "Unsqueeze".split()
)
# Beside these, of what others have made: whatever gives the same numbers for the same numbers, within bounds. Left out
# are loops and conditions, text, chance, and what makes sequences; these are of ONNX itself, TRADITIONAL of ai.onnx.ml.
FOREIGN = OPERATORS | frozenset(
    "Abs And ArgMax ArgMin BatchNormalization Celu Ceil Clip Compress Constant ConstantOfShape ConvTranspose Cos "
    "CumSum DepthToSpace DequantizeLinear Div Dropout DynamicQuantizeLinear Einsum Equal Exp EyeLike Floor GRU "
    "GatherElements GatherND Gelu Gemm GlobalLpPool Greater GreaterOrEqual GroupNormalization HardSigmoid HardSwish "
    "InstanceNormalization IsInf IsNaN LRN LayerNormalization Less LessOrEqual Log LogSoftmax LpNormalization LpPool "
    "MatMulInteger Max Mean MeanVarianceNormalization Min Mish Mod Not OneHot Or PRelu Pow QLinearConv QLinearMatMul "
    "QuantizeLinear RMSNormalization RNN Range Reciprocal ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMin "
    "ReduceProd ReduceSumSquare Round ScatterElements ScatterND Selu Sign Sin Size Softmax Softplus Softsign "
    "SpaceToDepth Sqrt Sum Swish ThresholdedRelu Tile TopK Where Xor".split()
)
TRADITIONAL = frozenset(
    "ArrayFeatureExtractor Binarizer FeatureVectorizer Imputer LinearClassifier LinearRegressor Normalizer "
    "SVMClassifier SVMRegressor Scaler TreeEnsemble TreeEnsembleClassifier TreeEnsembleRegressor".split()
)
PICTURES = 8  # of the first run
MEMORY = 4_000_000_000  # bytes of address space, of which Python and ONNX Runtime take one and a half
SECONDS = 60  # of processor time
# What opening it and one picture may take: pages do both, too, with no limits of their own.
MOST_BYTES, MOST_SECONDS = 1_000_000_000, 10.0
_GRAPHS = (5, 10)  # onnx.AttributeProto.GRAPH, GRAPHS: the body of a loop or a condition
_SPARSE = (11, 12)  # SPARSE_TENSOR, SPARSE_TENSORS


def try_out(file: Path, classes: int, no_network: bool = False) -> None:
    """Raises RunError where the file is no network of ours that gives logits for so many classes within the limits.

    no_network: it belongs to a run whose row is no network of the zoo: brought in, or classical.
    """
    files = {"model.onnx": reading.read_bytes(file)}
    told = [str(classes), "no network" if no_network else "network"]
    with sandbox.confined(__name__, told, files, memory=MEMORY, seconds=SECONDS) as ended:
        if ended.code == 1:
            raise _refused(ended.said)
        if ended.code is None:
            raise _refused(f"it needs more than {SECONDS} seconds for {PICTURES} pictures")
        if ended.code:
            raise _refused(f"it needs more than {MEMORY // 10**9} GB, or ends the process that opens it")


def _refused(reason: str) -> RunError:
    reason = f"{reason[:1].lower()}{reason[1:].rstrip('.')}"
    return RunError(f"The run's model.onnx is no network that this app has written: {reason}. Nothing was imported.")


def problem(model: Any, no_network: bool = False) -> str | None:
    """What in an onnx.ModelProto our own export, or of a run that was brought in this app, never writes; None where
    there is nothing."""
    if found := unsafe(model, FOREIGN if no_network else OPERATORS, TRADITIONAL if no_network else frozenset()):
        return found
    if len(model.graph.input) != 1 or sizes(model.graph.input[0])[1:] != [28, 28, 1]:
        return "it takes something else than pictures of 28 by 28 pixels"
    return None


def unsafe(model: Any, operators: frozenset[str], traditional: frozenset[str]) -> str | None:
    """What in an onnx.ModelProto is no plain arithmetic on its own weights; None where there is nothing.

    operators, traditional: those that are let in, of ONNX itself and of ai.onnx.ml.
    """
    if model.functions or any(opset.domain not in ("", "ai.onnx", "ai.onnx.ml") for opset in model.opset_import):
        return "it brings operators of its own"
    graph = model.graph
    for node in graph.node:
        known = {"": operators, "ai.onnx": operators, "ai.onnx.ml": traditional}.get(node.domain, frozenset())
        if node.op_type not in known or any(one.type in _GRAPHS for one in node.attribute):
            return f"it has the operator {node.op_type[:40]!r}"
        for one in node.attribute:
            if one.type in _SPARSE or one.HasField("sparse_tensor") or one.sparse_tensors:
                return "it has sparse weights"
            if any(part.external_data or part.data_location for part in (one.t, *one.tensors)):
                return "its weights lie in another file"
    if graph.sparse_initializer:
        return "it has sparse weights"
    if any(weight.external_data or weight.data_location for weight in graph.initializer):
        return "its weights lie in another file"
    return None


def sizes(value: Any) -> list[int]:
    """Of the axes of a graph's input or output; 0 where one is free."""
    return [size.dim_value for size in value.type.tensor_type.shape.dim]


def _answers(file: Path, classes: int, no_network: bool) -> str | None:
    """What is wrong with what it says of pictures; None where nothing is."""
    import numpy as np
    import onnx
    import onnxruntime

    from fmnist_core import data

    if found := problem(onnx.load(file, load_external_data=False), no_network):
        return found
    before, began = _most_memory(), time.process_time()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 4
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    images = data.load_split("test").images[:PICTURES]
    names = [one.name for one in session.get_outputs()]
    if not {"logits", "features"} <= set(names):
        return "it has no outputs named logits and features"
    ask = lambda some: session.run(names, {session.get_inputs()[0].name: data.to_network_input(some)})  # noqa: E731
    ask(images[:1])
    if _most_memory() - before > MOST_BYTES or time.process_time() - began > MOST_SECONDS:
        return "one picture takes more time or memory than a network for 28 by 28 pixels needs"
    said = dict(zip(names, ask(images), strict=True))
    if said["logits"].shape != (PICTURES, classes) or not np.isfinite(said["logits"]).all():
        return f"it does not give {classes} finite logits for each picture"
    if any(len(values) != PICTURES for values in said.values()):
        return "it does not give a row for each picture"
    return None


def _most_memory() -> int:
    """Bytes that this process has had at most, so far; 0 where the system does not say. (What getrusage says of a child
    begins with its parent's.)"""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return 1_024 * int(line.split()[1])
    return 0


def main(arguments: list[str]) -> str | None:
    """In the sandbox: what is wrong with model.onnx; None where nothing is."""
    classes, kind = arguments
    return _answers(Path("model.onnx"), int(classes), kind == "no network")
