"""What docs/lessons.md says to who writes a lesson, held against the code."""

import re

from fmnist_core.lessons import answers, reading
from fmnist_core.lessons.lesson import KINDS
from fmnist_core.lessons.sources import Sources
from fmnist_core.release import tables
from fmnist_core.storage.folders import PROJECT

TEXT = (PROJECT / "docs" / "lessons.md").read_text(encoding="utf-8")


def test_the_table_of_answers_is_that_of_the_code():
    assert tables.fill(TEXT, "answers", tables.lesson_answers()) == TEXT, "run: make generated"
    assert re.findall(r"^\| `(\w+)` .*\|.*\|.*\|.*\|$", TEXT.split("<!-- answers -->")[1], re.MULTILINE) == list(
        answers.ANSWERS
    )


def test_the_example_is_a_lesson_whose_answers_are_found():
    (example,) = re.findall(r"````markdown\n(.*?)````", TEXT, re.DOTALL)
    lesson, problems = reading.parse("my-lesson", example.encode())
    assert problems == [] and lesson is not None and len(lesson.steps) == 2
    assert all(answers.find(lesson, step.question, Sources()).sentence for step in lesson.steps if step.question)


def test_each_block_and_each_kind_is_told():
    for name in (*reading.BLOCKS, *KINDS):
        assert f"\n| `{name}` |" in TEXT
