"""The web process' memory: garbage is collected while nobody waits for a page, and what is free is given back.

Streamlit collects after every script, which was a third of the processor's time with fifty visitors; .streamlit/
config.toml switches that off.
"""

import contextlib
import ctypes
import gc
import threading
import time

LOOK_SECONDS = 0.5
PAUSE_SECONDS = 10.0  # between two collections
BUSY_SECONDS = 30.0  # after which one is made however many scripts run
ARENAS = 2  # of glibc's allocator: each thread of a script would get one of its own, and none is given back
_M_ARENA_MAX = -8  # malloc.h
_SCRIPT = "ScriptRunner"  # what Streamlit calls the threads of scripts


def keep() -> None:
    """From now on, until the process ends; once a process."""
    with contextlib.suppress(OSError, AttributeError):  # another C library than glibc
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, ARENAS)
    threading.Thread(target=_keep, name="memory", daemon=True).start()


def _keep() -> None:
    collected = time.monotonic()
    while True:
        time.sleep(LOOK_SECONDS)
        since = time.monotonic() - collected
        if since > BUSY_SECONDS or (since > PAUSE_SECONDS and not scripts_run()):
            collect()
            collected = time.monotonic()


def scripts_run() -> bool:
    """Whether a page is being made for somebody."""
    return any(thread.name.startswith(_SCRIPT) for thread in threading.enumerate())


def collect() -> None:
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
