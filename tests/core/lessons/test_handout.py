"""A lesson on paper: the worksheet says no answer, both say what they must, and no file of a teacher's can do harm.

How they print is seen in tests/browser/test_handouts.py.

Run: python -m pytest tests/core/lessons/test_handout.py
"""

import base64
import io
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from fmnist_core import data
from fmnist_core.data import CLASS_NAMES
from fmnist_core.lessons import markdown, reading
from fmnist_core.lessons.handout import MOST_TICKS, answer_sheet, handout, ticks
from fmnist_core.lessons.lesson import Lesson
from fmnist_core.lessons.sources import Sources
from fmnist_core.report.page import POLICY

NASTY = '<script>alert("1")</script>'
VOID = ("meta", "link", "img", "br", "hr")
MADE = """---
title: A lesson on paper
minutes: 45
age: 12 to 16
learned: [first goal, second goal]
---
# Look

Some **bold** words and a [link](https://example.org).

![A](test/4021) ![B](train/9)

```question
kind: choice
ask: Which fruit is it?
options: [Quince, Medlar]
answer: {what: typed, is: Medlar, because: Xylophones prove it.}
```
```teacher
Zebras *know* this.
```

# Sort

```question
kind: order
ask: Which comes first?
options: [Alpha, Beta, Gamma]
answer: {what: typed, is: Alpha; Beta; Gamma, because: Yaks count so.}
```

# Count

```question
kind: number
ask: How many are there?
from: 0
to: 90000
step: 100
unit: pairs
answer: {what: typed, is: 71234, because: Walruses counted 71234 of them.}
```

# Draw

```view
page: predict
```
```question
kind: drawing
ask: Draw a thing.
answer: {what: drawing, class: Sandal}
```

# Picture

```question
kind: choice
ask: What is this?
answer: {what: label, picture: test/18}
```

# Nobody trained

```question
kind: number
ask: How good is your own?
answer: {what: accuracy, run: own}
```
"""


