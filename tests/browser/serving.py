"""A real Streamlit server and the path of a real Chromium, for browser tests and for benchmarks."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
MACOS_CHROME = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
CHROMIUM_OPTIONS = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    # Headless Chromium has no WebGL without these two.
    "--enable-unsafe-swiftshader",
    "--use-angle=swiftshader",
    # Without it, all that is no WebGL is drawn by that emulated GPU, too: a third of the processor time of these tests.
    "--disable-gpu-compositing",
    # A camera that shows a pie growing, and is allowed to every page.
    "--use-fake-device-for-media-stream=device-count=2",
    "--use-fake-ui-for-media-stream",
)
SECONDS_TO_START = 60


def find_chromium() -> str | None:
    """The browser's path: FMNIST_CHROMIUM, one on the PATH, or macOS' Chrome; None if there is none."""
    named = os.environ.get("FMNIST_CHROMIUM")
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    installed = str(MACOS_CHROME) if MACOS_CHROME.exists() else None
    return named or next(filter(None, found), installed)


@dataclass(frozen=True)
class Server:
    """A Streamlit server that answers. url: http://localhost:port; runs: its FMNIST_RUNS; log: what it prints."""

    url: str
    runs: Path
    log: Path
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """Ends the server; a job that it started is in a session of its own and goes on."""
        try:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        except ProcessLookupError:
            self.process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return int(probe.getsockname()[1])


def start_server(file: Path, runs: Path, log: Path, environment: dict[str, str], port: int = 0) -> Server:
    """A fresh server once it answers. port: a free one unless told."""
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / file)]
    command += ["--server.headless", "true", "--server.port", str(port), "--global.e2eTest", "false"]
    fixed = {"PYTHONPATH": str(ROOT), "FMNIST_RUNS": str(runs), "FMNIST_MEASURE": "no", "FMNIST_WARM": "0"}
    variables = {**os.environ, **fixed, **environment}
    # A file, not a pipe: a full pipe that nobody reads would stop the server.
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=variables, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    server = Server(f"http://localhost:{port}", runs, log, process)
    wait_until_healthy(server)
    return server


def wait_until_healthy(server: Server) -> None:
    """Raises RuntimeError, with what it printed, where it does not answer in `SECONDS_TO_START`."""
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"No healthy server in {SECONDS_TO_START} seconds. It printed:\n{server.log.read_text()}")
