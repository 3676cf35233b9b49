"""The web process' memory: garbage is collected while nobody waits for a page, and what is free is given back.

Streamlit collects after every script, which was a third of the processor's time with fifty visitors; .streamlit/
config.toml switches that off.
"""

import contextlib
import ctypes
import gc
import threading
import time
from collections.abc import Callable
from typing import Any

from streamlit import runtime

LOOK_SECONDS = 0.5
DRAWN_SECONDS = 2.0  # in which a browser draws the first page that it was sent, on the same cores maybe
PAUSE_SECONDS = 10.0  # between two collections
BUSY_SECONDS = 30.0  # after which one is made however many scripts run
ARENAS = 2  # of glibc's allocator: each thread of a script would get one of its own, and none is given back
# Bytes from which an array has pages of its own, which are given back when it goes. glibc raises its own value by
# itself, from 128 kB to 32 MB, unless it is set; then holes stay between what stays. With 128 kB a view costs a third
# more, for pages that are asked for and given back all the time (docs/log.md).
OWN_PAGES = 4 * 2**20
_M_ARENA_MAX, _M_MMAP_THRESHOLD = -8, -3  # malloc.h
_SCRIPT = "ScriptRunner"  # what Streamlit calls the threads of scripts


def keep(prepare: Callable[[], None]) -> None:
    """From now on, until the process ends; once a process.

    prepare: gets what pages will need; called once nobody waits for the first one.
    """
    with contextlib.suppress(OSError, AttributeError):  # another C library than glibc
        library = ctypes.CDLL(None)
        library.mallopt(_M_ARENA_MAX, ARENAS)
        library.mallopt(_M_MMAP_THRESHOLD, OWN_PAGES)
    threading.Thread(target=_keep, args=(prepare,), name="memory", daemon=True).start()


def _keep(prepare: Callable[[], None]) -> None:
    begun = time.monotonic()
    time.sleep(DRAWN_SECONDS)
    while scripts_run() and time.monotonic() - begun < BUSY_SECONDS:
        time.sleep(LOOK_SECONDS)
    prepare()
    freeze()
    collected = time.monotonic()
    while True:
        time.sleep(LOOK_SECONDS)
        since = time.monotonic() - collected
        if since > BUSY_SECONDS or (since > PAUSE_SECONDS and not scripts_run()):
            let_sessions_go()
            collect()
            collected = time.monotonic()


def scripts_run() -> bool:
    """Whether a page is being made for somebody."""
    return any(thread.name.startswith(_SCRIPT) for thread in threading.enumerate())


def let_sessions_go() -> None:
    """Those whose visitors left longer ago than they may come back: Streamlit (1.67) keeps them, with their photos,
    until another visitor comes or leaves, be it a day. It has no public interface for this.
    """
    if not runtime.exists():
        return
    serving = runtime.get_instance()
    left: Any = serving._session_mgr._session_storage  # type: ignore[attr-defined]
    with contextlib.suppress(RuntimeError):  # the server ends, and its loop is closed
        serving._get_async_objs().eventloop.call_soon_threadsafe(left._cache.expire)  # as all else there, in its loop


def freeze() -> None:
    """Declares everything alive permanent: collecting garbage would walk all imported modules each time."""
    gc.collect()
    gc.freeze()


def collect() -> None:
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
