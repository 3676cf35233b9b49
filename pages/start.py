"""Start: a first minute. Draw, be surprised, train; then where to go."""

import streamlit as st

from fmnist_core import glossary
from fmnist_core.runs import catalogue
from fmnist_core.runs.catalogue import Row
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached, charts, parts, state
from fmnist_ui.frame import PAGES, open_inside_app
from fmnist_ui.layout.columns import beside
from fmnist_ui.start import came_last, draw_panel, guess_panel, steps, train_panel

open_inside_app(__file__)

# What stands above the canvas and below it on the first screen, without and with a line of what came last.
STYLE = "<style>.st-key-start-draw { --above-drawing: %srem; }</style>"
ABOVE, WITH_LINE = 16.5, 19


def head() -> str:
    """The headline with the three steps beside it; the step that is open."""
    touched = charts.on_touch()
    left, right = beside("head", [3, 2], level="bottom")
    with left:
        st.title("See how a network sees")
    with right, st.container(horizontal_alignment="left" if touched else "right"):
        return steps.choose(steps.TRAIN if trained and train_panel.own_training(trained) else steps.DRAW)


def whose(best: Row) -> None:
    """Whose answers these are."""
    accuracy, parameters = parts.percent(best.test_accuracy), best.result.parameters if best.result else 0
    st.caption(
        f"The answers are those of {parts.run_name(best)}: {accuracy} of 10,000 test pictures right, with "
        f"{parameters:,} parameters.",
        help=glossary.several("Accuracy", "Parameters"),
    )


def act(step: str, best: Row | None) -> None:
    """The step that is open. best: the network that answers."""
    if step == steps.TRAIN:
        train_panel.show(trained, best)
    elif best is None:
        st.info("No trained network yet: train the first one.", icon=":material/info:")
        steps.offer(steps.TRAIN, "Train one")
    elif step == steps.GUESS:
        guess_panel.show(best)
    else:
        draw_panel.show(best)
        whose(best)


def ways() -> None:
    """A link to each page."""
    st.subheader("Where to go")
    with st.grid(4, min_column_width=220):
        for row in PAGES[1:]:
            with st.container(border=True, height="stretch"):
                st.page_link(f"pages/{row.file}", label=f"**{row.title}**", icon=f":material/{row.icon}:")
                st.caption(row.help)
    st.caption(
        "The data is [Fashion-MNIST](https://github.com/zalandoresearch/fashion-mnist) by Zalando Research: ten "
        "classes, 28 by 28 gray pixels, 60,000 pictures to train on and 10,000 to test on. It comes with the app; "
        "nothing is downloaded."
    )


state.enter("start")
trained = state.get("run")  # here: what the third step has started
above = st.container()
step = head()
with above:
    line = came_last.show(trained if step == steps.TRAIN else None)
st.html(STYLE % (WITH_LINE if line else ABOVE))
best = catalogue.default_run(cached.list_rows())
with st.container(key=f"start-{step}"):
    try:
        act(step, best)
    except RunError as error:
        st.warning(str(error), icon=":material/broken_image:")
ways()
