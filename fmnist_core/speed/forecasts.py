"""How long a map, an audit, a measurement of robustness, one on photos or a sweep will take.

Each begins with what its work costs, by what it grows with, as a multiple of the speed at which a machine trains and
classifies; the machine's own speed is measured once (see `measurement`). What jobs of the kind took here then sets it
right (see `jobs.durations`). The costs were measured together with REFERENCE (docs/log.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fmnist_core import zoo
from fmnist_core.analysis.robustness import CHANGES
from fmnist_core.data import SIZES
from fmnist_core.embedding.quality import EXACT_ROWS, SAMPLED_ROWS
from fmnist_core.embedding.tsne import ITERATIONS
from fmnist_core.inference.robustness_records import PICTURES
from fmnist_core.jobs import durations
from fmnist_core.jobs.durations import Estimate
from fmnist_core.label_audit.audit_spec import AuditSpec, recipe_of
from fmnist_core.machine import cores
from fmnist_core.maps import map_vectors
from fmnist_core.maps.map_making import iterations_of
from fmnist_core.maps.map_spec import MapSpec, resolve
from fmnist_core.maps.vectors import FEATURES
from fmnist_core.photo_sets.variants import STEP_VARIANTS
from fmnist_core.runs import runs
from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.runs import Run
from fmnist_core.speed import measurement
from fmnist_core.speed.estimate import estimate, rate_of
from fmnist_core.speed.measurement import VALIDATION_COST, Speed
from fmnist_core.sweeps import cluster
from fmnist_core.sweeps import plan as plans
from fmnist_core.sweeps.plan import Plan
from fmnist_core.zoo.summaries import total_macs

REFERENCE = Speed(1585.8, 21125.9, 5.68, 0.001, 2.0, 6.56, 0.884)  # the machine whose seconds the costs are
ALL_PICTURES = sum(SIZES.values())
START = 0.8  # of a job's process, until it works
PAIR = 6e-8  # of two pictures whose distances are compared to say how far a map can be trusted
COMPILE = 3.0  # of a network of an audit, once for each
SIMILAR = 3e-9  # of two pictures that an audit compares
PASSES = sum(len(change.severities) for change in CHANGES.values())  # of the pictures through a network
CHANGING = 8e-5  # a picture once
OUTLINE, OUTLINES = 0.35, 0.9  # of a photo: its outline for all modes; those of the steps that seek it anew
VIEWED, VIEW = 12, 0.003  # views that a photo has; of one, until it is a picture and its outline is compared


@dataclass(frozen=True)
class _Cost:
    """Seconds, of REFERENCE."""

    start: float = 0.0  # before the first iteration, whatever the number of pictures
    picture: float = 0.0  # of each, before the first iteration
    pair: float = 0.0  # of two, where all are compared in search of neighbours
    iteration: float = 0.0  # whatever the number of pictures
    step: float = 0.0  # of a picture in an iteration
    grows: bool = False  # an iteration's cost grows from one to the next, as the map spreads over a larger grid


_COSTS = {  # by method, engine and dimensions
    ("pca", "built-in", 2): _Cost(0.2, 5e-5, 1.5e-8),
    ("pca", "built-in", 3): _Cost(0.2, 5e-5, 1.5e-8),
    ("pca", "library", 2): _Cost(1.5, 1e-4, 1.5e-8),
    ("pca", "library", 3): _Cost(1.5, 1e-4, 1.5e-8),
    ("tsne", "built-in", 2): _Cost(0.2, 1e-4, 1.5e-8, 0.006, 2.5e-6, grows=True),
    ("tsne", "built-in", 3): _Cost(0.2, 1e-4, 1.5e-8, 0.07, 3e-6, grows=True),
    ("tsne", "library", 2): _Cost(1.5, 2e-4, 1.5e-8, 0.0, 5e-6),
    ("tsne", "library", 3): _Cost(1.5, 2e-4, 1.5e-8, 0.0, 1.2e-5),
    ("umap", "built-in", 2): _Cost(0.2, 5e-5, 1.5e-8, 0.0015, 1.5e-6),
    ("umap", "built-in", 3): _Cost(0.2, 5e-5, 1.5e-8, 0.0015, 2.2e-6),
    ("umap", "library", 2): _Cost(3.0, 2.5e-3, 1.5e-8, 0.0, 2.5e-6),
    ("umap", "library", 3): _Cost(3.0, 2.5e-3, 1.5e-8, 0.0, 3.6e-6),
}


def of_map(spec: MapSpec) -> Estimate:
    """Raises ValueError, RunError where there is no such map: as `map_spec.resolve`."""
    speed = measurement.read()
    points, cost = len(resolve(spec)), _COSTS[spec.method, spec.engine, spec.dims]
    steps = iterations_of(spec, points)
    seconds = START + cost.start + cost.picture * points + cost.pair * points**2
    seconds += steps * (cost.iteration * (steps / ITERATIONS if cost.grows else 1.0) + cost.step * points)
    seconds += PAIR * points * (points if points <= EXACT_ROWS else SAMPLED_ROWS)
    usual = seconds * _pace(speed)
    if _asks_a_network(spec):
        usual += (speed or REFERENCE).classify(_macs(runs.find(spec.run or ""))) * points / ALL_PICTURES
    return durations.estimate(f"map {spec.method} {spec.engine} {spec.dims}", usual, _basis(speed))


def of_audit(spec: AuditSpec, rows: Sequence[Row]) -> Estimate | None:
    """None where no finished run can serve as a measure of its trainings. rows: of all runs."""
    speed = measurement.read()
    pictures = sum(spec.sizes.values())
    learned = spec.sizes["train"] * (spec.folds - 1) // spec.folds
    chosen = recipe_of(spec, 0, learned)
    if (found := rate_of(chosen, rows, speed)) is None:
        return None
    passes = spec.epochs * learned + VALIDATION_COST * (pictures - learned)
    usual = (speed or REFERENCE).start + spec.networks * (COMPILE * _pace(speed) + passes / found[0])
    usual += SIMILAR * pictures**2 * _pace(speed)
    return durations.estimate(f"audit {spec.judge}", usual, found[1])


def of_robustness(run: Run) -> Estimate:
    """Raises RunError where the run is damaged."""
    speed = measurement.read()
    usual = (START + CHANGING * PICTURES * PASSES) * _pace(speed)
    usual += (speed or REFERENCE).classify(_macs(run)) * PICTURES * PASSES / ALL_PICTURES
    return durations.estimate("robustness", usual, _basis(speed))


def of_favourites(run: Run) -> Estimate:
    """The search for the training pictures that move each channel most. Raises RunError where the run is damaged."""
    speed = measurement.read()
    usual = START * _pace(speed) + (speed or REFERENCE).classify(_macs(run)) * SIZES["train"] / ALL_PICTURES
    return durations.estimate("favourites", usual, _basis(speed))


def of_photos(run: Run, photos: int, steps: bool) -> Estimate:
    """Photos of one's own in every mode or, with steps, in the mode best and without each of its steps.

    Raises RunError where the run is damaged.
    """
    speed = measurement.read()
    ways = VIEWED * (len(STEP_VARIANTS) if steps else 1) * photos
    usual = (START + (OUTLINES if steps else OUTLINE) * photos + VIEW * ways) * _pace(speed)
    usual += (speed or REFERENCE).classify(_macs(run)) * ways / ALL_PICTURES
    return durations.estimate(f"measurement on photos, {'steps' if steps else 'modes'}", usual, _basis(speed))


def of_sweep(chosen: Plan, on: str, rows: Sequence[Row]) -> Estimate | None:
    """All of its trainings on processes of this machine; None where that cannot be told, or it is made elsewhere.

    Each worker has its part of the cores, on which a training takes so many times as long as on all of them: what is
    won by several at once, as one thread of them waits less for another, is not counted on.

    on: see `cluster.check_place`. rows: of all runs.
    """
    if not cluster.is_local(on):
        return None
    speed = measurement.read()
    every = [estimate(plans.recipe_of(chosen, task), rows, speed) for task in chosen.tasks[:: len(chosen.seeds)]]
    known = [one for one in every if one]
    if len(known) < len(every):
        return None
    workers = cluster.local_workers(on, len(chosen.tasks))
    slower = cores() / cluster.threads_each(workers)
    seconds = len(chosen.seeds) * sum(one.seconds for one in known) * slower / min(workers, cores())
    longest = max(known, key=lambda one: one.seconds)
    basis = f"{len(chosen.tasks)} trainings together, {longest.basis}"
    return Estimate(max(seconds, longest.seconds * slower), basis)


def _pace(speed: Speed | None) -> float:
    """Seconds here for one of REFERENCE."""
    return REFERENCE.dense / speed.dense if speed else 1.0


def _basis(speed: Speed | None) -> str:
    return "measured on another machine" + (", scaled to this one" if speed else "")


def _asks_a_network(spec: MapSpec) -> bool:
    """Whether it begins with what a network makes of the pictures, as that is not kept yet."""
    if not spec.needs_run or (spec.of == FEATURES and spec.pictures.split == "test"):
        return False
    return not map_vectors.vectors_file(spec).exists()


def _macs(run: Run) -> int:
    """Multiply-adds for one picture; of a network that is none of the zoo's, those of a common one."""
    recipe = runs.read_config(run).recipe
    known = zoo.find(recipe)
    counted = known is not None and known.kind == "network"
    return total_macs(recipe if counted else measurement.CONVOLUTIONS) * (2 if recipe.mirror else 1)
