"""What the benchmarks against PyTorch rest on, as far as it needs no PyTorch.

Run: python -m pytest tests/core/test_benchmarks.py
"""

import json
import sys

import keras
import numpy as np
import pytest

from benchmarks import label_audit, pairs
from benchmarks.photo import seeds
from benchmarks.pytorch import client
from benchmarks.pytorch.client import PyTorch, PyTorchError, Way, choose_way
from benchmarks.pytorch.description import SETTINGS, describe, weights
from benchmarks.room import counted, people
from benchmarks.training import epochs, precision, training_speed
from fmnist_core.analysis.photo_calibration import Verdict
from fmnist_core.data import CLASS_NAMES
from fmnist_core.inference.photo_answer import PhotoAnswer
from fmnist_core.lessons import reading
from fmnist_core.recipe import Augmentation
from fmnist_core.zoo import MODELS
from fmnist_core.zoo.layers import NearestResize, RadialBasis, picture_input

OUR_LAYERS = {"NearestResize": NearestResize, "RadialBasis": RadialBasis}


def build_again(description: dict) -> keras.Model:
    """A Keras network from nothing but a description."""
    values, inputs = {}, None
    for node in description["nodes"]:
        if node["kind"] == "InputLayer":
            inputs = values[node["name"]] = keras.Input(batch_shape=node["settings"]["batch_shape"])
            continue
        kind = OUR_LAYERS.get(node["kind"]) or getattr(keras.layers, node["kind"])
        sources = [values[name] for name in node["inputs"]]
        layer = kind(**node["settings"], name=node["name"])
        values[node["name"]] = layer(sources[0] if len(sources) == 1 else sources)
    return keras.Model(inputs, values[description["output"]])


def residual_network() -> keras.Model:
    """Every kind of layer that the zoo's smaller networks lack, and a value that is used twice."""
    layers = keras.layers
    picture = picture_input()
    x = layers.Conv2D(4, 3, strides=2, padding="same", use_bias=False, name="conv1")(picture)
    shortcut = layers.ReLU(name="relu1")(layers.BatchNormalization(scale=False, momentum=0.6, name="norm1")(x))
    x = layers.Conv2D(4, (3, 1), dilation_rate=2, groups=2, padding="same", activation="tanh", name="conv2")(shortcut)
    x = layers.Add(name="add1")([x, shortcut])
    x = layers.Activation("relu", name="relu2")(layers.MaxPooling2D(3, 2, padding="same", name="pool1")(x))
    factor = layers.GlobalAveragePooling2D(keepdims=True, name="factor")(x)
    x = layers.Multiply(name="squeeze1")([x, factor])
    both = [layers.GlobalMaxPooling2D(name="top")(x), layers.GlobalAveragePooling2D(name="mean")(x)]
    return keras.Model(picture, layers.Dense(3, name="logits")(layers.Concatenate(name="both")(both)))


def zoo_networks() -> dict:
    heavy = {"vgg19_published", "vgg19_fixed"}  # 25 million weights each; the head is what is trained
    names = [name for name in MODELS if name not in heavy]
    return {name: (lambda name=name: MODELS[name].build()) for name in names} | {"residual": residual_network}


FEW = ("lenet5_rbf", "minivggnet", "lstm_rows", "flagship", "residual")  # the others with the slow tests


@pytest.mark.some(2)
@pytest.mark.parametrize(
    "build",
    [
        pytest.param(build, id=name, marks=[] if name in FEW else pytest.mark.slow)
        for name, build in zoo_networks().items()
    ],
)
def test_a_description_says_everything(build):
    network = build()
    generator = np.random.default_rng(3)
    for weight in network.weights:  # as built, many are 0 or 1 and would hide a mistake; a variance is not negative
        least = 0.1 if weight.name == "moving_variance" else -0.3
        weight.assign(generator.uniform(least, 0.3, weight.shape))
    again = build_again(json.loads(json.dumps(describe(network))))
    held = weights(network)
    for layer in again.layers:
        for weight in layer.weights:
            weight.assign(held.pop(f"{layer.name}/{weight.name}"))
    assert not held
    pictures = generator.random((4, 28, 28, 1), np.float32)
    wanted = np.asarray(network(pictures, training=False))
    assert np.ptp(wanted) > 0
    np.testing.assert_allclose(again(pictures, training=False), wanted, rtol=1e-3, atol=1e-4 * np.abs(wanted).max())


@pytest.mark.long
def test_the_head_of_a_trunk_is_described_alone():
    network = training_speed.trained_part("vgg19_fixed")
    nodes = describe(network)["nodes"]
    assert [node["kind"] for node in nodes] == ["InputLayer", "Dense", "Dropout", "Dense"]
    features, labels = training_speed.inputs_for(network)
    assert features.shape == (len(labels), 8192) == (len(labels), nodes[0]["settings"]["batch_shape"][1])


