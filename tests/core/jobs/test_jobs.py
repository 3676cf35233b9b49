"""Jobs: one at a time and in order, stopped, killed, resumed; what they leave in the run's folder.

Run: python -m pytest tests/core/jobs/test_jobs.py
"""

import dataclasses
import errno
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest

from fmnist_core.inference import robustness_records
from fmnist_core.inference.classifier import open_classifier
from fmnist_core.jobs import claim, kinds, lifecycle, queue, slot, warm, worker
from fmnist_core.jobs import status as status_file
from fmnist_core.jobs.durations import Estimate
from fmnist_core.jobs.lifecycle import Job
from fmnist_core.jobs.status import Status
from fmnist_core.jobs.status import write as write_status
from fmnist_core.label_audit import audit_jobs
from fmnist_core.label_audit.audit_spec import AuditSpec
from fmnist_core.machine import host_name
from fmnist_core.recipe import Optimizer, Stage
from fmnist_core.runs import catalogue, curves, predictions, runs
from fmnist_core.runs.records import BatchLine, EpochLine, Line
from fmnist_core.runs.runs import Run
from fmnist_core.storage import folders
from fmnist_core.storage.folders import RunError
from fmnist_core.training import training_jobs
from fmnist_core.training.training_jobs import job
from tests.odd_files import ODD, at_once, put_in_place_of
from tests.tiny import tiny_recipe

ROOT = folders.PROJECT
PATIENCE = 240.0  # seconds; reached only where something hangs
# A job whose training is to wait for a file: the queue and the slot are real, TensorFlow is not imported.
SHORT_JOB = """
import pathlib, sys, time
from fmnist_core.jobs import kinds, lifecycle, queue, slot, warm, worker
from fmnist_core.storage.folders import runs_folder

def log(sign, folder):
    with (runs_folder() / "order").open("a") as file:
        file.write(f"{sign}{folder.name}\\n")

def work(reporter):
    log("+", reporter.folder)
    while not (reporter.folder / "finish").exists():
        time.sleep(0.02)
    log("-", reporter.folder)
    return worker.Ending()

kinds.JobKind.load_work = lambda kind: work
queue.start_due = lambda: None  # the test starts them
slot.QUEUE_SECONDS = float(sys.argv[3])
worker.work(lifecycle.Job(kinds.KINDS[sys.argv[1]], pathlib.Path(sys.argv[2])))
"""


