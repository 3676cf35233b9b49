"""A lesson's file: what it says, and each thing that can be wrong with it, with the line on which it stands.

Run: python -m pytest tests/core/lessons/test_lesson_reading.py
"""

import time

import pytest

from fmnist_core.lessons import reading
from fmnist_core.lessons.lesson import Asked, Problem
from fmnist_core.lessons.reading import MOST_BYTES, MOST_STEPS, parse
from tests.odd_files import ODD, at_once, put_in_place_of

FRONT = """---
title: What the network mixes up
minutes: 30
age: 10 to 14
learned: [read a confusion matrix, say what recall is]
---
"""
QUESTION = """```question
kind: choice
ask: Which class is hardest?
answer: hardest_class
```
"""
GOOD = f"""{FRONT}# Look at the matrix

Some *words*.

![a shirt](test/4021)

```view
page: evaluate
fields: {{view: matrix, run: cnn_2}}
hide: [show]
```

{QUESTION}
```teacher
Let them guess **first**.
```

# And then #

```python
# no heading
```
"""


def problems(text: str | bytes, name: str = "a-lesson") -> list[Problem]:
    lesson, found = parse(name, text if isinstance(text, bytes) else text.encode())
    assert (lesson is None) == bool(found)
    return found


def of_step(block: str) -> list[tuple[int, str]]:
    """Problems of a lesson with one step; its lines counted from that of the heading, 0."""
    first = FRONT.count("\n") + 1
    return [(problem.line - first, problem.sentence) for problem in problems(f"{FRONT}# A step\n{block}")]


def test_a_good_lesson_is_read():
    lesson, found = parse("a-lesson", GOOD.encode())
    assert found == [] and lesson is not None
    assert (lesson.name, lesson.title, lesson.minutes, lesson.age, lesson.run) == (
        "a-lesson",
        "What the network mixes up",
        30,
        "10 to 14",
        "flagship",
    )
    assert lesson.learned == ("read a confusion matrix", "say what recall is")
    first, last = lesson.steps
    assert first.text == "Some *words*.\n\n![a shirt](test/4021)" and first.notes == "Let them guess **first**."
    assert first.view is not None and (first.view.page, first.view.hide) == ("evaluate", ("show",))
    assert first.view.fields == {"view": "matrix", "run": "cnn_2"}
    assert first.question is not None and first.question.answer == Asked("hardest_class")
    lines = GOOD.splitlines()
    assert lines[first.line - 1] == "# Look at the matrix" and lines[first.question.line - 1] == "answer: hardest_class"
    assert (last.title, last.text, last.question, last.view) == ("And then", "```python\n# no heading\n```", None, None)


@pytest.mark.parametrize("change", ["bom", "crlf", "cr"])
def test_how_an_editor_saves_it_makes_no_difference(change):
    content = {
        "bom": b"\xef\xbb\xbf" + GOOD.encode(),
        "crlf": GOOD.replace("\n", "\r\n").encode(),
        "cr": GOOD.replace("\n", "\r").encode(),
    }[change]
    assert parse("a-lesson", content) == parse("a-lesson", GOOD.encode())


