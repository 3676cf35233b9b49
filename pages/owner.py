"""Owner: how a shared installation is doing, for whoever hosts it; behind a secret from the environment."""

import streamlit as st

from fmnist_core import hosting
from fmnist_core.demo import processes
from fmnist_core.storage import owners
from fmnist_ui import state
from fmnist_ui.frame import open_inside_app
from fmnist_ui.layout import first_line
from fmnist_ui.owner import owner_panels

open_inside_app(__file__)

REFRESH_SECONDS = 5.0
_OPEN = "owner_secret_said"  # in the session


def ask() -> None:
    """The secret, before anything is shown."""
    if len(hosting.owner_secret()) < hosting.SHORTEST_SECRET:
        st.error(
            f"{hosting.OWNER_SECRET} has fewer than {hosting.SHORTEST_SECRET} characters, and opens nothing. Set a "
            "longer one and start the app anew.",
            icon=":material/key_off:",
        )
        return
    with st.form("owner", width=420):
        said = st.text_input("Owner's secret", type="password", max_chars=200, help=f"What {hosting.OWNER_SECRET} is.")
        if st.form_submit_button("Open", type="primary", icon=":material/key:"):
            if hosting.is_owner(said):
                st.session_state[_OPEN] = said
                st.rerun()
            st.error(f"This is not the secret that {hosting.OWNER_SECRET} holds.", icon=":material/key_off:")


@st.fragment(run_every=REFRESH_SECONDS)
def overview() -> None:
    with owners.acting(owners.MACHINE):  # who hosts it owns all
        alive, waiting, failed = processes.alive(), owner_panels.active_jobs(), owner_panels.failed_of_a_day()
        owner_panels.figures(alive, waiting, failed)
        owner_panels.update_panel()
        owner_panels.queue_panel(waiting)
        owner_panels.errors_panel(failed)
        owner_panels.processes_panel(alive)
        owner_panels.disk_panel()


first_line.header(
    "Owner", "How this installation is doing: visitors, queue, memory, disk, errors; and draining before an update."
)
state.enter("owner")
if hosting.is_owner(st.session_state.get(_OPEN, "")):
    overview()
else:
    ask()
