"""Teach a new class: names and files as they come, figures in words, a run that is kept.

Run: python -m pytest tests/app/predict/test_teach_panel.py
"""

import io
import threading
from collections import Counter

import numpy as np
import pytest
from PIL import Image, ImageDraw
from streamlit.testing.v1 import AppTest

from fmnist_core import data
from fmnist_core.analysis import few_shot
from fmnist_core.analysis.few_shot import Head
from fmnist_core.inference import taught_runs
from fmnist_core.runs import catalogue, runs
from fmnist_core.runs.runs import Run
from fmnist_core.storage.folders import RunError
from fmnist_ui import cached
from fmnist_ui.predict.kept_photos import KeptPhoto
from fmnist_ui.predict.teach import taught_examples, teach_panel, work
from fmnist_ui.predict.teach.taught_examples import Draft
from fmnist_ui.predict.teach.teach_words import Teaching, in_words


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(taught_runs, "OLD_PICTURES", 300)
    monkeypatch.setattr(teach_panel, "TEST_PICTURES", 400)
    monkeypatch.setattr(work, "PATIENCE", 60)  # no test watches a bar, but the one of the bar
    cached.forget_rows()
    yield
    cached.forget_rows()


def photo(number: int, kind: str = "PNG") -> bytes:
    """A dark triangle on white, each a little wider."""
    image = Image.new("RGB", (160, 160), "white")
    ImageDraw.Draw(image).polygon([(80, 40), (20 - number, 120), (140 + number, 120)], fill=(40, 20, 90))
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


def panel(run: Run) -> AppTest:
    def script(run_id: str) -> None:
        import streamlit as st

        from fmnist_core.runs import catalogue, runs
        from fmnist_ui import state
        from fmnist_ui.predict.teach import teach_panel

        state.enter("predict", "run", "way")
        if st.session_state.get("elsewhere"):
            return
        teach_panel.show(catalogue.describe(runs.find(run_id)))

    app = AppTest.from_function(script, default_timeout=180, kwargs={"run_id": run.id}).run()
    assert not app.exception
    return app


def text(app: AppTest) -> str:
    assert not app.exception
    kinds = (app.markdown, app.caption, app.warning, app.info, app.error, app.success, app.text)
    return " ".join(one.value for kind in kinds for one in kind)


def drop(app: AppTest, files: list[tuple[str, bytes, str]], number: int = 0) -> None:
    (uploader,) = [one for one in app.file_uploader if one.key.startswith(f"teach-{number}-files-")]
    uploader.set_value(files).run()
    assert not app.exception


def triangles(count: int) -> list[tuple[str, bytes, str]]:
    return [(f"{number}.png", photo(number), "image/png") for number in range(count)]


@pytest.mark.long
def test_a_class_is_taught_kept_and_predicted_with(run):
    app = panel(run)
    app.text_input(key="teach-0-name").set_value("Party hat").run()
    drop(app, triangles(7))
    assert "**7 examples.**" in text(app) and not app.button(key="teach").disabled
    app.button(key="teach").click().run()
    shown = text(app)
    assert "**The old classes**, on 400 test pictures" in shown and "95 % interval" in shown
    assert "it called your 7 examples" in shown and "of 7** Party hat" in shown
    assert not [one for one in runs.list_runs() if not one.shipped and one.id != run.id]
    examples = len(app.session_state["teach_drafts"][0].kept)
    app.segmented_control(key="teach-try-way").set_value("photo").run()
    next(one for one in app.file_uploader if one.key.startswith("teach-try-photo")).set_value(
        ("new.png", photo(3), "image/png")
    ).run()
    assert "### Party hat" in text(app) and len(app.session_state["teach_drafts"][0].kept) == examples
    app.button(key="teach-keep").click().run()
    (made,) = [one for one in runs.list_runs() if not one.shipped and one.id != run.id]
    assert catalogue.describe(made).config.class_names[-1] == "Party hat" and "It is kept" in text(app)
    app.button(key="teach-go").click().run()
    assert app.query_params["run"] in (made.id, [made.id])
    assert "taught new classes already" in text(panel(made))


