"""What a container may use of its machine: processor time and memory, by its control groups, version 1 and 2.

A library that counts the machine's cores starts as many threads, which then wait for each other where the container
may use two of sixty-four.
"""

import functools
import math
from collections.abc import Iterator
from pathlib import Path

ROOT = Path("/")
_UNLIMITED = 2**60  # version 1 writes a number near 2**63 where there is no limit


def cores(root: Path = ROOT) -> float | None:
    """How many cores' time this process may use; None where that is not limited. root: of the file system."""
    quotas = []
    for folder in _groups(root, "cpu"):
        before = f"{_read(folder / 'cpu.cfs_quota_us')} {_read(folder / 'cpu.cfs_period_us')}"  # of version 1
        quota, _, period = (_read(folder / "cpu.max") or before).partition(" ")
        if quota.isdecimal() and period.isdecimal() and int(period):
            quotas.append(int(quota) / int(period))
    return min(quotas, default=None)


def memory(root: Path = ROOT) -> int | None:
    """How many bytes of memory the processes of this container may have together; None where that is not limited."""
    limits = []
    for folder in _groups(root, "memory"):
        said = _read(folder / "memory.max") or _read(folder / "memory.limit_in_bytes")
        if said.isdecimal() and int(said) < _UNLIMITED:
            limits.append(int(said))
    return min(limits, default=None)


def memory_used(root: Path = ROOT) -> int | None:
    """Bytes that the container's processes have now, without files that the system could let go; None where unknown."""
    for folder in _groups(root, "memory"):
        used = _read(folder / "memory.current") or _read(folder / "memory.usage_in_bytes")
        if used.isdecimal():
            lines = _read(folder / "memory.stat").splitlines()
            inactive = [line.split()[1] for line in lines if "inactive_file" in line]
            return int(used) - int(inactive[-1] if inactive else 0)
    return None


@functools.cache
def threads() -> int | None:
    """How many threads can work at once within the limit; None where there is none."""
    limit = cores()
    return None if limit is None else max(1, math.ceil(limit))


def _groups(root: Path, controller: str) -> Iterator[Path]:
    """The folder of this process' control group, then those around it. Within a container its own is often the root."""
    base = root / "sys/fs/cgroup"
    for line in _read(root / "proc/self/cgroup").splitlines():
        number, names, path = line.split(":", 2)
        if number == "0" and not names:
            top = base
        elif controller in names.split(","):
            top = next((one for one in (base / names, base / controller) if one.is_dir()), base / controller)
        else:
            continue
        folder = top / path.lstrip("/")
        while folder.is_relative_to(top):
            yield folder
            folder = folder.parent


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
