"""The database of rooms: one SQLite file beside the runs, which all web processes of a machine share.

Its connections are lent to one call at a time and then to the next, in whatever thread: Streamlit runs a page in a new
thread each time, so one a thread would be opened for each run of a page.
"""

import contextlib
import errno
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from sqlite3 import Connection
from typing import NamedTuple

from fmnist_core.storage import folders
from fmnist_core.storage.folders import RunError

FILE, OLD_FILE = "rooms.sqlite", "rooms-old.sqlite"
BUSY_SECONDS = 10.0  # for which a write waits for those of other processes
MOST_IDLE = 8  # connections that are kept open, each with its three files
APPLICATION, LAYOUT = 0x464D524D, 1  # "FMRM" and the version of the tables, in the file's header
_TABLES = """
CREATE TABLE rooms (code TEXT PRIMARY KEY, lesson TEXT NOT NULL, teacher TEXT NOT NULL, step INTEGER NOT NULL DEFAULT 0,
  version INTEGER NOT NULL DEFAULT 1, opened REAL NOT NULL,
  touched REAL NOT NULL, joins_since REAL NOT NULL DEFAULT 0, joins INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE steps (code TEXT, step INTEGER, revealed INTEGER NOT NULL DEFAULT 0, locked INTEGER NOT NULL DEFAULT 0,
  own TEXT NOT NULL DEFAULT '{}', PRIMARY KEY (code, step)) WITHOUT ROWID;
CREATE TABLE pupils (code TEXT, asking TEXT, id TEXT NOT NULL, name TEXT NOT NULL, gone TEXT NOT NULL DEFAULT '',
  answers_since REAL NOT NULL DEFAULT 0, answers INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (code, asking)) WITHOUT ROWID;
CREATE UNIQUE INDEX pupils_by_id ON pupils (code, id);
CREATE TABLE answers (code TEXT, step INTEGER, pupil TEXT, value TEXT NOT NULL, picture BLOB, at REAL NOT NULL,
  PRIMARY KEY (code, step, pupil));
CREATE TABLE guesses (asking TEXT PRIMARY KEY, since REAL NOT NULL, wrong INTEGER NOT NULL) WITHOUT ROWID;
"""
OF_A_ROOM = ("answers", "pupils", "steps", "rooms")  # the tables with rows of a room


_Key = tuple[str, tuple[int, int] | None]  # the path, and which file was there
_EMPTY = ":memory:"


class _Lent(NamedTuple):
    key: _Key
    connection: Connection


_idle: list[_Lent] = []
_LOCK = threading.Lock()
_WRITING = threading.Lock()  # threads queue here: SQLite would have them sleep and try again


def path() -> Path:
    """Where the database lies, or will."""
    return folders.results_folder() / FILE


@contextlib.contextmanager
def reading() -> Iterator[Connection]:
    """A connection to read with, of an empty database where there is none yet. Raises RunError."""
    with _in_words(), _lent(create=False) as connection:
        yield connection


@contextlib.contextmanager
def writing() -> Iterator[Connection]:
    """A connection within a transaction, which is undone where an exception leaves it. Raises RunError."""
    with _in_words(), _WRITING, _lent(create=True) as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")


def wipe() -> bool:
    """Takes what was deleted out of the files, too: SQLite has overwritten it in the database, the journal goes.

    Returns whether it went; where others read for too long, the next call takes it. Raises RunError.
    """
    with _in_words(), _WRITING, _lent(create=False) as connection:
        if not connection.execute("SELECT 1 FROM rooms").fetchall():
            with contextlib.suppress(sqlite3.OperationalError):  # no room on disk: it stays large
                connection.execute("VACUUM")
        ((busy, _, _),) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return not busy


def remove_old_file(before: float) -> None:
    """Removes what an update has set aside, where it was written before that time. Raises RunError."""
    old = path().with_name(OLD_FILE)
    with _in_words(), contextlib.suppress(FileNotFoundError):
        if old.stat().st_mtime < before:
            old.unlink()


def close() -> None:
    """Closes the connections that nobody has at the moment."""
    with _LOCK:
        while _idle:
            _idle.pop().connection.close()


@contextlib.contextmanager
def _lent(create: bool) -> Iterator[Connection]:
    lent, sound = _take(create), True
    try:
        yield lent.connection
    except sqlite3.Error:
        sound = False  # of a file that is damaged or full: the next call opens it anew
        raise
    finally:
        with _LOCK:
            kept = sound and len(_idle) < MOST_IDLE
            if kept:
                _idle.append(lent)
        if not kept:
            lent.connection.close()


