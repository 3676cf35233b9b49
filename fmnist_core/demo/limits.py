"""Limits for each visitor and for all together; none outside of a demo, but those that FMNIST_LIMITS sets.

Who owns all, at the machine or on the command line, has none. Pages ask before they offer something, and again when it
is asked for.
"""

import dataclasses
import math
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fmnist_core import hosting
from fmnist_core.demo import disk
from fmnist_core.jobs import draining, kinds, queue, warm
from fmnist_core.jobs.kinds import JobKind
from fmnist_core.machine import free_memory
from fmnist_core.recipe import Recipe
from fmnist_core.runs import catalogue, runs
from fmnist_core.speed.estimate import estimate
from fmnist_core.splits import split_indices
from fmnist_core.storage import owners
from fmnist_core.storage.folders import RunError
from fmnist_core.sweeps import plan as plans
from fmnist_core.sweeps.plan import Plan
from fmnist_core.zoo import summaries

VARIABLE = "FMNIST_LIMITS"  # such as "epochs=20,trainings=3"
MINUTE = 60.0
ELSEWHERE = "On your own machine there is no such limit: see README."
# Of a training's process: what it takes with TensorFlow alone, what oneDNN's convolutions add, and how often all values
# of a batch are held at once. Of six models' peaks on two cores five are within 6 %, MiniVGGNet has 40 % more: the
# command is `/usr/bin/time -v python -m fmnist_core train MODEL --stage 1 --images 2000`.
BASE_MEGABYTES, CONVOLUTION_MEGABYTES, COPIES = 950, 280, 3.2
MEGABYTE = 1e6
FIT_MEGABYTES = 1_500  # of a classical baseline: scikit-learn, and the pictures as float64
LONGEST_FIT = 600.0  # seconds


@dataclass(frozen=True)
class Limits:
    """Defaults are for two cores and 1 GB of memory beside the pages. 0 trainings: training is off."""

    trainings: float = 8  # waiting or at work, of all visitors
    trainings_each: float = 3  # the same of one: a family of three
    epochs: float = 20
    pictures: float = 60_000  # to train on
    trillions: float = 3.0  # of multiply-adds, forward, of a whole training: the quick preset has 0.8
    own_millions: float = 5  # of parameters of an own network
    own_million_macs: float = 60  # multiply-adds of it for one picture; the flagship has 54
    jobs: float = 8  # maps, measurements of robustness: waiting or at work, of all
    jobs_each: float = 2
    uploads: float = 40  # files a minute, of one visitor
    session_megabytes: float = 60  # of photos that a session keeps
    photos: float = 400  # of a set of photos in folders
    megabytes_each: float = 60  # on disk, of one visitor
    megabytes: float = 2_000  # on disk, of all
    days: float = 7  # after which what visitors made goes


_NONE = Limits(*[math.inf] * len(dataclasses.fields(Limits)))


def read() -> Limits:
    """The limits of this installation. Raises RunError where FMNIST_LIMITS cannot be understood."""
    usual = Limits() if hosting.is_demo() else _NONE
    changed: dict[str, float] = {}
    for part in filter(None, os.environ.get(VARIABLE, "").split(",")):
        name, _, text = part.strip().partition("=")
        try:
            changed[name] = value = float(text)
            if name not in dataclasses.asdict(usual) or not 0 <= value < math.inf:
                raise ValueError
        except ValueError:
            known = ", ".join(f"{one}={value:g}" for one, value in dataclasses.asdict(Limits()).items())
            raise RunError(f"{VARIABLE} cannot be {part!r}. Expected parts such as {known}.") from None
    return dataclasses.replace(usual, **changed)


def trains() -> bool:
    """Whether visitors may train at all."""
    return owners.visitor().owns_all or read().trainings > 0