def test_a_layer_that_nobody_has_described_is_named():
    picture = picture_input()
    network = keras.Model(picture, keras.layers.LayerNormalization(name="odd")(picture))
    with pytest.raises(ValueError, match="'odd' is a LayerNormalization.*Conv2D.*Add a row"):
        describe(network)


def test_a_layer_that_is_called_twice_is_refused():
    picture, layer = picture_input(), keras.layers.Activation("relu", name="twice")
    with pytest.raises(ValueError, match="'twice' is called 2 times"):
        describe(keras.Model(picture, layer(layer(picture))))


def test_pytorch_has_a_counterpart_of_every_kind():
    """Read, not imported: PyTorch is not here."""
    source = (client.ROOT / "benchmarks" / "pytorch" / "network.py").read_text()
    table = source.split("LAYERS: dict")[1]
    assert [kind for kind in SETTINGS if f'"{kind}": ' not in table] == []


SERVER = """
import json, os, sys
for line in sys.stdin:
    request = json.loads(line)
    if request["do"] == "end":
        sys.exit(3)
    if request["do"] == "fail":
        print(json.dumps({"error": "ValueError: no such thing"}), flush=True)
    else:
        print(json.dumps({"result": [request, os.environ["CUDA_VISIBLE_DEVICES"]]}), flush=True)
"""


@pytest.fixture
def process():
    with PyTorch((sys.executable, "-c", SERVER)) as started:
        yield started


def test_a_request_is_answered(process):
    assert process.ask("train", batch=32) == [{"do": "train", "batch": 32}, ""]
    assert process.processor_seconds() >= 0


def test_arrays_travel_as_a_file(process):
    images, labels = np.ones((2, 28, 28), np.uint8), np.arange(2, dtype=np.uint8)
    received = {}

    def read(do: str, path: str) -> None:
        with np.load(path) as stored:
            received.update(stored)

    process.ask = read
    process.load_data(images, labels)
    np.testing.assert_array_equal(received["inputs"], images)
    np.testing.assert_array_equal(received["labels"], labels)


def test_an_error_of_the_other_side_is_told(process):
    with pytest.raises(PyTorchError, match="could not fail: ValueError: no such thing"):
        process.ask("fail")
    assert process.ask("go on")


def test_an_end_of_the_other_side_is_told(process):
    with pytest.raises(PyTorchError, match="ended .* before it answered 'end'"):
        process.ask("end")


def test_a_missing_environment_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(client, "PYTHON", tmp_path / "python")
    with pytest.raises(PyTorchError, match="make bench-training"):
        PyTorch()


def test_the_fastest_way_is_chosen_after_a_warm_up():
    rates = {
        Way("float32", 2): [9, 2],
        Way("bfloat16", 2): [1, 5],
        Way("float32", 1): [9, 3],
        Way("bfloat16", 1): [9, 1],
    }
    assert choose_way(lambda way: rates[way].pop(0), 2) == (Way("bfloat16", 2), "")


def test_what_pytorch_cannot_do_in_bfloat16_is_left_out():
    def rate(way: Way) -> float:
        if way.precision == "bfloat16":
            raise PyTorchError("no LSTM")
        return way.threads

    assert choose_way(rate, 2) == (Way("float32", 2), "no LSTM")


def test_what_pytorch_cannot_do_in_float32_is_an_error():
    def rate(way: Way) -> float:
        raise PyTorchError("nothing works")

    with pytest.raises(PyTorchError, match="nothing works"):
        choose_way(rate, 1)


@pytest.mark.parametrize(
    ("images", "batch", "limit", "wanted"),
    [
        (10, 32, 60_000, 32),
        (512, 32, 60_000, 512),
        (1_500, 32, 60_000, 1_024),
        (1e9, 100, 60_000, 57_600),
        (700, 256, 600, 512),
    ],
)
def test_epochs_are_of_whole_batches(images, batch, limit, wanted):
    assert epochs.whole_batches(images, batch, limit) == wanted


def test_rows_are_all_models_and_the_promised_batches():
    rows = training_speed.rows_of(list(MODELS), [])
    assert {name for name, _ in rows} == set(MODELS)
    assert set(training_speed.TARGETS) <= set(rows)
    assert ("cnn_3conv", 256) in rows and len(rows) == len(MODELS) + 2
    assert training_speed.rows_of(["cnn_1"], [8, 9]) == [("cnn_1", 8), ("cnn_1", 9)]


def test_a_verdict_knows_the_processor(monkeypatch):
    monkeypatch.setattr(training_speed, "cpu_has_bfloat16", lambda: True)
    assert training_speed.verdict("cnn_2", 128, 1.79) == "; at least 1.80: falls short"
    assert training_speed.verdict("cnn_2", 32, 1.0) == "; at least 1.00: ok"
    assert training_speed.verdict("lstm_rows", 128, 0.1) == ""
    monkeypatch.setattr(training_speed, "cpu_has_bfloat16", lambda: False)
    assert training_speed.verdict("cnn_2", 128, 0.95) == "; at least 0.95: ok"


