"""Sweeps as jobs: one is planned, queued where trainings wait, and its process talks with the workers."""

import dataclasses
import shutil
from collections.abc import Mapping

from fmnist_core import hosting
from fmnist_core.jobs import lifecycle, queue, worker
from fmnist_core.jobs.durations import Estimate
from fmnist_core.jobs.status import ACTIVE, Status
from fmnist_core.jobs.worker import Ending, OnEvent, Reporter
from fmnist_core.runs.records import new_group_id
from fmnist_core.storage import owners
from fmnist_core.storage.folders import RunError
from fmnist_core.storage.schema import as_plain
from fmnist_core.sweeps import cluster, records
from fmnist_core.sweeps import plan as plans
from fmnist_core.sweeps.conductor import Conductor
from fmnist_core.sweeps.plan import Plan
from fmnist_core.sweeps.records import KEEP_SECONDS, Spec, Standing, Sweep
from fmnist_core.training import training_jobs

DEMO = (
    "Several trainings at once are too much for a machine that many share: here one is trained at a time. On your own "
    "machine there is no such limit: see README."
)


def check(on: str, keep_seconds: float = KEEP_SECONDS) -> None:
    """Whether who asks may make a sweep there.

    Raises:
        ValueError: it is no place, or checkpoints cannot come home so often.
        RunError: Dask is not installed; who asks is a visitor in a demo, or names another machine.
    """
    cluster.check_place(on)
    if not 0.5 <= keep_seconds <= 86_400:
        raise ValueError(f"Checkpoints cannot come home every {keep_seconds:g} s. Expected 0.5 to 86,400.")
    if not owners.visitor().owns_all:
        if hosting.is_demo():
            raise RunError(DEMO)
        if not cluster.is_local(on):  # Dask's client trusts its scheduler
            raise RunError("Only who sits at the machine can name another one. Choose local.")
    cluster.require_dask()


def prepare(plan: Plan, on: str = "local", keep_seconds: float = KEEP_SECONDS) -> Sweep:
    """Queues a sweep, for `run_job` in this process. Raises as `check`, and RunError where it cannot be stored."""
    check(on, keep_seconds)
    for base in plan.bases if cluster.is_local(on) else ():
        training_jobs.require_weights(base)
    sweep = Sweep(new_group_id(), Spec(plan, on, keep_seconds))
    lifecycle.enqueue(sweep.job, epochs=len(plan.tasks), spec=as_plain(sweep.spec))
    return sweep


def submit(
    plan: Plan, on: str = "local", expected: Estimate | None = None, keep_seconds: float = KEEP_SECONDS
) -> Sweep:
    """Queues a sweep and starts its job when its turn has come. expected: how long all of it will take, where known.

    Raises as `prepare`.
    """
    sweep = prepare(plan, on, keep_seconds)
    queue.join(sweep.job, expected)
    return sweep


def requeue(sweep: Sweep, on: str | None = None, keep_seconds: float | None = None) -> Sweep:
    """Queues a stopped one again, for `run_job`. Raises as `check`, and RunError.

    on, keep_seconds: where else it goes on, and how often checkpoints come home from now on; None: as before.
    """
    spec = dataclasses.replace(sweep.spec, on=on or sweep.spec.on)
    changed = Sweep(sweep.id, spec if keep_seconds is None else dataclasses.replace(spec, keep_seconds=keep_seconds))
    check(changed.spec.on, changed.spec.keep_seconds)
    lifecycle.requeue(sweep.job)
    try:
        records.write_spec(changed)
    except OSError as error:
        raise lifecycle.cannot(sweep.job, "be written", error) from None
    return changed


def resume(sweep: Sweep, on: str | None = None) -> None:
    """As `requeue`; its job starts when its turn has come."""
    queue.join(requeue(sweep, on).job)


def cancel(sweep: Sweep) -> None:
    """Asks it to stop: what came back stays, and what was at work goes on from there once it is resumed."""
    lifecycle.cancel(sweep.job)


