"""Predict, then reveal: what a step shows before its question is answered, and after; each kind of question.

Run: python -m pytest tests/app/lessons/test_lesson_steps.py
"""

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_ui.widgets.drawing import Stroke
from tests.app.lessons.conftest import Open, links, words
from tests.made_up_lesson import CHOICE, DRAWING, INTRO, LAST, NAME, NUMBER, ORDER, OWN

LOOK = ("data", "class=6&lesson=made-up&split=test&step=1")
LEGS = tuple(Stroke(0.12, False, (0.35 + x, 0.15, 0.35 + x, 0.9)) for x in (0, 0.25)) + (
    Stroke(0.15, False, (0.33, 0.15, 0.62, 0.15)),
)
BAR = (Stroke(0.12, False, (0.1, 0.5, 0.9, 0.5)),)


def step(open_page: Open, number: int) -> AppTest:
    app = open_page("lessons", lesson=NAME, step=str(number))
    assert not app.exception and not app.error
    return app


def sorted_links(app: AppTest) -> list[tuple[str, str]]:
    return [(page, "&".join(sorted(query.split("&")))) for page, query in links(app)]


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception
    return app


def choose(app: AppTest, place: int) -> AppTest:
    return press(app, f"ask-{NAME}-{CHOICE}-{place}")


def guess(app: AppTest, number: int) -> AppTest:
    app.slider(key=f"ask-{NAME}-{NUMBER}-number").set_value(number)
    return press(app, f"ask-{NAME}-{NUMBER}-say")


def put_in_order(app: AppTest, *places: int) -> AppTest:
    for place in places:
        press(app, f"ask-{NAME}-{ORDER}-{place}")
    return app


def test_a_step_without_a_question_shows_its_text_pictures_and_view(open_page):
    app = step(open_page, INTRO)
    assert "Nothing is asked here." in words(app)
    assert words(app).count("data:image/png;base64") == 2 and 'alt="An ankle boot"' in words(app)
    assert ("data", "lesson=made-up&split=train&step=0") in sorted_links(app)
    assert app.button(key="lesson-back").disabled and "skip" not in [one.key for one in app.button]


def test_the_answer_is_covered_until_it_is_said_and_stands_beside_it_then(open_page):
    app = step(open_page, CHOICE)
    assert "Words before the question." in words(app) and "**Which is it?**" in words(app)
    assert "Because it is red." not in words(app) and LOOK not in sorted_links(app)
    assert [app.button(key=f"ask-{NAME}-{CHOICE}-{place}").label for place in range(3)] == [
        "Green",
        r"\*Red\* \<b\>",
        "Blue",
    ]
    choose(app, 0)
    assert "You said Green." in words(app) and "Because it is red." in words(app)
    assert "*Red* &lt;b&gt;" in words(app)  # the reveal, shown as it is
    assert LOOK in sorted_links(app)
    assert not [one for one in app.button if one.key == f"ask-{NAME}-{CHOICE}-0" or one.key == "skip"]


@pytest.mark.some(2)
@pytest.mark.parametrize(
    ("kind", "answer", "right", "wrong"),
    [
        (CHOICE, choose, (1,), (2,)),
        (NUMBER, guess, (30,), (10,)),
        (ORDER, put_in_order, (2, 0, 1), (0, 1, 2)),
    ],
)
def test_each_kind_is_judged(open_page, kind, answer, right, wrong):
    said = {
        CHOICE: ("As you said.", "You said Blue."),
        NUMBER: ("as near as it can be said", "20 too low"),
        ORDER: ("The order that you said.", "Of 3 pairs you have 1 in the right order."),
    }[kind]
    because = {CHOICE: "Because it is red.", NUMBER: "There are 30.", ORDER: "They come like this."}[kind]
    for given, sentence in zip((right, wrong), said, strict=True):
        app = step(open_page, kind)
        assert because not in words(app)
        answer(app, *given)
        assert sentence in words(app) and because in words(app)


