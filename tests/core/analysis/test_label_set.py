"""Label sets as files: what is written is read again, and what is wrong gets one sentence.

Run: python -m pytest tests/core/analysis/test_label_set.py
"""

import json

import pytest

from fmnist_core import data
from fmnist_core.analysis import label_set, label_set_files
from fmnist_core.analysis.label_set import Decision, LabelSet, Taught

# train/0 is an ankle boot (9), train/1 a T-shirt/top (0), test/0 an ankle boot, test/1 a pullover (2)
DECISIONS = {
    "train/0": Decision("relabel", 7),
    "test/1": Decision("ambiguous"),
    "train/1": Decision("keep"),
    "train/59999": Decision("relabel", 0),
    "train/42": Decision("ambiguous"),
}
ANNA = LabelSet("Anna", DECISIONS)
HEAD = "picture,decision,should be\n"


def of_csv(body: str, head: str = HEAD) -> LabelSet:
    return label_set_files.read((head + body).encode(), "anna_2.csv")


def of_json(**changes) -> LabelSet:
    value = json.loads(label_set_files.to_json(ANNA)) | changes
    return label_set_files.read(json.dumps(value).encode(), "x.json")


def test_what_is_written_is_read_again():
    assert label_set_files.read(label_set_files.to_json(ANNA).encode(), "of anything.JSON") == ANNA
    text = label_set_files.to_csv(DECISIONS)
    assert text.splitlines()[:3] == [
        "picture,position,label,decision,should be",
        "train/0,0,Ankle boot,relabel,Sneaker",
        "test/1,1,Pullover,ambiguous,",
    ]
    found = label_set_files.read(b"\xef\xbb\xbf" + text.replace(",", ";").encode(), "Anna_s labels (2).csv")
    assert (found.name, dict(found.decisions)) == ("Anna s labels 2", DECISIONS)
    assert label_set_files.read(text.encode(), "x.csv", name=" Bob  2 ").name == "Bob 2"


def test_pictures_and_classes_may_be_written_in_two_ways():
    found = of_csv(
        "train-00042,ambiguous,\n\ntest/7,RELABEL,\n".replace("RELABEL", "keep") + "train-0,relabel,SNEAKER\n"
    )
    assert dict(found.decisions) == {
        "train/42": Decision("ambiguous"),
        "test/7": Decision("keep"),
        "train/0": Decision("relabel", 7),
    }
    assert of_csv("train/0,relabel,7\n").decisions["train/0"] == Decision("relabel", 7)
    each = {("train", "ambiguous"): 1, ("test", "keep"): 1, ("train", "relabel"): 1}
    assert (found.name, found.counts(), found.counts()["test", "relabel"]) == ("anna 2", each, 0)


def test_what_is_taught_are_training_pictures_in_their_order():
    assert label_set.taught(ANNA) == Taught(((0, 7), (59_999, 0)), (42,))
    assert label_set.of_split(DECISIONS, "test") == {1: Decision("ambiguous")}


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("train/60000,keep,\n", "Line 2: train/60000 is no picture. Expected train/0 to train/59999 or test/0"),
        ("test/10000,keep,\n", "is no picture"),
        ("dev/1,keep,\n", "is no picture"),
        ("train/٣,keep,\n", "is no picture"),
        ("<img src=x onerror=alert(1)>,keep,\n", "Line 2: '?img src?x onerror?alert?1??' is no picture"),
        ("train/0,keep,\ntrain-00000,ambiguous,\n", "Line 3: train/0 is decided twice"),
        ("train/0,relabel,Ankle boot\n", "Line 2: Relabel means another class than the label, and Ankle boot is"),
        ("train/0,relabel,Hat\n", "Line 2: Relabel names a class of Fashion-MNIST, by name or 0 to 9. Received: 'Hat'"),
        ("train/0,relabel,10\n", "Received: '10'"),
        ("train/0,relabel,\n", "Received: null"),
        ("train/0,keep,Coat\n", "Only relabel names a class; keep names none"),
        ("train/0,delete,\n", "A decision is one of keep, relabel, ambiguous. Received: 'delete'"),
        ("train/0,<b>keep</b>,\n", "Received: '?b?keep??b?'"),
        ("train/0,keep\n", "Line 2 has 2 cells. Expected 3"),
        ("train/0,keep,,,\n", "Line 2 has 5 cells"),
        ('"train/0,keep,\n', "no CSV that can be read"),
        (f"{'x' * 200_000},keep,\n", "no CSV that can be read"),
        ("", "decides about no picture"),
        ("\n\n", "decides about no picture"),
    ],
)
def test_a_csv_that_is_wrong_gets_one_sentence(body, sentence):
    with pytest.raises(ValueError) as caught:
        of_csv(body)
    words = str(caught.value)
    assert sentence in words and "<" not in words and len(words) < 300


