"""LiteRT files, the folder of the web page, and what their cards say.

Run: python -m pytest tests/core/exports
"""

import base64
import contextlib
import dataclasses
import errno
import gzip
import io
import json
import re
import subprocess
import types
import zipfile

import keras
import numpy as np
import pytest

from fmnist_core.data import load_split
from fmnist_core.exports import card, files, litert, making, outline_data, web_page
from fmnist_core.photo.alike import FAINT
from fmnist_core.runs import runs
from fmnist_core.runs.records import Taught
from fmnist_core.storage.folders import RunError
from tests.tiny import shipped_run


def unpacked(content: bytes, count: int) -> np.ndarray:
    """What the page does, pixel by pixel."""
    plain = np.frombuffer(gzip.decompress(content), np.uint8)
    masks = np.unpackbits(plain[: 98 * count].reshape(count, 98), axis=1).reshape(count, 28, 28)
    left = iter(plain[98 * count :].tolist())
    found = np.zeros((count, 29, 29), int)
    for number, y, x in np.argwhere(masks):
        beside, above = found[number, y + 1, x], found[number, y, x + 1]
        beside, above = beside or above, above or beside
        corner = found[number, y, x] or min(beside, above)
        guess = min(max(beside + above - corner, min(beside, above)), max(beside, above))
        found[number, y + 1, x + 1] = (guess + next(left)) % 256
    assert next(left, None) is None
    return found[:, 1:, 1:]


def test_training_pictures_are_packed_to_the_last_pixel_of_each_garment():
    images = load_split("train").images[:40]
    packed = outline_data.packed(images)
    np.testing.assert_array_equal(unpacked(packed, 40), np.where(images > FAINT, images, 0))
    assert packed == outline_data.packed(images) and len(packed) < images.size / 2


@pytest.mark.long
def test_a_litert_file_is_made_in_a_child_and_answers_as_the_onnx_file():
    """One child: the importing of TensorFlow takes most of the time."""
    run = shipped_run("lenet5_valid")
    with zipfile.ZipFile(io.BytesIO(making.made(run.id, "tflite"))) as archive:
        names = set(archive.namelist())
        told = json.loads(archive.read(f"{run.id}.tflite.card.json"))
        content = archive.read(f"{run.id}.tflite")
    assert names == {f"{run.id}.tflite", f"{run.id}.tflite.card.json", f"{run.id}.tflite.card.md"}
    assert content[4:8] == b"TFL3"  # what every LiteRT file has there
    assert told["checked"]["pictures"] == 1_000 and told["checked"]["same_class"] >= 0.999
    assert told["checked"]["accuracy_of_onnx"] == pytest.approx(runs.read_result(run).test_accuracy, abs=0.03)
    assert told["input"].startswith("(1, 28, 28, 1) float32") and told["output"].startswith("(1, 10) float32")
    assert told["bytes"] == len(content) and told["run"] == run.id and "MIT" in told["licence"]


@pytest.mark.long
def test_the_keras_file_of_a_run_that_may_be_anybodys_is_opened_in_the_sandbox_alone(run, tmp_path, monkeypatch):
    def opened_here(*_, **__):
        raise AssertionError("opened with all rights")

    monkeypatch.setattr(keras.models, "load_model", opened_here)
    target, made = files.export(run, tmp_path, "tflite")
    assert target.read_bytes()[4:8] == b"TFL3" and made.checked.same_class >= 0.999
    (run.folder / "model.keras").write_bytes(b"PK")
    with pytest.raises(RunError, match=r"cannot be written as LiteRT, float32: It cannot be read \(\w+\)\. Choose"):
        files.export(run, tmp_path, "tflite")


def test_a_card_compares_with_the_onnx_file_by_class_and_label():
    run = shipped_run("patel_dense")
    labels = load_split("test").labels[:200]
    right = np.eye(10)[labels]
    found = card.compare(run, right)
    assert found.pictures == 200 and found.accuracy == 1.0
    assert found.same_class == found.accuracy_of_onnx < 1.0
    assert card.compare(run, np.eye(10)[(labels + 1) % 10]).accuracy == 0.0


def test_a_card_in_markdown_is_a_table_whatever_a_class_is_called(tmp_path):
    run = shipped_run("patel_dense")
    (tmp_path / "a.tflite").write_bytes(b"12345")
    checked = card.Checked(1_000, 0.999, 0.89, 0.891)
    made = card.card_of(
        run, tmp_path / "a.tflite", "LiteRT, int8", checked=checked, takes_bytes=True, quantized_with="500 pictures"
    )
    assert made.input.startswith("(1, 28, 28, 1) uint8") and made.bytes == 5
    card.write(dataclasses.replace(made, classes=("Shirt | <script>", "a\nb")), tmp_path / "a.tflite")
    text = (tmp_path / "a.tflite.card.md").read_text(encoding="utf-8")
    assert "0 Shirt \\| &lt;script>; 1 a b" in text and "99.90 %" in text and "500 pictures" in text
    assert "88.45 % of 10,000 test pictures (95 % interval 87.81 % to 89.06 %)" in text
    lines = [line for line in text.splitlines() if line]
    assert all(line.startswith(("#", "|")) for line in lines)
    assert json.loads((tmp_path / "a.tflite.card.json").read_text())["classes"] == ["Shirt | <script>", "a\nb"]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    target, _ = files.export(shipped_run("lenet5_valid"), tmp_path_factory.mktemp("out"), "web")
    return target


