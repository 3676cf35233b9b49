"""Photos to pictures. Every file is made here; none is read from disk but the dataset's pictures."""

import io
import struct
import subprocess
import sys
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image, ImageDraw

from fmnist_core.data import WHITE, load_split
from fmnist_core.photo import pipeline, steps
from fmnist_core.photo.decode import KEPT_SIDE, MAX_BYTES, PhotoError, decode, decode_with_notes
from fmnist_core.photo.garment import find_garment
from fmnist_core.photo.kinds import container
from fmnist_core.photo.kinds.claims import NO_END_MARK
from fmnist_core.photo.pipeline import DEFAULT_MODE, MODES, prepare
from fmnist_core.photo.steps import LIGHT_GARMENT, NOTHING_FOUND, pad, sharpen
from fmnist_core.storage import folders

ROOT = folders.PROJECT
PNG = b"\x89PNG\r\n\x1a\n"


def saved(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)


def png(width: int, height: int, depth: int, colour: int, rows: bytes, *extra: bytes) -> bytes:
    """A PNG from its raw parts; rows: each a filter byte 0 and the packed samples."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return PNG + b"".join([chunk(b"IHDR", header), *extra, chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")])


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"WEBP" + b"".join(
        name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2) for name, content in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def with_orientation(image: Image.Image, orientation: int, kind: str, **options: object) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(image, kind, exif=exif, **options)


def sized(jpeg: bytes, width: int, height: int) -> bytes:
    """A JPEG that claims to be of another size."""
    frame = next(jpeg.index(marker) for marker in (b"\xff\xc0", b"\xff\xc2") if marker in jpeg)
    return jpeg[: frame + 5] + struct.pack(">HH", height, width) + jpeg[frame + 9 :]


def one_colour_a_scan(image: Image.Image) -> bytes:
    """A JPEG whose first and only scan tells of one colour of three, so that a decoder would wait for the others."""
    jpeg = saved(image, "JPEG")
    scan = jpeg.index(b"\xff\xda")
    return jpeg[:scan] + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + jpeg[scan + 14 :]


def pixels(data: bytes, **options: int) -> np.ndarray:
    image = decode(data, **options)
    assert image.mode == "RGB"
    return np.asarray(image)


def noise(height: int = 40, width: int = 60) -> Image.Image:
    small = np.random.default_rng(0).integers(0, 256, (height // 10, width // 10, 3), dtype=np.uint8)
    return Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)


def hostile_files() -> dict[str, tuple[bytes, str]]:
    """Name -> file, words of the sentence that refuses it."""
    photo = noise()
    as_png, jpeg, webp = saved(photo), saved(photo, "JPEG"), saved(photo, "WEBP")
    progressive = saved(photo, "JPEG", progressive=True)
    frame = jpeg.index(b"\xff\xc0")
    scan = progressive.rindex(b"\xff\xda")
    header_of_60000 = struct.pack(">HH", 60_000, 60_000)
    return {
        "empty": (b"", "empty"),
        "too large": (b"\xff\xd8\xff" + bytes(MAX_BYTES), "up to 20 MB"),
        "web page": (b"<!DOCTYPE html><html><body>Not found</body></html>", "a web page"),
        "SVG": (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing"),
        "ZIP": (b"PK\x03\x04" + bytes(60), "a ZIP archive"),
        "PDF": (b"%PDF-1.7\n1 0 obj", "a PDF document"),
        "text": (b"shirt, size 38", "a text"),
        "random": (np.random.default_rng(1).bytes(5_000), "no photo"),
        "zeros": (bytes(100), "no photo"),
        "GIF of nothing": (b"GIF89a" + bytes(40), "damaged"),
        "BMP of nothing": (b"BM" + bytes(60), "damaged"),
        "TIFF of nothing": (b"II*\0" + bytes(60), "damaged"),
        "HEIC of nothing": (b"\0\0\0\x18ftypheic" + bytes(40), "damaged"),
        "AVIF of nothing": (b"\0\0\0\x18ftypavif" + bytes(40), "damaged"),
        "GIF bomb": (b"GIF89a\xff\xff\xff\xff" + saved(photo, "GIF")[10:], "65,535 x 65,535 pixels"),
        "icon": (b"\0\0\1\0" + bytes(40), "an icon"),
        "video": (b"\0\0\0\x18ftypisom" + bytes(40), "a video"),
        "PNG of nothing": (PNG, "ends too early"),
        "half a PNG": (as_png[: len(as_png) // 2], "ends too early"),
        "half a JPEG": (jpeg[: len(jpeg) // 2], "ends too early"),
        "half a progressive JPEG": (progressive[: len(progressive) // 2], "ends too early"),
        "half a JPEG with an end": (jpeg[: len(jpeg) // 2] + b"\xff\xd9", "ends too early"),
        "most of a JPEG with an end": (jpeg[: len(jpeg) * 9 // 10] + b"\xff\xd9", "ends too early"),
        "half a JPEG filled with zeros": (jpeg[: len(jpeg) // 2] + bytes(4_096), "ends too early"),
        "half a progressive JPEG with an end": (progressive[: len(progressive) // 2] + b"\xff\xd9", "ends too early"),
        "JPEG of more pixels than it holds": (sized(jpeg, 8_000, 8_000), "ends too early"),
        "JPEG of a few more pixels than it holds": (sized(jpeg, 60, 64), "ends too early"),
        "half a WEBP": (webp[: len(webp) // 2], "ends too early"),
        "damaged PNG": (as_png[:200] + b"?" + as_png[201:], "damaged"),
        "PNG of a wrong checksum": (as_png[:-13] + bytes([as_png[-13] ^ 1]) + as_png[-12:], "damaged"),
        "PNG of an end": (PNG + as_png[-12:], "damaged"),
        "PNG without a header": (PNG + as_png[33:], "damaged"),
        "PNG without pixels": (PNG + as_png[8:33] + as_png[-12:], "damaged"),
        "PNG of no size": (png(0, 9, 8, 0, bytes(20)), "damaged"),
        "PNG of no depth": (png(9, 9, 0, 0, bytes(90), chunk(b"tRNS", b"\0\1")), "damaged"),
        "PNG of two headers": (
            png(9, 9, 8, 0, bytes(90), chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0))),
            "damaged",
        ),
        "PNG of a million chunks": (PNG + as_png[8:33] + chunk(b"tEXt", b"") * 1_000_000, "damaged"),
        "a long line": (png(60_000, 1, 8, 0, bytes(60_001)), "60,000 x 1 pixels"),
        "a little too many pixels": (png(6_000, 4_001, 1, 0, bytes(751 * 4_001)), "up to 24 million"),
        "large progressive JPEG": (sized(progressive, 6_000, 8_000), "up to 24 million"),
        "large progressive JPEG of one scan": (
            sized(jpeg.replace(b"\xff\xc0", b"\xff\xc2"), 6_000, 8_000),
            "up to 24 million",
        ),
        "large JPEG of which a scan holds one colour": (
            sized(one_colour_a_scan(photo), 6_000, 8_000),
            "up to 24 million",
        ),
        "JPEG of 121 million pixels": (sized(jpeg, 11_000, 11_000), "up to 120 million"),
        "JPEG of a long line": (sized(jpeg, 60_000, 1), "60,000 x 1 pixels"),
        "PNG bomb": (png(2**31 - 1, 2**31 - 1, 16, 6, bytes(1_000)), "up to 24 million"),
        "JPEG bomb": (jpeg[: frame + 5] + header_of_60000 + jpeg[frame + 9 :], "60,000 x 60,000 pixels"),
        "large WEBP": (riff((b"VP8X", bytes(4) + b"\x70\x17\0\x9f\x0f\0"), (b"VP8 ", bytes(20))), "up to 24 million"),
        "WEBP bomb": (riff((b"VP8X", bytes(4) + b"\xff" * 6), (b"VP8 ", bytes(20))), "16,777,216 x 16,777,216"),
        "short WEBP header": (riff((b"VP8X", b"\xff" * 7), (b"ANIM", b"\xff" * 9)), "damaged"),
        "JPEG of two frames": (jpeg[:2] + jpeg[frame : frame + 19] + jpeg[2:], "damaged"),
        "JPEG of 12 bits": (jpeg[: frame + 4] + b"\x0c" + jpeg[frame + 5 :], "damaged"),
        "arithmetic JPEG": (jpeg[: frame + 1] + b"\xc9" + jpeg[frame + 2 :], "a rare kind"),
        "JPEG of 500 scans": (progressive[:scan] + progressive[scan:-2] * 500 + b"\xff\xd9", "a rare kind"),
    }


HOSTILE = hostile_files()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_one_sentence(name: str) -> None:
    data, words = HOSTILE[name]
    with pytest.raises(PhotoError) as refusal:
        decode(data)
    sentence = str(refusal.value)
    assert words in sentence
    assert sentence.endswith(".") and sentence.count(".") == 1 + (name == "too large")  # 20.0 MB
    assert "; " in sentence  # what happened; what to do
    assert len(sentence) < 160


@pytest.mark.parametrize(
    "options",
    [
        {"kind": "PNG"},
        {"kind": "JPEG"},
        {"kind": "JPEG", "restart_marker_rows": 1},
        {"kind": "JPEG", "progressive": True},
        {"kind": "WEBP"},
    ],
)
def test_a_file_cut_at_any_place_is_refused_or_whole(options: dict) -> None:
    """Whole is what lacks the mark of its end, or bits that are not seen: it is read, and a note says so."""
    data = saved(noise(20, 30), **options)
    whole, read = pixels(data).astype(int), []
    for length in range(len(data)):
        try:
            found = decode_with_notes(data[:length])
        except PhotoError:
            continue
        read.append(length)
        assert found.notes == (NO_END_MARK,) and np.abs(np.asarray(found.image) - whole).max() <= 1
    if options["kind"] == "WEBP":
        assert not read
    else:
        lost = {"JPEG": 2, "PNG": 12}[options["kind"]]
        assert len(data) - lost in read and read[0] >= len(data) - 24
        assert decode_with_notes(data).notes == ()


@pytest.mark.parametrize(
    "options", [{}, {"progressive": True}, {"restart_marker_rows": 1}, {"subsampling": 0, "optimize": True}]
)
@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_a_gray_end_is_no_sign_that_something_lacks(mode: str, options: dict) -> None:
    photo = Image.new("L", (90, 70), 128)
    photo.paste(noise(40, 60).convert("L"))
    data = saved(photo.convert(mode), "JPEG", **options)
    assert decode_with_notes(data).notes == ()
    assert decode_with_notes(data[:-2]).notes == (NO_END_MARK,)
    half = data[: data.rindex(b"\xff\xda") + 40]
    for cut in (half, half + b"\xff\xd9"):
        with pytest.raises(PhotoError, match="ends too early"):
            decode(cut)


def test_damaged_files_give_sentences_or_pixels() -> None:
    """5,000 files with bytes changed, lost or added: nothing but a PhotoError comes out."""
    random = np.random.default_rng(3)
    photo = noise(20, 30)
    seeds = [
        saved(photo),
        saved(photo.quantize(8)),
        saved(photo, "JPEG"),
        saved(photo, "WEBP"),
        saved(photo, "WEBP", lossless=True),
    ]
    refused = 0
    for _ in range(5_000):
        data = bytearray(seeds[random.integers(len(seeds))])
        for _ in range(random.integers(1, 5)):
            place = int(random.integers(3, len(data)))
            data[place : place + int(random.integers(0, 3))] = random.bytes(int(random.integers(0, 3)))
        try:
            decode(bytes(data))
        except PhotoError:
            refused += 1
    assert 500 < refused < 5_000


@pytest.mark.slow
def test_nothing_stays_in_memory_and_nothing_takes_long() -> None:
    largest = saved(Image.new("RGB", (5_000, 4_000), "navy"))  # 80 MB of pixels
    process = psutil.Process()
    decode(largest)
    before = process.memory_info().rss
    for _ in range(3):
        started = time.thread_time()
        decode(largest)
        for data, _ in HOSTILE.values():
            with pytest.raises(PhotoError):
                decode(data)
        assert time.thread_time() - started < 2
    assert process.memory_info().rss - before < 40 * 2**20


TURNS = {
    1: lambda stored: stored,
    2: lambda stored: stored[:, ::-1],
    3: lambda stored: stored[::-1, ::-1],
    4: lambda stored: stored[::-1],
    5: lambda stored: stored.swapaxes(0, 1),
    6: lambda stored: np.rot90(stored, -1),
    7: lambda stored: np.rot90(stored, 2).swapaxes(0, 1),
    8: lambda stored: np.rot90(stored),
    9: lambda stored: stored,  # there is no such orientation
}


@pytest.mark.parametrize("orientation", TURNS)
def test_a_photo_is_turned_as_its_camera_says(orientation: int) -> None:
    stored = np.asarray(noise())
    upright = TURNS[orientation](stored)
    image = Image.fromarray(stored)
    assert np.array_equal(pixels(with_orientation(image, orientation, "PNG")), upright)
    assert np.array_equal(pixels(with_orientation(image, orientation, "WEBP", lossless=True)), upright)
    jpeg = pixels(with_orientation(image, orientation, "JPEG", quality=95, subsampling=0))
    assert np.abs(jpeg.astype(int) - upright).mean() < 2


def test_the_camera_may_write_either_byte_order_or_nonsense() -> None:
    photo = noise()
    stored = np.asarray(photo)
    entry = struct.pack("<HHII", 0x0112, 3, 1, 6)
    little = b"Exif\0\0II*\0\x08\0\0\0\x01\0" + entry
    assert np.array_equal(pixels(saved(photo, exif=little)), np.rot90(stored, -1))
    for broken in (little[:-5], b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0", b"Exif\0\0" + b"\xff" * 60_000):
        assert np.array_equal(pixels(saved(photo, exif=broken)), stored)


def test_16_bit_gray_is_scaled_not_clipped() -> None:
    ramp = np.linspace(0, 65_535, 256).round().astype(np.uint16).reshape(16, 16)
    assert np.array_equal(pixels(saved(Image.fromarray(ramp)))[..., 0], np.arange(256).reshape(16, 16))
    rows = b"\0" + struct.pack(">3H", 0, 258, 65_535)
    hidden = png(3, 1, 16, 0, rows, chunk(b"tRNS", struct.pack(">H", 258)))
    assert pixels(hidden)[0, :, 0].tolist() == [0, 255, 255]
    assert pixels(hidden, behind=9)[0, :, 0].tolist() == [0, 9, 255]


def test_16_bit_colour_keeps_its_upper_bits() -> None:
    colour = (0x1234, 0x80FF, 0xFFFF)
    assert pixels(png(1, 1, 16, 2, b"\0" + struct.pack(">3H", *colour))).tolist() == [[[0x12, 0x80, 0xFF]]]
    keyed = png(1, 1, 16, 2, b"\0" + struct.pack(">3H", *colour), chunk(b"tRNS", struct.pack(">3H", *colour)))
    assert pixels(keyed).tolist() == [[[255, 255, 255]]]
    see_through = png(1, 1, 16, 6, b"\0" + struct.pack(">4H", *colour, 0))
    assert pixels(see_through).tolist() == [[[255, 255, 255]]]


def test_what_is_transparent_becomes_white_or_what_lies_behind() -> None:
    red_then_nothing = Image.fromarray(np.array([[[200, 0, 0, 255], [0, 0, 0, 0]]], np.uint8))
    palette = Image.new("P", (2, 1))
    palette.putpalette([200, 0, 0, 0, 0, 0])
    palette.putpixel((1, 0), 1)
    plain = Image.fromarray(np.array([[[200, 0, 0], [0, 0, 0]]], np.uint8))
    for data in (
        saved(red_then_nothing),
        saved(red_then_nothing, "WEBP", lossless=True, exact=True),
        saved(palette, transparency=1),
        saved(palette, transparency=b"\xff\x00"),
        saved(plain, transparency=(0, 0, 0)),
    ):
        assert pixels(data).tolist() == [[[200, 0, 0], [255, 255, 255]]]
        assert pixels(data, behind=0).tolist() == [[[200, 0, 0], [0, 0, 0]]]


def test_half_transparent_gray_is_mixed_with_white() -> None:
    gray = Image.merge("LA", [Image.new("L", (3, 1), 100), Image.fromarray(np.array([[255, 51, 0]], np.uint8))])
    assert pixels(saved(gray))[0, :, 0].tolist() == [100, 224, 255]


def test_few_bits_a_pixel() -> None:
    bits = np.array([[True, False, True]])
    assert pixels(saved(Image.fromarray(bits)))[0, :, 0].tolist() == [255, 0, 255]
    keyed = png(3, 1, 1, 0, b"\0\xa0", chunk(b"tRNS", b"\0\1"))  # bits 1, 0, 1, of which 1 is see-through
    assert pixels(keyed, behind=7)[0, :, 0].tolist() == [7, 0, 7]
    two_bits = (4, 1, 2, 0, b"\0\x1b")  # levels 0, 1, 2, 3
    assert pixels(png(*two_bits))[0, :, 0].tolist() == [0, 85, 170, 255]
    assert pixels(png(*two_bits, chunk(b"tRNS", b"\0\2")), behind=7)[0, :, 0].tolist() == [0, 85, 7, 255]


def test_cmyk_becomes_the_colours_it_prints() -> None:
    inks = {
        (0, 0, 0, 0): (255, 255, 255),
        (255, 0, 0, 0): (0, 255, 255),
        (0, 255, 255, 0): (255, 0, 0),
        (0, 0, 0, 255): (0, 0, 0),
    }
    for ink, colour in inks.items():
        data = saved(Image.new("CMYK", (16, 16), ink), "JPEG", quality=95)
        assert np.abs(pixels(data).astype(int) - colour).max() <= 3


def test_a_jpeg_may_say_that_it_holds_red_green_and_blue() -> None:
    data = saved(Image.new("RGB", (16, 16), (200, 30, 90)), "JPEG", quality=95, keep_rgb=True)
    for marker, first in ((b"\xff\xc0", 10), (b"\xff\xda", 5)):  # without the letters R, G, B only Adobe's part says it
        place = data.index(marker) + first
        step = 3 if first == 10 else 2
        for number in range(3):
            at = place + number * step
            data = data[:at] + bytes([number + 1]) + data[at + 1 :]
    assert np.abs(pixels(data).astype(int) - (200, 30, 90)).max() <= 3


def test_metadata_never_reaches_the_decoder() -> None:
    photo = noise()
    stored = np.asarray(photo)
    bomb = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(100 * 2**20)))
    profile = chunk(b"iCCP", b"broken\0\0" + b"?" * 1_000)
    as_png = saved(photo)
    wrong_checksum = chunk(b"tIME", bytes(7))[:-1] + b"?"
    assert np.array_equal(pixels(as_png[:33] + bomb + profile + wrong_checksum + as_png[33:]), stored)
    jpeg = saved(photo, "JPEG")
    pages = b"".join(b"\xff" + marker + b"\xff\xff" + b"?" * 65_533 for marker in (b"\xe1", b"\xe2", b"\xfe") * 20)
    profiles = b"\xff\xe2\x00\x14ICC_PROFILE\0\x09\x00????"
    album = b"\xff\xe2\x00\x0eMPF\0????????"  # of which Pillow would warn
    assert np.array_equal(pixels(jpeg[:2] + album + pages + profiles + jpeg[2:]), pixels(jpeg))
    webp = saved(photo, "WEBP", lossless=True, icc_profile=b"?" * 999, exif=b"?" * 60_000, xmp=b"<" * 60_000)
    assert np.array_equal(pixels(webp), stored)
    assert decode(webp).info == {}


def test_two_photos_in_one_jpeg_are_the_first() -> None:
    first, second = noise(), Image.new("RGB", (60, 40), "red")
    both = saved(first, "MPO", save_all=True, append_images=[second])
    assert np.abs(pixels(both).astype(int) - np.asarray(first)).mean() < 5
    assert np.array_equal(pixels(saved(first, "JPEG") + b"video" * 1_000), pixels(saved(first, "JPEG")))


def test_a_png_of_one_frame_is_no_animation() -> None:
    data = saved(noise())
    assert np.array_equal(pixels(data[:33] + chunk(b"acTL", struct.pack(">II", 1, 0)) + data[33:]), np.asarray(noise()))


def test_one_pixel_is_a_photo() -> None:
    for kind in ("PNG", "JPEG", "WEBP"):
        assert decode(saved(Image.new("RGB", (1, 1), "white"), kind)).size == (1, 1)


@pytest.mark.some(2)
@pytest.mark.parametrize(
    ("kind", "mode"),
    [("PNG", mode) for mode in ("1", "L", "LA", "P", "RGB", "RGBA")]
    + [("JPEG", mode) for mode in ("L", "RGB", "CMYK")]
    + [("WEBP", "RGB")],
)
def test_a_large_photo_is_reduced(kind: str, mode: str) -> None:
    photo = Image.new("L", (3_600, 2_700), "white")
    photo.paste(0, (0, 0, 1_800, 2_700))
    photo = photo.convert(mode)
    small = decode(saved(photo, kind))
    assert small.size == (KEPT_SIDE, 1_200)
    middle = np.asarray(small)[600, :, 0]
    assert middle[:790].max() < 10 and middle[810:].min() > 245


def photo_of_a_boot(width: int, height: int) -> bytes:
    """A JPEG of the first test picture, dark on white, as a camera of so many pixels would write it."""
    boot = Image.fromarray(WHITE - load_split("test").images[0]).resize((1_500, 2_000), Image.Resampling.BICUBIC)
    framed = Image.new("L", (1_500, 2_000), WHITE)
    framed.paste(boot.resize((1_000, 1_000)), (250, 500))
    return saved(framed.convert("RGB").resize((width, height), Image.Resampling.BICUBIC), "JPEG", quality=90)


@pytest.fixture(scope="module")
def photo_of_48_million_pixels() -> bytes:
    return photo_of_a_boot(6_000, 8_000)


@pytest.mark.parametrize("mode", MODES)
def test_a_photo_of_48_million_pixels_is_the_picture_of_a_small_one(photo_of_48_million_pixels, mode) -> None:
    large, small = decode(photo_of_48_million_pixels), decode(photo_of_a_boot(1_500, 2_000))
    assert large.size == small.size == (1_200, KEPT_SIDE)
    assert np.abs(np.asarray(large).astype(int) - np.asarray(small)).mean() < 2
    pictures = [prepare(photo, mode).picture.astype(int) for photo in (large, small)]
    assert np.ptp(pictures[1]) > 100
    assert np.abs(pictures[0] - pictures[1]).mean() < 3


@pytest.fixture(scope="module")
def photo_of_108_million_pixels() -> bytes:
    return photo_of_a_boot(9_000, 12_000)


@pytest.mark.long
def test_108_million_pixels_and_a_panorama_are_reduced(photo_of_108_million_pixels) -> None:
    assert decode(photo_of_108_million_pixels).size == (1_200, KEPT_SIDE)
    panorama = Image.new("RGB", (11_500, 2_000), "white")
    panorama.paste((20, 40, 90), (0, 500, 5_750, 2_000))
    for options in ({"kind": "JPEG"}, {"kind": "PNG", "compress_level": 1}, {"kind": "WEBP", "method": 0}):
        small = decode(saved(panorama, **options))
        assert small.size[0] == KEPT_SIDE and 278 <= small.size[1] <= 279
        wanted = panorama.resize(small.size, Image.Resampling.BOX)
        assert np.abs(np.asarray(small).astype(int) - np.asarray(wanted)).mean() < 4


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells the peak of one process")
@pytest.mark.parametrize(("millions", "most"), [(48, 70), (108, 110)])
def test_a_huge_photo_needs_little_memory(millions: int, most: int, request, tmp_path) -> None:
    """Decoded whole it would take 144 or 324 MB; in a process of its own, so that nothing is free to be used again."""
    (tmp_path / "large.jpg").write_bytes(request.getfixturevalue(f"photo_of_{millions}_million_pixels"))
    (tmp_path / "small.jpg").write_bytes(photo_of_a_boot(150, 200))
    program = (
        "import pathlib, re, sys; from fmnist_core.photo.decode import decode\n"
        "status = pathlib.Path('/proc/self/status')\n"
        "used = lambda: int(re.search(r'VmHWM:\\s+(\\d+) kB', status.read_text())[1])\n"
        "small, large = (pathlib.Path(name).read_bytes() for name in sys.argv[1:])\n"
        "decode(small); before = used(); decode(large); print(used() - before)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "small.jpg"), str(tmp_path / "large.jpg")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout) < most * 2**10  # kB


def test_a_long_thin_photo_keeps_a_pixel_of_width() -> None:
    for kind in ("PNG", "JPEG"):
        assert decode(saved(Image.new("L", (10_000, 1)), kind)).size == (KEPT_SIDE, 1)
        assert decode(saved(Image.new("L", (1, 10_000)), kind)).size == (1, KEPT_SIDE)


def test_four_threads_decode_what_one_does() -> None:
    files = [saved(noise(30 + 10 * k, 80), kind) for k in range(20) for kind in ("PNG", "JPEG", "WEBP")]
    expected = [pixels(data) for data in files]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            assert all(map(np.array_equal, pool.map(pixels, files), expected))


# From here on: a photo to a picture.


def shop_photo(
    garment: int = 60, background: int = 253, box: tuple[int, int, int, int] = (90, 40, 210, 240)
) -> Image.Image:
    """A rectangle of a garment, with a hem a little darker, in front of a plain background: 300 x 280."""
    photo = Image.new("RGB", (300, 280), (background,) * 3)
    draw = ImageDraw.Draw(photo)
    left, top, right, bottom = box
    draw.rectangle((left, top, right - 1, bottom - 1), fill=(garment,) * 3)
    draw.rectangle((left, bottom - 20, right - 1, bottom - 1), fill=(max(0, garment - 20),) * 3)
    return photo


def step(prepared: pipeline.Prepared, name: str) -> np.ndarray:
    return next(step.image for step in prepared.steps if step.name == name)


def awkward_photos() -> list[Image.Image]:
    sizes = [(1, 1), (2, 2), (1, 300), (300, 1), (28, 28), (27, 29), (1_600, 40), (31, 64)]
    return [noise().resize(size) for size in sizes] + [
        Image.new("RGB", (50, 50), colour) for colour in ("black", "white", "red")
    ]


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_makes_a_picture_of_any_photo(mode: str) -> None:
    for photo in [*awkward_photos(), shop_photo(), noise()]:
        prepared = prepare(photo, mode)
        assert prepared.picture.shape == (28, 28) and prepared.picture.dtype == np.uint8
        assert np.array_equal(prepared.steps[-1].image, prepared.picture)
        assert np.array_equal(prepared.steps[-1].picture, prepared.picture)
        for each in prepared.steps:
            assert each.image.dtype == np.uint8 and each.image.size
            assert each.image.ndim == 2 or each.image.shape[2:] == (3,)
            assert each.caption.endswith(".")
            assert each.picture.shape == (28, 28) and each.picture.dtype == np.uint8
        again = prepare(photo, mode)
        assert np.array_equal(again.picture, prepared.picture) and again.warnings == prepared.warnings


def test_the_modes_name_themselves() -> None:
    assert list(MODES) == ["source", "letterbox", "zalando", "best"] and DEFAULT_MODE == "best"
    assert all(name == mode.name and mode.title and mode.sentence.endswith(".") for name, mode in MODES.items())
    with pytest.raises(ValueError, match="Unknown mode 'magic'. Choose one of: source, letterbox, zalando, best"):
        prepare(noise(), "magic")


@pytest.mark.some(2)
@pytest.mark.parametrize("mode", MODES)
def test_a_picture_of_the_dataset_stays_as_it_is(mode: str) -> None:
    images = load_split("test").images[:1_000]
    kept = [np.array_equal(prepare(decode(saved(Image.fromarray(image))), mode).picture, image) for image in images]
    assert np.mean(kept) >= 0.998


def test_an_enlarged_picture_of_the_dataset_is_not_negated() -> None:
    images = load_split("test").images[:200]
    enlarged = [prepare(Image.fromarray(image.repeat(10, 0).repeat(10, 1)), "zalando").picture for image in images]
    alike = [np.corrcoef(picture.ravel(), image.ravel())[0, 1] for picture, image in zip(enlarged, images, strict=True)]
    assert np.mean(np.array(alike) > 0.99) > 0.9


def test_a_shop_photo_is_trimmed_centred_and_negated() -> None:
    prepared = prepare(shop_photo(), "zalando")
    assert prepared.warnings == ()
    picture = prepared.picture
    rows, columns = np.flatnonzero(picture.any(axis=1)), np.flatnonzero(picture.any(axis=0))
    assert (rows[0], rows[-1]) == (0, 27)  # 200 high and 120 wide: 28 and 17, five of eleven free columns on the right
    assert (columns[0], columns[-1]) == (6, 22)
    assert picture[3:22, 8:20].tolist() == np.full((19, 12), 255 - 60).tolist()
    assert (picture[:, :6] == 0).all() and (picture[:, 23:] == 0).all()


def test_the_thumbnail_is_averaged_and_then_sampled() -> None:
    rng = np.random.default_rng(0)
    photo = shop_photo()
    speckled = np.asarray(photo).copy()
    speckled[40:240, 90:210] -= rng.integers(0, 50, (200, 120, 1), dtype=np.uint8)
    prepared = prepare(Image.fromarray(speckled), "zalando")
    thumbnail, sampled = step(prepared, "thumbnail"), step(prepared, "sampled")
    assert max(thumbnail.shape) == 73 and max(sampled.shape) == 28
    rows = ((np.arange(sampled.shape[0]) + 0.5) * thumbnail.shape[0] / sampled.shape[0]).astype(int)
    columns = ((np.arange(sampled.shape[1]) + 0.5) * thumbnail.shape[1] / sampled.shape[1]).astype(int)
    assert np.array_equal(sampled, thumbnail[np.ix_(rows, columns)])
    assert thumbnail[5:60, 5:35].std() < step(prepared, "cut out")[20:150, 20:90].std()


def test_the_sharpening_kernel() -> None:
    kernel = steps.sharpening_kernel()
    assert kernel[1, 1] == pytest.approx(1.661, abs=5e-4)
    assert kernel[0, 1] == kernel[1, 2] == pytest.approx(-0.103, abs=5e-4)
    assert kernel[0, 0] == kernel[2, 0] == pytest.approx(-0.062, abs=5e-4)
    assert kernel.sum() == pytest.approx(1)


def test_sharpening_overshoots_at_an_edge_and_nowhere_else() -> None:
    edge = np.repeat([[100, 100, 100, 200, 200, 200]], 5, axis=0).astype(np.uint8)
    overshoot = round(100 * (0.1028 + 2 * 0.0624))
    expected = [100, 100, 100 - overshoot, 200 + overshoot, 200, 200]
    assert sharpen(edge).tolist() == [expected] * 5
    assert sharpen(np.array([[255, 0]], np.uint8)).tolist() == [[255, 0]]  # clipped, not wrapped around


def test_the_odd_pixel_goes_left_and_on_top() -> None:
    picture = pad(np.full((28, 13), 9, np.uint8), fill=1)
    assert np.flatnonzero((picture == 9).any(axis=0)).tolist() == list(range(8, 21))
    picture = pad(np.full((13, 28), 9, np.uint8), fill=1)
    assert np.flatnonzero((picture == 9).any(axis=1)).tolist() == list(range(8, 21))
    assert pad(np.full((28, 14), 9, np.uint8), fill=1)[0].tolist() == [1] * 7 + [9] * 14 + [1] * 7


@pytest.mark.parametrize("background", [250, 180, 120, 25])
def test_the_background_never_decides_the_polarity(background: int) -> None:
    picture = prepare(shop_photo(garment=70, background=background), "zalando").picture
    assert np.abs(picture[3:22, 9:19].astype(int) - (255 - 70)).max() <= 2
    assert (picture[:, :5] == 0).all()


def test_what_lies_between_the_sleeves_is_black() -> None:
    photo = shop_photo(background=150, box=(60, 40, 240, 90))
    ImageDraw.Draw(photo).rectangle((110, 40, 190, 240), fill=(60, 60, 60))
    picture = prepare(photo, "zalando").picture
    assert (picture[10:, :6] == 0).all() and (picture[10:, 22:] == 0).all()
    assert picture[2, 3] > 150 and picture[25, 14] > 150


@pytest.mark.parametrize("background", [200, 255])
def test_a_light_garment_stays_visible(background: int) -> None:
    prepared = prepare(shop_photo(garment=240, background=background), "zalando")
    assert prepared.warnings == (LIGHT_GARMENT,)
    assert np.median(prepared.picture[3:22, 9:19]) == 60
    assert (prepared.picture[:, :5] == 0).all()
    assert step(prepared, "darkened").shape == step(prepared, "cut out").shape


def test_a_photo_of_nothing_is_used_whole_and_says_so() -> None:
    for colour in ("white", "gray"):
        prepared = prepare(Image.new("RGB", (200, 100), colour), "zalando")
        assert prepared.warnings == (NOTHING_FOUND,)
        assert step(prepared, "garment").all()
    assert prepare(Image.new("RGB", (200, 100), "black"), "zalando").warnings == (NOTHING_FOUND,)


def test_a_garment_is_found_on_a_chequered_bed() -> None:
    squares = (np.add.outer(np.arange(256) // 16, np.arange(192) // 16) % 2)[..., np.newaxis]
    bed = np.where(squares, (210, 200, 180), (90, 110, 160))
    bed = bed + np.random.default_rng(0).integers(-8, 9, bed.shape)
    truth = np.zeros((256, 192), bool)
    truth[60:200, 50:140] = True
    bed[truth] = (150, 40, 50) + np.random.default_rng(1).integers(-8, 9, (truth.sum(), 3))
    garment = find_garment(bed.astype(np.uint8))
    assert garment.found_by == "colours"
    assert (garment.mask & truth).sum() / (garment.mask | truth).sum() > 0.9


def test_of_two_pieces_the_middle_one_is_the_garment() -> None:
    photo = shop_photo(box=(110, 80, 190, 200))
    ImageDraw.Draw(photo).rectangle((10, 10, 60, 270), fill="black")
    garment = find_garment(np.asarray(photo))
    assert garment.found_by == "background"
    assert garment.mask[140, 150] and not garment.mask[140, 35]


def test_a_hole_in_the_garment_is_filled() -> None:
    photo = shop_photo()
    ImageDraw.Draw(photo).rectangle((130, 100, 160, 130), fill=(253, 253, 253))
    assert find_garment(np.asarray(photo)).mask[40:240, 90:210].mean() > 0.99


def test_letterbox_keeps_the_shape_and_negates_a_bright_photo() -> None:
    wide = Image.new("RGB", (200, 100), (250, 250, 250))
    wide.paste((30, 30, 30), (50, 0, 150, 100))
    picture = prepare(wide, "letterbox").picture
    assert (picture[:7] == 0).all() and (picture[21:] == 0).all()
    assert picture[10].tolist() == [5] * 7 + [225] * 14 + [5] * 7
    dark = Image.fromarray(255 - np.asarray(wide))
    assert np.array_equal(prepare(dark, "letterbox").picture, picture)


def test_source_squeezes_and_does_not_negate() -> None:
    checks = np.random.default_rng(0).integers(0, 256, (56, 56), dtype=np.uint8)
    halved = checks.reshape(28, 2, 28, 2).mean(axis=(1, 3))
    assert np.abs(prepare(Image.fromarray(checks), "source").picture - halved).max() <= 0.5
    skipped = np.random.default_rng(0).integers(0, 256, (84, 140), dtype=np.uint8)
    assert np.array_equal(prepare(Image.fromarray(skipped), "source").picture, skipped[1::3, 2::5])


def test_what_is_too_much_for_the_parser_is_bounded() -> None:
    """A file of nothing but parts is given up before it takes time."""
    segments = b"\xff\xd8" + b"\xff\xe5\x00\x02" * 2_000_000
    started = time.thread_time()
    with pytest.raises(PhotoError, match="damaged"):
        container.read_container(segments)
    assert time.thread_time() - started < 2


def test_a_second_frame_is_refused_before_anything_is_decoded() -> None:
    jpeg = saved(noise(), "JPEG")
    frame = jpeg.index(b"\xff\xc0")
    assert container.read_container(jpeg).row_by_row
    with pytest.raises(PhotoError, match="damaged"):
        container.read_container(jpeg[:-2] + sized(jpeg, 9_000, 9_000)[frame : frame + 19] + jpeg[-2:])
