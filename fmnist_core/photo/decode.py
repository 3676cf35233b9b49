"""The one guarded image decoder: bytes from a visitor's browser in, an RGB image out.

Everything is hostile until read: nothing is loaded before the header's claims are checked, nothing is written to
disk, and no file name is known here.
"""

import io
import struct
import threading

import numpy as np
from PIL import Image

from fmnist_core.photo.container import Container, PhotoError, cut_short, read_container

MAX_BYTES = 20 * 2**20  # the server's maxUploadSize; its upload route checks it, other ways in do not
MAX_PIXELS = 20_000_000
# A JPEG as cameras write it is reduced row by row while it is decoded: of 48 million pixels in 40 MB and 0.1 s, of
# 100 million in 90 MB and 0.4 s (measured). A progressive one is held whole: 600 MB for 100 million.
MAX_ROW_BY_ROW_PIXELS = 80_000_000
MAX_SIDE = 10_000
KEPT_SIDE = 1_600  # larger photos are reduced to it
WHITE = 255

# While a photo of 20 million pixels is decoded it needs up to 360 MB (measured, WEBP): a third visitor waits.
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


def decode(data: bytes, behind: int = WHITE) -> Image.Image:
    """The photo in a PNG, JPEG or WEBP file: upright, mode RGB, uint8, at most 1,600 pixels a side.

    Args:
        data: the whole file.
        behind: the gray level 0..255 that shows through where the image is transparent.

    Raises:
        PhotoError: the file is empty, too large, of another kind, damaged, cut short or animated.
    """
    if len(data) > MAX_BYTES:
        raise PhotoError(
            f"The file has {len(data) / 2**20:.1f} MB, but up to {MAX_BYTES // 2**20} MB are read; "
            "save the photo smaller and try again."
        )
    container = read_container(data)
    _check_claims(container)
    with _SLOTS:
        image = _flatten(_shrink(_see_through(_load(container), container)), behind)
        image.thumbnail((KEPT_SIDE, KEPT_SIDE), Image.Resampling.BOX)
        turn = _TURNS.get(container.orientation)
        image = image.transpose(turn) if turn is not None else image
    image.info.clear()
    return image


def _check_claims(container: Container) -> None:
    width, height = container.width, container.height
    most = MAX_ROW_BY_ROW_PIXELS if container.row_by_row else MAX_PIXELS
    if width * height > most or max(width, height) > MAX_SIDE:
        raise PhotoError(
            f"The photo has {width:,} x {height:,} pixels, but up to {most // 10**6} million and "
            f"{MAX_SIDE:,} a side are read; save it smaller and try again."
        )
    if container.frames != 1:
        raise PhotoError(
            f"This is an animation of {container.frames:,} frames, but one still picture is needed; "
            "save a single frame and try again."
        )


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


def _flatten(image: Image.Image, behind: int) -> Image.Image:
    if image.mode not in ("LA", "RGBA"):
        return image.convert("RGB")
    image = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, (behind, behind, behind, WHITE)), image).convert("RGB")
