"""Which steps of the mode `best` are taken, and how far: one field of `Settings` and one row of `CONTROLS` each."""

import math
from dataclasses import dataclass, fields

from fmnist_core.photo.garment import PLAIN
from fmnist_core.photo.steps import LIGHTEST, THUMBNAIL_SIDE


@dataclass(frozen=True)
class Knob:
    """What can be turned in a step: label, smallest and largest value, and how far one notch goes."""

    label: str
    low: float
    high: float
    notch: float


@dataclass(frozen=True)
class Control:
    """A step that can be switched off.

    name: that of the field of `Settings` and of the `Step`. sentence: what the step does.
    knob: None where there is only a switch.
    """

    name: str
    title: str
    sentence: str
    knob: Knob | None = None


CONTROLS = (
    Control(
        "find",
        "Find the garment",
        "Pixels unlike a plain background, or of the colours of the photo's middle, are the garment.",
        Knob("A plain background varies by at most (gray levels)", 2, 60, 1),
    ),
    Control(
        "refine",
        "Refine its outline",
        "GrabCut lets neighbouring pixels decide together where the outline runs.",
        Knob("Rounds", 1, 10, 1),
    ),
    Control(
        "trim",
        "Trim",
        "The background becomes white, and what is not garment is cut off, but for a margin.",
        Knob("Margin (share of the longest side)", 0, 0.3, 0.01),
    ),
    Control(
        "pair",
        "One shoe of a pair",
        "Two mirrored halves with a notch between them above and below are a pair; one is kept and laid on its side.",
        Knob("Depth of both notches (pixels of 28)", 0.5, 8, 0.5),
    ),
    Control(
        "narrow",
        "Let the sleeves hang",
        "A garment with two like halves, wider than those of the dataset, is made as narrow as they are.",
        Knob("Width for a height of 1", 0.4, 1.5, 0.01),
    ),
    Control("toe_left", "Toe to the left", "Whatever is wide, one-sided and taller on its left is mirrored."),
    Control(
        "darken",
        "Keep light garments visible",
        "A nearly white garment is darkened, or it would vanish on black.",
        Knob("Least gray level of a garment's typical pixel", 10, 150, 5),
    ),
    Control(
        "thumbnail",
        "Thumbnail",
        "The photo is averaged to the size of the shop's thumbnails.",
        Knob("Longest side (pixels)", 28, 256, 1),
    ),
    Control(
        "skip",
        "Skip pixels",
        "Rows and columns are skipped on the way to 28, as the dataset's makers did, and not averaged.",
    ),
    Control(
        "sharpen",
        "Sharpen",
        "Each pixel is set off against its eight neighbours.",
        Knob("Strength (1 is the dataset's)", 0.1, 2, 0.1),
    ),
    Control("centre", "Centre", "The garment is put into the middle; an odd pixel goes left or on top."),
    Control("negate", "Negate", "Light and dark change places: garment light on black."),
)


@dataclass(frozen=True)
class Settings:
    """What `best` does. Each step's field holds its knob's value, or True; None or False switches the step off.

    Raises:
        ValueError: a value outside of the knob's range, or a box that is none.
    """

    box: tuple[float, float, float, float] | None = None  # left, top, right, bottom: shares of the photo
    find: float | None = PLAIN  # gray levels
    refine: float | None = 5  # rounds, as in GrabCut's paper and OpenCV's tutorial
    trim: float | None = 0  # the dataset's garments touch the edge
    # Of the 60,000 training pictures none of whose classes is a pair, at most 0.42 % a class look like one (measured).
    pair: float | None = 2.5  # pixels of 28
    narrow: float | None = 0.75  # the median of T-shirts, pullovers, coats and shirts in the training set (measured)
    toe_left: bool | None = True
    darken: float | None = LIGHTEST  # gray levels
    thumbnail: float | None = THUMBNAIL_SIDE  # pixels
    # Training pictures, enlarged nine times and brought back to 28, come closest to what they were if averaged and
    # sharpened by half: RMS 6.2 gray levels; skipping and no sharpening 8.4, and a quarter 7.4 (400 of them, measured).
    skip: bool | None = False
    sharpen: float | None = 0.5
    centre: bool | None = True
    negate: bool | None = True

    def __post_init__(self) -> None:
        for control in CONTROLS:
            _check(control, getattr(self, control.name))
        box = self.box
        if box is not None and not (len(box) == 4 and 0 <= box[0] < box[2] <= 1 and 0 <= box[1] < box[3] <= 1):
            raise ValueError(
                f"The box {box} is none. Expected (left, top, right, bottom) as shares of the photo: "
                "0 <= left < right <= 1 and 0 <= top < bottom <= 1."
            )

    def number(self, name: str) -> float | None:
        """The knob of a step that is taken; None if it is switched off."""
        value = getattr(self, name)
        return None if value is None or value is False else float(value)


def _check(control: Control, value: object) -> None:
    if value is None or value is False:
        return
    knob = control.knob
    if knob is None:
        if value is not True:
            raise ValueError(f"{control.name} can only be True or False. Received: {value!r}.")
        return
    known = isinstance(value, int | float) and value is not True and math.isfinite(value)
    if not known or not knob.low <= value <= knob.high:  # type: ignore[operator]
        raise ValueError(
            f"{control.name} must be from {knob.low:g} to {knob.high:g}, or None to switch it off. Received: {value!r}."
        )


DEFAULTS = Settings()
if {field.name for field in fields(Settings)} - {"box"} != {control.name for control in CONTROLS}:
    raise TypeError("Settings and CONTROLS name different steps.")
