"""The sheet of pictures that the browser cuts its thumbnails from."""

import io

import numpy as np
import pytest
from PIL import Image

from fmnist_core.data import SIDE, load_split
from fmnist_core.release.sprites import TEST_SHEET, sheet_columns, sprite_sheet


def tiles_of(sheet: np.ndarray) -> np.ndarray:
    """(rows * 28, columns * 28) -> (rows * columns, 28, 28), row by row."""
    rows, columns = (length // SIDE for length in sheet.shape)
    return sheet.reshape(rows, SIDE, columns, SIDE).swapaxes(1, 2).reshape(-1, SIDE, SIDE)


def read(png: bytes) -> np.ndarray:
    image = Image.open(io.BytesIO(png))
    assert (image.format, image.mode) == ("PNG", "L")
    return np.asarray(image)


def test_the_shipped_sheet_is_the_test_split():
    images = load_split("test").images
    sheet = read(TEST_SHEET.read_bytes())
    assert sheet.shape == (2800, 2800)
    assert sheet_columns(len(images)) == 100
    assert (tiles_of(sheet) == images).all()


def test_tiles_go_row_by_row_and_the_rest_is_black():
    images = np.random.default_rng(0).integers(0, 256, (5, SIDE, SIDE), np.uint8)
    sheet = read(sprite_sheet(images))
    assert sheet.shape == (2 * SIDE, 3 * SIDE)
    assert (tiles_of(sheet)[:5] == images).all()
    assert not tiles_of(sheet)[5].any()


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (2, 2), (4, 2), (5, 3), (10_000, 100), (10_001, 101)])
def test_a_sheet_is_as_square_as_can_be(count, columns):
    assert sheet_columns(count) == columns


@pytest.mark.parametrize(
    "images", [np.zeros((0, 28, 28), np.uint8), np.zeros((3, 28, 28)), np.zeros((28, 28), np.uint8)]
)
def test_what_is_no_list_of_pictures_is_refused(images):
    with pytest.raises(ValueError, match="pictures \\(n, 28, 28\\) uint8"):
        sprite_sheet(images)
