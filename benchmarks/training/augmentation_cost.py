"""What augmentation costs: an epoch of our engine with it and without, by turns, as a part of the epoch.

Every model whose recipe augments gets a row with its own augmentation; some get one with flips and crops. The batches
alone, iterated without a network, tell how much work is hidden behind the network's.

    python -m benchmarks.training.augmentation_cost [--images N] [--pairs N]
"""

import argparse
import dataclasses
import gc
import time

import keras

from benchmarks.pairs import median_ratio
from benchmarks.training.epochs import Engine, whole_batches
from fmnist_core import data
from fmnist_core.machine import describe_machine
from fmnist_core.recipe import Augmentation
from fmnist_core.training.batches import EpochBatches
from fmnist_core.zoo import MODELS, get_model

EPOCH_SECONDS = 2.5
FIRST_STEPS = 16
AT_MOST = 0.10
FLIP_AND_CROP = Augmentation(flip=True, crop=2)
WITH_FLIP_AND_CROP = ("cnn_2", "cnn_3conv", "cnn_4conv", "minivggnet")


def cases() -> list[tuple[str, str, Augmentation]]:
    """Model, what its augmentation is called, and the augmentation."""
    own = [(name, stage.augmentation) for name, model in MODELS.items() for stage in model.recipe.stages]
    found = [(name, "its own", augmentation) for name, augmentation in own if augmentation]
    return found + [(name, "flip, crop 2", FLIP_AND_CROP) for name in WITH_FLIP_AND_CROP]


def seconds_of_batches(batches: EpochBatches) -> float:
    """An epoch's batches, made and thrown away."""
    start = time.perf_counter()
    for _ in batches.dataset():
        pass
    return time.perf_counter() - start


def measure_row(name: str, what: str, augmentation: Augmentation, images: int | None, pairs: int) -> None:
    chosen = dataclasses.replace(get_model(name).recipe, excluded=())
    pictures = data.load_split("train")
    engine = Engine(get_model(name).build(), chosen, pictures.images, pictures.labels)
    batch, limit = chosen.batch_size, len(pictures.images)
    count = whole_batches(images or FIRST_STEPS * batch, batch, limit)
    engine.train(count)
    for seconds in () if images else (1.0, EPOCH_SECONDS):
        count = whole_batches(count / engine.train(count) * seconds, batch, limit)
    for kind in (None, augmentation):
        engine.train(count, kind)
    ratio, ratios = median_ratio(
        lambda: count / engine.train(count), lambda: count / engine.train(count, augmentation), pairs
    )
    alone = [seconds_of_batches(engine.batches(count, kind)) for kind in (augmentation, None)]
    epoch = engine.train(count)
    print(
        f"{name:<17}{what:<14}{batch:>5}  {engine.precision:<15}{ratio - 1:>+7.1%}  "
        f"({min(ratios) - 1:+.1%} to {max(ratios) - 1:+.1%} in {len(ratios)} pairs; at most {AT_MOST:.0%}: "
        f"{'ok' if ratio - 1 <= AT_MOST else 'falls short'})  batches alone {alone[0]:.2f} s, "
        f"unchanged {alone[1]:.2f} s, epoch {epoch:.2f} s of {count:,}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, help="of an epoch; else as many as take a few seconds")
    parser.add_argument("--pairs", type=int, default=5)
    options = parser.parse_args()
    print(describe_machine())
    print(f"{'model':<17}{'augmentation':<14}batch  {'our precision':<15} costs an epoch")
    for name, what, augmentation in cases():
        measure_row(name, what, augmentation, options.images, options.pairs)
        keras.backend.clear_session()
        gc.collect()


if __name__ == "__main__":
    main()
