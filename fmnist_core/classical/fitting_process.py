"""A fit in a process of its own: scikit-learn looks at nothing until it is done, so that to stop it is to end that."""

import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from fmnist_core.jobs import kinds
from fmnist_core.jobs.worker import Stopped
from fmnist_core.progress import OnPhase
from fmnist_core.runs.runs import Run

POLL_SECONDS = 0.5  # so soon a stop is seen
KILLED = -9  # how a process ends that the machine had no memory for


class FitFailed(RuntimeError):
    """What went wrong in the process, in a sentence."""


def train(run: Run, tell: OnPhase, cancelled: Callable[[], bool]) -> None:
    """Does `fitting.train` in a process of its own.

    Args:
        tell: told what comes next.
        cancelled: asked twice a second; once it is true, the process is ended, with what it has finished on disk.

    Raises:
        Stopped: it was cancelled.
        FitFailed: the fit failed. MemoryError: for want of memory.
    """
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(run.folder, there))  # no daemon: these may share out no work
    process.start()
    there.close()
    try:
        _relay(here, process, tell, cancelled)
    finally:
        process.kill()
        process.join()
        here.close()


def _relay(here: Connection, process: BaseProcess, tell: OnPhase, cancelled: Callable[[], bool]) -> None:
    """Passes on what the process tells until it says that it is done."""
    while True:
        if cancelled():
            raise Stopped("Stopped. Resume goes on with the training sizes that are finished.")
        if not here.poll(POLL_SECONDS):
            continue
        try:
            kind, words = here.recv()
        except EOFError:
            process.join()
            if process.exitcode == KILLED:
                raise MemoryError from None
            raise FitFailed("The process that fits the classifier ended without a word. Resume it.") from None
        if kind == "done":
            process.join()
            return
        if kind == "memory":
            raise MemoryError
        if kind == "failed":
            sentence, _, trace = words.partition("\n")
            failed = FitFailed(sentence)
            failed.add_note(trace)  # for the job's log
            raise failed
        tell(words)


def _work(folder: Path, there: Connection) -> None:
    """In the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches it, too; who has started it ends it
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        from fmnist_core.classical import fitting

        fitting.train(Run(folder), lambda words: there.send(("phase", words)))
        there.send(("done", ""))
    except MemoryError:
        there.send(("memory", ""))
    except Exception as error:
        there.send(("failed", f"{kinds.TRAINING.explain(error)}\n{traceback.format_exc()}"))


def _end_with_parent() -> None:
    """Or a fit would go on for nobody, where the job was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
