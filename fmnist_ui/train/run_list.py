"""Your runs: a line each, and one line for a family or a sweep."""

from collections.abc import Iterator
from dataclasses import dataclass

import streamlit as st

from fmnist_core.demo import limits
from fmnist_core.families import members
from fmnist_core.families.members import Members
from fmnist_core.jobs import lifecycle
from fmnist_core.runs import runs
from fmnist_core.storage import owners
from fmnist_core.sweeps import plan as plans
from fmnist_core.sweeps import summary
from fmnist_core.sweeps.records import Sweep
from fmnist_core.zoo import model_of
from fmnist_ui import cached, charts, parts, state

TITLE = "Your runs"
MOST = 20  # lines
WIDEST_STATE = 110  # CSS pixels: "interrupted"
MOST_NAMES = 3  # of models in a title
# What a family is called by: the first of these states that one of its runs is in.
STATES = ("running", "queued", "failed", "interrupted", "damaged", "cancelled", "done")


@dataclass(frozen=True)
class _Line:
    opens: str  # the field of the view: run, family or sweep
    name: str
    state: str
    title: str
    began: str  # day and time


def show() -> None:
    """The visitor's own, the newest first."""
    lines = sorted(_lines(), key=lambda line: line.began, reverse=True)
    if not lines:
        if limits.trains():
            st.info("No runs of your own yet. The quick preset takes about a minute.", icon=":material/info:")
        return
    st.subheader(TITLE)
    for line in lines[:MOST]:
        with st.container(horizontal=True, vertical_alignment="center"):
            with st.container(width="content" if charts.on_touch() else WIDEST_STATE):  # titles begin at one line
                parts.show_state(line.state)
            if st.button(line.title, key=f"open-{line.name}", type="tertiary"):
                state.put(**{line.opens: line.name})
                st.rerun()


def heading(field: str, shown: str, title: str, back: str = TITLE) -> None:
    """Of what is open: the way back, its state, its title. field: of the view, empty on the way back, to `back`."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("", icon=":material/arrow_back:", help=back, key="back", type="tertiary"):
            state.put(**{field: None})
            st.rerun()
        parts.show_state(shown)
        st.subheader(title, width="content", anchor=False)  # last: what is long has a line of its own


def _lines() -> Iterator[_Line]:
    """In no order. A run of a sweep or a family is in its line."""
    own = [row for row in cached.list_rows() if row.own]
    sweeps = [sweep for sweep in cached.list_sweeps() if owners.is_own(owners.read(sweep.folder))]
    for sweep in sweeps:
        yield _Line("sweep", sweep.id, sweep_state(sweep), sweep_title(sweep), _began(sweep.plan.tasks[0].run))
    of_sweep = {task.run for sweep in sweeps for task in sweep.plan.tasks}
    families = members.families(own)
    of_family = {one.row.run.id: found for found in families.values() for one in found.runs}
    seen = set()
    for row in own:
        family = of_family.get(row.run.id)
        if family and family.id not in seen:
            seen.add(family.id)
            yield _Line("family", family.id, state_of(family), family_title(family), _began(row.run.id))
        elif not family and row.run.id not in of_sweep:
            yield _Line("run", row.run.id, row.state, parts.run_title(row), _began(row.run.id))


def _began(run_id: str) -> str:
    return run_id.split("-", 1)[1]


def state_of(family: Members) -> str:
    """In a word for all of its runs."""
    states = {one.row.state for one in family.runs}
    return next(one for one in STATES if one in states)


def family_title(family: Members) -> str:
    """ "CNN 2: learning rate 0.0001, 0.001 or 0.01 · family of 3 · 2026-11-28 14:02"."""
    first = family.runs[0].row
    return f"{first.title}: {family.title} · family of {len(family.runs)} · {_when(first.run.id)}"


def sweep_state(sweep: Sweep) -> str:
    found = lifecycle.read_status(sweep.job)
    return found.state if found else "damaged"


def sweep_title(sweep: Sweep) -> str:
    """ "CNN 1 and CNN 2: learning rate, batch size, 3 seeds · sweep of 12 · 2026-11-28 14:02"."""
    made = sweep.plan
    names = [model_of(base).title for base in made.bases]
    if len(names) > MOST_NAMES:
        names = [f"{len(names)} models"]
    varied = [summary.label(plans.option_of(name).name) for name, texts in made.values.items() if len(texts) > 1]
    varied += [f"{len(made.seeds)} seeds"] if len(made.seeds) > 1 else []
    what = f": {', '.join(varied)}" if varied else ""
    return f"{members.listed(names)}{what} · sweep of {len(made.tasks)} · {_when(made.tasks[0].run)}"


def _when(run_id: str) -> str:
    began = runs.began(run_id)
    return f"{began.day} {began.time}"
