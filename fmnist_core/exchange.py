"""A run as one zip: out of one installation, checked, into another."""

import hashlib
import io
import json
import re
import zipfile
from pathlib import Path

from fmnist_core import runs
from fmnist_core.recipe import from_json
from fmnist_core.runs import Run, RunError

_ALLOWED = re.compile(
    r"(config|status|result)\.json|metrics\.jsonl|model\.(keras|onnx)|predictions\.npz|maps/[a-z0-9_-]{1,80}\.npz"
    r"|replay/[0-9]{3}\.npz|log\.txt"
)
_REQUIRED = ("config.json", "status.json", "result.json", "metrics.jsonl", "model.onnx", "predictions.npz")
LARGEST = 300_000_000  # bytes unpacked, of all files


def export_run(run: Run, folder: Path) -> Path:
    """Writes RUN.zip with every file of a finished run; returns its path.

    Raises:
        RunError: the run has not finished, or a file cannot be read or written.
    """
    runs.read_result(run)
    target = folder / f"{run.id}.zip"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(run.folder.rglob("*")):
                name = path.relative_to(run.folder).as_posix()
                if path.is_file() and _ALLOWED.fullmatch(name):
                    archive.write(path, f"{run.id}/{name}")
    except OSError as error:
        raise RunError(f"The run cannot be exported to {folder}: {error.strerror or error}.") from None
    return target


def import_run(path: Path) -> Run:
    """Unpacks a zip of `export_run` into the runs folder, after everything in it was checked.

    Checked before anything is written: it is a zip, holds one run's files and nothing else, is not too large, its
    recipe can be trained, and every file has the hash that its result.json names.

    Raises:
        RunError: one of these fails, or a run of that name is here already.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
            run_id, files = _read_archive(archive)
    except FileNotFoundError:
        raise RunError(f"There is no file {path}.") from None
    except (OSError, zipfile.BadZipFile, zipfile.zlib.error, NotImplementedError, RuntimeError) as error:
        if isinstance(error, RunError):
            raise
        raise RunError(f"{path.name} is not a zip that can be read: it may be cut short or damaged.") from None
    _check_content(files)
    run = Run(runs.runs_folder() / run_id)
    if run.folder.exists() or (runs.shipped_folder() / run_id).exists():
        raise RunError(f"The run {run_id} is here already. Delete it first to import it again.")
    _write(run, files)
    return run


def _read_archive(archive: zipfile.ZipFile) -> tuple[str, dict[str, bytes]]:
    """The run's name and its files; refuses foreign names and sizes before it unpacks anything."""
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    ids = {entry.filename.split("/", 1)[0] for entry in entries}
    if len(ids) != 1 or not runs.RUN_ID.fullmatch(run_id := ids.pop()):
        raise RunError("The zip does not hold exactly one run. Expected the file that `export --format run` writes.")
    if sum(entry.file_size for entry in entries) > LARGEST:
        raise RunError(f"The zip unpacks to more than {LARGEST // 1_000_000} MB; a run is smaller.")
    files = {}
    for entry in entries:
        name = entry.filename.partition("/")[2]
        if not _ALLOWED.fullmatch(name) or name in files:
            raise RunError(f"The zip holds {name[:60]!r}, which is no file of a run. Nothing was imported.")
        with archive.open(entry) as stream:
            files[name] = stream.read(entry.file_size + 1)
        if len(files[name]) != entry.file_size:
            raise RunError(f"The file {name} in the zip has another size than it says. Nothing was imported.")
    return run_id, files


def _check_content(files: dict[str, bytes]) -> None:
    if missing := [name for name in _REQUIRED if name not in files]:
        raise RunError(f"The zip lacks {', '.join(missing)}: it holds no finished run.")
    try:
        from_json(json.loads(files["config.json"])["recipe"])
        if json.loads(files["status.json"])["state"] not in ("done", "cancelled"):
            raise ValueError("not finished")
        hashes = {name: entry["sha256"] for name, entry in json.loads(files["result.json"])["files"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RunError(f"The zip's config, status or result is damaged ({error}). Nothing was imported.") from None
    for name, content in files.items():
        known = hashes.get(name)
        if known is None and name not in ("status.json", "result.json", "log.txt") and not name.startswith("maps/"):
            raise RunError(f"The file {name} is not listed in the run's result.json. Nothing was imported.")
        if known is not None and hashlib.sha256(content).hexdigest() != known:
            raise RunError(f"The file {name} is damaged: its hash differs from the run's. Nothing was imported.")


def _write(run: Run, files: dict[str, bytes]) -> None:
    """All or nothing: into a hidden folder first, renamed once it is complete."""
    import shutil

    hidden = run.folder.with_name(f".{run.id}.importing")
    try:
        shutil.rmtree(hidden, ignore_errors=True)
        for name, content in files.items():
            (hidden / name).parent.mkdir(parents=True, exist_ok=True)
            (hidden / name).write_bytes(content)
        hidden.rename(run.folder)
    except OSError as error:
        shutil.rmtree(hidden, ignore_errors=True)
        raise RunError(f"The run cannot be stored: {error.strerror or error}. Free some space.") from None
