"""What identifies a view lives in the address: its fields are read, remembered, changed, and bound to widgets.

A page reads its fields with `enter`, draws widgets bound to them with `select` and `segmented`, and changes them with
`put`. The address wins over everything; what is not in it is remembered for the session and put back when the visitor
comes back to the page.
"""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from fmnist_core.fields import FIELDS
from fmnist_ui import address

_MEMORY, _PAGE, _OVERTAKEN, _DRAWN = "view_memory", "view_page", "view_overtaken", "view_drawn"
# What the pages of a session share and no address can say: it is too much, or the visitor's own.
CHOSEN = "map_chosen"  # frozenset of addresses of the pictures chosen on a map
OWN_PICTURE = "own_picture"  # (28, 28) uint8: the visitor's, that lands on the map
SHOWN_PICTURE = "shown_picture"  # (28, 28) uint8: the visitor's, that Predict has answered last


def enter(page: str, *names: str) -> dict[str, Any]:
    """The values of a page's fields; call once at its top. Bad parameters are dropped, with a sentence shown."""
    memory = st.session_state.setdefault(_MEMORY, {})
    arrived = st.session_state.get(_PAGE) != page
    if arrived:
        address.forget()
    st.session_state[_PAGE] = page
    if "cells" in names:
        _translate_old_cell()
    said = address.read()
    if arrived:
        kept = {name: memory.get(name) for name in names if name not in said}
        known = {name: value for name, value in kept.items() if value not in (None, FIELDS[name].default)}
        said |= {name: text_of(name, value) for name, value in known.items()}
    address.write(said)
    return {name: _read(name) for name in names}


def forget(*names: str) -> None:
    """Fields that no longer come back when the visitor comes back to a page; what the address says stays."""
    memory = st.session_state.get(_MEMORY, {})
    for name in names:
        memory.pop(name, None)


def _translate_old_cell() -> None:
    """Links of before said a cell as two numbers, `true=6&predicted=0`; now it is `cells=6-0`."""
    said = address.read()
    if {"true", "predicted"} <= said.keys():
        cell = f"{said.pop('true')}-{said.pop('predicted')}"
        address.write(said | {"cells": cell})


def get(name: str) -> Any:
    """The value of a field of the page that is shown."""
    return _read(name)


def put(**values: Any) -> None:
    """Changes fields, in the address and in memory; None or the default takes them out of it."""
    st.session_state.setdefault(_MEMORY, {}).update(values)
    overtaken = st.session_state.setdefault(_OVERTAKEN, {})
    bound = [twin for name in values for twin in (name, _group_of(name))]
    overtaken |= {name: st.session_state[_key(name)] for name in bound if _key(name) in st.session_state}
    changed = address.read()
    for name, value in values.items():
        if value is None or value == FIELDS[name].default:
            changed.pop(name, None)
        else:
            changed[name] = text_of(name, value)
    address.write(changed)


def _chosen(name: str, value: Any, clears: Sequence[str] = ()) -> None:
    """What a widget says it is now. It was not chosen where something else has changed the field meanwhile, and the
    browser, which has not yet heard of it, repeats what the widget was before."""
    if _is_overtaken(name):
        return
    put(**{name: value}, **dict.fromkeys(clears))
    st.session_state[_OVERTAKEN].pop(name, None)


def _is_overtaken(name: str) -> bool:
    overtaken = st.session_state.setdefault(_OVERTAKEN, {})
    return address.is_late() and name in overtaken and overtaken[name] == st.session_state[_key(name)]


def _on_change(
    name: str, told: Callable[[Any], Any] = lambda value: value, clears: Sequence[str] = ()
) -> Callable[[], None]:
    """What the widget of a field calls; told: its value as the field's. Of a widget that the page has no longer, as
    after a click that a slow browser sends late, Streamlit calls it without a value."""
    return lambda: _chosen(name, told(st.session_state[_key(name)]), clears) if _key(name) in st.session_state else None


def _key(name: str) -> str:
    """The widget's of a field."""
    return f"widget_{name}"


def _tell(key: str, value: Any, *control: Any) -> None:
    """Sets a widget, unless it says so itself: what a slow browser is told is older than what is chosen there now.

    control: what it is drawn with. Under the same key another one, of another page or with other options, knows nothing
    of the value that Streamlit still has there.
    """
    drawn = st.session_state.setdefault(_DRAWN, {})
    before, drawn[key] = drawn.get(key), (st.session_state.get(_PAGE), *control)
    if before != drawn[key] or key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value


def text_of(name: str, value: Any) -> str:
    """How the address writes a value; a field's `parse` is its inverse."""
    if write := FIELDS[name].write:
        return write(value)
    parts = value if isinstance(value, tuple) else (value,)
    return ",".join(f"{part:g}" if isinstance(part, float) else str(part) for part in parts)


def _read(name: str) -> Any:
    field, text = FIELDS[name], address.read().get(name)
    value = field.default
    if text is not None:
        try:
            value = field.parse(text)
        except ValueError as error:
            address.write({other: said for other, said in address.read().items() if other != name})
            st.warning(f"The address' {name} was left out: {error}.", icon=":material/link_off:")
    st.session_state.setdefault(_MEMORY, {})[name] = value
    return value


