"""What jobs took here, and what is foretold from it.

Run: python -m pytest tests/core/jobs/test_durations.py
"""

import time

import pytest

from fmnist_core.jobs import durations, queue, worker
from fmnist_core.jobs.durations import Estimate, Took
from fmnist_core.jobs.kinds import JobKind
from fmnist_core.jobs.worker import Ending
from fmnist_core.runs import runs
from fmnist_core.training.training_jobs import job
from tests.tiny import tiny_recipe


def test_what_was_never_done_here_takes_what_is_usual():
    assert durations.estimate("map tsne", 40, "elsewhere") == Estimate(40, "elsewhere", "map tsne", 40)


def test_what_was_done_here_sets_it_right():
    for seconds in (30, 20, 600):  # of which the last had something in its way
        durations.keep(Took("map tsne", 10, seconds))
    found = durations.estimate("map tsne", 10, "elsewhere")
    assert found.seconds == pytest.approx(30) and found.basis == "measured on this machine: the same kind"
    assert durations.estimate("map tsne", 100, "").seconds == pytest.approx(100 * 3**0.5)  # ten times as large
    akin = durations.estimate("map umap", 10, "")
    assert akin.seconds == pytest.approx(30) and akin.basis == "measured on this machine: another map"
    assert durations.estimate("robustness", 10, "elsewhere").basis == "elsewhere"


def test_the_nearest_in_size_say_how_long():
    for _ in range(durations.NEAREST):
        durations.keep(Took("audit", 1, 5))
        durations.keep(Took("audit", 500, 1_000))
    assert durations.estimate("audit", 500, "").seconds == pytest.approx(1_000)
    assert durations.estimate("audit", 1, "").seconds == pytest.approx(5)


def test_one_that_met_a_swamped_machine_is_not_believed_alone():
    foretold = lambda: durations.estimate("map pca", 10, "").seconds  # noqa: E731
    for expected in (30, 90, 120):
        durations.keep(Took("map pca", 10, 120))
        assert foretold() == pytest.approx(expected)
    durations.keep(Took("audit", 100, 1))
    assert durations.estimate("audit", 100, "").seconds == pytest.approx(100 / 3)


@pytest.mark.parametrize("text", ["", "{", '{"took": [{"like": "map", "usual": 0, "seconds": 1}]}', '{"took": [[1]]}'])
def test_a_damaged_file_is_as_none_and_replaced(text):
    durations.keep(Took("map", 1, 2))
    durations._file().write_text(text)
    assert durations.read() == ()
    durations.keep(Took("map", 1, 3))
    assert durations.read() == (Took("map", 1, 3),)


def test_only_the_newest_are_kept():
    for number in range(3):
        durations.keep(Took("map", 1, number))  # the first took no time, and is not kept
    assert [one.seconds for one in durations.read()] == [1, 2]
    durations._file().write_text("{}")
    many = tuple(Took("map", 1, 1 + number) for number in range(durations.KEPT + 2))
    for one in many:
        durations.keep(one)
    assert durations.read() == many[2:]


@pytest.mark.parametrize(("first", "state", "kept"), [(0, "done", 1), (1, "done", 0), (0, "cancelled", 0)])
def test_a_job_that_was_done_whole_is_kept(monkeypatch, first, state, kept):
    def work(reporter) -> Ending:
        reporter.update(first=first)
        time.sleep(0.05)
        return Ending(state)

    monkeypatch.setattr(JobKind, "load_work", lambda kind: work)
    run = runs.create(tiny_recipe())
    queue.expect(job(run), Estimate(9, "", "train", 8))
    worker.work(job(run))
    assert [(one.like, one.usual) for one in durations.read()] == [("train", 8)] * kept
    assert all(0.05 <= one.seconds < 5 for one in durations.read())
