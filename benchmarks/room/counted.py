"""What was seen, counted and stored of a lesson, beside what was clicked and sent."""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from benchmarks.room.people import Place, Pupil, Teacher
from fmnist_core.room import rooms


@dataclass
class Measured:
    seen: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))  # by what was clicked, seconds
    counted: list[float] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    answers: int = 0
    memory: list[tuple[float, int]] = field(default_factory=list)  # seconds since the start, bytes
    processor: float = 0.0  # seconds that the web process took of a second


def seen_after(clicked: dict[Place, float], shown: dict[Place, float]) -> dict[Place, float | None]:
    """Seconds from each click of the teacher to the pupil's page; None where it never came."""
    return {place: shown[place] - when if place in shown else None for place, when in clicked.items()}


def counted_after(sent: list[float], counts: list[tuple[float, int]]) -> list[float | None]:
    """Seconds from the n-th answer sent to the first count of n or more; None where none came.

    sent: in the order in which they were stored. counts: when the teacher's page said what.
    """
    first = (next((when for when, count in counts if count > place), None) for place in range(len(sent)))
    return [None if when is None else when - at for when, at in zip(first, sent, strict=True)]


def compare(measured: Measured, teacher: Teacher, pupils: list[Pupil]) -> None:
    """What was seen and acknowledged with what was clicked and is stored."""
    for pupil in pupils:
        for (_, revealed), seconds in seen_after(teacher.clicked, pupil.shown).items():
            what = "a reveal" if revealed else "a step"
            if seconds is None:
                measured.failed[f"{what} never seen"] += 1
            else:
                measured.seen[what].append(seconds)
        measured.failed["an error that nobody foresaw"] += pupil.failed
        measured.failed["answered too late"] += len(pupil.late)
    measured.failed["an error that nobody foresaw"] += teacher.failed
    measured.failed["a teacher's click in vain"] += teacher.in_vain
    by_name = {pupil.name: pupil for pupil in pupils}
    for step in sorted({step for step, _ in teacher.clicked}):
        stored = rooms.answers(teacher.code, teacher.asking, step)
        told = {one.name: one.given[step] for one in pupils if step in one.given and one.given[step].told}
        kept = {one.name: json.loads(one.value) for one in stored}
        measured.answers += len(told)
        measured.failed["an answer not acknowledged"] += sum(step in one.given for one in pupils) - len(told)
        measured.lost += [f"{name}, step {step}" for name, one in told.items() if kept.get(name) != one.value]
        sent = [by_name[one.name].given[step].sent for one in stored]
        for seconds in counted_after(sent, teacher.counted[step]):
            if seconds is None:
                measured.failed["an answer never counted"] += 1
            else:
                measured.counted.append(seconds)
    measured.failed = +measured.failed
