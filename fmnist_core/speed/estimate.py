"""How long a training will take, from what trainings on this kind of processor have taken; and the quick preset."""

import dataclasses
from collections.abc import Sequence

from fmnist_core import zoo
from fmnist_core.data import SIZES
from fmnist_core.jobs.durations import Estimate
from fmnist_core.machine import cpu_has_bfloat16, fitting_precision, is_this_machine
from fmnist_core.recipe import Recipe, Split, with_epochs
from fmnist_core.runs import size_curve
from fmnist_core.runs.catalogue import Row
from fmnist_core.speed import measurement
from fmnist_core.speed.measurement import VALIDATION_COST, Speed
from fmnist_core.splits import split_indices
from fmnist_core.zoo import MODELS
from fmnist_core.zoo.summaries import total_macs, trained_macs, trains_convolutions

START_SECONDS = 8.0  # importing TensorFlow, building, the first batch
FITS_AROUND = 10.0  # importing scikit-learn, exporting
FINISH_SECONDS = 10.0  # exporting, checking, classifying all pictures
STEP_MACS = 3e6  # what a step costs beside the pictures' own arithmetic, as pictures' MACs: small nets are bound by it
# Convolutions in bfloat16, times their speed in float32: with units for it, and where it is emulated (docs/log.md).
BFLOAT16_GAIN, EMULATED_GAIN = 3.5, 0.1

# Multiplications, forward, of all epochs of the quick preset, so that the same model has the same pictures everywhere
# and its accuracies can be compared: a minute on two cores of 2023. STEP_MACS count, too.
QUICK_MACS = 8e11
QUICK_EPOCHS = 5
QUICK_BATCH = 64
QUICK_VALIDATION = 2_000
FEWEST, STEP = 2_000, 1_000  # pictures
# The first training of all: short enough to watch to its end, long enough for four of five pictures to be right.
FIRST_MODEL, FIRST_EPOCHS, FIRST_IMAGES = "cnn_1", 4, 10_000
FORWARD = 1 / 3  # of the arithmetic of a training step, which goes forward, and backward to inputs and to weights


def estimate(chosen: Recipe, rows: Sequence[Row], speed: Speed | None = None) -> Estimate | None:
    """The time for the whole recipe; None where no finished run can serve as a measure.

    The same model and batch size measured on this processor is best; else the time is scaled by the multiplications a
    picture needs, from the run whose model is nearest in size.

    speed: of this machine. What another one has measured is scaled by it.
    """
    if not chosen.has_epochs:
        return _of_fits(chosen, rows)
    if (found := rate_of(chosen, rows, speed)) is None:
        return None
    rate, basis = found
    cost = _cost(chosen)
    indices = split_indices(chosen)
    pictures = chosen.epochs * (len(indices.train) + VALIDATION_COST * len(indices.validation))
    frozen = total_macs(chosen) - trained_macs(chosen)
    seen = len(indices.train) + len(indices.validation) + SIZES["test"]
    pictures += FORWARD * frozen / cost * seen  # a trunk's features are computed once
    return Estimate(_around(chosen, speed) + pictures / rate, basis)


def _of_fits(chosen: Recipe, rows: Sequence[Row]) -> Estimate | None:
    """Of a classical baseline, by how long each of the fits of another run of it took."""
    found = [(row, size_curve.read(row.run)) for row in rows if row.usable and row.model == chosen.model]
    measured = [(row.config, sizes) for row, sizes in found if sizes and row.config]
    here = [pair for pair in measured if is_this_machine(pair[0].machine)]
    if not measured:
        return None
    config, sizes = (here or measured)[0]
    counts = size_curve.sizes_of(chosen, len(split_indices(chosen).train))
    classified = SIZES["test"] + chosen.split.validation  # once more, by the last fit
    a_picture = sizes[-1].classifying_seconds / max(config.recipe.split.validation, 1)
    seconds = FITS_AROUND + size_curve.expect(sizes, counts) + classified * a_picture
    return Estimate(seconds, f"measured on {'this' if here else 'another'} machine: the same model")


def rate_of(chosen: Recipe, rows: Sequence[Row], speed: Speed | None) -> tuple[float, str] | None:
    """Pictures a second in the epochs of a training, and where the figure comes from; see `estimate`."""
    known = [row for row in rows if row.recipe and row.recipe.has_epochs and zoo.find(row.recipe)]
    measured = [(row, row.result.images_per_second) for row in known if row.result and row.result.images_per_second]
    here = [(row, rate) for row, rate in measured if row.config and is_this_machine(row.config.machine)]
    scaled = _scaled(measured, speed) if speed else []
    same = [(row, rate) for row, rate in here if row.recipe and _is_same(row.recipe, chosen)]
    candidates = same or scaled or here or measured
    if not candidates:
        return None
    nearest, rate = min(candidates, key=lambda pair: _distance(pair[0], chosen))
    assert nearest.recipe is not None  # noqa: S101 - filtered above
    rate *= _cost(nearest.recipe) / _cost(chosen) * _gain(nearest, chosen)
    basis = "the same model" if _is_same(nearest.recipe, chosen) else f"a run of {_name(nearest.recipe)}, scaled"
    where = "this machine" if candidates in (same, here) else "another machine"
    if candidates is scaled:
        where += ", scaled to this one"
    return rate, f"measured on {where}: {basis}"


