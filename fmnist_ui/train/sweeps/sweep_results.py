"""What a sweep shows: a sentence, a table, the way to its runs, parallel coordinates, accuracy against each value."""

from typing import Any

import streamlit as st

from fmnist_core import glossary
from fmnist_core.figures import sweeps as figures
from fmnist_core.sweeps import chart_data, summary
from fmnist_core.sweeps.chart_data import AtValue, Axis
from fmnist_core.sweeps.summary import Summary
from fmnist_ui import charts, parts, state
from fmnist_ui.widgets.hostile_text import literal

CHARACTER, PADDING, WIDEST = 7, 32, 420  # CSS pixels of a table's column
FEWEST = 2  # combinations, and things that vary, that parallel coordinates compare


def show(told: Summary) -> None:
    """told: with a combination that has a result, at least."""
    st.info(literal(summary.learned(told)), icon=":material/lightbulb:")
    rows = summary.rows(told)
    _table(told, rows)
    _open_a_run(rows)
    _by_value(told)
    if len(told.combinations) >= FEWEST:
        _parallel(told)


def _table(told: Summary, rows: list[dict[str, Any]]) -> None:
    several = len(told.sweep.plan.seeds) > 1
    table = []
    for row in rows:
        line = {
            "Combination": row["combination"],
            "Validation accuracy": _spread(row["validation"], row["deviation"]),
            "Behind the best": "–" if row["behind"] is None else f"{100 * row['behind']:.2f} points",
            "Interval of that": _range(row["behind_interval"]),
            "Real?": _verdict(row),
            "Test accuracy": "–" if row["test"] is None else _spread(row["test"], row["test_deviation"]),
            "Seeds": f"{len(row['seeds'])} of {len(told.sweep.plan.seeds)}",
        }
        table.append(line)
    text = st.column_config.TextColumn
    real = (
        "By Student's test, paired over seeds, times the number of pairs (Bonferroni), at 5 %."
        if several
        else "By McNemar's test on the same validation pictures, times the number of pairs (Bonferroni), at 5 %."
    )
    test = "Of the best by validation alone, once no training is to come; test figures choose nothing."
    config = {
        "Combination": text(width=170) if charts.on_touch() else text(width=_width(table), pinned=True),
        "Validation accuracy": text(
            alignment="right", help=f"Mean ± standard deviation over seeds. {glossary.term('Validation split')}"
        ),
        "Behind the best": text(alignment="right"),
        "Interval of that": text(alignment="right", help="Points; those of all pairs hold together in 95 %."),
        "Real?": text(help=real),
        "Test accuracy": text(alignment="right", help=test),
        "Seeds": text(alignment="right", help=glossary.term("Seed")),
    }
    height: Any = "content" if len(table) <= 12 else 420
    st.dataframe(table, hide_index=True, height=height, column_config=config, key="sweep-table")
    st.caption(f"Real: {real[:1].lower()}{real[1:]}", help=glossary.term("Interval"))


def _width(table: list[dict[str, Any]]) -> int:
    """CSS pixels of the first column, in which its longest line fits as long as others have some room, too."""
    return min(CHARACTER * max(len(line["Combination"]) for line in table) + PADDING, WIDEST)


def _spread(mean: float, deviation: float | None) -> str:
    return parts.percent(mean) if deviation is None else f"{100 * mean:.2f} ± {100 * deviation:.2f} %"


def _range(interval: tuple[float, float] | None) -> str:
    return "–" if interval is None else f"{100 * interval[0]:.2f} to {100 * interval[1]:.2f}"


def _verdict(row: dict[str, Any]) -> str:
    if row["best"]:
        return "the best"
    if not row["complete"]:
        return "not all seeds yet"
    return {True: "yes", False: "within chance", None: "too few seeds"}[row["real"]]


def _open_a_run(rows: list[dict[str, Any]]) -> None:
    """Each training of the table is a run as any other."""
    names = {
        run: f"{row['combination']}, seed {seed}"
        for row in rows
        for run, seed in zip(row["runs"], row["seeds"], strict=True)
    }
    with st.container(horizontal=True, vertical_alignment="bottom"):
        told: dict[str, Any] = {"format_func": lambda run: names.get(run, run), "key": "sweep-run", "width": 460}
        chosen = st.selectbox("Its runs", list(names), **told)
        if st.button("Open", icon=":material/arrow_outward:", key="open-sweep-run", help="Its curves and verdicts"):
            state.put(run=chosen)
            st.rerun(scope="app")


def _parallel(told: Summary) -> None:
    *varied, reached = chart_data.axes(told)
    if len(varied) < FEWEST:  # the chart against its values shows more
        return
    names = ", ".join(axis.label for axis in varied)
    st.markdown("**Every combination through its values**")
    charts.draw(
        figures.parallel_coordinates(
            [axis.label for axis in varied], [_texts(axis) for axis in varied], reached.values, charts.on_touch()
        ),
        key="sweep-parallel",
        alt=f"Parallel coordinates of {len(told.combinations)} combinations: {names}, and mean validation accuracy.",
        file="sweep",
    )
    if not charts.on_touch():
        st.caption(
            "A line is a combination; the best are blue, the worst orange. Drag along an axis to keep the lines there."
        )


def _texts(axis: Axis) -> list[str]:
    return [axis.names[int(value)] if axis.names else f"{value:g}" for value in axis.values]


def _by_value(told: Summary) -> None:
    """A chart for each that varies, one at a time; where only the seed does, the seeds of the one combination."""
    found = chart_data.by_value(told)
    if not found:
        found = {"seeds": [_only(told)]}
    chosen = next(iter(found))
    words = {name: name if name in ("model", "seeds") else summary.label(name) for name in found}
    if len(found) > 1:
        told_of: dict[str, Any] = {"format_func": words.__getitem__, "default": chosen, "key": "sweep-against"}
        said = st.segmented_control("Accuracy against", tuple(found), required=True, wrap=True, **told_of)
        chosen = said if said in found else chosen
    else:
        st.markdown(f"**Accuracy {'of each seed' if chosen == 'seeds' else f'against {words[chosen]}'}**")
    values = found[chosen]
    charts.draw(
        figures.by_value(words[chosen], [one.value for one in values], [one.accuracies for one in values]),
        key="sweep-by-value",
        alt=f"Validation accuracy against {words[chosen]}: {'; '.join(map(_at, values))}.",
        file=f"sweep-{chosen}",
    )


def _only(told: Summary) -> AtValue:
    one = told.combinations[0]
    return AtValue(one.words, tuple(one.accuracies), one.mean, one.deviation)


def _at(one: AtValue) -> str:
    return f"{one.value} {_spread(one.mean, one.deviation)}"
