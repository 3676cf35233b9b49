"""Folders that cannot be written: whatever would be stored or removed says why not, and names FMNIST_RUNS.

Run: python -m pytest tests/core/storage/test_unwritable.py
"""

import dataclasses
import errno
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from fmnist_core import data
from fmnist_core.analysis.few_shot import Head
from fmnist_core.analysis.label_set import Decision, LabelSet
from fmnist_core.cli.command_line import main
from fmnist_core.inference import robustness_records, taught_runs
from fmnist_core.jobs import lifecycle, queue
from fmnist_core.label_audit import audit_decisions, audit_jobs, label_sets
from fmnist_core.label_audit.audit_spec import AuditSpec
from fmnist_core.maps import map_jobs, own_vectors
from fmnist_core.maps.map_spec import MapSpec
from fmnist_core.runs import exchange, labels, runs
from fmnist_core.runs.labels import Label
from fmnist_core.speed import measurement
from fmnist_core.storage import owners
from fmnist_core.storage.folders import RunError
from fmnist_core.training import training_jobs
from tests.tiny import tiny_recipe

ADA = owners.visitor_of("ada")
VECTORS = own_vectors.OwnVectors(np.arange(20), np.eye(20, 4, dtype=np.float32))
HEAD = Head(("Hat",), np.zeros((8, 1), np.float32), np.zeros(1, np.float32))
WRITES = {
    "train": lambda run, zipped: training_jobs.submit(tiny_recipe()),
    "resume": lambda run, zipped: queue.resume(training_jobs.job(run)),
    "stop": lambda run, zipped: lifecycle.cancel(training_jobs.job(run)),
    "name": lambda run, zipped: labels.write(run, Label("Mine", "A note")),
    "delete": lambda run, zipped: runs.delete(run),
    "share": lambda run, zipped: owners.share(run.folder, "run", False),
    "import": lambda run, zipped: exchange.import_run(zipped),
    "teach": lambda run, zipped: taught_runs.save(run, HEAD, [5]),
    "map": lambda run, zipped: map_jobs.submit(MapSpec("pca", "pixels")),
    "vectors": lambda run, zipped: own_vectors.keep(VECTORS),
    "audit": lambda run, zipped: audit_jobs.submit(AuditSpec()),
    "decide": lambda run, zipped: audit_decisions.decide("train/0", Decision("keep")),
    "label set": lambda run, zipped: label_sets.keep(LabelSet("Anna", {"train/0": Decision("keep")})),
    "robustness": lambda run, zipped: robustness_records.submit(run),
    "speed": lambda run, zipped: measurement.begin(),
}


@pytest.fixture
def read_only(monkeypatch):
    """read_only(): from now on nothing can be written, as in a container whose file system is read-only."""

    def refuse(*arguments, **options):
        if not options.get("ignore_errors"):
            raise OSError(errno.EROFS, "Read-only file system", "/somewhere/secret")

    def open_to_read(path, flags, *arguments, **options):
        return refuse() if flags & (os.O_WRONLY | os.O_CREAT) else opened(path, flags, *arguments, **options)

    opened = os.open

    def begin() -> None:
        monkeypatch.setattr(os, "open", open_to_read)
        monkeypatch.setattr(os, "replace", refuse)
        monkeypatch.setattr(shutil, "rmtree", refuse)
        for name in ("mkdir", "write_text", "write_bytes", "touch", "rename", "unlink"):
            monkeypatch.setattr(Path, name, refuse)

    return begin


@pytest.mark.parametrize("what", WRITES)
def test_what_cannot_be_stored_says_why_and_what_to_do(what, run, tmp_path, read_only, monkeypatch):
    monkeypatch.setenv("FMNIST_MEASURE", "yes")
    zipped = exchange.export_run(run, tmp_path)
    if what == "import":
        runs.delete(run)
    if what in ("resume", "stop"):
        state = {"resume": "cancelled", "stop": "queued"}[what]
        lifecycle.status.write(run.folder, dataclasses.replace(runs.read_status(run), state=state))
    with owners.acting(ADA):
        owners.mark(run.folder) if run.folder.exists() else None
        data.load_split("train")
        read_only()
        with pytest.raises(RunError, match=r": Read-only file system\. .* set FMNIST_RUNS to another one") as caught:
            WRITES[what](run, zipped)
    assert "/" not in str(caught.value)  # no path: a page may be read elsewhere than on this machine


def test_commands_say_it_too_before_they_work_in_vain(run, capsys, read_only, monkeypatch):
    monkeypatch.setattr(robustness_records, "compute", lambda *_: pytest.fail("It was computed in vain."))
    read_only()
    for command in (["worker"], ["robustness", run.id]):
        assert main(command) == 1
        said = capsys.readouterr().err
        assert "error: " in said and "Read-only file system" in said and "FMNIST_RUNS" in said
