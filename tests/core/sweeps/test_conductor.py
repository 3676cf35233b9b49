"""The loop of a sweep against workers that die, lie and are late, without Dask.

Run: python -m pytest tests/core/sweeps/test_conductor.py
"""

import dataclasses
import json
import shutil

import pytest

from fmnist_core.jobs import status
from fmnist_core.runs import exchange, runs
from fmnist_core.runs.runs import Run
from fmnist_core.storage import owners
from fmnist_core.storage.atomic import write_json
from fmnist_core.storage.folders import RunError
from fmnist_core.storage.schema import as_plain
from fmnist_core.sweeps import conductor, packing, plan, records, sweep_jobs
from fmnist_core.sweeps.cluster import Ended
from fmnist_core.sweeps.conductor import MOST_DEATHS, Conductor, bring_run_home
from tests.core.sweeps.swept import stored_sweep
from tests.tiny import tiny_recipe

DONE = packing.join({"state": "done", "message": ""}, [b"zip"])


class MadeUpCrew:
    """Two workers. outcomes: what comes of each training that is begun, in turn; said: what they say of themselves."""

    def __init__(self, outcomes, said=()):
        self.outcomes, self.said = list(outcomes), list(said)
        self.at_work: dict[str, str] = {}
        self.orders, self.requests, self.aside = [], [], []

    @property
    def idle(self):
        return [name for name in ("one", "two") if name not in (*self.at_work, *self.aside)]

    @property
    def left(self):
        return 2 - len(self.aside)

    def set_aside(self, worker, message):
        self.aside.append(worker)
        self.message = message

    def look(self):
        return []

    def start(self, worker, name, task, order, checkpoint):
        self.at_work[worker] = name
        self.orders.append((name, json.loads(order), checkpoint))

    def wait(self, seconds):
        worker, name = next(iter(self.at_work.items()))
        del self.at_work[worker]
        return Ended(worker, name, self.outcomes.pop(0))

    def ask(self, request):
        self.requests.append(json.loads(request))
        return {"one": self.said.pop(0)} if self.said else {}


def bring_home(brought):
    return lambda sweep, task, content: brought.append((task.run, content))


@pytest.fixture(autouse=True)
def _ask_at_each_step(monkeypatch):
    monkeypatch.setattr(conductor, "LOOK_SECONDS", 0.0)


def test_all_are_trained_once_and_how_they_stand_is_stored():
    sweep, brought = stored_sweep(), []
    names = [task.run for task in sweep.plan.tasks]
    crew = MadeUpCrew([DONE] * 6)
    assert Conductor(sweep, crew, bring_home=bring_home(brought)).conduct(lambda: False)
    assert sorted(brought) == sorted((name, b"zip") for name in names) == sorted((n, b"zip") for n, *_ in crew.orders)
    assert {one.state for one in json_standings(sweep).values()} == {"done"}
    asked = {name: order["recipe"] for name, order, _ in crew.orders}
    assert asked == {
        task.run: json.loads(json.dumps(as_plain(plan.recipe_of(sweep.plan, task)))) for task in sweep.plan.tasks
    }


def json_standings(sweep):
    stored = json.loads((sweep.folder / "tasks.json").read_text())["tasks"]
    return {name: records.Standing(**one) for name, one in stored.items()}


def test_a_dead_workers_training_goes_on_from_what_came_home():
    sweep = stored_sweep(seeds=(0,))
    first, second = (task.run for task in sweep.plan.tasks)
    heard = {"trainings": [{"run": first, "epoch": 3, "accuracy": 0.7, "version": 9}]}
    crew = MadeUpCrew([None, DONE, DONE], [packing.join({"trainings": []}), packing.join(heard, [b"checkpoint"])])
    waits = iter([None])
    crew_wait = crew.wait
    crew.wait = lambda seconds: next(waits, 1) and crew_wait(seconds)  # at first nothing ends, so that it is heard
    found = Conductor(sweep, crew, bring_home=bring_home([]))
    assert found.conduct(lambda: False)
    assert [(name, checkpoint) for name, _, checkpoint in crew.orders] == [
        (first, b""),
        (second, b""),
        (first, b"checkpoint"),
    ]
    assert found.standings[first] == records.Standing("done", 3, 0.7, deaths=1)
    assert records.checkpoint(sweep, first) == b""  # it is of no more use