def test_fewer_than_five_examples_are_a_sentence_and_no_error(run):
    app = panel(run)
    assert "needs a name" in text(app) and "5 more examples are needed" in text(app)
    app.text_input(key="teach-0-name").set_value("Hat").run()
    drop(app, triangles(4))
    assert "1 more example is needed." in text(app) and app.button(key="teach").disabled
    assert not app.error and not app.warning


def test_bad_files_and_names_are_sentences_and_stop_nothing(run):
    app = panel(run)
    name = "**[x](javascript:alert(1))**.png"
    drop(app, [(name, b"<html>", "image/png"), *triangles(2), ("zero.jpg", b"", "image/jpeg")])
    assert "**2 examples.**" in text(app) and len(app.warning) == 2
    assert name in [one.value for one in app.text]  # as plain text
    for bad, said in (("bag", "of that name already"), ("<b>hat</b>", "letters, figures"), ("h" * 31, "at most 30")):
        app.text_input(key="teach-0-name").set_value(bad).run()
        assert said in text(app) and app.button(key="teach").disabled


def test_what_no_browser_of_ours_sends_is_left_out_and_the_examples_stay(run):
    app = panel(run)
    drop(app, triangles(2))
    app.segmented_control(key="teach-0-way").set_value("draw").run()
    (draft,) = app.session_state["teach_drafts"]
    app.session_state[draft.key(f"canvas-{draft.added}")] = {"strokes": [{"width": "x"}]}
    app.run()
    assert "did not arrive as strokes" in text(app) and "**2 examples.**" in text(app)
    app.segmented_control(key="teach-0-way").set_value(None).run()  # none of the ways: the first one
    assert "**2 examples.**" in text(app) and app.file_uploader


def test_two_classes_with_a_name_each(run):
    app = panel(run)
    app.button(key="teach-more").click().run()
    for number, name in enumerate(("Hat", "hat")):
        app.text_input(key=f"teach-{number}-name").set_value(name).run()
    assert "Class 2: There is a class of that name already" in text(app)
    app.button(key="teach-1-remove").click().run()
    assert len(app.text_input) == 1 and app.text_input(key="teach-0-name").value == "Hat"


@pytest.mark.long
def test_what_is_left_out_does_not_teach_and_makes_the_figures_stale(run):
    app = panel(run)
    app.text_input(key="teach-0-name").set_value("Hat").run()
    drop(app, triangles(6))
    app.button(key="teach").click().run()
    assert "of 6** Hat" in text(app)
    (draft,) = app.session_state["teach_drafts"]
    taught_examples.leave_out(draft, 0)
    app.run()
    assert "**5 examples, 1 left out.**" in text(app) and "teach it again" in text(app)
    app.button(key="teach").click().run()
    assert "All of them were needed to teach; with 1 more" in text(app)
    taught_examples.leave_out(draft, 0)
    assert len(draft.kept) == 6


def test_what_takes_long_goes_on_and_says_how_far_it_is(run, monkeypatch):
    """Both ways it is seen: while it works, from another tab, and at its end."""
    go_on = threading.Event()

    def slow(*arguments):
        arguments[-1](0.42)
        go_on.wait()
        return run

    app = panel(run)
    app.text_input(key="teach-0-name").set_value("Hat").run()
    drop(app, triangles(5))
    app.button(key="teach").click().run()
    monkeypatch.setattr(taught_runs, "save", slow)
    monkeypatch.setattr(work, "PATIENCE", 0.05)
    app.button(key="teach-keep").click().run()
    assert "Classifying all test pictures: 42 %" in str(app.get("progress")[0].proto)
    app = panel_again(app)
    assert "Classifying all test pictures: 42 %" in str(app.get("progress")[0].proto)
    go_on.set()
    assert next(iter(app.session_state["teach_saved"].values())).has_ended(60)
    assert "It is kept as a run of its own" in text(app.run())


