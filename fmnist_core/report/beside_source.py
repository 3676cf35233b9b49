"""What the source of a model reports beside what a run of it reached: never mixed, a column each."""

from collections.abc import Sequence

from fmnist_core.report.tables import LINE_FIGURES, ReportRow, in_words, published_columns
from fmnist_core.runs import curves
from fmnist_core.runs.records import EpochLine, Line, Result
from fmnist_core.zoo.others import classical
from fmnist_core.zoo.spec import Model, Published

OVERFITS = "over-fits after epoch (the source: min epochs)"


def rows_beside_source(lines: Sequence[Line], result: Result, model: Model) -> list[ReportRow]:
    """The run's figures at the epoch that it keeps, of the last stage, each beside the source's, in words.

    What neither has is left out, and all of it where the source gives no figure.

    lines: as of `runs.read_metrics`.
    """
    published = _final(model)
    kept = next((line for line in curves.epochs_of(lines) if line.epoch == result.kept_epoch), None)
    own = _own(kept, result, classical.has_loss(model.name))
    rows: list[ReportRow] = []
    for name in own:  # these are all that a source can give
        figures = (own[name], published.get(name))
        if any(value is not None for value in figures):
            rows.append(_row(name, *(in_words(name.endswith("loss"), "", value) for value in figures)))
        if name == "test accuracy" and model.published.later_test_accuracy is not None:
            later = in_words(False, "", model.published.later_test_accuracy)
            rows.append(_row("test accuracy, the source as updated later", in_words(False, "", own[name]), later))
    rows += _of_training(result, model.published)
    return rows if any(row["published"] != NOTHING for row in rows) else []


NOTHING = in_words(False, "", None)


def _row(figure: str, reproduced: str, published: str) -> ReportRow:
    return {"figure": figure, "reproduced": reproduced, "published": published}


def _final(model: Model) -> dict[str, float | None]:
    """The source's last stage; none of its first one."""
    columns = published_columns(model)
    return {} if not columns else columns[list(columns)[-1]]


def _own(kept: EpochLine | None, result: Result, has_loss: bool) -> dict[str, float | None]:
    figures = {name: None if kept is None else read(kept) for name, read in LINE_FIGURES.items()}
    return figures | {"test accuracy": result.test_accuracy, "test loss": result.test_loss if has_loss else None}


def _of_training(result: Result, published: Published) -> list[ReportRow]:
    """Seconds of an epoch, and after which one it over-fits, which a-d-c.ca calls the number of epochs it needs."""
    seconds = NOTHING if result.seconds_per_epoch is None else f"{result.seconds_per_epoch:.1f}"
    after = NOTHING if result.overfits_after is None else str(result.overfits_after)
    least = NOTHING if published.min_epochs is None else str(published.min_epochs)
    rows = [_row("seconds an epoch", seconds, published.seconds_per_epoch or NOTHING), _row(OVERFITS, after, least)]
    return [row for row in rows if (row["reproduced"], row["published"]) != (NOTHING, NOTHING)]
