"""Predict: what a visitor has shown stays while they look elsewhere.

Run: python -m pytest tests/app/predict/test_predict.py
"""

import base64
import io

import pytest
from PIL import Image
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec
from streamlit.testing.v1 import AppTest

from fmnist_core import data
from fmnist_core.photo.decode import PhotoError
from fmnist_ui import cached, uploads
from fmnist_ui.predict import camera_panel, kept_photos, live_camera
from fmnist_ui.predict.kept_photos import KeptPhoto
from tests.app.test_pages import open_page, sentences


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


@pytest.mark.long
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
    app.file_uploader[0].set_value(files).run()
    assert shown_photos(app) == ["one.png", "two.png"]
    leave_and_come_back()
    assert shown_photos(app) == ["one.png", "two.png"]
    app.file_uploader[0].set_value([("three.png", content, "image/png")]).run()
    assert shown_photos(app) == ["three.png"]
    leave_and_come_back()
    assert shown_photos(app) == ["three.png"]
    app.button(key="photos-forget").click().run()
    assert shown_photos(app) == [] and "Drop a photo" in sentences(app)
    leave_and_come_back()
    assert shown_photos(app) == []
    app.file_uploader[0].set_value(files).run()
    app.file_uploader[0].set_value([]).run()
    leave_and_come_back()
    assert shown_photos(app) == []


def test_kept_photos_are_bounded(run, monkeypatch):
    content = photo_of_a_boot()
    monkeypatch.setattr(kept_photos, "MOST_KEPT", 2 * len(content))
    app = open_page("predict.py", way="upload", run=run.id)
    app.file_uploader[0].set_value([(f"{n}.png", content, "image/png") for n in range(3)]).run()
    assert shown_photos(app) == ["0.png", "1.png"] and "1 of your 3 files was left out" in sentences(app)
    app.run()
    assert shown_photos(app) == ["0.png", "1.png"] and "1 of your 3 files was left out" in sentences(app)
    app.segmented_control(key="widget_way").set_value("draw").run()
    app.segmented_control(key="widget_way").set_value("upload").run()
    assert shown_photos(app) == ["0.png", "1.png"]


def verdicts(app: AppTest) -> list[str]:
    assert not app.exception
    return [text.value for text in app.markdown if text.value.startswith("### ")]


def taken(content: bytes, error: str = "") -> KeptPhoto:
    return KeptPhoto("Your camera", content, error=error, upload="camera-1")


def test_what_the_camera_sees_is_answered_and_a_photo_is_kept(run):
    app = open_page("predict.py", way="camera", run=run.id)
    assert not verdicts(app) and camera_panel.NOTHING_YET in sentences(app)
    app.session_state["camera-frame"] = taken(photo_of_a_boot("JPEG"))
    app.run()
    (verdict,) = verdicts(app)
    assert not [group for group in app.segmented_control if group.label == "More"]  # of a frame there is no more
    app.session_state["camera-frame"] = taken(b"\xff\xd8\xff no JPEG")
    app.run()
    assert not verdicts(app) and len(app.warning) == 1
    del app.session_state["camera-frame"]
    app.session_state["camera-photo"] = taken(photo_of_a_boot("JPEG"))
    app.segmented_control(key="widget_way").set_value("draw").run()
    app.segmented_control(key="widget_way").set_value("camera").run()
    assert verdicts(app) == [verdict] and [group for group in app.segmented_control if group.label == "More"]
    next(button for button in app.button if button.label == "Remove the photo").click().run()
    assert not verdicts(app)


JPEG = live_camera.PREFIX + base64.b64encode(photo_of_a_boot("JPEG")).decode()


@pytest.mark.parametrize(
    "sent",
    [
        None,
        5,
        {},
        "",
        "data:image/png;base64,AA==",
        JPEG[5:],
        f"{JPEG}é",
        f"{JPEG}A",
        live_camera.PREFIX + "A" * 3_000_000,
    ],
    ids=range(9),
)
def test_what_is_no_picture_of_a_camera_is_a_sentence(sent):
    with pytest.raises(PhotoError, match="did not arrive as a JPEG"):
        live_camera.content_of(sent)
    assert live_camera.content_of(JPEG) == photo_of_a_boot("JPEG")


