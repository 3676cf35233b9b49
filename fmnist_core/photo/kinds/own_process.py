"""Reads one photo of a less usual kind, in a process of its own: `others.py` starts it and nothing imports it.

The file comes on standard input. Standard output says one of

    picture MODE WIDTH HEIGHT SEVERAL       a line; then the pixels, RGB or RGBA
    large WIDTH HEIGHT                      what the header claims, which is too much
    damaged

A reader that crashes takes this process along and not the server, one that asks for more memory or time than is granted
gets none. It imports no other module of ours, so that it starts in a tenth of a second.
"""

import io
import sys
from typing import Any

from PIL import AvifImagePlugin, Image, ImageOps

BAND = 256  # rows that are reduced at once, times the factor


def limit(megabytes: int, seconds: int) -> None:
    """Of this process; where the system knows no limits (Windows) the header's claims are all that is held down."""
    try:
        import resource
    except ImportError:
        return
    for what, most in ((resource.RLIMIT_DATA, megabytes * 2**20), (resource.RLIMIT_CPU, seconds)):
        try:
            resource.setrlimit(what, (most, most))
        except (OSError, ValueError):  # a stricter one holds already
            pass
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def fits(size: tuple[int, int], most_pixels: int, longest: int) -> bool:
    return 0 < size[0] * size[1] <= most_pixels and max(size) <= longest


def read_heif(data: bytes, most_pixels: int, longest: int, kept: int) -> tuple[Image.Image | tuple[int, int], bool]:
    """Band by band from the decoder's own pixels: a photo of 48 million would be held three times over otherwise.

    The decoder has turned it upright: what EXIF says of that is to be left alone.
    """
    import pillow_heif
    from pillow_heif import options

    options.DECODE_THREADS = 1
    options.THUMBNAILS = options.DEPTH_IMAGES = options.AUX_IMAGES = False
    file = pillow_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=True)
    one: Any = file[file.primary_index]
    if not fits(one.size, most_pixels, longest):
        return one.size, False
    one.load()
    (width, height), pixels = one.size, memoryview(one.data)
    if not fits(one.size, most_pixels, longest):
        return one.size, False
    factor = max(1, max(one.size) // kept)
    small = Image.new(one.mode, (-(-width // factor), -(-height // factor)))
    for top in range(0, height, BAND * factor):
        rows = min(BAND * factor, height - top)
        part = pixels[top * one.stride : (top + rows) * one.stride]
        band = Image.frombytes(one.mode, (width, rows), part, "raw", one.mode, one.stride)
        small.paste(band.reduce(factor), (0, top // factor))
    return small, len(file) > 1


def read_other(
    data: bytes, kind: str, most_pixels: int, longest: int, kept: int
) -> tuple[Image.Image | tuple[int, int], bool]:
    """GIF, BMP, TIFF and AVIF: the first picture, upright and reduced by a whole factor."""
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    Image.MAX_IMAGE_PIXELS = None  # what is too large is said below, with its size
    image: Any = Image.open(io.BytesIO(data), formats=(kind,))
    if not fits(image.size, most_pixels, longest):
        return image.size, False
    several = bool(getattr(image, "is_animated", False))
    image.load()
    factor = max(1, max(image.size) // kept)
    turn = image.getexif().get(0x0112, 1)
    small = eight_bits(image).reduce(factor)
    small.getexif()[0x0112] = turn
    return ImageOps.exif_transpose(small), several


def eight_bits(image: Image.Image) -> Image.Image:
    """Without palettes, which cannot be reduced, and 16 bits of gray scaled to 8."""
    if image.mode.startswith("I;16"):
        return image.convert("I").point(lambda level: level * (1 / 257) + 0.5).convert("L")
    if image.mode in ("I", "F"):
        raise ValueError("Levels without a known range.")
    if image.mode == "RGBX":
        return image.convert("RGB")
    see_through = "transparency" in image.info or image.mode in ("LA", "PA", "La", "RGBa")
    return image.convert("RGBA") if see_through else image.convert("RGB") if image.mode != "RGBA" else image


def answer(data: bytes, kind: str, most_pixels: int, longest: int, kept: int) -> bytes:
    try:
        if kind == "HEIF":
            found, several = read_heif(data, most_pixels, longest, kept)
        else:
            found, several = read_other(data, kind, most_pixels, longest, kept)
    except Exception:  # whatever a damaged file makes its reader raise, or too little memory
        return b"damaged\n"
    if isinstance(found, tuple):
        return f"large {found[0]} {found[1]}\n".encode()
    image = found if found.mode in ("RGB", "RGBA") else found.convert("RGBA" if found.mode[-1] in "Aa" else "RGB")
    head = f"picture {image.mode} {image.width} {image.height} {int(several)}\n"
    return head.encode() + image.tobytes()


if __name__ == "__main__":
    kind, *numbers = sys.argv[1:]
    most_megabytes, most_seconds, *bounds = map(int, numbers)
    limit(most_megabytes, most_seconds)
    sys.stdout.buffer.write(answer(sys.stdin.buffer.read(), kind, *bounds))
