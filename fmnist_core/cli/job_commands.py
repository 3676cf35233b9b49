"""Jobs in the terminal: the command that does a queued one, and the bar that shows how far one is."""

import argparse
import contextlib
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from fmnist_core.cli.terminal import Answer
from fmnist_core.demo import upkeep
from fmnist_core.jobs import claim, draining, kinds, queue, warm
from fmnist_core.jobs import worker as working
from fmnist_core.jobs.durations import Estimate
from fmnist_core.jobs.lifecycle import Job
from fmnist_core.jobs.status import Status
from fmnist_core.storage import folders
from fmnist_core.storage.folders import RunError

DRAINING_SECONDS = 5.0  # between two looks at what is still at work


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", choices=tuple(kinds.KINDS))
    parser.add_argument("folder", type=Path)


def work(options: Any) -> Answer:
    """Does the job of a folder, or of "-" the one that it is told of, with less right to the processor than pages."""
    kind = kinds.KINDS[options.kind]
    told = warm.wait(kind) if str(options.folder) == warm.ANY else options.folder
    if told is None:
        return {"state": "unasked"}, "Nobody asked for anything."
    folder = told.absolute()
    if folder not in (one.absolute() for one in kind.folders()):
        raise ValueError(f"There is no {kind.noun} in {folder}. Expected a folder that the app has queued.")
    if (missing := warm.NICENESS - os.getpriority(os.PRIO_PROCESS, 0)) > 0:  # a job that ended may have started it
        os.nice(missing)
    status = working.work(Job(kind, folder))
    options.failed = status.state == "failed"
    return {"state": status.state}, status.message


def worker(options: Any) -> Answer:
    """Starts what is queued, one after the other, and lets go of what is old, until it is ended. Raises RunError."""
    try:
        with claim.alone(folders.runs_folder()):  # as each start of a job asks for it
            pass
    except OSError as error:
        raise RunError(f"No job can be started in the folder of runs: {folders.explain(error)}") from None
    print(f"Starting the jobs of {folders.runs_folder()}; ends with Ctrl-C.", file=sys.stderr, flush=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        upkeep.run()
    return {"ended": True}, "Jobs at work go on; what waits stays queued."


def add_draining_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--wait", action="store_true", help="until nothing is at work any more")
    parser.add_argument("--end", action="store_true", help="let jobs start again")


def drain(options: Any) -> Answer:
    """Lets nothing new start, or lets it start again."""
    if options.end:
        draining.end()
        return {"draining": False, "at_work": []}, "Jobs start again when their turn has come."
    draining.begin()
    working = draining.at_work()
    while options.wait and working:
        print(f"Still at work: {', '.join(job.title for job in working)}.", file=sys.stderr, flush=True)
        time.sleep(DRAINING_SECONDS)
        working = draining.at_work()
    text = f"Still at work: {', '.join(job.title for job in working)}." if working else "Nothing is at work."
    return {"draining": True, "at_work": [job.title for job in working]}, f"Nothing new starts. {text}"


def work_with_bar(job: Job, expected: Estimate | None) -> Status:
    """Does a queued job in this process, with a bar on standard error. For kinds that tell their status.

    expected: how long it will take, for those who wait for it.
    """
    queue.expect(job, expected)
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("waiting", total=None)
        report = lambda status: bar.update(  # noqa: E731
            task, description=status.phase or "waiting", completed=status.epoch, total=max(status.epochs, 1)
        )
        return working.work(job, report)
