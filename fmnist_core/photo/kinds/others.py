"""HEIC, AVIF, TIFF, BMP and GIF: read by a process of its own, which may crash or be refused memory and takes nobody
along."""

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from fmnist_core.photo.kinds.claims import PhotoError, cut_short, too_large

# Phones write HEIC of up to 48 million pixels; it is reduced band by band, the others are held whole.
MAX_HEIF_PIXELS = 50_000_000
MAX_MEGABYTES = 500
MAX_SECONDS = 20
_PROGRAM = Path(__file__).with_name("own_process.py")
_MAGICS = ((b"GIF8", "GIF"), (b"BM", "BMP"), (b"II*\0", "TIFF"), (b"MM\0*", "TIFF"))
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})


class Picture(NamedTuple):
    """image: mode RGB or RGBA, upright. several: the file holds more than this one."""

    image: Image.Image
    several: bool


def kind_of(data: bytes) -> str | None:
    """HEIF, AVIF, TIFF, BMP, GIF, or None for a file that is none of them."""
    for magic, kind in _MAGICS:
        if data.startswith(magic):
            return kind
    if data[4:8] != b"ftyp":
        return None
    # A box of its length, its name, the main brand, a version, the other brands; "mif1" leaves the kind to these.
    end = min(int.from_bytes(data[:4], "big"), 256)
    brands = [data[8:12], *(data[start : start + 4] for start in range(16, end - 3, 4))]
    if data[8:12] not in _HEIF_BRANDS | _AVIF_BRANDS | {b"mif1", b"msf1"}:
        return None
    return "AVIF" if any(brand in _AVIF_BRANDS for brand in brands) else "HEIF"


def read(data: bytes, kind: str, most_pixels: int, longest: int, kept: int) -> Picture:
    """The picture in a file of such a kind.

    Args:
        most_pixels, longest: what its header may claim, in all and a side.
        kept: it is reduced by a whole factor while both sides stay at least this long.

    Raises:
        PhotoError: it is too large, damaged, cut short, or takes too much memory or time.
    """
    most = max(most_pixels, MAX_HEIF_PIXELS) if kind == "HEIF" else most_pixels
    numbers = (MAX_MEGABYTES, MAX_SECONDS, most, longest, kept)
    command = [sys.executable, "-I", str(_PROGRAM), kind, *map(str, numbers)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=2 * MAX_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise PhotoError("The photo takes too long to read; save it again as a JPEG and try that one.") from None
    head, _, pixels = done.stdout.partition(b"\n")
    words = head.decode("ascii", "replace").split()
    if done.returncode == 0 and words[:1] == ["large"]:
        raise too_large(int(words[1]), int(words[2]), most, longest)
    if done.returncode or words[:1] != ["picture"]:
        raise cut_short()
    size = int(words[2]), int(words[3])
    return Picture(Image.frombytes(words[1], size, pixels), words[4] == "1")
