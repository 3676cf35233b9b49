"""A run leaves as one zip and comes back checked; whatever else is offered is refused and leaves no trace.

Run: python -m pytest tests/core/runs/test_exchange.py
"""

import errno
import functools
import hashlib
import io
import json
import os
import shutil
import stat
import tomllib
import zipfile
from pathlib import Path

import numpy as np
import psutil
import pytest

from fmnist_core.jobs import claim
from fmnist_core.machine import host_name
from fmnist_core.runs import catalogue, labels, predictions, run_zip, runs
from fmnist_core.runs.exchange import export_run, import_run
from fmnist_core.runs.labels import Label
from fmnist_core.runs.runs import Run
from fmnist_core.storage import folders, reading
from fmnist_core.storage.folders import RunError
from tests.odd_files import ODD, at_once, put_in_place_of

Files = dict[str, bytes]


@pytest.fixture(scope="module")
def exported(trained_run, tmp_path_factory) -> Path:
    return export_run(trained_run, tmp_path_factory.mktemp("exported"))


@pytest.fixture
def files(exported) -> Files:
    """What the zip of a good run holds, by full name."""
    with zipfile.ZipFile(exported) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def outside(tmp_path, runs_folder) -> Path:
    """Everything a zip could have written to: the runs folder and all around it."""
    runs_folder.mkdir()
    return tmp_path


def everything_in(folder: Path) -> dict[str, bytes | None]:
    return {str(path): path.read_bytes() if path.is_file() else None for path in sorted(folder.rglob("*"))}


def pack(path: Path, files: Files | list[tuple[str | zipfile.ZipInfo, bytes]], **options) -> Path:
    with zipfile.ZipFile(path, "w", **options) as archive:
        for name, content in files.items() if isinstance(files, dict) else files:
            archive.writestr(name, content)
    return path


def assert_refused(path: Path, outside: Path, words: str) -> None:
    """The import fails with these words in one sentence, and nothing anywhere has changed."""
    before = everything_in(outside)
    with pytest.raises(RunError, match=words) as caught:
        import_run(path)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 400
    assert everything_in(outside) == before
    assert not [run for run in runs.list_runs() if run.id.startswith("cnn_1") and not run.shipped]


def name_in(files: Files, name: str) -> str:
    return next(full for full in files if full.endswith(f"/{name}"))


def with_json(files: Files, name: str, /, **changes) -> Files:
    full = name_in(files, name)
    return files | {full: json.dumps(json.loads(files[full]) | changes).encode()}


