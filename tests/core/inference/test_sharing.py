"""Work that is shared out is done once, in order, by several threads at once; errors reach the caller.

Run: python -m pytest tests/core/inference/test_sharing.py
"""

import threading

import pytest

from fmnist_core.inference import sharing


@pytest.fixture(autouse=True)
def two_cores(monkeypatch):
    monkeypatch.setattr(sharing, "cores", lambda: 2)
    sharing._helpers.cache_clear()
    yield
    sharing._helpers().shutdown()
    sharing._helpers.cache_clear()


def test_each_part_is_worked_on_once_and_in_order():
    seen = []
    assert sharing.share_out(lambda part: seen.append(part) or part * part, range(50)) == [n * n for n in range(50)]
    assert sorted(seen) == list(range(50))
    assert sharing.share_out(str, []) == []


def test_two_threads_work_at_the_same_time():
    both = threading.Barrier(2, timeout=10)
    threads = sharing.share_out(lambda part: both.wait() >= 0 and threading.current_thread().name, [1, 2])
    assert len(set(threads)) == 2


def test_nobody_waits_for_a_helper_that_is_busy():
    started, go_on = threading.Event(), threading.Event()
    sharing._helpers().submit(lambda: started.set() or go_on.wait(10))
    assert started.wait(10)
    me = threading.current_thread().name
    assert sharing.share_out(lambda part: threading.current_thread().name, [1, 2, 3]) == [me] * 3
    go_on.set()


@pytest.mark.parametrize("wrong", [0, 19])
def test_an_error_of_any_part_reaches_the_caller(wrong):
    def work(part: int) -> int:
        if part == wrong:
            raise ValueError(f"part {part}")
        return part

    with pytest.raises(ValueError, match=f"part {wrong}"):
        sharing.share_out(work, range(20))


def test_one_core_works_alone(monkeypatch):
    monkeypatch.setattr(sharing, "cores", lambda: 1)
    me = threading.current_thread().name
    assert sharing.share_out(lambda part: threading.current_thread().name, [1, 2]) == [me, me]
