"""A room from its opening to its end: who finds it, who leads it, what each step keeps.

Run: python -m pytest tests/core/room/test_rooms.py
"""

import re
import time

import pytest

from fmnist_core.demo import upkeep
from fmnist_core.room import codes, rates, rooms, store
from fmnist_core.storage.folders import RunError
from tests.core.room.conftest import ADA, BEN, EVE, TEACHER, hash_of


def test_a_room_is_found_by_its_code_however_it_is_typed(room):
    assert re.fullmatch(f"[{codes.LETTERS}]{{4}}", room.code) and not set(codes.LETTERS) & set("AEIOUYQV")
    typed = f" {room.code[:2].lower()}-{room.code[2:]} "
    assert rooms.find(typed, ADA) == rooms.peek(typed) == room
    assert (room.lesson, room.step, room.revealed, room.locked, room.pupils) == (
        "what-a-network-sees",
        0,
        False,
        False,
        2,
    )


def test_no_code_makes_a_word():
    drawn = [codes.draw() for _ in range(3000)]
    assert all(len(set(code)) == 4 for code in drawn) and len(set(drawn)) > 2500
    assert not [code for code in drawn if "KZ" in code or "FCK" in code]


@pytest.mark.parametrize("lesson", ["", "../secret", "A", "x" * 61, None, "a\n"])
def test_a_room_has_a_lesson(lesson):
    with pytest.raises(RunError, match="no such lesson"):
        rooms.open_room(lesson, TEACHER)


@pytest.mark.parametrize("asking", ["", None, "teacher", "0" * 31, "0" * 32 + "\n"])
def test_who_has_no_secret_opens_and_joins_nothing(room, asking):
    for attempt in (lambda: rooms.open_room("a", asking), lambda: rooms.join(room.code, asking)):
        with pytest.raises(RunError, match="cookies"):
            attempt()


def test_nothing_is_there_before_a_room_is_and_asking_makes_no_file():
    assert rooms.peek("BCDF") is None and rooms.rooms_of(TEACHER) == [] and not rooms.teaches("BCDF", TEACHER)
    assert rooms.me("BCDF", ADA) is None
    rooms.tidy(rates.now())
    assert not store.path().exists()


def test_the_class_follows_and_each_step_keeps_what_it_was(room):
    seen = [room.version]

    def now():
        found = rooms.peek(room.code)
        seen.append(found.version)
        return found.step, found.revealed, found.locked

    rooms.lock(room.code, TEACHER, True)
    assert now() == (0, False, True)
    rooms.reveal(room.code, TEACHER)
    assert now() == (0, True, True)
    rooms.show(room.code, TEACHER, 1)
    assert now() == (1, False, False)
    rooms.show(room.code, TEACHER, 0)
    assert now() == (0, True, True)
    rooms.lock(room.code, TEACHER, False)
    assert now() == (0, True, False)
    assert seen == sorted(set(seen))
    for nothing_new in (
        lambda: rooms.show(room.code, TEACHER, 0),
        lambda: rooms.reveal(room.code, TEACHER),
        lambda: rooms.lock(room.code, TEACHER, False),
    ):
        nothing_new()
    assert now() == (0, True, False) and seen[-1] == seen[-2]


@pytest.mark.parametrize("step", [-1, rates.MOST_STEPS, 10**30, "1", 1.0, None])
def test_there_are_so_many_steps(room, step):
    with pytest.raises(RunError, match="no such step"):
        rooms.show(room.code, TEACHER, step)
    assert rooms.peek(room.code) == room


