"""Scripts by the command line.

Run: python -m pytest tests/core/cli/test_file_commands.py
"""

import dataclasses
import json

import pytest

from fmnist_core.cli.command_line import main
from fmnist_core.recipe import Augmentation, Stage
from fmnist_core.runs import runs
from fmnist_core.script.keras_script import keras_script
from fmnist_core.storage.atomic import write_json
from fmnist_core.zoo import MODELS


@pytest.fixture
def call(capsys):
    def run_command(*arguments) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run_command


def test_a_script_is_printed_or_written(call, tmp_path):
    expected = keras_script(MODELS["cnn_2"].recipe)
    assert call("script", "cnn_2") == (0, expected, "")
    target = tmp_path / "new" / "mine.py"
    code, out, _ = call("script", "cnn_2", "--to", target, "--json")
    assert code == 0 and json.loads(out) == {"file": str(target), "left_out": []}
    assert target.read_text() == expected


def test_it_has_the_options_of_train(call):
    code, out, error = call("script", "cnn_2", "--stage", "3,rotation=8,photo_damage=0.2", "--l2", "0.001")
    changed = dataclasses.replace(
        MODELS["cnn_2"].recipe, stages=(Stage(3, Augmentation(rotation=8, photo_damage=0.2)),), l2=1e-3
    )
    assert (code, out) == (0, keras_script(changed))
    assert "leaves out the damage" in error


def test_many_pictures_left_out_are_written_beside_it(call, tmp_path):
    (tmp_path / "list.txt").write_text("\n".join(map(str, range(3_000))))
    told = ("script", "cnn_1", "--exclude", tmp_path / "list.txt")
    assert "--to writes that, too" in call(*told)[2]
    assert call(*told, "--to", tmp_path / "out" / "cnn_1.py")[0] == 0
    assert (tmp_path / "out" / "excluded.txt").read_text().split() == [str(n) for n in range(3_000)]


def test_a_run_is_exported_as_its_script(call, run, tmp_path):
    code, out, _ = call("export", run.id, "--to", tmp_path, "--format", "script", "--json")
    target = tmp_path / f"{run.id}.py"
    assert code == 0 and json.loads(out) == {"run": run.id, "file": str(target), "left_out": []}
    assert target.read_text() == keras_script(runs.read_config(run).recipe)


def test_what_cannot_be_written_is_said_in_a_sentence(call, run, tmp_path):
    (tmp_path / "file").touch()
    for arguments, words in (
        (("script",), "Name a model"),
        (("script", "lennet"), "Unknown model"),
        (("script", "cnn_1", "--batch", "0"), "batch_size"),
        (("script", "cnn_1", "--to", tmp_path / "file" / "x.py"), "cannot be written"),
        (("export", "cnn_1-20200101-000000-0000", "--to", tmp_path, "--format", "script"), "There is no run"),
    ):
        code, out, error = call(*arguments)
        assert code == 1 and words in error and "Traceback" not in error
    config = json.loads((run.folder / "config.json").read_text())
    config["recipe"]["model"] = "gone"
    write_json(run.folder / "config.json", config)
    code, _, error = call("export", run.id, "--to", tmp_path, "--format", "script")
    assert code == 1 and "Unknown model 'gone'" in error
