"""Reads a lesson's file: YAML between two lines of ---, then steps in Markdown, each from a heading # to the next.

In a step, blocks fenced by ``` and named view, question or teacher are YAML (teacher: Markdown); the rest is its text.
All problems of a file are found at once, each with its line.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from fmnist_core.fields import FIELDS, LESSON
from fmnist_core.lessons import answers, sources
from fmnist_core.lessons.lesson import KINDS, Asked, Lesson, Problem, Question, Step, View
from fmnist_core.storage import reading
from fmnist_core.storage.folders import PROJECT

MOST_BYTES = 200_000  # of a file; the longest that ships has a tenth
MOST_STEPS = 60
MOST_OPTIONS = 12
MINUTES = range(1, 241)
LONGEST_LINE = 300  # characters of a title or a question: it is read from the last row
BLOCKS = ("view", "question", "teacher")
_HEADING, _FENCE = re.compile(r"# +(.+?) *#*$"), re.compile(r"(`{3,}|~{3,})\s*(\w*)\s*$")


@dataclass
class _Problems:
    found: list[Problem] = field(default_factory=list)

    def add(self, line: int, sentence: str) -> None:
        self.found.append(Problem(line, sentence))


@dataclass
class _Block:
    """A fenced block, or a step's text. line: from 1, where its content begins."""

    line: int
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.lines).strip("\n")


@dataclass
class _RawStep:
    line: int
    title: str
    text: _Block
    blocks: dict[str, _Block] = field(default_factory=dict)


class Entries:
    """A YAML mapping of plain values with the lines that they stand on. What was not asked for is a problem."""

    def __init__(self, node: yaml.Node | None, line: int, what: str, problems: _Problems) -> None:
        self._values: dict[str, Any] = {}
        self._lines: dict[str, int] = {}
        self._line, self._what, self._problems, self._asked = line, what, problems, set[str]()
        if node is not None and not isinstance(node, yaml.MappingNode):
            problems.add(line, f"The {what} must be lines of `name: value`.")
        elif node is not None:
            for key, value in node.value:
                name, at = str(getattr(key, "value", "")), line + key.start_mark.line
                if name in self._values:
                    problems.add(at, f"The {what} names `{name}` twice.")
                self._values[name], self._lines[name] = _plain(value), at

    def line(self, name: str) -> int:
        return self._lines.get(name, self._line)

    def has(self, name: str) -> bool:
        self._asked.add(name)
        return name in self._values

    def problem(self, name: str, sentence: str) -> None:
        self._problems.add(self.line(name), sentence)

    def text(self, name: str, default: str | None = None, longest: int = LONGEST_LINE) -> str:
        """One line of text; without a default it must be there."""
        if not self.has(name):
            if default is None:
                self.problem(name, f"The {self._what} needs a line `{name}: ...`.")
            return default or ""
        value = self._values[name]
        if not isinstance(value, str) or not value.strip():
            self.problem(name, f"`{name}` must be text on one line.")
            return default or ""
        if len(value) > longest:
            self.problem(name, f"`{name}` has {len(value)} characters; at most {longest} can be read from afar.")
        return value.strip()

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; () where there is none."""
        if not self.has(name):
            return ()
        value = self._values[name]
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
            self.problem(name, f"`{name}` must be a list: [first, second].")
            return ()
        return tuple(one.strip() for one in value)

    def number(self, name: str, default: float) -> float:
        if not self.has(name):
            return default
        try:
            return float(self._values[name])
        except (TypeError, ValueError):
            self.problem(name, f"`{name}` must be a number.")
            return default

    def mapping(self, name: str) -> dict[str, str]:
        """Plain names and values; {} where there are none."""
        if not self.has(name):
            return {}
        value = self._values[name]
        if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
            self.problem(name, f"`{name}` must be {{name: value}}.")
            return {}
        return value

    def finish(self) -> None:
        """Says what stands here that means nothing."""
        for name in self._values.keys() - self._asked:
            known = ", ".join(sorted(self._asked))
            self.problem(name, f"`{name}` means nothing in the {self._what}. Expected one of: {known}.")


def _plain(node: yaml.Node) -> Any:
    """Texts, lists of texts and mappings of them: as written, so that `yes` and 0644 stay what they look like."""
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(one) for one in node.value]
    return {str(getattr(key, "value", "")): _plain(value) for key, value in node.value}


def read(path: Path) -> tuple[Lesson | None, list[Problem]]:
    """The lesson of a file, and what is wrong with it; with any problem there is no lesson."""
    try:
        content = reading.read_bytes(path)
    except OSError as error:
        return None, [Problem(1, f"The file cannot be read: {error.strerror or type(error).__name__}.")]
    return parse(path.stem, content)


def parse(name: str, content: bytes) -> tuple[Lesson | None, list[Problem]]:
    """The same of a file's bytes. name: of the file, without its ending."""
    problems = _Problems()
    if not LESSON.fullmatch(name):
        problems.add(1, "The file's name must be small letters, digits and hyphens, such as my-lesson.md.")
    if len(content) > MOST_BYTES:
        problems.add(1, f"The file has {len(content):,} bytes; a lesson has at most {MOST_BYTES:,}.")
        return None, problems.found
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        problems.add(1, "The file is no text in UTF-8. Save it as such.")
        return None, problems.found
    front, rest = _front(lines, problems)
    head = Entries(_yaml(front, problems), front.line, "front matter", problems)
    steps = [_step(raw, problems) for raw in _split(lines, rest, problems)]
    lesson = _lesson(name, head, steps)
    if not steps:
        problems.add(rest + 1, "There is no step. A step begins with a heading: # What is a picture?")
    if len(steps) > MOST_STEPS:
        problems.add(rest + 1, f"There are {len(steps)} steps; a lesson has at most {MOST_STEPS}.")
    found = sorted(problems.found, key=lambda problem: problem.line)
    return (None if found else lesson), found


