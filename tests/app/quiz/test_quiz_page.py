"""The quiz: twenty answers, the result, what the address replays, and what the browser's tab brings back.

Run: python -m pytest tests/app/quiz
"""

import json
import shutil
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core import data
from fmnist_core.quiz.pictures import PICTURES, all_pictures, draw
from fmnist_core.storage import folders
from fmnist_ui import cached
from fmnist_ui.quiz import kept_answers
from fmnist_ui.quiz.kept_answers import Given
from tests.app.test_pages import components, open_page, sentences
from tests.tiny import shipped_run

FIRST = draw(0, False, all_pictures())
LABELS = [int(data.load_split("test").labels[place]) for place in FIRST]
KEPT = {"seed": 0, "hard": False, "answers": LABELS[:3]}


@pytest.fixture(autouse=True)
def _fresh_lists():
    cached.forget_rows()
    yield
    cached.forget_rows()


def progress(app: AppTest) -> str:
    return " ".join(bar.proto.text for bar in app.get("progress"))


def picture(app: AppTest) -> Any:
    """What the page shows of the one that is asked."""
    (shown,) = [element for element in app.main if element.type == "image"]
    return shown.proto.imgs[0]


def said(app: AppTest) -> str:
    return " ".join(text.value for text in (*app.markdown, *app.subheader, *app.caption))


def kept_by(app: AppTest) -> object:
    """What the tab is told to keep."""
    (tab,) = [one for one in app.get("bidi_component") if one.proto.component_name == "fmnist_tab"]
    return json.loads(tab.proto.json)["value"]


def answered(answers: list[int], **parameters: str) -> AppTest:
    """The page of who has answered so far, which an earlier session's tab knew."""
    app = AppTest.from_file(folders.PROJECT / "app.py", default_timeout=60)
    app.query_params.update(parameters)
    app.session_state["quiz_given"] = Given(int(parameters.get("quiz_seed", 0)), "hard" in parameters, tuple(answers))
    app.switch_page("pages/quiz.py")
    return app.run()


def test_twenty_answers_lead_to_the_result_and_none_is_corrected_before():
    app = open_page("quiz.py")
    for number, label in enumerate(LABELS):
        assert progress(app) == f"Picture {number + 1} of {PICTURES}"
        assert "right" not in said(app) and not components(app) & {"fmnist_gallery"}
        app.button(key=f"answer-{number}-{0 if number < 5 else label}").click().run()
        assert not app.exception
    right = 15 + LABELS[:5].count(0)
    assert f"You are right on {right} of 20" in said(app) and progress(app) == ""
    assert (
        "83.5 % on 1,000 test pictures" in said(app) and app.get("plotly_chart") and "fmnist_gallery" in components(app)
    )
    shown = app.dataframe[0].value
    assert shown["Pictures"].sum() == PICTURES and shown["You"].sum() == right
    assert {"Flagship", "CNN 2"} <= set(shown.columns) and (shown["CNN 2"] <= shown["Pictures"]).all()


def test_no_picture_has_a_hint_what_it_is():
    app = open_page("quiz.py", picture=f"test/{FIRST[0]}")
    shown = picture(app)
    assert shown.alt == "Picture 1: a garment, 28 by 28 gray pixels, enlarged" and shown.url.startswith("data:")
    assert f"picture {FIRST[0]:,}" not in said(app) and "%" not in said(app)


def test_answers_stay_while_one_looks_at_other_pages_and_go_with_another_seed():
    app = answered(LABELS[:7])
    for page in ("start", "quiz"):
        app.switch_page(f"pages/{page}.py").run()
    assert progress(app) == "Picture 8 of 20"
    app.button(key="another").click().run()
    assert progress(app) == "Picture 1 of 20" and "quiz_seed" in app.query_params
    app.button(key="answer-0-4").click().run()
    assert progress(app) == "Picture 2 of 20"
    app.number_input(key="widget_quiz_seed").set_value(0).run()
    assert progress(app) == "Picture 1 of 20"


def test_the_last_answer_can_be_taken_back():
    app = answered(LABELS[:2])
    app.button(key="back-2").click().run()
    assert progress(app) == "Picture 2 of 20" and kept_by(app)["answers"] == LABELS[:1]
    app.button(key="back-1").click().run()
    assert app.button(key="back-0").disabled


def test_the_address_replays_hard_pictures_that_are_other_ones():
    easy, hard = open_page("quiz.py", quiz_seed="7"), open_page("quiz.py", quiz_seed="7", hard="yes")
    assert "do not all call the same" in said(hard) and "do not all call the same" not in said(easy)
    shown = [picture(app).url for app in (easy, hard, open_page("quiz.py", quiz_seed="7"))]
    assert shown[0] == shown[2] != shown[1]


