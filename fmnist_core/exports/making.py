"""An export made in a process of its own, which may import TensorFlow, for a process that must not."""

import io
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

from fmnist_core.jobs import turns
from fmnist_core.storage.folders import PROJECT, RunError

LONGEST = 600  # seconds: int8 of the largest network that ships takes two minutes on two busy cores
_MAKING = threading.Lock()


def made(run_id: str, format: str, check: Callable[[], None] = lambda: None) -> bytes:
    """What `export RUN --format FORMAT` writes: of keras the file alone, of others a zip of all of it, card included.

    One at a time, whoever asks. check: called when its turn has come. Raises RunError, as `check` may.
    """
    with turns.taken(_MAKING, "made"):
        check()
        return _made(run_id, format)


def _made(run_id: str, format: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "fmnist_core", "export", run_id, "--to", folder, "--format", format]
        try:
            child = subprocess.run(
                command, cwd=PROJECT, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=LONGEST
            )
        except subprocess.TimeoutExpired:
            raise RunError(f"Making it took over {LONGEST // 60} minutes and was stopped. Try again later.") from None
        if child.returncode:
            told = [line for line in child.stderr.splitlines() if line.startswith("error: ")]
            raise RunError(told[-1].removeprefix("error: ") if told else "The export failed. The log says why.")
        return (Path(folder) / f"{run_id}.keras").read_bytes() if format == "keras" else _zipped(Path(folder))


def _zipped(folder: Path) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder).as_posix())
    return packed.getvalue()
