"""All that a page needs of rooms: the teacher's side here, the pupils' and their answers from the modules beside.

`asking` and `teacher` are the hash of a browser's secret (`owners.visitor_of(secret).id`), from which follows who it
is: no function takes anybody's word for it. A code may be written in small letters, with spaces or dashes. A page that
gets one from an address asks `find` first, which counts wrong ones; afterwards `peek` is for asking again and again.
"""

import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from sqlite3 import Connection

from fmnist_core.room import codes, rates, rows, store
from fmnist_core.room.answers import answer, answers, own_answer, remove_answer
from fmnist_core.room.pupils import join, leave, me, no_room, present, remove_pupil
from fmnist_core.room.rows import Answer, Pupil, Room
from fmnist_core.storage.folders import RunError

__all__ = [
    "Answer",
    "Pupil",
    "Room",
    "answer",
    "answers",
    "end",
    "find",
    "join",
    "leave",
    "lock",
    "me",
    "open_room",
    "own_answer",
    "peek",
    "remember_own",
    "present",
    "remove_answer",
    "remove_pupil",
    "reveal",
    "rooms_of",
    "show",
    "teaches",
    "tidy",
]
_LESSON = re.compile(r"[a-z0-9-]{1,60}")


def open_room(lesson: str, teacher: str) -> Room:
    """A new room at the first step of a lesson: the stem of its file. Raises RunError where no more fit."""
    if not isinstance(lesson, str) or not _LESSON.fullmatch(lesson):
        raise RunError("There is no such lesson. Choose one of the list.")
    rows.check_hash(teacher)
    with store.writing() as tables:
        _delete_old(tables, rates.now())
        if len(rows.rooms_of(tables, teacher)) >= rates.MOST_ROOMS_EACH:
            raise RunError(f"You have {rates.MOST_ROOMS_EACH} rooms open, and no more fit. End one of them first.")
        taken = {code for (code,) in tables.execute("SELECT code FROM rooms").fetchall()}
        if len(taken) >= rates.MOST_ROOMS:
            _make_place(tables)
        code = next(one for one in iter(codes.draw, None) if one not in taken)
        now = rates.now()
        question = "INSERT INTO rooms (code, lesson, teacher, opened, touched) VALUES (?, ?, ?, ?, ?)"
        tables.execute(question, (code, lesson, teacher, now, now))
        return _exactly(rows.room_of(tables, code))


def _make_place(tables: Connection) -> None:
    """The room that has stood empty for longest goes, so that nobody keeps others out with rooms for nobody."""
    question = """SELECT code FROM rooms WHERE touched < ? AND NOT EXISTS
      (SELECT 1 FROM pupils WHERE pupils.code = rooms.code) ORDER BY touched LIMIT 1"""
    empty = tables.execute(question, (rates.now() - rates.EMPTY_SECONDS,)).fetchone()
    if empty is None:
        raise RunError(f"All {rates.MOST_ROOMS} rooms are taken at the moment. Try again later, or end one of yours.")
    _delete(tables, *empty)


def _exactly(room: Room | None) -> Room:
    if room is None:
        raise no_room()
    return room


def find(code: str, asking: str) -> Room:
    """The room with a code that somebody typed.

    Raises RunError where there is none; who types many wrong ones waits a minute, but for the room that they are in.
    """
    rows.check_hash(asking)
    plain = codes.read(code)
    with store.reading() as tables:
        room = rows.room_of(tables, plain)
        inside = rows.is_teacher(tables, plain, asking) or rows.pupil_of(tables, plain, asking)
        if not inside:
            rates.check_guesses(tables, asking)
    if room is None and plain:  # what can be no code is no guess
        with store.writing() as tables:
            rates.count_guess(tables, asking)
    return _exactly(room)


def peek(code: str) -> Room | None:
    """The room as it is now, None where it has ended: for those inside, who ask again and again."""
    with store.reading() as tables:
        return rows.room_of(tables, codes.read(code))


