"""Evaluate, Your photos: brought, measured, looked at, deleted.

Run: python -m pytest tests/app/evaluate/test_photos_panel.py
"""

import numpy as np
import pytest

from fmnist_core.data import CLASS_NAMES
from fmnist_core.demo import limits
from fmnist_core.jobs.status import Status
from fmnist_core.jobs.status import write as write_status
from fmnist_core.metrics import comparison
from fmnist_core.metrics.comparison import Corrected
from fmnist_core.photo_sets import photo_sets, records, summary
from fmnist_core.photo_sets.intake import open_zip
from fmnist_core.photo_sets.variants import MODE_VARIANTS, STEP_VARIANTS
from fmnist_ui import cached
from fmnist_ui.evaluate import photos_figures
from tests.app.test_pages import open_page
from tests.core.photo_sets.drawn_photos import photo, zipped

FILES = {
    "trousers/1.png": photo(),
    "trousers/2.png": photo(seed=1),
    "bag/1.png": photo("bag"),
    "*hats*/1.png": photo("bag", 2),
    "bag/broken.png": photo()[:200],
}


@pytest.fixture(autouse=True)
def _fresh_lists():
    cached.forget_rows()
    yield
    cached.forget_rows()


def kept(run, ways=()) -> photo_sets.PhotoSet:
    with open_zip(zipped(FILES)) as source:
        found = photo_sets.load(photo_sets.keep(source, "mine.zip"))
    records.make(found, run, ways, lambda share: None, lambda share: None)
    return found


def said(app) -> str:
    return " ".join(one.value for one in [*app.markdown, *app.caption, *app.subheader, *app.info, *app.warning])


def test_without_photos_the_layout_is_shown_and_nothing_is_mixed(run):
    app = open_page("evaluate.py", run=run.id, view="photos")
    assert "ankle boots/" in app.code[0].value
    assert "never mixed with those of the official test set" in said(app)
    assert "Accuracy **" not in said(app)  # the official figures have no place here


def test_an_archive_becomes_a_set_that_the_address_names(run):
    app = open_page("evaluate.py", run=run.id, view="photos")
    app.file_uploader[0].upload("photos.zip", b"garbage", "application/zip").run()
    assert "no zip that can be opened" in app.error[0].value
    app.file_uploader[0].upload("*mine*.zip", zipped(FILES), "application/zip").run()
    (found,) = photo_sets.list_sets()
    assert app.query_params["photo_set"] == found.name and not app.error and not app.exception
    assert app.expander[0].label == "1 file was left out"
    assert [one.label for one in app.button if one.key == "photos-start-modes"] == ["Measure on 4 photos"]


def test_a_demos_limit_of_photos(run, monkeypatch):
    monkeypatch.setenv(limits.VARIABLE, "photos=2")
    app = open_page("evaluate.py", run=run.id, view="photos")
    app.file_uploader[0].upload("mine.zip", zipped(FILES), "application/zip").run()
    (found,) = photo_sets.list_sets()
    assert len(found.photos) == 2 and any("2 photos fit" in one.why for one in found.left_out)


def test_figures_are_the_librarys_and_unknown_folders_stand_apart(run):
    found = kept(run, MODE_VARIANTS)
    app = open_page("evaluate.py", run=run.id, view="photos", photo_set=found.name, mode="letterbox")
    answers = records.load_answers(found, run)["letterbox"]
    figures = summary.figures(found.folders, answers, CLASS_NAMES)
    assert figures.photos == 3
    assert f"**{100 * figures.right / 3:.1f} %**: {figures.right} of 3 in 2 folders" in said(app)
    assert [row["Folder"] for row in app.dataframe[0].value.to_dict("records")] == ["*hats*"]
    assert [one.key for one in app.button if one.key == "photos-start-steps"]


def test_the_address_chooses_a_folder_and_an_answer(run):
    found = kept(run, MODE_VARIANTS)
    app = open_page("evaluate.py", run=run.id, view="photos", photo_set=found.name, folder="0")
    assert "2 from trousers" in said(app)
    app = open_page("evaluate.py", run=run.id, view="photos", photo_set=found.name, folder="49", called="3")
    assert "mistake" in said(app) and not app.exception  # there is no such folder


def test_a_set_that_is_not_here_is_said_to_be(run):
    app = open_page("evaluate.py", run=run.id, view="photos", photo_set="photos_ffffffffffff")
    assert "These photos are not here" in said(app) and app.code and not app.exception


@pytest.mark.long
def test_which_step_helped(run):
    found = kept(run, [*MODE_VARIANTS, *STEP_VARIANTS])
    app = open_page("evaluate.py", run=run.id, view="photos", photo_set=found.name)
    table = app.dataframe[-1].value
    assert set(table["Step"]) == {way.title for way in STEP_VARIANTS}
    assert "too few to tell" in said(app)


def test_a_job_that_failed_says_why_and_one_at_work_how_far_it_is(run):
    found = kept(run)
    job = records.job(found, run)
    job.folder.mkdir()
    write_status(job.folder, Status("failed", "It *broke*.", epochs=4))
    app = open_page("evaluate.py", run=run.id, view="photos", photo_set=found.name)
    assert "It \\*broke\\*." in said(app)
    assert any(one.key == "photos-start-modes" for one in app.button)


def test_deleting_takes_all_of_it(run):
    found = kept(run, MODE_VARIANTS[:2])
    app = open_page("evaluate.py", run=run.id, view="photos", photo_set=found.name)
    app.button(key="photo-set-delete").click().run()
    assert not found.folder.exists() and app.code and not app.exception


def test_a_step_helps_where_chance_makes_no_such_difference_of_so_many():
    """Eight disagreements all one way: p is 0.008 by itself, and 0.17 as one of 22."""

    def effect(fixed: int, broken: int, steps: int) -> Corrected:
        without = np.arange(40) < 20
        with_it = without.copy()
        with_it[20 : 20 + fixed], with_it[:broken] = True, False
        return Corrected(comparison.compare("without it", without, "with it", with_it), steps)

    few = {"Trim": effect(8, 0, 3), "Pair": effect(1, 0, 3), "Sharpen": effect(0, 8, 3)}
    assert photos_figures.steps_in_words(few) == (
        "Of 3 steps these help: Trim. These hurt: Sharpen. Of the other 1 these photos are too few to tell. "
        "Intervals and p allow for 3 comparisons at once (Bonferroni)."
    )
    many = {str(step): effect(8, 0, 22) for step in range(22)}
    assert photos_figures.steps_in_words(many).startswith("No step is shown to help. Of the other 22")
    assert many["0"].p_value == pytest.approx(22 * 2 * 0.5**8) and many["0"].interval[0] < few["Trim"].interval[0]
