"""Sets of photos that are kept, and their answers. Run: python -m pytest tests/core/photo_sets/test_kept_sets.py"""

import numpy as np
import pytest
from PIL import Image

from fmnist_core.data import CLASS_NAMES
from fmnist_core.demo import disk, limits
from fmnist_core.inference import photo_calibrations
from fmnist_core.inference.classifier import open_classifier
from fmnist_core.jobs import kinds, lifecycle, worker
from fmnist_core.photo_sets import measuring, photo_sets, records, summary, variants
from fmnist_core.photo_sets.intake import open_zip
from fmnist_core.photo_sets.variants import MODE_VARIANTS, VARIANTS
from fmnist_core.storage import owners
from fmnist_core.storage.folders import RunError
from tests.core.photo_sets.drawn_photos import photo, zipped

FILES = {
    "trousers/1.png": photo(),
    "trousers/2.png": photo(seed=1),
    "bag/1.png": photo("bag"),
    "hats/1.png": photo("bag", 2),
    "bag/broken.png": photo()[:200],
}
ANNA, BERT = owners.visitor_of("anna"), owners.visitor_of("bert")


def kept(files=FILES, title="mine.zip") -> photo_sets.PhotoSet:
    with open_zip(zipped(files)) as source:
        return photo_sets.load(photo_sets.keep(source, title))


def test_a_set_is_kept_small_and_says_what_was_left_out():
    found = kept()
    assert [(one.folder, one.name) for one in found.photos] == [
        ("bag", "1.png"),
        ("hats", "1.png"),
        ("trousers", "1.png"),
        ("trousers", "2.png"),
    ]
    assert [one.file for one in found.left_out] == ["bag/broken.png"] and found.title == "mine.zip"
    assert [one.name for one in photo_sets.list_sets()] == [found.name]
    assert kept().name == found.name  # the same photos are one set
    assert len(photo_sets.list_sets()) == 1 and not list(photo_sets.SHELF.home.glob(".making-*"))


def test_nothing_but_pixels_is_kept():
    exif = Image.Exif()
    exif[0x010F], exif[0x8825] = "A camera", {1: "N", 2: (52.0, 30.0, 0.0)}
    content = photo(kind="JPEG", exif=exif)
    assert b"A camera" in content
    found = kept({"trouser/1.jpg": content})
    (file,) = found.folder.glob("*.webp")
    assert b"A camera" not in file.read_bytes() and b"EXIF" not in file.read_bytes()
    with Image.open(file) as image:
        assert not image.getexif() and max(image.size) <= 256


def test_what_is_kept_of_a_small_photo_is_every_pixel_of_it():
    found = kept({"trouser/1.png": photo(seed=5)})
    with open_zip(zipped({"trouser/1.png": photo(seed=5)})) as source:
        ((_, decoded),) = source.decoded()
    assert np.array_equal(np.asarray(photo_sets.image(found, 0)), np.asarray(decoded.image))


def test_a_visitors_set_is_theirs_alone(monkeypatch):
    with owners.acting(ANNA):
        mine = kept()
    with owners.acting(BERT):
        assert photo_sets.list_sets() == []
        with pytest.raises(RunError, match="not here"):
            photo_sets.load(mine.name)
        with pytest.raises(RunError, match="another visitor"):
            photo_sets.delete(mine.name)
        assert kept().name != mine.name  # whose name follows from its owner, too
    with owners.acting(ANNA):
        photo_sets.delete(mine.name)
        assert photo_sets.list_sets() == [] and not mine.folder.exists()
        photo_sets.delete(mine.name)  # twice is once


def test_the_machines_photos_are_the_machines_alone(monkeypatch):
    monkeypatch.setattr(photo_sets, "MOST_SETS", 1)
    machines = kept()
    with owners.acting(ANNA):
        assert photo_sets.list_sets() == []
        with pytest.raises(RunError, match="not here"):
            photo_sets.load(machines.name)
        kept()
    assert len(photo_sets.list_sets()) == 2
    with pytest.raises(RunError, match="You keep 1 sets"):
        kept({"bag/1.png": photo("bag")})


def test_as_many_sets_as_fit(monkeypatch):
    monkeypatch.setattr(photo_sets, "MOST_SETS", 1)
    with owners.acting(ANNA):
        kept()
        with pytest.raises(RunError, match="You keep 1 sets of photos; 1 fit. Delete one first"):
            kept({"bag/1.png": photo("bag")})
    with owners.acting(BERT):
        kept()


def test_photos_of_which_none_can_be_read_leave_nothing():
    with pytest.raises(RunError, match=r"None of the 1 photos can be read.*bag/1\.png"):
        kept({"bag/1.png": photo()[:200]})
    assert list(photo_sets.SHELF.home.iterdir()) == []


