"""The one guarded image decoder: bytes from a visitor's browser in, an RGB image out.

Everything is hostile until read: nothing is loaded before the header's claims are checked, nothing is written to
disk, and no file name is known here.
"""

import io
import struct
import threading
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageChops

from fmnist_core.photo.kinds import others
from fmnist_core.photo.kinds.claims import FIRST_OF_SEVERAL, NO_END_MARK, Container, PhotoError, cut_short, too_large
from fmnist_core.photo.kinds.container import read_container
from fmnist_core.photo.kinds.jpeg import with_nonsense

MAX_BYTES = 20 * 2**20  # the uploaders' limit, which browsers hold to
MAX_PIXELS = 24_000_000  # a panorama of 11,500 x 2,000; as a PNG it takes 275 MB, as a WEBP 395 (measured)
# A JPEG as cameras write it is reduced row by row while it is decoded: of 48 million pixels in 40 MB and 0.1 s, of
# 108 million in 75 MB and 0.3 s (measured). A progressive one is held whole: 600 MB for 100 million.
MAX_ROW_BY_ROW_PIXELS = 120_000_000
MAX_SIDE = 16_384
KEPT_SIDE = 1_600  # larger photos are reduced to it
WHITE = 255
MADE_UP = 128  # the gray of what a JPEG does not tell

# Pillow warns of more; here they are counted before it sees the file.
Image.MAX_IMAGE_PIXELS = MAX_ROW_BY_ROW_PIXELS

# A photo may need 400 MB while it is decoded: a third visitor waits.
_SLOTS = threading.BoundedSemaphore(2)

# What Pillow's readers of the three kinds raise on damaged files.
_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    TypeError,
    struct.error,
    Image.DecompressionBombError,
)

_TURNS = {  # EXIF orientation -> what makes the photo upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Decoded(NamedTuple):
    """image: upright, mode RGB, uint8, at most 1,600 pixels a side. notes: sentences for the visitor."""

    image: Image.Image
    notes: tuple[str, ...] = ()


def decode(data: bytes, behind: int = WHITE) -> Image.Image:
    """The image of `decode_with_notes`, for whom the notes do not matter."""
    return decode_with_notes(data, behind).image


def decode_with_notes(data: bytes, behind: int = WHITE) -> Decoded:
    """The photo in a JPEG, PNG, WEBP, HEIC, AVIF, TIFF, BMP or GIF file; of an animation its first frame.

    Args:
        data: the whole file.
        behind: the gray level 0..255 that shows through where the image is transparent.

    Raises:
        PhotoError: the file is empty, too large, of another kind, damaged or cut short.
    """
    if len(data) > MAX_BYTES:
        raise PhotoError(
            f"The file has {len(data) / 2**20:.1f} MB, but up to {MAX_BYTES // 2**20} MB are read; "
            "save the photo smaller and try again."
        )
    kind = others.kind_of(data)
    return _read_usual(data, behind) if kind is None else _read_other(data, kind, behind)


def _read_usual(data: bytes, behind: int) -> Decoded:
    container = read_container(data)
    _check_claims(container)
    with _SLOTS:
        image = _load(container)
        if container.kind == "JPEG" and not _is_whole(container, image):
            raise cut_short()
        image = _finish(_shrink(_see_through(image, container)), behind)
    turn = _TURNS.get(container.orientation)
    notes = (FIRST_OF_SEVERAL,) * (container.frames > 1) + (NO_END_MARK,) * (not container.ended)
    return Decoded(image.transpose(turn) if turn is not None else image, notes)


def _read_other(data: bytes, kind: str, behind: int) -> Decoded:
    with _SLOTS:
        image, several = others.read(data, kind, MAX_PIXELS, MAX_SIDE, KEPT_SIDE)
        return Decoded(_finish(image, behind), (FIRST_OF_SEVERAL,) * several)


def _check_claims(container: Container) -> None:
    width, height = container.width, container.height
    most = MAX_ROW_BY_ROW_PIXELS if container.row_by_row else MAX_PIXELS
    if width * height > most or max(width, height) > MAX_SIDE:
        raise too_large(width, height, most, MAX_SIDE)


def _load(container: Container) -> Image.Image:
    """The decoded pixels. Huge JPEGs are reduced while they are decoded, which also saves the time."""
    try:
        image = Image.open(io.BytesIO(container.data), formats=(container.kind,))
        if image.size != (container.width, container.height):
            raise cut_short()
        scale = max(1, max(image.size) // KEPT_SIDE)
        image.draft(None, (max(1, image.width // scale), max(1, image.height // scale)))
        image.load()
    except PhotoError:
        raise
    except _DAMAGE:
        raise cut_short() from None
    return image


def _is_whole(container: Container, image: Image.Image) -> bool:
    """Whether a JPEG's data lasted for all of its pixels: a decoder makes up the rest, mostly gray, and says nothing.

    As cameras write it the last pixel tells, and a second look is taken of one photo in thirty; of others always.
    """
    if not container.covered:
        return False
    last = image.crop((image.width - 1, image.height - 1, image.width, image.height)).convert("L").tobytes()[0]
    told_by_last = container.ended and container.row_by_row and image.mode != "CMYK"
    if told_by_last and abs(last - MADE_UP) > 3:
        return True
    other = _load(replace(container, data=with_nonsense(container.data)))
    return ImageChops.difference(image, other).getbbox() is None


def _see_through(image: Image.Image, container: Container) -> Image.Image:
    """As mode L, RGB, CMYK, LA or RGBA: palettes looked up, 16 bits scaled to 8, the see-through colour made alpha."""
    if image.mode == "P":
        return image.convert("RGBA" if "transparency" in image.info else "RGB")
    if image.mode == "1":
        image = image.convert("L")
    pixels = np.asarray(image)
    if image.mode.startswith("I"):
        levels = (np.arange(2**16) + 128) // 257
        image = Image.fromarray(levels.astype(np.uint8)[pixels])
    if container.transparent is not None:
        hidden = pixels == np.array(container.transparent, pixels.dtype)
        hidden = hidden.all(axis=-1) if pixels.ndim == 3 else hidden
        image.putalpha(Image.fromarray(np.where(hidden, 0, WHITE).astype(np.uint8)))
    return image


def _shrink(image: Image.Image) -> Image.Image:
    """By a whole factor, so that what follows works on few pixels; alpha is weighed in."""
    factor = max(image.size) // KEPT_SIDE
    return image.reduce(factor) if factor > 1 else image


def _finish(image: Image.Image, behind: int) -> Image.Image:
    image = _flatten(image, behind)
    image.thumbnail((KEPT_SIDE, KEPT_SIDE), Image.Resampling.BOX)
    image.info.clear()
    return image


def _flatten(image: Image.Image, behind: int) -> Image.Image:
    if image.mode not in ("LA", "RGBA"):
        return image.convert("RGB")
    image = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, (behind, behind, behind, WHITE)), image).convert("RGB")
