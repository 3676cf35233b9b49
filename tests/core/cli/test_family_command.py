"""`train --family`: one run after the other, and a line.

Run: python -m pytest tests/core/cli/test_family_command.py
"""

import json

import pytest

from fmnist_core.cli import command_line
from fmnist_core.families import members
from fmnist_core.runs import catalogue

TINY = "train simple_nn --epochs 1 --images 600 --batch 64 --validation 500 --precision float32".split()


@pytest.mark.long
def test_a_family_is_trained_one_after_the_other_and_a_line_says_what_it_shows(capsys):
    assert command_line.main([*TINY, "--family", "learning-rate=0.000001,0.05", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert answer["learned"].startswith("Of learning rates 0.000001 and 0.05, 0.05 was best on validation: ")
    assert [row["value"] for row in answer["runs"]] == ["0.000001", "0.05"] and answer["runs"][1]["best"]
    found = members.find(catalogue.list_rows(), answer["family"])
    assert [one.row.state for one in found.runs] == ["done", "done"]
    assert [one.row.recipe.optimizer.learning_rate for one in found.runs] == [1e-6, 0.05]
    assert answer["runs"][1]["validation"] == found.runs[1].row.result.val_accuracy


def test_what_is_no_family_is_refused_before_anything_trains(capsys):
    for words, sentence in (
        (["--family", "seed=1,2"], "A family cannot vary 'seed'"),
        (["--family", ""], "A family cannot vary ''"),
        (["--family", "l2=0.1"], "A family has 2 to 1,000 values. Received: 1."),
        (["--family", "l2=0,0.1", "--validation", "0"], "Set some aside"),
    ):
        assert command_line.main([*TINY, *words]) == 1
        assert sentence in capsys.readouterr().err
    assert command_line.main(["train", "--family", "l2=0,0.1", "--resume", "cnn_1-20260101-000000-abcd"]) == 1
    assert "leave out --family" in capsys.readouterr().err
    assert not [row for row in catalogue.list_rows() if row.own]
