"""A class in a teacher's room, beside a training: how soon a pupil sees the step, and the teacher an answer.

    python -m benchmarks.room [--pupils 30] [--seconds 120] [--every 10] [--without-training]

A server, a teacher and pupils without windows, each a browser of its own that polls as Streamlit's frontend does. Every
ten seconds the teacher goes on to a step; each pupil thinks for a while, then answers (buttons, a slider, an order to
tap); then the teacher reveals. A pupil's wait is from the teacher's click being sent to the new step being there;
the teacher's from the n-th answer being sent to a count of n. The browsers take time of the same processor.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import re
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import psutil

from benchmarks.app_speed import show
from benchmarks.browser import Browser, NoAnswer
from benchmarks.visitors import (
    DEMO,
    KEPT_AFTER,
    MEGABYTE,
    log_of,
    memory_of,
    share,
    stop_training,
    train_beside,
    watch_memory,
)
from fmnist_core.machine import describe_machine
from fmnist_core.room import rooms
from fmnist_core.storage import owners
from fmnist_ui.frame import UNFORESEEN
from tests.browser.serving import Server, start_server

SEEN, COUNTED = 2.0, 2.0  # seconds: 19 of 20 pupils see a step, 19 of 20 answers are counted
MEGABYTES_EACH, MEGABYTES_KEPT = 5.0, 30.0
THINKING = (0.05, 0.55)  # of the time between two steps, from when the step is there to when a pupil answers
REVEALED = 0.8  # of that time, after which the teacher reveals
CLICKS, AGAIN_AFTER = 4, 15.0  # of a teacher for whom nothing happens for so many seconds
TAP = (0.2, 0.6)  # seconds between two taps of an order
NAME = "benchmark"
LONGEST = 60  # steps that a lesson may have
QUESTIONS = (
    "kind: choice\nask: What is a shirt most often taken for?\nanswer: {what: confused_with, class: Shirt}",
    "kind: number\nask: How many of 100 shirts are found?\nanswer: {what: recall, class: Shirt}",
    "kind: order\nask: Which is found best?\nanswer: {what: order_of_classes, classes: 'Shirt, Coat, Bag'}",
    "kind: number\nask: How many are right?\nanswer: {what: epoch_accuracy, run: cnn_2, epoch: 1}",
)
WARM = len(QUESTIONS) + 1  # steps that two pupils and the teacher go through before memory is counted
_STEP, _COUNT = re.compile(rb"Round (\d+) of the class"), re.compile(rb"\*\*(\d+)\*\* answered")
_JOIN = "FormSubmitter:join-Join"
_REVEALED, _SAID = b"<b>It is</b>", b"You said:"

Place = tuple[int, bool]  # a step, from 0, and whether it is revealed


def lesson_text(steps: int) -> str:
    """A lesson's file: every kind of question but drawings, again and again."""
    head = f"---\ntitle: A benchmark\nminutes: {steps}\nage: any\nlearned: [Nothing]\n---\n"
    text = "Say what you think before you see what it is: a network has looked at 10,000 pictures."
    parts = [
        f"\n# Round {number} of the class\n\n{text}\n\n```question\n{QUESTIONS[number % len(QUESTIONS)]}\n```\n"
        for number in range(steps)
    ]
    return head + "".join(parts)


class Watcher(Browser):
    """Notes when a step, or its reveal, was there first. Times are of time.monotonic()."""

    def __init__(self, server: Server, page: str, **query: str):
        super().__init__(server, page, **query)
        self.step = -1
        self.shown: dict[Place, float] = {}
        self.failed = 0

    def hear(self, raw: bytes, now: float) -> None:
        if found := _STEP.search(raw):
            self.step = int(found[1])
            self.shown.setdefault((self.step, False), now)
        if _REVEALED in raw:
            self.shown.setdefault((self.step, True), now)
        if UNFORESEEN.encode() in raw:
            self.failed += 1


