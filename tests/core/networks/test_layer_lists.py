"""Lists of layers survive JSON; of hostile ones each gets one sentence that a page may show.

Run: python -m pytest tests/core/networks/test_layer_lists.py
"""

import json
import re

import pytest

from fmnist_core.networks import layers, shapes
from fmnist_core.networks.layers import KINDS, Layer, Network
from fmnist_core.storage import schema

DEEP: list = []
for _ in range(5_000):
    DEEP = [DEEP]
ENDLESS: dict = {"kind": "flatten"}
ENDLESS["kind"] = ENDLESS
RING: list = []
RING.append(RING)


def listed(*found, title="Mine") -> dict:
    return {"title": title, "layers": list(found)}


def one(kind: str, **fields) -> dict:
    return {"kind": kind} | fields


FLATTEN = one("flatten")
HOSTILE = {
    "no object": ([FLATTEN], "A network cannot be a list"),
    "nothing": (None, "A network cannot be null"),
    "no title": ({"layers": [FLATTEN]}, "lacks its title"),
    "no layers": ({"title": "Mine"}, "lacks its layers"),
    "unknown field": (listed(FLATTEN) | {"code": "import os"}, "has no field 'code'"),
    "field that is code": (listed(FLATTEN) | {"__class__": 1}, "has no field '__class__'"),
    "HTML title": (listed(FLATTEN, title="<img src=x onerror=alert(1)>"), r"cannot be called '\?img src\?x"),
    "Markdown title": (listed(FLATTEN, title="[a](b)"), r"cannot be called '\?a\?\?b\?'"),
    "title from right to left": (listed(FLATTEN, title="abc\u202edef"), r"cannot be called 'abc\?def'"),
    "title with NUL": (listed(FLATTEN, title="a\0b"), r"cannot be called 'a\?b'"),
    "title of two lines": (listed(FLATTEN, title="a\nb"), r"cannot be called 'a\?b'"),
    "empty title": (listed(FLATTEN, title=""), "has 0 characters"),
    "blank title": (listed(FLATTEN, title="  "), "cannot be called"),
    "long title": (listed(FLATTEN, title="a" * 10_000), "has 10,000 characters"),
    "number as title": (listed(FLATTEN, title=7), "title cannot be 7; give it a name"),
    "text as list": ({"title": "Mine", "layers": "flatten"}, "layers cannot be 'flatten'"),
    "object as list": ({"title": "Mine", "layers": FLATTEN}, "layers cannot be an object"),
    "empty list": (listed(), "has no layers; give 1 to 60"),
    "ten thousand layers": (listed(*[FLATTEN] * 10_000), "has 10,000 layers; give 1 to 60"),
    "text as layer": (listed("flatten"), "Layer 1 cannot be 'flatten'"),
    "list in list": (listed([FLATTEN]), "Layer 1 cannot be a list"),
    "deep list": (listed(DEEP), "Layer 1 cannot be a list"),
    "list in itself": (listed(RING), "Layer 1 cannot be a list"),
    "object in itself": (listed(ENDLESS), "Layer 1 has the kind an object, which is not known"),
    "network in network": (listed(listed(FLATTEN)), "Layer 1 has no kind"),
    "unknown kind": (listed(FLATTEN, one("transformer")), "Layer 2 has the kind 'transformer', which is not known"),
    "kind is HTML": (listed(one("<script>alert(1)</script>")), r"the kind '\?script\?alert"),
    "kind is a list": (listed(one(["flatten"])), "the kind a list"),
    "foreign field": (listed(one("flatten", filters=3)), r"Layer 1 \(flatten\) has no field 'filters'"),
    "unknown layer field": (listed(one("dense", weights=[1])), "has no field 'weights'; leave it out"),
    "layers in a layer": (listed(one("residual_block", layers=[FLATTEN])), "has no field 'layers'"),
    "a thousand million filters": (listed(one("convolution", filters=10**9)), "filters cannot be 1,000,000,000"),
    "huge whole number": (listed(one("convolution", filters=10**5_000)), "filters cannot be a number of more than 15"),
    "no filters": (listed(one("convolution", filters=0)), "filters cannot be 0; give a whole number from 1 to 1,024"),
    "negative size": (listed(one("convolution", size=-3)), "size cannot be -3"),
    "size of 0": (listed(one("max_pooling", size=0)), "size cannot be 0"),
    "stride of 0": (listed(one("max_pooling", stride=0)), "stride cannot be 0"),
    "stride null": (listed(one("convolution", stride=None)), "stride cannot be null"),
    "stride beyond the picture": (listed(one("convolution", stride=29)), "stride cannot be 29"),
    "true as number": (listed(one("convolution", filters=True)), "filters cannot be true"),
    "number as truth": (listed(one("dense", bias=1)), "bias cannot be 1; give true or false"),
    "fraction of filters": (listed(one("convolution", filters=32.0)), "filters cannot be 32; give a whole number"),
    "text as number": (listed(one("dense", units="128")), "units cannot be '128'"),
    "list as number": (listed(one("dense", units=DEEP)), "units cannot be a list"),
    "not a number": (listed(one("dropout", rate=float("nan"))), "rate cannot be nan; give a number from 0 below 1"),
    "infinity": (listed(one("dropout", rate=float("inf"))), "rate cannot be inf"),
    "all dropped": (listed(one("dropout", rate=1.0)), "rate cannot be 1"),
    "less than nothing dropped": (listed(one("dropout", rate=-0.1)), r"rate cannot be -0\.1"),
    "momentum of 1": (listed(one("batch_normalization", momentum=1)), "momentum cannot be 1"),
    "unknown activation": (listed(one("dense", activation="__import__")), "activation cannot be '__import__'"),
    "activation null": (listed(one("activation", activation=None)), "activation cannot be null"),
    "unknown padding": (listed(one("convolution", padding="full")), "choose one of: same, valid"),
    # These are well-formed, and do not fit.
    "dense before flatten": (listed(one("dense")), r"Layer 1 \(dense\) does not fit\. A dense layer needs a list"),
    "two flattens": (listed(FLATTEN, FLATTEN), "There is nothing left to flatten: flatten .layer 1. has made"),
    "convolution after flatten": (listed(FLATTEN, one("convolution")), "A convolution layer needs a picture, but fl"),
    "pooled twice over all": (listed(*[one("global_max_pooling")] * 2), r"but global max pooling \(layer 1\) has made"),
    "never flattened": (listed(one("convolution")), "The logits need a list of values, but get a picture of 28x28x32"),
    "stride larger than the picture": (
        listed(one("max_pooling", size=7), one("convolution", stride=5), FLATTEN),
        "Steps of 5 pixels are too long for a picture of 4x4x1: choose a stride of 1 to 4",
    ),
    "pool larger than the picture": (
        listed(one("max_pooling", size=7), one("average_pooling", size=5, stride=1), FLATTEN),
        "A pool of 5x5 does not fit into a picture of 4x4x1: choose a size of 1 to 4",
    ),
    "kernel on one pixel": (
        listed(one("max_pooling", size=28), one("convolution", padding="valid"), FLATTEN),
        'A kernel of 3x3 does not fit into a picture of 1x1x1: choose a size of 1 to 1, padding "same"',
    ),
    "squeezed below nothing": (listed(one("squeeze_and_excitation"), FLATTEN), "1 channel cannot be made 8 times"),
    "borders without end": (listed(*[one("padding", size=14)] * 9, FLATTEN), "a picture of 84 pixels a side"),
    "radial basis before the end": (listed(FLATTEN, one("radial_basis"), one("dense")), "move it to the end"),
    "too many parameters": (listed(FLATTEN, *[one("dense", units=4_096)] * 3), "parameters; at most 20,000,000 fit"),
    "too much arithmetic": (
        listed(*[one("convolution", filters=256)] * 3, one("global_max_pooling")),
        "multiply-adds for one picture; at most 500,000,000",
    ),
    "too many values": (
        listed(one("convolution", filters=1_024, size=1), *[one("dropout")] * 9, one("global_max_pooling")),
        "values in all layers; at most 2,000,000",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_lists_get_a_sentence(name):
    value, words = HOSTILE[name]
    with pytest.raises(ValueError, match=words) as caught:
        shapes.check(layers.from_json(value))
    said = str(caught.value)
    assert len(said) < 420 and said.endswith(".") and "\n" not in said and said.isprintable()
    assert not set(said) & set("<>`*[]{}\\") - (set("{}") if "such as" in said else set())
    assert re.search(r": \w|; \w", said), "no word of what to do"


def test_there_are_many_of_them():
    assert len(HOSTILE) > 50


@pytest.mark.parametrize("text", ['{"a":' * 100_000, "[" * 100_000, '{"title": "x", "layers": [{"kind"', "NaN", "\0"])
def test_what_is_no_json_or_nested_without_end_is_refused(text):
    with pytest.raises(ValueError):
        layers.from_json(schema.parse_json(text))


MANY = Network(
    "Mine & yours 2",
    (
        Layer("convolution", filters=8, size=5, stride=2, padding="valid", activation="gelu", bias=False),
        Layer("batch_normalization", momentum=0.99),
        Layer("max_pooling"),
        Layer("average_pooling", size=3, stride=1, padding="same"),
        Layer("separable_convolution", filters=16),
        Layer("squeeze_and_excitation", reduction=4),
        Layer("residual_block", filters=16, stride=2),
        Layer("dropout", rate=0.0),
        Layer("activation", activation="leaky_relu"),
        Layer("global_average_pooling"),
        Layer("dense", units=20),
        Layer("radial_basis", gamma=0.25),
    ),
)


def test_network_survives_json():
    told = layers.to_json(MANY)
    assert layers.from_json(json.loads(json.dumps(told))) == MANY
    assert told["layers"][2] == {"kind": "max_pooling"}  # as usual
    assert told["layers"][0] == one(
        "convolution", filters=8, size=5, stride=2, padding="valid", activation="gelu", bias=False
    )
    assert schema.from_json(Network, told, "network") == MANY
    shapes.check(MANY)


def test_a_number_without_a_point_is_a_number():
    read = layers.from_json(listed(FLATTEN, one("dropout", rate=0)))
    assert read.layers[1].rate == 0 and isinstance(read.layers[1].rate, float)


def test_each_kind_gets_its_usual_sizes():
    assert (Layer("convolution").size, Layer("convolution").step, Layer("convolution").padding) == (3, 1, "same")
    assert (Layer("max_pooling").size, Layer("max_pooling").step, Layer("max_pooling").padding) == (2, 2, "valid")
    assert Layer("max_pooling", size=3).step == 3 and Layer("padding").size == 2
    assert Layer("flatten", filters=64) == Layer("flatten")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_row_that_fits_its_fields(kind):
    row = KINDS[kind]
    assert row.word and row.does.endswith(".") and kind in layers._layer_to_json(Layer(kind))["kind"]
    assert set(row.fields) <= {*layers.LIMITS, *layers.CHOICES, "bias"}
    assert all(getattr(Layer(kind), name) == value for name, value in row.fields.items())


def test_check_looks_at_fields_that_were_never_json():
    with pytest.raises(ValueError, match="filters cannot be 5,000"):
        shapes.check(Network("Mine", (Layer("convolution", filters=5_000), Layer("flatten"))))
    with pytest.raises(ValueError, match="has no layers"):
        shapes.check(Network("Mine", ()))