def _words(options: Sequence[Any], widget: dict[str, Any]) -> tuple[str, ...]:
    """The options as they are shown, by which Streamlit tells one control from another."""
    return tuple(map(widget.get("format_func", str), options))


def select(label: str, name: str, options: Sequence[Any], **widget: Any) -> Any:
    """A selectbox whose value is the field; a value that is no option becomes `fallback`, or the first one."""
    return _bound(st.selectbox, label, name, options, **widget)


def segmented(label: str, name: str, options: Sequence[Any], **widget: Any) -> Any:
    """A segmented control whose value is the field; on a phone it breaks rather than be cut off."""
    return _bound(st.segmented_control, label, name, options, required=True, wrap=True, **widget)


def grouped(
    label: str, name: str, groups: dict[str, Sequence[Any]], *, format_func: Callable[[Any], str], **widget: Any
) -> Any:
    """Two segmented controls, to be drawn in one row: groups of options, and the options of the group that has the
    field's value. Only the value is in the address; a group that is chosen opens its first option. widget: what else
    the groups' control takes."""
    value, key = get(name), _key(_group_of(name))
    group = next((words for words, options in groups.items() if value in options), next(iter(groups)))

    def changed() -> None:
        chosen = groups.get(str(st.session_state.get(key)), ())
        if chosen and not _is_overtaken(_group_of(name)) and get(name) not in chosen:
            put(**{name: chosen[0]})
            st.session_state[_OVERTAKEN].pop(_group_of(name), None)

    _tell(key, group, label, tuple(groups))
    st.segmented_control(label, tuple(groups), key=key, required=True, wrap=True, on_change=changed, **widget)
    within = f"{label}: {group}"
    return segmented(within, name, groups[group], format_func=format_func, label_visibility="collapsed")


def _group_of(name: str) -> str:
    """What stands for a field's group among the names of fields."""
    return f"{name}_group"


def slider(label: str, name: str, low: int, high: int, **widget: Any) -> int:
    """A slider over whole numbers whose value is the field, brought into its range."""
    key = _key(name)
    _tell(key, min(max(get(name), low), high), label, low, high)
    return int(st.slider(label, low, high, key=key, on_change=_on_change(name), **widget))


def number(label: str, name: str, low: int, high: int, **widget: Any) -> int:
    """A field for a whole number, brought into its range."""
    key = _key(name)
    _tell(key, min(max(get(name), low), high), label, low, high)
    return int(st.number_input(label, low, high, key=key, on_change=_on_change(name, int), **widget))


def number_or_auto(label: str, name: str, high: int, **widget: Any) -> int | None:
    """The same for a number above 0; None, an empty field that says auto, where what it is for chooses it."""
    key = _key(name)
    _tell(key, min(get(name), high) or None, label, high)
    changed = _on_change(name, lambda value: int(value or 0))
    found = st.number_input(label, 0, high, value=None, placeholder="auto", key=key, on_change=changed, **widget)
    return int(found) if found else None


def decimal(label: str, name: str, low: float, high: float, step: float = 0.01, **widget: Any) -> float:
    """A slider over numbers with a fraction whose value is the field, brought into its range."""
    key = _key(name)
    _tell(key, min(max(float(get(name)), low), high), label, low, high, step)
    changed = _on_change(name, lambda value: round(value, 4))
    return float(st.slider(label, low, high, step=step, key=key, on_change=changed, **widget))


def pagination(name: str, page: int, pages: int, key: str) -> None:
    """The control over pages counted from 0, which are the field; it keeps its place while one clicks on and on."""
    if key in st.session_state:  # Streamlit warns of a value for a control that it has just made
        _tell(key, page + 1, pages)
    st.pagination(pages, default=page + 1, key=key, on_change=lambda: put(**{name: st.session_state[key] - 1}))


def toggle(label: str, name: str, **widget: Any) -> bool:
    """A switch whose field is "yes" or not there."""
    key = _key(name)
    _tell(key, get(name) == "yes", label)
    changed = _on_change(name, lambda on: "yes" if on else None)
    return bool(st.toggle(label, key=key, on_change=changed, **widget))


def text(label: str, name: str, **widget: Any) -> str:
    """A line of text that is the field."""
    key = _key(name)
    _tell(key, get(name), label)
    clears = widget.pop("clears", ())
    return str(st.text_input(label, key=key, on_change=_on_change(name, clears=clears), **widget))


def multiselect(label: str, name: str, options: Sequence[Any], **widget: Any) -> tuple[Any, ...]:
    """A multiselect whose values are the field; values that are no option are left out."""
    key = _key(name)
    limit = widget.get("max_selections") or len(options)
    _tell(key, [value for value in get(name) if value in options][:limit], label, _words(options, widget), limit)
    return tuple(st.multiselect(label, options, key=key, on_change=_on_change(name, tuple), **widget))


def _bound(control: Callable[..., Any], label: str, name: str, options: Sequence[Any], **widget: Any) -> Any:
    key = _key(name)
    value = get(name)
    fallback = widget.pop("fallback", options[0])  # for a value that is no option
    value = value if value in options else fallback
    _tell(key, value, control, label, _words(options, widget))
    clears = widget.pop("clears", ())  # fields that no longer make sense once this one changes
    return control(label, options, key=key, on_change=_on_change(name, clears=clears), **widget)
