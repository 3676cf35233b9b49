"""What passes between the builder in the browser and Python.

Run: python -m pytest tests/app/train/test_network_builder.py
"""

import json

import pytest

from fmnist_core.networks.layers import KINDS, LONGEST_TITLE, MOST_LAYERS, Layer, Network, to_json
from fmnist_ui.train import network_builder
from fmnist_ui.train.network_builder import Draft, Reply, read_file, read_sent

SENT = {"revision": 3, "settled": True, "title": "Mine", "layers": [{"kind": "convolution", "filters": 64}]}
HOSTILE = [
    None,
    "convolution",
    [],
    {},
    SENT | {"more": 1},
    SENT | {"revision": "3"},
    SENT | {"revision": True},
    SENT | {"revision": -1},
    SENT | {"revision": 10**30},
    SENT | {"settled": 1},
    SENT | {"title": None},
    SENT | {"title": ["Mine"]},
    SENT | {"layers": None},
    SENT | {"layers": {}},
    SENT | {"layers": "[]"},
    SENT | {"layers": [None]},
    SENT | {"layers": [{"kind": "lambda"}]},
    SENT | {"layers": [{"kind": "convolution", "filters": 1e9}]},
    SENT | {"layers": [{"kind": "convolution", "filters": float("nan")}]},
    SENT | {"layers": [{"kind": "convolution", "filters": True}]},
    SENT | {"layers": [{"kind": "convolution", "code": "import os"}]},
    SENT | {"layers": [{"kind": "flatten"}] * (MOST_LAYERS + 1)},
    SENT | {"layers": [SENT]},
]


def payload(*layers: Layer, title: str = "Mine", **reply: object) -> dict:
    return network_builder.payload(Draft(title, layers), Reply(**reply), [], {})  # type: ignore[arg-type]


def test_every_file_of_the_builder_reaches_the_browser():
    """Joined files that lack one are still a module; it fails only when a key is pressed."""
    assert sorted(path.stem for path in network_builder.SOURCES.glob("*.js")) == sorted(network_builder.MODULES)


def test_a_change_is_taken_as_it_is_sent():
    sent = read_sent(json.loads(json.dumps(SENT)))
    assert sent is not None
    assert (sent.revision, sent.settled, sent.draft) == (3, True, Draft("Mine", (Layer("convolution", filters=64),)))
    empty = read_sent(SENT | {"layers": [], "title": ""})
    assert empty is not None and empty.draft == Draft("", ())


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_no_change_is_not_taken(value):
    assert read_sent(value) is None


def test_a_title_is_cut_and_said_to_be_wrong_but_kept():
    sent = read_sent(SENT | {"title": "<b>" + "x" * 100})
    assert sent is not None and len(sent.draft.title) == LONGEST_TITLE
    told = payload(*sent.draft.layers, title=sent.draft.title)
    assert "cannot be called" in told["title_problem"] and told["network"]["title"] == sent.draft.title
    assert not payload(title="Mine")["title_problem"]


def test_each_layer_has_its_figures_and_the_logits_come_last():
    told = payload(Layer("convolution", filters=8), Layer("max_pooling"), Layer("flatten"))
    json.dumps(told, allow_nan=False)
    gives = [one["shape"] for one in told["described"]]
    assert gives == [[28, 28, 8], [14, 14, 8], [1568], [10]]
    assert [one["parameters"] for one in told["described"]] == [80, 0, 0, 15_690]
    assert told["totals"] == {"parameters": 15_770, "macs": 9 * 8 * 28 * 28 + 15_680}
    assert [one["sees"] for one in told["described"]] == ["3\u2009×\u20093", "4\u2009×\u20094", None, None]
    assert not any(one["problem"] or one["fixes"] for one in told["described"])


def test_a_radial_basis_layer_is_counted_once():
    told = payload(Layer("flatten"), Layer("radial_basis"))
    assert told["totals"]["parameters"] == told["described"][-1]["parameters"] > 0


def test_a_misfit_comes_with_its_sentence_and_what_would_fit():
    *_, dense, _ = payload(Layer("convolution"), Layer("dense"))["described"]
    assert "needs a list" in dense["problem"]
    first = dense["fixes"][0]
    assert (first["do"], first["place"], first["layer"]) == ("insert", 1, {"kind": "flatten"})


def test_every_kind_has_a_colour_and_every_field_a_control():
    told = payload()
    assert set(told["kinds"]) == set(KINDS)
    offered = [name for group in told["groups"] for name in group["kinds"]]
    assert sorted(offered) == sorted(name for name, row in KINDS.items() if row.by_hand)
    for kind in told["kinds"].values():
        assert set(kind["fields"]) <= set(told["fields"])
    for field in told["fields"].values():
        assert field["help"] and ("switch" in field or "choices" in field or field["low"] < field["high"])


def test_a_file_is_read_as_it_was_saved():
    network = Network("Mine", (Layer("convolution", filters=64), Layer("flatten")))
    assert read_file(json.dumps(to_json(network), indent=2)) == network


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "not JSON"),
        ("PK\x03\x04", "not JSON"),
        ("[" * 5_000 + "]" * 5_000, "not JSON"),
        ("x" * (network_builder.LONGEST_FILE + 1), "more than 100,000 characters"),
        ("[]", "A network cannot be a list"),
        ('{"title": "Mine", "layers": []}', "no layers"),
        ('{"title": "<script>", "layers": [{"kind": "flatten"}]}', "cannot be called"),
        ('{"title": "Mine", "layers": [{"kind": "dropout", "rate": NaN}]}', "rate cannot be nan"),
        ('{"title": "Mine", "layers": [{"kind": "dense", "units": 1e400}]}', "units cannot be inf"),
    ],
)
def test_a_file_that_is_no_network_is_told_why(text, sentence):
    with pytest.raises(ValueError, match=sentence):
        read_file(text)
