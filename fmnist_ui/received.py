"""What a browser says was chosen, checked where it comes in: anything may be sent. What fits nothing is dropped."""

from collections.abc import Sequence
from typing import Any, TypeGuard

import streamlit as st
from streamlit.runtime.state.session_state import Serialized, Value, WStates

_ALSO = {"double_value": "int_value"}  # what a browser sends of a number field that is for whole numbers
DROPPED = "What was chosen does not fit what is shown here, so it was left out. Choose again."


def drop() -> None:
    """Says that a value was left out; the page goes on as if nothing had been chosen."""
    st.toast(DROPPED, icon=":material/block:")


def sent(key: str, name: str) -> Any:
    """What a component sent under a name; None where its state is nothing that has names."""
    return part(st.session_state.get(key), name)


def part(value: Any, name: str) -> Any:
    """An entry of what may be a dictionary, or an attribute of what a component's result is."""
    if isinstance(value, dict):
        return value.get(name)
    found = getattr(value, name, None)
    return None if callable(found) else found


def segmented(label: str, options: Sequence[Any], *, default: Any, **widget: Any) -> Any:
    """A segmented control of which one is always chosen, the default where a browser says none; a phone breaks it."""
    chosen = st.segmented_control(label, options, default=default, required=True, wrap=True, **widget)
    return default if chosen is None else chosen


def is_place(value: Any, count: int) -> TypeGuard[int]:
    """Whether it is a whole number from 0 to count - 1; True and 1.0 are none."""
    return type(value) is int and 0 <= value < count


def chosen_rows(event: Any, count: int) -> list[int] | None:
    """The chosen rows of a data frame of that many; None where any of them is no row of it."""
    rows = part(part(event, "selection"), "rows")
    if not isinstance(rows, list) or len(rows) > count or not all(is_place(row, count) for row in rows):
        return None
    return list(dict.fromkeys(rows))


def clicked_point(event: Any, lengths: list[int]) -> tuple[int, int] | None | bool:
    """Trace and point of the first clicked point of a chart; None where none was clicked, False where it is no point.

    lengths: how many points each trace has.
    """
    points = part(part(event, "selection"), "points")
    if points == []:
        return None
    first = points[0] if isinstance(points, list) else None
    trace, point = part(first, "curve_number"), part(first, "point_index")
    if not is_place(trace, len(lengths)) or not is_place(point, lengths[trace]):
        return False
    return trace, point


def guard_widgets() -> None:
    """Once a process: a value that a widget of Streamlit's cannot read becomes what it is by default.

    Streamlit reads what a browser sent at the start of a run, where no page can catch what goes wrong, and keeps it:
    one such value would break every later run of the session. It offers no place for a check but this one.
    """
    read = WStates.__getitem__
    if getattr(read, "guards", False):
        return

    def guarded_read(states: WStates, k: str) -> Any:
        found, metadata = states.states.get(k), states.widget_metadata.get(k)
        if not isinstance(found, Serialized) or metadata is None:
            return read(states, k)
        try:
            kind = found.value.WhichOneof("value")  # None: nothing is chosen
            if kind not in (metadata.value_type, _ALSO.get(metadata.value_type), None):
                raise TypeError(f"Expected {metadata.value_type}.")
            return read(states, k)
        except (TypeError, ValueError, LookupError, AttributeError, OverflowError, RecursionError):
            drop()
            usual = metadata.deserializer(None)
            states[k] = Value(usual)
            return usual

    guarded_read.guards = True  # type: ignore[attr-defined]
    WStates.__getitem__ = guarded_read  # type: ignore[method-assign]
