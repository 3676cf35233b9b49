"""Reads a lesson's file: YAML between two lines of ---, then steps in Markdown, each from a heading # to the next.

In a step, blocks fenced by ``` and named view, question or teacher are YAML (teacher: Markdown); the rest is its text.
All problems of a file are found at once, each with its line.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from fmnist_core.fields import FIELDS, LESSON
from fmnist_core.lessons import answers, sources
from fmnist_core.lessons.entries import CONTROL, LONGEST_LINE, Entries, Problems
from fmnist_core.lessons.lesson import KINDS, Asked, Lesson, Problem, Question, Step, View
from fmnist_core.room.rates import MOST_STEPS
from fmnist_core.storage import reading
from fmnist_core.storage.folders import PROJECT

MOST_BYTES = 200_000  # of a file; the longest that ships has a tenth
MOST_OPTIONS = 12
MINUTES = range(1, 241)
SMALLEST_SPAN = 1e-6  # from the least to the most that can be answered
NO_VIEWS = ("owner", "join", "lessons")  # pages that no step shows
BLOCKS = ("view", "question", "teacher")
_LINE_END = re.compile("\r\n|\r|\n")  # as editors count lines; str.splitlines ends them at eight other characters, too


@dataclass
class _Block:
    """A fenced block, or a step's text. line: from 1, where its content begins."""

    line: int
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@dataclass
class _RawStep:
    line: int
    title: str
    text: _Block
    blocks: dict[str, _Block] = field(default_factory=dict)


def read(path: Path) -> tuple[Lesson | None, list[Problem]]:
    """The lesson of a file, and what is wrong with it; with any problem there is no lesson."""
    try:
        content = reading.read_bytes(path, MOST_BYTES)
    except OSError as error:
        return None, [Problem(1, f"The file cannot be read: {error.strerror or type(error).__name__}.")]
    return parse(path.stem, content)


