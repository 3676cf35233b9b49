"""What a process in the sandbox may not: each is tried from within.

Run: python -m pytest tests/core/test_sandbox.py
"""

import os
import socket
import sys
from pathlib import Path

import pytest

from fmnist_core import sandbox

MEMORY, SECONDS = 2_000_000_000, 20
# `timeit` is a module with a `main(arguments)`, which runs the code that it is given.
PROBE = """
import os, pathlib, socket
def tried(what):
    try:
        return what() and 'yes'
    except OSError:
        return 'no'
found = {
    'read': tried(lambda: pathlib.Path(SECRET).read_text()),
    'list': tried(lambda: os.listdir(pathlib.Path(SECRET).parent)),
    'write': tried(lambda: pathlib.Path(SECRET + '.new').write_text('x')),
    'own': tried(lambda: pathlib.Path('here').write_text('x')),
    'network': tried(lambda: socket.create_connection(('127.0.0.1', PORT), 2)),
    'environment': 'yes' if 'FMNIST_SECRET' in os.environ else 'no',
    'kill': tried(lambda: os.kill(PARENT, 0) or 'reached'),
    'root': 'yes' if os.geteuid() == 0 else 'no',
}
pathlib.Path('found').write_text(repr(found))
"""


def run(code: str, seconds: int = SECONDS, files: dict[str, bytes] | None = None):
    return sandbox.confined("timeit", ["-n1", "-r1", "-s", code, "pass"], files or {}, memory=MEMORY, seconds=seconds)


@pytest.mark.skipif(sys.platform != "linux", reason="other kernels have neither Landlock nor namespaces")
def test_it_reaches_its_folder_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setenv("FMNIST_SECRET", "1")
    secret = tmp_path / "secret"
    secret.write_text("secret")
    tmp_path.chmod(0o755)
    with socket.create_server(("127.0.0.1", 0)) as server:
        told = f"SECRET, PORT, PARENT = {str(secret)!r}, {server.getsockname()[1]}, {os.getpid()}\n"
        with run(told + PROBE) as ended:
            assert ended.code == 0, ended.said
            found = eval(ended.read("found", 10_000))
    assert found.pop("own") == "yes"
    if not sandbox._for_everybody(Path(sys.base_prefix)):
        found.pop("root")  # nobody else could read Python itself
    assert set(found.values()) == {"no"}, found
    assert not secret.with_name("secret.new").exists()


def test_it_sees_its_files_and_they_go_with_it():
    with run("open('out', 'w').write(open('file').read() * 2)", files={"file": b"ab"}) as ended:
        assert ended.read("out", 10) == b"abab"
        assert ended.read("out", 3) is None  # larger than was expected
        assert ended.read("none", 10) is None
        folder = ended.folder
    assert not folder.exists()


def test_what_it_leaves_is_no_way_out(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    with run(f"import os; os.symlink({str(secret)!r}, 'link'); os.mkfifo('pipe')") as ended:
        assert ended.read("link", 100) is None
        assert not ended.read("pipe", 100)


def test_time_and_memory_end():
    with run("while True: pass", seconds=1) as ended:
        assert ended.code not in (0, 1)
    with run(f"bytearray({2 * MEMORY})") as ended:
        assert ended.code != 0
