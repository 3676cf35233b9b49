"""Who is in a room: one place a browser, a name or none, and no way to flood it.

Run: python -m pytest tests/core/room/test_pupils.py
"""

import codecs
import time
import unicodedata

import pytest

from fmnist_core.room import names, rates, rooms, store
from fmnist_core.storage.folders import RunError
from tests.core.room.conftest import ADA, BEN, EVE, TEACHER, hash_of


def test_who_loads_the_page_again_is_the_same_pupil(room):
    pupil = rooms.join(room.code, ADA)
    assert pupil == rooms.join(room.code, ADA, "Ada L.") == rooms.me(room.code, ADA).id != rooms.me(room.code, BEN).id
    assert rooms.peek(room.code).pupils == 2 and rooms.me(room.code, ADA).name == "Ada L."
    assert ADA[:8] not in pupil and rooms.me(room.code, EVE) is None
    assert [one.name for one in rooms.present(room.code, TEACHER)] == ["Ada L.", "Ben"]
    rooms.join(room.code, ADA, "")
    assert rooms.me(room.code, ADA).name == "Ada L."  # who says nothing keeps it


def test_loading_again_writes_nothing(room):
    before = store.path().with_name("rooms.sqlite-wal").read_bytes()
    rooms.join(room.code, ADA, "Ada")
    assert store.path().with_name("rooms.sqlite-wal").read_bytes() == before
    rooms.join(room.code, EVE)
    assert store.path().with_name("rooms.sqlite-wal").read_bytes() != before


def test_who_leaves_takes_the_answers_along_and_may_come_back(room):
    rooms.answer(room.code, ADA, 0, "coat")
    before = rooms.me(room.code, ADA)
    rooms.leave(room.code, ADA)
    assert rooms.answers(room.code, TEACHER, 0) == [] and rooms.peek(room.code).pupils == 1
    with store.reading() as tables:
        assert tables.execute("SELECT name FROM pupils WHERE asking = ?", (ADA,)).fetchone() == ("",)
    for attempt in (lambda: rooms.answer(room.code, ADA, 0, "x"), lambda: rooms.leave(room.code, ADA)):
        with pytest.raises(RunError, match="in no room"):
            attempt()
    assert rooms.join(room.code, ADA) == before.id and rooms.me(room.code, ADA).name == ""


def test_whom_the_teacher_removes_stays_out(room):
    rooms.answer(room.code, ADA, 0, "coat")
    rooms.answer(room.code, BEN, 0, "bag")
    version = room.version
    rooms.remove_pupil(room.code, TEACHER, rooms.me(room.code, ADA).id)
    assert rooms.peek(room.code).version > version and rooms.me(room.code, ADA) is None
    with pytest.raises(RunError, match="taken you out"):
        rooms.join(room.code, ADA)
    with pytest.raises(RunError, match="in no room"):
        rooms.answer(room.code, ADA, 0, "again")
    assert [one.value for one in rooms.answers(room.code, TEACHER, 0)] == ['"bag"']
    rooms.remove_pupil(room.code, TEACHER, "nobody")
    rooms.remove_pupil(room.code, TEACHER, None)


def test_a_thousand_joins_leave_those_inside_alone(room):
    rooms.answer(room.code, ADA, 0, "coat")
    refused = []
    for number in range(1000):
        try:
            rooms.join(room.code, hash_of(f"hostile {number}"), "x" * 10_000)
        except RunError as error:
            refused.append(str(error))
    assert rooms.peek(room.code).pupils == rates.MOST_PUPILS and len(refused) == 1000 - rates.MOST_PUPILS + 2
    assert all("full" in sentence for sentence in refused)
    rooms.answer(room.code, BEN, 0, "bag")
    assert [one.value for one in rooms.answers(room.code, TEACHER, 0)] == ['"coat"', '"bag"']
    assert rooms.join(room.code, ADA, "Ada") and rooms.find(room.code, BEN).code == room.code
    for pupil in rooms.present(room.code, TEACHER)[2:12]:
        rooms.remove_pupil(room.code, TEACHER, pupil.id)
    assert rooms.join(room.code, hash_of("late"))


def test_joining_has_a_rate_and_leaving_is_no_way_round(room, clock):
    for number in range(rates.MOST_JOINS):
        rooms.join(room.code, hash_of(f"{number}"))
        rooms.leave(room.code, hash_of(f"{number}"))
    with pytest.raises(RunError, match="within a minute"):
        rooms.join(room.code, EVE)
    assert rooms.join(room.code, ADA) and rooms.join(room.code, hash_of("0"))  # who was in it is not new
    clock.seconds += rates.MINUTE
    assert rooms.join(room.code, EVE)


