"""Train's own: jobs are queued and no process starts, and the list of runs is read anew."""

from collections.abc import Iterator

import pytest

from fmnist_core.jobs import queue
from fmnist_ui import cached


@pytest.fixture(autouse=True)
def _nothing_starts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(queue, "_spawn", lambda job, queued: None)
    cached.forget_rows()
    yield
    cached.forget_rows()