class Teacher(Watcher):
    def __init__(self, server: Server):
        super().__init__(server, "lessons", lesson=NAME)
        self.clicked: dict[Place, float] = {}
        self.counted: dict[int, list[tuple[float, int]]] = defaultdict(list)  # of a step: when it stood at what
        self.code = ""
        self.in_vain = 0  # clicks

    @property
    def asking(self) -> str:
        return str(owners.visitor_of(self.secret).id)

    async def open(self) -> Self:
        await self.until(lambda: "room-open" in self.widgets)
        await self.click_and_wait("room-open")
        self.code = rooms.rooms_of(self.asking)[0].code
        return self

    def hear(self, raw: bytes, now: float) -> None:
        super().hear(raw, now)
        if found := _COUNT.search(raw):
            self.counted[self.step].append((now, int(found[1])))

    async def lead(self, steps: range, every: float) -> None:
        """From step to step; the last one is revealed, too."""
        begun = time.monotonic()
        for number, step in enumerate(steps):
            await _sleep_until(begun + every * number)
            await self._press("lesson-next" if number else "room-lobby", (step, False))
            await _sleep_until(begun + every * (number + REVEALED))
            await self._press("room-reveal", (step, True))
        await _sleep_until(begun + every * len(steps))

    async def _press(self, key: str, place: Place) -> None:
        """Clicks until it is there, as a teacher would; what the first click led to is what is measured."""
        await self.until(lambda: key in self.widgets)
        for _ in range(CLICKS):
            self.clicked.setdefault(place, await self.click(key))
            with contextlib.suppress(NoAnswer):
                await self.until(lambda: place in self.shown, AGAIN_AFTER)
                return
            self.in_vain += 1
        raise NoAnswer(f"The teacher clicked {key} {CLICKS} times, and nothing came of it.")


async def _sleep_until(when: float) -> None:
    await asyncio.sleep(max(0.0, when - time.monotonic()))


@dataclass
class Given:
    """An answer: when it was sent, what it said, whether the pupil was told that it has arrived."""

    sent: float
    value: object
    told: bool = False


class Pupil(Watcher):
    def __init__(self, server: Server, code: str, name: str, chance: random.Random):
        super().__init__(server, "join", room=code)
        self.code, self.name, self.chance = code, name, chance
        self.given: dict[int, Given] = {}
        self.late: list[int] = []  # steps whose question was not there, or not any more, when it was to be answered

    async def join(self) -> Self:
        await self.until(lambda: _JOIN in self.widgets)
        self.set("join-code", string_value=self.code)
        self.set("join-name", string_value=self.name)
        await self.click_and_wait(_JOIN)
        await self.until(lambda: self.step >= 0)
        return self

    def hear(self, raw: bytes, now: float) -> None:
        super().hear(raw, now)
        if _SAID in raw and self.step in self.given:
            self.given[self.step].told = True

    async def take_part(self, steps: range, every: float) -> None:
        for step in steps:
            await self.until(lambda step=step: (step, False) in self.shown)  # type: ignore[misc]
            await asyncio.sleep(every * self.chance.uniform(*THINKING))
            try:
                await self._answer(step)
            except (LookupError, NoAnswer):
                self.late.append(step)
        with contextlib.suppress(NoAnswer):
            await self.until(lambda: (steps[-1], True) in self.shown)

    async def _answer(self, step: int) -> None:
        """Raises LookupError where the question is gone."""
        key, kind = f"ask-{self.code}-{step}", QUESTIONS[step % len(QUESTIONS)].split("\n")[0].split()[1]
        if kind == "number":
            value = float(self.chance.randrange(101))
            await self.slide(f"{key}-number", value)
            await self._say(step, f"{key}-say", value)
        elif kind == "order":
            await self._tap(step, key)
        else:
            place = self.chance.choice([one for one in self.widgets if one.startswith(f"{key}-")])
            await self._say(step, place, self.widgets[place].label)

    async def _tap(self, step: int, key: str) -> None:
        places = [one for one in self.widgets if re.fullmatch(rf"{key}-\d+", one)]
        self.chance.shuffle(places)
        order = [self.widgets[one].label for one in places]
        for place in places[:-1]:
            await self.click_and_wait(place)
            await asyncio.sleep(self.chance.uniform(*TAP))
        await self._say(step, places[-1], order)

    async def _say(self, step: int, key: str, value: object) -> None:
        widget = self.widgets[key]
        if self.step != step or widget.disabled:
            raise KeyError(key)
        self.given[step] = Given(time.monotonic(), value)
        self.given[step].sent = await self.click(key)
        await self.until(lambda: self.given[step].told or self.step != step or (step, True) in self.shown)


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


