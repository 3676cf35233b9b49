"""HEIC, AVIF, TIFF, BMP and GIF: read like the usual kinds, and by a process of its own that may come to harm.

Run: python -m pytest tests/core/photo/kinds
"""

import io
import struct
import subprocess
import sys

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from fmnist_core.photo.decode import KEPT_SIDE, PhotoError, decode, decode_with_notes
from fmnist_core.photo.kinds import others
from fmnist_core.photo.kinds.claims import FIRST_OF_SEVERAL
from tests.core.photo.test_photo import noise

pillow_heif.register_heif_opener()

KINDS = {
    "HEIF": {},
    "AVIF": {},
    "TIFF": {},
    "TIFF of LZW": {"compression": "tiff_lzw"},
    "TIFF of JPEG": {"compression": "jpeg"},
    "BMP": {},
    "GIF": {},
}


def saved(image: Image.Image, name: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, name.split(" of ")[0], **(KINDS[name] | options))
    return file.getvalue()


def claiming(data: bytes, width: int, height: int) -> bytes:
    """A HEIC or AVIF whose box of sizes says so, whatever its pixels are."""
    place = data.index(b"ispe")
    return data[: place + 8] + struct.pack(">II", width, height) + data[place + 16 :]


@pytest.mark.parametrize("name", KINDS)
def test_other_kinds_of_files_are_read(name: str) -> None:
    photo = noise(120, 90)
    found = decode_with_notes(saved(photo, name))
    assert found.image.mode == "RGB" and found.image.size == (90, 120) and found.notes == ()
    far = np.abs(np.asarray(found.image).astype(int) - np.asarray(photo)).mean()
    assert far < (0.01 if name in ("TIFF", "TIFF of LZW", "BMP") else 13)  # a GIF has 256 colours


def test_a_jfif_is_a_jpeg() -> None:
    jpeg = saved(noise(), "TIFF")  # not one
    assert others.kind_of(jpeg) == "TIFF"
    file = io.BytesIO()
    noise().save(file, "JPEG")
    assert file.getvalue()[6:10] == b"JFIF" and decode(file.getvalue()).size == (60, 40)


