"""Predict: what a visitor is told of a photo, what is computed only on demand, and many photos at once.

Run: python -m pytest tests/app/predict/test_predict_page.py
"""

import hashlib
import io
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest
from streamlit.typing import DataframeState

from fmnist_core import data
from fmnist_core.analysis.photo_calibration import PhotoCalibration, Verdict
from fmnist_core.inference import photo_answer
from fmnist_core.inference.photo_answer import PhotoAnswer
from fmnist_core.photo.kinds.claims import FIRST_OF_SEVERAL, NO_END_MARK
from fmnist_core.photo.pipeline import DEFAULT_MODE, MODES
from fmnist_ui import cached, charts
from fmnist_ui.predict import (
    batch_panel,
    out_of_distribution_panel,
    photo_answers,
    photo_panel,
    stepper_panel,
    votes_panel,
)
from fmnist_ui.predict.batch_panel import PhotoLine
from fmnist_ui.widgets import box_canvas, hostile_text, paint_canvas
from tests.app.test_pages import open_page, sentences


@pytest.fixture(autouse=True)
def _fresh_lists():
    cached.forget_rows()
    yield
    cached.forget_rows()


def photo(index: int = 0) -> bytes:
    file = io.BytesIO()
    Image.fromarray(255 - data.load_split("test").images[index]).resize((112, 112)).save(file, "PNG")
    return file.getvalue()


def with_photos(run, *files: tuple[str, bytes]) -> AppTest:
    app = open_page("predict.py", way="upload", run=run.id)
    app.file_uploader[0].set_value([(name, content, "image/png") for name, content in files]).run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    return " ".join(element.value for kind in (app.markdown, app.caption, app.text) for element in kind)


def heading(app: AppTest) -> str:
    return next(text.value for text in app.markdown if text.value.startswith("### "))


def choose(app: AppTest, more: str) -> AppTest:
    next(group for group in app.segmented_control if group.label == "More").set_value(more).run()
    assert not app.exception
    return app


def switch(app: AppTest, name: str):
    return next(one for one in app.toggle if one.key.endswith(f"-{name}-on"))


@pytest.mark.long
def test_a_photo_gets_an_answer_a_detector_and_a_set(run, monkeypatch):
    monkeypatch.setattr(photo_answer, "answers_along", None)  # what is not asked for is not computed
    app = with_photos(run, ("boot.png", photo()))
    assert heading(app).removeprefix("### ") in data.CLASS_NAMES
    words = said(app)
    assert out_of_distribution_panel.STRANGE_WORDS in words and "It warns below 15 in 100" in words
    assert "None: it is out-of-distribution" in words
    monkeypatch.setattr(PhotoCalibration, "judge", lambda *_: Verdict(True, 0.5, 0.15))
    words = said(app.run())
    assert out_of_distribution_panel.KNOWN_WORDS in words
    assert "90 in 100 pictures of each class have it in their set. Measured on the test pictures:" in words
    assert "nothing is promised" in words
    app.selectbox(key=next(box.key for box in app.selectbox if box.label == "Coverage")).set_value(0.99).run()
    assert "99 in 100 pictures of each class" in said(app)
    assert places(app)["Preparation"] < places(app)["###"]
    monkeypatch.setattr(charts, "on_touch", lambda: True)  # there the answer comes first
    order = places(app.run())
    assert order["Photos of one garment each"] < order["###"] < order["Preparation"]


def places(app: AppTest) -> dict[str, int]:
    """Where controls, by label, and the answer, "###", stand on the page."""
    names = [getattr(one, "label", "") or str(getattr(one, "value", ""))[:3] for one in app.main]
    return {name: names.index(name) for name in names}


def an_animation() -> bytes:
    first, second = (Image.open(io.BytesIO(photo(index))) for index in (0, 1))
    file = io.BytesIO()
    first.save(file, "GIF", save_all=True, append_images=[second])
    return file.getvalue()