def teaches(code: str, asking: str) -> bool:
    """Whether this browser has opened the room."""
    with store.reading() as tables:
        return rows.is_teacher(tables, codes.read(code), asking)


def rooms_of(teacher: str) -> list[Room]:
    """The open rooms of this browser, the newest first: a teacher who comes back finds them here."""
    with store.reading() as tables:
        return rows.rooms_of(tables, teacher)


# What the teacher alone can do


@contextlib.contextmanager
def _teaching(code: str, asking: str) -> Iterator[tuple[Connection, Room]]:
    """A transaction on the room that this browser teaches. Raises RunError for others."""
    with store.writing() as tables:
        room = rows.taught(tables, code, asking)
        rows.touch(tables, room.code, rates.now())
        yield tables, room


def show(code: str, asking: str, step: int) -> None:
    """Leads the class to a step, from 0, which keeps whether it is revealed or locked. Raises RunError."""
    if not isinstance(step, int) or not 0 <= step < rates.MOST_STEPS:
        raise RunError(f"There is no such step. Expected one of the first {rates.MOST_STEPS}.")
    with _teaching(code, asking) as (tables, room):
        if step != room.step:
            tables.execute("UPDATE rooms SET step = ? WHERE code = ?", (step, room.code))
            rows.pupils_see(tables, room.code)


def reveal(code: str, asking: str, step: int | None = None) -> None:
    """From now on all in the room see the answers to this step, and no more are taken. Raises RunError.

    step: that the teacher means, where another page of theirs may have gone on.
    """
    with _teaching(code, asking) as (tables, room):
        _check_step(room, step)
        if not room.revealed:
            _set(tables, room, "revealed", True)


def lock(code: str, asking: str, locked: bool, step: int | None = None) -> None:
    """Takes no more answers to this step, or takes them again. step: as for `reveal`. Raises RunError."""
    with _teaching(code, asking) as (tables, room):
        _check_step(room, step)
        if room.locked != bool(locked):
            _set(tables, room, "locked", bool(locked))


def remember_own(code: str, asking: str, step: int, own: Mapping[str, str]) -> None:
    """Which runs of the teacher's a step asks of: what it calls each -> the run's name. Not once it is revealed.

    Raises RunError.
    """
    with _teaching(code, asking) as (tables, room):
        if room.step == step and not room.revealed and dict(room.own) != dict(own):
            _set(tables, room, "own", json.dumps(dict(own)))


def _check_step(room: Room, step: int | None) -> None:
    if step is not None and step != room.step:
        raise RunError("The class is at another step by now. Look at it first.")


def _set(tables: Connection, room: Room, column: str, value: bool | str) -> None:
    change = f"INSERT INTO steps (code, step, {column}) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET {column} = ?"
    tables.execute(change, (room.code, room.step, value, value))
    rows.pupils_see(tables, room.code)


def end(code: str, asking: str) -> None:
    """The room is gone, with all that was in it, out of the file as well. Raises RunError."""
    with _teaching(code, asking) as (tables, room):
        _delete(tables, room.code)
    store.wipe()


# What goes by itself


def tidy(now: float) -> None:
    """Deletes rooms that nobody has touched for `rates.HOURS`: no step, joining or answer. now: seconds since 1970.

    Raises RunError.
    """
    store.remove_old_file(now - rates.HOURS * 3600)
    if not store.path().exists():
        return
    with store.writing() as tables:
        _delete_old(tables, now)
        rates.forget_guesses(tables)
    store.wipe()


def _delete_old(tables: Connection, now: float) -> None:
    old = tables.execute("SELECT code FROM rooms WHERE touched < ?", (now - rates.HOURS * 3600,)).fetchall()
    for (code,) in old:
        _delete(tables, code)


def _delete(tables: Connection, code: str) -> None:
    for table in store.OF_A_ROOM:
        tables.execute(f"DELETE FROM {table} WHERE code = ?", (code,))
