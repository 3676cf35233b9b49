"""PNG: its chunks, and a file rebuilt from only those that hold pixels."""

import struct
import zlib
from collections.abc import Iterator

from fmnist_core.photo.kinds.claims import MAX_PARTS, Container, cut_short, orientation_of

MAGIC = b"\x89PNG\r\n\x1a\n"


def read_png(data: bytes) -> Container:
    found: dict[bytes, bytes] = {}
    pixels: list[bytes] = []
    ended = False
    for name, content in _chunks(data):
        if name == b"IEND":
            ended = True
        elif (name == b"IHDR") == bool(found):
            raise cut_short()  # the header comes first and once: a second one would change the checked size
        elif name == b"IDAT":
            pixels.append(content)
        else:
            found[name] = content
    if not found:
        raise cut_short()
    width, height, depth, colour = struct.unpack_from(">IIBB", found[b"IHDR"])
    alphas = found.get(b"tRNS", b"")
    parts = [(b"IHDR", found[b"IHDR"]), (b"IDAT", b"".join(pixels)), (b"IEND", b"")]
    if colour == 3:  # palette
        parts[1:1] = [(b"PLTE", found.get(b"PLTE", b"")), (b"tRNS", alphas)]
    clean = MAGIC + b"".join(_chunk(*part) for part in parts)
    animation = found.get(b"acTL", b"")
    return Container(
        "PNG",
        width,
        height,
        clean,
        frames=struct.unpack_from(">I", animation)[0] if len(animation) == 8 else 1,
        orientation=orientation_of(found.get(b"eXIf", b"")),
        transparent=_transparent(alphas, depth, channels={0: 1, 2: 3}.get(colour, 0)),
        ended=ended,
    )


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """PNG is a magic number, then chunks of length, name, content, CRC up to IEND. https://www.w3.org/TR/png-3/

    What is left of a chunk that is cut off is passed on unchecked if it is of pixels: the decoder knows how many it
    needs. Else it is left out.
    """
    position = len(MAGIC)
    for _ in range(MAX_PARTS):
        if position + 8 > len(data):
            return
        length, name = struct.unpack_from(">I4s", data, position)
        content = data[position + 8 : position + 8 + length]
        if position + 12 + length > len(data):
            if name == b"IDAT":
                yield name, content
            return
        (checksum,) = struct.unpack_from(">I", data, position + 8 + length)
        needed = name[:1].isupper()  # a broken comment is no reason to refuse a photo
        if needed and checksum != zlib.crc32(content, zlib.crc32(name)):
            raise cut_short()
        yield name, content
        if name == b"IEND":
            return
        position += 12 + length
    raise cut_short()


def _chunk(name: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(content, zlib.crc32(name))
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)


def _transparent(alphas: bytes, depth: int, channels: int) -> tuple[int, ...] | None:
    """The see-through level or colour of a gray or RGB PNG, on the scale the decoder gives its pixels."""
    if not channels or len(alphas) < 2 * channels or depth not in (1, 2, 4, 8, 16):
        return None
    values = struct.unpack_from(f">{channels}H", alphas)
    if depth == 16:  # the decoder keeps 16 bits of gray, and the upper 8 of a colour
        return values if channels == 1 else tuple(value >> 8 for value in values)
    return tuple(min(value, 2**depth - 1) * 255 // (2**depth - 1) for value in values)
