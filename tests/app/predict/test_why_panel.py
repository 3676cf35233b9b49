"""Why: maps over a picture, in words, with those of a network that learned nothing beside them.

Run: python -m pytest tests/app/predict/test_why_panel.py
"""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core import data
from fmnist_core.analysis import explain
from fmnist_core.analysis.explain import Deletion, Dependence
from fmnist_core.inference.classifier import open_classifier
from fmnist_core.runs import catalogue
from fmnist_core.runs.runs import Run
from fmnist_ui.inspect import why_panel
from fmnist_ui.inspect.why_panel import Explanation, in_words, overlay, place_of


def panel(run: Run, picture: int = 1, black: bool = False) -> AppTest:
    def script(run_id: str, picture: int, black: bool) -> None:
        import numpy as np

        from fmnist_core import data
        from fmnist_core.metrics.calibrators import RAW
        from fmnist_core.runs import catalogue, runs
        from fmnist_ui.inspect import why_panel

        image = np.zeros((28, 28), np.uint8) if black else data.load_split("test").images[picture]
        why_panel.show(catalogue.describe(runs.find(run_id)), image, "one", RAW)

    arguments = {"run_id": run.id, "picture": picture, "black": black}
    app = AppTest.from_function(script, default_timeout=120, kwargs=arguments).run()
    assert not app.exception
    return app


def text(app: AppTest) -> str:
    assert not app.exception
    return " ".join(one.value for kind in (app.markdown, app.caption, app.warning, app.info) for one in kind)


def test_it_asks_about_the_predicted_class_and_names_the_place(run):
    app = panel(run)
    classifier, picture = open_classifier(run), data.load_split("test").images[1]
    called = int(classifier.logits(picture[None]).argmax())
    (select,) = app.selectbox
    assert select.value == called and select.options[0].startswith(data.CLASS_NAMES[called])
    found = explain.occlusion_map(classifier, picture, called)
    assert f"**{data.CLASS_NAMES[called]}**" in text(app)
    assert f"**{place_of(found)}**" in text(app) or "no one place" in text(app)
    curve = explain.deletion_curve(classifier, picture, called, found)
    assert f"{100 * curve.area:.1f} % is left" in text(app) and f"{100 * curve.random_area:.1f} % in random" in text(
        app
    )


def test_another_class_and_the_other_map_can_be_asked_for(run):
    app = panel(run)
    before = text(app)
    other = app.selectbox[0].options[-1].split(" · ")[0]
    app.selectbox[0].set_value(data.CLASS_NAMES.index(other)).run()
    assert f"It gives **{other}**" in text(app) and text(app) != before
    app.segmented_control(key="one-why-how").set_value("activation").run()
    assert "Each channel of the last layer" in text(app) and "black square" not in text(app)


@pytest.mark.parametrize("broken", ["missing", "damaged"])
def test_without_a_model_there_is_a_sentence(run, broken):
    model = run.folder / "model.onnx"
    model.unlink() if broken == "missing" else model.write_bytes(b"garbage")
    assert "model" in text(panel(run))


def test_a_black_picture_has_nothing_to_explain(run):
    assert "black all over" in text(panel(run, black=True))


def test_a_map_that_does_not_depend_on_what_was_learned_is_flagged(run, monkeypatch):
    ramp = np.arange(784, dtype=np.float32).reshape(28, 28)
    curve = Deletion(np.array([0.0, 1]), np.array([1.0, 0]), np.array([1.0, 0]), 0.5, 0.4)
    for correlation, said in ((0.8, "do not rely on it"), (float("nan"), "cannot be told"), (0.1, "does depend")):
        found = Explanation(ramp, ramp, Dependence(correlation, not correlation < 0.5), curve)
        monkeypatch.setattr(why_panel, "_explain", lambda *_, found=found: found)
        shown = text(panel(run))
        assert said in shown and "no better than chance" in shown
        assert len([one for one in ("do not rely", "cannot be told", "does depend") if one in shown]) == 1


def test_places_and_words():
    found = np.zeros((28, 28), np.float32)
    assert place_of(found) == "top left"
    found[14, 14] = 0.2
    assert place_of(found) == "centre"
    found[27, 27], found[0, 14] = 0.3, -0.1
    words = in_words(found, 0.9, "Bag", "occlusion")
    assert "**bottom right**" in words and "30.0 points" in words and "top makes it likelier, by 10.0" in words
    assert "no one place" in in_words(found / 1_000, 0.9, "Bag", "occlusion")
    assert "nothing to see" in in_words(np.zeros((28, 28), np.float32), 0.9, "Bag", "activation")


def test_the_picture_is_visible_under_the_map():
    picture = data.load_split("test").images[1]
    found = np.zeros((28, 28), np.float32)
    found[5, 5] = 1
    drawn = overlay(picture, found, "occlusion")
    assert drawn.shape == (280, 280, 3) and drawn.dtype == np.uint8
    assert drawn[55, 55, 0] > drawn[255, 55, 0]  # yellow over blue
    dark, light = (np.flatnonzero((picture == level).ravel()) for level in (picture.min(), picture.max()))
    flat = drawn[::10, ::10].reshape(-1, 3).astype(int)
    assert flat[light[0]].sum() - flat[dark[0]].sum() > 100
    faint = overlay(picture, found / 1_000, "occlusion")  # noise is not stretched to the whole scale
    assert abs(int(faint[55, 55, 0]) - int(overlay(picture, 0 * found, "occlusion")[55, 55, 0])) < 10


def test_a_map_has_a_scale_that_says_what_its_brightest_colour_means():
    found = np.zeros((28, 28), np.float32)
    found[3, 4] = 0.621
    assert ">0</span>" in why_panel.scale(found, "occlusion") and ">62.1 points</span>" in why_panel.scale(
        found, "occlusion"
    )
    assert ">2.0 points</span>" in why_panel.scale(0 * found, "occlusion")  # the faintest that is stretched
    assert ">most</span>" in why_panel.scale(found, "activation")
    assert why_panel.scale(found, "activation").count("rgb(") == 5


def test_the_same_question_is_answered_from_memory(run, monkeypatch):
    panel(run)
    monkeypatch.setattr(explain, "deletion_curve", lambda *_: pytest.fail("computed again"))
    panel(run)
    assert catalogue.describe(run).usable
