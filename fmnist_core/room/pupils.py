"""Who is in a room: pupils come and go, and the teacher may take one out."""

import secrets
from sqlite3 import Connection

from fmnist_core.room import codes, names, rates, rows, store
from fmnist_core.room.rows import Pupil
from fmnist_core.storage.folders import RunError

_MINE = "SELECT id, name, gone FROM pupils WHERE code = ? AND asking = ?"


def join(code: str, asking: str, name: str = "") -> str:
    """The pupil's id, the same whenever this browser joins; a name replaces the one it had.

    Raises RunError where there is no such room, it is full, the pupil was removed, or too many join at once.
    """
    rows.check_hash(asking)
    plain, nickname = codes.read(code), names.nickname(name)
    if not plain:  # no guess
        raise no_room()
    with store.writing() as tables:
        mine = tables.execute(_MINE, (plain, asking)).fetchone()
        if mine is None:
            rates.check_guesses(tables, asking)
        if rows.room_of(tables, plain) is not None:
            return _join(tables, plain, asking, nickname, mine)
        rates.count_guess(tables, asking)
    raise no_room()


def _join(tables: Connection, code: str, asking: str, name: str, mine: tuple[str, str, str] | None) -> str:
    """mine: id, name and where the pupil has gone, of a browser that has joined before."""
    pupil, earlier, gone = mine or (secrets.token_hex(8), "", "")
    if gone == "removed":
        raise RunError("The teacher has taken you out of this room. Ask them, should that be a mistake.")
    if mine and not gone and name in ("", earlier):
        return pupil  # loaded again: nothing has changed
    if not mine or gone:
        _check_place(tables, code, is_new=mine is None)
    change = "INSERT INTO pupils (code, asking, id, name) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET name = ?"
    tables.execute(change + ", gone = ''", (code, asking, pupil, name, name))
    rows.touch(tables, code, rates.now())
    return pupil


def _check_place(tables: Connection, code: str, is_new: bool) -> None:
    """Counts somebody new. Raises RunError where there is no place, or too many are new at once."""
    ever, inside = tables.execute("SELECT COUNT(*), total(gone = '') FROM pupils WHERE code = ?", (code,)).fetchone()
    if inside >= rates.MOST_PUPILS or (is_new and ever >= rates.MOST_EVER):
        raise RunError(
            f"This room is full: {rates.MOST_PUPILS} pupils fit. Your teacher can remove who does not belong, or open "
            "another room."
        )
    if is_new:
        counted = tables.execute("SELECT joins_since, joins FROM rooms WHERE code = ?", (code,)).fetchone()
        if (counted := rates.next_count(counted, rates.MOST_JOINS)) is None:
            raise RunError("Too many have joined this room within a minute. Wait a minute, then join.")
        tables.execute("UPDATE rooms SET joins_since = ?, joins = ? WHERE code = ?", (*counted, code))


def no_room() -> RunError:
    """Said to whoever has typed a code that no room has."""
    return RunError(
        f"There is no room with this code now. Expected the {codes.LENGTH} letters that your teacher shows, no vowels "
        "among them: type them again."
    )


def me(code: str, asking: str) -> Pupil | None:
    """Who this browser is in the room; None where it has not joined, was removed, or there is no such room."""
    with store.reading() as tables:
        return rows.pupil_of(tables, codes.read(code), asking)


def leave(code: str, asking: str) -> None:
    """The pupil goes, and name and answers with them; they may come back. Raises RunError where they are not in it."""
    with store.writing() as tables:
        room, pupil = rows.joined(tables, code, asking)
        _take_out(tables, room.code, pupil.id, "left")


def present(code: str, asking: str) -> list[Pupil]:
    """The teacher's list of all who have joined. Raises RunError for others."""
    with store.reading() as tables:
        room = rows.taught(tables, code, asking)
        question = "SELECT id, name FROM pupils WHERE code = ? AND gone = '' ORDER BY name, id"
        return [Pupil(*row) for row in tables.execute(question, (room.code,)).fetchall()]


def remove_pupil(code: str, asking: str, pupil: str) -> None:
    """The teacher takes a pupil out, with name and answers; this browser cannot join again. Raises RunError for
    others; of a pupil who has left already nothing is said.
    """
    with store.writing() as tables:
        room = rows.taught(tables, code, asking)
        _take_out(tables, room.code, str(pupil), "removed")


def _take_out(tables: Connection, code: str, pupil: str, gone: str) -> None:
    """Keeps the hash alone: so nobody gets more places or answers by leaving, or back in after being removed."""
    tables.execute("UPDATE pupils SET gone = ?, name = '' WHERE code = ? AND id = ?", (gone, code, pupil))
    tables.execute("DELETE FROM answers WHERE code = ? AND pupil = ?", (code, pupil))
    rows.touch(tables, code, rates.now())
    rows.pupils_see(tables, code)
