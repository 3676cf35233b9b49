"""Work on a file from a stranger: in a process of its own that can do little, for a limited time, in an empty folder.

`confined` starts it. What it may not, on Linux, where the kernel allows so much: read or write anything but its folder
and what Python, the libraries and the dataset are made of (Landlock); reach a network or another process (namespaces);
be root, or become it; use more than so much memory and processor time; write more than so much into one file. Of its
environment it sees nothing that is secret. On other systems only the limits of memory, time and size hold. It does not
protect from a hole in the kernel.

Run: python -P -m fmnist_core.sandbox MODULE FOLDER MEMORY SECONDS ARGUMENTS ... calls MODULE.main(ARGUMENTS) there.
Where that returns a sentence, or fails, it is said on standard output, and the process ends with 1.
"""

import contextlib
import ctypes
import importlib
import os
import resource
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[1]
LARGEST_FILE = 400_000_000  # bytes that it may write into one
LONGEST = 2_000  # bytes of what it says, at its end, that anybody reads
_NO_START = "The process that opens it could not be started."
NOBODY = 65_534
_GRACE = 10.0  # seconds of the outer process beyond those of the inner one
_KEPT = ("PATH", "FMNIST_DATA", "LANG", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")  # of the environment
_SYSTEM = (
    "/usr",
    "/lib",
    "/lib64",
    "/bin",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/proc",
    "/sys/devices/system",
    "/dev",
)
_NEW_USER, _NEW_IPC, _NEW_PROCESSES, _NEW_NETWORK = 0x10000000, 0x08000000, 0x20000000, 0x40000000
_NO_NEW_PRIVILEGES, _DIE_WITH_PARENT = 38, 1  # of prctl
# Landlock (include/uapi/linux/landlock.h): the numbers of its calls are the same on x86-64 and ARM.
_CREATE, _ADD, _RESTRICT = 444, 445, 446
_READ, _ALL_OF_FILES = 0b1101, 0b1100_0000_0000_0111  # execute, read; what is a right to a single file
_RIGHTS = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF, 4: 0x7FFF, 5: 0xFFFF}  # of files and folders, by the kernel's version of it


@dataclass(frozen=True)
class Ended:
    """How it ended. code: 0; 1 where `said` is why it refuses; None: no time left; others: it was killed."""

    code: int | None
    said: str
    folder: Path  # what it has left there is as hostile as what it was given

    def read(self, name: str, limit: int) -> bytes | None:
        """One of its files, such as "maps/a.npz"; None where there is none, it or a folder on the way to it is a link,
        it is no plain file, or it is larger than `limit` bytes."""
        flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
        *folders, last = name.split("/")
        with contextlib.suppress(OSError), contextlib.ExitStack() as opened:
            place: int | None = None
            for part in (str(self.folder), *folders):
                place = os.open(part, flags | os.O_DIRECTORY, dir_fd=place)
                opened.callback(os.close, place)
            descriptor = os.open(last, flags, dir_fd=place)
            opened.callback(os.close, descriptor)
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                with os.fdopen(descriptor, "rb", closefd=False) as file:
                    content = file.read(limit + 1)
                return content if len(content) <= limit else None
        return None


@contextlib.contextmanager
def confined(
    module: str, arguments: list[str], files: dict[str, bytes], *, memory: int, seconds: int
) -> Iterator[Ended]:
    """Calls the `main` of a module with these files in its working folder, which goes when the block ends.

    Args:
        module: its `main(arguments)` returns None, or a sentence that says why it refuses the files.
        memory: bytes of address space.
        seconds: of processor time; thrice as many may pass.

    Raises:
        OSError: the files cannot be written.
    """
    with tempfile.TemporaryDirectory(prefix="fmnist-") as outer, tempfile.TemporaryFile() as said:
        folder = Path(outer) / "work"
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_bytes(content)
        if os.geteuid() == 0:
            _hand_over(Path(outer), folder)
        command = [sys.executable, "-P", "-m", "fmnist_core.sandbox", module, str(folder), str(memory), str(seconds)]
        process = subprocess.Popen(
            [*command, *arguments],
            cwd=folder,
            env=_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            code = process.wait(3 * seconds + _GRACE)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        said.seek(max(0, said.seek(0, os.SEEK_END) - LONGEST))
        *_, words = said.read(LONGEST).decode(errors="replace").strip().splitlines() or [_NO_START]
        yield Ended(None if code in _TIMED_OUT else code, words, folder)


_NO_TIME = 124  # as `timeout` says it
_TIMED_OUT = (_NO_TIME, 128 + signal.SIGXCPU, -signal.SIGXCPU)


def _hand_over(outer: Path, folder: Path) -> None:
    outer.chmod(0o711)
    for path in (folder, *folder.iterdir()):
        os.chown(path, NOBODY, NOBODY)


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if os.environ.get(name)}
    if "FMNIST_DATA" in kept:
        kept["FMNIST_DATA"] = str(Path(kept["FMNIST_DATA"]).resolve())  # it works in another folder
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONDONTWRITEBYTECODE": "1", "KERAS_HOME": str(folder)}
    return kept | quiet | {"PYTHONPATH": str(PROJECT), "HOME": str(folder), "TMPDIR": str(folder)}


