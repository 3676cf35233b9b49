"""What the browser's tab kept of a session that broke: taught examples, checked, and how many photos are gone.

Run: python -m pytest tests/app/predict/test_kept_examples.py
"""

import base64
import json
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from fmnist_ui.predict import kept_photos
from fmnist_ui.predict.teach import kept_examples
from fmnist_ui.predict.teach.taught_examples import MOST_CLASSES, MOST_EXAMPLES, Draft
from fmnist_ui.widgets import browser_tab

ONE = {
    "number": 2,
    "name": "Hat",
    "way": "draw",
    "added": 3,
    "pictures": base64.b64encode(bytes(784) + bytes([7]) * 784).decode(),
    "left_out": [1],
}
GOOD = {"classes": [ONE], "taught": True}
MANY = base64.b64encode(bytes(784 * (MOST_EXAMPLES + 1))).decode()
CHANGES = [
    *({"number": number} for number in (None, "2", -1, True, 2**31, 1.0)),
    *({"name": name} for name in (None, 5, "x" * 101)),
    *({"added": added} for added in (None, -1, "3")),
    *({"pictures": pictures} for pictures in (None, 5, "é", "AAA", base64.b64encode(bytes(785)).decode(), MANY)),
    *({"left_out": places} for places in (None, 1, [2], [-1], ["0"], [[]])),
]


@pytest.mark.parametrize(
    "kept",
    [
        *(None, "x", [], {}, {"classes": 5}, {"classes": []}, {"classes": [None]}),
        {"classes": [ONE | {"number": number} for number in range(MOST_CLASSES + 1)]},
        {"classes": [ONE, ONE]},
        *({"classes": [ONE | change]} for change in CHANGES),
    ],
)
def test_what_are_no_examples_is_refused(kept):
    with pytest.raises(ValueError, match="Expected"):
        kept_examples.drafts_of(kept)
    assert kept_examples.drafts_of(GOOD)


def test_examples_are_the_same_after_they_were_written():
    pictures = list(np.random.default_rng(0).integers(0, 255, (MOST_EXAMPLES, 28, 28), dtype=np.uint8))
    draft = Draft(4, "*Hat*", pictures, {0, 59}, added=9)
    (back,) = kept_examples.drafts_of(json.loads(json.dumps({"classes": [kept_examples.written(draft)]})))
    assert (back.number, back.name, back.left_out, back.added) == (4, "*Hat*", {0, 59}, 9)
    assert np.array_equal(back.pictures, pictures)


def examples_app():
    import streamlit as st

    from fmnist_ui.predict.teach import kept_examples, taught_examples
    from fmnist_ui.widgets import browser_tab

    if "given" in st.session_state:
        kept_examples.take_back(st.session_state.pop("given"))
    for draft in taught_examples.drafts():
        taught_examples.edit(draft, removable=True)
    st.write(browser_tab.gone(kept_examples.NAME))


def test_examples_come_back_with_their_name_and_a_forged_value_changes_nothing():
    app = AppTest.from_function(examples_app, default_timeout=60)
    app.session_state["given"] = GOOD
    app.run()
    assert not app.exception and app.text_input[0].value == "Hat" and app.segmented_control[0].value == "draw"
    assert "**1 example, 1 left out.**" in app.markdown[0].value
    assert app.markdown[-1].value == kept_examples.HEAD_GONE
    for late in (GOOD | {"classes": [ONE | {"name": "Late"}]}, {"classes": 5}):
        app.session_state["given"] = late
        app.run()
        assert not app.exception and app.text_input[0].value == "Hat"
    assert len(app.toast) == 1


class Tab:
    """Stands for components/tab, as a browser's tab runs it."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[str, Any]] = {}

    def __call__(self, key: str, data: dict[str, Any], on_given_change: Any) -> None:
        session, value = self.kept.pop(data["name"], ("", None))
        self.kept[data["name"]] = data["session"], data["value"]
        if value is not None and session != data["session"]:
            st.session_state[key] = {"given": {"value": value}}
            on_given_change()


def photos_app():
    import streamlit as st

    from fmnist_ui.predict import kept_photos
    from fmnist_ui.widgets import browser_tab

    kept_photos.say_forgotten("photos", st.session_state.get("here", 0))
    st.write(browser_tab.uploader_key("photos"))


def test_photos_that_went_with_a_session_are_missed_until_there_are_others(monkeypatch):
    tab = Tab()
    monkeypatch.setattr(browser_tab, "_component", tab)
    said = lambda app: [one.value for one in app.run().warning]  # noqa: E731
    first, second = AppTest.from_function(photos_app), AppTest.from_function(photos_app)
    first.session_state["here"] = 2
    assert said(first) == said(first) == []  # not in the session that has them
    assert said(second) == said(second) == [kept_photos.forgotten(2)]
    assert first.markdown[0].value != second.markdown[0].value  # no uploader goes on listing the first one's files
    second.session_state["here"] = 1
    assert said(second) == []
    second.session_state["here"] = 0
    assert said(second) == []
    for forged in (-1, 101, True, "3", None, [3]):
        tab.kept["photos"] = "another", forged
        assert said(second) == [] and not second.exception
