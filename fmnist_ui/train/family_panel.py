"""A family as it trains: each of its runs, all curves in one chart, and at the end what they show."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from fmnist_core import glossary
from fmnist_core.families import members, summary, varying
from fmnist_core.families.members import Member, Members
from fmnist_core.families.summary import Summary
from fmnist_core.jobs.status import ACTIVE
from fmnist_core.recipe import Recipe
from fmnist_core.runs import catalogue, curves
from fmnist_core.runs.records import Line
from fmnist_core.training import training_jobs
from fmnist_ui import cached, parts, state, waiting
from fmnist_ui.train import live_run, run_list
from fmnist_ui.train.curve_pair import curve_pair
from fmnist_ui.widgets.hostile_text import literal

POLL_SECONDS = live_run.POLL_SECONDS


def watch(family_id: str) -> None:
    """The section of the page; draws itself again while one of the family waits or works."""
    family = members.find(cached.list_rows(), family_id)
    if family is None:
        text = f"There is no family {family_id!r} here; its runs may have been deleted."
        st.warning(text, icon=":material/link_off:")
        state.put(family=None)
        return
    family = _now(family)
    run_list.heading("family", run_list.state_of(family), run_list.family_title(family))
    with st.container(horizontal=True, vertical_alignment="center"):
        _stop_all(family)
        smoothing = live_run.choose_smoothing()
    states = tuple(_shown(one) for one in family.runs)
    st.fragment(run_every=POLL_SECONDS if family.active else None)(_panel)(family, states, smoothing)


def _now(family: Members) -> Members:
    """The same as it is now: the list of runs may be two seconds old."""
    fresh = [one.row if one.row.problem else catalogue.describe(one.row.run) for one in family.runs]
    return members.find(fresh, family.id) or family


def _shown(one: Member) -> str:
    return live_run.shown_as(one.row.run, one.row.status) if one.row.status else one.row.state


def _stop_all(family: Members) -> None:
    own = [one for one in family.active if one.row.own]
    if not own:
        return
    stopping = all(_shown(one) == live_run.STOPPING for one in own)
    if st.button("Stop all, keep what they learned", icon=":material/stop:", key="stop-family", disabled=stopping):
        members.stop(family)
        cached.forget_rows()
        st.rerun()


def _panel(family: Members, shown_states: Sequence[str], smoothing: float) -> None:
    family = _now(family)
    if tuple(_shown(one) for one in family.runs) != tuple(shown_states):  # badge and button are outside of it
        cached.forget_rows()
        st.rerun()
    lines = [cached.read_metrics(one.row.run) for one in family.runs]
    told = summary.summarise(family, cached.load_predictions)
    with st.container():  # one place on the page, whatever is in it: else the curves move and are mounted again
        if not family.active:
            st.info(summary.learned(told), icon=":material/lightbulb:")
    with st.grid(min(len(family.runs), 4), min_column_width=220):
        for one, found in zip(family.runs, lines, strict=True):
            _card(family, one, found)
    names = [varying.named(family.varies, one.value) for one in family.runs]
    recipes = [one.row.recipe for one in family.runs if one.row.recipe]
    curve_pair(list(zip(names, lines, strict=True)), recipes, f"family-{family.id}", smoothing)
    if told.figures:
        _table(told)


def _card(family: Members, one: Member, lines: Sequence[Line]) -> None:
    """Value, state and how far it is of one run; a click on its name opens it."""
    run, name = one.row.run, varying.named(family.varies, one.value)
    with st.container(border=True, gap=None):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            told: dict[str, Any] = {"type": "tertiary", "icon": ":material/arrow_outward:", "help": "Open this run"}
            if st.button(f"{name[:1].upper()}{name[1:]}", key=f"open-{run.id}", **told):
                state.put(run=run.id)
                st.rerun(scope="app")
            parts.show_state(_shown(one))
        recipe, words = one.row.recipe, _progress(one, lines, one.row.recipe)
        if one.row.state == "running" and recipe:
            st.progress(min((lines[-1].epochs_done if lines else 0.0) / recipe.epochs, 1.0), words)
        else:
            st.caption(literal(words))


def _progress(one: Member, lines: Sequence[Line], recipe: Recipe | None) -> str:
    """How far a run is, in a few words: "Epoch 3 of 5 · validation 84.1 %"."""
    ended = curves.epochs_of(lines)
    reached = f" · validation {parts.percent(ended[-1].val_accuracy)}" if ended else ""
    if one.row.state == "queued":
        return waiting.words(training_jobs.job(one.row.run))
    if one.row.state in ACTIVE and recipe:
        if not lines:
            return "It is being prepared"
        return f"Epoch {min(int(lines[-1].epochs_done) + 1, recipe.epochs)} of {recipe.epochs}{reached}"
    if result := one.row.result:
        count = f"{result.epochs} {'epoch' if result.epochs == 1 else 'epochs'}"
        return f"{count} · validation {parts.percent(result.val_accuracy)}"
    return (one.row.status.message if one.row.status else one.row.problem) or "It ended without a result."


def _table(told: Summary) -> None:
    """Figures of the runs that have a result, with intervals."""
    rows = []
    for row in summary.rows(told):
        rows.append(
            {
                varying.VARYING[told.members.varies].label: row["value"],
                "Validation accuracy": parts.percent(row["validation"]),
                "95 % interval": _range(row["interval"]),
                "Behind the best": "–" if row["behind"] is None else f"{100 * row['behind']:.1f} points",
                "Interval of that": _range(row["behind_interval"]),
                "Real?": {True: "yes", False: "within chance", None: "the best" if row["best"] else "–"}[row["real"]],
                "Best epoch": row["best_epoch"],
                "Accuracy on its training pictures": parts.percent(row["training"]),
                "Gap": f"{100 * row['gap']:.1f} points",
            }
        )
    number, text = st.column_config.NumberColumn, st.column_config.TextColumn
    gap = f"Accuracy on the pictures it was trained on, by official labels, less on validation. {_OVERFITTING}"
    real = (
        f"By McNemar's test on the same {told.figures[0].pictures:,} validation pictures, at 5 % for all pairs of the "
        "family together (Bonferroni). One seed each: another may turn small differences around."
    )
    config = {
        "Validation accuracy": text(alignment="right", help=glossary.term("Validation split")),
        "95 % interval": text(help=glossary.term("Interval")),
        "Behind the best": text(alignment="right"),
        "Interval of that": text(help="Points; those of all pairs of the family hold together in 95 %."),
        "Real?": text(help=real),
        "Best epoch": number(help=f"By validation accuracy. {glossary.term('Epoch')}"),
        "Accuracy on its training pictures": text(alignment="right"),
        "Gap": text(alignment="right", help=gap),
    }
    st.dataframe(rows, hide_index=True, height="content", column_config=config)
    st.caption(real, help=glossary.term("McNemar test"))


_OVERFITTING = glossary.term("Overfitting")


def _range(interval: tuple[float, float] | None) -> str:
    """Of fractions, as percents or points."""
    return "–" if interval is None else f"{100 * interval[0]:.1f} to {100 * interval[1]:.1f}"
