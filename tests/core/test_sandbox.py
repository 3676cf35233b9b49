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
    (tmp_path / "secret").write_text("secret")
    made = f"""
import os
os.symlink({str(tmp_path / "secret")!r}, 'link')
os.symlink({str(tmp_path)!r}, 'linked')
os.mkfifo('pipe')
os.makedirs('folder/inner')
open('folder/plain', 'w').write('x')
"""
    with run(made) as ended:
        assert ended.code == 0 and (ended.folder / "linked" / "secret").exists()
        assert ended.read("folder/plain", 100) == b"x"
        before = os.listdir("/dev/fd")
        for name in ("link", "linked/secret", "pipe", "folder", "folder/inner", "folder/../folder/none"):
            assert ended.read(name, 100) is None, name
        assert len(os.listdir("/dev/fd")) == len(before)


def test_time_ends():
    with run("while True: pass", seconds=1) as ended:
        assert ended.code is None


def test_memory_ends():
    with run(f"bytearray({MEMORY // 4}); open('made', 'w'); bytearray({2 * MEMORY})") as ended:
        assert ended.code == 1 and ended.read("made", 1) == b""


def test_whatever_its_work_ends_in_is_a_sentence():
    """`json.tool` has a main that takes nothing."""
    with sandbox.confined("json.tool", [], {}, memory=MEMORY, seconds=SECONDS) as ended:
        assert (ended.code, ended.said) == (1, "It cannot be read (TypeError).")


def test_a_relative_folder_of_data_is_found_from_within(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FMNIST_DATA", "data")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "file").write_text("x")
    tmp_path.chmod(0o755)
    code = "import os; open('found', 'w').write(str(os.listdir(os.environ['FMNIST_DATA'])))"
    with run(code) as ended:
        assert ended.read("found", 100) == b"['file']"


@pytest.mark.skipif(sys.platform != "linux", reason="other kernels do not say which process goes first")
def test_it_goes_first_where_memory_ends():
    with run("open('found', 'w').write(open('/proc/self/oom_score_adj').read())") as ended:
        assert ended.read("found", 10) == b"1000\n"
