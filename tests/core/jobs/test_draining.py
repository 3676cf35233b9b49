"""Before an update nothing new starts, what waits stays queued, and the process that starts jobs ends it.

Run: python -m pytest tests/core/jobs/test_draining.py
"""

import json
import time

import pytest

from fmnist_core.cli.command_line import main
from fmnist_core.demo import limits, upkeep
from fmnist_core.jobs import draining, kinds, lifecycle, queue, status
from fmnist_core.runs import runs
from fmnist_core.storage import folders
from fmnist_core.storage.folders import RunError
from fmnist_core.training import training_jobs
from tests.tiny import tiny_recipe


@pytest.fixture
def started(monkeypatch) -> list:
    found = []
    monkeypatch.setattr(queue, "_spawn", lambda job, queued: found.append(job))
    return found


def test_nothing_starts_and_what_waits_starts_when_it_has_ended(started):
    draining.begin()
    run = training_jobs.submit(tiny_recipe())
    queue.start_due()
    assert not started and lifecycle.require(training_jobs.job(run)).awaits_process
    draining.end()
    queue.start_due()
    assert started == [training_jobs.job(run)]


def test_pages_refuse_with_the_reason_whoever_asks():
    draining.begin()
    for check in (lambda: limits.check_training(tiny_recipe()), lambda: limits.check_start(kinds.MAP)):
        with pytest.raises(RunError, match="about to be updated"):
            check()
    draining.end()
    limits.check_training(tiny_recipe())


def test_the_command_waits_for_what_works_and_not_for_what_waits(started, monkeypatch, capsys):
    working, waiting = (runs.create(tiny_recipe()) for _ in range(2))
    status.write(working.folder, status.Status("queued", queued_at=time.time()))  # its process is about to begin
    status.write(waiting.folder, status.Status("queued", queued_at=time.time(), awaits_process=True))
    assert main(["drain", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"draining": True, "at_work": [training_jobs.job(working).title]}

    def end(seconds: float) -> None:
        status.write(working.folder, status.Status("done"))

    monkeypatch.setattr(time, "sleep", end)
    assert main(["drain", "--wait"]) == 0
    said = capsys.readouterr()
    assert f"Still at work: run {working.id}" in said.err and "Nothing is at work." in said.out
    assert draining.is_draining()
    assert main(["drain", "--end"]) == 0 and not draining.is_draining()


@pytest.mark.parametrize(("where", "ends"), [("", True), ("elsewhere", False)])
def test_who_starts_jobs_ends_it_by_being_started_anew(where, ends, monkeypatch):
    draining.begin()
    monkeypatch.setenv(queue.WORKER, where)

    def stop(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", stop)
    with pytest.raises(KeyboardInterrupt):
        upkeep.run()
    assert draining.is_draining() is not ends


def test_where_it_cannot_be_written_a_sentence_says_so(capsys):
    folders.results_folder().parent.mkdir(parents=True, exist_ok=True)
    folders.results_folder().write_text("no folder")
    assert main(["drain"]) == 1
    assert "Draining cannot begin" in capsys.readouterr().err and not draining.is_draining()
