"""JPEG: its segments, a file rebuilt from only those that hold pixels, and whether all of the pixels are there."""

import re
import struct
from collections.abc import Iterator

from fmnist_core.photo.kinds.claims import MAX_PARTS, Container, PhotoError, cut_short, orientation_of

MAGIC = b"\xff\xd8\xff"
# Each scan of a progressive JPEG costs a pass over all its pixels, however few bytes it has. Usual are 10 to 18.
MAX_SCANS = 30

# JPEG markers: https://www.w3.org/Graphics/JPEG/itu-t81.pdf, table B.1
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_USUAL_FRAMES = frozenset({0xC0, 0xC1, 0xC2})  # Huffman-coded: baseline, extended, progressive; all browsers show
_SEQUENTIAL_FRAMES = frozenset({0xC0, 0xC1})
_TABLES = frozenset({0xC4, 0xDB, 0xDD})
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_SCAN, _END, _JFIF, _EXIF, _ADOBE = 0xDA, 0xD9, 0xE0, 0xE1, 0xEE
_NEXT_MARKER = re.compile(rb"\xff[\x01-\xfe]")
_SCAN_END = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")  # in a scan, ff 00 is data and ff d0 to ff d7 are restarts


# Bits of no meaning, also after each of the marks at which a decoder may start anew.
_BITS = b"\xaa\x33\x0f\xb5" * 64
_NONSENSE = _BITS + b"".join(bytes([0xFF, mark]) + _BITS for mark in range(0xD0, 0xD8)) * 2
_END_MARK = b"\xff\xd9"


def read_jpeg(data: bytes) -> Container:
    kept = [data[:2]]
    size: tuple[int, int] | None = None
    frame, components, orientation, last, ended = 0, b"", 1, 0, False
    scans: list[bytes] = []  # the headers
    for marker, content, segment in _segments(data):
        if marker in _FRAMES:
            if frame:
                raise cut_short()  # a second one would change the checked size
            frame, components = marker, content[6 : 6 + 3 * content[5] : 3] if len(content) > 5 else b""
            height, width = struct.unpack_from(">HH", content, 1)
            size = width, height
        if marker == _EXIF and content.startswith(b"Exif\0\0"):
            orientation = orientation_of(content)
        if _holds_pixels(marker, content):
            kept.append(segment)
        if marker == _SCAN:
            scans.append(content)
            last = len(kept)
        ended = marker == _END
    if not size or not scans:
        raise cut_short()
    if frame not in _USUAL_FRAMES or len(scans) > MAX_SCANS:
        raise PhotoError(
            "This JPEG is of a rare kind that is not read here; save it again as a plain JPEG and try again."
        )
    if not ended:
        kept[last - 1] = _tidy(kept[last - 1])
    sequential = frame in _SEQUENTIAL_FRAMES
    return Container(
        "JPEG",
        *size,
        b"".join([*kept[:last], _END_MARK]),
        orientation=orientation,
        row_by_row=sequential and all(scan[:1] == bytes([len(components)]) for scan in scans),
        ended=ended,
        covered=_covers(components, scans, sequential),
    )


def with_nonsense(data: bytes) -> bytes:
    """What `read_jpeg` kept, with bits of no meaning after its last scan.

    Decoders make up what a scan lacks and say nothing; where these bits change the picture, something was lacking.
    """
    return data.removesuffix(_END_MARK) + _NONSENSE + _END_MARK


def _tidy(scan: bytes) -> bytes:
    """A last scan without an end mark: without the zeros of a download that was never filled, and not ended midway in
    ff 00, which stands for ff."""
    bare = scan.rstrip(b"\0")
    scan = bare if len(scan) - len(bare) >= 1_024 else scan  # a plain area may be some zeros, too
    return scan + b"\0" if scan.endswith(b"\xff") else scan


def _covers(components: bytes, scans: list[bytes], sequential: bool) -> bool:
    """Whether for each colour a scan tells of each of its 64 frequencies down to the last bit."""
    missing = {component: set(range(64)) for component in components}
    for scan in scans:
        count = scan[0] if scan else 0
        if len(scan) != 4 + 2 * count:
            return False
        first, last, bits = scan[-3:]
        if sequential or not bits & 15:  # else lower bits are still to come
            for component in scan[1 : 1 + 2 * count : 2]:
                missing.get(component, set()).difference_update(range(64) if sequential else range(first, last + 1))
    return not any(missing.values())


def _segments(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """JPEG is segments of marker, length, content up to the end marker, if it is there; after a scan's content come its
    pixels."""
    position = 2
    for _ in range(MAX_PARTS):
        found = _NEXT_MARKER.search(data, position)
        if not found:
            return
        start, marker = found.start(), data[found.start() + 1]
        position = start + 2
        if marker == _END:
            yield marker, b"", b""
            return
        if marker in _STANDALONE:
            continue
        (length,) = struct.unpack_from(">H", data, position)
        position += length
        content = data[start + 4 : position]
        if length != len(content) + 2:
            break
        if marker == _SCAN:
            found = _SCAN_END.search(data, position)
            position = found.start() if found else len(data)
        yield marker, content, data[start:position]
    raise cut_short()


def _holds_pixels(marker: int, content: bytes) -> bool:
    """Whether a segment is needed for the pixels; JFIF's and Adobe's tell which colours the numbers mean."""
    return (
        marker in _FRAMES
        or marker in _TABLES
        or marker == _SCAN
        or (marker == _JFIF and content.startswith(b"JFIF\0"))
        or (marker == _ADOBE and content.startswith(b"Adobe"))
    )
