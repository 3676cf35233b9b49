"""A run as one zip: out of one installation, checked, into another. What the zip may hold: see run_zip."""

import errno
import re
import shutil
import zipfile
from pathlib import Path

from fmnist_core import zoo
from fmnist_core.jobs.status import FINISHED
from fmnist_core.runs import foreign_model, run_zip, runs
from fmnist_core.runs.records import Config
from fmnist_core.runs.run_zip import EXPECTED, LARGEST_ZIP, MEGABYTES, Checked, check_zip
from fmnist_core.runs.runs import Run
from fmnist_core.storage import folders, owners, reading
from fmnist_core.storage.atomic import replacing, sweep_half_made
from fmnist_core.storage.folders import RunError

# Left out of an export, in this order, until it is small enough to be imported: a run is complete without them.
_OPTIONAL = re.compile(r"log\.txt"), re.compile(r"maps/(?!features\.npz).*"), re.compile(r"replay/.*")
_ELSEWHERE = "Name a folder that can be written."


def export_run(run: Run, folder: Path) -> Path:
    """Writes RUN.zip with the files of a finished run; returns its path. `import_run` takes whatever this has written.

    Raises:
        RunError: the run has not finished, is too large, or a file cannot be read or written.
    """
    result = runs.read_result(run)
    if (state := runs.read_status(run).state) not in FINISHED:
        raise RunError(f"The run {run.id} is {state}: its files no longer fit together. Let it finish first.")
    try:
        described = runs.describe_files(run)
    except OSError as error:
        text = f"A file of the run {run.id} cannot be read: {folders.reason(error)}. Delete the run and train it again."
        raise RunError(text) from None
    if described != {name: one for name, one in result.files.items() if (run.folder / name).exists()}:
        raise RunError(f"The files of the run {run.id} are not those of its result. Resume it and let it finish first.")
    chosen = _importable(run)
    target = folder / f"{run.id}.zip"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with replacing(target) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in chosen:
                archive.write(run.folder / name, f"{run.id}/{name}")
    except OSError as error:
        raise RunError(f"The run cannot be exported to {folder}: {folders.reason(error)}. {_ELSEWHERE}") from None
    return target


def _importable(run: Run) -> list[str]:
    """The run's files by their names in its folder, without some optional ones where all are more than is imported."""
    paths = {path.relative_to(run.folder).as_posix(): path for path in sorted(run.folder.rglob("*")) if path.is_file()}
    paths = {name: path for name, path in paths.items() if run_zip.ALLOWED.fullmatch(name)}
    for left_out in _OPTIONAL:
        try:
            run_zip.check_sizes(paths)
            break
        except RunError:
            paths = {name: path for name, path in paths.items() if not left_out.fullmatch(name)}
    try:
        run_zip.check_sizes(paths)
    except RunError as error:
        raise RunError(f"The run {run.id} is not exported, as no import would take it. {error}") from None
    return list(paths)


def import_run(path: Path) -> Run:
    """Unpacks a zip of `export_run` into the runs folder; see `import_content`. Raises RunError."""
    return import_content(read_file(path), path.name)


def import_content(content: bytes, name: str) -> Run:
    """Unpacks a zip of `export_run` into the runs folder, after everything in it was checked: `check_zip`, `store`.

    Raises:
        RunError: it is no sound run, or a run of that name is here already.
    """
    return store(check_zip(content, name))


def store(checked: Checked) -> Run:
    """Makes a run of what was checked, whole or not at all, once its network was tried; see foreign_model.

    Raises:
        RunError: its network fails, a run of that name is here already, or the folder cannot be written.
    """
    run_id = checked.run_id
    run = Run(folders.runs_folder() / run_id)
    if run.folder.exists() and not owners.is_visible(owners.read(run.folder)):
        run = Run(run.folder.with_name(runs.with_other_mark(run_id)))  # and nobody learns what others have
    if run.folder.exists() or (folders.shipped_folder() / run_id).exists():
        raise RunError(f"The run {run_id} is here already. Delete it first to import it again.")
    _write(run, checked.files, checked.config)
    return run


def half_done(run: Run) -> Run:
    """Where a run is put together, before anybody finds it. What killed processes have left of others goes."""
    sweep_half_made(run.folder.parent, ".*.importing")
    return Run(run.folder.with_name(f".{run.id}.importing"))


def read_file(path: Path, expected: str = EXPECTED) -> bytes:
    """Raises RunError, which ends in what was expected."""
    try:
        return reading.read_bytes(path, LARGEST_ZIP)
    except (FileNotFoundError, NotADirectoryError):
        raise RunError(f"There is no file {path}. {expected}") from None
    except IsADirectoryError:
        raise RunError(f"{path} is a folder. {expected}") from None
    except OSError as error:
        if error.errno == errno.EFBIG:
            text = f"The file {path.name} is larger than {MEGABYTES} MB; a run is smaller. {expected}"
            raise RunError(text) from None
        raise RunError(f"The file {path} cannot be read: {folders.reason(error)}. {expected}") from None


def _write(run: Run, files: dict[str, bytes], config: Config) -> None:
    """All or nothing: into a hidden folder first, renamed once it is complete and its model was tried."""
    hidden = half_done(run).folder
    try:
        shutil.rmtree(hidden, ignore_errors=True)
        for name, content in files.items():
            (hidden / name).parent.mkdir(parents=True, exist_ok=True)
            (hidden / name).write_bytes(content)
        if "model.onnx" in files:
            no_network = zoo.model_of(config.recipe).kind != "network"
            foreign_model.try_out(hidden / "model.onnx", len(config.class_names), no_network)
        owners.mark(hidden)
        hidden.rename(run.folder)
    except RunError:
        shutil.rmtree(hidden, ignore_errors=True)
        raise
    except OSError as error:
        shutil.rmtree(hidden, ignore_errors=True)
        raise runs.not_stored(error) from None
