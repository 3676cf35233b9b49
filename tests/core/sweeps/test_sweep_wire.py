"""What goes over the wire is taken apart without trust, and a checkpoint brings what going on needs.

Run: python -m pytest tests/core/sweeps/test_sweep_wire.py
"""

import io
import json
import os
import subprocess
import sys
import zipfile

import pytest

from fmnist_core.runs import runs
from fmnist_core.storage.schema import as_plain
from fmnist_core.sweeps import packing, training_process, work
from fmnist_core.sweeps.work import Order, Request, Training
from tests.tiny import tiny_recipe


def test_what_is_joined_is_split_again():
    assert packing.split(packing.join({"state": "done"}, [b"a\n{", b"", b"\x00b"])) == (
        {"state": "done"},
        [b"a\n{", b"", b"\x00b"],
    )


@pytest.mark.parametrize(
    "content",
    [
        None,
        "text",
        b"",
        b"not json\n",
        b"[1]\n",
        b'{"state": "done"}\n',
        b'{"sizes": 3}\nabc',
        b'{"sizes": [4]}\nabc',
        b'{"sizes": [-1, 4]}\nabc',
        b'{"sizes": [true, 2]}\nabc',
        b'{"sizes": [9999999999999]}\nabc',
        b"[" * 100_000,
    ],
)
def test_anything_else_is_refused(content):
    with pytest.raises(ValueError):
        packing.split(content)


def test_a_checkpoint_brings_what_going_on_needs_and_nothing_else(tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    for name in ("replay/001.npz", "stages/1.npz", "checkpoint.npz", "metrics.jsonl", "log.txt", "config.json"):
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_bytes(name.encode())
    there.mkdir()
    packing.unpack_checkpoint(packing.pack_checkpoint(here), there)
    found = {path.relative_to(there).as_posix(): path.read_text() for path in there.rglob("*") if path.is_file()}
    assert found == {name: name for name in ("checkpoint.npz", "metrics.jsonl", "replay/001.npz", "stages/1.npz")}
    (here / "checkpoint.npz").unlink()
    assert packing.pack_checkpoint(here) == b""


def zipped(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return content.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"no zip",
        zipped("../checkpoint.npz"),
        zipped("/checkpoint.npz"),
        zipped("config.json"),
        zipped("checkpoint.npz", "cancel"),
        zipped("checkpoint.npz")[:-8],
    ],
)
def test_a_checkpoint_with_other_files_is_refused(tmp_path, content):
    (tmp_path / "run").mkdir()
    with pytest.raises(ValueError, match="is damaged"):
        packing.unpack_checkpoint(content, tmp_path / "run")
    assert [path.name for path in tmp_path.rglob("*")] == ["run"]


def order(**changes) -> bytes:
    asked = {"sweep": "0" * 8, "run": "simple_nn-20260101-000000-abcd", "recipe": as_plain(tiny_recipe())}
    return json.dumps(asked | {"alone_seconds": 60.0} | changes).encode()


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        (b"{}", "incomplete"),
        (order(run="../../x"), "names no run"),
        (order(recipe=as_plain(tiny_recipe(batch_size=0))), "batch_size"),
    ],
)
def test_a_worker_says_in_a_sentence_what_it_cannot_train(sent, sentence):
    said, parts = packing.split(work.train(sent, b""))
    assert said["state"] == "failed" and sentence in said["message"] and not parts


@pytest.fixture
def process(monkeypatch):
    """What a worker starts in place of a training, as a line of Python; the folder of the run is `folder`."""

    def make(code: str) -> None:
        words = "import os, pathlib, sys; folder = pathlib.Path(sys.argv[1]); "

        def start(folder, threads):
            with (folder / "log.txt").open("ab") as log:
                told = [sys.executable, "-c", words + code, str(folder)]
                return subprocess.Popen(told, stdin=subprocess.PIPE, stderr=log, start_new_session=True)

        monkeypatch.setattr(training_process, "start", start)

    return make


FAILED = "f = folder / 'status.json'; f.write_text(f.read_text().replace('\"queued\"', '\"failed\"')); "


@pytest.mark.parametrize(
    ("code", "state", "sentence"),
    [
        ("os.kill(os.getpid(), 9)", "lost", "its process was ended by SIGKILL"),
        (
            "sys.exit('Illegal  instruction')",
            "lost",
            "its process ended with code 1; its log ends so: Illegal instruct",
        ),
        (FAILED, "failed", ""),
        (FAILED + f"sys.exit({training_process.UNFIT})", "unfit", ""),
    ],
)
def test_a_worker_says_how_a_training_ended_and_sends_what_it_had(process, code, state, sentence):
    process("(folder / 'checkpoint.npz').write_bytes(b'newest'); " + code)
    said, parts = packing.split(work.train(order(), b"no zip: it begins anew"))
    assert said["state"] == state and said["message"].startswith(sentence)
    assert zipfile.ZipFile(io.BytesIO(parts[0])).read("checkpoint.npz") == b"newest"


def test_a_worker_that_cannot_write_is_unfit(monkeypatch):
    def full(*given, **told):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(training_process, "start", full)
    said, _ = packing.split(work.train(order(), b""))
    assert said["state"] == "unfit" and "No space left" in said["message"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("OSError(28, 'No space')", training_process.UNFIT),
        ("ImportError()", training_process.UNFIT),
        ("ValueError()", 0),
    ],
)
def test_a_training_tells_its_machines_faults_from_its_recipes(tmp_path, error, code):
    run = runs.create(tiny_recipe(), folder=tmp_path / "simple_nn-20260101-000000-abcd")
    broken = f"""if True:
        import sys
        from fmnist_core.training import training_jobs
        from fmnist_core.sweeps import training_process
        def work(reporter): raise {error}
        training_jobs.work = work
        sys.argv = ["", {str(run.folder)!r}]
        training_process.main()"""
    told = {"stdin": subprocess.PIPE, "env": os.environ | {"FMNIST_RUNS": str(tmp_path)}, "start_new_session": True}
    with subprocess.Popen([sys.executable, "-c", broken], **told) as ended:  # it kills its group when stdin is closed
        ended.wait()
    assert ended.returncode == code and runs.read_status(run).state == "failed"


def test_a_worker_tells_how_far_it_is_and_sends_a_checkpoint_only_where_it_is_new(tmp_path, monkeypatch):
    asked = Order("0" * 8, "simple_nn-20260101-000000-abcd", tiny_recipe(), 60.0)
    training = Training(asked, runs.create(tiny_recipe(), folder=tmp_path / asked.run))
    monkeypatch.setattr(work, "_AT_WORK", [training])

    def ask(**changes):
        request = Request("0" * 8, {}, True)
        return packing.split(work.answer(json.dumps(as_plain(request) | changes).encode()))

    said, parts = ask()
    assert said["trainings"] == [{"run": asked.run, "epoch": 0, "accuracy": None, "version": 0}] and parts == [b""]
    (training.run.folder / "checkpoint.npz").write_bytes(b"first")
    os.utime(training.run.folder / "checkpoint.npz", ns=(5_000_000, 5_000_000))
    said, parts = ask()
    assert said["trainings"][0]["version"] == 5_000 and parts[0].startswith(b"PK")
    assert ask(have={asked.run: 5_000})[1] == [b""] and ask(have={asked.run: 4_999})[1] != [b""]
    assert ask(checkpoints=False)[1] == [b""]
    assert ask(sweep="1" * 8) == ({"trainings": []}, [])
    assert not training.stopped.is_set()
    ask(stop=True)
    assert training.stopped.is_set()
