"""A long list, page by page: which part of it is open, as the address says, and the control that turns to another."""

from typing import Literal

import streamlit as st

from fmnist_ui import state


def open_part(count: int, on_a_page: int) -> slice:
    """Of a list of `count`, at least 1; an address may name a page beyond the last."""
    page = _open_page(count, on_a_page)
    return slice(page * on_a_page, (page + 1) * on_a_page)


def turn(count: int, on_a_page: int, key: str, scope: Literal["app", "fragment"] = "fragment") -> None:
    """The control, where there is more than one page. key: names the list; another list begins with its own page."""
    pages, page = _pages(count, on_a_page), _open_page(count, on_a_page)
    if pages < 2:
        return
    turned = st.pagination(pages, default=page + 1, key=f"turn-{key}-{page}")
    if turned != page + 1:
        state.put(page=turned - 1)
        st.rerun(scope=scope)


def _pages(count: int, on_a_page: int) -> int:
    return -(-count // on_a_page)


def _open_page(count: int, on_a_page: int) -> int:
    return min(state.get("page"), _pages(count, on_a_page) - 1)
