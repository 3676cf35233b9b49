"""The walls between pages, shared interface and library; and what the web process never imports.

Run: python -m pytest tests/core/test_walls.py
"""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fmnist_core.storage import folders

ROOT = folders.PROJECT
HEAVY = {"tensorflow", "keras", "umap", "numba", "openTSNE", "sklearn", "cv2"}
CORE = sorted((ROOT / "fmnist_core").rglob("*.py"))
WEB = [ROOT / "app.py", *sorted((ROOT / "pages").glob("*.py")), *sorted((ROOT / "fmnist_ui").rglob("*.py"))]
# Only jobs import these, and the build functions of the zoo.
OF_JOBS = {f"fmnist_core.training.{path.stem}" for path in (ROOT / "fmnist_core" / "training").glob("*.py")}
OF_JOBS -= {"fmnist_core.training.__init__", "fmnist_core.training.augmentation"}
OF_JOBS |= {"fmnist_core.zoo.layers", "fmnist_core.__main__"}


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports_of(path: Path) -> Iterator[str]:
    """Every module that a file names in an import, inside functions too; "from a import b" may name a.b."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def roots_after(code: str) -> set[str]:
    """The top-level packages that a fresh process has imported after running the code."""
    ending = "\nimport json, sys; print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    command = [sys.executable, "-W", "ignore", "-c", code + ending]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return set(json.loads(answer.stdout.splitlines()[-1]))


@pytest.mark.parametrize("path", CORE, ids=module_name)
def test_library_knows_nothing_of_the_interface(path):
    above = {name for name in imports_of(path) if name.split(".")[0] in ("streamlit", "fmnist_ui", "pages", "app")}
    assert not above


@pytest.mark.parametrize("path", WEB, ids=module_name)
def test_arrows_go_one_way(path):
    named = {name.split(".")[0] for name in imports_of(path)}
    assert "app" not in named and "pages" not in named
    assert not named & HEAVY


def test_library_without_its_jobs_imports_nothing_heavy():
    names = [module_name(path) for path in CORE]
    light = [name for name in names if name not in OF_JOBS]
    assert len(light) > 20 and OF_JOBS <= set(names)
    imported = roots_after("".join(f"import {name}\n" for name in light))
    assert "fmnist_core" in imported
    assert not imported & (HEAVY | {"streamlit", "plotly"})  # a chart imports it when it is drawn


def test_interface_and_what_pages_import_is_light():
    named = {name for path in WEB for name in imports_of(path) if name.split(".")[0].startswith("fmnist_")}
    known = {module_name(path) for path in (*CORE, *WEB)}
    modules = {name if name in known else name.rpartition(".")[0] for name in named}
    modules |= {module_name(path) for path in WEB if path.parent.name == "fmnist_ui"}
    assert not modules & OF_JOBS
    assert {"fmnist_core.runs.catalogue", "fmnist_ui.frame"} <= modules <= known
    inside = "".join(f"import {name}\n" for name in sorted(modules))  # components only load inside an app
    app = f"from streamlit.testing.v1 import AppTest\napp = AppTest.from_string({inside!r}, default_timeout=120).run()"
    imported = roots_after(f"{app}\nassert not app.exception, app.exception")
    assert {"streamlit", "fmnist_ui"} <= imported
    assert not imported & HEAVY


VISIT = """
from streamlit.testing.v1 import AppTest
from fmnist_core.storage import folders
from fmnist_core import runs
from fmnist_ui.frame import PAGES

app = AppTest.from_file("app.py", default_timeout=120).run()
for page in PAGES:
    app.switch_page(f"pages/{page.file}")
    app.query_params["run"] = runs.list_runs()[0].id
    app.run()
    assert not app.exception, (page.file, app.exception)
"""


def test_visit_of_every_page_stays_light(run):
    assert not roots_after(VISIT) & HEAVY


USE = """
import numpy as np
from fmnist_core import catalogue, curves, data, evaluation, exchange, feature_map, jobs, lesson, predictions, runs
from fmnist_core import map_jobs, map_vectors, maps
from fmnist_core.classifier import open_classifier
from fmnist_core.embedding import fit_pca
from fmnist_core.embedding.landing import land
from fmnist_core.embedding.neighbours import nearest_to
from fmnist_core.estimate import estimate
from fmnist_core.map_spec import MapSpec, Pictures
from fmnist_core.recipe import Augmentation
from fmnist_core.training import augmentation
from fmnist_core.zoo import MODELS, summaries, vgg19

rows = catalogue.list_rows()
run = next(row.run for row in rows if not row.run.shipped)
recipe = lesson.lesson(MODELS["cnn_2"].recipe, rows)
estimate(recipe, rows)
made = runs.create(recipe)
jobs.queue_position(made)
jobs.cancel(made)
curves.read_curves(runs.read_metrics(run))
stored = predictions.load(run, "test")
evaluation.class_report(evaluation.confusion_matrix(stored.labels, stored.predicted, 10))
open_classifier(run).logits(stored.images[:3])
feature_map.load(run)
fit_pca(stored.images[:100].reshape(100, -1), 3)
spec = MapSpec("umap", run=run.id, pictures=Pictures(positions=tuple(range(50))))
map_jobs.submit(spec)
map_jobs.cancel(maps.place(spec))
maps.read_status(maps.place(spec))
space, vectors = map_vectors.read_vectors(spec, np.arange(50))
land(nearest_to(vectors[:1], vectors, 5).distances[:, :2], vectors[:, :2], vectors[:, :2])
draws = augmentation.draw(Augmentation(rotation=9), 3, np.random.default_rng())
augmentation.apply(stored.images[:3], draws, Augmentation(rotation=9))
exchange.export_run(run, runs.runs_folder())
summaries.load_summaries()
vgg19.vgg19_weights_path()
"""


def test_what_the_web_process_does_stays_light(run):
    imported = roots_after(USE)
    assert "onnxruntime" in imported
    assert not imported & (HEAVY | {"streamlit"})