def check_training(chosen: Recipe, networks: int = 1) -> None:
    """Raises RunError with what would fit, where this visitor may not train so many such networks now."""
    draining.check()
    if owners.visitor().owns_all:
        return
    limits = read()
    pictures = len(split_indices(chosen).train)
    if chosen.epochs > limits.epochs:
        raise RunError(f"It has {chosen.epochs} epochs; here {limits.epochs:g} fit. Choose fewer. {ELSEWHERE}")
    if pictures > limits.pictures:
        raise RunError(f"It trains on {pictures:,} pictures; here {limits.pictures:,.0f} fit. {ELSEWHERE}")
    if not chosen.has_epochs:
        _check_fit(chosen)
        return
    _check_own(chosen, limits)
    once = networks * summaries.trained_macs(chosen) * pictures / 1e12
    if once * chosen.epochs > limits.trillions:
        raise RunError(_too_much(once, chosen.epochs, pictures, limits))
    check_memory(memory_of(chosen), has=warm.memory(kinds.TRAINING))
    check_start(kinds.TRAINING)


def _check_fit(chosen: Recipe) -> None:
    """Of a classical baseline: its seconds are known of runs that ship or are the machine's, and so is its memory.

    A visitor's own may come from elsewhere and say anything.
    """
    known = [run for run in runs.every_run() if run.model == chosen.model and owners.id_of(run.folder) is None]
    expected = estimate(chosen, list(map(catalogue.describe, known)))
    if expected is None:
        raise RunError(f"How long its fit takes is not known here: there is no finished run of it. {ELSEWHERE}")
    if expected.seconds > LONGEST_FIT:
        raise RunError(
            f"Its fit would take longer than {LONGEST_FIT / 60:.0f} minutes. Choose fewer pictures. {ELSEWHERE}"
        )
    check_memory(FIT_MEGABYTES)
    check_start(kinds.TRAINING)


def check_family(recipes: Sequence[Recipe]) -> None:
    """Raises RunError with what would fit, where this visitor may not start all of these trainings now."""
    for chosen in recipes:
        check_training(chosen)
    check_queue(kinds.TRAINING, len(recipes))


def check_sweep(chosen: Plan, workers: int) -> None:
    """Raises RunError with what would fit, where this visitor may not start that sweep on so many processes now."""
    check_queue(kinds.SWEEP, len(chosen.tasks))
    if owners.visitor().owns_all:
        return
    recipes = [plans.recipe_of(chosen, task) for task in chosen.tasks[:: len(chosen.seeds)]]
    for recipe in recipes:
        check_training(recipe)
    check_memory(min(workers, len(chosen.tasks)) * max(map(memory_of, recipes)))


def _check_own(chosen: Recipe, limits: Limits) -> None:
    if chosen.network is None:
        return
    for what, has, most in (
        ("parameters", summaries.total_parameters(chosen), limits.own_millions),
        ("multiply-adds for one picture", summaries.total_macs(chosen), limits.own_million_macs),
    ):
        if has > most * 1e6:
            raise RunError(f"The network has {has:,} {what}; here {most:g} million fit. Make it smaller. {ELSEWHERE}")


def _too_much(once: float, epochs: int, pictures: int, limits: Limits) -> str:
    """once: 1e12 multiply-adds of an epoch."""
    fitting = int(limits.trillions / once)
    words = f"{fitting} epoch{'s' * (fitting > 1)} of it fit{'s' * (fitting == 1)}"
    if not fitting:
        words = f"an epoch of {pictures * limits.trillions / once:,.0f} pictures fits"
    return (
        f"It takes {once * epochs:.1f} trillion multiply-adds; here {limits.trillions:g} fit: {words}. The quick "
        f"preset is smaller. {ELSEWHERE}"
    )