class Sheet(HTMLParser):
    """A file's words, its pictures, all tags and attributes; and whether all tags are closed."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self.words = ""
        self.feed(content.decode())
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attributes]
        if tag not in (*VOID, "path"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in (*VOID, "path"):
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, words):
        if self.open and self.open[-1] != "style":
            self.words += words

    def pictures(self) -> list[np.ndarray]:
        found = []
        for tag, name, value in self.attributes:
            if (tag, name) == ("img", "src"):
                head, content = value.split(",")
                assert head == "data:image/png;base64"
                with Image.open(io.BytesIO(base64.b64decode(content))) as image:
                    found.append(np.asarray(image))
        return found


def lesson(text: str = MADE) -> Lesson:
    found, problems = reading.parse("a-lesson", text.encode())
    assert found is not None, problems
    return found


def test_the_worksheet_says_what_is_asked_and_no_answer():
    sheet = Sheet(handout(lesson(), Sources()))
    for words in (
        *("A lesson on paper", "45 minutes", "Name", "Class", "Date", "first goal", "second goal"),
        *("Look", "bold", "Which fruit is it?", "Quince", "Medlar", "Which comes first?", "Draw a thing.", "Predict"),
        *("How many are there?", "90000", "pairs", "What is this?", *CLASS_NAMES),
    ):
        assert words in sheet.words, words
    for words in (
        "Zebras",
        "Xylophones",
        "Yaks",
        "Walruses",
        "71234",
        "71,234",
        "Training",
        "teacher",
        "own has",
    ):
        assert words not in handout(lesson(), Sources()).decode(), words
    assert not re.search("Alpha.*Beta.*Gamma", sheet.words, re.DOTALL)  # the order itself is an answer
    assert all(name in sheet.words for name in ("Alpha", "Beta", "Gamma"))


def test_the_answers_say_what_is_right_why_and_the_notes():
    sheet = Sheet(answer_sheet(lesson(), Sources()))
    for words in (
        *("Medlar", "Xylophones prove it.", "Zebras", "Yaks count so.", "71234 pairs", "Walruses", "Sandal", "Bag"),
        "This asks of a training of your own, and none has ended yet. Train one first.",
        "6 steps, 6 questions",
    ):
        assert words in sheet.words, words
    assert re.search("Alpha\\s+Beta\\s+Gamma", sheet.words)
    assert "<em>know</em>" in answer_sheet(lesson(), Sources()).decode()


def test_a_computed_number_is_said_with_what_is_as_good():
    text = MADE.replace("{what: typed, is: 71234, because: Walruses counted 71234 of them.}", "accuracy")
    text = text.replace("to: 90000", "to: 100").replace("step: 100", "step: 1").replace("unit: pairs", 'unit: "%"')
    row = Sources().row("flagship")
    said = f"{100 * (row.test_accuracy or 0):.4g} %"
    sheet = Sheet(answer_sheet(lesson(text), Sources()))
    assert said in sheet.words and "As good as right: " in sheet.words
    assert said not in Sheet(handout(lesson(text), Sources())).words


def test_the_pictures_are_those_of_the_data_enlarged_without_blur():
    shown = Sheet(handout(lesson(), Sources())).pictures()
    expected = [data.load_split(split).images[place] for split, place in (("test", 4021), ("train", 9), ("test", 18))]
    assert len(shown) == len(expected)
    for one, other in zip(shown, expected, strict=True):
        assert (one == other.repeat(markdown.ENLARGED, 0).repeat(markdown.ENLARGED, 1)).all()
    answers = Sheet(answer_sheet(lesson(), Sources())).pictures()
    assert len(answers) == 7  # six sandals, and the picture in question


def test_a_picture_that_the_text_shows_is_not_shown_twice():
    text = MADE.replace("test/4021", "test/18").replace("# Picture", "# Picture\n\n![this](test/18)")
    assert len(Sheet(handout(lesson(text), Sources())).pictures()) == 3


@pytest.mark.parametrize("make", [handout, answer_sheet])
def test_a_file_asks_the_network_for_nothing_and_is_the_same_each_time(make):
    content = make(lesson(), Sources())
    assert content == make(lesson(), Sources())
    sheet = Sheet(content)
    assert ("meta", "content", POLICY) in sheet.attributes
    assert all(value.startswith("data:") for _, name, value in sheet.attributes if name == "src")
    assert all(
        value.startswith(("data:", "https://example.org")) for _, name, value in sheet.attributes if name == "href"
    )
    assert not re.search(r"url\(|@import", content.decode())
    assert len(content) < 1_000_000


@pytest.mark.parametrize("make", [handout, answer_sheet])
def test_nothing_of_a_hostile_file_is_markup(make):
    quoted = NASTY.replace('"', "'")
    text = (
        MADE.replace("A lesson on paper", f'"{quoted}"')
        .replace("first goal", f'"{quoted}"')
        .replace("# Look", f"# {NASTY}")
        .replace("Some **bold**", f"{NASTY} <img src=x onerror=alert(1)> <b onclick='a'>\n\n<iframe>\n\n**bold**")
        .replace("Zebras", f'{NASTY}\n\n![<b>](https://x.org/a.png) [a](javascript:alert(1)) !["onerror="](test/1)\n\n')
        .replace("https://example.org", "javascript:alert(1)")
        .replace("Which fruit is it?", f'"{quoted}"')
        .replace("Quince", f'"{quoted}"')
        .replace("Xylophones prove it.", f'"{quoted}"')
        .replace("unit: pairs", f'unit: "{quoted}"')
    )
    content = make(lesson(text), Sources())
    sheet = Sheet(content)
    assert not sheet.tags & {"script", "iframe", "object", "embed", "form", "base", "b"}
    assert [name for _, name, _ in sheet.attributes if name.startswith("on")] == []
    links = [value for _, name, value in sheet.attributes if name in ("src", "href")]
    assert links and all(value.startswith("data:") for value in links)
    assert b"&lt;script&gt;" in content


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("## A", "<h3>A</h3>"),
        ("###### A", "<h6>A</h6>"),
        ("a <b>b</b>", "<p>a &lt;b&gt;b&lt;/b&gt;</p>"),
        ("![no](test/10000)", ">no</p>"),
        ("![a & b](http://x.org/y.png)", "a &amp; b"),
        ("[a](https://x.org)", '<a href="https://x.org" rel="noreferrer">a</a>'),
        ("[a](data:text/html,x)", "<p>[a](data:text/html,x)</p>"),
        ("|a|\n|-|\n|b|", "<td>b</td>"),
        ("![](test/1)\n![](test/2)", '<p class="pictures">'),
        ("see ![](test/1)", "<p>see "),
    ],
)
def test_markdown(text, html):
    assert html in markdown.to_html(text)


@pytest.mark.parametrize(
    "ends",
    [(0, 100), (50, 100), (0, 1), (-180, 180), (0, 90_000), (0.1, 0.2), (-3, 4.5), (0, 1e-6), (7, 1e12), (99, 99.5)],
)
def test_a_number_line_has_round_numbers_from_one_end_to_the_other(ends):
    low, high = ends
    found = ticks(low, high)
    named = [tick for tick in found if tick.name]
    assert 2 <= len(named) <= MOST_TICKS and len({tick.name for tick in named}) == len(named)
    assert all(-1e-6 <= tick.share <= 1 + 1e-6 for tick in found)
    shares = [tick.share for tick in found]
    assert shares == sorted(shares)
    for tick in named:
        assert float(tick.name) == pytest.approx(low + tick.share * (high - low), abs=1e-6 * (high - low))
