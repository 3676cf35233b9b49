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


def read_jpeg(data: bytes) -> Container:
    kept = [data[:2]]
    size: tuple[int, int] | None = None
    frame, components, orientation = 0, b"", 1
    scans: list[bytes] = []  # of how many components each tells
    for marker, content, segment in _segments(data):
        if marker in _FRAMES:
            if frame:
                raise cut_short()  # a second one would change the checked size
            frame, components = marker, content[5:6]
            height, width = struct.unpack_from(">HH", content, 1)
            size = width, height
        if marker == _SCAN:
            scans.append(content[:1])
        if marker == _EXIF and content.startswith(b"Exif\0\0"):
            orientation = orientation_of(content)
        if _holds_pixels(marker, content):
            kept.append(segment)
    if not size or not scans:
        raise cut_short()
    if frame not in _USUAL_FRAMES or len(scans) > MAX_SCANS:
        raise PhotoError(
            "This JPEG is of a rare kind that is not read here; save it again as a plain JPEG and try again."
        )
    clean = b"".join([*kept, b"\xff\xd9"])
    row_by_row = frame in _SEQUENTIAL_FRAMES and all(told == components for told in scans)
    return Container("JPEG", *size, clean, orientation=orientation, row_by_row=row_by_row)


def _segments(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """JPEG is segments of marker, length, content up to the end marker; after a scan's content come its pixels."""
    position = 2
    for _ in range(MAX_PARTS):
        found = _NEXT_MARKER.search(data, position)
        if not found:
            break
        start, marker = found.start(), data[found.start() + 1]
        position = start + 2
        if marker == _END:
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
