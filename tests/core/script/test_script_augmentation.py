"""What a script makes of a picture is what a training here makes of it, where both draw the same numbers."""

import dataclasses

import numpy as np
import pytest

from fmnist_core import data
from fmnist_core.recipe import Augmentation
from fmnist_core.script.lines import join
from fmnist_core.script.pictures_code import in_turn, write_augment
from fmnist_core.training.augmentation import change, draw

PICTURES = 6
# OpenCV rounds places to 32nds of a pixel, and the edges of garments are steep.
MEAN, LARGEST = 2e-3, 0.05
KINDS = {
    "rotation": Augmentation(rotation=20),
    "shift": Augmentation(shift=0.13),
    "shear": Augmentation(shear=15),
    "zoom": Augmentation(zoom=0.3),
    "flip": Augmentation(flip=True),
    "turn": Augmentation(flip=True, in_turn=True),
    "crop": Augmentation(crop=3),
    "brightness": Augmentation(brightness=0.6),
    "cutout": Augmentation(cutout=9),
    "chance": Augmentation(cutout=9, cutout_chance=0.4),
    "all": Augmentation(12, 0.1, 8, 0.2, flip=True, crop=2, brightness=0.3, cutout=6, cutout_chance=0.5),
}


class Drawn:
    """A generator whose every number lies at the same place of its range."""

    def __init__(self, place: float):
        self.place = place

    def uniform(self, low, high, size):
        return np.full(size, low + self.place * (high - low))

    def integers(self, low, high, size):
        return np.full(size, low + int(self.place * (high - low)))

    def random(self, size=None):
        return self.place if size is None else np.full(size, self.place)


@pytest.mark.parametrize("place", (0.1, 0.3, 0.93))
@pytest.mark.parametrize("fill", ("nearest", "constant"))
@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_is_changed_as_in_a_training_here(kind, fill, place):
    from keras import ops

    augmentation = dataclasses.replace(KINDS[kind], fill=fill)
    images = data.load_split("test").images[:PICTURES]
    turns = np.arange(PICTURES) % 2 == 0
    told = (turns,) if in_turn((augmentation,)) else ()
    expected = change(images, draw(augmentation, PICTURES, Drawn(place), *told), augmentation)
    found = {"np": np, "ops": ops, "rng": Drawn(place)}
    exec("\n".join(join(write_augment((augmentation,)))), found)
    difference = np.abs(found["augment"](data.to_network_input(images), *told) - expected)
    assert difference.mean() < MEAN and difference.max() < LARGEST
    assert np.abs(expected - data.to_network_input(images)).max() > 0.01 or kind in ("chance", "flip", "turn")