async def hold(server: Server, count: int, steps: range, every: float) -> Measured:
    """A lesson, from its first of these steps to its last."""
    measured, begun, process = Measured(), time.monotonic(), psutil.Process(server.process.pid)
    watching = asyncio.create_task(watch_memory(server, measured.memory, begun))
    async with Teacher(server) as teacher:
        await teacher.open()
        pupils = [Pupil(server, teacher.code, f"Pupil {one}", random.Random(one)) for one in range(count)]
        for pupil in pupils:
            await pupil.__aenter__()
            await pupil.join()
        before, since = sum(process.cpu_times()[:2]), time.monotonic()
        await asyncio.gather(teacher.lead(steps, every), *(one.take_part(steps, every) for one in pupils))
        measured.processor = (sum(process.cpu_times()[:2]) - before) / (time.monotonic() - since)
        for pupil in pupils:
            await pupil.__aexit__()
        compare(measured, teacher, pupils)
        rooms.end(teacher.code, teacher.asking)
    watching.cancel()
    return measured


def report(measured: Measured, pupils: int, before: int, kept: int) -> None:
    for what, some in measured.seen.items():
        some.sort()
        print(f"  {what:<12}{len(some):6,} times   p50 {share(some, 0.5):5.2f}   slowest {some[-1]:5.2f} s")
    times, counted = sorted(sum(measured.seen.values(), [])), sorted(measured.counted)
    print(f"  {'an answer':<12}{len(counted):6,} times   p50 {share(counted, 0.5):5.2f}   slowest {counted[-1]:5.2f} s")
    show("A pupil sees the teacher's click, p95", share(times, 0.95), SEEN)
    show("The teacher sees an answer, p95", share(counted, 0.95), COUNTED)
    most = max(size for _, size in measured.memory)
    print(f"Memory: {before / MEGABYTE:.0f} MB warm, {most / MEGABYTE:.0f} at most")
    show("Memory a pupil", (most - before) / MEGABYTE / pupils, MEGABYTES_EACH, "MB")
    show(f"Memory kept {KEPT_AFTER} s after all have left", (kept - before) / MEGABYTE, MEGABYTES_KEPT, "MB")
    print(f"The web process took {measured.processor:.2f} of a processor; load {os.getloadavg()[0]:.1f}")
    print(f"Failed: {dict(measured.failed) or 'none'}")
    print(f"Answers lost: {', '.join(measured.lost) or 'none'}, of {measured.answers:,} acknowledged")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pupils", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--every", type=float, default=10.0, help="seconds between two steps, and answers of a pupil")
    parser.add_argument("--without-training", action="store_true")
    options = parser.parse_args()
    steps = max(1, min(LONGEST, round(options.seconds / options.every)))
    print(f"{describe_machine()}; {options.pupils} pupils, {steps} steps, each {options.every:g} s")
    with tempfile.TemporaryDirectory() as folder:
        lesson = Path(folder) / "lessons" / f"{NAME}.md"
        lesson.parent.mkdir()
        lesson.write_text(lesson_text(max(steps, WARM)))
        server = start_server(Path("app.py"), Path(folder) / "runs", Path(folder) / "log.txt", DEMO)
        os.environ["FMNIST_RUNS"] = str(server.runs)
        try:
            asyncio.run(hold(server, 2, range(WARM), 3.0))
            before = memory_of(server)
            if not options.without_training:
                train_beside(server)
            measured = asyncio.run(hold(server, options.pupils, range(steps), options.every))
            time.sleep(KEPT_AFTER)
            report(measured, options.pupils, before, memory_of(server))
            log_of(server)
        finally:
            stop_training(server)
            server.stop()


if __name__ == "__main__":
    main()