def wait_for(condition: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"{what} did not come about"
        time.sleep(0.02)


def wait_for_state(run: Run, *states: str) -> Status:
    wait_for(lambda: runs.read_status(run).state in states, f"{run.id} {states}: {runs.read_status(run)}")
    return runs.read_status(run)


@pytest.fixture
def start_short_job():
    """Starts the job of a queued run in a process of its own; ends it with the test."""
    processes = []

    def start(run: Run, pause: float = 0.05) -> None:
        """pause: how often it looks whether its turn has come, in seconds."""
        processes.append(
            subprocess.Popen([sys.executable, "-c", SHORT_JOB, "train", str(run.folder), str(pause)], cwd=ROOT)
        )
        wait_for(lambda: runs.read_status(run).pid, "the job's first word")

    yield start
    for process in processes:
        process.kill()
        process.wait()


def queue_runs(count: int) -> list[Run]:
    return [runs.create(tiny_recipe(seed=number)) for number in range(count)]


def order(runs_folder: Path) -> list[str]:
    path = runs_folder / "order"
    return path.read_text().splitlines() if path.exists() else []


# The queue


def test_one_job_at_a_time_first_come_first_served(start_short_job, runs_folder):
    first, second, third = queue_runs(3)
    start_short_job(first)
    wait_for_state(first, "running")
    start_short_job(third, pause=0.01)  # its process is there sooner and quicker, yet it was queued later
    start_short_job(second, pause=0.5)
    assert [queue.position(job(run)) for run in (first, second, third)] == [0, 0, 1]
    assert [queue.jobs_ahead(job(run)) for run in (second, third)] == [1, 2]
    time.sleep(0.3)
    assert order(runs_folder) == [f"+{first.id}"]
    for run in (first, second, third):
        wait_for_state(run, "running")
        (run.folder / "finish").touch()
        wait_for_state(run, "done")
    assert order(runs_folder) == [f"{sign}{run.id}" for run in (first, second, third) for sign in "+-"]


def test_queued_job_is_cancelled_while_another_works(start_short_job, runs_folder):
    first, second = queue_runs(2)
    start_short_job(first)
    wait_for_state(first, "running")
    start_short_job(second)
    lifecycle.cancel(job(second))
    status = wait_for_state(second, "cancelled")
    assert status.message == "Stopped before it began."
    assert runs.read_status(first).state == "running"
    assert order(runs_folder) == [f"+{first.id}"]


def test_death_of_a_job_frees_the_slot(start_short_job):
    first, second = queue_runs(2)
    start_short_job(first)
    wait_for_state(first, "running")
    start_short_job(second)
    lifecycle.kill(job(first))
    wait_for_state(first, "interrupted")
    wait_for_state(second, "running")


def test_dead_waiting_job_holds_up_nobody(start_short_job):
    first, second = queue_runs(2)
    change_status(first, pid=2**22 + 1, pid_started=0.0, host=host_name())
    start_short_job(second)
    wait_for_state(second, "running")


def test_a_slot_can_have_several_places(start_short_job, runs_folder, monkeypatch):
    monkeypatch.setenv("FMNIST_SLOTS", "map=3,training=2")
    first, second, third = queue_runs(3)
    for run in (first, second, third):
        start_short_job(run)
    for run in (first, second):
        wait_for_state(run, "running")
    assert queue.jobs_ahead(job(third)) == 2 and runs.read_status(third).state == "queued"
    (second.folder / "finish").touch()
    wait_for_state(third, "running")
    assert runs.read_status(first).state == "running"


@pytest.mark.parametrize(
    "text", ["training", "training=0", "training=65", "nothing=1", "training=١", "map=2;training=1"]
)
def test_slots_that_cannot_be_understood_are_refused(monkeypatch, text):
    monkeypatch.setenv("FMNIST_SLOTS", text)
    with pytest.raises(RunError, match="FMNIST_SLOTS cannot be .* Expected parts such as training=1"):
        slot.size("training")


def test_robustness_of_five_runs_is_measured_one_after_the_other(runs_folder, monkeypatch):
    processes = []

    def spawn(asked: lifecycle.Job, queued: Status) -> None:
        write_status(asked.folder, dataclasses.replace(queued, awaits_process=False))
        command = [sys.executable, "-c", SHORT_JOB, asked.kind.name, str(asked.folder), "0.02"]
        processes.append(subprocess.Popen(command, cwd=ROOT))

    monkeypatch.setattr(queue, "_spawn", spawn)
    runs_folder.mkdir()
    asked = [Run(runs_folder / f"cnn_1-20260101-000000-000{number}") for number in range(5)]
    for run in asked:
        robustness_records.submit(run)
        robustness_records.submit(run)  # asked for twice, it is measured once
    try:
        for number, run in enumerate(asked):
            job = robustness_records.job(run)
            wait_for(lambda job=job: lifecycle.read_status(job).state == "running", f"the turn of {job.title}")
            states = [lifecycle.read_status(robustness_records.job(one)).state for one in asked]
            assert states == ["done"] * number + ["running"] + ["queued"] * (4 - number)
            assert len(processes) == number + 1  # who waits has none
            (job.folder / "finish").touch()
            wait_for(lambda job=job: lifecycle.read_status(job).state == "done", f"the end of {job.title}")
            queue.start_due()
        assert [process.wait(PATIENCE) for process in processes] == [0] * 5
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert order(runs_folder) == [f"{sign}robustness-{run.id}" for run in asked for sign in "+-"]


def test_kinds_of_one_slot_wait_for_each_other(start_short_job, runs_folder):
    """An audit's folds are trainings: it comes after the training at work, and before the one that was asked later."""
    first, later = queue_runs(2)
    start_short_job(first)
    wait_for_state(first, "running")
    audit = audit_jobs.job(AuditSpec(pictures=1_000))
    assert lifecycle.enqueue(audit, epochs=1, spec={})
    write_status(later.folder, dataclasses.replace(runs.read_status(later), queued_at=time.time()))
    assert (queue.jobs_ahead(audit), queue.jobs_ahead(job(later))) == (1, 2)
    assert queue.kinds_ahead(job(later)) == [kinds.TRAINING, kinds.AUDIT]


# Waiting without a process


@pytest.fixture
def started(monkeypatch) -> list[str]:
    """The runs whose process was started, by their names; none really is."""
    names: list[str] = []

    def spawn(asked: lifecycle.Job, queued: Status) -> None:
        names.append(asked.folder.name)
        me = psutil.Process()
        mine = {"pid": me.pid, "pid_started": me.create_time(), "host": host_name()}
        running = dataclasses.replace(queued, state="running", awaits_process=False, started_at=time.time(), **mine)
        write_status(asked.folder, running)

    monkeypatch.setattr(queue, "_spawn", spawn)
    return names


def test_who_waits_is_a_line_in_the_queue_and_no_process(started):
    first, second, third = (training_jobs.submit(tiny_recipe(seed=number)) for number in range(3))
    assert started == [first.id]
    change_status(second, queued_at=1.0)  # long ago: nobody takes it for dead
    assert [runs.read_status(run).state for run in (first, second, third)] == ["running", "queued", "queued"]
    queue.start_due()
    assert started == [first.id]
    lifecycle.cancel(job(second))
    assert runs.read_status(second).state == "cancelled" and not lifecycle.is_asked_to_stop(job(second))
    change_status(first, state="done")
    queue.start_due()
    assert started == [first.id, third.id]
    queue.resume(job(second))
    assert runs.read_status(second).state == "queued" and queue.jobs_ahead(job(second)) == 1


def test_another_process_may_start_them(started, monkeypatch):
    monkeypatch.setenv("FMNIST_WORKER", "elsewhere")
    run = training_jobs.submit(tiny_recipe())
    assert started == [] and runs.read_status(run).state == "queued"
    monkeypatch.delenv("FMNIST_WORKER")
    queue.start_due()
    assert started == [run.id]


def test_a_process_that_waits_at_a_terminal_has_its_place_in_the_queue(started, start_short_job):
    """As `train` does it: whose turn is before its own gets a process, whose turn is after does not."""
    first = training_jobs.submit(tiny_recipe())
    terminal = runs.create(tiny_recipe(seed=1))
    start_short_job(terminal)
    last = training_jobs.submit(tiny_recipe(seed=2))
    change_status(first, state="done")
    queue.start_due()
    wait_for_state(terminal, "running")
    queue.start_due()
    assert started == [first.id] and queue.jobs_ahead(job(last)) == 1


def test_how_long_one_waits(started, monkeypatch):
    first = training_jobs.submit(tiny_recipe(), expected=Estimate(100))
    second = training_jobs.submit(tiny_recipe(seed=1), expected=Estimate(50))
    assert queue.seconds_to_wait(job(first)) == 0
    assert queue.seconds_to_wait(job(second)) == pytest.approx(100, abs=2)
    assert queue.seconds_to_wait(None, "training") == pytest.approx(150, abs=2)
    change_status(first, epoch=1, epochs=4, started_at=time.time() - 60)
    assert queue.seconds_to_wait(job(second)) == pytest.approx(
        180 / 4 + 40 * 3 / 4, abs=2
    )  # by what it has done, in part
    change_status(first, epoch=3, first=2)  # taken up again: the two before took none of these 60 seconds
    assert queue.seconds_to_wait(job(second)) == pytest.approx(60 / 2 + 40 / 2, abs=2)
    change_status(first, epoch=4)  # and still it has something to do
    assert queue.seconds_to_wait(job(second)) == pytest.approx(40, abs=2)
    change_status(first, epoch=3, expected=None)
    assert queue.seconds_to_wait(job(second)) == pytest.approx(60, abs=2)
    change_status(first, epoch=0, first=0, expected=100, started_at=time.time() - 1_000)  # longer than expected
    assert queue.seconds_to_wait(job(second)) == queue.SHORTEST_SECONDS
    change_status(second, expected=None)
    assert queue.seconds_to_wait(None, "training") is None
    monkeypatch.setenv("FMNIST_SLOTS", "training=2")
    assert queue.seconds_to_wait(None, "map") == 0


def test_what_is_taken_up_again_is_expected_to_take_what_is_left(started):
    first = training_jobs.submit(tiny_recipe(epochs=4), expected=Estimate(100))
    change_status(first, state="cancelled", epoch=1)
    queue.resume(job(first))
    assert (runs.read_status(first).expected, runs.read_status(first).first) == (75, 1)
    change_status(first, state="cancelled", epoch=2)
    queue.resume(job(first))
    assert (runs.read_status(first).expected, runs.read_status(first).first) == (50, 2)


def test_a_job_that_has_ended_starts_the_next(runs_folder, monkeypatch):
    runs_folder.mkdir()
    asked = [Run(runs_folder / f"cnn_1-20260101-000000-000{number}") for number in range(2)]
    for run in asked:  # there are no such runs, so each ends at once
        robustness_records.submit(run)
    for run in asked:
        found = lambda run=run: lifecycle.read_status(robustness_records.job(run))  # noqa: E731
        wait_for(lambda found=found: found().state == "failed", f"the end of {run.id}")
        assert "There is no run" in found().message


# A real job: a process of its own, killed in mid-epoch, resumed


@pytest.mark.slow  # quick: test_cancelled_training_keeps_what_it_learned; a killed map is seen in test_maps
def test_killed_job_goes_on_after_its_last_epoch():
    run = training_jobs.submit(tiny_recipe(epochs=4, images=12_000, batch_size=8))
    path = run.folder / "metrics.jsonl"
    wait_for(lambda: [line for line in runs.read_metrics(run) if line.epoch == 2], "the second epoch")
    assert runs.read_status(run).state == "running"
    pid = runs.read_status(run).pid
    assert psutil.Process(pid).nice() == max(psutil.Process().nice(), warm.NICENESS)
    assert os.getsid(pid) == pid  # of its own: it outlives the server's terminal
    lifecycle.kill(job(run))
    status_then = wait_for_state(run, "interrupted")
    assert 1 <= status_then.epoch < 4 and status_then.epochs == 4
    before = runs.read_metrics(run)
    unfinished = {"kind": "batch", "epoch": 4, "step": 7, "steps": 1_500, "loss": 77.0, "accuracy": 0.5}
    with path.open("a") as file:  # as if it had died a moment later, in the middle of a line
        file.write(json.dumps(unfinished | {"images_per_second": 9.0, "seconds": 9.0}) + '\n{"kind": "ba')

    queue.resume(job(run))
    assert runs.read_status(run).state == "queued"
    with pytest.raises(RunError, match="only a stopped run can go on"):
        queue.resume(job(run))
    status = wait_for_state(run, "done", "failed")
    assert status.state == "done", (run.folder / "log.txt").read_text()
    lines = runs.read_metrics(run)
    assert len(lines) == len(path.read_text().splitlines())
    assert [line.epoch for line in curves.epochs_of(lines)] == [1, 2, 3, 4]
    kept = [line for line in before if line.epoch <= status_then.epoch]
    assert lines[: len(kept)] == kept
    assert not any(line.loss == 77.0 for line in lines)
    seconds = [line.seconds for line in lines]
    assert seconds == sorted(seconds)
    assert runs.read_result(run).epochs == 4
    assert sorted(path.stem for path in (run.folder / "replay").iterdir()) == ["001", "002", "003", "004"]


# In this process: what a job does with its run


@pytest.fixture
def _no_export(monkeypatch):
    """Ends a training where it would export and classify: half of the time, and tested elsewhere."""
    from fmnist_core.training import train

    monkeypatch.setattr(train, "finish", lambda run, model, chosen, indices, training, *rest: training)


@pytest.fixture
def _line_a_look(monkeypatch):
    """A line of metrics at each of Keras' calls, and each time a look for `cancel`."""
    from fmnist_core.training import observer

    monkeypatch.setattr(observer, "CANCEL_SECONDS", -1.0)
    monkeypatch.setattr(observer, "BATCH_LINE_SECONDS", 0.0)
    monkeypatch.setattr(observer, "LINES_A_DOUBLING", 1e9)


def cancel_in(run: Run, epoch: int, kind: type[Line] = BatchLine) -> Callable[[Line], object]:
    return lambda line: lifecycle.cancel(job(run)) if (line.epoch, type(line)) == (epoch, kind) else None


@pytest.mark.long
@pytest.mark.usefixtures("_line_a_look")
def test_cancelled_training_keeps_what_it_learned():
    run = runs.create(tiny_recipe(epochs=3, batch_size=8))
    status = training_jobs.run_job(run, cancel_in(run, 2))
    assert (status.state, status.epoch) == ("cancelled", 1)
    assert status.message == "Stopped in epoch 2; what it had learned is kept."
    lines = runs.read_metrics(run)
    assert [line.epoch for line in curves.epochs_of(lines)] == [1]
    assert lines[-1].epoch == 2 and isinstance(lines[-1], BatchLine)
    result = runs.read_result(run)
    assert (result.cancelled, result.epochs, result.kept_epoch) == (True, 1, 1)
    stored = predictions.load(run, "test")
    logits = open_classifier(run).logits(stored.images_at(slice(100)))
    np.testing.assert_allclose(stored.logits[:100], logits, rtol=2e-3, atol=2e-3)
    assert not np.allclose(weights_of_checkpoint(run)[0], weights_of_model(run)[0])  # half an epoch more

    lifecycle.requeue(job(run))
    assert not (run.folder / "cancel").exists()
    status = training_jobs.run_job(run)
    assert (status.state, status.epoch) == ("done", 3)
    assert [line.epoch for line in curves.epochs_of(runs.read_metrics(run))] == [1, 2, 3]
    assert not runs.read_result(run).cancelled
    assert not (run.folder / "checkpoint.npz").exists()


def test_stopped_before_it_trained_a_training_ends_at_once(monkeypatch):
    from fmnist_core.training import train

    run, real = runs.create(tiny_recipe()), train.compile_model
    monkeypatch.setattr(train, "compile_model", lambda *given: (real(*given), lifecycle.cancel(job(run))))
    monkeypatch.setattr(train, "finish", lambda *given: pytest.fail("nothing is there to be exported"))
    status = training_jobs.run_job(run)
    assert (status.state, runs.read_metrics(run)) == ("cancelled", [])
    assert status.message == "Stopped before it trained. Resume begins where it would have begun."


def test_the_output_of_frozen_layers_is_computed_until_a_stop(monkeypatch):
    import keras

    from fmnist_core.training import trunk

    told = []

    def stop_at_the_third(words):
        told.append(words)
        if len(told) == 3:
            raise worker.Stopped

    network = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten()])
    with pytest.raises(worker.Stopped):
        trunk._features(network, np.zeros((1_000, 28, 28), np.uint8), stop_at_the_third)
    assert told[2] == "computing the output of the frozen layers for picture 101 of 1,000"


