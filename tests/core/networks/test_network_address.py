"""A network as a word of an address: short, and hostile words get a sentence at once.

Run: python -m pytest tests/core/networks/test_network_address.py
"""

import base64
import json
import random
import string
import time
import zlib

import pytest

from fmnist_core.networks import layers, sharing
from fmnist_core.networks.layers import KINDS, MOST_LAYERS, Layer, Network
from fmnist_core.networks.sharing import from_text, to_text
from fmnist_core.zoo import as_layers
from fmnist_core.zoo.as_layers import as_network


def packed(content: bytes) -> str:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=sharing._DICTIONARY)
    return "1" + base64.urlsafe_b64encode(packer.compress(content) + packer.flush()).decode().rstrip("=")


@pytest.mark.parametrize("name", as_layers.names())
def test_every_network_of_the_zoo_is_a_short_word(name):
    text = to_text(as_network(name))
    assert from_text(text) == as_network(name)
    assert len(text) < 330 and set(text) <= set(string.ascii_letters + string.digits + "-_")


def test_words_that_people_have_kept_are_read():
    """Never change this word: it stands for all addresses that were copied from the first version on."""
    kept = Network("Kept & 2", (Layer("convolution", filters=48, size=5), Layer("max_pooling"), Layer("flatten")))
    assert from_text(KEPT) == kept


KEPT = "1QxjqnVpQoqCmYETQYCQTTBCBSTgU4P6MrQUA"


def wildest(draw: random.Random) -> Network:
    """Sixty layers of which no two are alike, under a title that cannot be made shorter."""
    kinds = draw.choices([kind for kind in KINDS if KINDS[kind].fields], k=MOST_LAYERS)

    def field(name: str) -> object:
        if name in layers.CHOICES:
            return draw.choice(layers.CHOICES[name])
        if name == "bias":
            return draw.random() < 0.5
        low, high = layers.LIMITS[name]
        return draw.random() if name in ("rate", "momentum", "gamma") else draw.randint(int(low), int(high))

    found = tuple(Layer(kind, **{name: field(name) for name in KINDS[kind].fields}) for kind in kinds)
    return Network("".join(chr(draw.randint(0x4E00, 0x9FFF)) for _ in range(60)), found)


def test_the_longest_networks_have_room():
    """So that an address fails nobody; only a check of the whole would refuse these."""
    plain = Network("Mine", (*[Layer("convolution", filters=4)] * (MOST_LAYERS - 1), Layer("flatten")))
    assert from_text(to_text(plain)) == plain
    lengths = []
    for seed in range(30):
        network = wildest(random.Random(seed))
        text = to_text(network)
        lengths.append(len(text))
        assert layers.from_json(sharing._unpack(text)) == network
    assert 1_000 < max(lengths) <= sharing.MOST_CHARACTERS


def test_what_has_no_room_is_refused(monkeypatch):
    monkeypatch.setattr(sharing, "MOST_CHARACTERS", 20)
    with pytest.raises(ValueError, match="an address has room for 20: share its file instead"):
        to_text(as_network("cnn_2"))


SOUND = json.dumps(layers.to_json(as_network("cnn_2"))).encode()
GOOD = to_text(as_network("cnn_2"))
BAD = {
    "empty": "",
    "version alone": "1",
    "other version": "2" + GOOD[1:],
    "letters": "1hello",
    "cut": GOOD[:-9],
    "longer": GOOD + "AAAA",
    "changed": GOOD[:20] + ("A" if GOOD[20] != "A" else "B") + GOOD[21:],
    "other alphabet": GOOD[:20] + "+" + GOOD[21:],
    "not ASCII": GOOD[:20] + "é" + GOOD[21:],
    "padding": GOOD + "==",
    "NUL": GOOD + "\0",
    "new line": GOOD + "\n",
    "HTML": "<script>alert(1)</script>",
    "bomb": packed(SOUND + b" " * 500_000),
    "bomb in a title": packed(b'{"title": "' + b"a" * 500_000 + b'"}'),
    "deep": packed(b"[" * 20_000),
    "no UTF-8": packed(b'{"title":"\xff","layers":[]}'),
    "no network": packed(b'{"title":"a"}'),
    "number": packed(b"1"),
    "NaN": packed(b'{"title":"a","layers":[{"kind":"dropout","rate":NaN}]}'),
    "does not fit": packed(json.dumps({"title": "a", "layers": [{"kind": "dense"}]}).encode()),
    "too long": "1" + "A" * 1_000_000,
}


@pytest.mark.parametrize("name", BAD)
def test_hostile_words_get_a_sentence_at_once(name):
    start = time.perf_counter()
    with pytest.raises(ValueError) as caught:
        from_text(BAD[name])
    assert time.perf_counter() - start < 0.1
    said = str(caught.value)
    assert said.endswith(".") and "<" not in said and len(said) < 400 and "codec" not in said


def test_every_changed_character_is_refused_or_a_network():
    for place in range(1, len(GOOD)):
        for other in "Az9_":
            try:
                found = from_text(GOOD[:place] + other + GOOD[place + 1 :])
            except ValueError:
                continue
            assert {layer.kind for layer in found.layers} <= set(KINDS)
