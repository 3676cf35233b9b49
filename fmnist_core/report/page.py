"""A run, or two against each other, as one HTML file: it opens anywhere, asks the network for nothing, and prints.

The same run always gives the same file. Everything is computed from what the run has stored. Python computes what is
said, in `one_run` and `two_runs`; the templates hold markup and style, and escape all that they are given.
"""

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from fmnist_core.report import one_run, papers, parts, two_runs
from fmnist_core.report.finished import read_finished
from fmnist_core.runs.runs import Run

if TYPE_CHECKING:
    from jinja2 import Environment

# Should anything ever slip through the escaping, the browser still fetches nothing and runs nothing.
TEMPLATES = Path(__file__).with_name("templates")
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def run_report(run: Run) -> str:
    """The report of a finished run: figures, curves, mistakes, calibration, and how to train it again.

    Raises:
        RunError: the run has not finished, or something of it is damaged.
    """
    return _render("one_run.html", one_run.contents(read_finished(run)))


def comparison_report(first: Run, second: Run) -> str:
    """Two finished runs on the same test pictures: what the second does better and worse than the first.

    Raises:
        RunError: one has not finished or is damaged, or the two know different classes.
    """
    pair = two_runs.Pair(read_finished(first), read_finished(second))
    return _render("two_runs.html", two_runs.contents(pair))


def _render(template: str, contents: dict[str, object]) -> str:
    return environment(TEMPLATES).get_template(template).render(contents)


@functools.cache
def environment(folder: Path) -> "Environment":
    """The templates of a folder, and of this package's what it has not, `document.html` among them; they escape all
    that they are given and know `POLICY`, as `policy`.

    Jinja2 comes with the first page, never with this module.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    found = Environment(
        loader=FileSystemLoader([folder, TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,  # a name that no Python gives is an error, not an empty place
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    found.globals |= {"policy": POLICY, "light": papers.LIGHT, "dark": papers.DARK}
    found.filters |= {"percent": parts.percent, "points": parts.points}
    return found
