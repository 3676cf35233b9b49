"""What a zip of a run may hold: its names and sizes, before anything is unpacked, and then what is in them."""

import hashlib
import io
import math
import re
import stat
import zipfile
from dataclasses import dataclass
from pathlib import Path

from fmnist_core import zoo
from fmnist_core.jobs import status
from fmnist_core.jobs.status import FINISHED, Status
from fmnist_core.recipe import todays_model
from fmnist_core.runs import labels, records, runs
from fmnist_core.runs.records import Config, Result
from fmnist_core.storage import folders, reading
from fmnist_core.storage.folders import RunError
from fmnist_core.storage.reading import LARGEST
from fmnist_core.storage.schema import parse_json

ALLOWED = re.compile(
    r"(config|status|result|label|sizes)\.json|metrics\.jsonl|model\.(keras|onnx)|predictions\.npz|maps/[a-z0-9_-]{1,80}\.npz"
    r"|replay/[0-9]{3}\.npz|stages/[1-9]\.npz|log\.txt"
)
_REQUIRED = ("config.json", "status.json", "result.json", "metrics.jsonl", "predictions.npz")
_UNLISTED = ("status.json", "result.json", "label.json", "log.txt")  # without a hash in result.json
LARGEST_ZIP = LARGEST + 1_000_000  # bytes: what compresses no further grows a little by being packed
MEGABYTES = LARGEST // 1_000_000
MOST_ENTRIES = 10_000  # of a zip: more are not even listed
EXPECTED = "Expected the zip that `export --format run` writes; name that one."


@dataclass(frozen=True)
class Checked:
    """What a zip of a run holds, sound by all that can be told without running its network."""

    run_id: str
    files: dict[str, bytes]  # by their names in the run's folder
    config: Config
    status: Status
    result: Result


def check_zip(content: bytes, name: str) -> Checked:
    """Reads a zip of `export_run` and writes nothing. name: of the file.

    Checked: it is a zip, holds one run's files and nothing else, is not too large, its model is one of the zoo or a
    sound own network and its recipe can be trained, and every file has the hash that its result.json names.

    Raises:
        RunError: one of these fails.
    """
    if len(content) > LARGEST_ZIP:
        raise RunError(f"The file {name} is larger than {MEGABYTES} MB; a run is smaller. {EXPECTED}")
    if is_crowded(content):
        raise RunError(f"The zip {name} holds more than {MOST_ENTRIES:,} files; a run holds fewer. {EXPECTED}")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            run_id, files = _read_archive(archive)
    except RunError:
        raise
    except Exception:  # damage leads zipfile to errors of all kinds: struct.error, LZMAError, RuntimeError, ...
        raise RunError(f"{name} is not a zip that can be read: it may be cut short or damaged. {EXPECTED}") from None
    return Checked(run_id, files, *_check_content(run_id, files))


def is_crowded(content: bytes) -> bool:
    """Whether a zip has more entries than are listed."""
    return reading.count_entries(content) > MOST_ENTRIES


def check_sizes(paths: dict[str, Path]) -> None:
    """Raises RunError where an import would refuse files of these sizes."""
    try:
        sizes = {name: path.stat().st_size for name, path in paths.items()}
    except OSError as error:
        raise RunError(
            f"A file of the run cannot be read: {folders.reason(error)}. Delete the run and train it again."
        ) from None
    _check_packed(sizes)
    _check_unpacked({name: _unpacked_size(path) for name, path in paths.items() if _is_array(name)})


def _read_archive(archive: zipfile.ZipFile) -> tuple[str, dict[str, bytes]]:
    """The run's name and its files; refuses foreign names and sizes before it unpacks anything."""
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    ids = {entry.filename.split("/", 1)[0] for entry in entries}
    if len(ids) != 1 or not runs.RUN_ID.fullmatch(run_id := ids.pop()):
        raise RunError(f"The zip does not hold exactly one run. {EXPECTED}")
    if sum(entry.file_size for entry in entries) > LARGEST:  # whatever they are called
        raise RunError(f"The zip unpacks to more than {MEGABYTES} MB; a run is smaller.")
    names = [entry.filename.partition("/")[2] for entry in entries]
    for name, entry in zip(names, entries, strict=True):
        if not ALLOWED.fullmatch(name) or names.count(name) > 1 or stat.S_ISLNK(entry.external_attr >> 16):
            raise RunError(f"The zip holds {name[:60]!r}, which is no file of a run. Nothing was imported.")
    _check_packed({name: entry.file_size for name, entry in zip(names, entries, strict=True)})
    return run_id, {name: _unpack(archive, entry) for name, entry in zip(names, entries, strict=True)}


