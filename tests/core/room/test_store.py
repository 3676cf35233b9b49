"""The file of rooms: shared by threads and processes, and never a reason to crash.

Run: python -m pytest tests/core/room/test_store.py
"""

import errno
import multiprocessing
import os
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from fmnist_core.room import rates, rooms, store
from fmnist_core.storage.folders import RunError
from tests.core.room.conftest import ADA, BEN, TEACHER, hash_of

PUPILS, STEPS = 30, 5
PATIENCE = 40.0  # seconds: on a busy machine a process starts slowly


def test_a_restart_keeps_the_room(room):
    rooms.answer(room.code, ADA, 0, "coat")
    store.close()
    assert rooms.rooms_of(TEACHER) == [room] and rooms.own_answer(room.code, ADA, 0).value == '"coat"'


def _take_part(code: str, first: int, count: int) -> list[tuple[int, str, int]]:
    """As many pupils, a thread each, join and answer every step. (step, answer, pupil) of what was taken."""
    taken: list[tuple[int, str, int]] = []

    def be(number: int) -> None:
        asking = hash_of(f"pupil {number}")
        rooms.join(code, asking, f"P{number}")
        given, end = 0, time.monotonic() + PATIENCE
        while given < STEPS:
            assert time.monotonic() < end, f"{number} has given {given} answers"
            step = rooms.peek(code).step
            if step == given - 1:
                time.sleep(0.01)
                continue
            try:
                rooms.answer(code, asking, step, number * 100 + step)
            except RunError as error:
                assert "by now" in str(error), error  # the teacher was faster
                continue
            taken.append((step, str(number * 100 + step), number))
            given = step + 1

    with ThreadPoolExecutor(count) as threads:
        for done in [threads.submit(be, number) for number in range(first, first + count)]:
            done.result()
    return taken


def _in_another_process(code: str, first: int, count: int, told) -> None:
    try:
        told.send(_take_part(code, first, count))
    except BaseException as error:
        told.send(repr(error))