def test_the_figure_of_people_is_not_held_against_hard_pictures():
    app = answered([0] * PICTURES, hard="yes")
    assert "no measure for you here" in said(app) and "below that" not in said(app)


def test_answers_come_back_from_the_tab_with_their_quiz():
    app = AppTest.from_function(quiz_app)
    app.session_state["given"] = KEPT | {"seed": 7, "hard": True}
    app.run()
    assert not app.exception and not app.toast
    assert app.session_state["quiz_given"] == Given(7, True, tuple(LABELS[:3]))
    assert dict(app.query_params) == {"quiz_seed": "7", "hard": "yes"}
    assert kept_by(app) == KEPT | {"seed": 7, "hard": True}
    app.session_state["given"] = KEPT  # late, after others
    assert app.run().session_state["quiz_given"].seed == 7


def test_an_address_that_names_a_quiz_is_not_changed_by_the_tab():
    app = AppTest.from_function(quiz_app)
    app.query_params["quiz_seed"] = "3"
    app.session_state["given"] = KEPT | {"seed": 7}
    app.run()
    assert dict(app.query_params) == {"quiz_seed": "3"}


def quiz_app() -> None:
    import streamlit as st

    from fmnist_ui import state
    from fmnist_ui.quiz import kept_answers

    if "given" in st.session_state:
        kept_answers.take_back(st.session_state.pop("given"))
    state.enter("quiz", "quiz_seed", "hard")
    kept_answers.keep()


@pytest.mark.parametrize(
    "kept",
    [
        None,
        [],
        "quiz",
        {},
        KEPT | {"seed": -1},
        KEPT | {"seed": 10**9},
        KEPT | {"seed": True},
        KEPT | {"seed": "0"},
        KEPT | {"hard": "yes"},
        KEPT | {"answers": [10]},
        KEPT | {"answers": [1.0]},
        KEPT | {"answers": [0] * 21},
        KEPT | {"answers": "0123"},
        KEPT | {"answers": {"0": 1}},
    ],
    ids=range(14),
)
def test_what_is_no_quiz_changes_nothing(kept):
    app = AppTest.from_function(quiz_app)
    app.session_state["given"] = kept
    app.run()
    assert not app.exception and len(app.toast) == 1 and "quiz_given" not in app.session_state


def a_click_too_many() -> None:
    import streamlit as st

    from fmnist_ui.quiz import kept_answers

    given = kept_answers.of(0, False)
    for number, label in ((0, 3), (0, 4), (2, 5), (1, 10), (1, 6)):
        kept_answers.add(given, number, label)
    st.session_state["found"] = kept_answers.of(0, False).answers
    kept_answers.take_last(given, 0)
    assert kept_answers.of(0, False).answers == (3, 6)


def test_a_late_click_is_no_answer_to_the_next_picture():
    app = AppTest.from_function(a_click_too_many).run()
    assert not app.exception and app.session_state["found"] == (3, 6)


def test_without_networks_that_ship_there_is_a_result_and_no_hard_pictures(monkeypatch, tmp_path):
    monkeypatch.setattr(folders, "shipped_folder", lambda: tmp_path)
    app = answered(LABELS)
    assert not app.exception and "You are right on 20 of 20" in said(app)
    app = open_page("quiz.py", hard="yes")
    assert not app.exception and "are not two of them" in sentences(app)
    assert app.toggle(key="widget_hard").value  # and can be turned off


def test_a_damaged_network_that_ships_is_a_sentence(monkeypatch, tmp_path):
    for model in ("flagship", "cnn_2"):
        shutil.copytree(shipped_run(model).folder, tmp_path / shipped_run(model).id)
    (tmp_path / shipped_run("cnn_2").id / "predictions.npz").write_bytes(b"\x00")
    monkeypatch.setattr(folders, "shipped_folder", lambda: tmp_path)
    app = answered(LABELS)
    assert not app.exception and "is damaged" in sentences(app) and "CNN 2" not in app.dataframe[0].value.columns
    assert "is damaged" in sentences(open_page("quiz.py", hard="yes"))


def test_runs_of_ones_own_change_neither_the_pictures_nor_who_stands_beside(run):
    assert kept_answers.given_of(KEPT).answers == tuple(LABELS[:3])
    app = answered(LABELS, hard="yes")
    assert not app.exception
    assert list(app.dataframe[0].value.columns) == ["Class", "Pictures", "You", "Flagship", "CNN 2"]
