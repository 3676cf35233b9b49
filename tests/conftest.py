"""What all tests share: a runs folder of their own, and one small run that was really trained."""

import fcntl
import gc
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import cores  # before NumPy and TensorFlow count them

# isort: split
os.environ["FMNIST_MEASURE"] = "no"  # a page that is opened here, or in a server of these tests, measures no machine
os.environ["FMNIST_WARM"] = "0"  # and keeps no process ready
import fmnist_core.training  # noqa: F401 - sets TensorFlow up, before a test imports it
from fmnist_core.runs import runs
from fmnist_core.runs.runs import Run
from fmnist_core.training import training_jobs
from tests.tiny import tiny_recipe


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="run only the tests marked `long`, and the cases after `some`")
    parser.addoption("--slow", action="store_true", help="run all tests, those that take minutes too")


def pytest_collection_modifyitems(config, items):
    items.sort(key=lambda item: not item.nodeid.startswith("tests/core/"))  # first, on the cores as they were counted
    if config.getoption("--slow") or any("::" in argument for argument in config.args):  # that one is asked for
        return
    asked = config.getoption("--long")
    by_function: dict[object, list] = {}
    for item in items:
        by_function.setdefault(getattr(item, "function", item), []).append(item)
    left_out = set()
    for cases in by_function.values():
        by_hand = {item for item in cases if item.get_closest_marker("slow")}
        left_out |= by_hand
        for number, item in enumerate(case for case in cases if case not in by_hand):
            if _is_long(item, number) != asked:
                left_out.add(item)
    config.hook.pytest_deselected(items=[item for item in items if item in left_out])
    items[:] = [item for item in items if item not in left_out]


def _is_long(item, number: int) -> bool:
    """number: of the case among those of its test."""
    some = item.get_closest_marker("some")
    return item.get_closest_marker("long") is not None or (some is not None and number >= some.args[0])


@pytest.fixture(scope="session", autouse=True)
def _imports_are_not_garbage():
    """Half a million objects of TensorFlow, which each collection would look through for 0.3 s."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module", autouse=True)
def _cores(request):
    """Only tests of the library keep to their part: a page waits for jobs, a browser for a server."""
    cores.run_on(cores.OWN if request.node.nodeid.startswith("tests/core/") else cores.ALL)


@pytest.fixture(scope="session", autouse=True)
def _no_runs_of_the_user(tmp_path_factory):
    """For what session-wide fixtures start, a server say, before a test has a folder of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FMNIST_RUNS", str(tmp_path_factory.mktemp("session") / "runs"))
        yield


@pytest.fixture(autouse=True)
def runs_folder(tmp_path, monkeypatch) -> Path:
    """Where this test's runs lie; it does not exist yet."""
    folder = tmp_path / "runs"
    monkeypatch.setenv("FMNIST_RUNS", str(folder))
    return folder


@pytest.fixture(scope="session")
def made_once(tmp_path_factory) -> Callable[[str, Callable[[Path], None]], Path]:
    """made_once(NAME, MAKE): a folder that MAKE has filled, once for all processes that share the tests."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base  # a worker's folder lies in the common one

    def find(name: str, make: Callable[[Path], None]) -> Path:
        folder, ready = shared / name, shared / f"{name}.ready"
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # the others wait until it is there
            if not ready.exists():
                shutil.rmtree(folder, ignore_errors=True)  # of one that failed
                folder.mkdir()
                make(folder)
                ready.touch()
        return folder

    return find


@pytest.fixture(scope="session")
def trained_run(made_once) -> Run:
    """A finished run of a convolutional network, two epochs; trained once and not to be changed: see `run`."""

    def train(folder: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("FMNIST_RUNS", str(folder / "runs"))
            made = runs.create(tiny_recipe("cnn_1", keep="best"))
            status = training_jobs.run_job(made)
            assert status.state == "done", status.message

    (folder,) = (made_once("trained", train) / "runs").glob("cnn_1-*")
    return Run(folder)


@pytest.fixture
def run(trained_run, runs_folder) -> Run:
    """A copy of `trained_run` in this test's runs folder."""
    shutil.copytree(trained_run.folder, runs_folder / trained_run.id)
    return Run(runs_folder / trained_run.id)
