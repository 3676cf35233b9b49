"""Who is in the tests' rooms, and that each test has a database of its own."""

import hashlib
from dataclasses import dataclass

import pytest

from fmnist_core.room import rates, rooms, store
from fmnist_core.room.rooms import Room


def hash_of(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:32]


TEACHER, ADA, BEN, EVE = map(hash_of, ("teacher", "ada", "ben", "eve"))


@dataclass
class Clock:
    """What `rates.now` says; a test may move it."""

    seconds: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture(autouse=True)
def _closed(runs_folder):
    yield
    store.close()


@pytest.fixture
def clock(monkeypatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(rates, "now", made)
    return made


@pytest.fixture
def room() -> Room:
    """A room with Ada and Ben in it."""
    opened = rooms.open_room("what-a-network-sees", TEACHER)
    rooms.join(opened.code, ADA, "Ada")
    rooms.join(opened.code, BEN, "Ben")
    return rooms.find(opened.code, ADA)