def check_memory(megabytes: float = BASE_MEGABYTES, has: int = 0) -> None:
    """Raises RunError where a process that needs so much, TensorFlow alone at least, has no room beside the pages.

    has: bytes that it has by now.
    """
    free = (free_memory() + has) / MEGABYTE
    if not owners.visitor().owns_all and megabytes > free:
        raise RunError(f"It needs some {megabytes / 1e3:.1f} GB of memory; {max(free, 0) / 1e3:.1f} GB are free here.")


def memory_of(chosen: Recipe) -> float:
    """MB that the process of a training has at its peak, estimated."""
    values = sum(math.prod(layer.output_shape) for layer in summaries.layers_of(chosen))
    convolutions = CONVOLUTION_MEGABYTES if summaries.trains_convolutions(chosen) else 0
    return BASE_MEGABYTES + convolutions + COPIES * chosen.batch_size * values * 4 / MEGABYTE


def refusal(check: Callable[..., None], *given: Any) -> str:
    """Why one of these checks refuses, for what is said before the start; "" where it does not."""
    try:
        check(*given)
    except RunError as error:
        return str(error)
    return ""


def check_start(kind: JobKind) -> None:
    """Raises RunError where this visitor may start no job of that kind now; of trainings see `check_training`."""
    check_queue(kind)
    check_disk()


def check_queue(kind: JobKind, jobs: int = 1) -> None:
    """Raises RunError where so many jobs have no room in the queue, or in this visitor's part of it, or nothing new may
    start."""
    draining.check()
    asking = owners.visitor()
    if asking.owns_all:
        return
    limits, trains = read(), kind.slot == "training"
    most, each = (limits.trainings, limits.trainings_each) if trains else (limits.jobs, limits.jobs_each)
    if not most:
        raise RunError(f"Nothing of this kind is computed here. {ELSEWHERE}")
    waiting = [job for slot in _slots(kind) for job, _ in queue.active(slot)]
    mine = sum(owners.id_of(job.folder) == asking.id for job in waiting)
    if mine >= each:
        raise RunError(f"You have {mine} of these waiting or at work; {each:g} fit. Stop one, or let it end first.")
    if len(waiting) >= most:
        raise RunError(f"{len(waiting)} are waiting or at work; {most:g} fit. Try again in some minutes.")
    if mine + jobs > each or len(waiting) + jobs > most:
        free = min(each - mine, most - len(waiting))
        raise RunError(f"These are {jobs}, and {free:g} more may wait or work. Take fewer, or let others end first.")


def _slots(kind: JobKind) -> tuple[str, ...]:
    return ("training",) if kind.slot == "training" else ("map", "robustness")


def check_disk() -> None:
    """Raises RunError where there is no room on disk for more of this visitor, or of all."""
    asking = owners.visitor()
    if asking.owns_all:
        return
    limits, used = read(), disk.used()
    mine = used.of.get(asking.id, 0) / MEGABYTE
    if mine >= limits.megabytes_each:
        raise RunError(
            f"What you have made takes {mine:.0f} MB; {limits.megabytes_each:g} fit. Delete a run on Models first, or "
            "photos on Evaluate."
        )
    if used.total / MEGABYTE >= limits.megabytes:
        raise RunError(f"All {limits.megabytes:g} MB of disk space here are taken. Old things go; try again later.")


# Uploads


_uploaded: dict[str, list[float]] = {}  # when each visitor's files of the last minute came
_LOCK = threading.Lock()


def count_upload(files: int = 1) -> None:
    """Raises RunError where this visitor has sent too many files within the last minute."""
    asking = owners.visitor()
    if asking.id is None or not files:
        return
    most, now = read().uploads, time.monotonic()
    with _LOCK:
        for visitor in [one for one, times in _uploaded.items() if now - times[-1] > MINUTE]:
            del _uploaded[visitor]
        recent = [when for when in _uploaded.get(asking.id, []) if now - when < MINUTE]
        if len(recent) + files > most:
            raise RunError(f"{most:g} files a minute fit here. Wait a minute, then send fewer at once.")
        _uploaded[asking.id] = recent + [now] * files
