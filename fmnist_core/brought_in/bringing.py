"""A file from elsewhere becomes a run. This process reads its first bytes and no more before the sandbox has passed it,
and checks whatever comes out of the sandbox as if a stranger had sent it.
"""

import contextlib
import dataclasses
import io
import json
import re
import shutil
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from fmnist_core import data, sandbox
from fmnist_core.brought_in import conventions, keras_work, work
from fmnist_core.brought_in.work import FILE, FOUND, Found, Task
from fmnist_core.jobs import status, turns
from fmnist_core.jobs.status import Status
from fmnist_core.recipe import BROUGHT_IN, Recipe
from fmnist_core.runs import exchange, feature_map, foreign_model, labels, predictions, records, run_zip, runs
from fmnist_core.runs.labels import Label
from fmnist_core.runs.records import Result
from fmnist_core.runs.runs import Run
from fmnist_core.storage import folders, owners
from fmnist_core.storage.atomic import write_json
from fmnist_core.storage.folders import RunError
from fmnist_core.storage.schema import as_plain, from_json, parse_json
from fmnist_core.zoo.others.brought_in import ROW, VALIDATED, Format, check_brought_in

LARGEST = 30_000_000  # bytes
MEGABYTES = LARGEST // 10**6
# Of address space and processor time. TensorFlow maps a lot of what it never touches.
MEMORY, SECONDS = 6_000_000_000, 240
KERAS_MEMORY, KERAS_SECONDS = 12_000_000_000, 120
# What there has to be free for it. Measured at their peaks: answers 0.1 GB, small ONNX models 0.3, TensorFlow with a
# small Keras model 0.8. What needs more is the first to be ended where memory ends; see sandbox.
PEAK_MEGABYTES = 1_000
_BRINGING = threading.Lock()
_EXPECTED = "Expected an ONNX or Keras model, answers as CSV or NPZ, or the zip of a run. Nothing was brought in."


def is_run(content: bytes) -> bool:
    """Whether it is the zip of a run: all its files lie in one folder, which has a run's name."""
    names = _zip_names(content)
    return bool(names) and all(runs.RUN_ID.fullmatch(name.split("/", 1)[0]) for name in names)


def format_of(content: bytes) -> Format:
    """By what the file begins with and what a zip lists, never by its name. Raises RunError where it is none."""
    if content.startswith(b"\x89HDF\r\n\x1a\n"):
        return "h5"
    if content.startswith(b"PK"):
        names = _zip_names(content)
        if "config.json" in names and "model.weights.h5" in names:
            return "keras"
        if names and all(name.endswith(".npy") for name in names):
            return "npz"
        raise RunError(f"It is a zip, but neither a Keras model nor an NPZ nor a run. {_EXPECTED}")
    start = content[:4_000]
    if b"\0" not in start and re.match(rb"[\xef\xbb\xbf]*[\x20-\x7e]", start) and (b"," in start or b";" in start):
        return "csv"
    if content[:1] == b"\x08":  # the number of an onnx.ModelProto's first field, its IR version
        return "onnx"
    raise RunError(f"It is none of the files that can be brought in. {_EXPECTED}")


def _zip_names(content: bytes) -> list[str]:
    if not content.startswith(b"PK") or run_zip.is_crowded(content):
        return []
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return [one.filename for one in archive.infolist() if not one.is_dir()]
    except Exception:  # damage leads zipfile to errors of all kinds
        return []


def bring(
    content: bytes,
    file: str,
    name: str = "",
    *,
    input: str = "",
    reorder: bool = False,
    check: Callable[[], None] = lambda: None,
) -> Run:
    """Makes a run of a model's or of answers' file. One at a time, whoever asks.

    Args:
        file: its name.
        name: what the run is to be called; "": after the file.
        input: how the model takes pictures, as conventions.parse reads it; "": found out by trying.
        reorder: whether classes or pictures that are clearly in another order are put into the official one.
        check: called when its turn has come.

    Raises:
        RunError: the file is refused, with a sentence that says why; or the run cannot be stored; or `check` raised it.
        ValueError: `input` or `name` cannot be what it is.
    """
    label = labels.checked(Label(" ".join(name.split()) or _name_of(file)))
    if input:
        conventions.parse(input)
    if not content:
        raise RunError(f"The file is empty. {_EXPECTED}")
    if len(content) > LARGEST:
        raise RunError(f"The file has {len(content) / 1e6:.0f} MB. At most {MEGABYTES} are taken.")
    kind = format_of(content)
    if input and kind in ("csv", "npz"):
        raise RunError("Answers have no input: leave it out.")
    with turns.taken(_BRINGING, "brought in"):
        check()
        return _brought(content, file, label, Task(kind, input, reorder))


def _brought(content: bytes, file: str, label: Label, task: Task) -> Run:
    kind = task.format
    if kind in ("keras", "h5"):
        content = _as_onnx(content, kind)
        task = dataclasses.replace(task, format="onnx")
    asked, files = json.dumps(dataclasses.asdict(task)), {FILE: content}
    with _opened(work.__name__, asked, files, MEMORY, SECONDS) as ended:
        return _store(ended, kind, file, label)


def _name_of(file: str) -> str:
    """A name that a run may have, from a file's."""
    words = re.sub(r"[^A-Za-z0-9]+", " ", Path(file).stem).strip()
    return words[: labels.LONGEST_NAME].strip()


