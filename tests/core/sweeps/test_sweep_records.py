"""A sweep on disk, and who may start, see, stop and resume one.

Run: python -m pytest tests/core/sweeps/test_sweep_records.py
"""

import asyncio
import dataclasses
import json
import time

import pytest

from fmnist_core.jobs import lifecycle, queue, status
from fmnist_core.runs import runs
from fmnist_core.storage import owners
from fmnist_core.storage.folders import RunError
from fmnist_core.storage.owners import Visitor
from fmnist_core.sweeps import cluster, packing, plan, records, sweep_jobs, work
from fmnist_core.sweeps.conductor import Conductor
from fmnist_core.sweeps.records import Standing
from tests.core.sweeps.swept import end, put_run, stored_sweep
from tests.tiny import tiny_recipe

ANN, BOB = Visitor("a" * 32), Visitor("b" * 32)
PLAN = plan.make([tiny_recipe()], {}, (0, 1))


@pytest.fixture(autouse=True)
def _nothing_starts(monkeypatch):
    monkeypatch.setenv("FMNIST_WORKER", "elsewhere")


def test_a_sweep_is_found_again_as_it_was_planned():
    sweep = sweep_jobs.submit(PLAN, "tcp://host:8786", keep_seconds=5.0)
    assert records.find(sweep.id) == sweep and records.list_sweeps() == [sweep]
    found = lifecycle.read(sweep.job)
    assert (found.state, found.epochs, found.awaits_process) == ("queued", 2, True)
    assert [job.kind.name for job, _ in queue.active("training")] == ["sweep"]


@pytest.mark.parametrize("content", ["", "{}", "[" * 10_000, '{"plan": {}}'])
def test_a_damaged_one_is_refused_with_a_sentence(content):
    sweep = stored_sweep()
    (sweep.folder / "spec.json").write_text(content)
    with pytest.raises(RunError, match="is damaged"):
        records.find(sweep.id)
    assert records.list_sweeps() == []


def test_a_plan_that_was_changed_by_hand_is_refused():
    sweep = stored_sweep()
    written = json.loads((sweep.folder / "spec.json").read_text())
    written["plan"]["tasks"][0]["run"] = "../../../etc"
    (sweep.folder / "spec.json").write_text(json.dumps(written))
    with pytest.raises(RunError, match="is damaged"):
        records.find(sweep.id)


@pytest.mark.parametrize("sweep_id", ["", "..", "../../x", "0123ABCD", "0123abcde"])
def test_what_is_no_sweep_is_not_found(sweep_id):
    with pytest.raises(RunError, match="There is no sweep"):
        records.find(sweep_id)


def test_how_its_trainings_stand_survives_and_is_not_believed_blindly():
    sweep = stored_sweep(seeds=(0, 1, 2))
    names = [task.run for task in sweep.plan.tasks]
    stands = [Standing("running", 2, 0.5, 1), Standing("failed", message="It diverged.")]
    records.write_standings(sweep, dict(zip(names, stands, strict=False)))
    made = put_run(sweep, 2, 0.9)
    found = records.read_standings(sweep)
    assert list(found) == names and found[made].state == "done" and found[names[3]] == Standing()
    assert found[names[0]] == Standing("waiting", 2, 0.5, 1)  # nobody works on it
    assert found[names[1]] == stands[1]
    status.write(sweep.folder, dataclasses.replace(status.read(sweep.folder), state="running"))
    assert records.read_standings(sweep)[names[0]] == stands[0]
    for damage in ("{", '{"tasks": {"x": {"state": "odd"}}}', json.dumps({"tasks": {names[0]: {"epoch": -4}}})):
        (sweep.folder / "tasks.json").write_text(damage)
        assert records.read_standings(sweep)[names[0]] == Standing()


def test_visitors_see_their_own_and_what_is_shared(monkeypatch):
    with owners.acting(ANN):
        sweep = sweep_jobs.submit(PLAN)
    with owners.acting(BOB):
        assert records.list_sweeps() == [sweep]
        with pytest.raises(RunError, match="another visitor"):
            sweep_jobs.cancel(sweep)
    with owners.acting(ANN):
        sweep_jobs.cancel(sweep)
    assert lifecycle.read(sweep.job).state == "cancelled"
    owners.share(sweep.folder, "sweep", False)
    with owners.acting(BOB):
        assert records.list_sweeps() == []
        with pytest.raises(RunError, match="another visitor"):
            sweep_jobs.resume(sweep)


def test_in_a_demo_visitors_start_none_and_nowhere_do_they_name_another_machine(monkeypatch):
    with owners.acting(ANN), pytest.raises(RunError, match="Only who sits at the machine"):
        sweep_jobs.submit(PLAN, "tcp://evil:8786")
    monkeypatch.setenv("FMNIST_DEMO", "1")
    with owners.acting(ANN), pytest.raises(RunError, match="Several trainings at once"):
        sweep_jobs.submit(PLAN)
    assert records.list_sweeps() == []
    assert sweep_jobs.submit(PLAN).spec.on == "local"  # the machine itself