def test_whoever_waits_for_a_stop_is_told_what_for(monkeypatch):
    """Export and classifying of a large network take minutes beside other work, and no stop ends them."""
    from fmnist_core.training import finish

    run, words = runs.create(tiny_recipe(stages=(Stage(1), Stage(1)))), []
    real = worker.Reporter.update

    def update(reporter, **changes):
        found = real(reporter, **changes)
        if "phase" in changes:
            words.append(lifecycle.doing(job(run), runs.read_status(run)))
        if changes.get("phase") == "exporting the model":
            lifecycle.cancel(job(run))
        return found

    monkeypatch.setattr(worker.Reporter, "update", update)
    monkeypatch.setattr(finish, "AT_ONCE", 5_000)
    assert training_jobs.run_job(run).state == "done"
    shown = list(dict.fromkeys(words))
    assert shown[:4] == ["Preparing", "Loading TensorFlow", "Building the network", "Compiling the network"]
    assert "Compiling the network" in words[words.index("Measuring epoch 1") :]  # a stage has a step of its own
    stopping = [word.removeprefix("Stopping. Still to be finished: ") for word in shown if word.startswith("Stopping")]
    assert stopping == [
        "checking the exported model.",
        "classifying the test pictures, 0 of 10,000 done.",
        "classifying the test pictures, 5,000 of 10,000 done.",
        "classifying the validation pictures, 0 of 500 done.",
        "classifying the training pictures, 0 of 600 done.",
        "writing the result.",
    ]


