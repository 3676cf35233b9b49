"""The command `network`, and `train own`: what each says, and which files and words they refuse.

Run: python -m pytest tests/core/cli/test_network_commands.py
"""

import json

import pytest

from fmnist_core.cli.command_line import main
from fmnist_core.networks import sharing
from fmnist_core.networks.layers import Network, to_json
from fmnist_core.runs import runs
from fmnist_core.storage import schema
from fmnist_core.zoo import own_network
from fmnist_core.zoo.as_layers import as_network


@pytest.fixture
def call(capsys):
    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(list(arguments))
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_a_table_of_the_layers(call):
    code, out, _ = call("network", "cnn_2")
    lines = out.splitlines()
    assert code == 0 and lines[0] == "CNN 2"
    assert lines[2].startswith("convolution (filters 32, size 3, initializer he_normal)  ")
    assert lines[2].split()[-4:] == ["28x28x32", "320", "225,792", "3x3"]
    assert lines[-3].split() == ["logits", "(units", "10)", "10", "1,290", "1,280", "all"]
    assert lines[-2].split() == ["all", "896,906", "8,255,232"]
    assert sharing.from_text(lines[-1].removeprefix("Shared: ")) == as_network("cnn_2")
    assert len({len(line) for line in lines[1:-2]}) == 1  # the columns are straight


def test_radial_basis_is_not_counted_twice(call):
    _, out, _ = call("network", "lenet5_rbf")
    assert out.splitlines()[-2].split()[:2] == ["all", "212,896"] and "logits (" not in out


def test_json_is_what_training_reads(call, tmp_path, monkeypatch):
    _, out, _ = call("network", "cnn_1", "--json")
    assert json.loads(out) == to_json(as_network("cnn_1"))
    (tmp_path / "mine.json").write_text(out)
    made = {}
    monkeypatch.setattr("fmnist_core.cli.training_commands._work_with_bar", lambda run: made.update(run=run) or FAILED)
    for layers in (str(tmp_path / "mine.json"), "cnn_1", sharing.to_text(as_network("cnn_1"))):
        call("train", "own", "--layers", layers, "--epochs", "2")
        recipe = runs.read_config(made["run"]).recipe
        assert recipe.network == as_network("cnn_1") and recipe.epochs == 2 and recipe.keep == "best"
        assert call("network", made["run"].id, "--json")[1] == out


class FAILED:
    state, message = "failed", "not trained in this test"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is no JSON"),
        (b"{", "is no JSON"),
        (b"\xff\xfe", "is no JSON"),
        (b"[" * 50_000, "is no JSON"),
        (b"[]", "A network cannot be a list"),
        (b'{"title": "a", "layers": [{"kind": "dense"}]}', "Layer 1 (dense) does not fit"),
        (b'{"title": "a", "layers": [{"kind": "dropout", "rate": NaN}]}', "rate cannot be nan"),
        (b" " * 200_000, "cannot be read"),
    ],
)
@pytest.mark.parametrize(
    "command", [("network",), ("train", "own", "--layers"), ("audit", "--model", "own", "--layers")]
)
def test_files_that_hold_no_network_are_refused(call, tmp_path, runs_folder, content, words, command):
    file = tmp_path / "mine.json"
    file.write_bytes(content)
    code, out, err = call(*command, str(file))
    assert (code, out) == (1, "") and err.startswith("error: ") and words in err and err.count("\n") == 1
    assert not runs_folder.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["network", "lennet"], "There is no network 'lennet'. Name a model"),
        (["network", "none.json"], "The file none.json cannot be read: No such file or directory."),
        (["network", "1abc"], "It is no network, or was cut"),
        (["network", "x" * 5_000], "There is no network 'xxxx"),
        (["network", "vgg19_fixed"], "is no network to start from"),
        (["network", "own-20200101-000000-0000"], "There is no run"),
        (["train", "own"], "The model own needs --layers with a file of its layers"),
        (["train", "cnn_2", "--layers", "cnn_2"], "--layers belongs to the model own, not to cnn_2"),
        (["train", "--layers", "cnn_2"], "Name a model"),
        (["train", "--resume", "x", "--layers", "cnn_2"], "leave out --layers."),
        (["reproduce", "own"], "Unknown model 'own'"),
        (["audit", "--layers", "cnn_2"], "--layers belongs to the model own, not to cnn_1"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(call, runs_folder, arguments, words):
    code, out, err = call(*arguments)
    assert (code, out) == (1, "") and words in err and err.count("\n") == 1
    assert not runs_folder.exists()


def test_a_network_says_itself_in_json():
    network = as_network("flagship")
    assert schema.as_plain(own_network.recipe(network))["network"] == to_json(network)
    assert schema.from_json(Network, to_json(network), "network") == network
