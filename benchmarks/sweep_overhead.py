"""What a sweep costs besides its trainings: seconds a task, of tasks that only sleep, and megabytes over the wire.

    python -m benchmarks.sweep_overhead [--tasks 200] [--workers 1,2,4,8,16] [--sleep 0.5]
    python -m benchmarks.sweep_overhead --bytes [--models simple_nn,cnn_1,cnn_2,flagship]

The first says where it stops scaling: every task is ordered, heard of and taken back by one client. The workers are
processes of this machine, which sleep; what the client and the scheduler do is the same for workers elsewhere, but for
the network. The second trains for three epochs and weighs what goes out and comes home.
"""

import argparse
import dataclasses
import json
import time
from collections.abc import Callable

from fmnist_core import recipe
from fmnist_core.jobs import lifecycle
from fmnist_core.recipe import Recipe, Split, Stage
from fmnist_core.runs.records import new_group_id
from fmnist_core.storage.schema import as_plain
from fmnist_core.sweeps import cluster, plan, records
from fmnist_core.sweeps.conductor import Conductor, bring_run_home
from fmnist_core.sweeps.plan import Task
from fmnist_core.sweeps.records import Spec, Sweep
from fmnist_core.zoo import get_model


def sleeping(seconds: float) -> Callable[[bytes, bytes], bytes]:
    """What a worker does in place of a training."""

    def sleep(order: bytes, checkpoint: bytes) -> bytes:
        import time

        time.sleep(seconds)
        return b'{"state": "done", "message": "", "sizes": [0]}\n'

    return sleep


def made_up_sweep(tasks: int) -> Sweep:
    base = Recipe("simple_nn", (Stage(1),), split=Split("last", 5_000))
    sweep = Sweep(new_group_id(), Spec(plan.make([base], {}, range(tasks))))
    lifecycle.enqueue(sweep.job, epochs=tasks, spec=as_plain(sweep.spec))
    return sweep


def measure(tasks: int, workers: int, sleep: float) -> tuple[float, float]:
    """Seconds until the workers are there, and from the first order until all tasks have ended."""
    sweep, began = made_up_sweep(tasks), time.perf_counter()
    with cluster.open_crew(f"local:{workers}", tasks, sweep.folder / "scratch") as crew:
        crew.look()
        there = time.perf_counter()
        conductor = Conductor(sweep, crew, train=sleeping(sleep), bring_home=lambda sweep, task, content: None)
        assert conductor.conduct(lambda: False)  # noqa: S101 - nobody cancels it
        return there - began, time.perf_counter() - there


def overheads(tasks: int, counts: list[int], sleep: float) -> None:
    print(f"{tasks} tasks that sleep {sleep:g} s")
    print(f"{'workers':>8}{'start s':>9}{'all s':>8}{'ideal s':>9}{'ms a task':>11}{'busy':>7}")
    for workers in counts:
        start, seconds = measure(tasks, workers, sleep)
        ideal = -(-tasks // workers) * sleep
        lost = (seconds * workers / tasks - sleep) * 1_000  # of a worker's time, a task
        print(f"{workers:>8}{start:>9.1f}{seconds:>8.1f}{ideal:>9.1f}{lost:>11.0f}{ideal / seconds:>7.0%}", flush=True)


def sizes(models: list[str]) -> None:
    """Of short trainings, as they go out and come home."""
    bases = [small(model) for model in models]
    sweep = Sweep(new_group_id(), Spec(plan.make(bases, {}, [0]), keep_seconds=0.5))
    lifecycle.enqueue(sweep.job, epochs=len(models), spec=as_plain(sweep.spec))
    print(f"{'model':<18}{'order KB':>9}{'checkpoint MB':>15}{'run MB':>8}")

    def weigh(sweep: Sweep, task: Task, content: bytes) -> None:
        order = len(json.dumps(as_plain(plan.recipe_of(sweep.plan, task))))
        kept = len(records.checkpoint(sweep, task.run))
        print(
            f"{bases[task.base].model:<18}{order / 1e3:>9.1f}{kept / 1e6:>15.1f}{len(content) / 1e6:>8.1f}", flush=True
        )
        bring_run_home(sweep, task, content)

    with cluster.open_crew("local", len(models), sweep.folder / "scratch") as crew:
        Conductor(sweep, crew, bring_home=weigh).conduct(lambda: False)


def small(model: str) -> Recipe:
    """Three epochs of 2,000 pictures: what is stored of them grows by 1 MB with all pictures, 0.1 MB with each of up to
    25 epochs."""
    published = dataclasses.replace(get_model(model).recipe, split=Split("last", 5_000), images=2_000)
    return recipe.with_epochs(published, 3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", type=int, default=200)
    parser.add_argument("--workers", default="1,2,4,8,16")
    parser.add_argument("--sleep", type=float, default=0.5)
    parser.add_argument("--bytes", action="store_true")
    parser.add_argument("--models", default="simple_nn,cnn_1,cnn_2,flagship")
    options = parser.parse_args()
    if options.bytes:
        sizes(options.models.split(","))
    else:
        overheads(options.tasks, [int(count) for count in options.workers.split(",")], options.sleep)


if __name__ == "__main__":
    main()
