"""Draining, before an update: nothing new starts, what works goes on to its end, what waits stays queued.

A file says so to all processes that share the runs. It is removed by hand, or by the process that starts jobs when it
is started anew.
"""

from fmnist_core.jobs import lifecycle
from fmnist_core.jobs.lifecycle import Job
from fmnist_core.storage.folders import RunError, explain, results_folder

FILE = "draining"
SENTENCE = (
    "This installation is about to be updated: what works now is finished first. New trainings, maps and measurements "
    "can be started in some minutes."
)


def is_draining() -> bool:
    return (results_folder() / FILE).exists()


def begin() -> None:
    """From now on nothing new starts. Raises RunError."""
    try:
        results_folder().mkdir(parents=True, exist_ok=True)
        (results_folder() / FILE).touch()
    except OSError as error:
        raise _cannot("begin", error) from None


def end() -> None:
    """From now on jobs start as usual. Raises RunError."""
    try:
        (results_folder() / FILE).unlink(missing_ok=True)
    except OSError as error:
        raise _cannot("end", error) from None


def _cannot(what: str, error: OSError) -> RunError:
    return RunError(f"Draining cannot {what}: {explain(error)}")


def check() -> None:
    """Raises RunError while nothing new may start."""
    if is_draining():
        raise RunError(SENTENCE)


def at_work() -> list[Job]:
    """The jobs, whatever their kind, whose process is there: they would be ended with the machine or the container."""
    return [job for job in lifecycle.every_job() if (found := lifecycle.read_status(job)) and found.has_process]
