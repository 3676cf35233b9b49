"""The list of pages and the frame around them."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from fmnist_core import hosting
from fmnist_core.demo import limits
from fmnist_core.jobs import draining
from fmnist_core.storage import owners
from fmnist_core.storage.folders import RunError
from fmnist_ui import received, visitor
from fmnist_ui.javascript import by_address, one_module
from fmnist_ui.layout import presenting
from fmnist_ui.lessons import view_bar

_FRAMED, _WANTED = "framed", "wanted_view"

SOURCES = Path(__file__).parent / "widgets" / "components" / "frame"
MODULES = ("translation", "print", "refused", "menu", "keys", "lesson_keys", "connection", "awake", "identity", "index")
_around_pages = st.components.v2.component(
    "fmnist_frame",
    css=(SOURCES / "frame.css").read_text(encoding="utf-8"),
    js=by_address("frame", one_module(SOURCES, MODULES)),
    isolate_styles=False,  # it is about the whole page
)


@dataclass(frozen=True)
class PageRow:
    file: str  # in pages/; its stem is the address
    title: str
    icon: str
    help: str  # one sentence, the tooltip


PAGES = (
    PageRow("start.py", "Start", "home", "What this is and where to begin."),
    PageRow("data.py", "Data", "grid_view", "Browse the 70,000 pictures by class and split."),
    PageRow("train.py", "Train", "model_training", "Train a network and watch it learn."),
    PageRow("models.py", "Models", "leaderboard", "Every published model: idea, layers, figures, your own runs."),
    PageRow("evaluate.py", "Evaluate", "grid_on", "The confusion matrix and the garments behind it."),
    PageRow("explore.py", "Explore", "join_inner", "Matrix, map and pictures of a run on one screen, linked."),
    PageRow("inside.py", "Inside", "account_tree", "What each layer of a network makes of a picture, and how."),
    PageRow("report.py", "Report", "summarize", "A trained model on one page: read it, print it, download it."),
    PageRow("map.py", "Map", "scatter_plot", "All test pictures on one map, by what the network sees in them."),
    PageRow("predict.py", "Predict", "draw", "Classify a photo, a camera picture or a drawing."),
    PageRow("lessons.py", "Lessons", "school", "A course, alone or with a class: predict, then see."),
    PageRow("quiz.py", "Quiz", "quiz", "Name twenty pictures yourself and see who is better, you or a network."),
)


JOIN = PageRow("join.py", "Join", "group_add", "A pupil's way into a teacher's room.")
OWNER = PageRow("owner.py", "Owner", "admin_panel_settings", "How this installation is doing, for who hosts it.")

# Streamlit cuts what a metric is called, and on a phone two stand side by side.
STYLE = '<style>[data-testid="stMetricLabel"] * { white-space: normal !important; }</style>'


def run() -> None:
    """Draws the navigation and the chosen page; app.py calls it and nothing else does."""
    received.guard_widgets()
    owners.ask_by(visitor.current)
    st.session_state[_FRAMED] = True
    st.html(STYLE)
    pages = {row.file: _page(row) for row in (*PAGES, JOIN, *[OWNER] * bool(hosting.owner_secret()))}
    chosen = st.navigation(list(pages.values()), position="top")
    wanted = st.session_state.pop(_WANTED, None)
    if wanted and wanted[0] in pages:
        st.switch_page(pages[wanted[0]], query_params=wanted[1])
    _around_pages(
        key="frame",
        data=visitor.told(),
        on_secret_change=visitor.hear_secret,
        on_linked_change=visitor.hear_link,
        on_back_change=lambda: None,  # the run that it asks for is all
    )
    if visitor.LINKED in st.session_state:
        _ask_about_link()
    try:
        limits.read()
    except RunError as error:  # a mistake of who runs the app: said on every page, not only where a limit is met
        st.error(str(error), icon=":material/settings:")
        return
    if draining.is_draining():
        st.info(draining.SENTENCE, icon=":material/update:")
    page = chosen.url_path or Path(PAGES[0].file).stem
    presenting.frame(page)
    if view_bar.show(page):
        chosen.run()


def _page(row: PageRow) -> st.Page:
    return st.Page(
        f"pages/{row.file}",
        title=row.title,
        icon=f":material/{row.icon}:",
        help=row.help,
        default=row is PAGES[0],
        visibility="hidden" if row in (OWNER, JOIN) else "visible",  # who needs them is told the address
    )


@st.dialog("Use these runs here?", icon=":material/link:", on_dismiss=visitor.refuse_link)
def _ask_about_link() -> None:
    st.markdown(
        "This link makes this browser the owner of the runs and maps that another one has made. What this browser has "
        "made so far stays with its own link: copy that first if you want to keep it."
    )
    st.code(visitor.address(), language=None, wrap_lines=True)
    with st.container(horizontal=True):
        if st.button("Use them here", type="primary", key="take-link"):
            visitor.take_link()
            st.rerun()
        if st.button("Stay as I am", key="refuse-link"):
            visitor.refuse_link()
            st.rerun()


def open_inside_app(file: str) -> None:
    """First line of every page: on a server that has just started, Streamlit runs a page that was asked for by its
    address without app.py. Then the page and its parameters are remembered and app.py is opened, which goes on there.
    """
    if not st.session_state.get(_FRAMED):
        st.session_state[_WANTED] = (Path(file).name, st.query_params.to_dict())
        st.switch_page("app.py")
