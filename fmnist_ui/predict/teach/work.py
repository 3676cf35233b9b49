"""What takes longer than a click and goes on while the visitor looks elsewhere: a thread of this process.

It calls nothing of Streamlit's. It is no job of `fmnist_core.jobs`: what it works with, examples that are in memory
only, would have to be stored for another process.
"""

import logging
import threading
from collections.abc import Callable
from typing import Any

import streamlit as st

from fmnist_core.data import DataError
from fmnist_core.storage import owners
from fmnist_core.storage.folders import RunError
from fmnist_core.storage.owners import Visitor

Tell = Callable[[float, str], None]  # how far it is, 0 to 1, and what it does
PATIENCE = 0.4  # seconds in which what is quick ends without having shown a bar
POLL_SECONDS = 0.5


class Work:
    """What a thread makes."""

    def __init__(self) -> None:
        self.share, self.words = 0.0, "Beginning"
        self.looked_at = False
        self._ended = threading.Event()
        self._result: Any = None
        self._error: Exception | None = None

    def tell(self, share: float, words: str) -> None:
        self.share, self.words = min(max(share, 0.0), 1.0), words

    def has_ended(self, within: float = 0.0) -> bool:
        """within: seconds that are waited."""
        return self._ended.wait(within)

    def result(self) -> Any:
        """What the function returned. Raises what it raised: RunError, ValueError."""
        if self._error is not None:
            raise self._error
        return self._result

    def _run(self, function: Callable[[Tell], Any], asking: Visitor) -> None:
        try:
            with owners.acting(asking):
                self._result = function(self.tell)
        except (RunError, DataError, ValueError) as error:
            self._error = error
        except Exception:
            logging.getLogger(__name__).exception("Work beside a page failed.")
            self._error = ValueError("It failed for a reason that is in the server's log. Try it again.")
        finally:
            self._ended.set()


def start(function: Callable[[Tell], Any]) -> Work:
    """function: is told whom to tell how far it is; what it makes is the visitor's."""
    made = Work()
    threading.Thread(target=made._run, args=(function, owners.visitor()), daemon=True).start()
    return made


def show(one: Work, key: str) -> bool:
    """Whether it has ended; if not, how far it is, until it has, and then the script runs again."""
    if one.has_ended(0.0 if one.looked_at else PATIENCE):
        return True
    one.looked_at = True

    @st.fragment(run_every=POLL_SECONDS)
    def bar() -> None:
        if one.has_ended():
            st.rerun()
        st.progress(one.share, f"{one.words}: {one.share:.0%}".replace("%", " %"))

    with st.container(key=key):
        bar()
        st.caption("It goes on while you look at other tabs and pages.")
    return False
