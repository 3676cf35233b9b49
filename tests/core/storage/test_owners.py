"""Whose a stored thing is: other visitors neither see it nor change it, unless it is shared; the machine owns all.

Run: python -m pytest tests/core/storage/test_owners.py
"""

import io
import json

import numpy as np
import pytest

from fmnist_core.analysis.label_set import Decision
from fmnist_core.jobs import lifecycle, status
from fmnist_core.jobs.status import Status
from fmnist_core.label_audit import audit_decisions
from fmnist_core.maps import own_vectors
from fmnist_core.runs import exchange, labels, runs
from fmnist_core.runs.labels import Label
from fmnist_core.storage import owners
from fmnist_core.storage.folders import RunError
from fmnist_core.storage.owners import MACHINE, Owner, Visitor
from fmnist_core.training import training_jobs
from tests.tiny import tiny_recipe

ADA, BOB = owners.visitor_of("ada"), owners.visitor_of("bob")


@pytest.fixture(autouse=True)
def asking(monkeypatch):
    """asking(VISITOR): on whose behalf all that follows happens."""
    monkeypatch.setenv("FMNIST_DEMO", "1")
    monkeypatch.setattr(owners, "_ask", owners._ask)
    yield owners_are
    owners_are(MACHINE)


def owners_are(visitor: Visitor) -> None:
    owners.ask_by(lambda: visitor)


def test_a_secret_says_who_one_is_and_is_stored_nowhere():
    assert ADA == owners.visitor_of("ada") != BOB and "ada" not in str(ADA.id) and not ADA.owns_all


def test_a_run_of_another_visitor_is_not_there(asking):
    asking(ADA)
    mine = runs.create(tiny_recipe("simple_nn"))
    assert mine in runs.list_runs() and runs.find(mine.id) == mine
    asking(BOB)
    assert mine not in runs.list_runs()
    with pytest.raises(RunError, match="There is no run"):
        runs.find(mine.id)
    asking(MACHINE)
    assert mine in runs.list_runs() and runs.find(mine.id) == mine


def test_what_is_shared_is_looked_at_by_all_and_changed_by_its_owner(asking):
    asking(ADA)
    mine = runs.create(tiny_recipe("simple_nn"))
    owners.share(mine.folder, "run", True)
    job = training_jobs.job(mine)
    asking(BOB)
    assert runs.find(mine.id) == mine
    attempts = (
        lambda: runs.delete(mine),
        lambda: labels.write(mine, Label("Bob's")),
        lambda: lifecycle.cancel(job),
        lambda: lifecycle.kill(job),
        lambda: lifecycle.requeue(job),
        lambda: owners.share(mine.folder, "run", False),
    )
    for attempt in attempts:
        with pytest.raises(RunError, match="belongs to another visitor"):
            attempt()
    assert not lifecycle.is_asked_to_stop(job)
    asking(ADA)
    labels.write(mine, Label("Ada's"))
    lifecycle.cancel(job)
    status.write(mine.folder, Status("cancelled"))
    runs.delete(mine)
    assert not mine.folder.exists()


def test_what_the_machine_made_is_seen_by_all_and_changed_by_nobody_else(asking):
    asking(MACHINE)
    run = runs.create(tiny_recipe("simple_nn"))
    assert not (run.folder / owners.FILE).exists()
    asking(BOB)
    assert runs.find(run.id) == run
    with pytest.raises(RunError, match="belongs to another visitor"):
        runs.delete(run)
    asking(MACHINE)
    with pytest.raises(RunError, match="belongs to the machine"):
        owners.share(run.folder, "run", False)


@pytest.mark.parametrize("content", ["", "[]", '{"owner": ""}', '{"owner": 7}', '{"owner": "../x", "shared": true}'])
def test_a_damaged_owner_hides_the_run_from_all_but_the_machine(asking, content):
    asking(ADA)
    run = runs.create(tiny_recipe("simple_nn"))
    (run.folder / owners.FILE).write_text(content)
    assert run not in runs.list_runs() and not owners.is_own(owners.read(run.folder))
    asking(MACHINE)
    assert run in runs.list_runs()


def test_own_things_are_shared_at_first_but_in_a_demo(asking, monkeypatch, tmp_path):
    asking(ADA)
    owners.mark(tmp_path)
    assert owners.read(tmp_path) == Owner(str(ADA.id), shared=False)
    monkeypatch.setenv("FMNIST_DEMO", "0")
    owners.mark(tmp_path)
    assert owners.read(tmp_path) == Owner(str(ADA.id), shared=True)


def test_decisions_are_each_visitors_own(asking):
    asking(ADA)
    audit_decisions.decide("test/1", Decision("keep"))
    asking(BOB)
    assert audit_decisions.load() == {}
    audit_decisions.decide("test/2", Decision("ambiguous"))
    asking(MACHINE)
    assert audit_decisions.load() == {}
    asking(ADA)
    assert set(audit_decisions.load()) == {"test/1"}


def test_own_vectors_are_found_by_their_owner_alone_and_push_out_no_others(asking, monkeypatch):
    monkeypatch.setattr(own_vectors, "MOST_KEPT", 1)

    def keep(seed: int) -> str:
        file = io.BytesIO()
        np.savez(file, vectors=np.random.default_rng(seed).normal(size=(12, 5)), pictures=np.arange(12))
        return own_vectors.keep(own_vectors.read(file.getvalue(), "a.npz"))

    asking(ADA)
    mine = keep(0)
    asking(BOB)
    his, other = keep(0), keep(1)
    assert len({mine, his, other}) == 3  # the same vectors under another name: nobody can guess whose are here
    with pytest.raises(RunError, match="are not here"):
        own_vectors.load(mine)
    with pytest.raises(RunError, match="are not here"):
        own_vectors.positions_of(mine)
    with pytest.raises(RunError, match="the newest 20 are kept"):
        own_vectors.load(his)
    asking(ADA)
    assert len(own_vectors.load(mine)[1]) == 12


def test_a_run_that_another_visitor_has_is_imported_beside_it(asking, run, tmp_path):
    path = exchange.export_run(run, tmp_path)
    (run.folder / owners.FILE).write_text(json.dumps({"owner": ADA.id}))
    asking(BOB)
    made = exchange.import_run(path)
    assert made.id != run.id and made.id.startswith(run.id.rpartition("-")[0])
    assert owners.read(made.folder) == Owner(str(BOB.id)) and runs.read_result(made) == runs.read_result(run)
    asking(ADA)
    with pytest.raises(RunError, match="is here already"):
        exchange.import_run(path)
