"""Our training engine against PyTorch, every model of the zoo: pictures a second, side by side.

PyTorch trains the same network on the same data: native modules, channels-last memory, the faster of float32 and
bfloat16 autocast, and of a thread a core and one, its fused optimizers, batches gathered from one tensor. Before a
row is measured, its logits are held against Keras', and again after steps of the optimizer. Ours is the engine as it
trains a run, without observers. Both clocks run from the beginning of an epoch to its end, on whole batches.

    python -m benchmarks.training.training_speed [--models A,B] [--batches 32,128] [--images N] [--pairs N]

Without --batches each model has its recipe's batch size, and those with a target their targets'.
"""

import argparse
import dataclasses
import functools
import logging
import sys
import time
from collections.abc import Callable

import keras
import numpy as np

from benchmarks.pairs import median_ratio
from benchmarks.pytorch.client import PyTorch, Way, choose_way
from benchmarks.pytorch.same import PICTURES, STEPS, prove_same_training
from benchmarks.training.epochs import Engine, measure_each, require_finite, whole_batches
from fmnist_core import data
from fmnist_core.machine import cores, cpu_has_bfloat16, describe_machine
from fmnist_core.zoo import MODELS, get_model

EPOCH_SECONDS = 3.0  # of the slower side
TRY_SECONDS = 0.5  # of our epoch; on as many pictures PyTorch's way is chosen
FIRST_STEPS = 16  # of an epoch that compiles
PAUSE_SECONDS = 0.2  # between the two sides: threads that wait for work by spinning have given up by then
IDLE = 0.03  # of a core: more than that used by the side that should wait makes a row doubtful
# At least so much faster than PyTorch; the first where the processor has bfloat16 units, the second where not.
TARGETS = {
    ("minivggnet", 32): (1.0, 0.95),
    ("minivggnet", 128): (1.3, 0.95),
    ("cnn_2", 32): (1.0, 0.95),
    ("cnn_2", 128): (1.8, 0.95),
}


class Sides:
    """Both sides of one row, the one idle while the other works."""

    def __init__(self, engine: Engine, pytorch: PyTorch, batch: int) -> None:
        self._engine, self._pytorch, self.batch = engine, pytorch, batch
        self.way = Way("float32", cores())  # PyTorch's, until a better one is found
        self.busy = 0.0  # the largest part of a core that the waiting side has used

    def ours(self, images: int) -> float:
        """Pictures a second."""
        time.sleep(PAUSE_SECONDS)
        before = self._pytorch.processor_seconds()
        seconds = self._engine.train(images)
        self._note(self._pytorch.processor_seconds() - before, seconds)
        return images / seconds

    def theirs(self, images: int, way: Way | None = None) -> float:
        """Pictures a second."""
        time.sleep(PAUSE_SECONDS)
        before = time.process_time()
        how = (way or self.way)._asdict()
        epoch = self._pytorch.ask("train", **how, batch=self.batch, images=images)
        self._note(time.process_time() - before, epoch["seconds"])
        require_finite("PyTorch's", epoch["loss"])
        return images / epoch["seconds"]

    def _note(self, used: float, seconds: float) -> None:
        if seconds > 1:  # an epoch of a few steps tells more of the clock than of the threads
            self.busy = max(self.busy, used / seconds)


def fitting_images(sides: Sides, images: int, limit: int) -> int:
    """So many that an epoch of the slower side takes EPOCH_SECONDS; found by shorter ones, at first of `images`."""
    for seconds in (1.0, EPOCH_SECONDS):
        images = whole_batches(min(sides.ours(images), sides.theirs(images)) * seconds, sides.batch, limit)
    return images


def trained_part(name: str) -> keras.Model:
    """What a training of the model trains: all of it, or the layers after a frozen trunk."""
    row = get_model(name)
    network = row.build()
    if row.trunk is None:
        return network
    head = keras.Model(network.get_layer(row.trunk).output, network.output, name=name)
    copy = keras.models.clone_model(head)
    copy.set_weights(head.get_weights())
    return copy


def inputs_for(network: keras.Model) -> tuple[np.ndarray, np.ndarray]:
    """The training pictures; for a head, features of the right size: their values do not change the speed."""
    pictures = data.load_split("train")
    if len(network.input_shape) == 4:
        return pictures.images, pictures.labels
    count = 12_000
    features = np.random.default_rng(0).random((count, network.input_shape[1]), np.float32).astype(np.float16)
    return features, pictures.labels[:count]


def as_network_takes(inputs: np.ndarray) -> np.ndarray:
    return data.to_network_input(inputs) if inputs.dtype == np.uint8 else inputs.astype(np.float32)