def test_pairs_alternate():
    order = []

    def side(name: str, rate: float):
        return lambda: order.append(name) or rate

    ratio, ratios = pairs.median_ratio(side("a", 6.0), side("b", 3.0), 3)
    assert (ratio, ratios) == (2.0, [2.0, 2.0, 2.0])
    assert order == ["a", "b", "b", "a", "a", "b"]


def test_the_engine_trains_and_is_clocked():
    generator = np.random.default_rng(0)
    images, labels = generator.integers(0, 256, (64, 28, 28), np.uint8), generator.integers(0, 10, 64).astype(np.uint8)
    network = MODELS["simple_nn"].build()
    engine = epochs.Engine(network, MODELS["simple_nn"].recipe, images, labels)
    before = engine._learner.get_weights()[0].copy()
    assert engine.precision == "float32"
    assert engine.train(64) > 0
    assert np.abs(engine._learner.get_weights()[0] - before).max() > 0
    assert engine.train(32, Augmentation(flip=True)) > 0
    assert engine.batches(32, Augmentation(flip=True)).epoch == 1


def test_a_training_that_has_diverged_is_told():
    with pytest.raises(RuntimeError, match="PyTorch's loss is nan"):
        epochs.require_finite("PyTorch's", float("nan"))
    epochs.require_finite("Our", 2.3)


def results_of(full: list[float], half: list[float]) -> list[precision.Result]:
    named = zip(precision.PRECISIONS, (full, half), strict=True)
    return [{"precision": name, "accuracy": value} for name, values in named for value in values]


def test_precisions_differ_by_less_or_more_than_seeds_do():
    close = precision.verdict(results_of([0.90, 0.91, 0.92], [0.905, 0.915, 0.925]))
    assert "bfloat16 - float32: +0.50 points, within the seeds' 1.00" in close
    assert "float32         90.00, 91.00, 92.00: mean 91.00 %, standard deviation 1.00" in close
    assert "-3.00 points, beyond the seeds' 1.00" in precision.verdict(
        results_of([0.90, 0.91, 0.92], [0.87, 0.88, 0.89])
    )


def test_a_training_that_a_file_knows_is_not_repeated(monkeypatch, tmp_path):
    tried = []
    monkeypatch.setattr(precision, "try_precision", lambda **about: tried.append(about) or about | {"accuracy": 0.5})
    about = {"model": "cnn_2", "precision": "float32", "seed": 0, "images": 9, "epochs": 1}
    for one in (about, about, about | {"seed": 1}):
        assert precision.known_or_tried(one, tmp_path / "results")["accuracy"] == 0.5
    assert tried == [about, about | {"seed": 1}]
    assert precision.known_or_tried(about, None) and len(tried) == 3


# photos and the label audit


def test_photos_count_by_group_and_a_draw_counts_half():
    answers = [
        PhotoAnswer(CLASS_NAMES, np.eye(10)[best], Verdict(True, score, 0.15))
        for best, score in ((0, 0.9), (6, 0.8), (9, 0.1), (1, 0.1), (3, 0.5))
    ]
    found = seeds.figures(["t-shirt", "t-shirt", "shoes", "shorts", "skirt"], answers, 0.15)
    assert found.right["t-shirt"].tolist() == [True, False] and found.right["shoes"].tolist() == [True]
    assert found.top2["t-shirt"].tolist() == [True, True]  # of equal ones the first in order
    assert found.auroc == pytest.approx(4.5 / 6)  # 0.1 is stranger than two and as strange as one, 0.5 than two
    assert (found.false_alarms, found.strange_flagged) == (pytest.approx(1 / 3), pytest.approx(1 / 2))


def test_planted_errors_are_as_many_and_no_label_stays():
    labels = np.arange(1_000) % 10
    chosen, changed = label_audit.planted(labels, 60)
    assert len(set(chosen.tolist())) == 60
    np.testing.assert_array_equal(np.flatnonzero(changed != labels), np.sort(chosen))


# a class in a room


def test_the_lesson_of_the_benchmark_can_be_read_and_asks_every_kind_but_drawings():
    lesson, problems = reading.parse(people.NAME, people.lesson_text(people.LONGEST).encode())
    assert problems == [] and lesson is not None and len(lesson.steps) == people.LONGEST
    assert {step.question.kind for step in lesson.steps if step.question} == {"choice", "number", "order"}


def test_the_nth_answer_waits_for_the_first_count_of_n_or_more():
    counts = [(10.0, 0), (11.0, 1), (12.5, 1), (14.0, 3)]
    assert counted.counted_after([10.5, 12.0, 13.0, 13.5], counts) == [0.5, 2.0, 1.0, None]


def test_a_click_that_a_pupil_never_saw_is_not_left_out():
    clicked, shown = {(0, False): 1.0, (0, True): 8.0}, {(0, False): 1.4}
    assert counted.seen_after(clicked, shown) == {(0, False): pytest.approx(0.4), (0, True): None}