@pytest.mark.long
def test_what_there_is_to_say_of_a_file_is_said(run):
    app = with_photos(run, ("boot.gif", an_animation()))
    assert heading(app) and FIRST_OF_SEVERAL in [one.value for one in app.warning]
    app = with_photos(run, ("boot.png", photo()[:-12]))
    assert heading(app) and NO_END_MARK in [one.value for one in app.warning]
    app = with_photos(run, ("boot.gif", an_animation()), *((f"{number}.png", photo(number)) for number in range(3)))
    assert [FIRST_OF_SEVERAL in notes for notes in app.dataframe[0].value["Notes"]] == [True, False, False, False]


def test_uploaders_take_what_a_phone_has(run):
    """The wildcard makes phones offer camera and gallery; endings alone do not."""
    for app in (open_page("predict.py", way="upload", run=run.id), open_page("predict.py", way="teach", run=run.id)):
        (uploader,) = app.file_uploader
        assert uploader.proto.type[0] == "image/*" and {".heic", ".avif"} < set(uploader.proto.type)


def test_the_answer_stands_without_the_dataset(run, monkeypatch):
    def missing(*arguments):
        raise data.DataError("The data is missing.")

    boot = photo()
    with monkeypatch.context() as patch:
        patch.setattr(photo_answers.data, "load_split", missing)
        app = with_photos(run, ("boot.png", boot))
    assert heading(app) and "cannot be told without the dataset" in said(app) and "Raw probabilities" in said(app)


def test_probabilities_are_calibrated_for_photos_and_raw_on_request(run):
    app = with_photos(run, ("boot.png", photo()))
    assert "Calibrated for photos, on 700 validation pictures" in said(app)
    app.segmented_control(key="widget_probabilities").set_value("raw").run()
    assert "Raw probabilities" in said(app) and "It warns below 15 in 100" in said(app)


@pytest.mark.long
def test_more_of_a_photo_on_demand(run):
    app = with_photos(run, ("boot.png", photo()))
    wanted = {
        "steps": "Change the steps",
        "ways": MODES["source"].title,
        "nearest": "nearest training pictures are labelled",
        "votes": "One voter cannot disagree",
        "why": photo_panel.ONE_VIEW,
        "robust": photo_panel.ONE_VIEW,
    }
    for more, words in wanted.items():
        if more == "votes":
            choose(app, more)
            voters = app.multiselect[0]
            assert 1 < len(voters.value) <= votes_panel.VOTERS and voters.value[0] == run.id
            voters.set_value([run.id]).run()
        assert words in said(choose(app, more)), more
        warned = [one.value for one in app.warning if "do not rely on it" not in one.value]  # of so small a network
        assert not app.error and not warned, (more, warned)


def test_a_step_can_be_switched_off_and_everything_brought_back(run):
    app = choose(with_photos(run, ("boot.png", photo())), "steps")
    at_first = [text.value for text in app.markdown]
    assert any("took" in text or "all the way" in text for text in at_first)
    assert all(f"**{title}**" in said(app) for title in ("Trim", "To 28 pixels", "Negate"))
    switch(app, "negate").set_value(False).run()
    assert not app.exception and "**Negate**" not in said(app)
    assert switch(app, "negate").value is False
    back = next(button for button in app.button if button.label == "Back to default")
    assert not back.disabled
    back.click().run()
    assert [text.value for text in app.markdown] == at_first


@pytest.mark.long
def test_a_knob_turns_its_step_within_its_range(run):
    app = choose(with_photos(run, ("boot.png", photo())), "steps")
    key = switch(app, "thumbnail").key.removesuffix("-thumbnail-on")
    knob = lambda: next(one for one in app.slider if one.key == f"{key}-thumbnail-knob")  # noqa: E731
    knob().set_value(40.0).run()
    assert app.session_state[f"{key}-settings"].thumbnail == 40
    for absurd in (1e9, -1.0, float("nan")):
        knob().set_value(absurd).run()
        assert not app.exception and 28 <= app.session_state[f"{key}-settings"].thumbnail <= 256


def test_other_modes_have_no_switches(run):
    app = with_photos(run, ("boot.png", photo()))
    app.segmented_control(key="mode").set_value("zalando").run()
    choose(app, "steps")
    assert not app.toggle and "this way is as it was done" in said(app)


