"""The ways from a photo to a picture that are compared: each mode, and the mode best without one of its steps."""

from dataclasses import dataclass, replace

from PIL import Image

from fmnist_core.photo.best import prepare_best
from fmnist_core.photo.outline import Photo, outlines
from fmnist_core.photo.pipeline import DEFAULT_MODE, MODES
from fmnist_core.photo.settings import CONTROLS, DEFAULTS, Settings
from fmnist_core.photo.steps import Prepared

WITHOUT = "without-"
_OUTLINE = ("find", "refine")  # the steps that decide what the outlines are; the others begin with the same ones


@dataclass(frozen=True)
class Variant:
    """name: also part of a file's name. step: the one that is left out, of the settings' names; None for a mode."""

    name: str
    title: str
    step: str | None = None

    @property
    def settings(self) -> Settings:
        return DEFAULTS if self.step is None else replace(DEFAULTS, **{self.step: None})


MODE_VARIANTS = tuple(Variant(name, mode.title) for name, mode in MODES.items())
# Those that are taken at all; each is switched off alone.
STEP_VARIANTS = tuple(
    Variant(WITHOUT + control.name, control.title, control.name)
    for control in CONTROLS
    if DEFAULTS.number(control.name) is not None
)
VARIANTS = {variant.name: variant for variant in (*MODE_VARIANTS, *STEP_VARIANTS)}
DEFAULT = VARIANTS[DEFAULT_MODE]


def prepare(image: Image.Image, variants: tuple[Variant, ...]) -> dict[str, Prepared]:
    """A photo in each of these ways, by their names. image: mode RGB, as `decode` returns it.

    The outline takes nearly all of the time and is sought once for all ways that begin with the same one.
    """
    photo, found = Photo(image), None
    made = {}
    for variant in variants:
        if variant.name in MODES and variant.name != DEFAULT_MODE:
            made[variant.name] = MODES[variant.name].run(photo)
        elif variant.step in _OUTLINE:
            made[variant.name] = prepare_best(Photo(image, variant.settings))
        else:
            found = found or outlines(photo)
            made[variant.name] = prepare_best(Photo(image, variant.settings), found)
    return made
