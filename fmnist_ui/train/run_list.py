"""Your runs: a line each, and one line for a family."""

from collections.abc import Sequence

import streamlit as st

from fmnist_core.families import members
from fmnist_core.families.members import Members
from fmnist_core.runs.catalogue import Row
from fmnist_ui import charts, parts, state

MOST = 20  # lines
WIDEST_STATE = 110  # CSS pixels: "interrupted"
# What a family is called by: the first of these states that one of its runs is in.
STATES = ("running", "queued", "failed", "interrupted", "damaged", "cancelled", "done")


def show(own: Sequence[Row]) -> None:
    """own: the visitor's runs, the newest first."""
    st.subheader("Your runs")
    families = members.families(own)
    of_family = {one.row.run.id: found for found in families.values() for one in found.runs}
    lines: dict[str, Row | Members] = {}
    for row in own:
        family = of_family.get(row.run.id)
        lines.setdefault(family.id if family else row.run.id, family or row)
    for key, line in list(lines.items())[:MOST]:
        with st.container(horizontal=True, vertical_alignment="center"):
            with st.container(width="content" if charts.on_touch() else WIDEST_STATE):  # titles begin at one line
                parts.show_state(state_of(line) if isinstance(line, Members) else line.state)
            title = family_title(line) if isinstance(line, Members) else parts.run_title(line)
            if st.button(title, key=f"open-{key}", type="tertiary"):
                state.put(**({"family": key} if isinstance(line, Members) else {"run": key}))
                st.rerun()


def state_of(family: Members) -> str:
    """In a word for all of its runs."""
    states = {one.row.state for one in family.runs}
    return next(one for one in STATES if one in states)


def family_title(family: Members) -> str:
    """ "CNN 2: learning rate 0.0001, 0.001 or 0.01 · family of 3 · 2026-11-28 14:02"."""
    first = family.runs[0].row
    title = first.title
    _, day, time, _ = first.run.id.split("-")
    when = f"{day[:4]}-{day[4:6]}-{day[6:]} {time[:2]}:{time[2:4]}"
    return f"{title}: {family.title} · family of {len(family.runs)} · {when}"
