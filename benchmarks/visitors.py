"""Fifty visitors at once, beside a training: how long a view takes, and what they cost in memory.

    python -m benchmarks.visitors [--visitors 50] [--every 5] [--seconds 120] [--without-training]

A demo's server and visitors without a browser, who speak Streamlit's protocol, each with a connection and an identity
of their own: all pages, cells of the matrix, pictures, maps, drawings. A view's time is from the request to the end of
its script; a visitor whose view takes longer than the pause asks for the next one at once. Memory is the web process',
when it has warmed up, at its most, and a minute after all have left. The visitors take time of the same processor.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import re
import statistics
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.app_speed import show
from benchmarks.browser import PATIENCE, connect, new_secret, stream_of
from fmnist_core.data import CLASS_NAMES, SIZES
from fmnist_core.machine import describe_machine
from fmnist_core.runs import catalogue
from fmnist_ui.serving.server import UNFORESEEN
from tests.browser.serving import Server, start_server

MEGABYTE = 2**20
# As deploy/server.sh starts it; a session that has been left is kept for so many seconds in case it comes back.
DEMO = {"FMNIST_DEMO": "1", "STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL": "30"}
P50, P95, SLOWEST = 0.15, 0.5, 3.0  # seconds: the goals with a view every five seconds
MEGABYTES_EACH, MEGABYTES_KEPT = 4.0, 30.0
KEPT_AFTER = 60  # seconds after the last visitor has left
MEMORY_EVERY = 1.0
EPOCHS = 1_000  # of the training beside: more than any measurement lasts
METHODS = ("pca", "umap", "tsne")
VIEWS = ("replay", "against", "agreement", "classes", "calibration", "robustness")


@dataclass
class Measured:
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))  # by the kind of view
    failed: Counter[str] = field(default_factory=Counter)
    memory: list[tuple[float, int]] = field(default_factory=list)  # seconds since the start, bytes

    @property
    def all(self) -> list[float]:
        return sorted(one for some in self.seconds.values() for one in some)


class Visitor:
    """One connection: what a browser says, and how long the server takes to answer."""

    def __init__(self, url: str, chance: random.Random, runs: list[str]):
        self.url, self.chance, self.runs = url, chance, runs
        self.secret = new_secret()
        self.canvas = ""  # the id of the drawing canvas, once it was seen

    async def see_all(self) -> None:
        """Every view of every run once: what all visitors share is loaded then."""
        views = [
            ("", ""),
            ("data", ""),
            ("train", ""),
            ("models", ""),
            ("predict", "way=upload"),
            ("predict", "way=draw"),
        ]
        for run in self.runs:
            views += [("report", f"run={run}"), ("evaluate", f"run={run}")]
            views += [("evaluate", f"run={run}&view={view}") for view in VIEWS]
            views += [("map", f"run={run}&method={method}") for method in METHODS]
        async with connect(self.url, self.secret) as socket:
            for page, query in views:
                await self.ask(socket, page, query)

    def next_view(self) -> tuple[str, str, str]:
        """Its kind, the page and the address' query."""
        chance, run = self.chance, self.chance.choice(self.runs)
        cell = f"{chance.randrange(len(CLASS_NAMES))}-{chance.randrange(len(CLASS_NAMES))}"
        view = chance.choice(VIEWS)
        views = (
            ("start", "", ""),
            ("data", "data", f"picture=test/{chance.randrange(SIZES['test'])}"),
            ("train", "train", ""),
            ("models", "models", f"model={run.split('-')[0]}"),
            (f"evaluate, {view}", "evaluate", f"run={run}&view={view}"),
            ("report", "report", f"run={run}"),
            ("predict", "predict", "way=upload"),
            *[("cell", "evaluate", f"run={run}&cells={cell}")] * 4,
            *[("map", "map", f"run={run}&method={chance.choice(METHODS)}")] * 2,
            *[("drawing", "predict", "way=draw")] * 3,
        )
        return chance.choice(views)

    def message(self, page: str, query: str) -> BackMsg:
        message = BackMsg()
        message.rerun_script.query_string, message.rerun_script.page_name = query, page
        if self.canvas and query == "way=draw":
            state = message.rerun_script.widget_states.widgets.add()
            state.id, state.json_value = self.canvas, json.dumps({"strokes": self.strokes()})
        return message

    def strokes(self) -> list[dict[str, object]]:
        points = [round(self.chance.uniform(0.2, 0.8), 3) for _ in range(40)]
        return [{"width": 0.06, "erase": False, "points": points}]

    async def ask(self, socket: websockets.ClientConnection, page: str, query: str) -> str:
        """Until the script has ended; what went wrong, else nothing. What the script starts anew is waited for."""
        await socket.send(self.message(page, query).SerializeToString())
        problem = ""
        while True:
            answer = ForwardMsg()
            answer.ParseFromString(await socket.recv())
            kind = answer.WhichOneof("type")
            if kind == "delta" and answer.delta.WhichOneof("type") == "new_element":
                element = answer.delta.new_element
                if UNFORESEEN in element.alert.body:
                    problem = "an error that nobody foresaw"
                elif element.bidi_component.component_name == "fmnist_draw":
                    self.canvas = element.bidi_component.id
            if kind == "script_finished" and answer.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return problem

    async def visit(self, measured: Measured, every: float, until: float) -> None:
        await asyncio.sleep(self.chance.uniform(0, every))
        async with connect(self.url, self.secret) as socket:
            while time.monotonic() < until:
                kind, page, query = self.next_view()
                start = time.monotonic()
                try:
                    problem = await asyncio.wait_for(self.ask(socket, page, query), PATIENCE)
                except TimeoutError:
                    problem = "no answer"
                if problem:
                    measured.failed[problem] += 1
                measured.seconds[kind].append(time.monotonic() - start)
                await asyncio.sleep(max(0.0, every * self.chance.uniform(0.8, 1.2) - (time.monotonic() - start)))


