"""Label sets that are kept side by side: whose they are, what is refused, and that nothing of one's own is replaced.

Run: python -m pytest tests/core/label_audit/test_label_sets.py
"""

import os

import pytest

from fmnist_core.analysis.label_set import Decision, LabelSet
from fmnist_core.demo import disk
from fmnist_core.label_audit import audit_decisions, label_sets
from fmnist_core.storage import folders, owners
from fmnist_core.storage.folders import RunError

ADA, BOB = owners.visitor_of("ada"), owners.visitor_of("bob")
ONE = {"train/0": Decision("relabel", 7), "test/1": Decision("ambiguous")}
OTHER = {"train/0": Decision("keep")}


def names() -> list[tuple[str, bool]]:
    return [(one.labels.name, one.own) for one in label_sets.list_sets()]


def test_a_set_stands_beside_ones_own_decisions():
    audit_decisions.decide("train/5", Decision("keep"))
    new = label_sets.keep(LabelSet("Bob", ONE))
    assert label_sets.load(new) == LabelSet("Bob", ONE) and label_sets.keep(LabelSet("Bob", ONE)) == new
    assert dict(label_sets.load("mine").decisions) == {"train/5": Decision("keep")} == audit_decisions.load()
    assert names() == [("My decisions", True), ("Bob", True)]
    label_sets.keep(LabelSet("anna", OTHER))
    assert names() == [("My decisions", True), ("anna", True), ("Bob", True)]
    label_sets.SHELF.delete(new)
    assert names() == [("My decisions", True), ("anna", True)]
    with pytest.raises(RunError, match="is not here"):
        label_sets.load(new)


def test_decisions_are_replaced_only_where_that_is_asked_for():
    audit_decisions.decide("train/5", Decision("keep"))
    audit_decisions.replace_all(ONE)
    assert audit_decisions.load() == ONE
    with pytest.raises(ValueError):
        audit_decisions.replace_all({"train/0": Decision("relabel", 9)})  # its label
    assert audit_decisions.load() == ONE
    audit_decisions.replace_all({})
    assert names() == []


@pytest.mark.parametrize("name", ["", "<b>", "My decisions", "a" * 61])
def test_a_name_that_is_none_is_refused(name):
    with pytest.raises((ValueError, RunError)):
        label_sets.keep(LabelSet(name, ONE))
    assert names() == []


def test_what_is_too_much_or_says_something_else_is_refused(monkeypatch):
    monkeypatch.setattr(label_sets, "MOST_KEPT", 2)
    label_sets.keep(LabelSet("Bob", ONE))
    with pytest.raises(RunError, match="a label set BOB with other decisions"):
        label_sets.keep(LabelSet("BOB", OTHER))
    with pytest.raises(ValueError, match="Nothing is decided yet"):
        label_sets.keep(LabelSet("Empty", {}))
    label_sets.keep(LabelSet("Cem", ONE))
    with pytest.raises(RunError, match="You keep 2 label sets; 2 fit"):
        label_sets.keep(LabelSet("Dora", ONE))
    assert label_sets.keep(LabelSet("Cem", ONE))  # the very same is here already


@pytest.mark.parametrize("name", ["set_000000000000", "../x", "set_0", "", "mine/../x"])
def test_what_is_not_here_is_said(name):
    for ask in (label_sets.load, label_sets.SHELF.delete, label_sets.owner_of):
        with pytest.raises(RunError, match="is not here"):
            ask(name)


def test_a_damaged_set_is_said_and_not_listed():
    new = label_sets.keep(LabelSet("Bob", ONE))
    path = folders.results_folder() / "label-sets" / new / label_sets.SHELF.file
    path.write_text("{")
    with pytest.raises(RunError, match=f"The label set {new} is damaged"):
        label_sets.load(new)
    assert names() == []


def test_the_machine_counts_its_own_sets_alone(monkeypatch):
    monkeypatch.setattr(label_sets, "MOST_KEPT", 1)
    with owners.acting(ADA):
        label_sets.keep(LabelSet("Ada", ONE))
    label_sets.keep(LabelSet("Ada", OTHER))
    with pytest.raises(RunError, match="You keep 1 label sets"):
        label_sets.keep(LabelSet("Bob", ONE))


def test_damaged_decisions_hide_no_kept_set():
    label_sets.keep(LabelSet("Bob", ONE))
    audit_decisions.decide("train/5", Decision("keep"))
    (folders.results_folder() / "audit-decisions.json").write_text("{")
    with pytest.raises(RunError, match="cannot be read"):
        label_sets.list_sets()
    assert [one.labels.name for one in label_sets.list_kept()] == ["Bob"]


def test_a_damaged_set_can_be_deleted():
    new = label_sets.keep(LabelSet("Bob", ONE))
    label_sets.SHELF.file_of(new).write_text("{")
    label_sets.SHELF.delete(new)
    assert label_sets.SHELF.folders() == []


def test_sets_of_a_demo_are_their_visitors_alone_until_shared(monkeypatch):
    monkeypatch.setenv("FMNIST_DEMO", "1")
    with owners.acting(ADA):
        new = label_sets.keep(LabelSet("Ada", ONE))
    with owners.acting(BOB):
        his = label_sets.keep(LabelSet("Ada", ONE))
        assert his != new and names() == [("Ada", True)]
        with pytest.raises(RunError, match="is not here"):
            label_sets.load(new)
    with owners.acting(ADA):
        label_sets.share(new, True)
        assert label_sets.owner_of(new).shared
    with owners.acting(BOB):
        assert [one.title for one in label_sets.list_sets()] == ["Ada", "Ada (another visitor's)"]
        for change in (label_sets.SHELF.delete, lambda name: label_sets.share(name, False)):
            with pytest.raises(RunError, match="belongs to another visitor"):
                change(new)
    assert names() == [("Ada", True), ("Ada", True)]  # the machine's owner sees and may delete all


def test_old_sets_of_visitors_go_and_the_machines_stay():
    with owners.acting(ADA):
        old, young = label_sets.keep(LabelSet("Old", ONE)), label_sets.keep(LabelSet("Young", ONE))
    machines = label_sets.keep(LabelSet("Mine", ONE))
    folder = folders.results_folder() / "label-sets"
    for name in (old, machines):
        for path in (folder / name).iterdir():
            os.utime(path, (0, 0))
    assert disk.used().of[ADA.id] > 100
    assert disk.tidy(7, 1_000) == [folder / old]
    assert {one.name for one in folder.iterdir()} == {young, machines}
