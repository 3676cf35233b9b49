"""The leaderboard: every model of the zoo with what was published and reproduced, own networks, others' figures."""

from collections.abc import Callable

import streamlit as st

from fmnist_core import glossary
from fmnist_core.formatting import epochs
from fmnist_core.recipe import Recipe
from fmnist_core.runs.leaderboard import Entry
from fmnist_core.runs.seeds import Seeds
from fmnist_core.zoo.reported import REPORTED, Reported
from fmnist_ui import charts
from fmnist_ui.models.choosing_table import choosing_table

MEGABYTE = 1_000_000
# What stands there unasked; it fits a window of 1280 pixels. The others are a switch away.
FIRST = ("Model", "Published", "Here", "95 % interval", "Over seeds", "Difference", "Parameters", "Source")
# On a phone the first three are in sight.
FIRST_ON_TOUCH = ("Model", "Here", "Published", *FIRST[3:])
NAME_WIDTH, NAME_WIDTH_ON_TOUCH = 215, 150


def leaderboard(
    entries: list[Entry], reported: bool, key: str, on_pick: Callable[[list[Entry]], None], more: bool = False
) -> None:
    """Draws the table; `on_pick` is called with the entries whose lines are chosen, after each change.

    reported: also the figures of others, marked so, and all lines by what was published; theirs cannot be chosen with
        an effect.
    more: all columns, not only the first ones.
    """
    lines: list[tuple[Entry | None, dict]] = [(entry, _line(entry)) for entry in entries]
    if reported:
        lines += [(None, _reported_line(row)) for row in REPORTED]
        lines.sort(key=lambda line: -(line[1]["Published"] or line[1].get("Here") or 0.0))

    columns, touched = _columns(), charts.on_touch()
    first = FIRST_ON_TOUCH if touched else FIRST
    if touched:
        columns["Model"] = st.column_config.TextColumn(pinned=True, width=NAME_WIDTH_ON_TOUCH)
    choosing_table(
        [line for _, line in lines],
        {name: columns[name] for name in (*first, *(columns if more else ()))},
        lambda places: on_pick([entry for entry in (lines[place][0] for place in places) if entry]),
        key=key,
        height="content" if not reported else 640,
    )


def _line(entry: Entry) -> dict:
    result, size = entry.result, entry.bytes
    low, high = entry.interval or (None, None)
    return {
        "Model": entry.model.title,
        "Published": _percent(entry.published),
        "Here": _percent(entry.reproduced),
        "95 % interval": None if low is None or high is None else f"{100 * low:.2f} to {100 * high:.2f}",
        "Over seeds": over_seeds(entry.seeds),
        "Difference": _percent(entry.difference),
        "Loss": entry.row.test_loss if entry.row else None,
        "Parameters": entry.parameters,
        "MACs": entry.macs,
        "s/epoch": result.seconds_per_epoch if result else None,
        "ms/picture": 1000 * result.seconds_per_picture if result else None,
        "MB": None if size is None else size / MEGABYTE,
        "Best epoch": result.best_epoch if result else None,
        "Over-fits after": result.overfits_after if result else None,
        "Min epochs, published": entry.model.published.min_epochs,
        "Source": entry.model.source.author,
        "Recipe": recipe_in_short(entry.model.recipe),
        "Remark": entry.explanation or "",
    }


def over_seeds(found: Seeds | None) -> str | None:
    """ "95.04 ± 0.08 (3)"; None where there is one training alone."""
    if found is None or found.deviation is None:
        return None
    return f"{100 * found.mean:.2f} ± {100 * found.deviation:.2f} ({found.count})"


def _reported_line(row: Reported) -> dict:
    figures = {"Published": _percent(row.test_accuracy), "Source": row.source, "Remark": row.note}
    return {"Model": f"Reported: {row.title}"} | figures


def recipe_in_short(recipe: Recipe) -> str:
    """Such as "10 + 50 epochs, adam 0.001, batch 256"."""
    if not recipe.has_epochs:
        return "no epochs: fitted once"
    *before, last = (stage.epochs for stage in recipe.stages)
    stages = " + ".join([*map(str, before), epochs(last)])
    return f"{stages}, {recipe.optimizer.name} {recipe.optimizer.learning_rate:g}, batch {recipe.batch_size}"


def _percent(value: float | None) -> float | None:
    return None if value is None else 100 * value


def _columns() -> dict:
    number = st.column_config.NumberColumn
    text = st.column_config.TextColumn
    accuracy = glossary.term("Accuracy")
    return {
        "Model": text(pinned=True, width=NAME_WIDTH),
        "Published": number(width=85, format="%.2f %%", help=f"Test accuracy as its source reports it. {accuracy}"),
        "Here": number(width=85, format="%.2f %%", help=f"Test accuracy of the run here. {accuracy}"),
        "95 % interval": text(help=f"Of the accuracy here. {glossary.term('Interval')}", alignment="right"),
        "Over seeds": text(
            help=f"Mean and standard deviation of the accuracy here. {glossary.term('Seed')}", alignment="right"
        ),
        "Difference": number(format="%+.2f", help="Here less published, in points."),
        "Loss": number(format="%.3f", help=f"On the test pictures, here. {glossary.term('Cross-entropy')}"),
        "Parameters": number(format="localized", help=glossary.term("Parameters")),
        "MACs": number(format="compact", help=glossary.term("MACs")),
        "s/epoch": number(format="%.1f", help="Seconds of training an epoch, on the machine that the run names."),
        "ms/picture": number(
            format="%.2f",
            help="To classify one picture, in ONNX Runtime on two cores; of what has no ONNX model, in scikit-learn.",
        ),
        "MB": number(
            width=75,
            format="%.2f",
            help="Of the ONNX file; of what has none, as Python stores it. –: the run ships without its parameters.",
        ),
        "Best epoch": number(help="By validation accuracy. –: the recipe has no validation split."),
        "Over-fits after": number(
            help="The epoch of the lowest validation loss, where it rises afterwards. –: it does not, or is unknown. "
            + glossary.term("Overfitting")
        ),
        "Min epochs, published": number(help="Where the source sees over-fitting start. –: it does not say."),
        "Source": text(width=150),
        "Recipe": text(width=230, help=glossary.term("Recipe")),
        "Remark": text(width=420),
    }