def weights_of_checkpoint(run: Run) -> list[np.ndarray]:
    with np.load(run.folder / "checkpoint.npz") as arrays:
        return [arrays[name] for name in sorted(arrays.files) if name.startswith("v")]


def weights_of_model(run: Run) -> list[np.ndarray]:
    import keras

    return keras.models.load_model(run.folder / "model.keras").get_weights()


@pytest.mark.usefixtures("_line_a_look")
def test_cancelled_in_its_first_epoch():
    run = runs.create(tiny_recipe(epochs=2, batch_size=8, keep="best"))
    status = training_jobs.run_job(run, cancel_in(run, 1))
    assert (status.state, status.message) == ("cancelled", "Stopped in epoch 1; what it had learned is kept.")
    assert runs.read_result(run).epochs == 0
    assert catalogue.describe(run).usable


@pytest.mark.usefixtures("_line_a_look", "_no_export")
def test_cancelled_when_nothing_was_left_is_done():
    run = runs.create(tiny_recipe(epochs=2))
    status = training_jobs.run_job(run, cancel_in(run, 2, EpochLine))
    assert (status.state, status.epoch) == ("done", 2)


@pytest.mark.usefixtures("_line_a_look", "_no_export")
def test_cancelled_at_its_last_batch_is_done():
    run = runs.create(tiny_recipe(epochs=2, batch_size=100))  # a call a batch: six lines an epoch

    def last(line):
        if (line.epoch, line.step, type(line)) == (2, 5, BatchLine):
            lifecycle.cancel(job(run))

    status = training_jobs.run_job(run, last)
    assert (status.state, status.epoch) == ("done", 2)