def test_strokes_are_taken_back_one_by_one(run):
    app = choose(with_photos(run, ("boot.png", photo())), "steps")
    key = switch(app, "thumbnail").key.removesuffix("-thumbnail-on")
    first, second = np.zeros((2, 112, 112), bool)
    first[20:90, 30:60] = second[20:90, 30:80] = True
    app.session_state[f"{key}-painted"] = [first, second]
    app.segmented_control(key=f"{key}-where").set_value("paint").run()
    for left in ([first], []):
        app.button(key=f"{key}-undo").click().run()
        kept = app.session_state[f"{key}-painted"]
        assert not app.exception and len(kept) == len(left) and all(map(np.array_equal, kept, left))


# the box


def rectangle(**changes) -> dict:
    return {"type": "rect", "left": 20, "top": 10, "width": 50, "height": 40, "scaleX": 1, "scaleY": 2} | changes


def test_a_box_is_the_last_rectangle_in_shares():
    strokes = {"objects": [rectangle(left=0), rectangle()]}
    assert box_canvas.box_of(strokes, 100, 200) == pytest.approx((0.2, 0.05, 0.7, 0.45))
    centred = {"objects": [rectangle(originX="center", originY="center")]}
    assert box_canvas.box_of(centred, 100, 200) == pytest.approx((0, 0, 0.45, 0.25))  # cut at the photo's edge


@pytest.mark.parametrize(
    "strokes",
    [
        None,
        "text",
        [],
        {"objects": "many"},
        {"objects": [None, 3]},
        {"objects": []},
        {"objects": [rectangle(left="0")]},
        {"objects": [rectangle(width=None)]},
        {"objects": [rectangle(top=float("nan"))]},
        {"objects": [rectangle(scaleX=float("inf"))]},
        {"objects": [rectangle(left=10**400)]},
        {"objects": [rectangle(width=True)]},
        {"objects": [rectangle(width=1)]},  # a click
        {"objects": [rectangle(left=500)]},  # beside the photo
    ],
)
def test_a_box_that_is_none_is_left_out(strokes):
    assert box_canvas.box_of(strokes, 100, 200) is None


def test_a_box_is_drawn_where_it_is_read():
    box = (0.1, 0.2, 0.7, 0.9)
    assert box_canvas.box_of(box_canvas._drawing(box, 320, 240), 320, 240) == pytest.approx(box)


# paint


def path(*parts, width=10) -> dict:
    return {"objects": [{"type": "path", "strokeWidth": width, "path": list(parts)}]}


def test_paint_covers_what_was_stroked_and_no_more():
    mask = paint_canvas.mask_of(path(["M", 20, 30], ["Q", 25, 30, 40, 30], ["L", 60, 30]), 100, 80)
    assert mask.shape == (80, 100) and mask.dtype == bool
    assert mask[30, 17:64].all() and mask[26:35, 40].all()
    assert not mask[:, :14].any() and not mask[:, 67:].any() and not mask[:24].any() and not mask[37:].any()
    dab = paint_canvas.mask_of(path(["M", 50, 40], ["L", 50, 40], width=20), 100, 80)
    assert 250 < dab.sum() < 380 and dab[40, 50]


@pytest.mark.parametrize(
    "strokes",
    [
        None,
        "text",
        {"objects": "many"},
        {"objects": [None, 3, {}]},
        path("M"),
        path(["M", 1]),
        path(["M", "1", 2]),
        path(["M", float("nan"), 2]),
        path(["M", 10**400, 2]),
        path(["M", True, 2]),
        path(["M", 1, 2], ["L", 9, 9], width="10"),
        path(["M", 1, 2], ["L", 9, 9], width=float("nan")),
        path(["M", 1, 2], ["L", 9, 9], width=-3),
        path(["M", 1, 2], ["L", 9, 9], width=1e9),
        path(*[["L", 5, 5]] * 20_001),
    ],
)
def test_paint_that_is_none_is_passed_over(strokes):
    assert not paint_canvas.mask_of(strokes, 30, 20).any()


