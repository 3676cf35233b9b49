"""What tests of lessons share: the lesson of their own, and pages opened as one browser or another."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.room import store
from fmnist_core.storage import folders, owners
from fmnist_ui import cached
from tests import made_up_lesson

Open = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def _lesson(runs_folder):
    made_up_lesson.write(runs_folder)
    cached.forget_rows()
    yield
    store.close()
    cached.forget_rows()


@pytest.fixture
def open_page() -> Open:
    """open_page(PAGE, WHO, SAID, **PARAMETERS): the page inside the app, in the browser of that name.

    SAID: what it has answered, as `said` keeps it.
    """

    def find(page: str, who: str = "somebody", said: dict[str, Any] | None = None, **parameters: str) -> AppTest:
        app = AppTest.from_file(folders.PROJECT / "app.py", default_timeout=60)
        app.session_state["visitor_secret"] = secret_of(who)
        app.session_state["lesson_said"] = said or {}
        app.query_params.update(parameters)
        return app.switch_page(f"pages/{page}.py").run()

    return find


def secret_of(who: str) -> str:
    """43 characters, as a browser keeps them."""
    return hashlib.sha256(who.encode()).hexdigest()[:43]


def hash_of(who: str) -> str:
    """What rooms know of that browser."""
    return str(owners.visitor_of(secret_of(who)).id)


def words(app: AppTest) -> str:
    """All that the page says in text, its own HTML included, in no order."""
    kinds = (app.title, app.subheader, app.markdown, app.caption, app.warning, app.error, app.info, app.success)
    said = [element.value for kind in kinds for element in kind]
    return "\n".join([*said, *(element.proto.body for element in app.get("html"))])


def links(app: AppTest) -> list[tuple[str, str]]:
    """Page and query of each link in the page."""
    return [(link.proto.page, link.proto.query_string) for link in app.get("page_link")]
