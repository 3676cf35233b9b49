"""Workers of a Dask cluster: a local one of some processes, or one whose scheduler has an address.

Each worker gets one training at a time, named by us, and not whatever Dask would put there: Dask would begin the
training of a dead worker anew by itself, and here it is to go on from its last checkpoint.

Dask itself trusts whoever takes part: who reaches a scheduler can run code on its workers and its clients. Local
clusters talk by TLS with a certificate of their own; for others docs/sweeps.md says what to do.
"""

import asyncio
import contextlib
import logging
import queue
import re
import shutil
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fmnist_core.machine import cores, free_memory
from fmnist_core.storage.folders import RunError
from fmnist_core.sweeps import work

MISSING = "Sweeps need Dask, which is not installed here: .venv/bin/pip install -r requirements-cluster.txt"
EXPECTED = "Expected local, local:N with the number of worker processes, or a scheduler such as tcp://host:8786."
MOST_LOCAL = 64
MEMORY = 1.5e9  # bytes of a worker with its training
CONNECT_SECONDS = 20.0
AGAIN_SECONDS = 30.0  # after which a worker is asked once more that did not say what it has
ASK_SECONDS = 20.0  # for a worker to answer: one that hangs must not keep the others from being asked
# Ctrl-C in a terminal reaches the workers, too: they end with this process, once it has heard what they have.
_DEAF = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"
_ADDRESS = re.compile(r"(tcp|tls)://[\w.-]{1,253}:[0-9]{1,5}|(tcp|tls)://\[[0-9a-fA-F:]{2,45}\]:[0-9]{1,5}")
_LOCAL = re.compile(r"local(?::([0-9]{1,3}))?")


def check_place(on: str) -> None:
    """Raises ValueError with a sentence where no sweep can be made on that."""
    local = _LOCAL.fullmatch(on)
    if local is None and not _ADDRESS.fullmatch(on):
        raise ValueError(f"A sweep cannot be made on {on[:60]!r}. {EXPECTED}")
    if local and local[1] and not 1 <= int(local[1]) <= MOST_LOCAL:
        raise ValueError(f"A local cluster has 1 to {MOST_LOCAL} worker processes. Received: {local[1]}.")


def is_local(on: str) -> bool:
    return bool(_LOCAL.fullmatch(on))


def local_workers(on: str, tasks: int) -> int:
    """How many worker processes: as asked for, else one a core as far as memory goes; never more than trainings."""
    asked = _LOCAL.fullmatch(on)
    if asked and asked[1]:
        return min(int(asked[1]), tasks)
    return max(1, min(cores(), tasks, int(free_memory() / MEMORY)))