def parse(name: str, content: bytes) -> tuple[Lesson | None, list[Problem]]:
    """The same of a file's bytes. name: of the file, without its ending."""
    problems = Problems()
    if not LESSON.fullmatch(name):
        problems.add(1, "The file's name must be small letters, digits and hyphens, such as my-lesson.md.")
    if len(content) > MOST_BYTES:
        problems.add(1, f"The file has {len(content):,} bytes; a lesson has at most {MOST_BYTES:,}.")
        return None, problems.found
    try:
        lines = _LINE_END.split(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        problems.add(1, "The file is no text in UTF-8. Save it as such.")
        return None, problems.found
    for number, line in enumerate(lines, start=1):
        if CONTROL.search(line):
            problems.add(number, "The line holds a character that no text has. Delete it.")
    front, rest = _front(lines, problems)
    head = Entries(front.text, front.line, "front matter", problems)
    steps = [_step(raw, problems) for raw in _split(lines, rest, problems)]
    lesson = _lesson(name, head, steps)
    if not steps:
        problems.add(rest + 1, "There is no step. A step begins with a heading: # What is a picture?")
    if len(steps) > MOST_STEPS:
        problems.add(rest + 1, f"There are {len(steps)} steps; a lesson has at most {MOST_STEPS}.")
    found = sorted(problems.found, key=lambda problem: problem.line)
    return (None if found else lesson), found


def _front(lines: list[str], problems: Problems) -> tuple[_Block, int]:
    """The YAML at the top, and the place of the first line after it."""
    if not lines or lines[0].strip() != "---":
        problems.add(1, "The file must begin with a line of ---, then title, minutes, age and learned, then --- again.")
        return _Block(1), 0
    ends = [place for place, line in enumerate(lines[1:], start=1) if line.strip() == "---"]
    if not ends:
        problems.add(1, "The front matter has no end: a second line of --- is missing.")
        return _Block(2), len(lines)
    return _Block(2, lines[1 : ends[0]]), ends[0] + 1


def _split(lines: list[str], start: int, problems: Problems) -> list[_RawStep]:
    """The steps, with their blocks taken out of their text."""
    steps: list[_RawStep] = []
    fence, began, block, before = "", 0, None, 0  # before: the first line that stands before all steps
    for number, line in enumerate(lines[start:], start=start + 1):
        marks, name = _fence(line)
        title = _heading(line)
        if fence:
            ends = marks.startswith(fence) and not name
            if block is None:
                _text(steps, line)
            elif not ends:
                block.lines.append(line)
            if ends:
                fence, block = "", None
        elif title is not None:
            steps.append(_RawStep(number, title, _Block(number + 1)))
        else:
            fence, began = marks, number
            if not steps and line.strip():
                before = before or number
            if marks and name in BLOCKS:
                block = _Block(number + 1)
                _put(steps, name, block, number, problems)
            else:
                _text(steps, line)
    if before:
        problems.add(before, "This stands before the first step. A step begins with a heading: # Title")
    if fence:
        problems.add(began, f"The block that begins here has no end: a line of {fence[:3]} is missing.")
    return steps


def _fence(line: str) -> tuple[str, str]:
    """The marks that begin or end a block of code, and the words after them; "" where the line is none."""
    inner = line.lstrip(" ")
    marks = inner[: len(inner) - len(inner.lstrip(inner[:1]))] if inner[:1] in ("`", "~") else ""
    name = inner[len(marks) :].strip()
    if len(marks) < 3 or len(line) - len(inner) > 3 or (marks[0] == "`" and "`" in name):
        return "", ""
    return marks, name.lower()


def _heading(line: str) -> str | None:
    """The words of a heading of the first level."""
    if line[:1] != "#" or line[1:2] not in (" ", "\t"):
        return None
    title = line[1:].strip()
    bare = title.rstrip("#")  # as Markdown has it, hashes may close a heading
    return bare.strip() if bare[-1:] in ("", " ", "\t") else title


def _put(steps: list[_RawStep], name: str, block: _Block, number: int, problems: Problems) -> None:
    if steps and name in steps[-1].blocks:
        problems.add(number, f"The step has a second block `{name}`. Begin another step for it.")
    elif steps:
        steps[-1].blocks[name] = block


def _text(steps: list[_RawStep], line: str) -> None:
    if steps:
        steps[-1].text.lines.append(line)


def _lesson(name: str, head: Entries, steps: list[Step]) -> Lesson:
    minutes = head.number("minutes", 0)
    if int(minutes) not in MINUTES or minutes != int(minutes):
        head.problem("minutes", f"`minutes` must be a whole number from 1 to {MINUTES[-1]}.")
    learned = head.texts("learned")
    if not learned:
        head.problem("learned", "The front matter needs `learned`: a list of what one can do afterwards.")
    title, age, run = head.text("title"), head.text("age"), head.text("run", "flagship")
    if not sources.is_named(run):
        head.problem("run", "`run` must be a model of the zoo, a run, or own.")
    head.finish()
    return Lesson(name, title, int(minutes), age, learned, run, tuple(steps))


def _step(raw: _RawStep, problems: Problems) -> Step:
    if not raw.title:
        problems.add(raw.line, "The heading is empty. A step begins with a heading: # Title")
    if len(raw.title) > LONGEST_LINE:
        problems.add(raw.line, f"The heading has {len(raw.title)} characters; at most {LONGEST_LINE} fit.")
    parts = {
        name: Entries(block.text, block.line, name, problems) for name, block in raw.blocks.items() if name != "teacher"
    }
    question = _question(parts["question"]) if "question" in parts else None
    view = _view(parts["view"]) if "view" in parts else None
    notes = raw.blocks["teacher"].text.strip("\n") if "teacher" in raw.blocks else ""
    return Step(raw.title, raw.text.text.strip("\n").rstrip(), question, view, notes, raw.line)


def _view(entries: Entries) -> View:
    page, fields, hide = entries.text("page"), entries.mapping("fields"), entries.texts("hide")
    entries.finish()
    _check_view(entries, page, fields, hide)
    return View(page, fields, hide)


def _check_view(entries: Entries, page: str, fields: dict[str, str], hide: tuple[str, ...]) -> None:
    pages = sorted({path.stem for path in (PROJECT / "pages").glob("[a-z]*.py")} - set(NO_VIEWS))
    if page and page not in pages:
        entries.problem("page", f"There is no page `{page[:40]}`. Expected one of: {', '.join(pages)}.")
    for name, text in fields.items():
        named = text.split(",") if name in sources.LISTS_OF_RUNS else [text]
        if name in sources.RUN_FIELDS and all(sources.is_named(one.strip()) for one in named):
            continue
        if name not in FIELDS:
            entries.problem("fields", f"No page has a field `{name[:40]}`: open the view and copy it from the address.")
            continue
        try:
            FIELDS[name].parse(text)
        except ValueError as error:
            entries.problem("fields", f"The field `{name}` cannot be `{text[:40]}`: {error}.")
    for name in hide:
        if name not in FIELDS:
            entries.problem("hide", f"`hide` names the control of a field; there is no field `{name[:40]}`.")


def _question(entries: Entries) -> Question:
    kind, ask = entries.text("kind"), entries.text("ask")
    options = entries.texts("options")
    asked = _asked(entries)
    low, high = entries.number("from", 0), entries.number("to", 100)
    step, unit = entries.number("step", 1), entries.text("unit", "")
    question = Question(kind, ask, asked, options, low, high, step, unit, entries.line("answer"))
    entries.finish()
    if kind and kind not in KINDS:
        entries.problem("kind", f"There is no kind of question `{kind[:40]}`. Expected one of: {', '.join(KINDS)}.")
    if question.high - question.low < SMALLEST_SPAN:
        entries.problem("from", "`from` must be less than `to`.")
    if not 0 < question.step <= question.high - question.low:
        entries.problem("step", "`step` must be more than 0, and fit between `from` and `to`.")
    if options and not 2 <= len(options) <= MOST_OPTIONS:
        entries.problem("options", f"There must be 2 to {MOST_OPTIONS} options.")
    if len(set(options)) < len(options):
        entries.problem("options", "Two options are the same.")
    if kind in KINDS and asked.what:
        for sentence in answers.check(question):
            entries.problem("answer", sentence)
    return question


def _asked(entries: Entries) -> Asked:
    """`answer: recall`, or `answer: {what: recall, class: Shirt}`."""
    if entries.holds_mapping("answer"):
        of = dict(entries.mapping("answer"))
        what = of.pop("what", "")
        if not what:
            entries.problem("answer", "`answer` needs to say what: answer: {what: recall, class: Shirt}.")
        return Asked(what, of)
    return Asked(entries.text("answer"))