def _is_same(one: Recipe, other: Recipe) -> bool:
    """Whether both train the same layers."""
    return (one.model, one.network) == (other.model, other.network)


def _name(recipe: Recipe) -> str:
    return recipe.network.title if recipe.network else recipe.model


def _around(chosen: Recipe, speed: Speed | None) -> float:
    """Seconds before, between and after the epochs."""
    if speed is None:
        return START_SECONDS + FINISH_SECONDS
    macs = trained_macs(chosen) * (2 if chosen.mirror else 1)  # a frozen trunk's part is counted with the epochs
    return speed.start + chosen.epochs * speed.epoch + speed.export + speed.classify(macs)


def _scaled(measured: Sequence[tuple[Row, float]], speed: Speed) -> list[tuple[Row, float]]:
    """What runs would have trained here: as much faster as this machine is at what their models are made of."""
    found = []
    for row, rate in measured:
        convolutions = _convolves(row)
        model = measurement.CONVOLUTIONS if convolutions else measurement.DENSE
        there = (other_rate for other, other_rate in measured if _is_reference(other, model, row))
        if reference := next(there, None):
            found.append((row, rate * speed.rate(convolutions) / reference))
    return found


def _is_reference(other: Row, model: str, row: Row) -> bool:
    """Whether a run is of what is measured on this machine, too, and of the machine of another run."""
    if other.model != model or not (other.recipe and other.config and row.config):
        return False
    batch_size = MODELS[model].recipe.batch_size
    return other.recipe.batch_size == batch_size and other.config.machine == row.config.machine


def _cost(recipe: Recipe) -> float:
    """A picture's share of a step, in MACs."""
    return trained_macs(recipe) + STEP_MACS * 32 / recipe.batch_size


def _gain(measured: Row, chosen: Recipe) -> float:
    """How much faster the chosen one is for its precision alone."""
    before = measured.result.precision if measured.result else None
    if before is None or not (_convolves(measured) and trains_convolutions(chosen)):
        return 1.0
    now = _speed(fitting_precision(chosen.precision, True), cpu_has_bfloat16())
    units = measured.config.machine.get("bfloat16_units", cpu_has_bfloat16()) if measured.config else False
    return now / _speed(before, units)


def _convolves(row: Row) -> bool:
    return row.recipe is not None and trains_convolutions(row.recipe)


def _speed(precision: str, units: bool) -> float:
    """Of convolutions, as many times that of float32."""
    if precision == "float32":
        return 1.0
    return BFLOAT16_GAIN if units else EMULATED_GAIN


def _distance(row: Row, chosen: Recipe) -> tuple[bool, float]:
    recipe = row.recipe
    assert recipe is not None  # noqa: S101
    ratio = _cost(recipe) / _cost(chosen)
    return not _is_same(recipe, chosen), max(ratio, 1 / ratio)


def quick_recipe(published: Recipe) -> Recipe:
    """The published recipe with five epochs, no augmentation, and so many pictures that it takes about a minute.

    It is the same recipe on every machine and at every time; what differs is the estimate.
    """
    first = dataclasses.replace(published.stages[0], augmentation=None, augment_validation=False)
    short = with_epochs(dataclasses.replace(published, stages=(first,)), QUICK_EPOCHS)
    short = dataclasses.replace(short, split=Split("last", QUICK_VALIDATION), batch_size=QUICK_BATCH, watch_test=False)
    images = int(QUICK_MACS / (QUICK_EPOCHS * _cost(short))) // STEP * STEP
    if trained_macs(published) < total_macs(published):
        images = FEWEST  # a frozen trunk is most of the work
    return dataclasses.replace(short, images=max(FEWEST, min(images, SIZES["train"] - QUICK_VALIDATION)))


def first_recipe() -> Recipe:
    """The quick preset of a network of convolutions on fewer pictures: what Start trains, in some 45 s on two cores."""
    short = with_epochs(quick_recipe(MODELS[FIRST_MODEL].recipe), FIRST_EPOCHS)
    return dataclasses.replace(short, images=FIRST_IMAGES)
