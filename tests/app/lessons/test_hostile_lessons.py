"""Addresses, files, widgets and tabs that say what they should not: a sentence at most, never an exception.

Run: python -m pytest tests/app/lessons/test_hostile_lessons.py
"""

from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st

from fmnist_core.lessons import library
from fmnist_core.room import rooms
from fmnist_core.storage.folders import RunError
from fmnist_ui import received
from fmnist_ui.lessons import said
from fmnist_ui.widgets import browser_tab
from tests import made_up_lesson
from tests.app.lessons.conftest import Open, hash_of, links, words
from tests.made_up_lesson import CHOICE, LAST, NAME, NUMBER, ORDER

NAN, LONG = float("nan"), "x" * 1_000_000
NO_ANSWERS: list[Any] = [
    *(None, 5, "text", [], [[1]], {"": ""}, {"made-up": "Green"}, {"made-up/": 1}, {"made-up/x": 1}, {"made-up/-1": 1}),
    *({"made-up/100": 1}, {"made-up/²": 1}, {"made-up/٣": 1}, {"../made-up/1": 1}, {"Made/1": 1}, {LONG: 1}, {5: 1}),
    *({"made-up/1": LONG}, {"made-up/1": {"a": {"b": 1}}}, {"made-up/3": [["first"]]}, {"made-up/3": ["x"] * 10_000}),
]
# Taken back, as only the page knows what its question takes.
OTHERS: dict[int, list[Any]] = {
    CHOICE: ["Yellow", 1, True, ["Green"], "", " Green", "Green\x00", {"a": 1}],
    NUMBER: [NAN, float("inf"), -1, 41, 10**300, "30", True, [30]],
    ORDER: [["first"], ["first"] * 3, [1, 2, 3], "first", ["third", "second", "first", "first"], [NAN] * 3, [None] * 3],
}


class Kept:
    """Stands for the browser's tab, with what an earlier session had it keep."""

    def __init__(self, value: Any) -> None:
        self.value, self.told = value, None

    def __call__(self, key: str, data: dict[str, Any], on_given_change: Any) -> None:
        if data["name"] != "lessons":
            return
        if self.value is not Kept:
            st.session_state[key], self.value = {"given": {"value": self.value}}, Kept
            on_given_change()
        self.told = data["value"]


@pytest.mark.parametrize("kept", NO_ANSWERS, ids=lambda value: repr(value)[:30])
def test_what_a_tab_sends_that_is_no_answer_is_left_out(monkeypatch, kept):
    session: dict[str, Any] = {}
    monkeypatch.setattr(said, "st", SimpleNamespace(session_state=session))
    monkeypatch.setattr(received, "drop", lambda: None)
    said.take_back(kept)
    assert said.of(NAME, 1) is None and not session.get("lesson_said")


def test_a_tab_gives_back_what_was_said_and_no_more_than_was_kept(monkeypatch):
    session: dict[str, Any] = {}
    monkeypatch.setattr(said, "st", SimpleNamespace(session_state=session))
    said.put(NAME, 2, 30)
    said.take_back({f"{NAME}/1": "Green", f"{NAME}/2": 10, f"{NAME}/3": None} | {f"l{n}/1": 1 for n in range(999)})
    assert said.of(NAME, 1) == ("Green", None) and said.of(NAME, 3) == (said.SKIPPED, None)
    assert said.of(NAME, 2) == (30, None)  # what is said now wins
    assert len(session["lesson_said"]) == said.MOST_KEPT
    said.forget(NAME)
    assert said.of(NAME, 1) is None and said.of("l0", 1) is not None


def test_the_page_takes_back_what_the_tab_kept(monkeypatch, open_page: Open):
    tab = Kept({f"{NAME}/{CHOICE}": "Green"})
    monkeypatch.setattr(browser_tab, "_component", tab)
    app = open_page("lessons", lesson=NAME, step=str(CHOICE)).run()
    assert not app.exception and "You said Green." in words(app)
    assert tab.told == {f"{NAME}/{CHOICE}": "Green"}


@pytest.mark.long
@pytest.mark.parametrize("step", OTHERS)
def test_what_answers_no_such_question_is_asked_again(open_page: Open, step: int):
    for value in OTHERS[step]:
        app = open_page("lessons", said={f"{NAME}/{step}": value}, lesson=NAME, step=str(step))
        assert not app.exception and not app.error, value
        assert "<b>It is</b>" not in words(app) and "skip" in [one.key for one in app.button], value


def test_the_list_counts_no_answers_to_what_is_not_asked(open_page: Open):
    kept = {f"{NAME}/{step}": "Green" for step in range(99)}
    app = open_page("lessons", said=kept)
    assert not app.exception and "5 of 5 answered" in words(app)