# many photos


HOSTILE = '=HYPERLINK("http://a","b")\u202egnp.**bold**\n.png'


def test_many_photos_are_a_table_and_a_bad_one_is_a_sentence(run):
    files = [("one.png", photo()), (HOSTILE, photo(2)), ("broken.png", b"\x89PNG\r\n\x1a\n"), ("four.png", photo(1))]
    app = with_photos(run, *files)
    shown = app.dataframe[0].value
    assert list(shown["File"]) == [
        "one.png",
        '\'=HYPERLINK("http://a","b")�gnp.**bold**�.png',
        "broken.png",
        "four.png",
    ]
    good = shown["Answer"].notna()
    assert list(good) == [True, True, False, True] and set(shown["Answer"][good]) <= set(data.CLASS_NAMES)
    assert shown["Notes"][2].endswith(".") and shown["Photo"][0].startswith("data:image/")
    assert shown["Known"][good].isin(["yes", "no"]).all() and shown["In distribution"][good].between(0, 1).all()
    assert "**3 of 4 photos** are answered" in said(app) and "1 could not be read" in said(app)
    assert not app.error and not [text for text in app.markdown if text.value.startswith("### ")]


def test_photos_are_classified_once_and_a_chosen_row_opens(run, monkeypatch):
    files = [(f"{number}.png", photo(number)) for number in range(4)]
    app = with_photos(run, *files)
    monkeypatch.setattr(batch_panel, "line", None)
    app.session_state["batch"] = DataframeState({"selection": {"rows": [2], "columns": [], "cells": []}})
    app.run()
    assert not app.exception
    assert [text.value for text in app.text] == ["2.png"] and heading(app)


def test_an_upload_is_hashed_once(run, monkeypatch):
    """However often the page is run; the same bytes uploaded again are the same photo."""
    hashed, real = [], hashlib.sha256
    marks = SimpleNamespace(sha256=lambda content: hashed.append(content) or real(content))
    monkeypatch.setattr(photo_answers, "hashlib", marks)
    first, second = photo(), photo(1)
    app = with_photos(run, ("first.png", first), ("second.png", second))
    assert hashed == [first, second]
    shown = heading(app)
    app.segmented_control(key="mode").set_value("source").run()
    app.run()
    assert not app.exception and hashed == [first, second]
    app.file_uploader[0].set_value([("again.png", first, "image/png")]).run()
    assert hashed == [first, second, first]
    app.segmented_control(key="mode").set_value(DEFAULT_MODE).run()
    assert not app.exception and heading(app) == shown and len(hashed) == 3


def answered(*probabilities: float, known: bool = True) -> PhotoAnswer:
    return PhotoAnswer(("dark", "+light"), np.array(probabilities), Verdict(known, 0.5, 0.15))


def test_a_csv_holds_no_formula():
    lines = [
        PhotoLine(answer=answered(0.25, 0.75)),
        PhotoLine(error="-broken"),
        PhotoLine(answer=answered(1, 0, known=False)),
    ]
    names = ["=1+1", "\t@x\n", 'plain, "quoted".png']
    table = pd.read_csv(io.BytesIO(batch_panel.as_csv(names, lines, ("dark", "+light"))), encoding="utf-8-sig")
    assert list(table["file"]) == ["'=1+1", "�@x�", 'plain, "quoted".png']
    assert list(table["label"].fillna("")) == ["'+light", "", "dark"] and table["error"][1] == "'-broken"
    assert table["'+light"][0] == 0.75 and table["known"][2] in (False, "False")
    assert not any(str(value).startswith(tuple("=+-@")) for value in table.astype(str).to_numpy().ravel())


def test_the_summary_counts_what_is_strange_and_what_is_bad():
    lines = [
        PhotoLine(answer=answered(0.25, 0.75, known=False)),
        PhotoLine(error="No."),
        PhotoLine(answer=answered(1, 0)),
    ]
    words = batch_panel.summary(lines)
    assert "**2 of 3 photos**" in words and "1 looks out-of-distribution" in words and "1 could not be read" in words
    assert "1 \\+light" in words