def _as_onnx(content: bytes, kind: Format) -> bytes:
    files = {keras_work.NAMES[kind]: content}
    with _opened(keras_work.__name__, kind, files, KERAS_MEMORY, KERAS_SECONDS) as ended:
        converted = ended.read("model.onnx", 2 * LARGEST)
    if converted is None:
        raise RunError("The file is refused: as ONNX it is too large. Nothing was brought in.")
    return converted


@contextlib.contextmanager
def _opened(module: str, asked: str, files: dict[str, bytes], memory: int, seconds: int) -> Iterator[sandbox.Ended]:
    """What a module of the sandbox has made of a file. Raises RunError where it is refused, or the disk is full."""
    try:
        with sandbox.confined(module, [asked], files, memory=memory, seconds=seconds) as ended:
            if ended.code == 1:
                raise _refused(ended.said)
            if ended.code is None:
                raise _refused("It takes too long: more than a network for pictures of 28 by 28 pixels.")
            if ended.code:
                raise _refused(f"It needs more than {memory // 10**9} GB, or ends the process that opens it.")
            yield ended
    except OSError as error:
        raise runs.not_stored(error) from None


def _refused(reason: str) -> RunError:
    return RunError(f"The file is refused. {_plain(reason)} Nothing was brought in.")


def _plain(sentence: str) -> str:
    """What the sandbox said, without signs that a page could take for more than text."""
    return "".join(one if one.isprintable() and one not in "<>`*[]$\\|#~_" else "?" for one in sentence[:400])


# What came out of the sandbox


def _store(ended: sandbox.Ended, kind: Format, file: str, label: Label) -> Run:
    """All or nothing: into a hidden folder first, renamed once everything in it was checked."""
    try:
        found: Found = from_json(Found, parse_json(ended.read(FOUND, 100_000) or b""), "found")
        plain = re.sub(r"[^\w .()-]", "-", Path(file).name)[-80:]
        about = dataclasses.replace(found.about, format=kind, file=plain)
        check_brought_in(about)
    except ValueError:
        raise _not_usable() from None
    now = datetime.now(UTC)
    run = Run(folders.runs_folder() / runs.new_id(BROUGHT_IN, now))
    hidden = exchange.half_done(run)
    names = ("predictions.npz", *(("model.onnx", feature_map.FILE) if about.has_model else ()))
    files = {name: content for name in names if (content := ended.read(name, 2 * LARGEST)) is not None}
    recipe = dataclasses.replace(ROW.recipe, split=VALIDATED) if about.has_model else ROW.recipe
    try:
        _write(hidden, files)
        config = dataclasses.replace(runs.config_of(recipe, now), brought_in=about)
        write_json(hidden.folder / "config.json", as_plain(config))
        (hidden.folder / "metrics.jsonl").write_bytes(b"")
        _check(hidden, files, recipe)
        runs.write_result(hidden, _result(hidden, recipe, found))
        status.write(hidden.folder, Status("done", "Brought in.", queued_at=time.time()))
        owners.mark(hidden.folder)
        if label.name:
            labels.write(hidden, label)
        hidden.folder.rename(run.folder)
    except OSError as error:
        raise runs.not_stored(error) from None
    finally:
        shutil.rmtree(hidden.folder, ignore_errors=True)
    return run


def _not_usable() -> RunError:
    return RunError("The file is refused: what was made of it is no run of this app. Nothing was brought in.")


def _write(run: Run, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        (run.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (run.folder / name).write_bytes(content)


def _check(run: Run, files: Mapping[str, bytes], recipe: Recipe) -> None:
    """Raises RunError where the files are not those of a run, as every page will read them."""
    model = recipe.split.kind != "none"
    if "predictions.npz" not in files or model != ("model.onnx" in files):
        raise _not_usable()
    try:
        predictions.load(run, "test")
        if model:
            predictions.load(run, "validation")
        if feature_map.FILE in files:
            feature_map.load(run)
    except RunError:
        raise _not_usable() from None
    if model:
        foreign_model.try_out(run.folder / "model.onnx", len(data.CLASS_NAMES), no_network=True)


def _result(run: Run, recipe: Recipe, found: Found) -> Result:
    model = recipe.split.kind != "none"
    validated = predictions.load(run, "validation").answers if model else None
    figures = predictions.count_figures(predictions.load(run, "test").answers, validated)
    limits = records.RANGES
    return Result(
        **dataclasses.asdict(figures),
        epochs=0,
        cancelled=False,
        best_epoch=None,
        kept_epoch=0,
        precision="",
        seconds=0.0,
        seconds_per_epoch=None,
        images_per_second=None,
        parameters=int(np.clip(found.parameters, *limits["parameters"])),
        onnx_largest_difference=float(np.clip(found.difference, *limits["onnx_largest_difference"])),
        seconds_per_picture=float(np.clip(found.seconds_per_picture, *limits["seconds_per_picture"])),
        files=runs.describe_files(run),
    )


def bring_file(path: Path, name: str = "", *, input: str = "", reorder: bool = False) -> Run:
    """The same of a file on disk; the zip of a run is imported as it is, so nothing may be said of it."""
    content = exchange.read_file(path, _EXPECTED)
    if is_run(content):
        if name or input or reorder:
            raise ValueError("The zip of a run is imported as it is. Leave out its name, input and order.")
        return exchange.import_content(content, path.name)
    return bring(content, path.name, name, input=input, reorder=reorder)
