"""Data's suspects: what is listed, what a click and a key decide, and what is said where there is no audit.

Run: python -m pytest tests/app/data/test_audit_panel.py
"""

import dataclasses
import json
import re

import numpy as np
import pytest

from fmnist_core import data
from fmnist_core.analysis import label_issues, label_set_files
from fmnist_core.analysis.confident_learning import Pairs
from fmnist_core.analysis.label_set import Decision
from fmnist_core.jobs import lifecycle, queue
from fmnist_core.label_audit import audit_decisions, audit_jobs, audit_records
from fmnist_core.label_audit.audit_records import Audit
from fmnist_core.label_audit.audit_spec import AuditSpec
from fmnist_core.storage.folders import RunError
from fmnist_ui.audit import audit_panel
from tests.app.test_pages import open_page

LABELS = {split: data.load_split(split).labels for split in data.SPLITS}


def made_up() -> Audit:
    """Networks that are sure of every label but those of the first ten pictures, each the class after its own."""
    splits = {}
    for split, size in data.SIZES.items():
        labels = LABELS[split].astype(int)
        said = labels.copy()
        said[:10] = (labels[:10] + 1) % 10
        sure = np.full(size, 0.8)
        sure[:10] = np.linspace(0.9, 0.81, 10)
        values = np.repeat(((1 - sure) / 9)[:, None], 10, axis=1)
        values[np.arange(size), said] = sure
        splits[split] = audit_records.rank(values.astype(np.float16), LABELS[split])
    return Audit(AuditSpec(), 1.0, splits, Pairs(np.array([0]), np.array([60_000]), np.array([0.04])), np.array([3]))


@pytest.fixture
def audited(tmp_path, monkeypatch):
    path = tmp_path / "assets" / "audit.npz"
    monkeypatch.setattr(audit_records, "shipped_file", lambda: path)
    audit_records.save(path, audit_records.cut(made_up()))
    audit_panel._load.clear()
    return path


def text(app) -> str:
    return " ".join(element.value for kind in (app.markdown, app.caption, app.info, app.error) for element in kind)


def test_where_there_is_none_a_button_starts_the_job(tmp_path, monkeypatch):
    monkeypatch.setattr(audit_records, "shipped_file", lambda: tmp_path / "nothing.npz")
    started = []
    monkeypatch.setattr(queue, "_spawn", lambda job, queued: started.append(job))
    audit_panel._load.clear()
    app = open_page("data.py", what="suspects")
    assert not app.exception and "the label is a suspect" in text(app)
    assert "About **" in text(app) and "It waits for 1 other first" not in text(app)
    app.button(key="audit-start").click().run()
    assert not app.exception and started == [audit_jobs.job(AuditSpec())]
    found = lifecycle.read_status(audit_jobs.job(AuditSpec()))
    assert found.state == "queued" and found.expected > 60
    app.button(key="audit-stop").click().run()
    assert lifecycle.read_status(audit_jobs.job(AuditSpec())).state == "cancelled"  # it had not begun


def test_deciding_moves_on_and_counts_in_the_score(audited):
    app = open_page("data.py", what="suspects", split="test")
    assert not app.exception
    assert "**10 of 10,000 test pictures** are confidently something else" in text(app)
    assert "1 of 10" in text(app) and "Decide about test pictures" in text(app)
    assert "test picture 0, rank 1 of 10,000" in text(app) and "Near-duplicates" in text(app)
    assert app.selectbox(key="to-test/0").value == (LABELS["test"][0] + 1) % 10
    app.button(key="decide-relabel").click().run()
    assert not app.exception and app.query_params["picture"] in ("test/1", ["test/1"])
    app.button(key="decide-keep").click().run()
    app.button(key="decide-ambiguous").click().run()
    other = int(LABELS["test"][0] + 1) % 10
    expected = {"test/0": Decision("relabel", other), "test/1": Decision("keep"), "test/2": Decision("ambiguous")}
    assert audit_decisions.load() == expected
    said = text(app)
    assert "If you are right, " in said and "1 relabelled and 1 left out" in said and "95 % interval" in said
    assert "nearly in the training set (1), " in said
    app.button(key="previous").click().run()
    app.button(key="decide-none").click().run()
    assert set(audit_decisions.load()) == {"test/0", "test/1"} and not app.exception


