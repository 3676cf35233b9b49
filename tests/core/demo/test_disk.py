"""What goes: old things, the oldest first where there is no room; never what ships, is the machine's, or at work.

Run: python -m pytest tests/core/demo/test_disk.py
"""

import os
import time

import pytest

from fmnist_core.demo import disk, limits, upkeep
from fmnist_core.jobs import queue, status
from fmnist_core.jobs.status import Status
from fmnist_core.runs import runs
from fmnist_core.runs.runs import Run
from fmnist_core.storage import folders, owners
from tests.tiny import tiny_recipe

ADA = owners.visitor_of("ada")
DAY = 24 * 3600


@pytest.fixture(autouse=True)
def _nothing_starts(monkeypatch):
    monkeypatch.setattr(queue, "_spawn", lambda job, queued: None)


def made(visitor, *, days: float = 0, megabytes: float = 0, state: str = "done") -> Run:
    with owners.acting(visitor):
        run = runs.create(tiny_recipe())
    status.write(run.folder, Status(state, epochs=1, queued_at=time.time()))
    if megabytes:
        (run.folder / "model.keras").write_bytes(bytes(int(megabytes * 1e6)))
    then = time.time() - days * DAY
    for path in run.folder.iterdir():
        os.utime(path, (then, then))
    return run


def test_what_is_old_goes_with_what_was_computed_of_it():
    old, young = made(ADA, days=8), made(ADA, days=6)
    derived = folders.results_folder() / f"photos-{old.id}"
    derived.mkdir(parents=True)
    assert old.folder in disk.tidy(7, 1_000)
    assert not old.folder.exists() and not derived.exists() and young.folder.exists()


def test_where_there_is_no_room_the_oldest_go():
    third, first, second = (made(ADA, days=days, megabytes=1) for days in (1, 3, 2))
    assert disk.tidy(7, 1.5) == [first.folder, second.folder]
    assert third.folder.exists()


def test_what_trains_ships_or_is_the_machines_stays():
    training = made(ADA, days=9, megabytes=1, state="queued")
    machines = made(owners.MACHINE, days=9, megabytes=1)
    shipped = [run.folder for run in runs.every_run() if run.shipped]
    assert disk.tidy(0, 0) == []
    assert training.folder.exists() and machines.folder.exists() and all(one.exists() for one in shipped)


def test_maps_of_runs_that_all_see_go_too_but_not_while_they_are_made():
    results = folders.results_folder()
    for name in ("map-1", "map-2", "robustness-x"):
        (results / name / "m.job").mkdir(parents=True)
        (results / name / "m.npz").write_bytes(b"1")
        os.utime(results / name / "m.npz", (0, 0))
    status.write(results / "map-2" / "m.job", Status("queued", queued_at=time.time()))
    os.utime(results / "map-2" / "m.job" / "status.json", (0, 0))
    assert {one.name for one in disk.tidy(7, 1_000)} == {"map-1", "robustness-x"}


def test_decisions_of_visitors_go_and_those_of_the_machine_stay():
    results = folders.results_folder()
    results.mkdir(parents=True)
    for name in ("audit-decisions.json", f"audit-decisions-{ADA.id}.json", "audit-decisions-young.json"):
        (results / name).write_text("{}")
        os.utime(results / name, (0, 0) if "young" not in name else None)
    disk.tidy(7, 1_000)
    assert {one.name for one in results.iterdir()} == {"audit-decisions.json", "audit-decisions-young.json"}


def test_upkeep_tidies_in_a_demo_alone(monkeypatch):
    old = made(ADA, days=8)
    upkeep.tidy()
    assert old.folder.exists()
    monkeypatch.setenv("FMNIST_DEMO", "1")
    upkeep.tidy()
    assert not old.folder.exists()


def test_what_is_used_is_told_for_each_and_for_all_that_may_go(monkeypatch):
    monkeypatch.setattr(disk, "REMEMBERED_SECONDS", 0.0)
    made(ADA, megabytes=2), made(owners.MACHINE, megabytes=3)
    used = disk.used()
    assert used.of[ADA.id] == pytest.approx(2e6, rel=0.01) and used.total == pytest.approx(2e6, rel=0.01)
    assert used.of[None] == pytest.approx(3e6, rel=0.01) and limits.MEGABYTE == 1e6
