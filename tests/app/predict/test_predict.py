"""Predict: what a visitor has shown stays while they look elsewhere.

Run: python -m pytest tests/app/predict/test_predict.py
"""

import io

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from fmnist_core import data
from fmnist_ui import cached
from fmnist_ui.predict import kept_photos
from tests.app.test_pages import open_page, sentences

pytestmark = pytest.mark.usefixtures("quick_detectors")


@pytest.fixture(autouse=True)
def _fresh_lists():
    cached.forget_rows()
    yield
    cached.forget_rows()


def photo_of_a_boot(kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.fromarray(255 - data.load_split("test").images[0]).resize((112, 112)).save(file, kind)
    return file.getvalue()


def shown_photos(app: AppTest) -> list[str]:
    return [text.value for text in app.text if text.value.endswith(".png")]


@pytest.mark.parametrize("away", ["way", "page"])
def test_photos_are_kept_until_they_are_taken_out(run, away):
    def leave_and_come_back() -> None:
        if away == "page":
            app.switch_page("pages/data.py").run()
            app.switch_page("pages/predict.py").run()
        else:
            for way in ("draw", "camera", "upload"):
                app.segmented_control(key="widget_way").set_value(way).run()
        assert not app.exception

    app = open_page("predict.py", way="upload", run=run.id)
    content = photo_of_a_boot()
    files = [("one.png", content, "image/png"), ("two.png", content, "image/png")]
    app.file_uploader(key="photos").set_value(files).run()
    assert shown_photos(app) == ["one.png", "two.png"]
    leave_and_come_back()
    assert shown_photos(app) == ["one.png", "two.png"]
    app.file_uploader(key="photos").set_value([("three.png", content, "image/png")]).run()
    assert shown_photos(app) == ["three.png"]
    leave_and_come_back()
    assert shown_photos(app) == ["three.png"]
    app.button(key="photos-forget").click().run()
    assert shown_photos(app) == [] and "Drop a photo" in sentences(app)
    leave_and_come_back()
    assert shown_photos(app) == []
    app.file_uploader(key="photos").set_value(files).run()
    app.file_uploader(key="photos").set_value([]).run()
    leave_and_come_back()
    assert shown_photos(app) == []


def test_kept_photos_are_bounded(run, monkeypatch):
    content = photo_of_a_boot()
    monkeypatch.setattr(kept_photos, "MOST_KEPT", 2 * len(content))
    app = open_page("predict.py", way="upload", run=run.id)
    app.file_uploader(key="photos").set_value([(f"{n}.png", content, "image/png") for n in range(3)]).run()
    assert len(shown_photos(app)) == 3
    app.segmented_control(key="widget_way").set_value("draw").run()
    app.segmented_control(key="widget_way").set_value("upload").run()
    assert shown_photos(app) == ["0.png", "1.png"]


def test_the_camera_picture_is_kept(run):
    app = open_page("predict.py", way="camera", run=run.id)
    app.camera_input(key="camera").set_value(("shot.jpg", photo_of_a_boot("JPEG"), "image/jpeg")).run()
    verdicts = [text.value for text in app.markdown if text.value.startswith("### ")]
    assert len(verdicts) == 1
    app.segmented_control(key="widget_way").set_value("draw").run()
    app.segmented_control(key="widget_way").set_value("camera").run()
    assert [text.value for text in app.markdown if text.value.startswith("### ")] == verdicts
    app.button(key="camera-forget").click().run()
    assert not [text.value for text in app.markdown if text.value.startswith("### ")]