@pytest.mark.parametrize(
    ("head", "body", "sentence"),
    [
        ("picture,should be\n", "train/0,Coat\n", "The first line must name the columns"),
        ("picture,picture,decision\n", "train/0,train/1,keep\n", "each once"),
        ("", "", "no CSV that can be read"),
        (
            "picture,label,decision\n",
            "train/0,Coat,keep\n",
            "the label of train/0 is Ankle boot, and the file says 'Coat'",
        ),
        ("picture,label,decision\n", "train/0,<b>,keep\n", "made for other data"),
    ],
)
def test_other_columns_get_one_sentence(head, body, sentence):
    with pytest.raises(ValueError, match=sentence):
        of_csv(body, head)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"format": "other"}, "The JSON is no label set"),
        ({"decisions": {}}, "The JSON is no label set"),
        ({"version": 2}, "of version 2; here 1 is read"),
        ({"name": "<script>alert(1)</script>"}, "has 1 to 60 letters, figures and spaces. Received: '?script?alert"),
        ({"name": "[a](http://x)"}, "has 1 to 60 letters"),
        ({"name": "a" * 61}, "has 1 to 60 letters"),
        ({"name": None}, "Received: null"),
        ({"decisions": []}, "decides about no picture"),
        ({"decisions": [7]}, "Decision 1 is not a picture, a kind and"),
        ({"decisions": [{"picture": "train/0", "kind": "keep", "note": "x"}]}, "Decision 1 is not"),
        ({"decisions": [{"picture": 7, "kind": "keep"}]}, "Decision 1: 7 is no picture"),
        ({"decisions": [{"picture": "train/0", "kind": ["keep"]}]}, "Received: a list"),
        ({"decisions": [{"picture": "train/0", "kind": "relabel", "label": True}]}, "Received: true"),
        ({"decisions": [{"picture": "train/0", "kind": "relabel", "label": 7.0}]}, "Received: 7"),
    ],
)
def test_a_json_that_is_wrong_gets_one_sentence(changes, sentence):
    with pytest.raises(ValueError) as caught:
        of_json(**changes)
    assert sentence in str(caught.value) and "<" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"{" * 100_000, "a.json", "no JSON that can be read"),
        (b"[" * 100_000, "a.json", "no JSON that can be read"),
        (b"\xff\xfe", "a.csv", "not text in UTF-8"),
        (b"\x89PNG", "a.png", "a file that ends in .csv or .json"),
        (b"x", "csv", "a file that ends in"),
        (b" " * (label_set_files.MOST_BYTES + 1), "a.csv", "The file has 8.0 MB. Expected at most 8 MB"),
    ],
)
def test_what_is_no_label_set_at_all_gets_one_sentence(content, name, sentence):
    with pytest.raises(ValueError, match=sentence):
        label_set_files.read(content, name)


def test_every_picture_of_the_data_would_fit():
    labels = data.load_split("test").labels
    every = {f"test/{index}": Decision("relabel", 0 if label else 1) for index, label in enumerate(labels)}
    text = label_set_files.to_json(LabelSet("All", every)).encode()
    assert 8 * len(text) < label_set_files.MOST_BYTES  # seven times as many, with longer names
    assert dict(label_set_files.read(text, "all.json").decisions) == every


def test_pairs_are_read_as_they_are_written(tmp_path):
    pairs = ((0, 7), (59_999, 0))
    assert (
        label_set_files.read_pairs(label_set_files.as_lines(pairs))
        == label_set_files.read_pairs("0=7,59999=0")
        == pairs
    )
    for text in ("", "0", "0=70", "a=1", "0=1;2=3", "-1=3"):
        with pytest.raises(ValueError, match="position=class"):
            label_set_files.read_pairs(text)
    (tmp_path / "l.txt").write_text(label_set_files.as_lines(pairs))
    (tmp_path / "l.json").write_text(label_set_files.to_json(ANNA))
    assert label_set_files.from_argument(str(tmp_path / "l.txt")) == Taught(pairs, ())
    assert label_set_files.from_argument(str(tmp_path / "l.json")) == label_set.taught(ANNA)
    assert label_set_files.from_argument("none") == Taught((), ())
    with pytest.raises(ValueError, match="cannot be read: No such file"):
        label_set_files.from_argument(str(tmp_path / "other.csv"))


def test_a_name_is_made_of_anything():
    assert label_set.plain_name("<b>Bo</b>_1") == "b Bo /b 1"
    assert label_set.plain_name("***") == label_set.UNNAMED and len(label_set.plain_name("a" * 99)) == 60
    for name in ("Zoë's set", "2 & 3", "b Bo /b 1"):
        assert label_set.checked_name(name) == name
