"""Starts the PyTorch process and asks it things. Runs where Keras is; see server.py for what can be asked."""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import numpy as np
import psutil

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-pytorch" / "bin" / "python"
SERVER = "benchmarks.pytorch.server"
LONG = 5.0  # seconds: in so many, preparations do not count


class PyTorchError(RuntimeError):
    """The PyTorch process has answered with an error, or not at all."""


class PyTorch:
    """The process, as a context manager. While nothing is asked of it, it waits for a line and uses no processor."""

    def __init__(self, command: tuple[str, ...] | None = None) -> None:
        """command: another one than the server's, for tests."""
        if command is None and not PYTHON.exists():
            raise PyTorchError(f"{PYTHON} is missing. `make bench-training` installs PyTorch there.")
        self._command = command or (str(PYTHON), "-m", SERVER)

    def __enter__(self) -> "PyTorch":
        self._folder = tempfile.TemporaryDirectory()
        self._process = subprocess.Popen(
            self._command,
            cwd=ROOT,
            env=os.environ | {"CUDA_VISIBLE_DEVICES": ""},  # the default build of PyTorch would take a GPU
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """An end of input ends the server; one that hangs is killed."""
        assert self._process.stdin and self._process.stdout  # noqa: S101 - pipes were asked for
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._folder.cleanup()

    def ask(self, do: str, **values: Any) -> Any:
        """The answer to one request. Raises PyTorchError."""
        assert self._process.stdin and self._process.stdout  # noqa: S101 - pipes were asked for
        try:
            self._process.stdin.write(json.dumps({"do": do, **values}) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise PyTorchError(f"The PyTorch process ended ({self._process.poll()}) before it answered {do!r}.")
        reply = json.loads(line)
        if "error" in reply:
            raise PyTorchError(f"PyTorch could not {do}: {reply['error']}")
        return reply["result"]

    def load_data(self, inputs: np.ndarray, labels: np.ndarray) -> None:
        """inputs: (n, 28, 28) uint8 or (n, features) float."""
        self.ask("load_data", path=self._store("data", {"inputs": inputs, "labels": labels}))

    def build(self, description: dict[str, Any], weights: dict[str, np.ndarray], mirror: bool) -> int:
        """Returns the number of weights that could be trained; mirror: see server.py."""
        return self.ask("build", description=description, weights=self._store("weights", weights), mirror=mirror)

    def processor_seconds(self) -> float:
        """What all threads of the process have used since it began."""
        times = psutil.Process(self._process.pid).cpu_times()
        return times.user + times.system

    def _store(self, name: str, arrays: dict[str, np.ndarray]) -> str:
        path = Path(self._folder.name) / f"{name}.npz"
        np.savez(path, **arrays)
        return str(path)


class Way(NamedTuple):
    """How PyTorch computes."""

    precision: str  # "float32" or "bfloat16"
    threads: int

    def __str__(self) -> str:
        return f"{self.precision}, {self.threads} thread{'s' if self.threads > 1 else ''}"


def choose_way(rate: Callable[[Way], float], cores: int) -> tuple[Way, str]:
    """The fastest of both precisions, with a thread a core and with one, by a short try each.

    Args:
        rate: returns pictures a second; raises PyTorchError where PyTorch cannot. Called twice for each way, as the
            first time prepares, but only once where that took long.

    Returns:
        The way, and what to say where PyTorch could not do one of them; in float32 it must.
    """
    rates, failed = {}, ""
    for way in (Way(precision, threads) for threads in {cores, 1} for precision in ("float32", "bfloat16")):
        start = time.perf_counter()
        try:
            rates[way] = rate(way)
            if time.perf_counter() - start < LONG:
                rates[way] = rate(way)
        except PyTorchError as error:
            if way.precision == "float32":
                raise
            failed = str(error)
    return max(rates, key=lambda way: rates[way]), failed