def threads_each(workers: int) -> int:
    """Of so many worker processes of this machine."""
    return max(1, cores() // workers)


def require_dask() -> None:
    """Raises RunError with what to install."""
    import importlib.util

    if importlib.util.find_spec("distributed") is None:
        raise RunError(MISSING)


@dataclass(frozen=True)
class Ended:
    """What became of a worker's task: None where it, or its worker, died."""

    worker: str
    name: str
    content: object


class Crew:
    """The workers that can be used, and what each is at."""

    def __init__(self, client: Any) -> None:
        self._client, self._own = client, work.introduce()
        self._futures: dict[str, tuple[str, Any]] = {}  # by worker: the name of its task
        self._ready: queue.SimpleQueue[tuple[str, Any, object]] = queue.SimpleQueue()  # worker, its future, its content
        self._usable: dict[str, bool] = {}  # by worker, as it introduced itself
        self._asked: dict[str, float] = {}  # when it was asked to
        self._aside: dict[str, str] = {}  # workers that can train nothing, and how that was found out
        self._workers: set[str] = set()

    @property
    def idle(self) -> list[str]:
        fit = self._workers - set(self._aside)
        return [worker for worker in fit if self._usable.get(worker) and worker not in self._futures]

    @property
    def refused(self) -> int:
        """Workers that are there and cannot be used: without this package, or with another version of it."""
        return sum(worker in self._asked and not self._usable.get(worker) for worker in self._workers)

    @property
    def aside(self) -> list[str]:
        """Why each was set aside of the workers that are there."""
        return [message for worker, message in self._aside.items() if worker in self._workers]

    @property
    def left(self) -> int:
        """Workers that are there and can be used, or have not said yet whether they can."""
        return sum(self._usable.get(worker, True) for worker in self._workers - set(self._aside))

    def set_aside(self, worker: str, message: str) -> None:
        """Calls it idle no more. message: why."""
        self._aside[worker] = message

    def look(self) -> list[Ended]:
        """Asks the scheduler who is there. Returns the tasks of workers that are gone. Raises RunError."""
        try:
            self._workers = set(self._client.scheduler_info(n_workers=-1)["workers"])
            now = time.monotonic()
            silent = {
                one
                for one in self._workers - set(self._usable)
                if now - self._asked.get(one, -AGAIN_SECONDS) >= AGAIN_SECONDS
            }
            self._asked |= dict.fromkeys(silent, now)
            said = self._run(work.introduce, silent)
        except Exception as error:  # the scheduler is gone; Dask raises errors of all kinds
            raise RunError(
                f"The scheduler does not answer any more ({type(error).__name__}). Resume goes on."
            ) from None
        self._usable |= {worker: introduced == self._own for worker, introduced in said.items()}
        lost = [worker for worker in self._futures if worker not in self._workers]
        return [self._end(worker, None) for worker in lost]

    def start(self, worker: str, name: str, task: Callable[..., bytes], *given: bytes) -> None:
        """Gives an idle worker a task."""
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sending large graph")  # a checkpoint goes once, to one worker
            future = self._client.submit(
                task, *given, workers=[worker], allow_other_workers=False, pure=False, retries=0
            )
        self._futures[worker] = name, future
        self._client.loop.add_callback(self._follow, worker, future)

    async def _follow(self, worker: str, future: Any) -> None:
        """Fetches what a task has made, beside everything else."""
        content = None
        with contextlib.suppress(Exception, asyncio.CancelledError):  # the worker died, with what it had made or before
            content = await future
        self._ready.put((worker, future, content))

    def wait(self, seconds: float) -> Ended | None:
        """The next task that has ended, at once where one has; None where none does for so long."""
        with contextlib.suppress(queue.Empty):
            worker, future, content = self._ready.get(timeout=seconds)
            if self._futures.get(worker, ("", None))[1] is future:
                return self._end(worker, content)
        return None

    def ask(self, request: bytes) -> dict[str, object]:
        """What all workers that can be used answer, by worker; without those that do not. Raises nothing."""
        usable = {worker for worker in self._workers if self._usable.get(worker)}
        with contextlib.suppress(Exception):  # as in `look`, which says it
            return self._run(work.answer, usable, request)
        return {}

    def _run(self, function: Callable[..., bytes], workers: set[str], *given: bytes) -> dict[str, object]:
        """Outside of tasks, on all of these at once: what each returns, without those that fail or are late."""

        async def ask(worker: str) -> dict[str, object]:
            answer = self._client.run(function, *given, workers=[worker], on_error="ignore")
            with contextlib.suppress(Exception):
                found: dict[str, object] = await asyncio.wait_for(answer, ASK_SECONDS)
                return found
            return {}

        async def ask_all() -> dict[str, object]:
            answers = await asyncio.gather(*map(ask, workers))
            return {worker: said for answer in answers for worker, said in answer.items()}

        found: dict[str, object] = self._client.sync(ask_all) if workers else {}
        return found

    def _end(self, worker: str, content: object) -> Ended:
        name, future = self._futures.pop(worker)
        with contextlib.suppress(Exception):
            future.cancel() if content is None else future.release()
        return Ended(worker, name, content)


@contextlib.contextmanager
def open_crew(on: str, tasks: int, scratch: Path) -> Iterator[Crew]:
    """The workers of a place, see `check_place`; those of a local one end with this process, however it ends.

    tasks: how many trainings there are; scratch: a folder for what is temporary of local workers.

    Raises:
        RunError: Dask is missing, or no scheduler answers at the address.
    """
    require_dask()
    import dask
    from distributed import Client

    dask.config.set(
        {
            "distributed.admin.tick.limit": "60s",  # nobody needs to hear that a busy machine was late
            "distributed.scheduler.reuse-broadcast-comm": True,
            "distributed.scheduler.work-stealing": False,
        }
    )
    logging.getLogger("distributed").setLevel(logging.ERROR)
    with contextlib.ExitStack() as stack:
        if is_local(on):
            client = Client(stack.enter_context(_local_cluster(local_workers(on, tasks), scratch)))
        else:
            try:
                client = Client(on, timeout=CONNECT_SECONDS)
            except Exception as error:  # OSError, TimeoutError, of TLS and of versions
                raise RunError(
                    f"No scheduler answers at {on} ({type(error).__name__}). Start one with `dask scheduler`, and its "
                    "workers with `dask worker`: see docs/sweeps.md."
                ) from None
        yield Crew(stack.enter_context(client))


@contextlib.contextmanager
def _local_cluster(workers: int, scratch: Path) -> Iterator[Any]:
    from distributed import LocalCluster, Security

    shutil.rmtree(scratch, ignore_errors=True)  # of one that was killed
    try:
        with LocalCluster(
            n_workers=workers,
            threads_per_worker=threads_each(workers),
            processes=True,
            memory_limit=0,  # what trains is a process of its own, which Dask does not see
            dashboard_address="127.0.0.1:0",
            security=Security.temporary(),
            local_directory=str(scratch),
            silence_logs=logging.CRITICAL,
            preload=[_DEAF],
        ) as cluster:
            yield cluster
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
