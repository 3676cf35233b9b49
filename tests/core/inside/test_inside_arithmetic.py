"""Numbers that are worked out equal those that NumPy computes for whole layers, and the network's own."""

import math

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from fmnist_core import data
from fmnist_core.inside.arithmetic import work_out
from fmnist_core.inside.functions import FUNCTIONS
from fmnist_core.inside.session import Inside

EXACT = 1e-4
PLACES = 10
MODELS = (
    "cnn_1",
    "cnn_2",
    "minivggnet",
    "flagship",
    "flagship_small",
    "lenet5_rbf",
    "lenet5_valid",
    "lstm_rows",
    "simple_nn",
)
PICTURE = data.load_split("test").images[12]


def whole_layer(layer, values):
    """(channels, rows, columns) or (units,) float64, by plain NumPy, of the layers that this one takes."""
    first = values[0].astype(np.float64)
    if layer.kind in ("convolution", "depthwise convolution", "max pooling", "average pooling"):
        windows = windows_of(layer, first if first.ndim == 3 else first.reshape(-1, 1, 1))
        if layer.kind == "convolution":
            found = np.einsum("crkij,ocij->ork", np.nan_to_num(windows), layer.kernel.astype(np.float64))
        elif layer.kind == "depthwise convolution":
            times = len(layer.kernel) // layer.groups
            found = np.einsum("orkij,oij->ork", np.nan_to_num(windows.repeat(times, axis=0)), layer.kernel[:, 0])
        else:
            found = (np.nanmax if layer.kind == "max pooling" else np.nanmean)(windows, axis=(3, 4))
        found = found if layer.bias is None else found + layer.bias[:, None, None]
    elif layer.kind.startswith("global"):
        found = first.max(axis=(1, 2)) if "max" in layer.kind else first.mean(axis=(1, 2))
    elif layer.kind == "dense":
        found = first.ravel() @ layer.kernel.astype(np.float64) + (0 if layer.bias is None else layer.bias)
    elif layer.kind == "radial basis":
        found = -layer.gamma * np.square(first[:, None] - layer.kernel).sum(axis=0)
    elif layer.kind == "sum":
        found = first + values[1]
    elif layer.kind == "product":
        found = first * values[1].reshape(-1, 1, 1)
    elif layer.kind == "flatten":
        found = (first if layer.flattened == "chw" else first.transpose(1, 2, 0)).ravel()
    else:
        found = np.pad(first, ((0, 0), layer.pads[::2], layer.pads[1::2])) if layer.kind == "padding" else first
    return after_steps(layer, found)


def windows_of(layer, planes):
    top, left, bottom, right = layer.pads
    padded = np.pad(planes, ((0, 0), (top, bottom), (left, right)), constant_values=np.nan)
    return sliding_window_view(padded, layer.size, axis=(1, 2))[:, :: layer.stride[0], :: layer.stride[1]]


def after_steps(layer, found):
    """Only activations that NumPy has; the others are tested by themselves."""
    shape = (-1, 1, 1) if found.ndim == 3 else (-1,)
    for step in layer.steps:
        if step.kind == "batch normalization":
            found = found * step.factor.reshape(shape) + step.shift.reshape(shape)
        else:
            told = {"relu": lambda x: np.maximum(x, 0), "tanh": np.tanh, "sigmoid": lambda x: 1 / (1 + np.exp(-x))}
            found = told[step.function](found)
    return found


def places_of(layer, random):
    for _ in range(PLACES):
        yield tuple(int(random.integers(side)) for side in layer.shape)


@pytest.mark.parametrize("model", MODELS)
def test_ten_random_numbers_of_each_layer_equal_numpys_and_the_networks_own(opened, model):
    inside, random = opened(model), np.random.default_rng(len(model))
    seen = inside.look(PICTURE)
    for layer in inside.network.layers[1:]:
        values = [seen.values[name] for name in layer.inputs]
        by_numpy = whole_layer(layer, values) if layer.kind not in ("LSTM", "mean of two views") else None
        for place in places_of(layer, random):
            worked = work_out(inside.network, seen, layer.name, *(place if layer.kind != "LSTM" else (*place, -1)))
            own = float(seen.values[layer.name][place])
            assert worked.value == pytest.approx(own, abs=EXACT, rel=EXACT), layer.name
            if by_numpy is not None:
                assert worked.value == pytest.approx(float(by_numpy[place]), abs=EXACT, rel=EXACT), layer.name