def _take(create: bool) -> _Lent:
    place = path()
    key: _Key = str(place), _identity(place)
    if key[1] is None and not create:
        place, key = Path(_EMPTY), (_EMPTY, None)  # lent to those who read, and to nobody who writes
    with _LOCK:
        while _idle:
            lent = _idle.pop()
            if lent.key == key:
                return lent
            lent.connection.close()
    if create:
        place.parent.mkdir(parents=True, exist_ok=True)
    connection = _open(place)
    return _Lent((str(place), _identity(place)), connection)


def _identity(place: Path) -> tuple[int, int] | None:
    """Which file lies there: a removed one goes on in connections that have it open."""
    try:
        about = os.stat(place)
    except FileNotFoundError:
        return None
    return about.st_dev, about.st_ino


def _open(place: Path) -> Connection:
    """Raises sqlite3.Error, RunError."""
    end = time.monotonic() + BUSY_SECONDS
    while True:
        before = _identity(place)
        connection = sqlite3.connect(place, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            if _prepare(connection):
                return connection
            _set_aside(connection, place, before)
        except sqlite3.Error as error:
            connection.close()  # not everything that can be busy waits by itself: switching to WAL does not
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(0.02)
        except BaseException:
            connection.close()
            raise


def _prepare(connection: Connection) -> bool:
    """Makes a database of ours of an empty one. Whether it has the tables of today; raises RunError where it is not
    ours at all.
    """
    connection.execute("PRAGMA temp_store=MEMORY")
    connection.execute("PRAGMA secure_delete=ON")
    connection.execute("PRAGMA synchronous=NORMAL")
    if _header(connection) == (0, 0, 0):
        connection.execute("BEGIN EXCLUSIVE")
        if _header(connection) == (0, 0, 0):  # nobody else has made it meanwhile
            for statement in _TABLES.split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id={APPLICATION}")
            connection.execute(f"PRAGMA user_version={LAYOUT}")
        connection.execute("COMMIT")
    application, layout, _ = _header(connection)
    if application != APPLICATION:
        raise RunError(_NOT_OURS)
    if layout == LAYOUT:
        connection.execute("PRAGMA journal_mode=WAL")
    return bool(layout == LAYOUT)


def _header(connection: Connection) -> tuple[int, ...]:
    """The application's number, the layout's, how many tables there are."""
    questions = ("PRAGMA application_id", "PRAGMA user_version", "SELECT COUNT(*) FROM sqlite_master")
    return tuple(connection.execute(question).fetchone()[0] for question in questions)


def _set_aside(connection: Connection, place: Path, before: tuple[int, int] | None) -> None:
    """Renames a database that another version of the app has written; the next attempt makes a new one."""
    connection.execute("PRAGMA journal_mode=DELETE")  # all in one file; refused while that version still has it open
    connection.close()
    if before is not None and _identity(place) == before:  # else another process has just done it
        os.replace(place, place.with_name(OLD_FILE))


_NOT_OURS = (
    f"Rooms cannot be read: the file {FILE} in the folder of results is damaged, or not of this app. Expected one that "
    "this app has written, or none. Who hosts it moves the file away; then a new room can be opened."
)
_AS_SYSTEM = {
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_IOERR: errno.EIO,
    sqlite3.SQLITE_READONLY: errno.EROFS,
    sqlite3.SQLITE_CANTOPEN: errno.EACCES,
    sqlite3.SQLITE_PERM: errno.EACCES,
}


@contextlib.contextmanager
def _in_words() -> Iterator[None]:
    """Raises RunError instead of what SQLite or the system raise."""
    try:
        yield
    except OSError as error:
        raise RunError(f"Rooms cannot be stored: {folders.explain(error)}") from None
    except sqlite3.ProgrammingError:
        raise  # a mistake of ours
    except sqlite3.Error as error:
        kind = error.sqlite_errorcode & 0xFF
        if kind in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise RunError("Too much is written to rooms at the moment. Try again.") from None
        if kind in _AS_SYSTEM:
            system = OSError(_AS_SYSTEM[kind], os.strerror(_AS_SYSTEM[kind]))
            raise RunError(f"Rooms cannot be stored: {folders.explain(system)}") from None
        raise RunError(_NOT_OURS) from None
