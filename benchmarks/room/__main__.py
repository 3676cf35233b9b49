"""A class in a teacher's room, beside a training: how soon a pupil sees the step, and the teacher an answer.

    python -m benchmarks.room [--pupils 30] [--seconds 120] [--every 10] [--without-training]

A server, a teacher and pupils without windows, each a browser of its own that polls as Streamlit's frontend does. Every
ten seconds the teacher goes on to a step; each pupil thinks for a while, then answers (buttons, a slider, an order to
tap); then the teacher reveals. A pupil's wait is from the teacher's click being sent to the new step being there;
the teacher's from the n-th answer being sent to a count of n. The browsers take time of the same processor.
"""

import argparse
import asyncio
import os
import random
import tempfile
import time
from pathlib import Path

import psutil

from benchmarks.app_speed import show
from benchmarks.room.counted import Measured, compare
from benchmarks.room.people import LONGEST, NAME, WARM, Pupil, Teacher, lesson_text
from benchmarks.visitors import KEPT_AFTER, MEGABYTE, log_of, memory_of, running_demo, share, train_beside, watch_memory
from fmnist_core.machine import describe_machine
from fmnist_core.room import rooms
from tests.browser.serving import Server

SEEN, COUNTED = 2.0, 2.0  # seconds: 19 of 20 pupils see a step, 19 of 20 answers are counted
MEGABYTES_EACH, MEGABYTES_KEPT = 5.0, 30.0


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
        with running_demo(Path(folder)) as server:
            asyncio.run(hold(server, 2, range(WARM), 3.0))
            before = memory_of(server)
            if not options.without_training:
                train_beside(server)
            measured = asyncio.run(hold(server, options.pupils, range(steps), options.every))
            time.sleep(KEPT_AFTER)
            report(measured, options.pupils, before, memory_of(server))
            log_of(server)


if __name__ == "__main__":
    main()
