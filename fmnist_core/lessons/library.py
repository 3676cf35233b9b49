"""The lessons that are here: those that ship, and a teacher's own beside the runs."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fmnist_core.lessons import reading
from fmnist_core.lessons.lesson import Lesson, LessonError, Problem
from fmnist_core.storage import folders

MOST_LESSONS = 200  # files of one's own that are looked at
# The order of the course; what ships beside these comes after them.
COURSE = (
    "pixels-and-classes",
    "train-your-first-network",
    "which-two-are-confused",
    "overfitting",
    "why-it-fails-on-my-photo",
    "look-inside",
    "who-labelled-this",
    "is-b-better-than-a",
)


@dataclass(frozen=True)
class Entry:
    """A file. lesson: None where it cannot be read, and problems say why."""

    name: str
    shipped: bool
    lesson: Lesson | None
    problems: tuple[Problem, ...]


def shipped_folder() -> Path:
    return folders.PROJECT / "assets" / "lessons"


def own_folder() -> Path:
    """Lessons of one's own: `lessons` beside the runs, so that it moves with FMNIST_RUNS."""
    return folders.runs_folder().with_name("lessons")


def list_lessons() -> list[Entry]:
    """Those that ship in the order of the course, then the others by name. A file of one's own wins over a shipped one
    of the same name."""
    own = _files(own_folder())[:MOST_LESSONS]
    shipped = [path for path in _files(shipped_folder()) if path.stem not in {one.stem for one in own}]
    shipped.sort(key=lambda path: (COURSE.index(path.stem) if path.stem in COURSE else len(COURSE), path.stem))
    return [_entry(path, is_shipped) for paths, is_shipped in ((shipped, True), (own, False)) for path in paths]


def find_entry(name: str) -> Entry | None:
    """The file of that name, as it is; None where there is none."""
    return next((one for one in list_lessons() if one.name == name), None)


def find(name: str) -> Lesson:
    """Raises LessonError where there is none, or where it cannot be read."""
    entry = find_entry(name)
    if entry is None:
        raise LessonError(f"There is no lesson {name[:60]!r} here. Choose one of the list.")
    if entry.lesson is None:
        first = entry.problems[0]
        raise LessonError(f"The lesson {name} cannot be shown. Line {first.line}: {first.sentence}")
    return entry.lesson


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.glob("*.md") if not path.name.startswith("."))
    except OSError:
        return []


def _entry(path: Path, shipped: bool) -> Entry:
    try:
        about = path.stat()
    except OSError:
        return Entry(path.stem, shipped, None, (Problem(1, "The file cannot be read."),))
    # ctime: a file that was moved away and back, or whose rights have changed, keeps its age and size.
    lesson, problems = _read(path, (about.st_mtime_ns, about.st_ctime_ns, about.st_size, about.st_ino))
    return Entry(path.stem, shipped, lesson, problems)


@lru_cache(maxsize=2 * MOST_LESSONS)
def _read(path: Path, stamp: tuple[int, ...]) -> tuple[Lesson | None, tuple[Problem, ...]]:
    """A file as it was when it had this stamp."""
    lesson, problems = reading.read(path)
    return lesson, tuple(problems)