def test_the_parts_of_a_number_add_up_to_it(opened):
    inside = opened("cnn_2")
    seen = inside.look(PICTURE)
    worked = work_out(inside.network, seen, "conv2", 5, 3, 9)
    assert len(worked.parts) == 32
    assert [abs(part.total) for part in worked.parts] == sorted(
        (abs(part.total) for part in worked.parts), reverse=True
    )
    assert sum(part.total for part in worked.parts) + worked.bias == pytest.approx(worked.total)
    assert worked.steps[0].before == pytest.approx(worked.total)
    assert worked.steps[-1].after == pytest.approx(worked.value)
    part = worked.parts[0]
    assert part.total == pytest.approx(float(np.nansum(part.values * part.weights)))
    assert (part.top, part.left) == (2, 8)
    assert np.array_equal(part.values, seen.values["pool1"][part.channel, 2:5, 8:11])


def test_padding_counts_as_nothing_at_the_border(opened):
    inside = opened("cnn_2")
    part = work_out(inside.network, inside.look(PICTURE), "conv1", 0, 0, 0).parts[0]
    assert np.isnan(part.values).tolist() == [[True, True, True], [True, False, False], [True, False, False]]


def test_a_pool_says_which_of_its_numbers_is_the_largest(opened):
    inside = opened("cnn_2")
    seen = inside.look(PICTURE)
    worked = work_out(inside.network, seen, "pool1", 7, 4, 6)
    part = worked.parts[0]
    assert part.values[part.chosen] == part.values.max() == pytest.approx(worked.value)
    assert (part.top, part.left) == (8, 12)


def test_a_dense_unit_has_a_map_of_weights_for_each_channel_before_it_was_flattened(opened):
    inside = opened("cnn_2")
    worked = work_out(inside.network, inside.look(PICTURE), "dense1", 3)
    assert len(worked.parts) == 128
    assert worked.parts[0].weights.shape == (7, 7)
    assert worked.parts[0].source == "conv3"


def test_an_lstms_last_step_is_what_its_gates_make(opened):
    inside = opened("lstm_rows")
    worked = work_out(inside.network, inside.look(PICTURE), "lstm1", 4, -1)
    gates = {gate.name: gate for gate in worked.gates}
    before, after = worked.cell
    assert worked.row == 27
    assert after == pytest.approx(gates["forget"].value * before + gates["input"].value * gates["cell"].value)
    assert worked.value == pytest.approx(gates["output"].value * math.tanh(after))
    total = gates["input"].from_row + gates["input"].from_memory + gates["input"].bias
    assert gates["input"].value == pytest.approx(1 / (1 + math.exp(-total)))


def test_a_channel_that_is_off_is_worked_out_and_then_nothing(opened):
    inside = opened("cnn_2")
    worked = work_out(inside.network, inside.look(PICTURE, {"conv1": (2,)}), "conv1", 2, 10, 10)
    assert (worked.off, worked.value) == (True, 0.0)
    assert worked.total != 0


@pytest.mark.parametrize(
    ("layer", "place", "words"),
    [
        ("conv9", (0,), "no layer"),
        ("conv1", (32, 0, 0), "no channel 32"),
        ("conv1", (-1, 0, 0), "no channel -1"),
        ("conv1", (0, 28, 0), "no place 28"),
        ("conv1", (0, 0, -1), "no place"),
        ("dense1", (0, 1, 0), "no place 1"),
        ("picture", (0, 0, 0), "not known"),
    ],
)
def test_places_that_are_not_there_are_refused_with_a_sentence(opened, layer, place, words):
    inside = opened("cnn_2")
    with pytest.raises(ValueError, match=words):
        work_out(inside.network, inside.look(PICTURE), layer, *place)


OPERATORS = {
    "relu": ("Relu", {}),
    "elu": ("Elu", {"alpha": 0.7}),
    "leaky_relu": ("LeakyRelu", {"alpha": 0.2}),
    "softplus": ("Softplus", {}),
    "selu": ("Selu", {}),
    "hard_sigmoid": ("HardSigmoid", {}),
    "tanh": ("Tanh", {}),
    "sigmoid": ("Sigmoid", {}),
}