@pytest.mark.parametrize("name", ["photos_ffffffffffff", "../../etc", "photos_x", ""])
def test_a_name_that_is_none(name):
    with pytest.raises(RunError, match="not here"):
        photo_sets.load(name)
    photo_sets.delete(name)


def test_a_damaged_set_is_said_to_be_and_is_not_listed():
    found = kept()
    (found.folder / photo_sets.SHELF.file).write_text("{")
    with pytest.raises(RunError, match="damaged"):
        photo_sets.load(found.name)
    assert photo_sets.list_sets() == []


def test_a_demo_counts_it_and_lets_it_go(monkeypatch):
    with owners.acting(ANNA):
        mine = kept()
    machines = kept({"bag/1.png": photo("bag")})
    found = {thing.folder: thing for thing in disk.things()}
    assert found[mine.folder].owner == ANNA.id and found[mine.folder].size > 500
    assert not found[machines.folder].goes
    assert disk.tidy(days=0, megabytes=100) == [mine.folder] and machines.folder.exists()
    assert limits.Limits().photos == 400


# What a run says of it


def direct(run, ways):
    """The same photos as the command line measures them."""
    classifier = open_classifier(run)
    calibration = photo_calibrations.calibration(run, classifier)
    with open_zip(zipped(FILES)) as source:
        return measuring.measure(source, ways, classifier, CLASS_NAMES, calibration)


def test_a_kept_set_gets_the_answers_of_the_command_line(run):
    found, ways = kept(), [VARIANTS[name] for name in ("letterbox", "best", "without-trim", "without-find")]
    assert records.load_answers(found, run) == {}
    records.make(found, run, ways, lambda share: None, lambda share: None)
    answers, expected = records.load_answers(found, run), direct(run, ways)
    assert expected.folders == found.folders and set(answers) == {way.name for way in ways}
    for way in ways:
        one, other = answers[way.name], expected.answers[way.name]
        assert np.array_equal(one.called, other.called) and np.array_equal(one.known, other.known)
        assert np.allclose(one.probabilities, other.probabilities, atol=1e-6)
    figures = summary.figures(found.folders, answers["best"], CLASS_NAMES)
    assert [(one.name, one.photos) for one in figures.known] == [("trousers", 2), ("bag", 1)]
    assert [one.name for one in figures.unknown] == ["hats"]


def test_what_was_made_is_not_made_again_until_the_code_is_another(run, monkeypatch):
    found, ways, times = kept(), [VARIANTS["letterbox"]], []
    prepare = variants.prepare
    monkeypatch.setattr(variants, "prepare", lambda *given: times.append(1) or prepare(*given))
    for _ in range(2):
        records.make(found, run, ways, lambda share: None, lambda share: None)
    assert len(times) == len(found.photos)
    monkeypatch.setattr(records, "code_mark", lambda: "00000000")
    assert records.load_answers(found, run) == {}
    records.make(found, run, ways, lambda share: None, lambda share: None)
    assert len(times) == 2 * len(found.photos)


def test_damaged_answers_are_not_there(run):
    found, ways = kept(), [VARIANTS["letterbox"]]
    records.make(found, run, ways, lambda share: None, lambda share: None)
    records.answers_file(found, run, "letterbox").write_bytes(b"damaged")
    assert records.load_answers(found, run) == {}


def test_the_job_measures_tells_how_far_it_is_and_is_found(run):
    found = kept()
    job = records.job(found, run)
    spec = {"set": found.name, "run": run.id, "variants": ["source", "letterbox"]}
    assert lifecycle.enqueue(job, epochs=len(found.photos), spec=spec)
    assert job in lifecycle.every_job()
    with pytest.raises(RunError, match="being measured"):
        photo_sets.delete(found.name)
    told = []
    status = worker.work(job, told.append)
    assert (status.state, status.message, status.epoch) == ("done", "", 4)
    assert set(records.load_answers(found, run)) == {"source", "letterbox"}
    assert {one.phase for one in told} == {"making pictures of the photos", "asking the network"}
    photo_sets.delete(found.name)
    assert list(kinds.PHOTOS.folders()) == []


def test_a_job_that_is_stopped_keeps_what_is_finished(run):
    found = kept()
    job = records.job(found, run)
    spec = {"set": found.name, "run": run.id, "variants": [way.name for way in MODE_VARIANTS[:2]]}
    lifecycle.enqueue(job, epochs=len(found.photos), spec=spec)
    status = worker.work(job, lambda event: (job.folder / lifecycle.CANCEL).touch())
    assert status.state == "cancelled" and "finished is kept" in status.message


def test_the_steps_are_those_of_the_settings():
    assert {way.step for way in variants.STEP_VARIANTS} >= {"find", "refine", "trim", "pair", "sharpen", "negate"}
    assert "skip" not in {way.step for way in variants.STEP_VARIANTS}  # the way does not take it
