"""A long list, page by page or picture by picture: which part is open, and the controls that go to another."""

from collections.abc import Callable

import streamlit as st

from fmnist_ui import charts, state


def open_part(count: int, on_a_page: int) -> slice:
    """Of a list of `count`, at least 1; an address may name a page beyond the last."""
    page = _open_page(count, on_a_page)
    return slice(page * on_a_page, (page + 1) * on_a_page)


def turn(count: int, on_a_page: int, key: str) -> None:
    """The control, where there is more than one page. key: names the list; another list begins with its own page."""
    pages, page = _pages(count, on_a_page), _open_page(count, on_a_page)
    if pages < 2:
        return
    state.pagination("page", page, pages, f"turn-{key}")


def step(place: int, count: int, go: Callable[[int], None]) -> None:
    """The way from one of `count` pictures to the one before and after, and where one is. go: opens another place."""
    previous, following = charts.key("P"), charts.key("N")
    st.button("Previous", shortcut=previous, disabled=place == 0, on_click=go, args=(place - 1,), key="previous")
    st.button("Next", shortcut=following, disabled=place == count - 1, on_click=go, args=(place + 1,), key="next")
    st.markdown(f":gray[{place + 1:,} of {count:,}]", width="content")


def _pages(count: int, on_a_page: int) -> int:
    return -(-count // on_a_page)


def _open_page(count: int, on_a_page: int) -> int:
    return min(state.get("page"), _pages(count, on_a_page) - 1)
