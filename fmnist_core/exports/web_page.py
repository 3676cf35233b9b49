"""A run's network as a page: one folder that answers drawings and photos in a browser, from disk, without a network.

The folder holds the page (`page/` beside this file), ONNX Runtime (assets/web), the run's ONNX file, the training
pictures that drawings are compared with, the card and the licences.
"""

import base64
import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from fmnist_core import data
from fmnist_core.colours import class_colours
from fmnist_core.data import CLASS_NAMES, load_split
from fmnist_core.exports import card, outline_data
from fmnist_core.exports.card import Card
from fmnist_core.runs.runs import Run
from fmnist_core.storage.folders import PROJECT, RunError

PAGE = Path(__file__).parent / "page"
RUNTIME = PROJECT / "assets" / "web"
FONTS = PROJECT / "static" / "fonts"
_MODULE, _BINARY = "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm.gz"


def export(run: Run, folder: Path) -> tuple[Path, Card]:
    """Writes FOLDER/RUN-web, in place of one that is there; open its index.html. Some 30 MB, in seconds.

    Raises:
        RunError: the run has no ONNX file, or the dataset is missing.
        OSError: the folder cannot be written.
    """
    try:
        pictures, tests = load_split("train").images, load_split("test")
    except data.DataError as error:
        raise RunError(f"The page compares drawings with the training pictures. {error}") from None
    target, hidden = folder / f"{run.id}-web", folder / f".{run.id}-web"
    shutil.rmtree(hidden, ignore_errors=True)
    try:
        made = _write(run, hidden, pictures, tests)
        shutil.rmtree(target, ignore_errors=True)
        hidden.rename(target)
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
    return target, made


def _write(run: Run, hidden: Path, pictures: np.ndarray, tests: data.Pictures) -> Card:
    """All of the folder; returns its card."""
    for part in ("data", "scripts", "licences"):
        (hidden / part).mkdir(parents=True)
    model = run.folder / "model.onnx"
    made = card.card_of(run, model, "web page (ONNX in the browser)", notes=(_NOTE,))
    made = dataclasses.replace(made, file="data/model.js")
    _write_page(hidden)
    _give(hidden, "model", model.read_bytes())
    _give(hidden, "runtime_module", (RUNTIME / _MODULE).read_bytes())
    _give(hidden, "runtime_binary", (RUNTIME / _BINARY).read_bytes())
    _give(hidden, "outlines", outline_data.packed(pictures))
    about = f"const ABOUT = {_script_json(_about(made, len(pictures), tests))};\n"
    (hidden / "data" / "about.js").write_text(about, encoding="utf-8")
    (hidden / "card.json").write_text(json.dumps(dataclasses.asdict(made), indent=1), encoding="utf-8")
    (hidden / "card.md").write_text(card.markdown(made), encoding="utf-8")
    return made


_NOTE = (
    "Drawings are prepared as in the app. Photos are prepared more simply than there, and their probabilities are raw."
)


def _write_page(folder: Path) -> None:
    for name in ("index.html", "style.css"):
        shutil.copyfile(PAGE / name, folder / name)
    for script in sorted(PAGE.glob("*.js")):
        shutil.copyfile(script, folder / "scripts" / script.name)
    shutil.copyfile(RUNTIME / "ort.wasm.min.js", folder / "ort.wasm.min.js")
    shutil.copyfile(FONTS / "inter.woff2", folder / "inter.woff2")
    shutil.copyfile(PROJECT / "assets" / "icon.png", folder / "icon.png")
    for source, name in (
        (PROJECT / "LICENSE", "page.txt"),
        (RUNTIME / "LICENSE", "onnxruntime-web.txt"),
        (FONTS / "LICENSE-inter.txt", "inter.txt"),
        (data.data_folder() / "LICENSE", "fashion-mnist.txt"),
    ):
        shutil.copyfile(source, folder / "licences" / name)


def _give(folder: Path, name: str, content: bytes) -> None:
    """A script with the bytes as text: a page that is opened from disk may fetch nothing."""
    text = base64.b64encode(content).decode("ascii")
    (folder / "data" / f"{name}.js").write_text(f'given.{name} = "{text}";\n', encoding="ascii")


def _about(made: Card, pictures: int, tests: data.Pictures) -> dict[str, Any]:
    return {
        "model": made.model,
        "classes": made.classes,
        "colours": class_colours(len(made.classes)),
        "outlines": pictures,
        "facts": [
            ("Model", made.model),
            ("Run", made.run),
            ("Accuracy", made.accuracy_in_words()),
            ("Parameters", f"{made.parameters:,}"),
            ("Runs in this page with", "ONNX Runtime Web, on one core, without a network"),
            ("Licence", made.licence),
        ],
        "examples": [_example(place, tests) for place in _first_of_each(tests.labels)],
    }


def _first_of_each(labels: np.ndarray) -> list[int]:
    return [int(np.flatnonzero(labels == number)[0]) for number in range(len(CLASS_NAMES))]


def _example(place: int, tests: data.Pictures) -> dict[str, Any]:
    picture = base64.b64encode(tests.images[place].tobytes()).decode("ascii")
    return {"number": place, "name": CLASS_NAMES[tests.labels[place]], "picture": picture}


def _script_json(value: Any) -> str:
    """As a script may hold it: no text in it can end the script."""
    return json.dumps(value).replace("<", "\\u003c")