def test_a_training_that_kills_its_workers_fails_with_a_sentence():
    sweep = stored_sweep(seeds=(0,))
    lost = packing.join({"state": "lost", "message": ""}, [b"newest"])
    crew = MadeUpCrew([lost, DONE, None, None, said("lost", "its process was ended by SIGKILL")])
    found = Conductor(sweep, crew, bring_home=bring_home([]))
    assert found.conduct(lambda: False)
    failed = found.standings[sweep.plan.tasks[0].run]
    assert failed.state == "failed" and failed.message.startswith(f"It was cut off {MOST_DEATHS} times; where memory")
    assert failed.message.endswith("The last time its process was ended by SIGKILL")
    assert [checkpoint for *_, checkpoint in crew.orders] == [b"", b"", b"newest", b"newest", b"newest"]
    assert not crew.aside  # it was always the same training
    with pytest.raises(RunError, match="Of 2 one training failed so: It was cut off"):
        sweep_jobs._ending(sweep, found.standings)
    crew = MadeUpCrew([DONE, DONE])
    again = Conductor(sweep, crew, bring_home=bring_home([]))
    states = [one.state for one in again.standings.values()]
    assert states == ["waiting", "done"]  # also where its run was deleted since
    assert again.conduct(lambda: False) and [checkpoint for *_, checkpoint in crew.orders] == [b"newest"]
    assert sweep_jobs._ending(sweep, again.standings).epoch == 2


def said(state, message="", checkpoint=b""):
    return packing.join({"state": state, "message": message}, [checkpoint])


def test_a_worker_that_cannot_train_is_set_aside_and_its_training_goes_on_elsewhere():
    sweep = stored_sweep(seeds=(0,))
    crew = MadeUpCrew([said("unfit", "Its disk is full.", b"newest"), DONE, DONE])
    found = Conductor(sweep, crew, bring_home=bring_home([]))
    assert found.conduct(lambda: False)
    assert (crew.aside, crew.message) == (["one"], "Its disk is full.")
    first = sweep.plan.tasks[0].run
    assert [(name, checkpoint) for name, _, checkpoint in crew.orders][2:] == [(first, b"newest")]
    assert found.standings[first] == records.Standing("done")


@pytest.mark.parametrize("lost", [None, said("lost"), packing.join({"state": "done"}, [b"no zip"])])
def test_a_worker_that_loses_every_training_is_set_aside_before_one_has_failed(lost):
    sweep = stored_sweep(seeds=(0, 1, 2))
    crew = MadeUpCrew([])

    def wait(seconds):
        worker = next(iter(crew.at_work))
        name = crew.at_work.pop(worker)
        return Ended(worker, name, lost if worker == "one" else DONE)

    def refuse(sweep, task, content):
        if content == b"no zip":
            raise RunError("It is no zip.")

    crew.wait = wait
    found = Conductor(sweep, crew, bring_home=refuse)
    assert found.conduct(lambda: False)
    assert crew.aside == ["one"] and crew.message.startswith("It has lost 3 trainings, the last one so: ")
    assert {one.state for one in found.standings.values()} == {"done"}


@pytest.mark.parametrize(("on", "ends"), [("local:2", True), ("tcp://host:8786", False)])
def test_where_no_worker_of_this_machine_can_train_the_sweep_ends_with_the_reason(on, ends):
    sweep = stored_sweep(seeds=(0,), on=on)
    found = Conductor(sweep, MadeUpCrew([said("unfit", "Its disk is full.")] * 2), bring_home=bring_home([]))
    if ends:
        with pytest.raises(RunError, match="No worker process is left that can train. Its disk is full. Mend that"):
            found.conduct(lambda: False)
    else:
        found._crew.wait = lambda seconds, wait=found._crew.wait: wait(seconds) if found._crew.at_work else None
        stops = iter([False] * 5 + [True])
        assert not found.conduct(lambda: next(stops))
    assert {one.state for one in found.standings.values()} == {"waiting"}


def test_what_was_not_asked_for_in_time_is_no_death():
    sweep = stored_sweep(seeds=(0,))
    crew = MadeUpCrew([packing.join({"state": "stopped", "message": ""})] * 20 + [DONE, DONE])
    found = Conductor(sweep, crew, bring_home=bring_home([]))
    assert found.conduct(lambda: False)
    assert {one.deaths for one in found.standings.values()} == {0}


def test_what_was_done_before_is_known_when_a_sweep_is_taken_up():
    sweep = stored_sweep(seeds=(0,))
    first, second = (task.run for task in sweep.plan.tasks)
    records.write_standings(sweep, {first: records.Standing("running", 1), second: records.Standing("done")})
    found = Conductor(sweep, MadeUpCrew([]))
    assert [one.before for one in found.standings.values()] == [0.5, 1.0]


def test_a_cancelled_one_tells_its_workers_to_stop():
    sweep = stored_sweep()
    crew = MadeUpCrew([DONE] * 6)
    stops = iter([False, False, True])
    assert not Conductor(sweep, crew, bring_home=bring_home([])).conduct(lambda: next(stops))
    assert crew.requests[-1]["stop"] and crew.requests[-1]["checkpoints"]
    assert sorted(one.state for one in json_standings(sweep).values()).count("done") == 2


@pytest.mark.parametrize(
    "said",
    [
        None,
        "text",
        b"",
        packing.join({"trainings": 5}),
        packing.join({"trainings": [{"run": "another-20260101-000000-abcd", "epoch": 1}]}, [b"x"]),
        packing.join({"trainings": [7]}, [b"x"]),
    ],
)
def test_what_workers_say_is_not_believed(said):
    sweep = stored_sweep(seeds=(0,))
    found = Conductor(sweep, MadeUpCrew([DONE, DONE], [said] * 3), bring_home=bring_home([]))
    assert found.conduct(lambda: False)
    assert not (sweep.folder / "checkpoints").exists()