def delete(sweep: Sweep) -> None:
    """Removes what the sweep knows of itself; its runs stay.

    Raises:
        RunError: it is another visitor's, or still at work, or its folder cannot be removed.
    """
    owners.require(sweep.folder, sweep.job.title)
    found = lifecycle.read_status(sweep.job)
    if found is not None and found.state in ACTIVE:
        raise RunError(f"The sweep {sweep.id} is still at work. Stop it first.")
    try:
        shutil.rmtree(sweep.folder)
    except OSError as error:
        raise lifecycle.cannot(sweep.job, "be removed", error) from None


def run_job(sweep: Sweep, on_progress: OnEvent = lambda event: None) -> Status:
    """Does a queued one in this process; see `worker.work`. on_progress: called with the Standing of each training."""
    return worker.work(sweep.job, on_progress)


def work(reporter: Reporter) -> Ending:
    """Makes the sweep of a job; see `worker.work`. Tells how all stand, when something has changed."""
    sweep = records.find(reporter.folder.name.removeprefix("sweep-"))
    total = len(sweep.plan.tasks)
    reporter.update(phase="starting workers" if cluster.is_local(sweep.spec.on) else "looking for workers", message="")
    with cluster.open_crew(sweep.spec.on, total, sweep.folder / "scratch") as crew:

        def tell(standings: dict[str, Standing]) -> None:
            told = counted(standings)
            words = in_words(told) if told["running"] else f"waiting for workers, {in_words(told)}"
            if crew.refused:
                words += f"; {crew.refused} cannot be used: they lack this version of the package"
            reporter.update(phase=words, epoch=told["done"], notice=_notice(crew.aside))
            reporter.tell(standings)

        conductor = Conductor(sweep, crew, tell)
        came_to_its_end = conductor.conduct(reporter.cancelled)
    told = counted(conductor.standings)
    if not came_to_its_end:
        return Ending("cancelled", f"Stopped; {in_words(told)}. Resume goes on with the others.", told["done"])
    return _ending(sweep, conductor.standings)


def _ending(sweep: Sweep, standings: Mapping[str, Standing]) -> Ending:
    """Of one whose trainings have all ended. Checkpoints of failed ones stay: resumed, they go on from them.

    Raises:
        RunError: some have failed.
    """
    records.drop_checkpoints(sweep, [name for name, one in standings.items() if one.state == "done"])
    told = counted(standings)
    if reasons := [one.message.rstrip(".") for one in standings.values() if one.state == "failed"]:
        which = "one training failed" if len(reasons) == 1 else f"{len(reasons)} trainings failed, one of them"
        raise RunError(f"Of {len(standings)} {which} so: {reasons[0]}. Resume tries again.")
    return Ending(epoch=told["done"])


def _notice(aside: list[str]) -> str:
    """What is to be known of workers that were set aside."""
    if not aside:
        return ""
    return f"{'A worker was' if len(aside) == 1 else f'{len(aside)} workers were'} set aside. {aside[-1]}"


def counted(standings: Mapping[str, Standing]) -> dict[str, int]:
    """How many are in each state."""
    states = [one.state for one in standings.values()]
    return {state: states.count(state) for state in ("waiting", "running", "done", "failed")}


def in_words(told: Mapping[str, int]) -> str:
    """ "5 of 12 done, 2 running, 1 failed"."""
    words = [f"{told['done']} of {sum(told.values())} done"]
    return ", ".join(words + [f"{told[state]} {state}" for state in ("running", "failed") if told[state]])


def seconds_left(sweep: Sweep, standings: Mapping[str, Standing], found: Status) -> float | None:
    """Until all are done, as `queue.seconds_left`, which knows whole trainings only; None where nobody knows."""
    if found.state != "running":
        return None
    finer = 1_000
    done, epochs = round(finer * sum(shares(sweep, standings))), finer * len(standings)
    before = round(finer * sum(one.before for one in standings.values()))
    return queue.seconds_left(dataclasses.replace(found, epoch=done, epochs=epochs, first=before))


def shares(sweep: Sweep, standings: Mapping[str, Standing]) -> list[float]:
    """Of each training the part that is done, from 0 to 1; of one that failed, 1."""
    epochs = {task.run: plans.epochs_of(sweep.plan, task) for task in sweep.plan.tasks}
    return [one.share(epochs[name]) for name, one in standings.items()]
