"""The command of lessons: what is here, what is wrong with a file, and a lesson on paper."""

import argparse
from pathlib import Path
from typing import Any

from fmnist_core.cli.terminal import Answer, write_file
from fmnist_core.data import DataError
from fmnist_core.storage.folders import RunError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="NAME", help="one lesson, to be written to a file")
    parser.add_argument("--check", nargs="+", metavar="FILE", type=Path, help="say what is wrong with these files")
    parser.add_argument("--handout", metavar="FILE.html", type=Path, help="write NAME's worksheet, which prints")
    parser.add_argument(
        "--answers", metavar="FILE.html", type=Path, help="write NAME's answers and the teacher's notes"
    )


def lessons(options: Any) -> Answer:
    written = [path for path in (options.handout, options.answers) if path is not None]
    if options.check is not None:
        if options.name is not None or written:
            raise ValueError("--check takes files, and goes with nothing else.")
        return _check(options)
    if options.name is None and not written:
        return _list()
    if options.name is None:
        raise ValueError("Name the lesson, too: lessons NAME --handout FILE.html")
    if not written:
        raise ValueError(f"Say what to write: lessons {options.name} --handout FILE.html --answers FILE.html")
    if len(written) == 2 and written[0].absolute() == written[1].absolute():
        raise ValueError("--handout and --answers need a file each.")
    return _write(options)


def _list() -> Answer:
    from fmnist_core.lessons import library

    rows: list[dict[str, Any]] = []
    lines = [f"{'name':<30}{'minutes':>8}{'steps':>7}  title"]
    for entry in library.list_lessons():
        name, found = _plain(entry.name), entry.lesson
        problems = [{"line": one.line, "sentence": one.sentence} for one in entry.problems]
        row = {"name": name, "shipped": entry.shipped, "title": None, "minutes": None, "steps": None}
        if found is not None:
            row |= {"title": found.title, "minutes": found.minutes, "steps": len(found.steps)}
            lines.append(f"{name:<30}{found.minutes:>8}{len(found.steps):>7}  {found.title}")
        else:
            first = entry.problems[0]
            lines.append(f"{name:<30}{'–':>8}{'–':>7}  Line {first.line}: {first.sentence}")
        rows.append(row | {"problems": problems})
    own = library.own_folder()
    return rows, "\n".join(lines) if rows else f"No lessons here. Your own go to {own}: docs/lessons.md says how."


def _check(options: Any) -> Answer:
    from fmnist_core.lessons import reading
    from fmnist_core.lessons.sources import Sources

    rows: list[dict[str, Any]] = []
    lines = []
    for path in options.check:
        lesson, problems = reading.read(path)
        asked = [step.question for step in lesson.steps if step.question] if lesson else []
        told = [(one.line, one.sentence) for one in problems] + _unanswered(lesson, Sources())
        name = _plain(str(path))
        lines += [f"{name}:{line}: {sentence}" for line, sentence in told]
        steps = len(lesson.steps) if lesson else None
        if not told:
            lines.append(f"{name}: {steps} steps, {len(asked)} questions, nothing wrong.")
        found = [{"line": line, "sentence": sentence} for line, sentence in told]
        rows.append({"file": name, "steps": steps, "questions": len(asked) if lesson else None, "problems": found})
    options.failed = any(row["problems"] for row in rows)
    return rows, "\n".join(lines)


def _unanswered(lesson: Any, sources: Any) -> list[tuple[int, str]]:
    """Questions whose answer cannot be computed here and now: their lines, and why."""
    from fmnist_core.lessons import answers
    from fmnist_core.lessons.lesson import LessonError

    found = []
    for question in (step.question for step in lesson.steps if step.question) if lesson else ():
        try:
            answers.find(lesson, question, sources)
        except (LessonError, RunError, DataError) as error:
            found.append((question.line, str(error)))
    return found


def _write(options: Any) -> Answer:
    from fmnist_core.lessons import handout, library
    from fmnist_core.lessons.sources import Sources

    lesson, sources = library.find(options.name), Sources()
    value: dict[str, Any] = {"lesson": lesson.name}
    lines = []
    for name, make in (("handout", handout.handout), ("answers", handout.answer_sheet)):
        target = getattr(options, name)
        if target is None:
            continue
        content = make(lesson, sources)
        write_file(target, content, "lesson")
        value[name] = {"file": str(target), "bytes": len(content)}
        lines.append(f"{target} ({len(content) / 1024:,.0f} KB)")
    return value, "\n".join(lines)


def _plain(name: str) -> str:
    """A file's name as a terminal may have it: what cannot be printed is written out."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in name)
