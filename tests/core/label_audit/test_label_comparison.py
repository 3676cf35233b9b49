"""Two people's decisions compared: counted by hand.

Run: python -m pytest tests/core/label_audit/test_label_comparison.py
"""

import pytest

from fmnist_core.analysis.label_set import Decision, LabelSet
from fmnist_core.label_audit import label_comparison

KEEP, AMBIGUOUS = Decision("keep"), Decision("ambiguous")
# test/0 to 9: ankle boot, pullover, trouser, trouser, shirt, trouser, coat, shirt, sandal, sneaker
ANNA = LabelSet(
    "Anna",
    {
        "test/0": KEEP,
        "test/1": Decision("relabel", 4),
        "test/2": Decision("relabel", 3),
        "test/3": AMBIGUOUS,
        "test/4": KEEP,
        "test/8": KEEP,
        "train/0": KEEP,
    },
)
BOB = LabelSet(
    "Bob",
    {
        "test/4": AMBIGUOUS,
        "test/3": AMBIGUOUS,
        "test/2": Decision("relabel", 8),
        "test/1": Decision("relabel", 4),
        "test/0": KEEP,
        "test/8": Decision("relabel", 7),
        "test/9": KEEP,
        "test/7": KEEP,
    },
)


def test_every_count_is_as_the_sets_say():
    found = label_comparison.compare(ANNA, BOB)
    assert (found.names, found.only, found.verdicts.total) == (("Anna", "Bob"), (1, 2), 6)
    assert int(found.verdicts.table.trace()) == 3 and found.verdicts.agreement == 0.5
    # Anna: boot, coat, dress, ambiguous, shirt, sandal. Bob: boot, coat, bag, ambiguous, ambiguous, sneaker.
    assert found.verdicts.by_chance == pytest.approx((1 + 1 + 2) / 36)
    assert found.verdicts.value == pytest.approx((0.5 - 4 / 36) / (1 - 4 / 36))
    assert found.kinds.table.tolist() == [[1, 1, 1], [0, 2, 0], [0, 0, 1]]
    assert [(one.picture, one.first, one.second) for one in found.disagreements] == [
        ("test/2", Decision("relabel", 3), Decision("relabel", 8)),
        ("test/4", KEEP, AMBIGUOUS),
        ("test/8", KEEP, Decision("relabel", 7)),
    ]


def test_it_is_said_and_given_as_json():
    found = label_comparison.compare(ANNA, BOB)
    first, second, third, last = label_comparison.in_words(found)
    assert first == "Anna and Bob have both decided about 6 pictures; alone, Anna about 1 and Bob about 2."
    assert second.startswith("They agree on what 3 of 6 are: 50.00 % (95 % interval 18.76 % to 81.24 %).")
    assert third.startswith("Cohen's kappa is 0.44 (95 % interval 0.09 to 0.79).")
    assert last.startswith("By keep, relabel or ambiguous alone they agree on 66.67 %: Cohen's kappa is 0.52")
    value = label_comparison.as_value(found)
    assert value["both"] == 6 and value["kappa"] == pytest.approx(0.4375)
    assert value["disagreements"][0] == {"picture": "test/2", "label": "Trouser", "decisions": ["to Dress", "to Bag"]}


def test_the_same_is_full_agreement_and_nothing_in_common_is_refused():
    same = label_comparison.compare(ANNA, ANNA)
    assert same.verdicts.value == 1 and not same.disagreements and same.verdicts.value_interval[0] < 0.7
    alone = label_comparison.compare(LabelSet("A", {"test/0": KEEP}), LabelSet("B", {"test/0": KEEP}))
    assert "There is no kappa" in label_comparison.in_words(alone)[2]
    assert label_comparison.as_value(alone)["kappa"] is None
    with pytest.raises(ValueError, match="Anna and C have decided about no picture in common"):
        label_comparison.compare(ANNA, LabelSet("C", {"test/77": KEEP}))
