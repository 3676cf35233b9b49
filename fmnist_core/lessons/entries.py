"""The YAML of a lesson's file: lines of `name: value`, read as written, with the lines that they stand on.

Nothing is made of a value but text, so `yes`, 0644 and a date stay what they look like. A file is hostile until it was
looked at: aliases, which let a short file unfold to a huge one or to one without end, are a problem.
"""

import math
import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from fmnist_core.lessons.lesson import Problem

LONGEST_LINE = 300  # characters of a title or a question: it is read from the last row
# Characters that are no text: they would end in a terminal, in HTML, or in no encoding at all.
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
MOST_CHARACTERS = 10_000  # of a block: its time grows faster than its length
MOST_BRACKETS = 100  # that open, in a block: so many within each other take PyYAML seconds
LARGEST = 1e12  # of a number, and its negative the smallest
DEEPEST = 8  # of lists within lists; a lesson needs 3


@dataclass
class Problems:
    found: list[Problem] = field(default_factory=list)

    def add(self, line: int, sentence: str) -> None:
        self.found.append(Problem(line, sentence))


class Entries:
    """A YAML mapping of plain values. What is wrong with it goes to `problems`; a value that is asked for and wrong is
    its default then, or empty. What was not asked for is a problem, too: see `finish`.
    """

    def __init__(self, text: str, line: int, what: str, problems: Problems) -> None:
        """line: of the file, where the text begins. what: the text is called in a problem."""
        self._values: dict[str, Any] = {}
        self._lines: dict[str, int] = {}
        self._line, self._what, self._asked = line, what, set[str]()
        node = _compose(text, line, problems)
        self._problems = Problems() if node is None else problems  # of what cannot be read nothing more is said
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                self._add(key, value)
        elif node is not None:
            problems.add(line, f"The {what} must be lines of `name: value`.")
            self._problems = Problems()

    def _add(self, key: yaml.Node, value: yaml.Node) -> None:
        name = str(key.value)
        self._values[name], self._lines[name] = _plain(value), self._line + key.start_mark.line

    def line(self, name: str) -> int:
        return self._lines.get(name, self._line)

    def has(self, name: str) -> bool:
        self._asked.add(name)
        return name in self._values

    def holds_mapping(self, name: str) -> bool:
        return self.has(name) and isinstance(self._values[name], dict)

    def problem(self, name: str, sentence: str) -> None:
        self._problems.add(self.line(name), sentence)

    def text(self, name: str, default: str | None = None, longest: int = LONGEST_LINE) -> str:
        """One line of text; without a default it must be there."""
        if not self.has(name):
            if default is None:
                self.problem(name, f"The {self._what} needs a line `{name}: ...`.")
            return default or ""
        value = self._values[name]
        if not isinstance(value, str) or not value.strip() or "\n" in value.strip():
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
        if any(len(one) > LONGEST_LINE for one in value):
            self.problem(name, f"Of `{name}` each may have at most {LONGEST_LINE} characters.")
        return tuple(one.strip() for one in value)

    def number(self, name: str, default: float) -> float:
        """A number of a size that can be shown."""
        if not self.has(name):
            return default
        try:
            value = float(self._values[name])
        except (TypeError, ValueError):
            value = math.nan
        if not abs(value) <= LARGEST:
            self.problem(name, f"`{name}` must be a number.")
            return default
        return value

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
        known = ", ".join(sorted(self._asked))
        for name in self._values:
            if name not in self._asked:
                self.problem(name, f"`{name[:40]}` means nothing in the {self._what}. Expected one of: {known}.")


def _compose(text: str, line: int, problems: Problems) -> yaml.Node | None:
    """What the text holds: nothing is an empty mapping. None where it cannot be read, and then a problem says why."""
    if len(text) > MOST_CHARACTERS:
        problems.add(line, f"The block has {len(text):,} characters; at most {MOST_CHARACTERS:,} are read.")
        return None
    if text.count("[") + text.count("{") > MOST_BRACKETS:
        problems.add(line, f"The block has more than {MOST_BRACKETS} opening brackets; a lesson needs a few.")
        return None
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.reader.ReaderError as error:
        at = line + text.count("\n", 0, error.position)
        problems.add(at, "This is no YAML: it holds a character that no text has.")
        return None
    except yaml.MarkedYAMLError as error:
        at = line + (error.problem_mark.line if error.problem_mark else 0)
        problems.add(at, f"This is no YAML: {error.problem or 'it cannot be read'}.")
        return None
    except RecursionError:
        problems.add(line, "This is no YAML that a lesson needs: it is nested too deeply.")
        return None
    if node is None:
        return yaml.MappingNode("tag:yaml.org,2002:map", [])
    return node if _is_plain(node, line, problems) else None


def _is_plain(root: yaml.Node, line: int, problems: Problems) -> bool:
    """Whether it is a tree of texts, none too deep: an alias stands in two places, or within itself. A name that stands
    twice in one mapping is told, and no more.
    """
    seen: set[int] = set()
    waiting = [(root, 0)]
    while waiting:
        node, depth = waiting.pop()
        at = line + node.start_mark.line if node.start_mark else line
        if wrong := _what_is_wrong(node, depth, seen):
            problems.add(at, wrong)
            return False
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            _tell_doubles(node, line, problems)
            waiting += [(one, depth + 1) for pair in node.value for one in pair]
        elif isinstance(node, yaml.SequenceNode):
            waiting += [(one, depth + 1) for one in node.value]
    return True


def _what_is_wrong(node: yaml.Node, depth: int, seen: set[int]) -> str:
    if id(node) in seen:
        return "A lesson knows no aliases (& and *): write what is meant in both places."
    if depth > DEEPEST:
        return "This is no YAML that a lesson needs: it is nested too deeply."
    if isinstance(node, yaml.ScalarNode) and CONTROL.search(node.value):
        return "The text holds a character that no text has."
    if isinstance(node, yaml.MappingNode) and not all(isinstance(key, yaml.ScalarNode) for key, _ in node.value):
        return "A name before a colon must be a word."
    return ""


def _tell_doubles(node: yaml.MappingNode, line: int, problems: Problems) -> None:
    names: set[str] = set()
    for key, _ in node.value:
        if key.value in names:
            problems.add(line + key.start_mark.line, f"`{key.value[:40]}` stands here twice.")
        names.add(key.value)


def _plain(node: yaml.Node) -> Any:
    """Texts, lists of texts and mappings of them, as written. The node is a tree of at most DEEPEST."""
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(one) for one in node.value]
    return {str(key.value): _plain(value) for key, value in node.value}
