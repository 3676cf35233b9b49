"""What pupils answer to the step that the teacher shows, and who sees it."""

import json
from typing import Any

import numpy as np

from fmnist_core.room import codes, rates, rows, store
from fmnist_core.room.rows import Answer
from fmnist_core.storage.folders import RunError

_PIXELS = 28 * 28
_ANSWERS = """
SELECT pupil, name, value, picture, at FROM answers JOIN pupils ON pupils.code = answers.code AND pupils.id = pupil
WHERE answers.code = ? AND step = ?"""


def answer(code: str, asking: str, step: int, value: object, picture: np.ndarray | None = None) -> None:
    """Takes the place of the pupil's earlier answer to this step.

    value: what JSON can say, `rates.MOST_ANSWER` bytes of it at most. picture: (28, 28) or (784,) uint8. Whose answer
    it is follows from `asking` alone. Raises RunError with why it is not taken.
    """
    text, pixels = _as_json(value), _as_bytes(picture)
    with store.writing() as tables:
        room, pupil = rows.joined(tables, code, asking)
        if step != room.step:
            raise RunError(f"The class is at step {room.step + 1} by now. Answer that one.")
        if room.revealed:
            raise RunError("The answers to this step have been shown: no more are taken.")
        if room.locked:
            raise RunError("Your teacher takes no more answers to this step.")
        question = "SELECT answers_since, answers FROM pupils WHERE code = ? AND asking = ?"
        counted = rates.next_count(tables.execute(question, (room.code, asking)).fetchone(), rates.MOST_ANSWERS)
        if counted is None:
            raise RunError(f"That was too fast: {rates.MOST_ANSWERS} answers a minute fit. Wait a minute, then answer.")
        change = "UPDATE pupils SET answers_since = ?, answers = ? WHERE code = ? AND asking = ?"
        tables.execute(change, (*counted, room.code, asking))
        given = (room.code, room.step, pupil.id, text, pixels, rates.now())
        tables.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?)", given)
        rows.touch(tables, room.code, rates.now())


def _as_json(value: object) -> str:
    """Stops at the limit, however large the value. Raises RunError where it is larger, or JSON cannot say it."""
    parts, size = [], 0
    too_large = RunError(f"This answer is too long. {rates.MOST_ANSWER:,} characters fit: shorten it.")
    if isinstance(value, str) and len(value) > rates.MOST_ANSWER:
        raise too_large
    try:
        for part in json.JSONEncoder(ensure_ascii=False, allow_nan=False).iterencode(value):
            parts.append(part)
            size += len(part.encode())
            if size > rates.MOST_ANSWER:
                raise too_large
    except (TypeError, ValueError, RecursionError):
        raise RunError("This answer cannot be stored. Expected text, numbers, or lists of them.") from None
    return "".join(parts)


def _as_bytes(picture: np.ndarray | None) -> bytes | None:
    if picture is None:
        return None
    if not isinstance(picture, np.ndarray) or picture.dtype != np.uint8 or picture.shape not in ((28, 28), (_PIXELS,)):
        raise RunError("This picture cannot be stored. Expected 28x28 pixels of 8 bits.")
    return picture.tobytes()


def own_answer(code: str, asking: str, step: int) -> Answer | None:
    """What this browser's pupil has answered; None where that is nothing, or there is no such pupil."""
    with store.reading() as tables:
        question = _ANSWERS + " AND asking = ?"
        found = tables.execute(question, (codes.read(code), _as_step(step), asking)).fetchone()
    return Answer(*found) if found else None


def answers(code: str, asking: str, step: int) -> list[Answer]:
    """All answers to a step, the first given first: for the teacher always, for who has joined once they are revealed.

    Raises RunError for others, and before.
    """
    with store.reading() as tables:
        plain, wanted = codes.read(code), _as_step(step)
        if not rows.is_teacher(tables, plain, asking):
            rows.joined(tables, plain, asking)
            question = "SELECT 1 FROM steps WHERE code = ? AND step = ? AND revealed"
            if tables.execute(question, (plain, wanted)).fetchone() is None:
                raise RunError("Your teacher has not shown the answers to this step yet.")
        found = tables.execute(_ANSWERS + " ORDER BY at, pupil", (plain, wanted)).fetchall()
    return [Answer(*row) for row in found]


def _as_step(step: Any) -> int:
    """-1, which no lesson has, for what is no step."""
    return step if isinstance(step, int) and 0 <= step < rates.MOST_STEPS else -1


def remove_answer(code: str, asking: str, pupil: str, step: int) -> None:
    """The teacher removes an answer; the pupil may give another one. Raises RunError for others; of one that has gone
    already nothing is said.
    """
    with store.writing() as tables:
        room = rows.taught(tables, code, asking)
        question = "DELETE FROM answers WHERE code = ? AND step = ? AND pupil = ?"
        tables.execute(question, (room.code, _as_step(step), str(pupil)))
        rows.touch(tables, room.code, rates.now())
        rows.pupils_see(tables, room.code)
