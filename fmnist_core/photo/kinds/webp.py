"""WEBP: the size and the frames that its chunks tell of."""

import struct
from collections.abc import Iterator

from fmnist_core.photo.kinds.claims import MAX_PARTS, Container, cut_short, orientation_of


def read_webp(data: bytes) -> Container:
    chunks = list(_chunks(data))
    if not chunks:
        raise cut_short()
    (length,) = struct.unpack_from("<I", data, 4)
    return Container(
        "WEBP",
        *_size(*chunks[0]),
        data[: length + 8],
        frames=max(1, sum(name == b"ANMF" for name, _ in chunks)),
        orientation=orientation_of(dict(chunks).get(b"EXIF", b"")),
    )


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """WEBP is RIFF: chunks of name, length, content, each padded to an even length.
    https://developers.google.com/speed/webp/docs/riff_container"""
    (length,) = struct.unpack_from("<I", data, 4)
    end, position = length + 8, 12
    for _ in range(MAX_PARTS):
        if position + 8 > end:
            return
        name, length = struct.unpack_from("<4sI", data, position)
        content = data[position + 8 : position + 8 + length]
        yield name, content
        position += 8 + length + length % 2
    raise cut_short()


def _size(name: bytes, content: bytes) -> tuple[int, int]:
    """The size in the first chunk, which a WEBP file must have; later ones are checked by the decoder."""
    if name == b"VP8X" and len(content) >= 10:
        first, second = content[4:7], content[7:10]
        return 1 + int.from_bytes(first, "little"), 1 + int.from_bytes(second, "little")
    if name == b"VP8L":
        (bits,) = struct.unpack_from("<I", content, 1)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if name == b"VP8 ":
        width, height = struct.unpack_from("<HH", content, 6)
        return width & 0x3FFF, height & 0x3FFF
    raise cut_short()
