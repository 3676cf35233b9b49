"""What a file says about itself, read from its outer structure before any pixel is decoded.

PNG and JPEG are also rebuilt from only those parts that hold pixels: colour profiles, texts, previews, further
images and all other metadata never reach the decoder.
"""

import struct

from fmnist_core.photo.kinds import jpeg, png
from fmnist_core.photo.kinds.claims import READABLE, Container, PhotoError, cut_short
from fmnist_core.photo.kinds.jpeg import read_jpeg
from fmnist_core.photo.kinds.png import read_png
from fmnist_core.photo.kinds.webp import read_webp

_OTHERS = (
    (b"8BPS", "a Photoshop file"),
    (b"\0\0\1\0", "an icon"),
    (b"%PDF", "a PDF document"),
    (b"PK\3\4", "a ZIP archive or an office document"),
    (b"\x1f\x8b", "a compressed archive"),
)


def read_container(data: bytes) -> Container:
    """Describes a PNG, JPEG or WEBP file.

    Raises:
        PhotoError: empty, of another kind, damaged or cut short.
    """
    if not data:
        raise PhotoError(f"The file is empty; {READABLE}.")
    try:
        if data.startswith(png.MAGIC):
            return read_png(data)
        if data.startswith(jpeg.MAGIC):
            return read_jpeg(data)
        if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
            return read_webp(data)
    except struct.error:
        raise cut_short() from None
    raise PhotoError(f"This file is {_name(data)}, which cannot be read here; {READABLE}.")


def _name(data: bytes) -> str:
    for magic, name in _OTHERS:
        if data.startswith(magic):
            return name
    if data[4:8] == b"ftyp":
        return "a video"
    start = data[:1024].lower()
    if b"<svg" in start:
        return "an SVG drawing"
    if b"<html" in start or b"<!doctype html" in start:
        return "a web page"
    return "a text" if start.isascii() and b"\0" not in start else "no photo"