@pytest.mark.usefixtures("_no_export")
def test_interrupt_from_the_keyboard_is_a_stop():
    def interrupt(line):
        raise KeyboardInterrupt

    run = runs.create(tiny_recipe(epochs=2))
    with pytest.raises(KeyboardInterrupt, match="Stopped. Resume goes on"):
        training_jobs.run_job(run, interrupt)
    status = runs.read_status(run)
    assert (status.state, status.message) == (
        "cancelled",
        "Stopped. Resume goes on with what is finished.",
    )
    lifecycle.requeue(job(run))
    assert training_jobs.run_job(run).state == "done"


@pytest.mark.long
def test_diverged_training_is_explained_and_leaves_no_checkpoint(monkeypatch):
    from fmnist_core.training import observer

    monkeypatch.setattr(observer, "BATCH_LINE_SECONDS", 1e9)  # only the first batch and the epoch's end are looked at
    wild = tiny_recipe("cnn_4conv", batch_size=16, optimizer=Optimizer("sgd", learning_rate=10.0, momentum=0.9))
    run = runs.create(wild)
    status = training_jobs.run_job(run)
    assert status.state == "failed"
    assert status.message == (
        "The loss is no longer a number in epoch 1: the training has diverged. Try a learning rate ten times smaller."
    )
    assert runs.read_status(run).message == status.message
    assert not (run.folder / "checkpoint.npz").exists()
    assert curves.epochs_of(runs.read_metrics(run)) == []
    assert "TrainingDiverged" in (run.folder / "log.txt").read_text()
    assert not catalogue.describe(run).usable
    lifecycle.requeue(job(run))
    assert runs.read_status(run).state == "queued"


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "A file could not be written: No space left on device."),
        (MemoryError(), "The machine's memory ran out. Choose a smaller batch"),
        (
            PermissionError(errno.EACCES, "Permission denied", "/home/somebody/runs/x.npz"),
            "A file could not be read or written: Permission denied. The log.txt in its folder says more",
        ),
        (OSError("name = '/home/somebody/model.h5'"), "A file could not be read or written: OSError. The log.txt"),
        (RunError("The run is damaged."), "The run is damaged."),
        (KeyError("x"), "The job failed (KeyError). The log.txt in its folder says more; to try again, resume."),
    ],
)
def test_failed_job_says_why(monkeypatch, error, message):
    def fail(reporter):
        raise error

    monkeypatch.setattr(training_jobs, "work", fail)
    run = runs.create(tiny_recipe())
    status = training_jobs.run_job(run)
    assert status.state == "failed" and status.message.startswith(message)
    assert status == runs.read_status(run)
    assert type(error).__name__ in (run.folder / "log.txt").read_text()