def test_a_stopped_one_goes_on_elsewhere():
    sweep = sweep_jobs.submit(PLAN, "tcp://host:8786")
    with pytest.raises(RunError, match="only a stopped sweep"):
        sweep_jobs.resume(sweep)
    end(sweep, "failed")
    sweep_jobs.resume(sweep, "local:3")
    again = records.find(sweep.id)
    assert (again.spec.on, again.plan) == ("local:3", sweep.plan)
    assert lifecycle.read(sweep.job).state == "queued"


@pytest.mark.parametrize(
    "on",
    ["", "local:0", "local:65", "local:x", "here", "http://host:1", "tcp://host", "tcp://a b:1", "tcp://host:8786/x"],
)
def test_odd_places_are_refused(on):
    with pytest.raises(ValueError, match=r"A sweep cannot be made on|A local cluster has"):
        sweep_jobs.submit(PLAN, on)


@pytest.mark.parametrize("on", ["local", "local:64", "tcp://10.0.0.1:8786", "tls://a.b-c:1", "tcp://[::1]:8786"])
def test_places(on):
    cluster.check_place(on)


def test_without_dask_a_sentence_says_what_to_install(monkeypatch):
    import importlib.util

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(RunError, match=r"\.venv/bin/pip install -r requirements-cluster.txt"):
        sweep_jobs.submit(PLAN)


def test_time_left_is_by_what_is_done_since_it_began():
    sweep = stored_sweep(seeds=(0, 1))
    names = [task.run for task in sweep.plan.tasks]
    stands = dict(zip(names, [Standing("done"), Standing("running", 1), Standing(), Standing()], strict=True))
    began = time.time() - 30
    running = dataclasses.replace(status.read(sweep.folder), state="running", started_at=began, first=0)
    left = sweep_jobs.seconds_left(sweep, stands, running)
    assert left == pytest.approx(30 / 1.5 * 2.5, rel=0.1)  # of two epochs one is done
    before = [1.0, 0.25, 0.0, 0.0]
    resumed = {name: dataclasses.replace(stands[name], before=part) for name, part in zip(names, before, strict=True)}
    assert sweep_jobs.seconds_left(sweep, resumed, running) == pytest.approx(30 / 0.25 * 2.5, rel=0.1)
    assert sweep_jobs.seconds_left(sweep, {names[0]: Standing()}, running) is None
    assert sweep_jobs.seconds_left(sweep, stands, dataclasses.replace(running, state="done")) is None
    assert sweep_jobs.in_words(sweep_jobs.counted(stands)) == "1 of 4 done, 1 running"


class MadeUpClient:
    """A scheduler's client whose workers say of themselves what `said` has; of one that is silent nothing."""

    def __init__(self, said):
        self.said, self.asked = said, []

    def scheduler_info(self, n_workers):
        return {"workers": self.said}

    def run(self, function, *given, workers, on_error):
        (worker,) = workers
        self.asked.append(worker)
        return asyncio.sleep(0, {} if self.said[worker] is None else {worker: self.said[worker]})

    def sync(self, coroutine):
        return asyncio.run(coroutine())


def test_workers_with_another_version_are_not_used_and_silent_ones_asked_again(monkeypatch):
    own = work.introduce()
    client = MadeUpClient({"same": own, "older": own.replace(b"code", b"Code"), "odd": 7, "silent": None})
    crew = cluster.Crew(client)
    assert crew.look() == [] and crew.idle == ["same"] and crew.refused == 3
    client.said["silent"] = own
    crew.look()
    assert sorted(client.asked) == ["odd", "older", "same", "silent"]  # not at once
    monkeypatch.setattr(cluster, "AGAIN_SECONDS", 0.0)
    crew.look()
    assert client.asked[4:] == ["silent"] and sorted(crew.idle) == ["same", "silent"] and crew.refused == 2
    crew.set_aside("same", "Its disk is full.")
    assert (crew.idle, crew.aside, crew.left, crew.refused) == (["silent"], ["Its disk is full."], 1, 2)
    del client.said["same"]
    assert crew.look() == [] and crew.aside == []


def test_a_run_that_cannot_be_stored_ends_the_sweep_and_not_its_training(monkeypatch):
    sweep = stored_sweep(seeds=(0,))

    def full(*_):
        raise runs.not_stored(OSError(28, "No space left on device"))

    found = Conductor(sweep, cluster.Crew(None), bring_home=full)
    name = sweep.plan.tasks[0].run
    with pytest.raises(RunError, match="cannot be stored"):
        found._end(cluster.Ended("one", name, packing.join({"state": "done", "message": ""}, [b"zip"])))
    assert found.standings[name].state == "waiting"
