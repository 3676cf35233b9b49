"""How a model from elsewhere may want its pictures: the order of axes, and what black and white are.

A convention is written "nchw,0..255". Which one a file needs is found out by trying; see trying.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fmnist_core.data import SIDE

# Of the pixels of all 60,000 training pictures, from 0 to 1.
MEAN, DEVIATION = 0.2860, 0.3530
# Of ImageNet's red, green and blue, as torchvision's models take them.
_RGB = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
PIXELS = SIDE * SIDE


@dataclass(frozen=True)
class Values:
    """A pixel p from 0 to 1 becomes scale * p + shift, of each channel or of all."""

    scale: tuple[float, ...]
    shift: tuple[float, ...]


VALUES: dict[str, Values] = {  # the first one wins where two do equally well
    "0..1": Values((1.0,), (0.0,)),
    "-1..1": Values((2.0,), (-1.0,)),
    "0..255": Values((255.0,), (0.0,)),
    "standardised": Values((1 / DEVIATION,), (-MEAN / DEVIATION,)),
    "imagenet": Values(tuple(1 / one for one in _RGB[1]), tuple(-mean / one for mean, one in zip(*_RGB, strict=True))),
}
LAYOUTS: dict[str, tuple[int, ...]] = {  # the axes after the first, which counts pictures
    "nhwc": (SIDE, SIDE, 1),
    "nchw": (1, SIDE, SIDE),
    "nhw": (SIDE, SIDE),
    "flat": (PIXELS,),
    "nhwc3": (SIDE, SIDE, 3),
    "nchw3": (3, SIDE, SIDE),
}
_WORDS = {
    "nhwc": "rows, columns, one channel",
    "nchw": "one channel, rows, columns",
    "nhw": "rows, columns",
    "flat": f"{PIXELS} pixels in one line",
    "nhwc3": "rows, columns, three channels",
    "nchw3": "three channels, rows, columns",
}
_VALUE_WORDS = {
    "0..1": "from 0 to 1",
    "-1..1": "from -1 to 1",
    "0..255": "from 0 to 255",
    "standardised": f"less {MEAN:.4f}, by {DEVIATION:.4f}",
    "imagenet": "less ImageNet's mean, by its deviation",
}


@dataclass(frozen=True)
class Convention:
    layout: str  # of LAYOUTS
    values: str  # of VALUES

    def __str__(self) -> str:
        return f"{self.layout},{self.values}"

    @property
    def words(self) -> str:
        return f"{_WORDS[self.layout]}; {_VALUE_WORDS[self.values]}"

    @property
    def channels_at(self) -> int | None:
        """The axis of the channels, counted with that of the pictures; None where there is none."""
        shape = LAYOUTS[self.layout]
        return None if len(shape) < 3 else 3 if shape[0] == SIDE else 1

    def apply(self, images: np.ndarray) -> np.ndarray:
        """(n, 28, 28) uint8 -> (n, *shape of the layout) float32."""
        values, pixels = VALUES[self.values], images.astype(np.float32) / 255
        parts = [
            np.float32(scale) * pixels + np.float32(shift)
            for scale, shift in zip(values.scale, values.shift, strict=True)
        ]
        if self.channels_at is None:
            return parts[0].reshape(len(images), *LAYOUTS[self.layout])
        channels = LAYOUTS[self.layout][self.channels_at - 1]
        return np.stack([parts[place % len(parts)] for place in range(channels)], axis=self.channels_at)


def parse(text: str) -> Convention:
    """Raises ValueError, with what there is, for anything but a convention."""
    layout, _, values = text.replace(" ", "").lower().partition(",")
    found = Convention(layout, values)
    if found not in EVERY:
        raise ValueError(
            f"The input cannot be {text[:40]!r}. Expected a layout ({', '.join(LAYOUTS)}), a comma and a range "
            f"({', '.join(VALUES)}), such as nchw,0..255; imagenet goes with three channels."
        )
    return found


def fitting(shape: Sequence[int] | None) -> list[Convention]:
    """All conventions that an input may have. shape: of its axes, 0 where one is free; None: nothing is known of it."""

    def fits(layout: str) -> bool:
        wanted = LAYOUTS[layout]
        if shape is None:
            return True
        return len(shape) == len(wanted) + 1 and all(
            has in (0, size) for has, size in zip(shape[1:], wanted, strict=True)
        )

    return [one for one in EVERY if fits(one.layout)]


def _every() -> list[Convention]:
    return [
        Convention(layout, values)
        for layout, shape in LAYOUTS.items()
        for values in VALUES
        if values != "imagenet" or 3 in shape
    ]


EVERY = _every()
