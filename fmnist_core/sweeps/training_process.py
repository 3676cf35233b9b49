"""A training of a sweep in a process of its own (decision 0001), which ends when the worker that started it ends.

The worker holds the other end of its standard input: however the worker dies, that is closed, and nothing is left
behind that would go on training for nobody.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import ClassVar

from fmnist_core.data import DataError
from fmnist_core.jobs import kinds, worker
from fmnist_core.jobs.kinds import JobKind
from fmnist_core.jobs.lifecycle import Job
from fmnist_core.machine import thread_environment
from fmnist_core.storage import folders
from fmnist_core.storage.folders import RunError
from fmnist_core.zoo.spec import WeightsUnavailable

UNFIT = 3  # the code with which it ends where its machine, and not its recipe, keeps it from training
_OF_THE_MACHINE = OSError, ImportError, RunError, DataError, WeightsUnavailable


def start(folder: Path, threads: int) -> subprocess.Popen[bytes]:
    """Trains the queued run of a folder that lies alone in its folder of runs. Raises OSError."""
    environment = {"FMNIST_RUNS": str(folder.parent), "PYTHONUNBUFFERED": "1", **thread_environment(threads)}
    with (folder / "log.txt").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "fmnist_core.sweeps.training_process", str(folder)],
            cwd=folders.PROJECT,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=os.environ | environment,
            start_new_session=True,
        )


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends it and all that it has started, at once."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdin:
        process.stdin.close()


def _end_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.killpg(0, signal.SIGKILL)  # it leads a group of its own


class _Watched(JobKind):
    """Trainings, of which it is known afterwards what ended them."""

    errors: ClassVar[list[Exception]] = []

    def explain(self, error: Exception) -> str:
        self.errors.append(error)
        return super().explain(error)


def main() -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    worker.work(Job(_Watched(**vars(kinds.TRAINING)), Path(sys.argv[1])))
    if any(isinstance(error, _OF_THE_MACHINE) for error in _Watched.errors):
        sys.exit(UNFIT)


if __name__ == "__main__":
    main()
