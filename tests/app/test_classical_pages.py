"""Every page with a run of a classical baseline, with an ONNX model and without, as Streamlit runs it.

Run: python -m pytest tests/app/test_classical_pages.py
"""

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fmnist_core.runs.runs import Run
from fmnist_ui import cached
from fmnist_ui.frame import PAGES
from tests.fitted import WITH_ONNX, WITHOUT_ONNX, fit, only_run

FILES = [row.file for row in PAGES if "run" in row.file or row.file not in ("start.py", "lessons.py", "owner.py")]
VIEWS = ("matrix", "classes", "mistakes", "calibration", "replay", "against", "agreement", "test-time-augmentation")


@pytest.fixture(scope="session")
def fitted_folder(made_once) -> Path:
    def make(folder: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("FMNIST_RUNS", str(folder / "runs"))
            for model in (WITH_ONNX, WITHOUT_ONNX):
                fit(model)

    return made_once("fitted", make) / "runs"


@pytest.fixture(params=[WITH_ONNX, WITHOUT_ONNX])
def fitted(request, fitted_folder, runs_folder) -> Run:
    shutil.copytree(fitted_folder, runs_folder)
    cached.forget_rows()
    yield only_run(runs_folder, request.param)
    cached.forget_rows()


def open_page(file: str, **parameters: str) -> AppTest:
    app = AppTest.from_file("../../app.py", default_timeout=60)
    app.query_params.update(parameters)
    app.switch_page(f"pages/{file}")
    return app.run()


@pytest.mark.parametrize("file", FILES)
def test_every_page_opens(fitted, file):
    app = open_page(file, run=fitted.id)
    assert not app.exception and len(app.title) == 1