def _check_packed(sizes: dict[str, int]) -> None:
    """sizes: bytes of each file of a run, by its name."""
    if sum(sizes.values()) > LARGEST:
        raise RunError(f"The zip unpacks to more than {MEGABYTES} MB; a run is smaller.")
    for name, size in sizes.items():
        if size > reading.largest(name):
            raise RunError(f"The zip's {name} unpacks to {size:,} bytes; that of a run is smaller.")


def _check_unpacked(sizes: dict[str, float]) -> None:
    """sizes: bytes of each file that is a zip of arrays, once unpacked."""
    for name, size in sizes.items():
        if size > LARGEST:
            raise RunError(f"The file {name} is damaged or unpacks to over {MEGABYTES} MB. Nothing was imported.")
    if sum(sizes.values()) > LARGEST:
        raise RunError(f"The run's arrays unpack to over {MEGABYTES} MB together. Nothing was imported.")


def _is_array(name: str) -> bool:
    return name.endswith((".npz", ".keras"))


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Never more than the zip's directory says, and that was checked; one that says too little ends in an error."""
    with archive.open(entry) as file:
        content = file.read(entry.file_size + 1)
        if len(content) != entry.file_size or file.read(1):
            raise zipfile.BadZipFile(f"{entry.filename} is not as large as it says")
    return content


def _check_content(run_id: str, files: dict[str, bytes]) -> tuple[Config, Status, Result]:
    """What its config.json, status.json and result.json say."""
    if missing := [name for name in _REQUIRED if name not in files]:
        raise RunError(f"The zip lacks {', '.join(missing)}: it holds no finished run.")
    try:
        config = records.parse_config(parse_json(files["config.json"]))
        standing = status.parse(parse_json(files["status.json"]))
        result = records.parse_result(parse_json(files["result.json"]))
        if "label.json" in files:
            labels.parse(files["label.json"])
    except ValueError as error:
        raise RunError(
            f"The zip's config, status, result or label is damaged ({error}). Nothing was imported."
        ) from None
    model = config.recipe.model
    if (known := zoo.find(config.recipe)) is None:
        raise RunError(f"The run's model {model[:40]!r} is not known here. Import it where it was trained.")
    if known.kind == "network" and not config.recipe.has_epochs:
        raise RunError(f"The run's recipe trains {model} for no epoch: no training of this app has written it.")
    if todays_model(runs.model_in(run_id)) != model or standing.state not in FINISHED:
        raise RunError("The zip's name, config and status do not fit together. Nothing was imported.")
    if "model.onnx" not in files and "model.onnx" in result.files:  # a large network is shipped without it
        raise RunError("The zip lacks model.onnx: it holds no finished run.")
    stored = result.files
    for name, content in files.items():
        if name in stored and hashlib.sha256(content).hexdigest() != stored[name].sha256:
            raise RunError(f"The file {name} is damaged: its hash differs from the run's. Nothing was imported.")
        if name not in stored and name not in _UNLISTED and not name.startswith("maps/"):
            raise RunError(f"The file {name} is not listed in the run's result.json. Nothing was imported.")
    _check_unpacked({name: _unpacked_size(io.BytesIO(content)) for name, content in files.items() if _is_array(name)})
    return config, standing, result


def _unpacked_size(content: Path | io.BytesIO) -> float:
    """Of a zip inside the zip; infinity where it is none."""
    try:
        with zipfile.ZipFile(content) as archive:
            return sum(entry.file_size for entry in archive.infolist())
    except Exception:  # as above
        return math.inf