@pytest.mark.parametrize("asking", [ADA, EVE, "", None])
def test_only_who_has_opened_it_leads(room, asking):
    mine = rooms.me(room.code, BEN)
    rooms.answer(room.code, BEN, 0, "coat")
    before = rooms.peek(room.code), rooms.answers(room.code, TEACHER, 0)
    for attempt in (
        lambda: rooms.show(room.code, asking, 1),
        lambda: rooms.reveal(room.code, asking),
        lambda: rooms.lock(room.code, asking, True),
        lambda: rooms.remove_answer(room.code, asking, mine.id, 0),
        lambda: rooms.remove_pupil(room.code, asking, mine.id),
        lambda: rooms.present(room.code, asking),
        lambda: rooms.end(room.code, asking),
    ):
        with pytest.raises(RunError, match="another browser has opened it"):
            attempt()
    assert before == (rooms.peek(room.code), rooms.answers(room.code, TEACHER, 0))
    assert rooms.own_answer(room.code, BEN, 0).value == '"coat"'
    assert not rooms.teaches(room.code, asking) and rooms.teaches(room.code, TEACHER)


def test_a_teacher_finds_the_rooms_again_and_has_so_many(clock):
    opened = []
    for number in range(rates.MOST_ROOMS_EACH):
        clock.seconds += 1
        opened.append(rooms.open_room(f"lesson-{number}", TEACHER))
    assert rooms.rooms_of(TEACHER) == opened[::-1] and rooms.rooms_of(EVE) == []
    with pytest.raises(RunError, match="End one"):
        rooms.open_room("one-more", TEACHER)
    rooms.end(opened[0].code, TEACHER)
    assert rooms.open_room("one-more", TEACHER).lesson == "one-more"


def test_all_rooms_are_so_many_and_one_that_stands_empty_gives_way(clock):
    opened = [rooms.open_room("a", hash_of(f"teacher {number}")) for number in range(rates.MOST_ROOMS)]
    assert len({room.code for room in opened}) == rates.MOST_ROOMS
    with pytest.raises(RunError, match="are taken"):
        rooms.open_room("a", TEACHER)
    for room in opened[1:]:
        rooms.join(room.code, ADA)
    clock.seconds += rates.EMPTY_SECONDS + 1
    mine = rooms.open_room("a", TEACHER)
    assert rooms.peek(opened[0].code) is None and rooms.peek(mine.code) == mine
    clock.seconds += 1
    with pytest.raises(RunError, match="are taken"):  # nobody is in mine, but it is new
        rooms.open_room("a", EVE)


def test_who_guesses_codes_waits_and_nobody_else_does(room, clock):
    wrong = [code for code in ("BCDF", "GHJK", "LMNP") if code != room.code][0]
    for number in range(rates.MOST_WRONG):
        clock.seconds += 50 * (number == rates.MOST_WRONG - 1)  # the minute of waiting begins with the last one
        with pytest.raises(RunError, match="no room with this code"):
            rooms.find(wrong, EVE)
    for attempt in (lambda: rooms.find(room.code, EVE), lambda: rooms.join(room.code, EVE)):
        with pytest.raises(RunError, match="Wait a minute"):
            attempt()
    assert rooms.find(room.code, hash_of("late")) == room
    clock.seconds += rates.MINUTE - 1
    with pytest.raises(RunError, match="Wait a minute"):
        rooms.find(room.code, EVE)
    clock.seconds += 2
    assert rooms.find(room.code, EVE) == room


def test_joining_is_no_way_to_guess_either(room, clock):
    wrong = [code for code in ("BCDF", "GHJK", "LMNP") if code != room.code][0]
    for _ in range(rates.MOST_WRONG):
        with pytest.raises(RunError, match="no room with this code"):
            rooms.join(wrong, EVE)
    with pytest.raises(RunError, match="Wait a minute"):
        rooms.join(room.code, EVE)


def test_many_who_guess_together_wait_and_those_inside_do_not(room, clock):
    wrong = [code for code in ("BCDF", "GHJK", "LMNP") if code != room.code][0]
    for number in range(rates.MOST_WRONG_IN_ALL):
        with pytest.raises(RunError, match="no room with this code"):
            rooms.find(wrong, hash_of(f"guesser {number}"))
    with pytest.raises(RunError, match="Wait a minute"):
        rooms.find(room.code, EVE)
    assert rooms.find(room.code, ADA) == rooms.find(room.code, TEACHER) == room
    assert rooms.join(room.code, ADA) == rooms.me(room.code, ADA).id
    clock.seconds += rates.MINUTE + 1
    assert rooms.find(room.code, EVE) == room


