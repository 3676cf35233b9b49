"""The command `lessons`: lists, checks, writes for paper; a sentence and an exit code for what cannot be.

Run: python -m pytest tests/core/cli/test_lesson_commands.py
"""

import json

import pytest

from fmnist_core.cli.command_line import main
from fmnist_core.lessons import library
from fmnist_core.lessons.handout import answer_sheet, handout
from fmnist_core.lessons.sources import Sources

FRONT = "---\ntitle: A lesson\nminutes: 30\nage: 12\nlearned: [to see]\n---\n"
QUESTION = "```question\nkind: choice\nask: What is it?\nanswer: {what: label, picture: test/0}\n```\n"
GOOD = f"{FRONT}# One\n{QUESTION}# Two\n"


@pytest.fixture
def own(tmp_path, monkeypatch):
    """The folder of one's own lessons; none ships."""
    monkeypatch.setattr(library, "shipped_folder", lambda: tmp_path / "none")
    folder = tmp_path / "lessons"
    folder.mkdir()
    return folder


@pytest.fixture
def call(capsys):
    def run(*arguments) -> tuple[int, str, str]:
        code = main(["lessons", *map(str, arguments)])
        return code, *capsys.readouterr()

    return run


def test_no_lessons_yet(own, call):
    code, out, _ = call()
    assert code == 0 and str(own) in out
    assert call("--json")[1] == "[]\n"


def test_lessons_are_listed_broken_ones_with_their_first_problem(own, call):
    (own / "good.md").write_text(GOOD)
    (own / "bad.md").write_text(GOOD.replace("minutes: 30", "minutes: 0").replace("label", "weather"))
    (own / "e\x1b[31m\nvil.md").write_text(GOOD)
    code, out, _ = call()
    assert code == 0 and "\x1b" not in out
    head, bad, evil, good = out.splitlines()
    assert head.split() == ["name", "minutes", "steps", "title"]
    assert bad.split()[:3] == ["bad", "–", "–"] and "Line 3: `minutes` must be" in bad
    assert evil.startswith("e\\x1b[31m\\nvil ") and "Line 1: The file's name" in evil
    assert good.split() == ["good", "30", "2", "A", "lesson"]
    rows = json.loads(call("--json")[1])
    assert [row["name"] for row in rows][::2] == ["bad", "good"] and rows[2]["problems"] == []
    assert (rows[2]["minutes"], rows[2]["steps"], rows[2]["shipped"]) == (30, 2, False)
    assert [problem["line"] for problem in rows[0]["problems"]] == [3, 11]


def test_a_file_without_problems(tmp_path, call):
    path = tmp_path / "good.md"
    path.write_text(GOOD)
    assert call("--check", path) == (0, f"{path}: 2 steps, 1 questions, nothing wrong.\n", "")
    code, out, _ = call("--check", path, "--json")
    assert code == 0 and json.loads(out) == [{"file": str(path), "steps": 2, "questions": 1, "problems": []}]


def test_each_problem_is_a_line_and_the_exit_code_is_1(tmp_path, call):
    good, bad, unanswered = (tmp_path / f"{name}.md" for name in ("good", "bad", "unanswered"))
    good.write_text(GOOD)
    bad.write_text(GOOD.replace("minutes: 30", "minutes: 0").replace("label", "weather"))
    unanswered.write_text(GOOD.replace("{what: label, picture: test/0}", "{what: hardest_class, run: own}"))
    code, out, _ = call("--check", bad, good, unanswered, tmp_path / "nothing.md")
    lines = out.splitlines()
    assert code == 1 and len(lines) == 5
    assert lines[0].startswith(f"{bad}:3: `minutes` must be") and lines[1].startswith(f"{bad}:11: The app computes no")
    assert lines[2] == f"{good}: 2 steps, 1 questions, nothing wrong."
    assert lines[3].startswith(f"{unanswered}:11: This asks of a training of your own")
    assert lines[4] == f"{tmp_path / 'nothing.md'}:1: The file cannot be read: No such file or directory."
    code, out, _ = call("--check", unanswered, "--json")
    assert code == 1 and json.loads(out)[0]["problems"][0]["line"] == 11


def test_a_lesson_is_written_for_paper(own, tmp_path, call):
    (own / "good.md").write_text(GOOD)
    first, second = tmp_path / "new" / "h.html", tmp_path / "a.html"
    code, out, _ = call("good", "--handout", first, "--answers", second, "--json")
    lesson = library.find("good")
    assert first.read_bytes() == handout(lesson, Sources()) and second.read_bytes() == answer_sheet(lesson, Sources())
    assert code == 0 and json.loads(out) == {
        "lesson": "good",
        "handout": {"file": str(first), "bytes": first.stat().st_size},
        "answers": {"file": str(second), "bytes": second.stat().st_size},
    }


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["good"], "Say what to write"),
        (["nothing", "--handout", "h.html"], "There is no lesson 'nothing' here"),
        (["bad", "--handout", "h.html"], "cannot be shown. Line 3: `minutes`"),
        (["--handout", "h.html"], "Name the lesson, too"),
        (["good", "--check", "good.md"], "goes with nothing else"),
        (["good", "--handout", "h.html", "--answers", "./h.html"], "need a file each"),
        (["good", "--handout", "."], "The lesson cannot be written to .: "),
        (["good", "--handout", "lessons/good.md/h.html"], "Name a file in a folder that can be written"),
    ],
)
def test_what_cannot_be_is_a_sentence(own, tmp_path, monkeypatch, call, arguments, words):
    monkeypatch.chdir(tmp_path)
    (own / "good.md").write_text(GOOD)
    (own / "bad.md").write_text(GOOD.replace("minutes: 30", "minutes: 0"))
    code, out, err = call(*arguments)
    assert code == 1 and out == "" and words in err and err.count("\n") == 1
    assert not (tmp_path / "h.html").exists()
