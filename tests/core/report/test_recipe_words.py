"""A recipe in words says what was changed about its labels and against overfitting.

Run: python -m pytest tests/core/report/test_recipe_words.py
"""

import json

from fmnist_core.report.recipe_words import as_text, command, differences, in_words
from tests.tiny import tiny_recipe


def test_what_is_switched_off_is_left_out_and_what_is_on_is_said():
    assert "Against overfitting" not in dict(in_words(tiny_recipe()))
    said = dict(in_words(tiny_recipe(l2=1e-4, dropout=0.3, label_noise=0.2)))
    assert said["Against overfitting"] == "L2 regularization 0.0001, dropout of 30 %"
    assert "20 % of their labels wrong on purpose" in said["Training pictures"]
    assert "accuracies are by the official labels" in said["Training pictures"]
    assert dict(in_words(tiny_recipe(dropout=0.0)))["Against overfitting"] == "dropout switched off"


def test_corrected_labels_are_said_and_can_be_trained_again():
    chosen = tiny_recipe(images=None, relabelled=((3, 1), (4, 2), (59_999, 7)))  # the last one validates
    words = dict(in_words(chosen))["Training pictures"]
    assert "2 under labels corrected by hand" in words and "accuracies are by the official labels" in words
    line, note = command(chosen)
    assert "--labels 3=1,4=2,59999=7" in line and not note
    assert '"relabelled": [[3, 1], [4, 2], [59999, 7]]' in as_text(chosen)
    many = tiny_recipe(images=None, relabelled=tuple((place, 1) for place in range(501)))
    line, note = command(many)
    assert "--labels relabelled.txt" in line and "one a line: position, space, class" in note
    assert json.loads(as_text(many))["relabelled"][500] == [500, 1]


def test_what_differs_and_the_command_have_them():
    plain, changed = tiny_recipe(), tiny_recipe(l2=0.01, label_noise=0.1)
    assert [name for name, _, _ in differences(plain, changed)] == ["Training pictures", "Against overfitting"]
    assert "--l2 0.01 --label-noise 0.1" in command(changed)[0]