@pytest.mark.some(2)
@pytest.mark.parametrize(
    ("url", "there"),
    [
        ("http://192.168.1.5:8501/predict", False),
        ("http://127.example.org/predict", False),
        ("http://localhost:8501/predict", True),
        ("http://127.0.0.1:8501/predict", True),
        ("http://[::1]:8501/predict", True),
        ("https://192.168.1.5/predict", True),
    ],
)
def test_the_camera_says_where_browsers_want_https(run, url, there):
    app = open_page("predict.py", way="camera", run=run.id)
    app.context = {"url": url}
    app.run()
    assert not app.exception and ("only over https" in sentences(app)) != there
    assert bool(app.get("bidi_component")) == there
    if not there:
        app.button[-1].click().run()
        assert not app.exception and app.file_uploader[0]


def camera_app():
    import streamlit as st

    from fmnist_ui.predict import live_camera

    if "camera" in st.session_state:
        live_camera._take("camera", st.session_state["name"])


def test_a_frame_takes_the_place_of_a_photo_and_what_was_sent_is_numbered():
    app = AppTest.from_function(camera_app, default_timeout=60)
    for name, number, told in (("photo", 4, 4), ("frame", 5, 5), ("frame", "x", 5), ("frame", 2**31, 5)):
        app.session_state["camera"] = {name: {"number": number, "image": JPEG}}
        app.session_state["name"] = name
        app.run()
        assert not app.exception and app.session_state["camera-number"] == told
        assert app.session_state[f"camera-{name}"].content == photo_of_a_boot("JPEG")
        assert ("camera-photo" in app.session_state) == (name == "photo")


def large_photo(kind: str = "BMP") -> bytes:
    """2 MB of a gray that is not the same everywhere."""
    file = io.BytesIO()
    Image.linear_gradient("L").resize((900, 800)).convert("RGB").save(file, kind)
    return file.getvalue()


@pytest.mark.long
def test_a_large_photo_is_kept_small_and_answered_alike(run, monkeypatch):
    content = large_photo()
    assert len(content) > kept_photos.LARGE
    files = [("large.png", content, "image/bmp"), ("cut.png", content[:-2_000], "image/bmp")]
    app = open_page("predict.py", way="upload", run=run.id)
    app.file_uploader[0].set_value(files).run()
    small, bad = app.session_state["photos-kept"]
    assert len(small.content) < kept_photos.LARGE / 4 and not small.error
    assert bad.content == b"" and "ends too early" in bad.error and bad.error in sentences(app)
    first = [text.value for text in app.markdown]
    monkeypatch.setattr(kept_photos, "_made_small", None)  # never again
    app.run()
    assert not app.exception and [text.value for text in app.markdown] == first
    assert app.session_state["photos-kept"] == (small, bad)


def test_files_that_are_too_much_at_once_are_left_out(run, monkeypatch):
    content = photo_of_a_boot()
    files = [("one.png", content, "image/png"), ("two.png", uploads.LEFT_OUT, "image/png")]
    app = open_page("predict.py", way="upload", run=run.id)
    app.file_uploader[0].set_value(files).run()
    assert shown_photos(app) == ["one.png"] and "1 of your 2 files was left out" in sentences(app)


def test_what_a_session_uploads_is_bounded_before_a_page_sees_it(monkeypatch):
    uploads.bound()
    uploads.bound()
    monkeypatch.setattr(uploads, "MOST_AT_ONCE", 10)
    manager = MemoryUploadedFileManager("upload")
    for session, name, size in (("a", "1", 6), ("a", "2", 5), ("b", "3", 5), ("a", "4", 1)):
        manager.add_file(session, UploadedFileRec(name, "x.png", "image/png", bytes(size)))
    held = {file.file_id: file.data for files in manager.file_storage.values() for file in files.values()}
    assert held == {"1": bytes(6), "2": uploads.LEFT_OUT, "3": bytes(5), "4": uploads.LEFT_OUT}


def test_an_upload_is_replaced_and_removed(monkeypatch):
    manager = MemoryUploadedFileManager("upload")
    monkeypatch.setattr(uploads, "_manager", lambda: (manager, "a"))
    record = UploadedFileRec("1", "x.png", "image/png", b"a large one")
    manager.add_file("a", record)
    file = UploadedFile(record, None)
    uploads.replace(file, b"small")
    assert file.getvalue() == b"small" and manager.get_files("a", ["1"])[0].data == b"small"
    uploads.remove("1")
    assert not manager.get_files("a", ["1"])
