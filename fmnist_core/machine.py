"""What machine this is: what figures were measured on, and which precision fits it."""

import functools
import hashlib
import json
import os
import platform
import socket
import subprocess
from pathlib import Path
from typing import Any

import psutil

from fmnist_core import container


def describe_machine() -> dict[str, Any]:
    """The processor's name, its cores open to this process, the system and the Python version."""
    return {
        "processor": processor_name(),
        "cores": cores(),
        "bfloat16_units": cpu_has_bfloat16(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def machine_code() -> str:
    """Twelve digits for what `describe_machine` says, whatever the Python: whose measurements a file holds."""
    described = {name: value for name, value in describe_machine().items() if name != "python"}
    return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()[:12]


def is_this_machine(description: dict[str, Any]) -> bool:
    """Whether a description as above, which may leave out all but the processor, fits this one.

    A name alone is not enough: a cloud's "AMD EPYC" has bfloat16 units in one machine and none in the next, and as many
    cores as were ordered.
    """
    here = describe_machine()
    same = (description.get(key, here[key]) == here[key] for key in ("cores", "bfloat16_units"))
    return description.get("processor") == here["processor"] and all(same)


@functools.cache
def cpu_has_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 in hardware (AVX512-BF16 or AMX); others only emulate it."""
    flags = _cpuinfo()
    return "avx512_bf16" in flags or "amx_bf16" in flags


def fitting_precision(requested: str, convolutions: bool) -> str:
    """What "auto" becomes: bfloat16 where the processor has units for it and there are convolutions, else float32.

    Dense and recurrent networks of this size are bound by overhead; bfloat16 does not make them faster.
    """
    if requested != "auto":
        return requested
    return "mixed_bfloat16" if convolutions and cpu_has_bfloat16() else "float32"


def cores() -> int:
    """How many cores this process may use, within a container as many as that may."""
    found = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(found, container.threads() or found)


def thread_environment(most: int | None = None) -> dict[str, str]:
    """Environment that keeps libraries from starting more threads than a container has cores, or than `most`; empty
    where there is neither.

    Those that look at the cores that a process may run on, as TensorFlow does, know nothing of a container's limit.
    """
    known = [limit for limit in (container.threads(), most) if limit is not None]
    if (count := min(known, default=None)) is None:
        return {}
    names = "TF_NUM_INTRAOP_THREADS TF_NUM_INTEROP_THREADS OMP_NUM_THREADS OPENBLAS_NUM_THREADS NUMBA_NUM_THREADS"
    return dict.fromkeys(names.split(), str(count))


def memory() -> int:
    """Bytes of memory that this machine has, or that its container may have."""
    total = int(psutil.virtual_memory().total)
    return min(total, container.memory() or total)


def free_memory() -> int:
    """Bytes that a further process could have without anything being written to disk."""
    free = int(psutil.virtual_memory().available)
    limit, used = container.memory(), container.memory_used()
    return free if limit is None or used is None else min(free, limit - used)


@functools.cache
def processor_name() -> str:
    if platform.system() == "Darwin":
        command = ["sysctl", "-n", "machdep.cpu.brand_string"]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        return answer.stdout.strip() or platform.machine()
    names = (line.partition(":")[2].strip() for line in _cpuinfo().splitlines() if line.startswith("model name"))
    return next(names, platform.machine())


def host_name() -> str:
    """Tells apart the machines that share a runs folder: a process number means something on one of them only."""
    return socket.gethostname()


def _cpuinfo() -> str:
    try:
        return Path("/proc/cpuinfo").read_text()
    except OSError:
        return ""
