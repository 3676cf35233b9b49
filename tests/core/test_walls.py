"""What the web process never imports. Which package may import which is a contract: `lint-imports`, in `make check`.

Run: python -m pytest tests/core/test_walls.py
"""

import json
import subprocess
import sys

import pytest

from fmnist_core.storage import folders

ROOT = folders.PROJECT
HEAVY = {"tensorflow", "keras", "umap", "numba", "openTSNE", "sklearn", "cv2", "dask", "distributed"}
# Only jobs import these, and the build functions of the zoo; everything else is there for pages and notebooks.
OF_JOBS = {f"fmnist_core.training.{path.stem}" for path in (ROOT / "fmnist_core" / "training").glob("*.py")}
OF_JOBS -= {f"fmnist_core.training.{name}" for name in ("__init__", "augmentation", "training_jobs")}
OF_JOBS |= {
    "fmnist_core.zoo.layers",
    "fmnist_core.exports.quantizing",
    "fmnist_core.release.reproduce",
    "fmnist_core.release.shipping",
    "fmnist_core.__main__",
}


def modules_of(package: str) -> set[str]:
    paths = (ROOT / package).rglob("*.py")
    return {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in paths}


def roots_after(code: str) -> set[str]:
    """The top-level packages that a fresh process has imported after running the code."""
    ending = "\nimport json, sys; print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    command = [sys.executable, "-W", "ignore", "-c", code + ending]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return set(json.loads(answer.stdout.splitlines()[-1]))


def test_library_without_its_jobs_imports_nothing_heavy():
    assert OF_JOBS <= modules_of("fmnist_core")
    light = sorted(modules_of("fmnist_core") - OF_JOBS)
    imported = roots_after("".join(f"import {name}\n" for name in light))
    assert "fmnist_core" in imported
    assert not imported & (HEAVY | {"streamlit", "plotly"})  # a chart imports it when it is drawn


@pytest.mark.long
def test_interface_is_light():
    inside = "".join(f"import {name}\n" for name in sorted(modules_of("fmnist_ui")))  # components load inside an app
    app = f"from streamlit.testing.v1 import AppTest\napp = AppTest.from_string({inside!r}, default_timeout=120).run()"
    imported = roots_after(f"{app}\nassert not app.exception, app.exception")
    assert {"streamlit", "fmnist_ui"} <= imported
    assert not imported & HEAVY


VISIT = """
from streamlit.testing.v1 import AppTest
from fmnist_core.storage import folders
from fmnist_core.runs import runs
from fmnist_ui.frame import PAGES

app = AppTest.from_file("app.py", default_timeout=120).run()
for page in PAGES:
    app.switch_page(f"pages/{page.file}")
    app.query_params["run"] = runs.list_runs()[0].id
    app.run()
    assert not app.exception, (page.file, app.exception)
"""


@pytest.mark.long
def test_visit_of_every_page_stays_light(run):
    assert not roots_after(VISIT) & HEAVY


USE = """
import numpy as np
from fmnist_core.runs import catalogue, curves, exchange, feature_map, predictions, runs
from fmnist_core.maps import map_jobs, map_vectors, maps
from fmnist_core.metrics import evaluation
from fmnist_core.inference.classifier import open_classifier
from fmnist_core.jobs import lifecycle, queue
from fmnist_core.storage.folders import runs_folder
from fmnist_core.embedding import fit_pca
from fmnist_core.embedding.landing import land
from fmnist_core.embedding.neighbours import nearest_to
from fmnist_core.speed.estimate import estimate, quick_recipe
from fmnist_core.sweeps import plan, records, summary, sweep_jobs
from fmnist_core.maps.map_spec import MapSpec, PictureChoice
from fmnist_core.recipe import Augmentation
from fmnist_core.training import augmentation, training_jobs
from fmnist_core.zoo import MODELS, summaries, vgg19

rows = catalogue.list_rows()
run = next(row.run for row in rows if not row.run.shipped)
recipe = quick_recipe(MODELS["cnn_2"].recipe)
estimate(recipe, rows)
made = runs.create(recipe)
queue.position(training_jobs.job(made))
lifecycle.cancel(training_jobs.job(made))
sweep = sweep_jobs.submit(plan.make([recipe], {"batch": ("64", "128")}, (0, 1)))
records.read_standings(records.list_sweeps()[0])
summary.learned(summary.summarise(sweep))
sweep_jobs.cancel(sweep)
curves.read_curves(runs.read_metrics(run))
stored = predictions.load(run, "test")
evaluation.class_report(evaluation.confusion_matrix(stored.labels, stored.predicted, 10))
open_classifier(run).logits(stored.images_at(slice(3)))
feature_map.load(run)
fit_pca(stored.images_at(slice(100)).reshape(100, -1), 3)
spec = MapSpec("umap", run=run.id, pictures=PictureChoice(positions=tuple(range(50))))
map_jobs.submit(spec)
lifecycle.cancel(map_jobs.job(maps.files_of(spec)))
maps.read_status(maps.files_of(spec))
space, vectors = map_vectors.read_vectors(spec, np.arange(50))
land(nearest_to(vectors[:1], vectors, 5).distances[:, :2], vectors[:, :2], vectors[:, :2])
draws = augmentation.draw(Augmentation(rotation=9), 3, np.random.default_rng())
augmentation.apply(stored.images_at(slice(3)), draws, Augmentation(rotation=9))
exchange.export_run(run, runs_folder())
summaries.load_summaries()
vgg19.vgg19_weights_path()
"""


@pytest.mark.long
def test_what_the_web_process_does_stays_light(run):
    imported = roots_after(USE)
    assert "onnxruntime" in imported
    assert not imported & (HEAVY | {"streamlit"})