@pytest.mark.parametrize("lie", [{"epoch": -1}, {"epoch": 10**9}, {"accuracy": 7.0}, {"epoch": "3"}, {"run": "../x"}])
def test_figures_that_cannot_be_are_not_believed(lie):
    sweep = stored_sweep(seeds=(0,))
    said = {"run": sweep.plan.tasks[0].run, "epoch": 3, "accuracy": 0.5, "version": 1} | lie
    crew = MadeUpCrew([None, DONE, DONE], [packing.join({"trainings": [said]}, [b"x"])] * 2)
    found = Conductor(sweep, crew, bring_home=bring_home([]))
    assert found.conduct(lambda: False)
    assert {(one.epoch, one.accuracy) for one in found.standings.values()} == {(0, None)}
    assert {checkpoint for *_, checkpoint in crew.orders} == {b""}


def test_a_workers_sentence_is_plain_words():
    sweep = stored_sweep(seeds=(0,))
    failed = packing.join({"state": "failed", "message": "<b>[x](http://y)</b>`$x$`\x1b[31m" + "long " * 200})
    found = Conductor(sweep, MadeUpCrew([failed, DONE]), bring_home=bring_home([]))
    assert found.conduct(lambda: False)
    message = found.standings[sweep.plan.tasks[0].run].message
    assert message.startswith("b x (http://y) /b x 31mlong long") and len(message) <= 300


# What comes home, with a real run


@pytest.fixture
def arrived(trained_run, tmp_path):
    """A sweep of two, and the zip of its first run, which was trained elsewhere."""
    recipe = runs.read_config(trained_run).recipe
    sweep = stored_sweep({}, (recipe.seed, recipe.seed + 1), [recipe])
    task = sweep.plan.tasks[0]
    elsewhere = Run(tmp_path / "elsewhere" / task.run)
    shutil.copytree(trained_run.folder, elsewhere.folder)
    return sweep, task, elsewhere


def zip_of(run: Run) -> bytes:
    return exchange.export_run(run, run.folder.parent).read_bytes()


def test_a_run_comes_home_once_and_is_the_sweeps_owners(arrived):
    sweep, task, elsewhere = arrived
    write_json(sweep.folder / owners.FILE, {"owner": "a" * 32, "shared": True})
    bring_run_home(sweep, task, zip_of(elsewhere))
    assert runs.read_result(runs.find(task.run)).val_accuracy == runs.read_result(elsewhere).val_accuracy
    assert owners.read(runs.find(task.run).folder) == owners.Owner("a" * 32, shared=True)
    bring_run_home(sweep, task, b"whatever comes later")
    assert records.read_standings(sweep)[task.run].state == "done"


def change_config(**changes):
    def change(run: Run) -> None:
        write_json(run.folder / "config.json", as_plain(dataclasses.replace(runs.read_config(run), **changes)))

    return change


def stop_early(run: Run) -> None:
    runs.write_result(run, dataclasses.replace(runs.read_result(run), cancelled=True, epochs=1))


def say_cancelled(run: Run) -> None:
    status.write(run.folder, dataclasses.replace(status.read(run.folder), state="cancelled"))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (change_config(recipe=tiny_recipe("cnn_1", epochs=2, batch_size=32, keep="best")), "its recipe differs"),
        (change_config(data_fingerprint="0" * 16), "other data"),
        (stop_early, "all of its epochs"),
        (say_cancelled, "all of its epochs"),
        (lambda run: None, ""),
    ],
)
def test_only_the_run_that_was_asked_for_comes_home(arrived, change, sentence):
    sweep, task, elsewhere = arrived
    change(elsewhere)
    result = runs.read_result(elsewhere)
    runs.write_result(elsewhere, dataclasses.replace(result, files=runs.describe_files(elsewhere)))
    content = zip_of(elsewhere)
    if not sentence:
        bring_run_home(sweep, task, content)
        return
    with pytest.raises(RunError, match=sentence):
        bring_run_home(sweep, task, content)
    assert not records.is_here(task.run)


def test_neither_another_name_nor_a_damaged_zip_comes_home(arrived):
    sweep, task, elsewhere = arrived
    content = zip_of(elsewhere)
    with pytest.raises(RunError, match="its name or its recipe differs"):
        bring_run_home(sweep, sweep.plan.tasks[1], content)
    found = Conductor(sweep, MadeUpCrew([]))
    found._end(Ended("one", task.run, packing.join({"state": "done", "message": ""}, [content[:-99]])))
    assert (found.standings[task.run].state, found.standings[task.run].deaths) == ("waiting", 1)
    for _ in range(MOST_DEATHS - 1):
        found._end(Ended("one", task.run, packing.join({"state": "done", "message": ""}, [content[:-99]])))
    assert found.standings[task.run].state == "failed" and "was refused. " in found.standings[task.run].message
    assert not records.is_here(task.run)