async def come(server: Server, count: int, every: float, seconds: float, runs: list[str]) -> Measured:
    """All visitors, until the time is over."""
    measured, url = Measured(), stream_of(server)
    begun = time.monotonic()
    watching = asyncio.create_task(watch_memory(server, measured.memory, begun))
    visitors = [Visitor(url, random.Random(number), runs) for number in range(count)]
    await asyncio.gather(*(one.visit(measured, every, begun + seconds) for one in visitors))
    watching.cancel()
    return measured


def memory_of(server: Server) -> int:
    """Bytes of the web process."""
    size: int = psutil.Process(server.process.pid).memory_info().rss
    return size


async def watch_memory(server: Server, memory: list[tuple[float, int]], begun: float) -> None:
    """Adds the web process' memory each second: seconds since the beginning, bytes."""
    while True:
        memory.append((time.monotonic() - begun, memory_of(server)))
        await asyncio.sleep(MEMORY_EVERY)


def report(measured: Measured, options: argparse.Namespace, before: int, kept: int) -> None:
    times, goals = measured.all, options.every >= 5
    for kind, some in sorted(measured.seconds.items()):
        ordered = sorted(some)
        print(f"  {kind:<24}{len(some):6,} views   p50 {share(ordered, 0.5):5.2f}   p95 {share(ordered, 0.95):5.2f} s")
    print(
        f"{len(times):,} views, {len(times) / options.seconds:.1f} a second; failed: {dict(measured.failed) or 'none'}"
    )
    for name, value, limit in (
        ("p50", share(times, 0.5), P50),
        ("p95", share(times, 0.95), P95),
        ("the slowest", times[-1], SLOWEST),
    ):
        if goals:
            show(f"A view, {name}", value, limit)
        else:
            print(f"A view, {name:<44}{value:8.2f} s")
    most = max(size for _, size in measured.memory)
    third = options.seconds / 3
    early, late = (_mean_memory(measured, low, low + third) for low in (third, 2 * third))
    print(f"Memory: {before / MEGABYTE:.0f} MB warm, {most / MEGABYTE:.0f} at most; ", end="")
    print(f"from the second third to the last {(late - early) / MEGABYTE:+.0f} MB")
    show("Memory a visitor", (most - before) / MEGABYTE / options.visitors, MEGABYTES_EACH, "MB")
    show(f"Memory kept {KEPT_AFTER} s after the last has left", (kept - before) / MEGABYTE, MEGABYTES_KEPT, "MB")


def log_of(server: Server) -> None:
    """Errors that the server wrote, whatever its visitors were told."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", server.log.read_text())
    errors = Counter(re.findall(r"^([A-Za-z_.]+(?:Error|Exception)): ", plain, re.MULTILINE))
    print(f"Errors in the server's log: {dict(errors) or 'none'}")


def _mean_memory(measured: Measured, low: float, high: float) -> float:
    """Bytes, between two moments in seconds since the start."""
    return statistics.mean(size for when, size in measured.memory if low < when <= high)


def share(ordered: list[float], part: float) -> float:
    """A quantile."""
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def train_beside(server: Server) -> None:
    """Queues a training that outlasts the measurement; the server's upkeep starts it."""
    os.environ["FMNIST_RUNS"] = str(server.runs)
    from fmnist_core.recipe import with_epochs
    from fmnist_core.training import training_jobs
    from fmnist_core.zoo import MODELS

    training_jobs.submit(with_epochs(MODELS["cnn_2"].recipe, EPOCHS))
    time.sleep(20)  # TensorFlow is loaded, and it trains


def stop_training(server: Server) -> None:
    from fmnist_core.jobs import kinds, lifecycle, queue

    for job, standing in queue.active(kinds.TRAINING.slot):
        print(f"Still at work beside: {job.title}, {standing.epoch} of {standing.epochs} epochs")
        lifecycle.kill(job)


@contextlib.contextmanager
def running_demo(folder: Path) -> Iterator[Server]:
    """The app as strangers share it, its runs in a folder, which this process reads, too; at the end all stops."""
    server = start_server(Path("app.py"), folder / "runs", folder / "log.txt", DEMO)
    os.environ["FMNIST_RUNS"] = str(server.runs)
    try:
        yield server
    finally:
        stop_training(server)
        server.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--every", type=float, default=5.0, help="seconds between two views of a visitor")
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--without-training", action="store_true")
    options = parser.parse_args()
    print(f"{describe_machine()}; {options.visitors} visitors, a view each {options.every:g} s, {options.seconds:g} s")
    with tempfile.TemporaryDirectory() as folder:
        with running_demo(Path(folder)) as server:
            runs = [row.run.id for row in catalogue.list_rows() if row.run.shipped and row.usable]
            asyncio.run(Visitor(stream_of(server), random.Random(0), runs).see_all())
            before = memory_of(server)
            if not options.without_training:
                train_beside(server)
            measured = asyncio.run(come(server, options.visitors, options.every, options.seconds, runs))
            time.sleep(KEPT_AFTER)
            kept = memory_of(server)
            report(measured, options, before, kept)
            log_of(server)


if __name__ == "__main__":
    main()