def test_an_order_is_begun_again_and_numbered_as_it_is_tapped(open_page):
    app = put_in_order(step(open_page, ORDER), 2)
    label = lambda place: app.button(key=f"ask-{NAME}-{ORDER}-{place}").label  # noqa: E731
    assert [label(place) for place in range(3)] == ["second", "third", "1. first"]
    assert app.button(key=f"ask-{NAME}-{ORDER}-2").disabled and not app.button(key=f"ask-{NAME}-{ORDER}-0").disabled
    press(app, f"ask-{NAME}-{ORDER}-again")
    assert label(2) == "first" and not app.button(key=f"ask-{NAME}-{ORDER}-2").disabled


@pytest.mark.parametrize(("strokes", "called_right"), [(LEGS, True), (BAR, False)])
def test_a_drawing_is_shown_to_the_network(open_page, strokes, called_right):
    app = step(open_page, DRAWING)
    say = f"ask-{NAME}-{DRAWING}-say"
    assert say not in [one.key for one in app.button]  # nothing is drawn
    assert "Training pictures" not in words(app)
    app.session_state[f"ask-{NAME}-{DRAWING}-canvas-kept"] = strokes
    app.run()
    press(app, say)
    assert "It was to be: Trouser. The network says: " in words(app)
    assert ("The network says: Trouser." in words(app)) is called_right
    assert "The picture, called " in words(app) and "Training pictures labelled Trouser" in words(app)


def test_the_answer_is_shown_to_who_says_nothing(open_page):
    for number in (CHOICE, NUMBER, ORDER, DRAWING):
        app = press(step(open_page, number), "skip")
        assert "<b>It is</b>" in words(app) and "<b>You</b>" not in words(app) and "You said" not in words(app)


def test_a_question_that_cannot_be_computed_says_why_and_the_lesson_goes_on(open_page):
    app = step(open_page, OWN)
    assert "a training of your own, and none has ended yet" in words(app)
    assert "Words of a step that nobody can answer yet." in words(app)
    assert "skip" not in [one.key for one in app.button]
    press(app, "lesson-next")
    assert [one.value for one in app.subheader] == ["The end"]
    assert "That was all." in words(app)


@pytest.mark.long
def test_the_ways_lead_through_the_lesson_and_back_to_its_start(open_page):
    app = choose(step(open_page, CHOICE), 0)
    for title in ("A number", "In order"):
        press(app, "lesson-next")
        assert [one.value for one in app.subheader] == [title]
    put_in_order(app, 0, 1, 2)
    press(app, "lesson-back")
    press(app, "lesson-back")
    assert "You said Green." in words(app)  # what was said stays
    for _ in range(CHOICE, LAST):
        press(app, "lesson-next")
    press(app, "again")
    assert "step" not in app.query_params
    press(app, "lesson-next")
    assert "Because it is red." not in words(app)
    press(press(app, "lesson-next"), "lesson-next")
    assert not app.button(key=f"ask-{NAME}-{ORDER}-0").disabled  # nor is the order half said


def test_notes_are_for_the_teacher_and_not_for_the_class(open_page):
    assert "Notes for the teacher alone." in words(step(open_page, CHOICE))
    assert "Notes for the teacher alone." not in words(open_page("lessons", lesson=NAME, step="1", present="yes"))


def test_a_view_is_covered_before_its_question_is_answered(open_page):
    asked = {"lesson": NAME, "step": str(CHOICE), "split": "test"}
    app = open_page("data", **asked)
    assert not app.exception and not app.title and "First say what you think" in words(app)
    assert sorted_links(app) == [("lessons", "lesson=made-up&step=1")]
    app = open_page("data", said={f"{NAME}/{CHOICE}": "Green"}, **asked)
    assert not app.exception and [one.value for one in app.title] == ["Data"]
    assert "First say what you think" not in words(app) and "step 2 of 7" in words(app)
    assert ".st-key-widget_split { display: none; }" in words(app)
    assert ("lessons", "lesson=made-up&step=1") in sorted_links(app)


def test_another_page_than_the_view_has_no_bar(open_page):
    for page, number in (("data", NUMBER), ("predict", CHOICE), ("data", 99)):
        app = open_page(page, lesson=NAME, step=str(number))
        assert not app.exception and len(app.title) == 1 and "Back to the lesson" not in str(links(app))
        assert "step 2 of 7" not in words(app)
    app = open_page("data", lesson=NAME, step="-7")  # counted from the end it would be the first
    assert not app.exception and "step -6 of 7" not in words(app)