def measure_row(pytorch: PyTorch, name: str, batch: int, options: argparse.Namespace) -> None:
    chosen = dataclasses.replace(get_model(name).recipe, batch_size=batch)
    network = trained_part(name)
    inputs, labels = inputs_for(network)
    pytorch.load_data(inputs, labels)
    some = as_network_takes(inputs[:PICTURES])
    same = prove_same_training(pytorch, network, chosen, some, labels[:PICTURES], options.fused)
    engine = Engine(network, chosen, inputs, labels)
    sides = Sides(engine, pytorch, batch)
    images = whole_batches(options.images or FIRST_STEPS * batch, batch, len(inputs))
    sides.ours(images)  # compiles
    if not options.images:
        images = whole_batches(sides.ours(images) * TRY_SECONDS, batch, len(inputs))
    sides.way, failed = choose_way(lambda way: sides.theirs(images, way), cores())
    if not options.images:
        images = fitting_images(sides, images, len(inputs))
    sides.ours(images)  # the warm-up of this number of pictures; PyTorch has had its own
    show_row(sides, name, engine.precision, images, options.pairs)
    print(
        f"    {images:,} pictures an epoch. Same network: logits differ by {same.logits:.0e}, their change by "
        f"{STEPS} steps of {chosen.optimizer.name} by {same.steps:.0e}."
        + (f" The waiting side used {sides.busy:.0%} of a core." if sides.busy > IDLE else "")
        + (f" Not tried: {failed}" if failed else ""),
        flush=True,
    )


def show_row(sides: Sides, name: str, precision: str, images: int, pairs: int) -> None:
    ours: list[float] = []
    theirs: list[float] = []
    ratio, ratios = median_ratio(
        kept(ours, lambda: sides.ours(images)), kept(theirs, lambda: sides.theirs(images)), pairs
    )
    spread = f"({min(ratios):.2f} to {max(ratios):.2f} in {pairs} pairs{verdict(name, sides.batch, ratio)})"
    print(
        f"{name:<17}{sides.batch:>5}  {precision:<16}{sides.way!s:<21}{np.median(ours):>9,.0f}"
        f"{np.median(theirs):>9,.0f}{ratio:>7.2f}  {spread}"
    )


def kept(values: list[float], measure: Callable[[], float]) -> Callable[[], float]:
    """The same function, its values noted in the list."""

    def run() -> float:
        values.append(measure())
        return values[-1]

    return run


def verdict(name: str, batch: int, ratio: float) -> str:
    """What a row's ratio should be, and whether it is; empty where nothing is promised."""
    if (name, batch) not in TARGETS:
        return ""
    target = TARGETS[name, batch][0 if cpu_has_bfloat16() else 1]
    return f"; at least {target:.2f}: {'ok' if ratio >= target else 'falls short'}"


def rows_of(models: list[str], batches: list[int]) -> list[tuple[str, int]]:
    """Which models at which batch sizes; without batches, as the module's docstring says."""
    rows = []
    for name in models:
        recipe = get_model(name).recipe
        promised = [batch for model, batch in TARGETS if model == name]
        rows += [(name, batch) for batch in batches or promised or [recipe.batch_size]]
    return rows


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", default=",".join(MODELS), help="names, with commas between")
    parser.add_argument("--batches", default="", help="batch sizes, with commas between")
    parser.add_argument("--images", type=int, help="of an epoch; else as many as take a few seconds")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument(
        "--default-optimizer", dest="fused", action="store_false", help="PyTorch's optimizers without fused=True"
    )
    return parser.parse_args()


def main() -> int:
    """Returns how many rows could not be measured."""
    options = read_options()
    logging.disable(logging.WARNING)  # TensorFlow counts the models it has seen
    batches = [int(batch) for batch in options.batches.split(",") if batch]
    print(describe_machine())
    with PyTorch() as pytorch:
        version = pytorch.ask("start")
        print(f"PyTorch {version} with {'fused' if options.fused else 'default'} optimizers, Keras {keras.__version__}")
        print("VGG19: its head alone, on features; the frozen part is computed once, before a training.")
        print(f"{'model':<17}batch  {'our precision':<16}{'PyTorch':<21}{'ours/s':>9}{'theirs/s':>9}  ratio")
        rows = rows_of(options.models.split(","), batches)
        return measure_each(
            (
                (f"{name}, batch {batch}", functools.partial(measure_row, pytorch, name, batch, options))
                for name, batch in rows
            )
        )


if __name__ == "__main__":
    sys.exit(main())