def test_a_room_has_an_end_of_those_who_were_in_it(room, monkeypatch):
    monkeypatch.setattr(rates, "MOST_EVER", 3)
    rooms.join(room.code, EVE)
    rooms.leave(room.code, EVE)
    with pytest.raises(RunError, match="full"):
        rooms.join(room.code, hash_of("one more"))
    assert rooms.join(room.code, EVE)


def test_who_left_a_room_that_is_full_by_now_waits_for_a_place(room, monkeypatch):
    monkeypatch.setattr(rates, "MOST_PUPILS", 2)
    rooms.leave(room.code, ADA)
    rooms.join(room.code, EVE)
    with pytest.raises(RunError, match="full"):
        rooms.join(room.code, ADA)
    rooms.leave(room.code, EVE)
    assert rooms.join(room.code, ADA)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("  Ada   Lovelace ", "Ada Lovelace"),
        ("A" * 30, "A" * 20),
        ("Ａｄａ", "Ada"),
        ("<b>Ada</b>", "bAda/b"),
        ("<script>alert(1)</script>", "scriptalert(1)/scrip"),
        ("Ada\u202egnirts\u200b\u0000\x1b[31m\n", "Adagnirts[31m"),
        ("Z\u0335\u0336\u0337\u0338\u0321\u0322a", "Z\u0335\u0336a"),
        ("\u3164\u2800\u115f\ufeff", ""),
        ("\ud800", ""),
        ("José Ñandú", "José Ñandú"),
        ("हिन्दी", "हिन्दी"),
        ("สวัสดี", "สวัสดี"),
        ("😀", "😀"),
        (None, ""),
        (b"Ada", ""),
    ],
)
def test_what_is_shown_of_a_name(room, typed, shown):
    assert names.nickname(typed) == unicodedata.normalize("NFKC", shown)
    rooms.join(room.code, EVE, typed)
    assert rooms.me(room.code, EVE).name == names.nickname(typed)


@pytest.mark.parametrize("part", ["A", "\u0301", "\ufdfa", " x", "1!|l"])
def test_a_megabyte_of_name_costs_nothing(part):
    typed = part * 10**6
    begin = time.process_time()
    for _ in range(10):
        assert len(names.nickname(typed)) <= names.LONGEST
    assert time.process_time() - begin < 0.1


@pytest.mark.parametrize("word", ["shpx", "svpx", "fpuynzcr", "ovgpu", "uvgyre"])
def test_what_is_on_the_list_goes_unnamed_however_it_is_written(word):
    plain = codecs.decode(word, "rot13")
    leet = plain.translate(str.maketrans("aeiost", "4310$7"))
    middle = len(plain) // 2
    for typed in (
        *(plain, plain.upper(), leet, f"xX{plain}Xx", plain[0] + plain[1] * 5 + plain[2:], " ".join(plain)),
        *(".".join(plain), f"{plain[:middle]} {plain[middle:]}", f"{plain[:middle]}-{plain[middle:]}", f"a {plain}"),
        *(f"so {' '.join(plain)} is", "^".join(plain), plain.upper().replace("", "*")),
        *(plain[:1] + "\u200b" + plain[1:], f"so {plain.replace('i', 'í').replace('u', 'ü')}", plain.replace("a", "а")),
    ):
        assert names.nickname(typed) == "", typed


def test_a_word_that_good_names_have_inside_is_one_alone():
    plain = codecs.decode("fnh", "rot13")
    for typed in (
        plain,
        plain.upper(),
        f"du {plain}",
        f"{'.'.join(plain)} du",
        " ".join(plain),
        f"{plain}-x",
        f"x_{plain}",
    ):
        assert names.nickname(typed) == "", typed
    assert names.nickname(f"{plain}er") == f"{plain}er"


NAMES = """Cassandra Ishita Nazir Dick Schwarzenegger Essex Therapist Anna-Lena Niger Fikret Assad Titus Analena Hancock
Jörg Rafiq Hitzfeld""".split()


@pytest.mark.parametrize("name", [*NAMES, "Mats Hitz", "Annika S", "Kim A. B. C.", "Push It"])
def test_names_that_people_have_stay(name):
    assert names.nickname(name) == name