@pytest.mark.usefixtures("_no_export")
def test_full_disk_ends_a_training_with_a_sentence(monkeypatch):
    from fmnist_core.training import checkpoint

    def fail(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    run = runs.create(tiny_recipe())
    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "save", fail)
        message = training_jobs.run_job(run).message
    assert message == "A file could not be written: No space left on device. Free some space, then resume."
    lifecycle.requeue(job(run))
    assert training_jobs.run_job(run).state == "done"
    assert [line.epoch for line in curves.epochs_of(runs.read_metrics(run))] == [1, 2]


def test_what_a_killed_job_was_writing_is_removed_when_it_goes_on():
    run = runs.create(tiny_recipe())
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    (run.folder / "replay").mkdir()
    left = [run.folder / f".{dead.pid}-0123abcd.checkpoint.npz", run.folder / "replay" / f".{dead.pid}-0123abcd.1.npz"]
    others = [run.folder / f".{os.getppid()}-0123abcd.status.json", run.folder / ".hidden"]
    for path in (*left, *others):
        path.touch()
    lifecycle.cancel(job(run))
    assert training_jobs.run_job(run).message == "Stopped before it began."
    assert not any(path.exists() for path in left) and all(path.exists() for path in others)


def test_heartbeat_goes_on_while_a_job_works(monkeypatch):
    monkeypatch.setattr(worker, "HEARTBEAT_SECONDS", 0.02)
    run = runs.create(tiny_recipe())
    reporter = worker.Reporter(job(run))
    mine = runs.read_status(run)
    assert (mine.pid, mine.host) == (os.getpid(), host_name())
    wait_for(lambda: runs.read_status(run).heartbeat > mine.heartbeat, "another heartbeat")
    status = reporter.close(state="failed", message="Enough.")
    assert runs.read_status(run) == status