@pytest.mark.parametrize("function", [*OPERATORS, "swish"])
def test_activations_are_those_of_onnx(graph, function):
    sums = graph.node("Conv", graph.weight(3, 1, 3, 3), graph.weight(3))
    if function == "swish":
        graph.node("Mul", sums, of=graph.node("Sigmoid"))
    else:
        operator, told = OPERATORS[function]
        graph.node(operator, **told)
    inside = graph.inside()
    layer = inside.network.layers[1]
    assert [step.function for step in layer.steps] == [function]
    worst_of(inside, layer)


@pytest.mark.parametrize("form", ["erf", "erfc"])
def test_gelu_is_found_in_the_nodes_that_it_is_made_of(graph, form):
    root, half, one = (graph.constant(np.float32(number)) for number in (math.sqrt(0.5), 0.5, 1))
    sums = graph.node("Conv", graph.weight(3, 1, 3, 3), graph.weight(3))
    if form == "erf":
        graph.node("Div", graph.constant(np.float32(math.sqrt(2))))
        graph.node("Erf")
        graph.node("Add", one)
        graph.node("Mul", sums)
        graph.node("Mul", half)
    else:
        graph.node("Neg")
        graph.node("Mul", root)
        erfc = graph.node("Sub", graph.node("Erf"), of=one)
        graph.node("Mul", erfc, of=graph.node("Mul", half, of=sums))
    inside = graph.inside()
    layer = inside.network.layers[1]
    assert [step.function for step in layer.steps] == ["gelu"]
    assert [found.kind for found in inside.network.layers] == ["picture", "convolution", "flatten", "dense"]
    worst_of(inside, layer)


def test_what_only_looks_like_gelu_is_shown_and_not_worked_out(graph):
    sums = graph.node("Conv", graph.weight(3, 1, 3, 3), graph.weight(3))
    graph.node("Erf", of=graph.node("Div", graph.constant(np.float32(3))))
    graph.node("Mul", sums, of=graph.node("Add", graph.constant(np.float32(1))))
    assert "other" in [layer.kind for layer in graph.inside().network.layers]


def test_gelu_is_the_exact_one():
    assert FUNCTIONS["gelu"](1.0, 0) == pytest.approx(
        0.841345, abs=1e-6
    )  # x times the normal distribution's share under x


def worst_of(inside: Inside, layer) -> None:
    seen = inside.look(PICTURE)
    for place in places_of(layer, np.random.default_rng(1)):
        worked = work_out(inside.network, seen, layer.name, *place)
        assert worked.value == pytest.approx(float(seen.values[layer.name][place]), abs=EXACT)


def test_kinds_that_no_shipped_network_has_are_worked_out_too(graph):
    graph.node("Conv", graph.weight(4, 1, 3, 3), graph.weight(4), pads=[1, 1, 1, 1], strides=[2, 2])
    parts = [graph.weight(4), graph.weight(4), graph.weight(4), graph.weight(4, positive=True)]
    graph.node("BatchNormalization", *parts)
    graph.node("Conv", graph.weight(8, 1, 3, 3), group=4, auto_pad="SAME_UPPER", strides=[2, 2])
    graph.node("Conv", graph.weight(6, 8, 1, 1))
    graph.node("AveragePool", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    graph.node("GlobalMaxPool")
    inside = graph.inside()
    kinds = [layer.kind for layer in inside.network.layers]
    expected = ["convolution", "depthwise convolution", "convolution", "average pooling", "global max pooling", "dense"]
    assert kinds == ["picture", *expected]
    seen = inside.look(PICTURE)
    for layer in inside.network.layers[1:]:
        whole = whole_layer(layer, [seen.values[name] for name in layer.inputs])
        assert np.abs(whole.reshape(layer.shape) - seen.values[layer.name]).max() < EXACT, layer.name
        worst_of(inside, layer)


def test_channels_first_flattening_is_told_from_channels_last(graph):
    graph.node("Conv", graph.weight(4, 1, 3, 3))
    inside = graph.inside()
    assert [(layer.kind, layer.flattened) for layer in inside.network.layers if layer.kind == "flatten"] == [
        ("flatten", "chw")
    ]
    for kind in ("flatten", "dense"):
        found = next(layer for layer in inside.network.layers if layer.kind == kind)
        worst_of(inside, found)
