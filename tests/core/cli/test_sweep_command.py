"""`sweep`: what it refuses, lists, stops, and one that really trains.

Run: python -m pytest tests/core/cli/test_sweep_command.py
"""

import json

import pytest

from fmnist_core.cli import command_line
from fmnist_core.jobs import lifecycle
from fmnist_core.sweeps import records
from tests.core.sweeps.swept import end, put_run, stored_sweep

TINY = "sweep cnn_1 --epochs 1 --images 600 --batch 64 --validation 500 --precision float32".split()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["sweep"], "Name a model"),
        (["sweep", "no_model", "--seeds", "2"], "Unknown model 'no_model'"),
        (TINY, "Name more seeds, values or models"),
        ([*TINY, "--seeds", "many"], "--seeds cannot be 'many'"),
        ([*TINY, "--seeds", "0"], "--seeds cannot be 0"),
        ([*TINY, "--seeds", "3,3"], "different whole numbers"),
        ([*TINY, "--set", "depth=3"], "A sweep cannot vary 'depth'"),
        ([*TINY, "--seeds", "2", "--on", "there"], "A sweep cannot be made on 'there'"),
        ([*TINY, "--seeds", "2", "--checkpoints", "0"], "Checkpoints cannot come home every 0 s"),
        (["sweep", "--resume", "0123abcd", "--epochs", "3", "--set", "l2=1"], "leave out --set, --epochs"),
        (["sweep", "--resume", "0123abcd", "--sample-seed", "0"], "leave out --sample-seed"),
        (["sweep", "--resume", "0123abcd"], "There is no sweep '0123abcd'"),
        (["sweep", "--show", "../x"], "There is no sweep"),
    ],
)
def test_what_is_refused_and_leaves_nothing(capsys, words, sentence):
    assert command_line.main(words) == 1
    assert sentence in capsys.readouterr().err
    assert records.list_sweeps() == []


def answer(capsys, *words):
    assert command_line.main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_sweeps_are_listed_shown_and_stopped(capsys):
    sweep = stored_sweep()
    for place, accuracy in enumerate((0.80, 0.83, 0.83, 0.90, 0.92, 0.94)):
        put_run(sweep, place, accuracy, test=accuracy - 0.1)
    (row,) = answer(capsys, "sweep", "--list")
    assert (row["sweep"], row["state"], row["models"], row["trainings"]["done"]) == (
        sweep.id,
        "queued",
        ["simple_nn"],
        6,
    )
    answer(capsys, "sweep", "--cancel", sweep.id)
    assert lifecycle.is_asked_to_stop(sweep.job)
    end(sweep, "cancelled")
    assert command_line.main(["sweep", "--cancel", sweep.id]) == 1
    assert "nothing to stop" in capsys.readouterr().err
    shown = answer(capsys, "sweep", "--show", sweep.id)
    assert [round(one["validation"], 4) for one in shown["combinations"]] == [0.92, 0.82]
    assert shown["combinations"][0]["test"] == pytest.approx(0.82) and shown["combinations"][1]["test"] is None
    command_line.main(["sweep", "--show", sweep.id])
    lines = capsys.readouterr().out.splitlines()
    assert "92.00 % ± 2.00  best" in lines[1] and "10.00 points real" in lines[2]


def test_a_stopped_one_goes_on_as_before_but_for_what_is_said(monkeypatch):
    monkeypatch.setattr("fmnist_core.cli.sweep_commands._work", end)
    sweep = stored_sweep(keep_seconds=5.0)
    for words, expected in (([], ("local", 5.0)), (["--checkpoints", "9", "--on", "local:2"], ("local:2", 9.0))):
        end(sweep, "cancelled")
        assert command_line.main(["sweep", "--resume", sweep.id, *words]) == 0
        spec = records.find(sweep.id).spec
        assert (spec.on, spec.keep_seconds) == expected


def test_several_models_and_chosen_seeds_are_planned(capsys, monkeypatch):
    planned = []
    monkeypatch.setattr("fmnist_core.cli.sweep_commands._work", lambda sweep: planned.append(sweep) or end(sweep))
    command_line.main([*TINY[:1], "simple_nn", *TINY[1:], "--seeds", "4,7", "--set", "l2=0,0.001", "--on", "local:2"])
    (sweep,) = planned
    assert [(task.run.split("-")[0], task.values, task.seed) for task in sweep.plan.tasks][::4] == [
        ("simple_nn", {"l2": "0"}, 4),
        ("cnn_1", {"l2": "0"}, 4),
    ]
    assert {base.split.validation for base in sweep.plan.bases} == {500} and len(sweep.plan.tasks) == 8
    assert (sweep.spec.on, sweep.spec.keep_seconds) == ("local:2", records.KEEP_SECONDS)
    command_line.main([*TINY, "--seeds", "3", "--seed", "5"])
    assert planned[-1].plan.seeds == (5, 6, 7)