def test_threads_of_two_processes_lose_nothing_while_the_teacher_steps():
    code = rooms.open_room("busy", TEACHER).code
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    other = context.Process(target=_in_another_process, args=(code, PUPILS // 2, PUPILS // 2, there))
    other.start()
    with ThreadPoolExecutor(1) as beside:
        mine = beside.submit(_take_part, code, 0, PUPILS // 2)
        for step in range(STEPS):
            rooms.show(code, TEACHER, step)
            while len(rooms.answers(code, TEACHER, step)) < PUPILS:
                if mine.done():
                    mine.result()
                if here.poll(0.002):
                    break
        theirs = here.recv()
        assert isinstance(theirs, list), theirs
        taken = mine.result() + theirs
    other.join(10)
    assert len(taken) == PUPILS * STEPS and rooms.peek(code).pupils == PUPILS
    stored = {(step, one.value) for step in range(STEPS) for one in rooms.answers(code, TEACHER, step)}
    assert stored == {(step, value) for step, value, _ in taken}
    rooms.end(code, TEACHER)
    assert sum(path.stat().st_size for path in store.path().parent.glob("rooms.sqlite-wal")) == 0


def test_many_threads_open_the_first_room_at_once():
    with ThreadPoolExecutor(16) as threads:
        made = list(threads.map(lambda number: rooms.open_room("a", hash_of(str(number))), range(16)))
    assert all(rooms.peek(room.code) == room for room in made) and len({room.code for room in made}) == 16


def test_another_process_that_makes_the_file_at_the_same_moment(room, monkeypatch):
    store.close()
    really, first = store._header, iter([(0, 0, 0)])  # empty when this process looked, made when it has the lock
    monkeypatch.setattr(store, "_header", lambda connection: next(first, None) or really(connection))
    assert rooms.peek(room.code) == room


def test_who_opens_the_file_while_another_process_has_it_tries_again(room, monkeypatch):
    store.close()
    busy = sqlite3.OperationalError("database is locked")
    busy.sqlite_errorcode = sqlite3.SQLITE_BUSY
    really, refusals = store._prepare, [busy, busy]

    def prepare(connection: sqlite3.Connection) -> bool:
        if refusals:
            raise refusals.pop()
        return really(connection)

    monkeypatch.setattr(store, "_prepare", prepare)
    assert rooms.peek(room.code) == room and not refusals


def test_a_write_that_fails_leaves_nothing_half_done(room):
    with pytest.raises(KeyError), store.writing() as tables:
        tables.execute("DELETE FROM rooms")
        raise KeyError
    assert rooms.peek(room.code) == room
    rooms.answer(room.code, ADA, 0, "coat")


def test_who_waits_too_long_is_told(room, monkeypatch):
    monkeypatch.setattr(store, "BUSY_SECONDS", 0.05)
    store.close()
    other = sqlite3.connect(store.path(), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(RunError, match="Try again"):
        rooms.answer(room.code, ADA, 0, "coat")
    assert rooms.peek(room.code) == room  # who reads waits for nobody
    other.execute("ROLLBACK")
    other.close()
    rooms.answer(room.code, ADA, 0, "coat")


@pytest.mark.parametrize("content", [b"no database " * 1000, b"SQLite format 3\0" + b"\xff" * 5000, b"\0" * 200])
def test_a_file_that_is_none_is_said_and_left_alone(content):
    store.path().parent.mkdir(parents=True)
    store.path().write_bytes(content)
    for attempt in (lambda: rooms.open_room("a", TEACHER), lambda: rooms.peek("BCDF"), lambda: rooms.tidy(0)):
        with pytest.raises(RunError, match="moves the file away"):
            attempt()
    assert store.path().read_bytes() == content
    store.path().unlink()
    assert rooms.open_room("a", TEACHER)


def test_another_programs_database_is_said_and_left_alone():
    store.path().parent.mkdir(parents=True)
    with sqlite3.connect(store.path()) as other:
        other.execute("CREATE TABLE rooms (number)")
    other.close()
    with pytest.raises(RunError, match="not of this app"):
        rooms.open_room("a", TEACHER)
    assert store.path().exists() and not store.path().with_name(store.OLD_FILE).exists()


def test_a_file_that_is_damaged_while_it_is_used_is_said(room):
    rooms.answer(room.code, ADA, 0, "coat")
    store.close()
    size = store.path().stat().st_size
    with store.path().open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
    for attempt in (lambda: rooms.peek(room.code), lambda: rooms.answer(room.code, BEN, 0, "bag")):
        with pytest.raises(RunError, match="damaged"):
            attempt()


def test_a_file_of_another_version_is_set_aside_and_goes(room):
    with store.writing() as tables:
        tables.execute("PRAGMA user_version=99")
    store.close()
    old = store.path().with_name(store.OLD_FILE)
    assert rooms.open_room("a", BEN).pupils == 0 and rooms.peek(room.code) is None
    assert old.exists() and rooms.rooms_of(BEN)
    written = old.stat().st_mtime
    rooms.tidy(written + rates.HOURS * 3600 - 10)
    assert old.exists()
    os.utime(old, (0, 0))
    rooms.tidy(rates.now())
    assert not old.exists()


def test_a_file_that_was_taken_away_is_made_anew(room):
    for path in store.path().parent.glob("rooms*"):
        path.unlink()
    assert rooms.peek(room.code) is None
    made = rooms.open_room("a", TEACHER)
    store.close()
    assert rooms.peek(made.code) == made  # it is in the new file


def test_where_nothing_can_be_written_a_sentence_says_so(runs_folder, monkeypatch):
    store.path().parent.parent.mkdir(parents=True, exist_ok=True)
    store.path().parent.write_text("no folder")
    for attempt in (lambda: rooms.open_room("a", TEACHER), lambda: rooms.peek("BCDF")):
        with pytest.raises(RunError, match="cannot be stored") as found:
            attempt()
        assert "FMNIST_RUNS" in str(found.value) and str(runs_folder.parent) not in str(found.value)


def test_a_full_disk_is_said_and_nothing_is_lost(room):
    with store.writing() as tables:
        pages = tables.execute("PRAGMA page_count").fetchone()[0]
    store.close()
    with store.reading() as tables:  # the only connection that is open now, and the next call's
        tables.execute(f"PRAGMA max_page_count={pages}")
    for step in range(5):
        rooms.show(room.code, TEACHER, step)
        try:
            rooms.answer(room.code, ADA, step, "x" * 1900)
        except RunError as error:
            said = str(error)
            break
    assert os.strerror(errno.ENOSPC) in said and "Free some space" in said
    rooms.answer(room.code, ADA, step, "x" * 1900)  # the next connection is without the limit
    assert rooms.peek(room.code).pupils == 2


def test_idle_connections_are_few(room):
    ready, go = threading.Barrier(20), threading.Event()

    def read() -> None:
        with store.reading() as tables:
            ready.wait(5)
            tables.execute("SELECT 1").fetchone()

    threads = [threading.Thread(target=read) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    go.set()
    assert 0 < len(store._idle) <= store.MOST_IDLE