# Within the process


def _main(module: str, folder: str, memory: str, seconds: str, *arguments: str) -> int:
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # where memory ends, it goes first
            Path("/proc/self/oom_score_adj").write_text("1000")
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
        _alone(3 * int(seconds))
        _without_rights(Path(folder))
    for limit, value, most in (
        (resource.RLIMIT_AS, int(memory), int(memory)),
        (resource.RLIMIT_CPU, int(seconds), int(seconds) + 1),  # of which the second one kills without a word
        (resource.RLIMIT_FSIZE, LARGEST_FILE, LARGEST_FILE),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # macOS has no limit of address space
            resource.setrlimit(limit, (value, most))
    try:
        said = importlib.import_module(module).main(list(arguments))
    except Exception as error:  # whatever the libraries that read a stranger's file end in
        said = f"It cannot be read ({type(error).__name__})."
        if is_memory(error):
            said = "It needs more memory than a network for pictures of 28 by 28 pixels."
    if said:
        print(" ".join(str(said).split()))  # noqa: T201 - what the process that has started this one reads
    return 1 if said else 0


def is_memory(error: Exception) -> bool:
    """Whether it says that there is no more memory: libraries written in C++ have their own errors for that."""
    return isinstance(error, MemoryError) or any(
        word in str(error) for word in ("bad_alloc", "bad allocation", "llocate memory")
    )


def _alone(seconds: int) -> None:
    """Goes on in a child that is alone with itself: no network, no other process that it could see or reach.

    The outer one waits for it, and ends as it ended: with it ends all that it has started.
    """
    libc = ctypes.CDLL(None)
    wanted = _NEW_IPC | _NEW_PROCESSES | _NEW_NETWORK
    if (os.geteuid() or libc.unshare(wanted)) and libc.unshare(wanted | _NEW_USER):
        libc.unshare(_NEW_USER | _NEW_NETWORK)
    for _ in range(2):  # the first process of a namespace is deaf to limits of time: it waits for a second one
        if child := os.fork():
            _wait(child, seconds)
        libc.prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)


def _wait(child: int, seconds: int) -> None:
    """Ends as a child ends, or after so many seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        ended, how = os.waitpid(child, os.WNOHANG)
        if ended:
            code = os.waitstatus_to_exitcode(how)
            os._exit(code if code >= 0 else 128 - code)
        time.sleep(0.02)
    os.kill(child, signal.SIGKILL)
    os._exit(_NO_TIME)


def _without_rights(folder: Path) -> None:
    libc = ctypes.CDLL(None)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    readable = [Path(one) for one in (*_SYSTEM, sys.prefix, sys.base_prefix, *_libraries())]
    readable += [PROJECT / "fmnist_core", Path(os.environ.get("FMNIST_DATA") or PROJECT / "assets" / "data")]
    if os.geteuid() == 0 and all(map(_for_everybody, readable)):
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    _restrict(libc, folder, readable)


def _libraries() -> list[str]:
    return [one for one in sys.path if one and Path(one).is_dir() and Path(one) != PROJECT]


def _for_everybody(path: Path) -> bool:
    """Whether anybody may read what lies there."""
    path = path.resolve()
    return not path.exists() or all(one.stat().st_mode & 0o1 for one in (path, *path.parents) if one.is_dir())


def _restrict(libc: ctypes.CDLL, folder: Path, readable: list[Path]) -> None:
    """Takes every file but these from this process and all that it starts, where the kernel has Landlock."""
    version = libc.syscall(_CREATE, None, 0, 1)
    if version < 1:
        return
    rights = _RIGHTS.get(version, 0xFFFF)
    asked = [rights, 0b11, 0b11]  # of files; to bind and connect; of signals and sockets outside
    asked = asked[: 1 if version < 4 else 2 if version < 6 else 3]
    wanted = (ctypes.c_uint64 * len(asked))(*asked)
    rules = libc.syscall(_CREATE, wanted, 8 * len(asked), 0)
    for path in readable:
        _allow(libc, rules, path, _READ)
    for path in (Path("/dev/null"), folder):
        _allow(libc, rules, path, rights)
    libc.syscall(_RESTRICT, rules, 0)
    os.close(rules)


def _allow(libc: ctypes.CDLL, rules: int, path: Path, rights: int) -> None:
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        if not path.is_dir():
            rights &= _ALL_OF_FILES
        rule = rights.to_bytes(8, sys.byteorder) + descriptor.to_bytes(4, sys.byteorder)
        libc.syscall(_ADD, rules, 1, ctypes.c_char_p(rule), 0)
        os.close(descriptor)


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