@pytest.mark.some(2)
@pytest.mark.parametrize("name", KINDS)
def test_other_kinds_cut_or_damaged_give_a_sentence_or_a_picture(name: str) -> None:
    whole = saved(noise(), name)
    random = np.random.default_rng(5)
    files = [whole[: len(whole) * part // 8] for part in (1, 4)]
    for _ in range(4):
        data = bytearray(whole)
        for _ in range(4):
            data[int(random.integers(12, len(data)))] = int(random.integers(256))
        files.append(bytes(data))
    refused = 0
    for data in files:
        try:
            assert max(decode(data).size) <= KEPT_SIDE
        except PhotoError as error:
            refused += 1
            assert str(error).endswith(".") and len(str(error)) < 160
    assert refused >= 1


def test_half_a_heic_is_refused() -> None:
    whole = saved(noise(200, 200), "HEIF")
    with pytest.raises(PhotoError, match="ends too early"):
        decode(whole[: len(whole) // 2])


def test_claims_of_other_kinds_are_bounded_before_anything_is_decoded() -> None:
    photo = noise()
    bmp = saved(photo, "BMP")
    gif = saved(photo, "GIF")
    for data, words in (
        (claiming(saved(noise(320, 320), "HEIF"), 9_000, 9_000), "up to 50 million"),
        (saved(Image.new("L", (6_000, 5_000)), "AVIF", speed=10), "6,000 x 5,000 pixels"),
        (bmp[:18] + struct.pack("<ii", 9_000, 9_000) + bmp[26:], "9,000 x 9,000 pixels"),
        (gif[:6] + struct.pack("<HH", 65_535, 65_535) + gif[10:], "65,535 x 65,535 pixels"),
        (saved(Image.new("1", (60_000, 1)), "TIFF"), "60,000 x 1 pixels"),
    ):
        with pytest.raises(PhotoError) as refusal:
            decode(data)
        assert words in str(refusal.value) and "; " in str(refusal.value)


def test_a_size_that_its_pixels_belie_fills_no_memory() -> None:
    """The claim is small and what is decoded is large: the reader's process gets no more than it is granted."""
    data = claiming(saved(Image.new("RGB", (5_000, 4_000)), "AVIF", speed=10), 100, 100)
    program = others._PROGRAM
    command = [sys.executable, "-I", str(program), "AVIF", "30", "20", "50000000", "10000", "1600"]
    done = subprocess.run(command, input=data, capture_output=True, check=False)
    assert done.stdout in (b"", b"damaged\n")
    command[4] = "500"
    assert subprocess.run(command, input=data, capture_output=True, check=True).stdout.startswith(b"picture")


def test_a_reader_that_crashes_or_hangs_is_a_sentence(monkeypatch, tmp_path) -> None:
    program = tmp_path / "program.py"
    monkeypatch.setattr(others, "_PROGRAM", program)
    monkeypatch.setattr(others, "MAX_SECONDS", 0.5)
    for line, words in (("import os; os.abort()", "damaged"), ("import time; time.sleep(60)", "too long")):
        program.write_text(line)
        with pytest.raises(PhotoError, match=words):
            decode(saved(noise(), "BMP"))


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("kind", ["HEIF", "AVIF", "TIFF"])
def test_other_kinds_are_turned_as_their_camera_says(kind: str, orientation: int) -> None:
    stored = np.asarray(noise(120, 90))
    upright = np.rot90(stored, {1: 0, 3: 2, 6: -1, 8: 1}[orientation])
    photo = Image.fromarray(stored)
    photo.getexif()[0x0112] = orientation  # of a HEIC it becomes a turn of the file's own, which EXIF only repeats
    found = np.asarray(decode(saved(photo, kind, **({} if kind == "HEIF" else {"exif": photo.getexif()}))))
    assert found.shape == upright.shape and np.abs(found.astype(int) - upright).mean() < 6


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "AVIF", "TIFF"])
def test_of_an_animation_the_first_frame_is_read_with_a_note(kind: str) -> None:
    first, second = noise(), noise().rotate(180)
    file = io.BytesIO()
    first.save(file, kind, save_all=True, append_images=[second])
    found = decode_with_notes(file.getvalue())
    assert found.notes == (FIRST_OF_SEVERAL,)
    far = [np.abs(np.asarray(found.image).astype(int) - np.asarray(frame)).mean() for frame in (first, second)]
    assert far[0] < 13 < far[1]


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "AVIF", "HEIF"])
def test_what_is_transparent_in_other_kinds_becomes_white_or_what_lies_behind(kind: str) -> None:
    photo = Image.new("RGBA", (64, 64), (200, 0, 0, 255))
    photo.paste((0, 0, 0, 0), (32, 0, 64, 64))
    data = saved(photo, kind)
    for behind in (255, 0):
        found = np.asarray(decode(data, behind=behind))[32, ::63].astype(int)
        assert np.abs(found - [[200, 0, 0], [behind] * 3]).max() < 12


def test_16_bit_gray_in_a_tiff_is_scaled_not_clipped() -> None:
    ramp = np.linspace(0, 65_535, 256).round().astype(np.uint16).reshape(16, 16)
    found = np.asarray(decode(saved(Image.fromarray(ramp), "TIFF")))[..., 0]
    assert np.abs(found.astype(int) - np.arange(256).reshape(16, 16)).max() <= 1


@pytest.mark.parametrize(
    "kind", ["HEIF", "TIFF", *(pytest.param(one, marks=pytest.mark.slow) for one in ("AVIF", "BMP"))]
)
def test_a_large_photo_of_other_kinds_is_reduced(kind: str) -> None:
    """Also where the rows are no whole number of bands: 2,002 is odd in threes."""
    photo = Image.new("RGB", (3_600, 2_002) if kind in ("HEIF", "AVIF") else (3_300, 1_835), "white")
    photo.paste(0, (0, 0, photo.width // 2, photo.height))
    small = decode(saved(photo, kind))
    assert small.size == (KEPT_SIDE, 890)
    middle = np.asarray(small)[[10, 445, 880]][..., 0]
    assert middle[:, :790].max() < 12 and middle[:, 810:].min() > 243
