"""Drawings to pictures. Every drawing is made here; garments with similar outlines are the training pictures'."""

import numpy as np
import pytest
from PIL import Image, ImageDraw
from scipy import ndimage

from benchmarks import drawings
from benchmarks.made_drawings import GARMENTS, made_drawings
from benchmarks.photo.photos import choose_model
from fmnist_core.data import load_split
from fmnist_core.photo import drawing
from fmnist_core.photo.alike import outlines_of
from fmnist_core.photo.decode import PhotoError
from fmnist_core.photo.drawing import FILLINGS, prepare_drawing
from fmnist_ui.widgets.drawing import SIDE, WIDTHS, Stroke, ink_of

BODY = [(60, 130), (260, 130), (280, 270), (40, 270), (60, 130)]
LOOP = [(110, 130), (115, 70), (205, 70), (210, 130)]


def canvas(size: int = 280) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("L", (size, size))
    return image, ImageDraw.Draw(image)


def ink(image: Image.Image) -> np.ndarray:
    return np.asarray(image, np.float32) / 255


def drawn(*lines: list[tuple[int, int]], width: int = 12) -> np.ndarray:
    image, draw = canvas(320)
    for line in lines:
        draw.line(line, fill=255, width=width, joint="curve")
    return ink(image)


def gray(inked: np.ndarray) -> np.ndarray:
    return prepare_drawing(inked, "gray").picture


def test_a_closed_outline_is_filled_and_an_open_one_is_not() -> None:
    image, draw = canvas()
    draw.rectangle((100, 60, 200, 160), outline=255, width=10)
    picture = gray(ink(image))
    assert (picture[5:23, 5:23] == drawing.FILLING).all()
    assert (picture[0] == 255).all() and (picture[:, 27] == 255).all()
    image, draw = canvas()
    draw.line((100, 60, 100, 160, 200, 160), fill=255, width=10)
    assert (gray(ink(image))[:20, 8:] == 0).all()


def test_a_small_gap_does_not_let_the_filling_out() -> None:
    image, draw = canvas()
    draw.rectangle((60, 60, 220, 220), outline=255, width=10)
    draw.rectangle((135, 50, 141, 80), fill=0)
    assert gray(ink(image))[14, 14] == drawing.FILLING


def test_under_the_handle_of_a_bag_is_a_hole() -> None:
    filled = prepare_drawing(drawn(BODY, LOOP), "gray")
    assert filled.picture[6, 14] == 0 and filled.picture[20, 14] == drawing.FILLING
    assert "1 hole, as under a handle" in filled.steps[-1].caption
    shaded = prepare_drawing(drawn(BODY, LOOP)).picture
    assert shaded[6, 14] < 10 and shaded[20, 14] > 60


def test_an_outline_inside_a_handle_is_a_hole_too() -> None:
    inner = [(135, 130), (138, 95), (182, 95), (185, 130)]
    around = [BODY[0], *LOOP, *BODY[1:]]
    closed = [(120, 122), (125, 88), (195, 88), (200, 122), (120, 122)]
    for lines in ((BODY, LOOP, inner), (around, closed)):
        picture = gray(drawn(*lines, width=8))
        assert picture[6:12, 14].min() == 0 and picture[20, 14] == drawing.FILLING


def test_lines_across_a_garment_make_no_holes() -> None:
    shirt = [tuple(320 * np.array(place)) for place in GARMENTS["T-shirt/top"][0][0]]
    sleeves = [[(80, 110), (80, 20)], [(240, 110), (240, 20)]]
    picture = gray(drawn(shirt, *sleeves, width=8))
    plain = gray(drawn(shirt, width=8))
    assert ((picture > 0) == (plain > 0)).mean() > 0.99


def test_stray_specks_far_away_are_left_out_and_named() -> None:
    lines = drawn(BODY, LOOP) * 1.0
    small = lines[::2, ::2]
    inked = np.zeros_like(lines)
    inked[:160, :160] = small
    clean = prepare_drawing(inked)
    inked[300:304, 310:314] = 1
    inked[250:253, 10:13] = 1
    specked = prepare_drawing(inked)
    assert np.array_equal(specked.picture, clean.picture)
    assert [step.name for step in specked.steps] == ["drawing", "specks", "filled", "shaded"]
    assert specked.warnings == (specked.steps[1].caption,) and "2 stray specks" in specked.warnings[0]
    assert clean.warnings == ()


def test_parts_near_the_drawing_or_large_are_no_specks() -> None:
    inked = drawn(BODY, LOOP)
    inked[290:296, 150:156] = 1  # a foot
    assert prepare_drawing(inked).warnings == ()
    inked = np.zeros((320, 320), np.float32)
    inked[20:80, 20:80] = inked[240:300, 240:300] = 1
    assert prepare_drawing(inked).warnings == ()