def test_heartbeat_survives_a_full_disk(monkeypatch):
    run = runs.create(tiny_recipe())
    reporter = worker.Reporter(job(run))

    def fail(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(status_file, "write", fail)
        reporter.update(epoch=1)
    assert reporter.close(state="done").epoch == runs.read_status(run).epoch == 1


# What is refused


@pytest.mark.parametrize("kind", [kind for kind in ODD if kind != "huge"])
@pytest.mark.parametrize("name", ["log.txt", "claim"])
def test_no_job_waits_for_what_is_no_file(run, monkeypatch, name, kind):
    change_status(run, state="cancelled")
    put_in_place_of(run.folder / name, kind)
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("started"))
    with at_once():
        if name == "log.txt":
            with pytest.raises(RunError, match="cannot be started"):
                queue.resume(job(run))
        else:
            lifecycle.requeue(job(run))
            with pytest.raises(RunError, match="cannot be written"):
                training_jobs.run_job(run)
            change_status(run, state="running", pid=None, queued_at=0.0)
            assert lifecycle.read(job(run)).state == "interrupted"  # as pages see it, and the job behind it


def test_nobody_waits_for_a_pipe_where_those_who_ask_stand_in_line(run, runs_folder):
    change_status(run, state="cancelled")
    put_in_place_of(runs_folder / claim.ASKED, "pipe")
    with at_once(), pytest.raises(RunError, match="cannot be written"):
        lifecycle.requeue(job(run))


def change_status(run: Run, **changes) -> None:
    write_status(run.folder, dataclasses.replace(runs.read_status(run), **changes))


@pytest.mark.parametrize("state", ["done", "running"])
def test_only_a_stopped_run_goes_on(run, state):
    me = psutil.Process()
    change_status(run, state=state, pid=me.pid, pid_started=me.create_time(), host=host_name())
    for go_on in (lifecycle.requeue, queue.resume):
        with pytest.raises(RunError, match=f"is {state}; only a stopped run can go on"):
            go_on(job(run))
    with pytest.raises(RunError, match=f"is {state}, and nothing is to be done"):
        training_jobs.run_job(run)
    assert runs.read_status(run).state == state


def test_queued_run_is_begun_once():
    run = runs.create(tiny_recipe())
    me = psutil.Process()
    change_status(run, pid=me.pid, pid_started=me.create_time(), host=host_name())
    with pytest.raises(RunError, match="is queued, and nothing is to be done"):
        training_jobs.run_job(run)