NO_CODES = ["", "ABCD", "BCD", "BCDFG", "B" * 10**6, "' OR 1=1 --", "ẞßßß", None, 7, "\ud800BCD"]


@pytest.mark.parametrize("typed", NO_CODES, ids=range(len(NO_CODES)))
def test_what_can_be_no_code_is_no_guess_and_finds_nothing(room, typed):
    for _ in range(rates.MOST_WRONG + 1):
        for attempt in (rooms.find, rooms.join):
            with pytest.raises(RunError, match="no room with this code"):
                attempt(typed, EVE)
    assert rooms.find(room.code, EVE) == room
    assert rooms.peek(typed) is None


def test_a_megabyte_of_code_costs_nothing():
    begin = time.process_time()
    assert codes.read("B" * 10**7) == codes.read(" " * 10**7) == ""
    assert time.process_time() - begin < 0.1


def test_the_end_leaves_nothing_in_the_files(room):
    other = rooms.open_room("another", TEACHER)
    rooms.join(other.code, BEN, "Benjamin")
    for number in range(25):  # of all sizes, replaced and removed, so that pages are split and joined
        rooms.answer(room.code, ADA, 0, f"secret-{number} " * (1 + number * 7 % 60))
        rooms.answer(room.code, BEN, 0, [f"secret-{number}"] * (1 + number * 11 % 60))
        rooms.answer(other.code, BEN, 0, f"kept-{number} " * (1 + number * 5 % 60))
    rooms.join(room.code, ADA, "Zacharias")
    rooms.join(other.code, EVE)
    for step in range(20):  # as much as the file without it
        rooms.show(other.code, TEACHER, step)
        rooms.answer(other.code, EVE, step, f"kept-{step} " * 200)
    content = _files()
    assert b"secret-24" in content and b"Zacharias" in content
    rooms.end(room.code, TEACHER)
    content = _files()
    assert b"secret-" not in content and b"Zacharias" not in content and room.code.encode() not in content
    assert b"kept-24" in content and rooms.peek(room.code) is None and rooms.peek(other.code).pupils == 2
    rooms.end(other.code, TEACHER)
    assert (
        b"kept-" not in _files() and b"Benjamin" not in _files() and store.path().stat().st_size < 60_000
    )  # as in the beginning
    with store.reading() as tables:
        for table in store.OF_A_ROOM:
            assert tables.execute(f"SELECT COUNT(*) FROM {table}").fetchone() == (0,)


def _files() -> bytes:
    return b"".join(path.read_bytes() for path in store.path().parent.glob("rooms*"))


def test_what_nobody_touches_goes_by_itself(clock, room):
    rooms.answer(room.code, ADA, 0, "known-answer")
    idle, hours = rooms.open_room("idle", TEACHER), rates.HOURS * 3600
    clock.seconds += hours - 1
    rooms.show(room.code, TEACHER, 1)
    clock.seconds += 2
    rooms.tidy(clock.seconds)
    assert rooms.rooms_of(TEACHER) == [rooms.peek(room.code)] and rooms.peek(idle.code) is None
    rooms.tidy(clock.seconds + hours)
    assert rooms.rooms_of(TEACHER) == [] and b"known-answer" not in _files()


def test_upkeep_tidies_rooms_also_where_nobody_trains_and_a_limit_cannot_be_understood(room, runs_folder, monkeypatch):
    later = rates.now() + rates.HOURS * 3600 + 1

    def stop(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setenv("FMNIST_LIMITS", "nonsense")
    monkeypatch.setattr(upkeep.time, "time", lambda: later)
    monkeypatch.setattr(upkeep.time, "sleep", stop)
    with pytest.raises(KeyboardInterrupt):
        upkeep.run()
    assert rooms.peek(room.code) is None and not runs_folder.exists()