def test_the_filling_can_be_switched_off() -> None:
    picture = prepare_drawing(drawn(BODY, LOOP), "none").picture
    assert picture[20, 14] == 0 and picture.max() == 255
    with pytest.raises(ValueError, match="Unknown filling"):
        prepare_drawing(drawn(BODY), "red")


def test_a_drawing_is_shaded_as_the_garments_alike() -> None:
    tile = np.zeros((28, 28), np.uint8)
    tile[:, 7:21] = np.linspace(100, 200, 28).astype(np.uint8)[:, np.newaxis]
    other = np.zeros((28, 28), np.uint8)
    other[10:18] = 90
    bank = outlines_of(np.stack([tile] * 8 + [other] * 8))
    image, draw = canvas()
    draw.rectangle((90, 30, 190, 230), outline=255, width=6)
    prepared = prepare_drawing(ink(image), outlines=bank)
    rows = prepared.picture[2:26, 14].astype(float)
    assert np.abs(rows - tile[2:26, 14]).max() < 12
    assert sum(view.weight for view in prepared.views) == pytest.approx(1)


@pytest.mark.parametrize("filling", FILLINGS)
def test_any_scribble_becomes_a_picture(filling: str) -> None:
    random = np.random.default_rng(0)
    for _ in range(12):
        image, draw = canvas(160)
        places = [tuple(point) for point in random.integers(0, 160, (8, 2))]
        draw.line(places, fill=255, width=int(random.integers(1, 40)))
        prepared = prepare_drawing(ink(image), filling)
        assert prepared.picture.shape == (28, 28) and prepared.picture.dtype == np.uint8 and prepared.picture.any()
        assert np.array_equal(prepared.steps[-1].picture, prepared.picture)
    dot = np.zeros((300, 300), np.float32)
    dot[100:150, 100:150] = 1
    assert prepare_drawing(dot, filling).picture.any()


def test_a_drawing_is_fitted_and_centred_wherever_it_lies() -> None:
    pictures = []
    for left, top, scale in ((0, 0, 1), (150, 20, 1), (30, 40, 2)):
        image, draw = canvas()
        draw.rectangle((left, top, left + 50 * scale - 1, top + 100 * scale - 1), outline=255, width=8 * scale)
        pictures.append(gray(ink(image)))
    columns = np.flatnonzero(pictures[0].any(axis=0))
    assert (columns[0], columns[-1]) == (7, 20) and pictures[0].any(axis=1).all()
    assert np.array_equal(pictures[0], pictures[1]) and np.array_equal(pictures[0], pictures[2])


@pytest.mark.parametrize(
    ("empty", "words"),
    [
        (np.zeros((280, 280)), "canvas is empty"),
        (np.pad(np.ones((5, 5)), 130), "too small"),
        (ink_of((Stroke(WIDTHS[1] / SIDE, False, (0.5, 0.5)),)), "too small"),  # a click with the thickest pen
    ],
)
def test_no_drawing_no_picture(empty: np.ndarray, words: str) -> None:
    with pytest.raises(PhotoError, match=words):
        prepare_drawing(empty)


@pytest.mark.parametrize(
    "wrong", [np.ones((28, 28, 4)), np.full((28, 28), 255), np.full((28, 28), np.nan), -np.ones((9, 9))]
)
def test_ink_of_another_kind_is_refused(wrong: np.ndarray) -> None:
    with pytest.raises(ValueError, match="Expected ink of shape"):
        prepare_drawing(wrong)


def test_drawings_aim_at_what_the_dataset_shows() -> None:
    images = load_split("train").images[:3_000]
    inside = [ndimage.binary_erosion(ndimage.binary_fill_holes(image > 0), iterations=2) for image in images]
    levels = [np.median(image[mask]) for image, mask in zip(images, inside, strict=True) if mask.any()]
    assert np.median(levels) == pytest.approx(drawing.FILLING, abs=4)
    assert np.mean(images.max(axis=(1, 2)) == 255) > 0.9
    longest = [max(np.ptp(np.flatnonzero(image.any(axis=axis))) for axis in (0, 1)) + 1 for image in images]
    assert np.mean(np.array(longest) == 28) > 0.97


def test_the_drawings_made_by_rule_are_the_same_each_time_and_named_right() -> None:
    """The flagship's answers to all 41: as many right as `python -m benchmarks.drawings` asks for."""
    made = list(made_drawings())
    assert len(made) == 41
    assert all(np.array_equal(one, again) for (_, one), (_, again) in zip(made, made_drawings(), strict=True))
    assert drawings.share_right(iter(made), choose_model(None)).share >= drawings.LEAST_MADE
