"""The process that is ready before a job is asked for. What it imports is fake here but in one test, which trains."""

import os
import subprocess
import sys
import time

import psutil
import pytest

from fmnist_core.demo import limits
from fmnist_core.jobs import draining, kinds, queue, warm
from fmnist_core.runs import runs
from fmnist_core.storage import owners
from fmnist_core.storage.folders import RunError, results_folder
from fmnist_core.training import training_jobs
from tests.core.jobs.test_jobs import wait_for
from tests.tiny import tiny_recipe

KIND = kinds.TRAINING


@pytest.fixture(autouse=True)
def minutes(monkeypatch):
    monkeypatch.setenv(warm.MINUTES, "1")
    monkeypatch.setattr(warm, "_LOOK_SECONDS", 0.05)
    yield
    for held in warm._waiting.values():
        held.process.kill()
        held.process.stdin.close()
    warm._waiting.clear()
    warm._failed.clear()


@pytest.fixture
def fake(monkeypatch) -> list[subprocess.Popen]:
    """Those that were started: each prints what it is told into a file and ends."""
    started = []

    def start(kind, folder, output, stdin):
        code = "import pathlib, sys; said = sys.stdin.read(); said and pathlib.Path(said.strip(), 'told').touch()"
        started.append(subprocess.Popen([sys.executable, "-c", code], stdin=stdin))
        return started[-1]

    monkeypatch.setattr(warm, "start", start)
    return started


@pytest.mark.long
def test_a_training_is_done_by_the_process_that_waits(run):
    warm.keep(KIND)
    waiting = warm._waiting[KIND.name].process
    trained = training_jobs.submit(tiny_recipe())
    assert not warm.waits(KIND)
    wait_for(lambda: runs.read_status(trained).state == "done", "the training")
    status = runs.read_status(trained)
    assert status.pid == waiting.pid and (trained.folder / "log.txt").exists()
    wait_for(lambda: waiting.returncode == 0, "its end")


def test_one_waits_whoever_asks_and_ends_when_nobody_has_asked_for_minutes(fake):
    for _ in range(3):
        queue.prepare(KIND)
    assert len(fake) == 1 and warm.waits(KIND)
    warm._waiting[KIND.name].until = time.monotonic()
    wait_for(lambda: fake[0].returncode == 0, "its end")
    assert not warm.waits(KIND) and not warm.give(KIND, runs.runs_folder())


def test_what_a_map_needs_is_there_before_it_is_asked_for():
    code = "import sys; from fmnist_core.jobs import kinds; kinds.MAP.load_preparation()(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {"fmnist_core.maps.map_making", "scipy.sparse"} <= set(loaded)
    assert "tensorflow" not in loaded


def test_what_it_is_told_is_the_folder_of_the_job(fake, tmp_path):
    warm.keep(KIND)
    assert warm.give(KIND, tmp_path)
    wait_for((tmp_path / "told").exists, "its word")
    assert not warm.give(KIND, tmp_path)  # one job each


def test_a_job_starts_its_own_where_the_one_that_waited_was_killed(fake, tmp_path):
    warm.keep(KIND)
    fake[0].kill()
    wait_for(lambda: fake[0].returncode is not None, "its end")
    assert not warm.give(KIND, tmp_path)


def test_one_that_cannot_import_what_it_needs_is_not_started_again_at_once(monkeypatch):
    def start(kind, folder, output, stdin):
        started.append(subprocess.Popen([sys.executable, "-c", "import nothing_there"], stdin=stdin, stderr=output))
        return started[-1]

    started = []
    monkeypatch.setattr(warm, "start", start)
    warm.keep(KIND)
    wait_for(lambda: KIND.name in warm._failed, "its end")
    warm.keep(KIND)
    assert len(started) == 1 and not warm.waits(KIND)
    assert "nothing_there" in (results_folder() / "waiting-train.log").read_text()
    monkeypatch.setattr(warm, "_REST_SECONDS", 0.0)
    warm.keep(KIND)
    assert len(started) == 2


def test_what_the_waiting_process_has_is_not_asked_for_again(fake, monkeypatch):
    assert warm.memory(KIND) == 0
    warm.keep(KIND)
    wait_for(lambda: warm.memory(KIND) > 1_000_000, "its memory")
    monkeypatch.setattr(warm, "memory", lambda kind: 700_000_000)
    monkeypatch.setattr(limits, "free_memory", lambda: 600_000_000)
    chosen = tiny_recipe()
    with owners.acting(owners.visitor_of("ada")):
        limits.check_training(chosen)
        monkeypatch.setattr(warm, "memory", lambda kind: 0)
        with pytest.raises(RunError, match="GB of memory; 0.6 GB are free"):
            limits.check_training(chosen)


def test_none_waits_without_need_or_memory(fake, run, monkeypatch):
    warm.keep(kinds.SPEED)
    with monkeypatch.context() as patch:
        patch.setattr(warm, "free_memory", lambda: 1_900_000_000)
        warm.keep(KIND)
    monkeypatch.setenv(warm.MINUTES, "0")
    warm.keep(KIND)
    monkeypatch.setenv(warm.MINUTES, "5")
    monkeypatch.setenv(queue.WORKER, "elsewhere")
    queue.prepare(KIND)
    monkeypatch.delenv(queue.WORKER)
    draining.begin()
    queue.prepare(KIND)
    draining.end()
    monkeypatch.setattr(queue, "_spawn", lambda *_: None)  # it stays queued, and the next one has to wait
    training_jobs.submit(tiny_recipe())
    queue.prepare(KIND)
    assert not fake and not warm.waits(KIND)


@pytest.mark.parametrize("said", ["soon", "-1", "nan", "1e9"])
def test_a_setting_that_cannot_be_understood_is_explained(said, monkeypatch):
    monkeypatch.setenv(warm.MINUTES, said)
    with pytest.raises(RunError, match="Expected minutes from 0, for never, to 1440"):
        queue.prepare(KIND)


@pytest.mark.long
def test_it_ends_with_the_process_that_started_it():
    """Whose end of the pipe the system closes."""
    code = (
        "from fmnist_core.jobs import kinds, warm; import dataclasses, os\n"
        "warm.keep(dataclasses.replace(kinds.TRAINING, prepare='builtins:dict'))\n"
        "print(warm._waiting['train'].process.pid, flush=True); os._exit(1)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ)
    pid = int(told.stdout)
    wait_for(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie", "its end")
