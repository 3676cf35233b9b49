"""What a PNG, JPEG or WEBP file says about itself, read from its outer structure before any pixel is decoded.

PNG and JPEG are also rebuilt from only those parts that hold pixels: colour profiles, texts, previews, further
images and all other metadata never reach the decoder.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

MAX_PARTS = 50_000  # chunks or segments; a 20 MB file in pieces of 1 kB has 20,000
# Each scan of a progressive JPEG costs a pass over all its pixels, however few bytes it has. Usual are 10 to 18.
MAX_SCANS = 30
READABLE = "choose a photo as PNG, JPEG or WEBP"

_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
_JPEG_MAGIC = b"\xff\xd8\xff"
_OTHERS = (
    (b"GIF8", "a GIF"),
    (b"BM", "a BMP"),
    (b"II*\0", "a TIFF"),
    (b"MM\0*", "a TIFF"),
    (b"8BPS", "a Photoshop file"),
    (b"\0\0\1\0", "an icon"),
    (b"%PDF", "a PDF document"),
    (b"PK\3\4", "a ZIP archive or an office document"),
    (b"\x1f\x8b", "a compressed archive"),
)
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis")

# JPEG markers: https://www.w3.org/Graphics/JPEG/itu-t81.pdf, table B.1
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_USUAL_FRAMES = frozenset({0xC0, 0xC1, 0xC2})  # Huffman-coded: baseline, extended, progressive; all browsers show
_SEQUENTIAL_FRAMES = frozenset({0xC0, 0xC1})
_TABLES = frozenset({0xC4, 0xDB, 0xDD})
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_SCAN, _END, _JFIF, _EXIF, _ADOBE = 0xDA, 0xD9, 0xE0, 0xE1, 0xEE
_NEXT_MARKER = re.compile(rb"\xff[\x01-\xfe]")
_SCAN_END = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")  # in a scan, ff 00 is data and ff d0 to ff d7 are restarts


class PhotoError(ValueError):
    """A photo or drawing that no picture can be made of; the message is a sentence for the visitor."""


@dataclass(frozen=True)
class Container:
    """A file as its header describes it. Sizes are unchecked claims: the decoder bounds them before it loads."""

    kind: str  # PNG, JPEG or WEBP
    width: int
    height: int
    data: bytes  # what the decoder may read
    frames: int = 1
    orientation: int = 1  # EXIF: 1 to 8, 1 is upright
    transparent: tuple[int, ...] | None = None  # PNG: the gray level or colour that stands for "see-through"
    row_by_row: bool = False  # JPEG: all of it lies in one pass from top to bottom, as cameras write it


def read_container(data: bytes) -> Container:
    """Describes a PNG, JPEG or WEBP file.

    Raises:
        PhotoError: empty, of another kind, damaged or cut short.
    """
    if not data:
        raise PhotoError(f"The file is empty; {READABLE}.")
    try:
        if data.startswith(_PNG_MAGIC):
            return _read_png(data)
        if data.startswith(_JPEG_MAGIC):
            return _read_jpeg(data)
        if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
            return _read_webp(data)
    except struct.error:
        raise cut_short() from None
    raise PhotoError(f"This file is {_name(data)}, which cannot be read here; {READABLE}.")


def cut_short() -> PhotoError:
    """The error of a file that is damaged or not whole."""
    return PhotoError("The photo is damaged or ends too early, so a part of it is missing; save or download it again.")


def _name(data: bytes) -> str:
    for magic, name in _OTHERS:
        if data.startswith(magic):
            return name
    if data[4:8] == b"ftyp":
        return "a HEIC or AVIF photo" if data[8:12] in _HEIF_BRANDS else "a video"
    start = data[:1024].lower()
    if b"<svg" in start:
        return "an SVG drawing"
    if b"<html" in start or b"<!doctype html" in start:
        return "a web page"
    return "a text" if start.isascii() and b"\0" not in start else "no photo"


def _read_png(data: bytes) -> Container:
    found: dict[bytes, bytes] = {}
    pixels: list[bytes] = []
    for name, content in _png_chunks(data):
        if (name == b"IHDR") == bool(found):
            raise cut_short()  # the header comes first and once: a second one would change the checked size
        if name == b"IDAT":
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
    clean = _PNG_MAGIC + b"".join(_png_chunk(*part) for part in parts)
    animation = found.get(b"acTL", b"")
    return Container(
        "PNG",
        width,
        height,
        clean,
        frames=struct.unpack_from(">I", animation)[0] if len(animation) == 8 else 1,
        orientation=_orientation(found.get(b"eXIf", b"")),
        transparent=_transparent(alphas, depth, channels={0: 1, 2: 3}.get(colour, 0)),
    )


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """PNG is a magic number, then chunks of length, name, content, CRC up to IEND. https://www.w3.org/TR/png-3/"""
    position = len(_PNG_MAGIC)
    for _ in range(MAX_PARTS):
        length, name = struct.unpack_from(">I4s", data, position)
        content = data[position + 8 : position + 8 + length]
        (checksum,) = struct.unpack_from(">I", data, position + 8 + length)
        needed = name[:1].isupper()  # a broken comment is no reason to refuse a photo
        if needed and checksum != zlib.crc32(content, zlib.crc32(name)):
            raise cut_short()
        if name == b"IEND":
            return
        yield name, content
        position += 12 + length
    raise cut_short()


def _png_chunk(name: bytes, content: bytes) -> bytes:
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


def _read_jpeg(data: bytes) -> Container:
    kept = [data[:2]]
    size: tuple[int, int] | None = None
    frame, components, orientation = 0, b"", 1
    scans: list[bytes] = []  # of how many components each tells
    for marker, content, segment in _jpeg_segments(data):
        if marker in _FRAMES:
            if frame:
                raise cut_short()  # a second one would change the checked size
            frame, components = marker, content[5:6]
            height, width = struct.unpack_from(">HH", content, 1)
            size = width, height
        if marker == _SCAN:
            scans.append(content[:1])
        if marker == _EXIF and content.startswith(b"Exif\0\0"):
            orientation = _orientation(content)
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


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
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


def _read_webp(data: bytes) -> Container:
    chunks = list(_webp_chunks(data))
    if not chunks:
        raise cut_short()
    (length,) = struct.unpack_from("<I", data, 4)
    return Container(
        "WEBP",
        *_webp_size(*chunks[0]),
        data[: length + 8],
        frames=max(1, sum(name == b"ANMF" for name, _ in chunks)),
        orientation=_orientation(dict(chunks).get(b"EXIF", b"")),
    )


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
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


def _webp_size(name: bytes, content: bytes) -> tuple[int, int]:
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


def _orientation(exif: bytes) -> int:
    """EXIF's tag 0x0112 in the first directory: 1 to 8; 1 where there is none or the block is broken."""
    tiff = exif.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    try:
        (start,) = struct.unpack_from(order + "I", tiff, 4)
        (entries,) = struct.unpack_from(order + "H", tiff, start)
        for entry in range(entries):
            tag, _, _, value = struct.unpack_from(order + "HHIH", tiff, start + 2 + 12 * entry)
            if tag == 0x0112:
                return value if 1 <= value <= 8 else 1
    except struct.error:
        pass
    return 1