def with_file(files: Files, name: str, content: bytes) -> Files:
    """As somebody would who knows how it is checked: the hash in result.json fits."""
    result = json.loads(files[name_in(files, "result.json")])
    result["files"][name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    run_id = next(iter(files)).split("/")[0]
    return with_json(files | {f"{run_id}/{name}": content}, "result.json", **result)


# There and back


def test_run_survives_export_and_import(run, tmp_path):
    (run.folder / "log.txt").write_text("Epoch 1")
    (run.folder / "checkpoint.npz").write_text("not for others")
    (run.folder / "cancel").touch()
    (run.folder / "maps" / "umap-1.npz").write_bytes((run.folder / "maps" / "features.npz").read_bytes())
    path = export_run(run, tmp_path / "new" / "folder")
    assert path == tmp_path / "new" / "folder" / f"{run.id}.zip"
    before = {name: content for name, content in everything_in(run.folder).items() if content is not None}
    row = catalogue.describe(run)
    shutil.rmtree(run.folder)
    imported = import_run(path)
    assert imported == run
    after = {name: content for name, content in everything_in(run.folder).items() if content is not None}
    left_behind = {Path(name).name for name in before.keys() - after.keys()}
    assert left_behind == {"checkpoint.npz", "cancel", claim.FILE}
    assert all(before[name] == after[name] for name in after)
    assert catalogue.describe(imported) == row
    assert len(predictions.load(imported, "test").labels) == 10_000
    assert [path.name for path in run.folder.parent.iterdir()] == [run.id]


def test_run_is_not_imported_twice(run, tmp_path):
    path = export_run(run, tmp_path)
    before = everything_in(run.folder)
    with pytest.raises(RunError, match=f"The run {run.id} is here already. Delete it first"):
        import_run(path)
    assert everything_in(run.folder) == before


def test_run_of_a_model_that_had_another_name_is_imported(files, tmp_path, runs_folder):
    config = json.loads(files[name_in(files, "config.json")])
    config["recipe"]["model"] = "sturdy"
    changed = with_file(files, "config.json", json.dumps(config).encode())
    renamed = {name.replace("cnn_1-", "sturdy-", 1): content for name, content in changed.items()}
    imported = import_run(pack(tmp_path / "run.zip", renamed))
    assert runs.read_config(imported).recipe.model == "robust" and catalogue.describe(imported).usable


def test_run_whose_files_have_moved_on_is_not_exported(run, tmp_path):
    """As Ctrl+C leaves a resumed training: its result is that of the stop before."""
    with (run.folder / "metrics.jsonl").open("a") as file:
        file.write("\n")
    with pytest.raises(RunError, match="are not those of its result. Resume it and let it finish first"):
        export_run(run, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_shipped_run_is_not_imported(exported, trained_run, runs_folder, monkeypatch):
    monkeypatch.setattr(folders, "shipped_folder", lambda: trained_run.folder.parent)
    with pytest.raises(RunError, match="is here already"):
        import_run(exported)
    assert not runs_folder.exists()


def test_cancelled_run_may_travel(files, tmp_path, runs_folder):
    path = pack(tmp_path / "run.zip", with_json(files, "status.json", state="cancelled"))
    assert runs.read_status(import_run(path)).state == "cancelled"


def test_unfinished_run_is_not_exported(run, tmp_path):
    status = json.loads((run.folder / "status.json").read_text())
    me = {"pid": os.getpid(), "pid_started": psutil.Process().create_time(), "host": host_name()}
    for state in ("running", "failed"):
        (run.folder / "status.json").write_text(json.dumps(status | me | {"state": state}))
        with pytest.raises(RunError, match=f"is {state}.* Let it finish first"):
            export_run(run, tmp_path / "new")
    (run.folder / "result.json").unlink()
    with pytest.raises(RunError, match="has not finished"):
        export_run(run, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_full_disk_leaves_no_half_zip(run, tmp_path, monkeypatch):
    def fail(*arguments, **options):
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / f"{run.id}.zip").write_text("an older one")
    monkeypatch.setattr(zipfile.ZipFile, "write", fail)
    with pytest.raises(RunError, match="cannot be exported to .*: No space left on device"):
        export_run(run, tmp_path)
    assert (tmp_path / f"{run.id}.zip").read_text() == "an older one"
    assert not list(tmp_path.glob(".*"))


def test_export_into_a_file_is_explained(run, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="cannot be exported to .*/file"):
        export_run(run, tmp_path / "file")


@pytest.mark.parametrize("step", ["write_bytes", "rename", "mkdir"])
def test_full_disk_leaves_no_half_run(exported, outside, monkeypatch, step):
    def fail(*arguments, **options):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, step, fail)
        assert_refused(exported, outside, "cannot be stored in .*: No space left on device. Free some space")


# What is refused


def test_missing_file_and_folder_are_explained(outside):
    assert_refused(outside / "none.zip", outside, "There is no file .*none.zip")
    assert_refused(outside, outside, f"{outside} is a folder. Expected the zip that `export --format run` writes")
    (outside / "text").touch()
    assert_refused(outside / "text" / "run.zip", outside, "There is no file .*run.zip. Expected the zip")


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip at all", bytes(5_000)])
def test_what_is_no_zip_is_refused(content, outside):
    (outside / "run.zip").write_bytes(content)
    assert_refused(outside / "run.zip", outside, "is not a zip that can be read")


def test_file_that_must_not_be_read_is_refused(outside, monkeypatch):
    def refuse(*_):
        raise PermissionError(errno.EACCES, "Permission denied")

    (outside / "run.zip").touch()
    with monkeypatch.context() as patch, pytest.raises(RunError, match="cannot be read: Permission denied. Expected"):
        patch.setattr(os, "open", refuse)
        import_run(outside / "run.zip")


def test_runs_folder_that_cannot_be_written_is_explained(exported, tmp_path, monkeypatch):
    """A file where the folder should be: no space that is freed would help."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("FMNIST_RUNS", str(tmp_path / "file"))
    with pytest.raises(RunError, match="cannot be stored in the folder of runs: Not a directory. Expected") as caught:
        import_run(exported)
    assert "Free some space" not in str(caught.value) and "FMNIST_RUNS" in str(caught.value)


@pytest.mark.parametrize("part", [0.1, 0.5, 0.99, 0.9999])
def test_cut_zip_is_refused(exported, outside, part):
    content = exported.read_bytes()
    (outside / "run.zip").write_bytes(content[: int(part * len(content))])
    assert_refused(outside / "run.zip", outside, "is not a zip that can be read")


def test_damaged_zip_is_refused_wherever_the_damage_is(files, outside):
    """Bytes of a small good zip are changed, in its headers and in its content; most often in a later one."""
    generator = np.random.default_rng(0)
    small = {name: content[:300] for name, content in files.items() if "replay" not in name}
    good = pack(outside / "good.zip", small, compression=zipfile.ZIP_DEFLATED).read_bytes()
    path = outside / "run.zip"
    for _ in range(1_500):
        content = bytearray(good)
        for position in generator.integers(0, len(content), generator.integers(1, 4)):
            content[position] = generator.integers(0, 256)
        path.write_bytes(content)
        with pytest.raises(RunError):
            import_run(path)
    assert sorted(found.name for found in outside.rglob("*")) == ["good.zip", "run.zip", "runs"]


def test_empty_zip_and_two_runs_are_refused(files, outside):
    words = "does not hold exactly one run. Expected the zip that `export --format run` writes"
    assert_refused(pack(outside / "run.zip", {}), outside, words)
    second = {name.replace("cnn_1-", "cnn_2-", 1): content for name, content in files.items()}
    assert_refused(pack(outside / "run.zip", files | second), outside, words)
    bare = {name.partition("/")[2]: content for name, content in files.items()}
    assert_refused(pack(outside / "run.zip", bare), outside, words)
    renamed = {name.replace("cnn_1-", "../cnn_1-", 1): content for name, content in files.items()}
    assert_refused(pack(outside / "run.zip", renamed), outside, words)


HOSTILE = [
    "../evil.txt",
    "../../evil.txt",
    "maps/../../evil.npz",
    "maps/../../../runs/evil.npz",
    "/etc/evil",
    "..\\evil.txt",
    "maps/..\\..\\evil.npz",
    "C:\\evil.txt",
    "evil.py",
    "config.json/evil",
    "checkpoint.npz",
    "cancel",
    ".hidden",
    "replay/0001.npz",
    "replay/001.npz/x",
    "maps/a b.npz",
    "maps/" + "a" * 200 + ".npz",
    "log.txt ",
    "LOG.TXT",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_foreign_file_is_refused(files, outside, name):
    run_id = next(iter(files)).split("/")[0]
    assert_refused(pack(outside / "run.zip", files | {f"{run_id}/{name}": b"x"}), outside, "no file of a run|one run")


@pytest.mark.parametrize("name", ["/tmp/evil.txt", "../evil.txt", "evil.txt"])
def test_file_beside_the_run_is_refused(files, outside, name):
    assert_refused(pack(outside / "run.zip", files | {name: b"x"}), outside, "does not hold exactly one run")


def test_folders_in_the_zip_make_no_folders(files, outside):
    run_id = next(iter(files)).split("/")[0]
    path = pack(outside / "run.zip", {f"{run_id}/../../evil/": b"", "/evil/": b""} | files)
    assert import_run(path).id == run_id
    assert not list(outside.rglob("evil")) and not Path("/evil").exists()


@pytest.mark.parametrize("name", ["log.txt", "maps/link.npz", "model.keras"])
def test_symbolic_link_is_refused(files, outside, name):
    run_id = next(iter(files)).split("/")[0]
    link = zipfile.ZipInfo(f"{run_id}/{name}")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    entries = [(full, content) for full, content in files.items() if full != link.filename]
    assert_refused(pack(outside / "run.zip", [*entries, (link, b"/etc/passwd")]), outside, "no file of a run")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_name_that_comes_twice_is_refused(files, outside):
    full = name_in(files, "config.json")
    assert_refused(pack(outside / "run.zip", [*files.items(), (full, files[full])]), outside, "no file of a run")


@pytest.mark.parametrize("name", run_zip._REQUIRED)
def test_missing_file_is_named(files, outside, name):
    rest = {full: content for full, content in files.items() if full != name_in(files, name)}
    assert_refused(pack(outside / "run.zip", rest), outside, f"The zip lacks {name}: it holds no finished run")


@pytest.mark.parametrize("name", ["config.json", "metrics.jsonl", "model.onnx", "model.keras", "replay/001.npz"])
def test_changed_file_is_named(files, outside, name):
    changed = files | {name_in(files, name): files[name_in(files, name)] + b" "}
    assert_refused(pack(outside / "run.zip", changed), outside, f"The file {name} is damaged: its hash differs")


def test_file_without_a_hash_is_refused(files, outside):
    run_id = next(iter(files)).split("/")[0]
    changed = files | {f"{run_id}/replay/009.npz": b"x"}
    assert_refused(pack(outside / "run.zip", changed), outside, "replay/009.npz is not listed in the run's result.json")


NESTED = functools.reduce(lambda inside, _: [inside], range(900), "x")  # read as JSON, but no copy can be made of it


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [
        ("status.json", {"state": "running"}, "do not fit together"),
        ("status.json", {"state": "failed"}, "do not fit together"),
        ("status.json", {"state": "interrupted"}, "damaged"),
        ("status.json", {"epoch": "x"}, "damaged"),
        ("status.json", {"evil": 1}, "damaged"),
        ("result.json", {"files": None}, "damaged"),
        ("result.json", {"test_accuracy": 2}, "damaged"),
        ("result.json", {"files": {"model.onnx": 5}}, "damaged"),
        ("result.json", {"taught": "x"}, "taught must be an object"),
        ("result.json", {"taught": {"origin": "x", "names": ["Hat"], "examples": []}}, "of each taught class"),
        ("result.json", {"taught": {"origin": "x", "names": ["x" * 101], "examples": [1]}}, "at most 100 are allowed"),
        ("result.json", {"taught": {"origin": "x", "names": ["**Hat**"], "examples": [1]}}, "A class cannot be called"),
        ("result.json", {"one_look": "x"}, "without_test_time_augmentation must be an object"),
        ("result.json", {"images_per_second": 1e308}, "images_per_second cannot be 1e\\+308"),
        ("result.json", {"images_per_second": 0}, "images_per_second cannot be 0"),
        ("result.json", {"seconds": -1e300}, "seconds cannot be"),
        ("result.json", {"parameters": -5}, "parameters cannot be -5"),
        ("result.json", {"epochs": 2**62}, "epochs cannot be"),
        (
            "result.json",
            {"stages": [{"stage": 1, "test_accuracy": 2.0, "test_loss": 1.0}]},
            "test_accuracy cannot be 2",
        ),
        ("result.json", {"of_tomorrow": NESTED}, "nested too deeply"),
    ],
)
def test_damaged_record_is_refused(files, outside, name, changes, words):
    assert_refused(pack(outside / "run.zip", with_json(files, name, **changes)), outside, words)


@pytest.mark.parametrize("name", ["config.json", "status.json", "result.json"])
@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"a": ' + b"9" * 9_999 + b"}"])
def test_record_that_is_no_object_is_refused(files, outside, name, content):
    changed = files | {name_in(files, name): content}
    assert_refused(pack(outside / "run.zip", changed), outside, "config, status, result or label is damaged")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"batch_size": 0}, "batch_size cannot be 0"),
        ({"model": "a_model_of_tomorrow"}, "model 'a_model_of_tomorrow' is not known here"),
        ({"stages": []}, "trains cnn_1 for no epoch"),
        ({"model": "cnn_2"}, "do not fit together"),
        ({"evil": 1}, "Unknown field 'evil'"),
    ],
)
def test_recipe_that_cannot_be_used_is_refused(files, outside, changes, words):
    config = json.loads(files[name_in(files, "config.json")])
    config["recipe"] |= changes
    path = pack(outside / "run.zip", with_file(files, "config.json", json.dumps(config).encode()))
    assert_refused(path, outside, words)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"class_names": ["x" * 1_000] * 10}, "has 1,000 characters"),
        ({"class_names": [str(one) for one in range(101)]}, "names 101 classes"),
        ({"class_names": ["![x](http://127.0.0.1/a.png)"] * 10}, "A class cannot be called"),
        ({"machine": {"cores": [1, 2]}}, "'cores' is no word or number"),
        ({"machine": {"processor": "x" * 301}}, "'processor' is no word or number"),
        ({"created": "x" * 301}, "'created' is no word or number"),
    ],
)
def test_config_that_no_page_could_show_is_refused(files, outside, changes, words):
    config = json.loads(files[name_in(files, "config.json")]) | changes
    path = pack(outside / "run.zip", with_file(files, "config.json", json.dumps(config).encode()))
    assert_refused(path, outside, words)


def test_texts_larger_than_those_of_a_run_are_not_unpacked(files, outside, monkeypatch):
    run_id = next(iter(files)).split("/")[0]
    entries = files | {f"{run_id}/log.txt": bytes(20_000_001)}
    path = pack(outside / "run.zip", entries, compression=zipfile.ZIP_DEFLATED)
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *a: pytest.fail("unpacked"))
    assert_refused(path, outside, "log.txt unpacks to 20,000,001 bytes; that of a run is smaller")


def test_arrays_that_are_too_large_together_are_refused(files, outside):
    """Each replay file is below the limit, and a page would read them all."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("logits.npy", bytes(60_000_000))
    for number in range(1, 6):
        files = with_file(files, f"replay/{number:03d}.npz", inner.getvalue())
    path = pack(outside / "run.zip", files)
    assert_refused(path, outside, "arrays unpack to over 300 MB together")


def test_bomb_is_refused_by_the_size_it_names(files, outside, monkeypatch):
    """300 MB of zeros in a zip of 300 kB; nothing of it may be unpacked."""
    run_id = next(iter(files)).split("/")[0]
    path = outside / "run.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(10):
            archive.writestr(f"{run_id}/replay/{number:03d}.npz", bytes(30_000_001))
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *a: pytest.fail("unpacked"))
    assert_refused(path, outside, "unpacks to more than 300 MB; a run is smaller")