def _front(lines: list[str], problems: _Problems) -> tuple[_Block, int]:
    """The YAML at the top, and the place of the first line after it."""
    if not lines or lines[0].strip() != "---":
        problems.add(1, "The file must begin with a line of ---, then title, minutes, age and learned, then --- again.")
        return _Block(1), 0
    ends = [place for place, line in enumerate(lines[1:], start=1) if line.strip() == "---"]
    if not ends:
        problems.add(1, "The front matter has no end: a second line of --- is missing.")
        return _Block(2), len(lines)
    return _Block(2, lines[1 : ends[0]]), ends[0] + 1


def _yaml(block: _Block, problems: _Problems) -> yaml.Node | None:
    try:
        return yaml.compose(block.text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or "it cannot be read"
        problems.add(block.line + (mark.line if mark else 0), f"This is no YAML: {what}.")
        return None
    except RecursionError:
        problems.add(block.line, "This is no YAML that a lesson needs: it is nested too deeply.")
        return None


def _split(lines: list[str], start: int, problems: _Problems) -> list[_RawStep]:
    """The steps, with their blocks taken out of their text."""
    steps: list[_RawStep] = []
    fence, block = "", None
    for number, line in enumerate(lines[start:], start=start + 1):
        marked = _FENCE.match(line)
        if fence:
            if marked and marked[1].startswith(fence) and not marked[2]:
                if block is None:
                    _text(steps, line)
                fence, block = "", None
            elif block is not None:
                block.lines.append(line)
            else:
                _text(steps, line)
        elif heading := _HEADING.match(line):
            steps.append(_RawStep(number, heading[1], _Block(number + 1)))
        elif marked and marked[2] in BLOCKS:
            fence, block = marked[1], _Block(number + 1)
            if not steps:
                problems.add(number, "This stands before the first step. A step begins with a heading: # Title")
            elif marked[2] in steps[-1].blocks:
                problems.add(number, f"The step has a second block `{marked[2]}`. Begin another step for it.")
            else:
                steps[-1].blocks[marked[2]] = block
        else:
            fence = marked[1] if marked else ""
            if not steps and line.strip():
                problems.add(number, "This stands before the first step. A step begins with a heading: # Title")
            _text(steps, line)
    if fence:
        problems.add(len(lines), f"A block that began with {fence} has no end.")
    return steps


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
    head.finish()
    return Lesson(name, title, int(minutes), age, learned, run, tuple(steps))


def _step(raw: _RawStep, problems: _Problems) -> Step:
    if len(raw.title) > LONGEST_LINE:
        problems.add(raw.line, f"The heading has {len(raw.title)} characters; at most {LONGEST_LINE} fit.")
    parts = {
        name: Entries(_yaml(block, problems), block.line, name, problems)
        for name, block in raw.blocks.items()
        if name != "teacher"
    }
    question = _question(parts["question"]) if "question" in parts else None
    view = _view(parts["view"]) if "view" in parts else None
    notes = raw.blocks["teacher"].text if "teacher" in raw.blocks else ""
    return Step(raw.title, raw.text.text.strip(), question, view, notes)


def _view(entries: Entries) -> View:
    page, fields, hide = entries.text("page"), entries.mapping("fields"), entries.texts("hide")
    entries.finish()
    _check_view(entries, page, fields, hide)
    return View(page, fields, hide)


def _check_view(entries: Entries, page: str, fields: dict[str, str], hide: tuple[str, ...]) -> None:
    pages = sorted(path.stem for path in (PROJECT / "pages").glob("[a-z]*.py"))
    if page and page not in pages:
        entries.problem("page", f"There is no page `{page}`. Expected one of: {', '.join(pages)}.")
    for name, text in fields.items():
        if name in sources.RUN_FIELDS and all(sources.is_named(one.strip()) for one in text.split(",")):
            continue
        if name not in FIELDS:
            entries.problem("fields", f"No page has a field `{name}`: open the view and copy it from the address.")
            continue
        try:
            FIELDS[name].parse(text)
        except ValueError as error:
            entries.problem("fields", f"The field `{name}` cannot be `{text[:40]}`: {error}.")
    for name in hide:
        if name not in FIELDS:
            entries.problem("hide", f"`hide` names the control of a field; there is no field `{name}`.")


def _question(entries: Entries) -> Question:
    kind, ask = entries.text("kind"), entries.text("ask")
    options = entries.texts("options")
    asked = _asked(entries)
    low, high = entries.number("from", 0), entries.number("to", 100)
    question = Question(kind, ask, asked, options, low, high, entries.number("step", 1), entries.text("unit", ""))
    entries.finish()
    if kind and kind not in KINDS:
        entries.problem("kind", f"There is no kind of question `{kind}`. Expected one of: {', '.join(KINDS)}.")
    if not question.low < question.high:
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
    if isinstance(entries._values.get("answer"), dict):
        of = dict(entries.mapping("answer"))
        what = of.pop("what", "")
        if not what:
            entries.problem("answer", "`answer` needs to say what: answer: {what: recall, class: Shirt}.")
        return Asked(what, of)
    return Asked(entries.text("answer"))