def claims(folder: Path) -> "subprocess.Popen[str]":
    """A process that holds the claim on a job until it is killed."""
    code = (
        "import sys, time; from pathlib import Path; from fmnist_core.jobs import claim\n"
        "with claim.claimed(Path(sys.argv[1])) as mine: print(mine, flush=True); time.sleep(240)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "True\n"
    return process


def test_of_two_processes_one_works(runs_folder):
    run = runs.create(tiny_recipe())
    other = claims(run.folder)
    try:
        with pytest.raises(RunError, match="Another process works on the run .*, and nothing is to be done"):
            training_jobs.run_job(run)
    finally:
        other.kill()
        other.communicate()
    with claim.claimed(run.folder) as mine:
        assert mine  # its death frees it


@pytest.mark.parametrize("how", ["enqueue", "requeue"])
def test_of_two_who_ask_at_once_one_starts_it(runs_folder, monkeypatch, how):
    """Two visitors: each finds no such map, or a stopped one, before the other has written that it is queued."""
    asked, real = Job(kinds.MAP, runs_folder / "maps" / "jobs" / "map"), lifecycle._queue
    if how == "requeue":
        lifecycle.enqueue(asked, epochs=1)
        change_status(Run(asked.folder), state="cancelled")
    monkeypatch.setattr(lifecycle, "_queue", lambda *given: (time.sleep(0.1), real(*given)))
    begin, told = threading.Barrier(2), []

    def ask() -> None:
        begin.wait()
        try:
            told.append(lifecycle.enqueue(asked, epochs=1) if how == "enqueue" else lifecycle.requeue(asked) is None)
        except RunError as error:
            told.append("is queued; only a stopped map can go on" not in str(error))

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [False, True]


def test_a_job_at_work_is_no_dead_one_whatever_the_clock_says(run):
    """A clock that is set by more than two seconds changes when the system says that a process has started."""
    other = claims(run.folder)
    shifted = {"pid": other.pid, "pid_started": psutil.Process(other.pid).create_time() - 10, "host": host_name()}
    try:
        write_status(run.folder, Status("running", "", epochs=2, **shifted))
        assert lifecycle.read(job(run)).state == "running"
        with pytest.raises(RunError, match="is running; only a stopped run can go on"):
            lifecycle.requeue(job(run))
    finally:
        other.kill()
        other.communicate()
    assert lifecycle.read(job(run)).state == "interrupted"


def test_killed_before_it_is_done_a_training_still_has_its_checkpoint(monkeypatch):
    def die(reporter, **changes):
        assert changes["state"] == "done" and (reporter.folder / "checkpoint.npz").exists()
        raise SystemExit

    run = runs.create(tiny_recipe())
    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(worker.Reporter, "close", die)
        training_jobs.run_job(run)


def test_shipped_run_is_left_alone(run):
    shipped = Run(run.folder, shipped=True)
    before = {path: path.read_bytes() for path in run.folder.rglob("*") if path.is_file()}
    for action in (lifecycle.cancel, lifecycle.kill, lifecycle.requeue, queue.resume, worker.work):
        with pytest.raises(RunError, match="comes with the app"):
            action(job(shipped))
    assert {path: path.read_bytes() for path in run.folder.rglob("*") if path.is_file()} == before


def test_only_a_job_of_this_machine_is_killed(run):
    with pytest.raises(RunError, match="no job on this machine"):
        lifecycle.kill(job(run))
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    started = psutil.Process(other.pid).create_time()
    change_status(run, state="running", pid=other.pid, pid_started=started, host="elsewhere", heartbeat=time.time())
    with pytest.raises(RunError, match="no job on this machine"):
        lifecycle.kill(job(run))
    other.communicate(b"\n")
    assert other.returncode == 0


@pytest.mark.parametrize("action", [lifecycle.cancel, lifecycle.requeue, queue.resume])
def test_folder_that_cannot_be_written_is_explained(run, action, monkeypatch):
    change_status(run, state="cancelled")

    def fail(*arguments, **options):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "touch", fail)
    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(RunError, match=f"{run.id} cannot be written: Read-only file system"):
        action(job(run))


@pytest.mark.parametrize("start", ["submit", "resume"])
def test_process_that_cannot_start_is_explained(run, start, monkeypatch):
    def fail(*arguments, **options):
        raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", fail)
    change_status(run, state="cancelled")
    with pytest.raises(RunError, match=r"cannot be started: Resource temporarily unavailable. To try again, resume\."):
        training_jobs.submit(tiny_recipe()) if start == "submit" else queue.resume(job(run))
    newest = runs.list_runs()[0]
    status = runs.read_status(newest)
    assert status.state == "failed" and "cannot be started" in status.message
    assert not runs.list_runs()[0].shipped


def test_a_job_has_a_session_of_its_own_and_leaves_no_zombie(monkeypatch):
    started, sessions = [], []
    real = subprocess.Popen
    monkeypatch.setattr(warm.sys, "executable", shutil.which("true"))

    def start(*command, **options):
        sessions.append(options["start_new_session"])  # or it would end with the server
        started.append(real(*command, **options))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", start)
    training_jobs.submit(tiny_recipe())
    assert sessions == [True]
    wait_for(lambda: not psutil.pid_exists(started[0].pid), "the end of the process")
    wait_for(lambda: started[0].returncode == 0, "the process' return code")


def test_bad_recipe_starts_nothing(runs_folder):
    with pytest.raises(ValueError, match="has no epochs, so it cannot be trained"):
        training_jobs.submit(tiny_recipe(stages=()))
    assert not runs_folder.exists()


def test_the_work_of_every_kind_is_a_function_that_there_is():
    for kind in kinds.KINDS.values():
        assert kind.load_work().__name__ == "work" and kind.load_work().__module__ == kind.work.partition(":")[0]
