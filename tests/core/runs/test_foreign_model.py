"""A network from elsewhere is tried in a process with limits; what our export never writes is refused.

Run: python -m pytest tests/core/runs/test_foreign_model.py
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from fmnist_core.runs import foreign_model
from fmnist_core.storage import folders
from fmnist_core.storage.folders import RunError
from fmnist_core.zoo import CLASSICAL

Graph = tuple[list[onnx.NodeProto], list[onnx.TensorProto]]


def array(name: str, values: np.ndarray) -> onnx.TensorProto:
    return numpy_helper.from_array(values, name)


def logits_of(features: str, classes: int = 10) -> Graph:
    nodes = [helper.make_node("MatMul", [features, "weights"], ["logits"])]
    return nodes, [array("weights", np.full((784, classes), 0.01, np.float32))]


def flat() -> Graph:
    nodes = [helper.make_node("Reshape", ["picture", "shape"], ["features"])]
    return nodes, [array("shape", np.array([-1, 784], np.int64))]


def joined(*parts: Graph) -> Graph:
    return sum((nodes for nodes, _ in parts), []), sum((weights for _, weights in parts), [])


def written(path: Path, graph: Graph, change: Callable[[onnx.ModelProto], None] = lambda model: None) -> Path:
    nodes, weights = graph
    picture = helper.make_tensor_value_info("picture", TensorProto.FLOAT, ["n", 28, 28, 1])
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("logits", "features")]
    made = helper.make_graph(nodes, "network", [picture], outputs, weights)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    change(model)
    path.write_bytes(model.SerializeToString())
    return path


def much_memory() -> Graph:
    """1.6 GB, whatever the picture, of which a megabyte is used at a time."""
    nodes, weights = joined(flat(), logits_of("features"))
    nodes[-1].output[0] = "plain"
    nodes += [
        helper.make_node("Expand", ["zero", "wide"], ["huge"]),
        helper.make_node("ReduceMax", ["huge"], ["none"], keepdims=0),
        helper.make_node("Add", ["plain", "none"], ["logits"]),
    ]
    return nodes, [*weights, array("zero", np.zeros(1, np.float32)), array("wide", np.array([400_000_000], np.int64))]


def loop_for_ever() -> Graph:
    condition, number, value = (
        helper.make_tensor_value_info(name, kind, None)
        for name, kind in (("go", TensorProto.BOOL), ("trip", TensorProto.INT64), ("x", TensorProto.FLOAT))
    )
    outputs = [helper.make_tensor_value_info(f"{name}.on", one, None) for name, one in (("go", 9), ("x", 1))]
    body = [helper.make_node("Identity", [name], [f"{name}.on"]) for name in ("go", "x")]
    inner = helper.make_graph(body, "body", [number, condition, value], outputs)
    nodes = [helper.make_node("Loop", ["trips", "true", "features"], ["looped"], body=inner)]
    weights = [array("trips", np.array(2**62, np.int64)), array("true", np.array(True))]
    return joined(flat(), (nodes, weights), logits_of("looped"))


def asks_for_all_memory() -> Graph:
    nodes = [
        helper.make_node("Expand", ["features", "wide"], ["huge"]),
        helper.make_node("ReduceSum", ["huge", "axis"], ["summed"], keepdims=0),
    ]
    weights = [array("wide", np.array([200_000, 1, 784], np.int64)), array("axis", np.array([0], np.int64))]
    return joined(flat(), (nodes, weights), logits_of("summed"))


def elsewhere(model: onnx.ModelProto) -> None:
    weight = model.graph.initializer[-1]
    weight.ClearField("raw_data")
    weight.data_location = TensorProto.EXTERNAL
    weight.external_data.add(key="location", value="../../../etc/passwd")


def own_function(model: onnx.ModelProto) -> None:
    node = helper.make_node("Identity", ["a"], ["b"])
    opsets = [helper.make_opsetid("", 15)]
    model.functions.append(helper.make_function("own", "f", ["a"], ["b"], [node], opsets))


GOOD = joined(flat(), logits_of("features"))


def test_a_plain_network_and_those_that_ship_are_let_in(tmp_path, trained_run):
    foreign_model.try_out(written(tmp_path / "model.onnx", GOOD), 10)
    foreign_model.try_out(trained_run.folder / "model.onnx", 10)
    shipped = sorted(folders.shipped_folder().glob("*/model.onnx"))
    assert len(shipped) > 15
    for path in shipped:
        no_network = path.parent.name.partition("-")[0] in CLASSICAL
        assert foreign_model.problem(onnx.load(path), no_network) is None


@pytest.mark.some(2)
@pytest.mark.parametrize(
    ("graph", "change", "words"),
    [
        pytest.param(loop_for_ever(), None, "it has the operator 'Loop'", id="loop"),
        pytest.param(asks_for_all_memory(), None, "it needs more memory than a network", id="memory"),
        pytest.param(much_memory(), None, "one picture takes more time or memory", id="memory-a-picture"),
        pytest.param(joined(flat(), logits_of("features", 3)), None, "not give 10 finite logits", id="classes"),
        pytest.param(GOOD, elsewhere, "its weights lie in another file", id="another-file"),
        pytest.param(GOOD, own_function, "it brings operators of its own", id="function"),
        pytest.param(
            joined(
                flat(), ([helper.make_node("Gelu", ["features"], ["g"], domain="com.microsoft")], []), logits_of("g")
            ),
            None,
            "it has the operator 'Gelu'",
            id="domain",
        ),
    ],
)
def test_what_our_export_never_writes_is_refused(tmp_path, graph, change, words):
    path = written(tmp_path / "model.onnx", graph, change or (lambda model: None))
    with pytest.raises(RunError, match=f"no network that this app has written: .*({words})") as caught:
        foreign_model.try_out(path, 10)
    assert "\n" not in str(caught.value) and str(tmp_path) not in str(caught.value)


def test_what_takes_long_for_one_picture_is_refused(tmp_path, monkeypatch):
    path = written(tmp_path / "model.onnx", GOOD)
    assert foreign_model._answers(path, 10, no_network=False) is None
    monkeypatch.setattr(foreign_model, "MOST_SECONDS", 0.0)
    assert "one picture takes more time or memory" in foreign_model._answers(path, 10, no_network=False)


def test_garbage_is_a_sentence(tmp_path):
    path = tmp_path / "model.onnx"
    for content, words in ((b"", "takes something else"), (b"garbage" * 100, r"cannot be read \(\w+\)")):
        path.write_bytes(content)
        with pytest.raises(RunError, match=rf"has written: it {words}.*\. Nothing"):
            foreign_model.try_out(path, 10)
