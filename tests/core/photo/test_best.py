"""The mode best: its steps, switches and knobs, its views and their answer. Every photo is drawn here.

Run: python -m pytest tests/core/photo/test_best.py
"""

import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from benchmarks.photo import photos as benchmark
from fmnist_core.data import CLASS_NAMES, load_split
from fmnist_core.photo import outline, shape
from fmnist_core.photo.garment import find_garment
from fmnist_core.photo.pipeline import MODES, Prepared, prepare, prepare_all
from fmnist_core.photo.settings import CONTROLS, DEFAULTS, Settings
from fmnist_core.photo.steps import LIGHT_GARMENT, NOTHING_FOUND, View, fit
from fmnist_core.photo.views import PAIR_BY_CHANCE, combine, views
from fmnist_core.storage import folders

ROOT = folders.PROJECT
SLEEVES = [
    (20, 60),
    (90, 40),
    (210, 40),
    (280, 60),
    (280, 100),
    (200, 100),
    (200, 240),
    (100, 240),
    (100, 100),
    (20, 100),
]
BOOT = [(90, 60), (140, 60), (140, 160), (290, 170), (290, 220), (90, 220)]  # its toe points right


def drawn(*polygons: list[tuple[int, int]], gray: int = 60, background: int = 250) -> Image.Image:
    photo = Image.new("RGB", (300, 280), (background,) * 3)
    for polygon in polygons:
        ImageDraw.Draw(photo).polygon(polygon, fill=(gray,) * 3)
    return photo


def pair_of_shoes() -> Image.Image:
    """Two ellipses that overlap a little, as shoes from above."""
    photo = Image.new("RGB", (300, 280), (250, 250, 250))
    for left in (84, 144):
        ImageDraw.Draw(photo).ellipse((left, 40, left + 72, 240), fill=(60, 60, 60))
    return photo


