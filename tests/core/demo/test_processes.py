"""Processes tell how they are doing, errors are written down, and neither file is trusted.

Run: python -m pytest tests/core/demo/test_processes.py
"""

import logging
import threading
import time

import pytest

from fmnist_core import hosting
from fmnist_core.demo import errors, processes, upkeep
from fmnist_core.demo.errors import Entry
from fmnist_core.demo.processes import Teller
from fmnist_core.jobs import status
from fmnist_core.jobs.status import Status
from fmnist_core.runs import runs
from fmnist_core.storage import folders
from tests.tiny import tiny_recipe

PROUD = "a.logger.that.passes.nothing.on"


@pytest.fixture
def recording(monkeypatch):
    """Takes away afterwards what `errors.record` put everywhere."""
    monkeypatch.setattr(threading, "excepthook", lambda ended: None)
    logging.getLogger(PROUD).propagate = False
    errors.record()
    yield
    for name in [None, *logging.root.manager.loggerDict]:
        logger = logging.getLogger(name)
        for handler in [one for one in logger.handlers if isinstance(one, errors.Recorder)]:
            logger.removeHandler(handler)


def test_a_process_tells_how_it_is_doing_until_it_is_silent(monkeypatch):
    Teller("web").tell(7)
    (one,) = processes.alive()
    assert (one.role, one.pages) == ("web", 7) and one.memory > 20e6 and one.free > 0
    assert abs(one.told - time.time()) < 5 and one.started < one.told
    monkeypatch.setattr(processes, "SILENT_SECONDS", 0.0)
    assert processes.alive() == []
    monkeypatch.undo()
    assert processes.alive() == []  # its file has gone


def test_damaged_files_of_processes_are_nobody():
    folder = folders.results_folder() / "processes"
    folder.mkdir(parents=True)
    for name, text in (("a", "{"), ("b", "[]"), ("c", '{"role": "web"}'), ("d", " " * 20_000)):
        (folder / f"{name}.json").write_text(text)
    assert processes.alive() == []


@pytest.mark.parametrize("secret", ["", "a secret that is long enough"])
def test_upkeep_tells_where_there_is_an_owner_to_read_it(secret, monkeypatch):
    monkeypatch.setenv(hosting.OWNER_SECRET, secret)
    monkeypatch.setattr(errors, "record", lambda: None)

    def stop(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", stop)
    with pytest.raises(KeyboardInterrupt):
        upkeep.run("web", lambda: 3)
    assert [one.pages for one in processes.alive()] == [3] * bool(secret)


def test_what_is_logged_as_an_error_and_what_ends_a_thread_is_written_down(recording):
    own = logging.getLogger(PROUD)
    try:
        runs.find("nobody-20200101-000000-abcd")
    except folders.RunError:
        own.exception("Uncaught")
    own.warning("Not an error.")
    logging.getLogger("asyncio").error("Task was destroyed")

    def fail() -> None:
        raise ValueError("in a thread")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    found = {one.what.partition(":")[0]: one.where for one in errors.read()}
    assert len(errors.read()) == 3
    assert found["RunError"].startswith("fmnist_core/runs/runs.py:")
    assert found["Task was destroyed"] == "asyncio" and found["ValueError"].startswith("tests/core/demo/")


def test_errors_of_the_last_day_alone_and_none_of_a_damaged_line():
    errors.write(Entry(time.time() - 2 * errors.DAY, "old", "here"))
    errors.write(Entry(time.time(), "new", "here"))
    with (folders.results_folder() / "errors.jsonl").open("a") as file:
        file.write("{broken\n[1]\n")
    assert [one.what for one in errors.read()] == ["new"]


def test_the_file_begins_anew_and_the_one_before_is_read_too(monkeypatch):
    monkeypatch.setattr(errors, "LARGEST", 100)
    for count in range(4):
        errors.write(Entry(time.time(), f"error {count} {'x' * 60}", "here"))
    sizes = [path.stat().st_size for path in folders.results_folder().glob("errors*.jsonl")]
    assert len(sizes) == 2 and max(sizes) < 300 and errors.read()[0].what.startswith("error 3")


def test_jobs_that_failed_are_errors_too():
    failed, done = (runs.create(tiny_recipe()) for _ in range(2))
    status.write(failed.folder, Status("failed", "The machine's memory ran out.", queued_at=time.time()))
    status.write(done.folder, Status("done", queued_at=time.time()))
    assert [(one.what, one.where) for one in errors.of_jobs()] == [
        ("The machine's memory ran out.", f"run {failed.id}")
    ]


def test_only_the_whole_secret_opens_and_a_short_one_nothing(monkeypatch):
    monkeypatch.setenv(hosting.OWNER_SECRET, "sixteen letters!")
    assert hosting.is_owner("sixteen letters!") and not hosting.is_owner("sixteen letters") and not hosting.is_owner("")
    for short in ("", "short"):
        monkeypatch.setenv(hosting.OWNER_SECRET, short)
        assert not hosting.is_owner(short)
