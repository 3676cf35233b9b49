"""How much fits into a room, and how fast: what a class needs, with room to spare, and a flood does not.

Counts that hold for all web processes stand in the database, each as when its minute began and how many there were.
"""

import time
from sqlite3 import Connection

from fmnist_core.storage.folders import RunError

MOST_ROOMS, MOST_ROOMS_EACH = 20, 3  # open at once, of all and of one teacher
MOST_PUPILS = 60  # in a room: two classes
MOST_EVER = 600  # who were in a room, with those whom the teacher has removed
MOST_STEPS = 60  # of a lesson: its file, its room and its address hold to it
MOST_ANSWER = 2_000  # bytes of JSON: a long paragraph
MOST_ANSWERS = 30  # a minute, of one pupil
MOST_JOINS = 120  # a minute, to one room
MOST_WRONG, MOST_WRONG_IN_ALL = 10, 300  # codes a minute, of one browser and of all
HOURS = 6.0  # after which a room goes that nobody touches
EMPTY_SECONDS = 1_800.0  # after which a room without pupils gives way, where all are taken
MINUTE = 60.0
_ALL = ""  # stands for all browsers


def now() -> float:
    """Seconds since 1970."""
    return time.time()


def next_count(counted: tuple[float, int], most: int) -> tuple[float, int] | None:
    """counted: when a minute began, and how many came since. The same with one more; None where no more fit."""
    since, count = counted
    if abs(now() - since) >= MINUTE:  # a clock that was set back ends the minute, too
        return now(), 1
    return (since, count + 1) if count < most else None


def check_guesses(rows: Connection, asking: str) -> None:
    """Raises RunError where a browser, or all of them together, has typed too many wrong codes."""
    for who, most in ((asking, MOST_WRONG), (_ALL, MOST_WRONG_IN_ALL)):
        found = rows.execute("SELECT since, wrong FROM guesses WHERE asking = ?", (who,)).fetchone()
        if found and next_count(found, most) is None:
            raise RunError("Too many wrong codes were typed. Wait a minute, then type the one that your teacher shows.")


def count_guess(rows: Connection, asking: str) -> None:
    """Counts a wrong code. The last that fits begins the minute of waiting."""
    forget_guesses(rows)
    for who, most in ((asking, MOST_WRONG), (_ALL, MOST_WRONG_IN_ALL)):
        rows.execute(
            "INSERT INTO guesses VALUES (:who, :now, 1) ON CONFLICT (asking) DO UPDATE"
            " SET wrong = wrong + 1, since = CASE WHEN wrong + 1 >= :most THEN :now ELSE since END",
            {"who": who, "now": now(), "most": most},
        )


def forget_guesses(rows: Connection) -> None:
    """Deletes the counts of past minutes."""
    rows.execute("DELETE FROM guesses WHERE abs(since - ?) >= ?", (now(), MINUTE))