def cluttered(seed: int = 0) -> tuple[Image.Image, np.ndarray]:
    """A red garment on a chequered bed, and where it is."""
    rng = np.random.default_rng(seed)
    squares = (np.add.outer(np.arange(256) // 16, np.arange(192) // 16) % 2)[..., np.newaxis]
    bed = np.where(squares, (210, 200, 180), (90, 110, 160)) + rng.integers(-8, 9, (256, 192, 3))
    truth = np.zeros((256, 192), bool)
    truth[60:200, 50:140] = True
    bed[truth] = (150, 40, 50) + rng.integers(-8, 9, (truth.sum(), 3))
    return Image.fromarray(bed.astype(np.uint8)), truth


def overlap(mask: np.ndarray, truth: np.ndarray) -> float:
    return (mask & truth).sum() / (mask | truth).sum()


def names(prepared: Prepared) -> list[str]:
    return [step.name for step in prepared.steps]


def sides(picture: np.ndarray) -> tuple[int, int]:
    return int(picture.any(axis=1).sum()), int(picture.any(axis=0).sum())


def best(photo: Image.Image, painted: np.ndarray | None = None, **changed: object) -> Prepared:
    return prepare(photo, "best", replace(DEFAULTS, **changed), painted)


# settings


def test_one_table_lists_every_step_with_its_switch_and_knob() -> None:
    assert [control.name for control in CONTROLS] == [field.name for field in fields(Settings)][1:]
    for control in CONTROLS:
        assert control.title and control.sentence.endswith(".")
        default = getattr(DEFAULTS, control.name)
        if control.knob is None:
            assert isinstance(default, bool)
        else:
            assert control.knob.low <= default <= control.knob.high and control.knob.notch > 0 and control.knob.label


@pytest.mark.parametrize("name", [control.name for control in CONTROLS])
def test_every_step_can_be_switched_off_and_turned_as_far_as_it_goes(name: str) -> None:
    knob = next(control.knob for control in CONTROLS if control.name == name)
    photo = cluttered()[0] if name == "refine" else drawn(SLEEVES)
    for value in (None, True) if knob is None else (None, knob.low, knob.high):
        prepared = best(photo, **{name: value})
        assert prepared.picture.shape == (28, 28) and np.ptp(prepared.picture) > 50
        if value is None and name not in ("skip", "centre"):
            assert name not in names(prepared)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"refine": 0}, "refine must be from 1 to 10, or None to switch it off. Received: 0."),
        ({"narrow": float("nan")}, "narrow must be from 0.4 to 1.5"),
        ({"darken": True}, "darken must be from 10 to 150"),
        ({"sharpen": "much"}, "Received: 'much'"),
        ({"centre": 1}, "centre can only be True or False. Received: 1."),
        ({"box": (0.5, 0, 0.5, 1)}, "The box .* is none. Expected .left, top, right, bottom."),
        ({"box": (0, 0, 1.1, 1)}, "The box"),
        ({"box": (0, 0, 1)}, "The box"),
    ],
)
def test_settings_outside_their_range_are_refused_in_a_sentence(wrong: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Settings(**wrong)


@pytest.mark.parametrize("painted", [np.zeros((3, 3)), np.zeros(3, bool), np.zeros((0, 3), bool)])
def test_what_is_no_painted_mask_is_refused(painted: np.ndarray) -> None:
    with pytest.raises(ValueError, match="Expected a painted mask"):
        best(drawn(BOOT), painted=painted)


def test_nothing_imports_opencv_before_it_is_needed() -> None:
    code = "import sys, fmnist_core.photo.pipeline, fmnist_core.photo.views; sys.exit('cv2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


# finding the garment


def test_in_front_of_a_plain_background_the_outline_is_exact_and_not_refined() -> None:
    found = outline.outlines(outline.Photo(drawn(BOOT)))
    assert [one.found_by for one in found] == ["background"]


def test_grab_cut_mends_a_coarse_outline() -> None:
    photo, truth = cluttered()
    coarse = np.roll(truth, 12, axis=1)
    garment = replace(find_garment(np.asarray(photo)), mask=coarse)
    refined = outline.refined_outline(np.asarray(photo), garment, 5)
    assert overlap(coarse, truth) < 0.8 < 0.97 < overlap(refined.mask, truth)
    again = outline.refined_outline(np.asarray(photo), garment, 5)
    assert np.array_equal(refined.mask, again.mask)


def test_on_a_cluttered_background_the_refined_outline_is_shown_and_both_are_viewed() -> None:
    photo, truth = cluttered()
    found = outline.outlines(outline.Photo(photo))
    assert len(found) == 2 and overlap(found[1].mask, truth) > 0.97
    prepared = best(photo)
    assert names(prepared)[:5] == ["photo", "evidence", "find", "refine", "trim"]
    shown = next(step.image for step in prepared.steps if step.name == "refine")
    assert np.array_equal(shown > 0, found[1].mask)
    assert "refine" not in names(best(photo, refine=None))


def test_a_box_says_which_of_two_garments() -> None:
    left, right = [(30, 60), (120, 60), (120, 220), (30, 220)], [(180, 60), (270, 60), (270, 220), (180, 220)]
    photo = drawn(left, gray=40)
    photo.paste(drawn(right, gray=120).crop((150, 0, 300, 280)), (150, 0))
    levels = {}
    for side, box in (("left", (0.05, 0.1, 0.45, 0.9)), ("right", (0.55, 0.1, 0.95, 0.9))):
        levels[side] = int(np.median(best(photo, box=box).picture[10:18, 12:16]))
    assert levels == {"left": 255 - 40, "right": 255 - 120}


def test_a_box_holds_the_garment_on_a_cluttered_background_too() -> None:
    photo, truth = cluttered()
    boxed = replace(DEFAULTS, box=(50 / 192, 60 / 256, 140 / 192, 130 / 256))  # its upper half
    for found in outline.outlines(outline.Photo(photo, boxed)):
        assert overlap(found.mask, truth & (np.arange(256) < 130)[:, np.newaxis]) > 0.9


@pytest.mark.parametrize("box", [(0, 0, 1, 1), (0.999, 0.999, 1, 1), (0, 0, 0.001, 0.001)])
def test_any_box_gives_a_picture(box: tuple) -> None:
    for photo in (drawn(BOOT), cluttered()[0], Image.new("RGB", (1, 1)), Image.new("RGB", (3, 200), "gray")):
        assert best(photo, box=box).picture.shape == (28, 28)


def test_what_the_visitor_painted_is_the_garment_but_for_its_edge() -> None:
    photo, truth = cluttered()
    painted = np.zeros((128, 96), bool)  # half the photo's size, and two pixels (of 256: four) too small all round
    painted[32:98, 27:68] = True
    found = outline.outlines(outline.Photo(photo, painted=painted))
    assert [one.found_by for one in found] == ["painted", "painted"]
    assert overlap(found[0].mask, truth) < 0.92 and overlap(found[1].mask, truth) > 0.97
    elsewhere = np.zeros((256, 192), bool)
    elsewhere[10:50, 20:170] = True
    kept = outline.outlines(outline.Photo(photo, replace(DEFAULTS, refine=None), elsewhere))
    assert len(kept) == 1 and np.array_equal(kept[0].mask, elsewhere)
    assert NOTHING_FOUND not in best(photo, painted=elsewhere).warnings


def test_nothing_painted_changes_nothing() -> None:
    photo = cluttered()[0]
    assert np.array_equal(best(photo, painted=np.zeros((5, 5), bool)).picture, best(photo).picture)


def test_a_photo_of_nothing_says_so_unless_the_search_is_switched_off() -> None:
    gray = Image.new("RGB", (200, 100), "gray")
    assert best(gray).warnings == (NOTHING_FOUND,)
    assert best(gray, find=None, refine=None).warnings == ()


def test_without_the_search_grab_cut_starts_from_the_whole_photo() -> None:
    photo, truth = cluttered()
    (found,) = outline.outlines(outline.Photo(photo, replace(DEFAULTS, find=None)))
    assert overlap(found.mask, truth) > 0.9
    assert names(best(photo, find=None))[:3] == ["photo", "refine", "trim"]


# from the outline to the picture


def test_a_shop_photo_is_trimmed_averaged_sharpened_centred_and_negated() -> None:
    prepared = best(drawn([(90, 40), (209, 40), (209, 239), (90, 239)]))
    assert prepared.warnings == ()
    assert names(prepared)[3:] == ["trim", "thumbnail", "skip", "sharpen", "centre", "negate"]
    assert sides(prepared.picture) == (28, 17)
    assert np.flatnonzero(prepared.picture.any(axis=0))[[0, -1]].tolist() == [6, 22]  # the odd pixel is on the left
    assert (prepared.picture[2:26, 8:21] == 255 - 60).all()


def test_each_step_carries_the_picture_were_it_the_last() -> None:
    photo = drawn(SLEEVES)
    prepared = best(photo)
    by_name = {step.name: step for step in prepared.steps}
    assert np.array_equal(by_name["photo"].picture, by_name["find"].picture)
    assert by_name["photo"].picture[0, 0] == 255 and by_name["photo"].picture[14, 14] == 60
    assert np.array_equal(by_name["trim"].picture, fit(by_name["trim"].image, 255))
    assert sides(255 - by_name["trim"].picture) != sides(255 - by_name["narrow"].picture)
    assert np.array_equal(by_name["centre"].picture, 255 - by_name["negate"].picture)
    assert np.array_equal(best(photo, negate=None).picture, by_name["centre"].picture)


def test_stretched_sleeves_are_narrowed_to_what_the_dataset_shows() -> None:
    assert sides(best(drawn(SLEEVES), narrow=None).picture) == (21, 28)
    assert sides(best(drawn(SLEEVES)).picture) == (28, 21)
    widths = {sides(view.picture)[1] for view in best(drawn(SLEEVES)).views}
    assert widths == {20, 21, 23, 28}
    assert "narrow" not in names(best(drawn(BOOT)))  # one-sided
    assert "narrow" not in names(best(drawn([(120, 40), (180, 40), (180, 240), (120, 240)])))  # narrow already


def test_the_usual_width_is_that_of_the_training_set() -> None:
    train = load_split("train")
    tops = train.images[np.isin(train.labels, [0, 2, 4, 6])] > 0
    ratios = tops.any(axis=1).sum(axis=1) / tops.any(axis=2).sum(axis=1)
    assert np.percentile(ratios, [25, 50, 75]) == pytest.approx([20 / 28, 21 / 28, 23 / 28])
    assert DEFAULTS.narrow == 21 / 28


def test_the_toe_points_left() -> None:
    right, left = best(drawn(BOOT)), best(drawn(BOOT).transpose(Image.Transpose.FLIP_LEFT_RIGHT))
    assert "toe_left" in names(right) and "toe_left" not in names(left)
    assert np.array_equal(right.picture, left.picture)
    heights = right.picture.any(axis=1).sum(), (right.picture > 0).sum(axis=0)
    assert heights[1][:8].mean() < heights[1][-8:].mean()
    kept = best(drawn(BOOT), toe_left=False).picture
    assert np.abs(kept[:, ::-1].astype(int) - right.picture).mean() < 3


@pytest.mark.parametrize("background", [200, 253])
def test_a_light_garment_stays_visible(background: int) -> None:
    photo = drawn([(90, 40), (209, 40), (209, 239), (90, 239)], gray=232, background=background)
    prepared = best(photo)
    assert prepared.warnings == (LIGHT_GARMENT,)
    assert np.median(prepared.picture[3:25, 9:20]) == 60
    assert np.median(best(photo, darken=100).picture[3:25, 9:20]) == 100
    plain = best(photo, darken=None)
    assert plain.warnings == () and np.median(plain.picture[3:25, 9:20]) == 255 - 232


def test_switched_off_steps_leave_what_they_would_have_changed() -> None:
    photo = drawn([(20, 20), (60, 20), (60, 100), (20, 100)])
    whole = best(photo, trim=None).picture
    assert sides(whole) == (26, 28)
    assert best(photo, centre=None).picture[:, 14:].max() == 0
    rough = Image.fromarray(np.random.default_rng(0).integers(0, 90, (280, 300, 3), dtype=np.uint8))
    framed = Image.new("RGB", (400, 380), "white")
    framed.paste(rough, (50, 50))
    assert best(framed, skip=True).picture.std() > best(framed).picture.std()
    assert best(framed, sharpen=2).picture.std() > best(framed).picture.std() > best(framed, sharpen=None).picture.std()
    height, width = sides(best(photo, trim=0.25).picture)
    assert 18 <= height <= 21 and 9 <= width <= 12


# pairs


def test_of_a_pair_one_shoe_is_kept_and_laid_down() -> None:
    prepared = best(pair_of_shoes())
    assert "pair" in names(prepared) and all(view.pair for view in prepared.views)
    height, width = sides(prepared.picture)
    assert width == 28 and 8 <= height <= 12
    alone = best(pair_of_shoes(), pair=None)
    assert "pair" not in names(alone) and not any(view.pair for view in alone.views)
    assert "pair" not in names(best(pair_of_shoes(), pair=8))


def shoes_apart(second: tuple[int, int, int, int], background: int = 250) -> Image.Image:
    """An upright ellipse, and another one in that box."""
    photo = Image.new("RGB", (300, 280), (background,) * 3)
    for box in ((50, 40, 110, 240), second):
        ImageDraw.Draw(photo).ellipse(box, fill=(60, 60, 60))
    return photo


@pytest.mark.parametrize("second", [(140, 40, 200, 240), (120, 60, 175, 250), (165, 20, 225, 220)])
def test_shoes_that_stand_apart_are_a_pair(second: tuple[int, int, int, int]) -> None:
    prepared = best(shoes_apart(second))
    assert all(view.pair for view in prepared.views)
    height, width = sides(prepared.picture)
    assert width == 28 and 7 <= height <= 11  # one of them, laid down


@pytest.mark.parametrize("second", [(140, 190, 200, 240), (235, 40, 295, 240), (130, 40, 290, 240)])
def test_what_is_small_far_or_of_another_shape_is_no_second_shoe(second: tuple[int, int, int, int]) -> None:
    prepared = best(shoes_apart(second))
    assert not any(view.pair for view in prepared.views)


def test_stripes_of_the_background_s_colour_do_not_cut_a_garment() -> None:
    body = [(80, 40), (220, 40), (220, 240), (80, 240)]
    photo = drawn(body)
    for top in (120, 170):
        ImageDraw.Draw(photo).rectangle((0, top, 300, top + 14), fill=(250, 250, 250))
    whole, striped = best(drawn(body)), best(photo)
    masks = [next(step.image for step in one.steps if step.name == "find") > 0 for one in (whole, striped)]
    assert overlap(masks[1], masks[0]) > 0.97
    assert not any(view.pair for view in striped.views)


def test_trousers_and_necklines_are_no_pair() -> None:
    trousers = [(100, 40), (200, 40), (210, 240), (160, 240), (150, 120), (140, 240), (90, 240)]
    neckline = [(90, 40), (120, 40), (150, 80), (180, 40), (210, 40), (210, 240), (90, 240)]
    for polygon in (trousers, neckline, SLEEVES, BOOT):
        assert not any(view.pair for view in best(drawn(polygon)).views)


def test_hardly_a_picture_of_the_dataset_passes_for_a_pair() -> None:
    train = load_split("train")
    for label in range(10):
        masks = [image > 0 for image in train.images[train.labels == label][:500]]
        trimmed = [mask[np.ix_(mask.any(axis=1), mask.any(axis=0))] for mask in masks]
        assert np.mean([shape.is_pair(mask, DEFAULTS.pair / 28) for mask in trimmed]) <= 2 * PAIR_BY_CHANCE


# views


def test_the_views_weigh_one_and_begin_with_the_shown_picture() -> None:
    for photo in (drawn(SLEEVES), drawn(BOOT), cluttered()[0], pair_of_shoes()):
        prepared = best(photo)
        assert sum(view.weight for view in prepared.views) == pytest.approx(1)
        assert np.array_equal(views(prepared)[0], prepared.picture)
        assert views(prepared).shape == (len(prepared.views), 28, 28) and views(prepared).dtype == np.uint8
    other = prepare(drawn(BOOT), "zalando")
    assert np.array_equal(views(other), other.picture[np.newaxis])
    rows = np.full((1, 10), 0.1, np.float32)
    assert combine(other, rows).tolist() == pytest.approx([0.1] * 10)


def test_the_answer_is_the_mean_by_weight_and_a_pair_is_shoes() -> None:
    picture = np.zeros((28, 28), np.uint8)
    rows = np.full((2, 10), 0.0)
    rows[0, :2], rows[1, 7:9] = (0.75, 0.25), (0.1, 0.9)
    plain = Prepared(picture, (), (), (View(picture, 0.25), View(picture, 0.75)))
    assert combine(plain, rows) == pytest.approx([0.1875, 0.0625, 0, 0, 0, 0, 0, 0.075, 0.675, 0])
    pair = Prepared(picture, (), (), (View(picture, 0.25), View(picture, 0.75, pair=True)))
    sneaker = 0.1 / (0.1 + 0.9 * PAIR_BY_CHANCE)
    answer = combine(pair, rows)
    assert answer[7] == pytest.approx(0.75 * sneaker) and answer.sum() == pytest.approx(1)
    taught = combine(pair, np.pad(rows, ((0, 0), (0, 1)))[:, [*range(8), 10, 9, 8]], (*CLASS_NAMES, "slipper"))
    assert taught[10] == pytest.approx(0.75 * 0.9)  # what a visitor taught may be shoes
    for wrong in (rows[:1], rows[:, :9]):
        with pytest.raises(ValueError, match="Expected probabilities of shape"):
            combine(plain, wrong)


def test_all_modes_at_once_are_each_mode_by_itself() -> None:
    photo = cluttered()[0]
    together = prepare_all(photo)
    assert list(together) == list(MODES)
    for mode, prepared in together.items():
        assert np.array_equal(prepared.picture, prepare(photo, mode).picture)
        assert names(prepared) == names(prepare(photo, mode))


# the benchmark


class Always:
    """A model that gives one answer to everything."""

    class_names = CLASS_NAMES

    def __init__(self, answer: str):
        self.given, self.classifier = answer, self

    def logits(self, images: np.ndarray) -> np.ndarray:
        return np.tile(9.0 * (np.array(CLASS_NAMES) == self.given), (len(images), 1))

    def answer(self, prepared: Prepared) -> str:
        return self.given


def test_the_benchmark_counts_by_group(tmp_path: Path) -> None:
    for group in benchmark.ANSWERS:
        (tmp_path / group).mkdir()
        drawn(BOOT).save(tmp_path / group / "one.png")
    photos = benchmark.find_photos(tmp_path)
    shares = benchmark.shares_right(photos, Always("Sandal"), None)
    assert {group for group, row in shares.items() if row == dict.fromkeys(benchmark.COLUMNS, 1)} == {"shoes"}
    assert sum(sum(row.values()) for row in shares.values()) == len(benchmark.COLUMNS)
    assert (benchmark.seconds_a_photo(photos, Always("Sandal")) > 0).all()
    assert {answer for answers in benchmark.ANSWERS.values() for answer in answers} | {"Bag"} == set(CLASS_NAMES)
    (tmp_path / "dress" / "one.png").unlink()
    with pytest.raises(FileNotFoundError, match="There is no photo in .*dress"):
        benchmark.find_photos(tmp_path)