def panel_again(app: AppTest) -> AppTest:
    """After a look at something else."""
    whole, app.session_state["elsewhere"] = app, True
    assert not whole.run().button
    app.session_state["elsewhere"] = False
    return app.run()


def test_pictures_of_the_data_become_examples_until_there_is_no_room(monkeypatch):
    draft = Draft(0)
    taught_examples.add_from_data(draft, 9)
    taught_examples.add_from_data(draft, 9)
    assert len({picture.tobytes() for picture in draft.pictures}) == 2 * taught_examples.FROM_DATA
    train = data.load_split("train")
    boots = {picture.tobytes() for picture in train.images[train.labels == 9]}
    assert all(picture.tobytes() in boots for picture in draft.pictures)
    for _ in range(3):
        taught_examples.add_from_data(draft, 0)
    assert len(draft.pictures) == taught_examples.MOST_EXAMPLES


def test_the_camera_adds_examples(run):
    app = panel(run)
    app.segmented_control(key="teach-0-way").set_value("camera").run()
    app.session_state["teach-0-camera-photo"] = KeptPhoto("Your camera", photo(1), upload="x")
    app.run()
    app.run()
    assert "**1 example.**" in text(app)


def test_drawings_become_examples_and_the_canvas_starts_anew():
    draft, ink = Draft(3), np.zeros((28, 28), np.uint8)
    taught_examples.add_drawing(draft, ink, draft.key("canvas-0"))
    assert len(draft.kept) == 1 and draft.added == 1


def test_a_class_holds_only_so_many(run, monkeypatch):
    monkeypatch.setattr(taught_examples, "MOST_EXAMPLES", 3)
    app = panel(run)
    drop(app, triangles(5))
    assert "The first 3 of your 5 photos were taken" in text(app) and "are enough" in text(app)
    assert not app.file_uploader


def test_no_room_for_the_run_is_a_sentence(run, monkeypatch):
    def refuse(*_):
        raise RunError("The taught run cannot be stored: No space left on device. Free some space.")

    monkeypatch.setattr(taught_runs, "save", refuse)
    app = panel(run)
    app.text_input(key="teach-0-name").set_value("Hat").run()
    drop(app, triangles(5))
    app.button(key="teach").click().run()
    app.button(key="teach-keep").click().run()
    assert "No space left" in text(app) and app.button(key="teach-keep")


def test_a_run_without_a_model_cannot_be_taught(run):
    (run.folder / "model.onnx").unlink()
    app = panel(run)
    app.text_input(key="teach-0-name").set_value("Hat").run()
    drop(app, triangles(5))
    app.button(key="teach").click().run()
    assert "has no model" in text(app)


def test_figures_in_words():
    names = (*data.CLASS_NAMES, "Hat", "Skirt")
    head = Head(("Hat", "Skirt"), np.zeros((2, 2), np.float32), np.zeros(2, np.float32))
    taught = Teaching(
        "mark",
        head,
        (6, 5),
        names,
        1_000,
        900,
        893,
        (5, 2),
        (Counter({"Bag": 4, "Shirt": 2}), Counter({"Dress": 5})),
        (Counter({"Hat": 5, "Bag": 1}), Counter()),
    )
    old, hat, skirt = in_words(taught)
    assert "900 right before (90.0 %), 893 after (**89.3 %**, 95 % interval 87.2 % to 91.1 %)" in old
    assert "It lost 7: Hat (5), Skirt (2) took them." in old
    assert "it called your 6 examples Bag (4), Shirt (2)" in hat and "**5 of 6** Hat" in hat
    assert "the others Bag (1)" in hat and "(83 %, 95 % interval 44 % to 97 %)" in hat
    assert "with 1 more, some can be held out" in skirt
    assert "None was lost" in in_words(taught._replace(right_after=900, taken=(0, 0)))[0]
    assert few_shot.FEWEST == 5
