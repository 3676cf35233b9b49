"""How long a job will take, when its turn comes, and what is left of it: said alike of every kind, on every page."""

import streamlit as st

from fmnist_core.formatting import duration
from fmnist_core.jobs import draining, kinds, lifecycle, queue, slot
from fmnist_core.jobs.durations import Estimate
from fmnist_core.jobs.kinds import JobKind
from fmnist_core.jobs.lifecycle import Job
from fmnist_core.jobs.status import Status

# What a job may wait for, one of it or several; those of its own kind are others.
BEFORE_IT = {
    kinds.TRAINING: ("a training", "{} trainings"),
    kinds.AUDIT: ("an audit of the labels", "{} audits of the labels"),
    kinds.SPEED: ("the measurement of this machine", "{} measurements of machines"),
    kinds.MAP: ("a map", "{} maps"),
    kinds.ROBUSTNESS: ("a measurement", "{} measurements"),
    kinds.PHOTOS: ("a measurement on photos", "{} measurements on photos"),
    kinds.FAVOURITES: ("a search for pictures", "{} searches for pictures"),
    kinds.SWEEP: ("a sweep", "{} sweeps"),
}
AFTER_UPDATE = "It stays queued while this installation is updated, and its turn comes after that."
OTHERS = ("1 other", "{} others")
AT_A_TIME = {  # by slot
    "training": ("One training", "trainings"),
    "map": ("One map", "maps"),
    "robustness": ("One measurement", "measurements"),
}


def show_before_start(kind: JobKind, expected: Estimate | None, more: str = "") -> None:
    """The line beside the button that starts a job: how long it will take, where known, and when its turn comes.

    more: after where the figure comes from.
    """
    said = []
    if expected is not None:
        said.append(f"About **{duration(expected.seconds)}** :gray[({expected.basis}{more})]")
    if before := [job.kind for job, _ in queue.active(kind.slot)]:
        when = _for(queue.seconds_to_wait(None, kind.slot))
        said.append(f":material/schedule: It waits for {named(before, kind)} first{when}.")
    if said:
        st.markdown("  \n".join(said))


def words(job: Job) -> str:
    """Whom a queued job waits for: others, audits, or the measurement of this machine; and how long, where known."""
    ahead = queue.kinds_ahead(job)
    if draining.is_draining() and (standing := lifecycle.read_status(job)) and standing.awaits_process:
        return AFTER_UPDATE
    if not ahead:
        return "Starting: its process is being prepared."
    at_once = slot.size(job.kind.slot)
    one, several = AT_A_TIME[job.kind.slot]
    head = one if at_once == 1 else f"{at_once} {several}"
    return f"{head} at a time: it waits for {named(ahead, job.kind)}{_for(queue.seconds_to_wait(job))}."


def progress_words(job: Job, status: Status, doing: str) -> str:
    """What a job waits for, or what it is doing now and about how long it still takes. doing: in words."""
    if lifecycle.is_asked_to_stop(job):
        return lifecycle.doing(job, status)
    if status.state == "queued":
        return words(job)
    left = queue.seconds_left(status)
    return doing if left is None else f"{doing.rstrip('.')} · about {duration(left)} left"


def _for(seconds: float | None) -> str:
    return "" if seconds is None else f", for about {duration(seconds)}"


def named(before: list[JobKind], own: JobKind) -> str:
    """Jobs as one of the kind `own` that waits for them says it: "1 other and an audit of the labels"."""
    found = []
    for kind, (one, several) in (BEFORE_IT | {own: OTHERS}).items():
        if count := before.count(kind):
            found.append(one if count == 1 else several.format(count))
    return " and ".join(found)
