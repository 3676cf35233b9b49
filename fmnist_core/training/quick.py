"""A training short enough for a lesson: the model's own recipe on fewer pictures and epochs."""

import dataclasses
from collections.abc import Sequence

from fmnist_core.data import SIZES
from fmnist_core.recipe import Recipe, Split, with_epochs
from fmnist_core.runs.catalogue import Row
from fmnist_core.training.estimate import FINISH_SECONDS, START_SECONDS, estimate

SECONDS = 45.0  # aimed at, so that a slower moment still ends within a minute
EPOCHS = 5
BATCH = 64
VALIDATION = 2_000
FEWEST, STEP = 2_000, 1_000  # pictures
UNKNOWN = 10_000  # pictures where no finished run tells how fast this machine is


def lesson(published: Recipe, rows: Sequence[Row]) -> Recipe:
    """The published recipe with five epochs, no augmentation, and as many pictures as fit into 45 seconds here."""
    first = dataclasses.replace(published.stages[0], augmentation=None, augment_validation=False)
    short = with_epochs(dataclasses.replace(published, stages=(first,)), EPOCHS)
    short = dataclasses.replace(short, split=Split("last", VALIDATION), batch_size=BATCH, watch_test=False)
    limit = SIZES["train"] - VALIDATION
    whole = estimate(dataclasses.replace(short, images=limit), rows)
    if whole is None:
        return dataclasses.replace(short, images=UNKNOWN)
    overhead = START_SECONDS + FINISH_SECONDS
    share = (SECONDS - overhead) / (whole.seconds - overhead)
    images = int(limit * share) // STEP * STEP
    return dataclasses.replace(short, images=max(FEWEST, min(images, limit)))
