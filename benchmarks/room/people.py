"""A teacher and pupils without windows, and the lesson that they go through."""

import asyncio
import contextlib
import random
import re
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import Self

from benchmarks.browser import Browser, NoAnswer
from fmnist_core.room import rooms
from fmnist_core.storage import owners
from fmnist_ui.serving.server import UNFORESEEN
from tests.browser.serving import Server

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
