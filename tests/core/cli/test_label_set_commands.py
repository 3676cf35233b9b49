"""Label sets on the command line, and one training by such a set: it learns what the set says.

Run: python -m pytest tests/core/cli/test_label_set_commands.py
"""

import json

import numpy as np
import pytest

from fmnist_core import data
from fmnist_core.analysis.label_set import Decision
from fmnist_core.cli import command_line
from fmnist_core.label_audit import audit_decisions, label_sets
from fmnist_core.runs import exchange, predictions, runs
from fmnist_core.splits import split_indices
from tests.tiny import shipped_run, tiny_recipe

HEAD = "picture,decision,should be\n"
BAG = 8


def said(capsys, *words: str) -> dict:
    assert command_line.main([*words, "--json"]) == 0, capsys.readouterr().err
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def refused(capsys, *words: str) -> str:
    assert command_line.main(list(words)) == 1
    return capsys.readouterr().err


def test_a_training_learns_what_the_set_says_and_is_counted_by_official_labels(tmp_path, capsys):
    """Every picture that it trains on is a bag, somebody says: then all garments become bags to it."""
    ambiguous = tuple(range(20))
    positions = split_indices(tiny_recipe(excluded=ambiguous)).train
    official = data.load_split("train").labels
    lines = [f"train/{one},{'keep,' if official[one] == BAG else 'relabel,Bag'}\n" for one in positions]
    lines += [f"train/{one},ambiguous,\n" for one in ambiguous]
    (tmp_path / "bags.csv").write_text(HEAD + "".join(lines))
    told = "train simple_nn --epochs 3 --images 600 --batch 64 --validation 500,kind=last --precision float32"
    told += " --optimizer adam --learning-rate 0.01"
    answer = said(capsys, *told.split(), "--labels", str(tmp_path / "bags.csv"))
    run = runs.find(answer["run"])
    recipe = runs.read_config(run).recipe
    assert recipe.excluded == ambiguous
    assert recipe.relabelled == tuple((int(one), BAG) for one in sorted(positions) if official[one] != BAG)
    test, train = predictions.load(run, "test"), predictions.load(run, "train")
    assert (test.predicted == BAG).mean() > 0.97  # 0.1 of them are
    np.testing.assert_array_equal(train.labels, official[train.indices])  # what is reported is by official labels
    np.testing.assert_array_equal(np.sort(train.indices), np.sort(positions))
    assert abs(answer["val_accuracy"] - (official[-500:] == BAG).mean()) < 0.03
    # The run says elsewhere, too, what was taught.
    packed = exchange.export_run(run, tmp_path)
    runs.delete(run)
    (tmp_path / "bags.csv").unlink()
    again = runs.read_config(exchange.import_run(packed)).recipe
    assert again == recipe


def test_a_run_is_scored_by_a_set_beside_the_official_labels(tmp_path, capsys):
    stored = predictions.load(shipped_run("simple_nn"), "test")
    wrong, right = np.flatnonzero(stored.predicted != stored.labels), np.flatnonzero(stored.predicted == stored.labels)
    names = data.CLASS_NAMES
    lines = [f"test/{one},relabel,{names[stored.predicted[one]]}\n" for one in wrong[:9]]
    lines += [f"test/{one},relabel,{names[(stored.labels[one] + 1) % 10]}\n" for one in right[:4]]
    lines += [f"test/{one},ambiguous,\n" for one in wrong[20:25]]
    (tmp_path / "anna.csv").write_text(HEAD + "".join(lines))
    run = shipped_run("simple_nn").id
    plain = said(capsys, "evaluate", run)
    found = said(capsys, "evaluate", run, "--labels", str(tmp_path / "anna.csv"))
    by_labels = found.pop("by_labels")
    assert found == plain  # the official figures are what they were
    assert (by_labels["name"], by_labels["relabelled"], by_labels["ambiguous"]) == ("anna", 13, 5)
    assert (by_labels["became_right"], by_labels["became_wrong"], by_labels["pictures"]) == (9, 4, 9_995)
    assert by_labels["official_accuracy"] == pytest.approx(len(right) / 9_995)
    assert by_labels["accuracy"] == pytest.approx((len(right) + 5) / 9_995)
    assert command_line.main(["evaluate", run, "--labels", str(tmp_path / "anna.csv")]) == 0
    text = capsys.readouterr().out
    assert "13 of 9,995 test pictures relabelled, 5 left out as ambiguous. Of the 13, 9 became right, 4" in text
    assert "leave out --labels" in refused(capsys, "evaluate", run, "--against", run, "--labels", "mine")


def test_decisions_go_out_and_come_in_again_beside_ones_own(tmp_path, capsys):
    assert "Nothing is decided yet" in refused(capsys, "audit", "--decisions", str(tmp_path / "a.csv"))
    audit_decisions.decide("train/0", Decision("relabel", 7))
    audit_decisions.decide("test/1", Decision("ambiguous"))
    for name in ("anna.csv", "anna.json"):
        value = said(capsys, "audit", "--decisions", str(tmp_path / name))
        assert (value["name"], value["decisions"], value["relabel"]) == ("anna", 2, {"train": 1, "test": 0})
    assert "ends in .csv or .json" in refused(capsys, "audit", "--decisions", str(tmp_path / "a.txt"))
    taken = said(capsys, "audit", "--take", str(tmp_path / "anna.csv"), "--name", "Bob")
    assert dict(label_sets.load(taken["set"]).decisions) == audit_decisions.load()
    audit_decisions.decide("test/1", Decision("keep"))
    assert [one["name"] for one in said(capsys, "audit", "--sets")] == ["My decisions", "Bob"]
    own = audit_decisions.decisions_file()
    before = own.read_text()
    own.write_text("{")  # damaged decisions hide no other set
    assert [one["name"] for one in said(capsys, "audit", "--sets")] == ["Bob"]
    own.write_text(before)
    for words in (("mine", "Bob"), ("mine", taken["set"]), ("mine", str(tmp_path / "anna.json"))):
        value = said(capsys, "audit", "--compare", *words)
        assert (value["both"], value["agreement"]) == (2, 0.5)
        assert value["disagreements"] == [
            {"picture": "test/1", "label": "Pullover", "decisions": ["kept", "ambiguous"]}
        ]
    assert command_line.main(["audit", "--compare", "mine", "Bob"]) == 0
    text = capsys.readouterr().out
    assert "They agree on what 1 of 2 are" in text and "test/1      Pullover     kept            ambiguous" in text


def test_what_cannot_be_is_one_sentence(tmp_path, capsys):
    (tmp_path / "bad.csv").write_text(HEAD + "train/60000,keep,\n")
    assert "Line 2: train/60000 is no picture" in refused(capsys, "audit", "--take", str(tmp_path / "bad.csv"))
    assert "cannot be read: No such file" in refused(capsys, "audit", "--take", str(tmp_path / "none.csv"))
    assert "There is no label set 'Zed'" in refused(capsys, "audit", "--compare", "mine", "Zed")
    assert "--name names a label set" in refused(capsys, "audit", "--name", "x")
    assert "is no picture" in refused(capsys, "train", "cnn_2", "--labels", str(tmp_path / "bad.csv"))
    assert "leave out --labels" in refused(capsys, "train", "--labels", "0=1", "--resume", "cnn_1-20260101-000000-abcd")
    (tmp_path / "kept.csv").write_text(HEAD + "train/0,keep,\ntest/1,ambiguous,\n")
    for name in (str(tmp_path / "kept.csv"), "mine"):
        assert "relabels no training picture" in refused(capsys, "train", "gaussian_nb", "--labels", name)
    assert not label_sets.list_sets()
