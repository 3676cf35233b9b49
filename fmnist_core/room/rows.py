"""Who and what is in a room, as the database has it; and who may do what there.

Whoever is not in a room learns from no function but `find` and `join`, which count wrong codes, whether there is one.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from sqlite3 import Connection
from typing import Any

from fmnist_core.room import codes
from fmnist_core.storage.folders import RunError

_HASH = re.compile(r"[0-9a-f]{32}")
_ROOM = """
SELECT rooms.code, lesson, rooms.step, ifnull(revealed, 0), ifnull(locked, 0), ifnull(own, '{}'), version,
  (SELECT COUNT(*) FROM pupils WHERE pupils.code = rooms.code AND gone = '')
FROM rooms LEFT JOIN steps ON steps.code = rooms.code AND steps.step = rooms.step WHERE """


@dataclass(frozen=True)
class Room:
    """What everybody in it may know."""

    code: str  # four letters
    lesson: str  # the stem of a lesson's file
    step: int  # which the teacher shows, from 0
    revealed: bool  # whether all see the answers to this step
    locked: bool  # whether no more answers to this step are taken
    version: int  # grows with each change that pupils see: step, answers shown or removed, lock
    pupils: int  # how many have joined
    own: Mapping[str, str] = field(default_factory=dict)  # what the step calls the teacher's own runs -> their names


@dataclass(frozen=True)
class Pupil:
    """Who has joined, as the teacher sees it."""

    id: str  # within the room: not the browser's secret, nor its hash
    name: str  # a nickname, or ""


@dataclass(frozen=True)
class Answer:
    """Of one pupil to one step."""

    pupil: str  # id
    name: str  # a nickname, or ""
    value: str  # JSON; what it means is the question's business
    picture: bytes | None  # (784,) uint8: the 28x28 pixels of a drawing or a photo, never an encoded file
    at: float  # seconds since 1970


def check_hash(asking: str) -> str:
    """The hash of a browser's secret, as it came. Raises RunError where it is none."""
    if not isinstance(asking, str) or not _HASH.fullmatch(asking):
        raise RunError("This browser is not known yet, as it keeps no cookies. Allow them and load the page again.")
    return asking


def room_of(rows: Connection, code: str) -> Room | None:
    """code: as `codes.read` gives it."""
    found = rows.execute(_ROOM + "rooms.code = ?", (code,)).fetchone()
    return _as_room(found) if found else None


def rooms_of(rows: Connection, teacher: str) -> list[Room]:
    """The newest first."""
    return [_as_room(row) for row in rows.execute(_ROOM + "teacher = ? ORDER BY opened DESC", (teacher,)).fetchall()]


def _as_room(row: tuple[Any, ...]) -> Room:
    code, lesson, step, revealed, locked, own, version, pupils = row
    return Room(code, lesson, step, bool(revealed), bool(locked), version, pupils, json.loads(own))


def is_teacher(rows: Connection, code: str, asking: str) -> bool:
    """Whether this browser has opened the room."""
    question = "SELECT 1 FROM rooms WHERE code = ? AND teacher = ?"
    return rows.execute(question, (code, asking)).fetchone() is not None


def taught(rows: Connection, code: object, asking: str) -> Room:
    """The room that this browser teaches. Raises RunError where it teaches none with that code."""
    plain = codes.read(code)
    room = room_of(rows, plain) if is_teacher(rows, plain, asking) else None
    if room is None:
        raise RunError("This room has ended, or another browser has opened it, which alone can change it.")
    return room


def pupil_of(rows: Connection, code: str, asking: str) -> Pupil | None:
    """Who this browser is in the room; None where it has not joined, or was removed."""
    question = "SELECT id, name FROM pupils WHERE code = ? AND asking = ? AND gone = ''"
    found = rows.execute(question, (code, asking)).fetchone()
    return Pupil(*found) if found else None


def joined(rows: Connection, code: object, asking: str) -> tuple[Room, Pupil]:
    """The room that this browser is in, and as whom. Raises RunError where it is not."""
    plain = codes.read(code)
    room, pupil = room_of(rows, plain), pupil_of(rows, plain, asking)
    if room is None or pupil is None:
        raise not_inside()
    return room, pupil


def not_inside() -> RunError:
    """Said of a room that is none, that has ended, or that one has not joined: all the same."""
    return RunError("You are in no room with this code. Ask your teacher for it and join; the room may have ended.")


def touch(rows: Connection, code: str, now: float) -> None:
    """The room is in use, and stays."""
    rows.execute("UPDATE rooms SET touched = ? WHERE code = ?", (now, code))


def pupils_see(rows: Connection, code: str) -> None:
    """Tells the pupils' pages that there is something new."""
    rows.execute("UPDATE rooms SET version = version + 1 WHERE code = ?", (code,))
