"""Models: the zoo as a table, one model in detail; all runs as a table, one run in detail."""

from dataclasses import dataclass

import streamlit as st

from fmnist_core.runs.catalogue import Row
from fmnist_core.runs.leaderboard import Entry, list_classical_entries, list_entries, list_own_entries
from fmnist_core.zoo import own_network
from fmnist_ui import cached, parts, state
from fmnist_ui.frame import open_inside_app
from fmnist_ui.layout import first_line
from fmnist_ui.models.bring_panel import bring_your_own
from fmnist_ui.models.comparison_panel import MOST_RUNS, compare_runs
from fmnist_ui.models.leaderboard_table import leaderboard
from fmnist_ui.models.model_panel import show_model
from fmnist_ui.models.price_panel import price_panel
from fmnist_ui.models.run_panel import import_upload, show_run, take_along
from fmnist_ui.models.runs_table import filter_runs, runs_table

open_inside_app(__file__)


@dataclass(frozen=True)
class Shown:
    """What the leaderboard shows."""

    entries: list[Entry]
    reported: bool  # also what others report
    more: bool  # columns


def filter_entries(entries: list[Entry]) -> Shown:
    sources = list(dict.fromkeys(entry.model.source.author for entry in entries))
    wanted = st.multiselect("Source", sources, placeholder="All sources", key="sources", width=280)
    reported = st.toggle("Also what others report", key="reported")
    more = st.toggle("More columns", key="more-columns", help="Loss, MACs, seconds an epoch, epochs, recipe, remark.")
    shown = [entry for entry in entries if not wanted or entry.model.source.author in wanted]
    return Shown(shown, reported, more)


def board(shown: Shown) -> None:
    """The leaderboard; one chosen line opens the model below, several are compared."""
    own = "-".join(entry.row.run.id[-4:] for entry in shown.entries if entry.network and entry.row)
    key = f"board-{len(shown.entries)}-{own}-{shown.reported}"
    leaderboard(shown.entries, shown.reported, key=key, on_pick=pick, more=shown.more)
    st.caption("Choose a line to read about its model, or several to compare their runs. A click on a heading sorts.")


def pick(chosen: list[Entry]) -> None:
    with_run = [entry.row.run.id for entry in chosen if entry.row]
    if len(chosen) == 1:
        network = chosen[0].network
        state.put(network=network, compare=(), **({} if network else {"model": chosen[0].model.name}))
    elif len(chosen) > 1:
        state.put(compare=tuple(with_run[:MOST_RUNS]))


def compare(rows: list[Row]) -> None:
    """Side by side: the runs that the address names, or that are chosen here."""
    usable = {row.run.id: row for row in rows if row.usable}
    st.subheader("Side by side")
    chosen = state.multiselect(
        "Runs",
        "compare",
        list(usable),
        format_func=lambda run_id: parts.run_title(usable[run_id]),
        placeholder="Choose two or more runs, shipped or your own",
        max_selections=MOST_RUNS,
    )
    if len(chosen) > 1:
        compare_runs([usable[run_id] for run_id in chosen])
    elif chosen:
        st.caption("Choose one more.")


def show_models(entries: list[Entry], shown: Shown, rows: list[Row]) -> None:
    board(shown)
    compare(rows)
    price_panel(rows, on_pick=lambda run_id: state.put(table="runs", run=run_id, compare=()))
    st.divider()
    if network := state.get("network"):  # another visitor's may have no run here
        show_model(next((one for one in entries if one.network == network), Entry(own_network.model_of(network), None)))
    else:
        show_model(next(entry for entry in entries if entry.model.name == state.get("model")))


def show_runs(shown: list[Row], rows: list[Row]) -> None:
    runs_table(shown, on_pick=pick_runs)
    bring_your_own()
    import_upload()
    take_along()
    if row := next((row for row in rows if row.run.id == state.get("run")), None):
        show_run(row)
    compare(rows)


def pick_runs(chosen: list[Row]) -> None:
    if len(chosen) == 1:
        state.put(run=chosen[0].run.id, compare=())
    elif chosen:
        state.put(compare=tuple(row.run.id for row in chosen if row.usable)[:MOST_RUNS])


state.enter("models", "table", "model", "network", "compare", "run", "whose", "models", "words")
rows = cached.list_rows()
entries = [*list_entries(rows), *list_classical_entries(rows), *list_own_entries(rows)]
words = {"models": "Models", "runs": "Runs"}
with first_line.bar("Models"):
    table = state.segmented("What", "table", tuple(words), format_func=words.get, label_visibility="collapsed")
    with first_line.folded("Filter"):
        chosen = filter_entries(entries) if table == "models" else filter_runs(rows)
if isinstance(chosen, Shown):
    show_models(entries, chosen, rows)
else:
    show_runs(chosen, rows)