@pytest.mark.some(2)
@pytest.mark.parametrize("value", [10**9, -(10**9), NAN, float("inf")])
def test_a_forged_guess_is_dropped(open_page: Open, value: float):
    """A browser may send of a slider what it does not offer."""
    app = open_page("lessons", lesson=NAME, step=str(NUMBER))
    app.slider(key=f"ask-{NAME}-{NUMBER}-number").set_value(value).run()
    assert not app.exception and not app.error
    app.button(key=f"ask-{NAME}-{NUMBER}-say").click().run()
    assert not app.exception and not app.error
    app.run()
    assert not app.exception and not app.error


@pytest.mark.some(2)
@pytest.mark.parametrize("name", ["../x", "made-up.md", "", "x" * 5000, "<script>alert(1)</script>", "Made-Up", "a/b"])
def test_what_is_no_name_of_a_lesson_is_left_out(open_page: Open, name: str):
    app = open_page("lessons", lesson=name)
    assert not app.exception and "The address' lesson was left out" in words(app)
    assert [one.value for one in app.title] == ["Lessons"] and ("lessons", f"lesson={NAME}") in links(app)


@pytest.mark.parametrize(("step", "title"), [("59", "The end"), ("999", "Look at this"), ("-1", "Look at this")])
def test_a_step_that_is_nowhere_is_one_that_is_there(open_page: Open, step: str, title: str):
    app = open_page("lessons", lesson=NAME, step=step)
    assert not app.exception and [one.value for one in app.subheader] == [title]
    assert len(app.warning) == (step != "59")


def test_an_unknown_lesson_and_a_broken_one_are_sentences(runs_folder, open_page: Open):
    app = open_page("lessons", lesson="nowhere")
    assert not app.exception and "There is no lesson 'nowhere' here." in words(app) and links(app)
    made_up_lesson.write(runs_folder, made_up_lesson.BROKEN, "broken")
    made_up_lesson.write(runs_folder, "", "empty")
    runs_folder.with_name("lessons").joinpath("bytes.md").write_bytes(b"\xff\x00" * 100)
    app = open_page("lessons", lesson="broken")
    assert not app.exception and "The lesson broken cannot be shown. Line " in words(app)
    app = open_page("lessons")
    problems = next(entry.problems for entry in library.list_lessons() if entry.name == "broken")
    assert not app.exception and len(app.warning) == 3 and len(problems) > 2
    shown = next(one.value for one in app.warning if "The lesson broken" in one.value)
    assert [f"- Line {one.line}: " for one in problems] == [
        line[: line.index(": ") + 2] for line in shown.splitlines() if line.startswith("- ")
    ]
    assert {3, 10} <= {one.line for one in problems}


def test_ones_own_lessons_are_told_from_those_that_ship(open_page: Open, monkeypatch, tmp_path):
    own = lambda app: [one.value for one in app.caption if "your own" in one.value]  # noqa: E731
    app = open_page("lessons")
    assert len(own(app)) == 1 and ("lessons", f"lesson={NAME}") in links(app)
    monkeypatch.setattr(library, "own_folder", lambda: tmp_path / "nowhere")
    assert own(open_page("lessons")) == []
    monkeypatch.setattr(library, "shipped_folder", lambda: tmp_path / "lessons")
    app = open_page("lessons")
    assert own(app) == [] and ("lessons", f"lesson={NAME}") in links(app)


def test_no_lesson_at_all_is_said(open_page: Open, monkeypatch, tmp_path):
    for folder in ("own_folder", "shipped_folder"):
        monkeypatch.setattr(library, folder, lambda: tmp_path / "nowhere")
    app = open_page("lessons")
    assert not app.exception and "no lesson" in words(app)


def test_a_strangers_code_in_the_address_gives_no_teachers_bar(open_page: Open):
    room = rooms.open_room(NAME, hash_of("teacher"))
    rooms.show(room.code, hash_of("teacher"), LAST)
    for who, bar in (("teacher", True), ("stranger", False)):
        app = open_page("lessons", who, lesson=NAME, room=room.code)
        keys = [one.key for one in app.button]
        assert not app.exception and ("room-lobby" in keys) is bar and ("room-end" in keys) is bar
        assert [one.value for one in app.subheader] == ["The end" if bar else "Look at this"]
        app.button(key="lesson-back" if bar else "lesson-next").click().run()
        assert not app.exception
    assert rooms.peek(room.code).step == LAST - 1  # the teacher's click alone has led the class
    for change in (rooms.reveal, rooms.end):
        with pytest.raises(RunError):
            change(room.code, hash_of("stranger"))
    with pytest.raises(RunError):
        rooms.lock(room.code, hash_of("stranger"), True)


@pytest.mark.long
def test_a_damaged_file_of_rooms_is_a_sentence(runs_folder, open_page: Open):
    folder = runs_folder.with_name("results")
    folder.mkdir()
    folder.joinpath("rooms.sqlite").write_bytes(b"no database" * 1000)
    for page in ("lessons", "join"):
        app = open_page(page, lesson=NAME, room="BCDF")
        assert not app.exception and "Rooms cannot be read" in words(app)
    app = open_page("lessons", lesson=NAME)
    app.button(key="room-open").click().run()
    assert not app.exception and "Rooms cannot be read" in app.toast[0].value
