"""What every kind of photo says of itself, how far it is believed, and the errors that refuse it."""

import struct
from dataclasses import dataclass

MAX_PARTS = 50_000  # chunks or segments; a 20 MB file in pieces of 1 kB has 20,000
READABLE = "choose a photo as JPEG, HEIC, PNG, WEBP, AVIF, TIFF, BMP or GIF"
NO_END_MARK = "The file lacks its last bytes, but all of the picture is there."
FIRST_OF_SEVERAL = "The file holds several pictures, such as those of an animation; only one is looked at."


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
    ended: bool = True  # PNG and JPEG: the mark of its end is there
    covered: bool = True  # JPEG: by its headers, its scans tell all there is to tell of every pixel


def cut_short() -> PhotoError:
    """The error of a file that is damaged or not whole."""
    return PhotoError("The photo is damaged or ends too early, so a part of it is missing; save or download it again.")


def too_large(width: int, height: int, most_pixels: int, longest: int) -> PhotoError:
    return PhotoError(
        f"The photo has {width:,} x {height:,} pixels, but up to {most_pixels // 10**6} million and "
        f"{longest:,} a side are read; save it smaller and try again."
    )


def orientation_of(exif: bytes) -> int:
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
