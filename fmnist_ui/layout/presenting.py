"""Presenting: a page as a class sees it, without header, in type that is read from the last row."""

from pathlib import Path

import streamlit as st

from fmnist_ui import address, charts

_HERE = Path(__file__).parent
STYLE = f"<style>{(_HERE / 'presenting.css').read_text(encoding='utf-8')}</style>"
ENLARGED = f"<style>{(_HERE / 'presenting_pages.css').read_text(encoding='utf-8')}</style>"
SCALED = ("lessons", "join")  # pages whose lengths all follow the size of the type; others are enlarged as a whole


def is_on() -> bool:
    return address.read().get("present") in ("yes", "1")


def frame(page: str) -> None:
    """Around every page: its look where it is presented, else the button that begins it."""
    if not is_on():
        if not charts.on_touch():
            help_ = "Present: for a projector. Esc ends it, f fills the screen."
            st.button("", key="present", icon=":material/slideshow:", help=help_, type="tertiary", on_click=begin)
        return
    st.html(STYLE if page in SCALED else STYLE + ENLARGED)
    st.button("", key="present-end", icon=":material/close:", help="Esc", type="tertiary", on_click=end)


def begin() -> None:
    address.write(address.read() | {"present": "yes"})


def end() -> None:
    told = address.read()
    told.pop("present", None)
    address.write(told)