def test_values_stay_what_they_look_like():
    front = "title: yes\nminutes: 30\nage: 2026-11-28\nlearned: [0644, null, 1e3, on]\nrun: cnn_2"
    lesson, found = parse("a", f"---\n{front}\n---\n# A step\n".encode())
    assert found == [] and lesson is not None
    assert (lesson.title, lesson.age, lesson.learned) == ("yes", "2026-11-28", ("0644", "null", "1e3", "on"))


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "must begin with a line of ---"),
        ("# A step\n", 1, "must begin with a line of ---"),
        ("---\ntitle: A\n# A step\n", 1, "has no end: a second line of ---"),
        (FRONT, 7, "There is no step"),
        (FRONT.replace("title: What the network mixes up\n", "") + "# A\n", 2, "needs a line `title: ...`"),
        (FRONT.replace("title: What the network mixes up", "title: [a, b]") + "# A\n", 2, "text on one line"),
        (FRONT.replace("title: What the network mixes up", "title:") + "# A\n", 2, "text on one line"),
        (FRONT.replace("mixes up", "x" * 300) + "# A\n", 2, "at most 300 can be read"),
        (FRONT.replace("learned: [read a confusion matrix, say what recall is]\n", "") + "# A\n", 2, "needs `learned`"),
        (FRONT.replace("[read a confusion matrix, say what recall is]", "{a: b}") + "# A\n", 5, "must be a list"),
        (FRONT.replace("[read a", "[[read] a").replace("matrix, say", "matrix], [say") + "# A\n", 5, "no YAML"),
        (FRONT.replace("age:", "ages:") + "# A\n", 4, "`ages` means nothing in the front matter. Expected one of: age"),
        (FRONT.replace("age: 10 to 14", "age: 10\nage: 11") + "# A\n", 5, "`age` stands here twice"),
        (FRONT.replace("age: 10 to 14", "age: 10: 11") + "# A\n", 4, "no YAML: mapping values are not allowed here"),
        (FRONT.replace("age: 10 to 14", "age: 10\nrun: best") + "# A\n", 5, "`run` must be a model of the zoo"),
        (FRONT + "Hello.\n\nYou.\n# A\n", 7, "before the first step"),
        (FRONT + QUESTION + "# A\n", 7, "before the first step"),
        (FRONT + "# A\n\n```\n# B\n", 9, "has no end"),
        (FRONT + "# A\n~~~~\n~~~\n", 8, "has no end: a line of ~~~ is missing"),
        (FRONT + "#  #\n", 7, "heading is empty"),
        (FRONT + f"# {'x' * 301}\n", 7, "301 characters; at most 300 fit"),
        (FRONT + "# A\n" * (MOST_STEPS + 1), 7, f"{MOST_STEPS + 1} steps; a lesson has at most {MOST_STEPS}"),
        (FRONT + "# A\n\nred\x1b[31m\n", 9, "a character that no text has"),
        (FRONT.replace("What", '"\\ud800"') + "# A\n", 2, "no YAML"),
        (FRONT.replace("What the network mixes up", '"\\ud800"') + "# A\n", 2, "a character that no text has"),
        (FRONT.replace("What the network mixes up", '"\\x00"') + "# A\n", 2, "a character that no text has"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_line(text, line, words):
    assert [problem.line for problem in problems(text) if words in problem.sentence] == [line]


@pytest.mark.parametrize("minutes", ["0", "241", "1.5", "soon", "nan", ".inf", "inf", "-1", "1e400", "[5]", "{}", ""])
def test_wrong_minutes(minutes):
    found = problems(FRONT.replace("minutes: 30", f"minutes: {minutes}") + "# A\n")
    assert {problem.line for problem in found} == {3} and found[-1].sentence.startswith("`minutes` must be a")


@pytest.mark.parametrize(
    ("block", "line", "words"),
    [
        ("```view\nfields: {}\n```\n", 2, "needs a line `page: ...`"),
        ("```view\npage: attic\n```\n", 2, "There is no page `attic`. Expected one of: data, evaluate"),
        ("```view\n\npage: attic\n```\n", 3, "There is no page `attic`"),  # blank lines count, too
        ("```view\npage: data\nfields: {colour: red}\n```\n", 3, "The field `colour` cannot be `red`"),
        ("```view\npage: data\nfields: {smell: red}\n```\n", 3, "No page has a field `smell`"),
        ("```view\npage: data\nfields: [a]\n```\n", 3, "must be {name: value}"),
        ("```view\npage: data\nfields: {k: [a]}\n```\n", 3, "must be {name: value}"),
        ("```view\npage: data\nfields: {split: test, split: train}\n```\n", 3, "`split` stands here twice"),
        ("```view\npage: data\nfields: {run: 'cnn_1,cnn_2'}\n```\n", 3, "The field `run` cannot be"),
        ("```view\npage: data\nfields: {run: cnn_99}\n```\n", 3, "The field `run` cannot be"),
        ("```view\npage: data\nhide: [smell]\n```\n", 3, "there is no field `smell`"),
        ("```view\npage: data\nzoom: 3\n```\n", 3, "`zoom` means nothing in the view"),
        ("```view\njust words\n```\n", 2, "must be lines of `name: value`"),
        ("```view\n- page\n```\n", 2, "must be lines of `name: value`"),
        ("```view\n? [a]\n: b\n```\n", 2, "must be a word"),
        ("```view\npage: data\n```\n```view\npage: data\n```\n", 4, "a second block `view`"),
        (QUESTION + QUESTION, 6, "a second block `question`"),
        ("```teacher\nA\n```\n~~~ Teacher\nB\n~~~\n", 4, "a second block `teacher`"),
        (QUESTION.replace("choice", "essay"), 2, "There is no kind of question `essay`. Expected one of: choice"),
        (QUESTION.replace("kind: choice\n", ""), 2, "needs a line `kind: ...`"),
        (QUESTION.replace("hardest_class", "weather"), 4, "The app computes no answer `weather`"),
        (QUESTION.replace("hardest_class", "accuracy"), 4, "answers a question of kind number, not choice"),
        (QUESTION.replace("hardest_class", "{class: Shirt}"), 4, "needs to say what"),
        (QUESTION.replace("hardest_class", "{what: recall, what: accuracy}"), 4, "`what` stands here twice"),
        (
            QUESTION.replace("hardest_class", "{what: hardest_class, by: me}"),
            4,
            "`by` means nothing to `hardest_class`",
        ),
        (QUESTION.replace("hardest_class", "{what: confused_with}"), 4, "The answer needs `class`"),
        (QUESTION.replace("hardest_class", "{what: confused_with, class: Sock}"), 4, "`class` must be one of T-shirt"),
        (QUESTION.replace("hardest_class", "{what: label, picture: test/10000}"), 4, "is no picture"),
        (QUESTION.replace("hardest_class", "{what: better, other: cnn_99}"), 4, "must be a model of the zoo"),
        (
            QUESTION.replace("hardest_class", "{what: called_changed, picture: test/0, change: rotate, severity: nan}"),
            4,
            "`severity` must be from",
        ),
        (
            QUESTION.replace("hardest_class", "{what: called_changed, picture: test/0, change: blur, severity: -9}"),
            4,
            "`severity` of blur reaches from",
        ),
        (QUESTION.replace("answer:", "options: [a]\nanswer:"), 4, "2 to 12 options"),
        (QUESTION.replace("answer:", "options: [a, b, a]\nanswer:"), 4, "Two options are the same"),
        (QUESTION.replace("answer:", "from: 9\nto: 3\nanswer:"), 4, "`from` must be less than `to`"),
        (QUESTION.replace("answer:", "from: .nan\nanswer:"), 4, "`from` must be a number"),
        (QUESTION.replace("answer:", "to: inf\nanswer:"), 4, "`to` must be a number"),
        (QUESTION.replace("answer:", "to: 1e308\nanswer:"), 4, "`to` must be a number"),
        (QUESTION.replace("answer:", "from: 99.99999999\nanswer:"), 4, "`from` must be less than `to`"),
        (QUESTION.replace("answer:", "step: 0\nanswer:"), 4, "`step` must be more than 0"),
        (QUESTION.replace("answer:", "step: 101\nanswer:"), 4, "`step` must be more than 0"),
        (
            QUESTION.replace("answer: hardest_class", "answer: {what: typed, is: A}"),
            4,
            "needs `options` to choose from",
        ),
        (
            QUESTION.replace("answer: hardest_class", "options: [A, B]\nanswer: {what: typed, is: C}"),
            5,
            "`is` must be one of the options",
        ),
        (
            QUESTION.replace("choice", "number").replace("hardest_class", "{what: typed, is: nan}"),
            4,
            "`is` lies outside",
        ),
        (
            QUESTION.replace("choice", "order").replace(
                "answer: hardest_class", "options: [A, B]\nanswer: {what: typed, is: A; A}"
            ),
            5,
            "`is` must be all of the options",
        ),
    ],
)
def test_what_is_wrong_with_a_block_is_said_with_its_line(block, line, words):
    assert [at for at, sentence in of_step(block) if words in sentence] == [line]


def test_of_yaml_that_cannot_be_read_one_thing_is_said():
    assert [at for at, _ in of_step("```question\nkind: [choice\nask: A\n```\n")] == [3]


def test_all_problems_are_found_at_once_in_the_order_of_their_lines():
    text = f"{FRONT.replace('minutes: 30', 'minutes: 0')}# A\n```view\npage: attic\n```\n{QUESTION}{QUESTION}"
    assert [problem.line for problem in problems(text)] == [3, 9, 16]


def test_code_is_no_structure():
    """Headings and blocks within a fenced block are its content; an indented fence of four spaces is none."""
    inside = "````md\n# no\n```view\npage: attic\n```\n````\n``` python title=x\n# no\n```\n    ```\n"
    lesson, found = parse("a", f"{FRONT}# A\n{inside}# B\n#c\n## d\n`` ```x``` ``\n".encode())
    assert found == [] and lesson is not None
    assert [step.title for step in lesson.steps] == ["A", "B"]
    assert lesson.steps[0].text == inside.rstrip() and lesson.steps[1].text == "#c\n## d\n`` ```x``` ``"


@pytest.mark.parametrize(
    ("title", "said"), [("C#", "C#"), ("A ##", "A"), ("\tA", "A"), ("A #b", "A #b"), ("*A* `b`", "*A* `b`")]
)
def test_headings(title, said):
    lesson, _ = parse("a", f"{FRONT}# {title}\n".encode())
    assert lesson is not None and lesson.steps[0].title == said


BOMBS = {
    "recursive": "learned: &a [*a]",
    "recursive mapping": "learned: &a {b: *a}",
    "aliases": "a: &a [x, x]\nb: &b [*a, *a]\n" + "c: [*b, *b]",
    "laughs": "a0: &a0 [x]\n" + "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)),
    "deep list": f"learned: {'[' * 50_000}",
    "deep closed": f"learned: {'[' * 90}x{']' * 90}",
    "deep mapping": f"learned: {'{a: ' * 20_000}",
    "deep keys": f"{'? ' * 20_000}a",
    "many": f"minutes: [{'a, ' * 3_000}b]",
    "list as long as may be": f"minutes: {'[' * 9_900}",
    "long": "title: " + "x" * 190_000,
    "anchor nobody needs": "learned: [*nothing]",
    "python": "title: !!python/object/apply:os.system [ls]",
    "merge": "<<: {title: A}",
    "two documents": "title: A\n...\ntitle: B",
}


@pytest.mark.parametrize("name", BOMBS)
def test_yaml_that_is_made_to_hurt_is_a_problem(name):
    with at_once():
        assert problems(f"---\n{BOMBS[name]}\n---\n# A\n")
        assert problems(f"{FRONT}# A\n```question\n{BOMBS[name]}\n```\n")


def test_an_alias_is_told_on_its_line():
    found = problems(FRONT.replace("age: 10 to 14", "age: &a old\nrun: *a") + "# A\n")
    assert found == [Problem(4, "A lesson knows no aliases (& and *): write what is meant in both places.")]


@pytest.mark.parametrize(
    "line", ["# a" + " " * 190_000 + "b", "`" * 190_000, "```" + " " * 190_000 + "x", "# " + "#" * 190_000]
)
def test_long_lines_are_read_at_once(line):
    start = time.monotonic()
    parse("a", f"{FRONT}# A\n{line}\n".encode())
    assert time.monotonic() - start < 5


def test_a_large_file_is_not_read(tmp_path):
    path = tmp_path / "a.md"
    path.write_bytes(GOOD.encode() + b"x" * 1_000_000)
    lesson, found = reading.read(path)
    assert lesson is None and [problem.line for problem in found] == [1]
    assert "1,000," in found[0].sentence and f"at most {MOST_BYTES:,}" in found[0].sentence
    assert f"at most {MOST_BYTES:,}." in problems("x" * (MOST_BYTES + 1))[0].sentence


@pytest.mark.parametrize(
    "content", [b"---\ntitle: K\xf6ln\n---\n", "---\ntitle: A\n---\n".encode("utf-16"), b"\xff\xfe"]
)
def test_what_is_not_utf_8(content):
    assert problems(content) == [Problem(1, "The file is no text in UTF-8. Save it as such.")]


@pytest.mark.parametrize("kind", [*ODD, "nothing"])
def test_what_is_no_file_is_a_problem(tmp_path, kind):
    path = tmp_path / "a.md"
    if kind != "nothing":
        put_in_place_of(path, kind)
    with at_once():
        lesson, found = reading.read(path)
    assert lesson is None and found[0].line == 1 and found[0].sentence.startswith("The file cannot be read: ")


@pytest.mark.parametrize("name", ["", "A", "a b", "a.b", "-a", "ä", "a_b", "a\n", "a" * 61, "../a", "<b>", "\udcff"])
def test_odd_names_of_files(name):
    assert problems(GOOD, name)[0] == Problem(
        1, "The file's name must be small letters, digits and hyphens, such as my-lesson.md."
    )
