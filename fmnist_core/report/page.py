"""A run, or two against each other, as one HTML file: it opens anywhere, asks the network for nothing, and prints.

The same run always gives the same file. Everything is computed from what the run has stored.
"""

from fmnist_core.report import comparison_section as against
from fmnist_core.report import sections as sections
from fmnist_core.report.calibration_section import certainty
from fmnist_core.report.elements import page
from fmnist_core.runs.runs import Run


def run_report(run: Run) -> str:
    """The report of a finished run: figures, curves, mistakes, calibration, and how to train it again.

    Raises:
        RunError: the run has not finished, or something of it is damaged.
    """
    found = sections.read_finished(run)
    parts = (
        sections.head,
        sections.learning,
        sections.confusion,
        sections.classes,
        certainty,
        sections.worst,
        sections.recipe,
        sections.origin,
        sections.repeat,
    )
    return page(f"{found.title}: {run.id}", *(part(found) for part in parts), sections.foot())


def comparison_report(first: Run, second: Run) -> str:
    """Two finished runs on the same test pictures: what the second does better and worse than the first.

    Raises:
        RunError: one has not finished or is damaged, or the two know different classes.
    """
    pair = against.Pair(sections.read_finished(first), sections.read_finished(second))
    parts = (
        against.head(pair),
        against.figures(pair),
        against.difference(pair),
        against.classes(pair),
        against.changed_pictures(pair, "mended"),
        against.changed_pictures(pair, "broken"),
        against.recipes(pair),
        sections.foot(),
    )
    return page(f"{pair.titles[0]} and {pair.titles[1]}", *parts)
