"""A network as a short word for an address: compressed, checked when it is read, of whatever origin."""

import base64
import binascii
import json
import re
import zlib

from fmnist_core.networks import layers, shapes
from fmnist_core.networks.layers import Network
from fmnist_core.storage.schema import parse_json

MOST_CHARACTERS = 1_500  # of the word
MOST_BYTES = 30_000  # unpacked; 60 layers with all their fields have less
# The first character says how the rest is packed: 1 is JSON, deflated with this dictionary, in base64 for addresses.
# Words that people have kept rely on every byte of it: another dictionary needs another first character.
_VERSION = "1"
_DICTIONARY = (
    b'{"kind":"radial_basis"},{"kind":"lstm","gamma":{"kind":"padding",{"kind":"squeeze_and_excitation","reduction":4'
    b',"stride":1,"padding":"same","activation":"leaky_relu","activation":"swish","activation":"gelu","activation":'
    b'"elu","activation":"sigmoid","activation":"tanh","initializer":"he_normal","momentum":0.99{"kind":"global_max_'
    b'pooling"{"kind":"separable_convolution","filters":{"kind":"average_pooling","size":{"kind":"activation"},'
    b'"padding":"valid"},{"kind":"residual_block","filters":64,"stride":2},{"kind":"batch_normalization"},'
    b'{"kind":"convolution","filters":128,"size":5,"activation":"linear","bias":false},{"kind":"global_average_pooling"}'
    b']},{"kind":"max_pooling"},{"kind":"dropout","rate":0.2},{"kind":"flatten"},{"kind":"dense","units":256}]}{"title":'
    b'"Mine","layers":[{"kind":"convolution"},{"kind":"convolution","filters":64},'
)
_WORD = re.compile(r"1[A-Za-z0-9_-]+")


def to_text(network: Network) -> str:
    """Letters, figures, - and _ that `from_text` reads.

    Raises:
        ValueError: it is too long for an address; its JSON can be stored as a file.
    """
    content = json.dumps(layers.to_json(network), separators=(",", ":"), ensure_ascii=False).encode()
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, zdict=_DICTIONARY)
    packed = packer.compress(content) + packer.flush()
    text = _VERSION + base64.urlsafe_b64encode(packed).decode().rstrip("=")
    if len(text) > MOST_CHARACTERS:
        raise ValueError(
            f"The network takes {len(text):,} characters, and an address has room for {MOST_CHARACTERS:,}: share its "
            "file instead."
        )
    return text


def from_text(text: str) -> Network:
    """The network of such a word.

    Raises:
        ValueError: one sentence: it is none, was cut, or is of a network that cannot be built.
    """
    if len(text) > MOST_CHARACTERS:
        raise ValueError(
            f"It has more than {MOST_CHARACTERS:,} characters, so it is no network; copy the address anew."
        )
    network = layers.from_json(_unpack(text))
    shapes.check(network)
    return network


def _unpack(text: str) -> object:
    try:
        if not _WORD.fullmatch(text):
            raise ValueError
        packed = base64.b64decode(text[1:] + "=" * (-(len(text) - 1) % 4), b"-_", validate=True)
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS, zdict=_DICTIONARY)
        content = unpacker.decompress(packed, MOST_BYTES)
        if not unpacker.eof or unpacker.unused_data:
            raise ValueError
        return parse_json(content)
    except (ValueError, binascii.Error, zlib.error):
        raise ValueError("It is no network, or was cut or changed on its way; copy the whole address anew.") from None
