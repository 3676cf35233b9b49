"""A shelf gives the files of what is there, and of nothing else.

Run: python -m pytest tests/core/storage/test_shelf.py
"""

import pytest

from fmnist_core.storage import owners
from fmnist_core.storage.folders import RunError
from fmnist_core.storage.shelf import Shelf

SHELF = Shelf("things", "thing", "thing.json", "thing", "{name} is not here.")
NAME = "thing_0123456789ab"
ADA, BOB = owners.visitor_of("ada"), owners.visitor_of("bob")


def put(file: str = SHELF.file) -> None:
    folder = SHELF.home / NAME
    folder.mkdir(parents=True)
    owners.mark(folder, private=True)
    (folder / file).write_text("{}")


def test_the_file_of_what_is_there():
    with owners.acting(ADA):
        put()
        assert SHELF.file_of(NAME).read_text() == "{}" and SHELF.mine() == [SHELF.file_of(NAME)]
    with owners.acting(BOB), pytest.raises(RunError, match=f"{NAME} is not here"):
        SHELF.file_of(NAME)


@pytest.mark.parametrize("name", [NAME, "thing_0123", "../things", ""])
def test_what_is_not_there_has_none(name):
    for ask in (SHELF.file_of, SHELF.delete):
        with pytest.raises(RunError, match="is not here"):
            ask(name)


def test_a_folder_without_its_file_is_nothing_and_can_be_deleted():
    put("something else")
    with pytest.raises(RunError, match="is not here"):
        SHELF.file_of(NAME)
    SHELF.delete(NAME)
    assert SHELF.folders() == []