def test_the_page_is_one_folder_that_names_no_address(page):
    index = (page / "index.html").read_text(encoding="utf-8")
    for name in re.findall(r'(?:src|href)="([^"]+)"', index):
        assert (page / name).is_file(), name
    for path in [page / "index.html", page / "style.css", *(page / "scripts").iterdir()]:
        assert "http" not in path.read_text(encoding="utf-8"), path.name
        assert not re.search(r"^(import|export) ", path.read_text(encoding="utf-8"), re.M)  # no modules from disk
    given = (page / "data" / "model.js").read_text()
    (text,) = re.findall(r'^given\.model = "([A-Za-z0-9+/=]+)";$', given, re.M)
    assert base64.b64decode(text) == (shipped_run("lenet5_valid").folder / "model.onnx").read_bytes()
    licences = {path.name: path.read_text(encoding="utf-8") for path in (page / "licences").iterdir()}
    assert len(licences) == 4 and "Microsoft" in licences["onnxruntime-web.txt"]
    assert json.loads((page / "card.json").read_text())["test_accuracy"] == pytest.approx(0.9053, abs=0.03)


def test_the_page_replaces_the_one_before_and_leaves_nothing_hidden(page):
    (page / "old.txt").touch()
    files.export(shipped_run("lenet5_valid"), page.parent, "web")
    assert not (page / "old.txt").exists() and [path.name for path in page.parent.iterdir()] == [page.name]


def test_a_page_that_could_not_be_written_leaves_nothing(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(web_page, "_write_page", full)
    with pytest.raises(RunError, match="cannot be exported to"):
        files.export(shipped_run("lenet5_valid"), tmp_path, "web")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("format", ["keras", "tflite"])
def test_what_keras_never_saw_it_does_not_give(tmp_path, monkeypatch, format):
    run = shipped_run("lenet5_valid")
    taught = Taught(origin="lenet5_valid-1", names=("Hat",), examples=(5,))
    result = dataclasses.replace(runs.read_result(run), taught=taught)
    monkeypatch.setattr(runs, "read_result", lambda _: result)
    with pytest.raises(RunError, match="Keras never saw the classes it was taught. Export it as onnx, web or run"):
        files.export(run, tmp_path, format)


def test_what_the_browser_runs_is_small_enough_to_ship():
    assert sum(path.stat().st_size for path in web_page.RUNTIME.iterdir()) < 15_000_000


def test_the_colours_of_the_page_are_the_apps():
    """As .streamlit/config.toml has them, light and dark."""
    config = (web_page.PROJECT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    css = (web_page.PAGE / "style.css").read_text(encoding="utf-8")
    names = {
        "primary": "primaryColor",
        "back": "backgroundColor",
        "second": "secondaryBackgroundColor",
        "text": "textColor",
        "gray": "grayTextColor",
        "link": "linkColor",
        "border": "borderColor",
    }
    for name, option in names.items():
        told = re.findall(rf"^{option} = \"(#\w+)\"", config, re.M)
        assert re.findall(rf"--{name}: (#\w+);", css) == told and len(told) == 2, name


def test_the_model_of_a_page_cannot_end_its_script():
    assert "</script" not in web_page._script_json({"name": "</script><script>alert(1)"})


def test_what_cannot_be_exported_says_so(tmp_path, monkeypatch):
    with pytest.raises(ValueError, match="Unknown format 'pdf'"):
        files.export(shipped_run("cnn_1"), tmp_path, "pdf")
    for format in ("web", "tflite"):
        with pytest.raises(RunError, match="ships without its parameters"):
            files.export(shipped_run("patel_deep"), tmp_path, format)
    with pytest.raises(RunError, match="There is no run"):
        making.made("cnn_1-20200101-000000-0000", "web")

    def hangs(*_, **told):
        raise subprocess.TimeoutExpired("export", told["timeout"])

    monkeypatch.setattr(subprocess, "run", hangs)
    with pytest.raises(RunError, match="took over 10 minutes"):
        making.made(shipped_run("cnn_1").id, "web")


@pytest.mark.parametrize(("code", "told"), [(None, b"int8"), (0, b"float32"), (0, b""), (0, b"int8 and more")])
def test_what_ran_out_of_time_or_is_something_else_is_no_file(code, told, monkeypatch):
    """All the files may be there: who is stopped at its limit may have written them."""
    answers = io.BytesIO()
    np.save(answers, np.zeros((card.CHECKED, 10), np.float32))
    files = {litert.MADE: b"made", litert.SAID: answers.getvalue(), litert.TOLD: told}

    @contextlib.contextmanager
    def confined(*given, **limits):
        yield types.SimpleNamespace(code=code, said="", read=lambda name, most: files[name])

    monkeypatch.setattr(litert.sandbox, "confined", confined)
    with pytest.raises(RunError, match="cannot be written as LiteRT"):
        litert.convert(b"", whole_numbers=True)