@pytest.mark.parametrize("name", ["", "\n", "\u202e\u200b", "a" * 5000, "名前.jpg", "../../etc/passwd", "\x00.png"])
def test_any_name_becomes_one_short_line(name):
    shown = hostile_text.plain_name(name)
    assert 0 < len(shown) <= hostile_text.LONGEST and shown.isprintable()
    assert shown.endswith(name[-4:]) or not name.strip() or not name.isprintable()


def test_joiners_of_names_are_shown_and_what_turns_the_writing_is_not():
    for name in ("\U0001f468\u200d\U0001f469\u200d\U0001f467.jpg", "می\u200cخواهم.jpg", "\u2764\ufe0f\u200d\U0001f525"):
        assert hostile_text.plain_name(name) == name
    assert hostile_text.plain_name("\u200da\u200d\u200db\u200c.jpg\u202e\u2066\u200f") == "�a��b\u200c.jpg���"
    assert hostile_text.plain_name("a\u200d \u200db\u200d") == "a� �b�"


def test_photos_of_one_name_are_told_apart_and_the_same_file_is_said(run):
    files = [("image.jpg", photo(0)), ("image.jpg", photo(1)), ("image.jpg (2)", photo(0))]
    app = with_photos(run, *files)
    names = ["image.jpg", "image.jpg (2)", "image.jpg (2) (2)"]
    assert [text.value for text in app.text] == names and "The same photo as image.jpg." in said(app)
    app = with_photos(run, *files, ("image.jpg", photo(2)), ("image.jpg", photo(1)))
    shown = app.dataframe[0].value
    assert list(shown["File"]) == [*names, "image.jpg (3)", "image.jpg (4)"]
    assert [notes.startswith("The same photo as ") for notes in shown["Notes"]] == [False, False, True, False, True]


def test_markdown_is_shown_as_it_is():
    assert hostile_text.literal("![x](http://a) :red[b] $y$\n# c") == (r"\!\[x\]\(http\://a\) \:red\[b\] \$y\$ \# c")
    assert [hostile_text.literal(name) for name in data.CLASS_NAMES] == list(data.CLASS_NAMES)


# votes


def test_votes_and_their_disagreement():
    same = [answered(0.2, 0.8), answered(0.4, 0.6)]
    assert votes_panel.disagreement(same).startswith("All 2 agree: **\\+light**. Their mean says \\+light, 70 %")
    split = votes_panel.disagreement([*same, answered(0.9, 0.1)])
    assert "2 of 3 say \\+light, 1 of 3 says dark" in split and "67 % of all pairs differ" in split
    assert "One voter" in votes_panel.disagreement(same[:1])


def test_the_steps_tile_shows_what_is_there_and_what_is_seen():
    from fmnist_core.photo.steps import Step

    tile = stepper_panel.side_by_side(Step("x", "", np.full((10, 20), 7, np.uint8), np.full((28, 28), 9, np.uint8)))
    side = stepper_panel.TILE
    assert tile.shape == (side, 2 * side + stepper_panel.GAP, 4) and tile.dtype == np.uint8
    assert set(tile[:, -side:, 0].ravel()) == {9} and set(tile[:, :side, 0].ravel()) == {0, 7}
    assert (tile[:, :side, 3] == 255).mean() == pytest.approx(0.5)  # twice as wide as high


def test_an_address_can_lead_to_teach(run):
    app = open_page("predict.py", way="teach", run=run.id)
    assert not app.exception and "Teach it a new class" in " ".join(text.value for text in app.subheader)
    assert not sentences(app)


def brief_page() -> None:
    import numpy as np

    from fmnist_ui import parts

    for known in (True, False, None):
        parts.brief_answer(np.zeros((28, 28), np.uint8), np.array([0.2, 0.8]), ("Dress", "Bag"), known)


def test_the_short_answer_of_a_phone_warns_too():
    warned = ["out-of-distribution" in one.value for one in AppTest.from_function(brief_page).run().markdown]
    assert warned == [False, True, False]