def test_lists_are_filtered_and_ordered(audited):
    found = audit_records.load()
    everything = audit_panel.listed(found, {}, "train", "label", "margin", "all")
    assert everything == list(range(10))
    mine = audit_panel.listed(found, {}, "train", "label", "margin", int(LABELS["train"][1]))
    assert mine == [one for one in range(10) if LABELS["train"][one] == LABELS["train"][1]]
    assert audit_panel.listed(found, {}, "train", "known", "position", "all") == sorted(label_issues.KNOWN)
    assert audit_panel.listed(found, {}, "test", "known", "margin", "all") == []
    assert audit_panel.listed(found, {}, "train", "duplicate", "margin", "all") == [0]
    assert audit_panel.listed(found, {}, "test", "duplicate", "margin", "all") == [0]
    assert audit_panel.listed(found, {}, "train", "faint", "confidence", "all") == [3]
    decided = {"train/9": Decision("keep"), "test/4": Decision("keep")}
    assert audit_panel.listed(found, decided, "train", "decided", "margin", "all") == [9]
    shown = audit_panel.tile(found, decided, "train", 9)
    assert (shown.detail, shown.tone) == ("kept", "accent")
    assert audit_panel.tile(found, {}, "train", 0).detail.startswith("90 % ")


@pytest.mark.parametrize(
    ("kind", "first", "count"),
    [("conflict", 0, 1), ("faint", 3, 1), ("known", None, len(label_issues.KNOWN)), ("decided", 9, 1)],
)
def test_every_kind_is_drawn(audited, kind, first, count):
    other = 60_000 + int((LABELS["test"] != LABELS["train"][0]).argmax())  # so that the pair contradicts each other
    found = dataclasses.replace(made_up(), pairs=Pairs(np.array([0]), np.array([other]), np.array([0.04])))
    audit_records.save(audited, audit_records.cut(found))
    audit_panel._load.clear()
    audit_decisions.decide("train/9", Decision("keep"))
    app = open_page("data.py", what="suspects", split="train", kind=kind)
    assert not app.exception
    said = text(app)
    assert f"1 of {count}" in said
    if first is None:
        first = int(re.search(r"train picture ([\d,]+)", said)[1].replace(",", ""))
        assert first in label_issues.KNOWN
    assert f"train picture {first:,}" in said
    galleries = [one for one in app.get("bidi_component") if one.proto.component_name == "fmnist_gallery"]
    assert count in [len(json.loads(one.proto.json)["tiles"]) for one in galleries]


def test_decisions_are_stored_and_exported():
    audit_decisions.decide("train/0", Decision("relabel", 3))
    audit_decisions.decide("test/5", Decision("ambiguous"))
    lines = label_set_files.to_csv(audit_decisions.load()).splitlines()
    assert lines == [
        "picture,position,label,decision,should be",
        "train/0,0,Ankle boot,relabel,Dress",
        "test/5,5,Trouser,ambiguous,",
    ]
    audit_decisions.decide("train/0", None)
    assert set(audit_decisions.load()) == {"test/5"}
    for picture, decision in (
        ("train/60000", Decision("keep")),
        ("train/007", Decision("keep")),
        ("train/0", Decision("relabel", 9)),
        ("train/0", Decision("relabel", 10)),
        ("train/0", Decision("keep", 3)),
        ("train/0", Decision("other")),
    ):
        with pytest.raises(ValueError):
            audit_decisions.decide(picture, decision)


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"version": 2, "decisions": {}}',
        '{"version": 1, "decisions": {"../x": ["keep", null]}}',
        '{"version": 1, "decisions": {"train/0": ["relabel", true]}}',
        '{"version": 1, "decisions": {"train/0": ["relabel", "<script>"]}}',
        "[" * 100_000,
    ],
)
def test_a_damaged_file_is_refused_and_left_alone(content):
    path = audit_decisions.decisions_file()
    path.parent.mkdir(parents=True)
    path.write_text(content)
    with pytest.raises(RunError, match=r"Mend or move away audit-decisions.json"):
        audit_decisions.load()
    with pytest.raises(RunError):
        audit_decisions.decide("train/0", Decision("keep"))
    assert path.read_text() == content


def test_a_file_that_is_far_too_large_is_refused():
    path = audit_decisions.decisions_file()
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"version": 1, "decisions": {}}) + " " * audit_decisions.MOST_BYTES)
    with pytest.raises(RunError):
        audit_decisions.load()
