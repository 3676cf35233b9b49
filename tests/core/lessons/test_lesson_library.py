"""Which lessons are here: own ones beside the runs, shipped ones, and files that are broken, odd or gone.

Run: python -m pytest tests/core/lessons/test_lesson_library.py
"""

import os

import pytest

from fmnist_core.lessons import library, reading
from fmnist_core.lessons.lesson import LessonError
from fmnist_core.lessons.library import COURSE, find, list_lessons, own_folder
from tests.odd_files import ODD, at_once, put_in_place_of

GOOD = "---\ntitle: {}\nminutes: 30\nage: 12\nlearned: [to see]\n---\n# A step\n"


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    folder = tmp_path / "shipped"
    folder.mkdir()
    monkeypatch.setattr(library, "shipped_folder", lambda: folder)
    return folder


@pytest.fixture
def own(runs_folder):
    assert own_folder() == runs_folder.with_name("lessons")
    own_folder().mkdir()
    return own_folder()


def names() -> list[str]:
    return [entry.name for entry in list_lessons()]


def test_without_folders_there_is_nothing(shipped):
    shipped.rmdir()
    assert list_lessons() == []


def test_shipped_ones_come_in_the_order_of_the_course_own_ones_after_them(shipped, own):
    for name in (COURSE[2], COURSE[0], "extra", "another"):
        (shipped / f"{name}.md").write_text(GOOD.format(name))
    for name in ("b", "a"):
        (own / f"{name}.md").write_text(GOOD.format(name))
    assert names() == [COURSE[0], COURSE[2], "another", "extra", "a", "b"]
    assert [entry.shipped for entry in list_lessons()] == [True] * 4 + [False] * 2


def test_an_own_file_wins_over_a_shipped_one_also_where_it_is_broken(shipped, own):
    for folder in (shipped, own):
        (folder / "same.md").write_text(GOOD.format(folder.name))
    assert names() == ["same"] and find("same").title == "lessons"
    (own / "same.md").write_text("nonsense")
    with pytest.raises(LessonError, match="The lesson same cannot be shown. Line 1: The file must begin"):
        find("same")
    (own / "same.md").unlink()
    assert find("same").title == "shipped"


def test_a_broken_file_is_listed_with_its_problems(shipped, own):
    (own / "bad.md").write_text(GOOD.format("A").replace("30", "0").replace("age: 12\n", ""))
    (entry,) = list_lessons()
    assert entry.lesson is None and [problem.line for problem in entry.problems] == [2, 3]


@pytest.mark.parametrize("kind", [*ODD, "link to nothing", "no text"])
def test_what_is_no_file_is_listed_and_waits_for_nobody(shipped, own, kind):
    path = own / "odd.md"
    if kind == "link to nothing":
        path.symlink_to("nowhere")
    elif kind == "no text":
        path.write_bytes(b"\xff")
    else:
        put_in_place_of(path, kind)
    (own / "good.md").write_text(GOOD.format("A"))
    with at_once():
        good, odd = list_lessons()
    assert good.lesson is not None and odd.lesson is None and odd.problems[0].line == 1


def test_other_files_are_no_lessons(shipped, own):
    for name in ("a.txt", ".hidden.md", "b.md~", "c"):
        (own / name).write_text(GOOD.format("A"))
    assert list_lessons() == []


@pytest.mark.parametrize("name", ["", "no", "../secret", "a/b", "x" * 10_000, "\n", "\udcff"])
def test_a_lesson_that_is_not_there_is_a_sentence(shipped, own, name):
    with pytest.raises(LessonError, match="There is no lesson") as raised:
        find(name)
    assert len(str(raised.value)) < 400


def test_a_file_that_changes_is_read_again_also_with_its_age_and_size(shipped, own):
    path = own / "a.md"
    path.write_text(GOOD.format("one"))
    about = path.stat()
    assert find("a").title == "one"
    path.write_text(GOOD.format("two"))
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert path.stat().st_mtime_ns == about.st_mtime_ns and path.stat().st_size == about.st_size
    assert find("a").title == "two"


def test_a_file_that_does_not_change_is_read_once(shipped, own, monkeypatch):
    read = []
    (own / "a.md").write_text(GOOD.format("one"))
    real = reading.read
    monkeypatch.setattr(reading, "read", lambda path: read.append(path) or real(path))
    assert find("a") is find("a") and len(read) == 1


def test_a_file_that_goes_while_it_is_read_is_there_when_it_is_back(shipped, own, monkeypatch):
    path, away = own / "a.md", own / "away"
    path.write_text(GOOD.format("one"))
    real = reading.read

    def read(asked):
        path.rename(away)
        return real(asked)

    monkeypatch.setattr(reading, "read", read)
    (entry,) = list_lessons()
    assert entry.lesson is None and "cannot be read" in entry.problems[0].sentence
    monkeypatch.setattr(reading, "read", real)
    assert list_lessons() == []
    away.rename(path)
    assert find("a").title == "one"


def test_only_so_many_own_files_are_looked_at(shipped, own, monkeypatch):
    monkeypatch.setattr(library, "MOST_LESSONS", 3)
    for number in range(5):
        (own / f"{number}.md").write_text(GOOD.format(number))
    assert names() == ["0", "1", "2"]
