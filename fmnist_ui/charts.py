"""Draws the charts of fmnist_core.figures on a page: the one place that knows their buttons, keys and clicks."""

from collections.abc import Callable, Hashable
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from fmnist_ui import received

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_UNSEEN = "unseen"  # what a click has chosen is known only when the page is drawn the next time


def draw(
    figure: "Figure",
    *,
    key: str,
    alt: str,
    file: str,
    on_pick: Callable[[int, int], None] | None = None,
    shown: Hashable = None,
) -> None:
    """A chart with its buttons: zoom, back, PNG, the whole screen.

    A figure must not depend on what was picked in it: Streamlit mounts a chart that has changed anew, without the
    visitor's zoom. What was clicked is marked by Plotly alone.

    Args:
        key: also the class st-key-KEY of the element around it.
        alt: what it shows, in a sentence, for who does not see it.
        file: name of the PNG, without its ending.
        on_pick: called with the number of the trace and of its point that is clicked.
        shown: what a click chooses, as the page has it now; once it is changed elsewhere, the mark of the click goes.
    """
    _hold_still(figure, clickable=on_pick is not None)
    told: dict[str, Any] = {
        "config": _config(file, clickable=on_pick is not None),
        "alt": alt,
        "height": int(figure.layout.height),
    }
    with st.container(key=key):
        if on_pick is None:
            st.plotly_chart(figure, key=f"{key}-chart", **told)
            return
        widget = f"{key}-chart-{_version(key, shown)}"
        clicked = partial(_clicked, key, widget, _lengths(figure), on_pick)
        st.plotly_chart(figure, key=widget, on_select=clicked, selection_mode="points", **told)


def _hold_still(figure: "Figure", clickable: bool) -> None:
    """On a phone: a finger that scrolls the page must not zoom or move the chart; its buttons still do."""
    if not on_touch():
        return
    figure.update_layout(dragmode=False)
    if clickable:  # Streamlit gives such a chart a dragmode of its own
        figure.update_xaxes(fixedrange=True)
        figure.update_yaxes(fixedrange=True)


def _config(file: str, clickable: bool) -> dict[str, Any]:
    config: dict[str, Any] = {
        "displaylogo": False,
        "modeBarButtonsToRemove": ["autoScale2d"],
        "toImageButtonOptions": {"format": "png", "filename": file, "scale": 2},
    }
    if clickable:  # clicks on two bars, one soon after the other, are no double click, which would take the marks away
        config["doubleClickDelay"] = 0
    return config


def _clicked(key: str, widget: str, lengths: list[int], on_pick: Callable[[int, int], None]) -> None:
    found = received.clicked_point(st.session_state.get(widget), lengths)
    if found is None:  # the same point was clicked again, which only takes its mark away
        return
    if isinstance(found, bool):
        received.drop()
        return
    st.session_state[f"{key}-clicked"] = (_version_of(key), _UNSEEN)
    on_pick(*found)


def _lengths(figure: "Figure") -> list[int]:
    """How many points each trace has."""
    return [max((len(axis) for axis in (trace.x, trace.y) if axis is not None), default=0) for trace in figure.data]


def on_touch() -> bool:
    """Whether the visitor's browser says it is a phone's."""
    return "Mobi" in (st.context.headers.get("User-Agent") or "")


def key(name: str) -> str | None:
    """A button's shortcut, which is written on it; none where there is no keyboard."""
    return None if on_touch() else name


def _version_of(key: str) -> int:
    return int(st.session_state.get(f"{key}-clicked", (0, None))[0])


def _version(key: str, shown: Hashable) -> int:
    """Part of the widget's key: another one is another chart, in which nothing was clicked."""
    version, after_click = st.session_state.get(f"{key}-clicked", (0, None))
    if after_click == _UNSEEN:
        after_click = shown
    elif after_click is not None and after_click != shown:
        version, after_click = version + 1, None
    st.session_state[f"{key}-clicked"] = (version, after_click)
    return int(version)