def test_bomb_that_names_a_smaller_size_is_refused(files, outside):
    run_id = next(iter(files)).split("/")[0]
    path = pack(outside / "run.zip", files | {f"{run_id}/log.txt": bytes(1_000_000)}, compression=zipfile.ZIP_DEFLATED)
    content = path.read_bytes()
    size = (1_000_000).to_bytes(4, "little")
    assert content.count(size) == 2  # once before the file, once in the list at the end
    path.write_bytes(content.replace(size, (100).to_bytes(4, "little")))
    assert_refused(path, outside, "is not a zip that can be read")


@pytest.fixture(scope="module")
def bomb() -> bytes:
    """310 MB of zeros as an array in a zip, which is what all large files of a run are."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("test_logits.npy", "w", force_zip64=True) as member:
            for _ in range(31):
                member.write(bytes(10_000_000))
    return inner.getvalue()


@pytest.mark.parametrize("name", ["predictions.npz", "model.keras", "maps/features.npz"])
def test_bomb_inside_a_file_is_refused(files, outside, bomb, name):
    path = pack(outside / "run.zip", with_file(files, name, bomb))
    assert_refused(path, outside, f"The file {name} is damaged or unpacks to over 300 MB")


def test_file_larger_than_a_run_is_not_even_read(outside, monkeypatch):
    path = outside / "run.zip"
    with path.open("wb") as file:
        file.truncate(run_zip.LARGEST_ZIP + 1)  # a hole: takes no space
    monkeypatch.setattr(os, "fdopen", lambda *_: pytest.fail("read"))
    with pytest.raises(RunError, match="run.zip is larger than 300 MB; a run is smaller"):
        import_run(path)


@pytest.mark.parametrize("kind", ODD)
def test_what_is_no_file_is_not_imported(outside, kind):
    put_in_place_of(outside / "run.zip", kind)
    with at_once(), pytest.raises(RunError, match="run.zip (is larger|cannot be read|is a folder)"):
        import_run(outside / "run.zip")


@pytest.mark.parametrize("kind", ODD)
def test_a_run_with_an_odd_file_is_not_exported(run, tmp_path, kind):
    put_in_place_of(run.folder / "metrics.jsonl", kind)
    with at_once(), pytest.raises(RunError, match=f"A file of the run {run.id} cannot be read: "):
        export_run(run, tmp_path / "new")


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compressions_damaged_are_refused(files, outside, compression):
    path = pack(outside / "run.zip", files, compression=compression)
    content = bytearray(path.read_bytes())
    content[200:2_000] = bytes(1_800)
    path.write_bytes(content)
    assert_refused(path, outside, "is not a zip that can be read")


def test_encrypted_zip_is_refused(files, outside):
    path = pack(outside / "run.zip", files)
    content = bytearray(path.read_bytes())
    for header, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(header)
        content[at + offset] |= 1
    path.write_bytes(content)
    assert_refused(path, outside, "is not a zip that can be read")


def test_imported_name_is_the_folders_name(exported, runs_folder):
    run = import_run(exported)
    assert run == Run(runs_folder / exported.stem) and runs.find(exported.stem) == run


def test_a_network_that_is_none_is_refused_though_its_hash_fits(files, outside):
    path = pack(outside / "run.zip", with_file(files, "model.onnx", b"no network"))
    assert_refused(path, outside, "model.onnx is no network that this app has written")


# Names, and sizes on both ways


def test_name_and_note_travel_along(run, tmp_path, monkeypatch):
    labels.write(run, Label("LR 0.01, flip_both", "one\n*two*"))
    zipped = export_run(run, tmp_path)
    monkeypatch.setenv("FMNIST_RUNS", str(tmp_path / "elsewhere"))
    assert labels.read(import_run(zipped)) == Label("LR 0.01, flip_both", "one\n*two*")


@pytest.mark.parametrize(
    "value", [{"name": "[x](y)"}, {"name": "x" * 61}, {"note": 5}, {"note": "x\u202e"}, {"evil": 1}]
)
def test_a_label_that_no_page_could_show_is_refused(files, outside, value):
    run_id = next(iter(files)).split("/")[0]
    path = pack(outside / "run.zip", files | {f"{run_id}/label.json": json.dumps(value).encode()})
    assert_refused(path, outside, "label is damaged")


@pytest.mark.parametrize("name", ["log.txt", "maps/tsne.npz", "replay/001.npz"])
def test_what_is_too_large_is_left_out_so_that_the_rest_can_be_imported(run, tmp_path, monkeypatch, name):
    """Limits of one way that the other has not made a backup that nobody could read."""
    (run.folder / "maps" / "tsne.npz").write_bytes((run.folder / "predictions.npz").read_bytes())
    with (run.folder / "log.txt").open("ab") as log:
        log.truncate(10_000)
    sizes = {path: path.stat().st_size for path in run.folder.rglob("*") if path.is_file()}
    kept = [path for path in sizes if path != run.folder / name]
    monkeypatch.setattr(reading, "largest", lambda one: sizes[run.folder / name] - 1 if one == name else 10**9)
    zipped = export_run(run, tmp_path)
    with zipfile.ZipFile(zipped) as archive:
        packed = {full.partition("/")[2] for full in archive.namelist()}
    assert name not in packed and {"model.onnx", "model.keras", "predictions.npz", "maps/features.npz"} <= packed
    assert len(kept) > len(packed) >= 8
    monkeypatch.setenv("FMNIST_RUNS", str(tmp_path / "elsewhere"))
    assert catalogue.describe(import_run(zipped)).usable


def test_a_run_that_no_import_would_take_is_not_exported(run, tmp_path, monkeypatch):
    monkeypatch.setattr(run_zip, "LARGEST", (run.folder / "model.keras").stat().st_size)
    with pytest.raises(RunError, match="more than 300 MB"):
        export_run(run, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_the_app_takes_uploads_as_large_as_an_export():
    server = tomllib.loads((folders.PROJECT / ".streamlit" / "config.toml").read_text())["server"]
    assert server["maxUploadSize"] * 2**20 >= run_zip.LARGEST_ZIP
