"""Suspects: the lists that come with the app, held against the data; and how a list of one's own is read.

Run: python -m pytest tests/core/analysis/test_label_issues.py
"""

import numpy as np
import pytest

from fmnist_core import data
from fmnist_core.analysis import label_issues
from fmnist_core.analysis.label_issues import CONFLICT, CONFLICTING_PAIRS, KNOWN, LISTS, from_argument, read_positions


def distances(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Root mean square over pixels in [0, 1] of pictures given by position, pair by pair."""
    pixels = data.load_split("train").images.astype(np.float64) / 255
    return np.sqrt(((pixels[first] - pixels[second]) ** 2).mean(axis=(1, 2)))


def test_reported_pictures_have_the_labels_that_were_reported():
    # The issues show each picture under its label; positions that began at 1 would give other ones.
    assert dict(zip(KNOWN, label_issues.label_names(tuple(KNOWN)), strict=True)) == {
        16_691: "Coat",
        28_264: "Dress",
        33_982: "Coat",
        40_513: "Pullover",
        42_018: "Pullover",
        45_592: "Shirt",
        36_325: "Shirt",
    }
    assert [url.rpartition("/")[2] for url in KNOWN.values()].count("184") == 1
    assert all(url.startswith("https://github.com/zalandoresearch/fashion-mnist/issues/") for url in KNOWN.values())


def test_conflicting_pairs_are_near_and_differ_in_label():
    first, second = np.array(CONFLICTING_PAIRS).T
    found = distances(first, second)
    assert (found < CONFLICT).all() and (np.diff(found) >= 0).all()
    labels = data.load_split("train").labels
    assert (labels[first] != labels[second]).all()


@pytest.mark.slow
def test_no_conflicting_pair_is_missing():
    pictures = data.load_split("train")
    # The distance of 4x4 block means is never larger than that of the pictures: what is far by it needs no other look.
    blocks = pictures.images.reshape(-1, 7, 4, 7, 4).mean(axis=(2, 4), dtype=np.float32).reshape(-1, 49) / 255
    squares = (blocks**2).sum(axis=1)
    pairs = []
    for start in range(0, len(blocks), 1_000):
        part = slice(start, start + 1_000)
        near = (squares[part, None] + squares - 2 * blocks[part] @ blocks.T) / 49 < CONFLICT**2 + 1e-5
        first, second = np.nonzero(near)
        first += start
        kept = (first < second) & (pictures.labels[first] != pictures.labels[second])
        pairs += zip(first[kept], second[kept], strict=True)
    first, second = np.array(pairs).T
    pixels = pictures.images.reshape(-1, 784)
    found = [
        np.sqrt(((pixels[a] / 255 - pixels[b] / 255) ** 2).mean()) < CONFLICT
        for a, b in zip(first, second, strict=True)
    ]
    assert {(int(a), int(b)) for a, b in zip(first[found], second[found], strict=True)} == set(CONFLICTING_PAIRS)


def test_lists_name_each_picture_once():
    for positions in LISTS.values():
        assert len(set(positions)) == len(positions) and all(0 <= position < 60_000 for position in positions)
    assert len(LISTS["conflicting"]) == 18 and len(LISTS["known"]) == 7


@pytest.mark.parametrize(
    "text",
    [
        "5, 70 9",
        "5;70\n\n9",
        "5\r\n70\r\n9\r\n",
        "\ufeff5 70\t9 5 70",
        "train/5 train/70, train/9",
        "position\n5\n70\n9",
        "label,Position,score\n6,5,0.1\n\n0,70,0.2\n0,9,1e-3\n",
        '"index"\t"label"\n"5"\t"6"\n70\t6\n9\t6',
        ";picture;label\n0;train/5;a\n1;train/70;b\n2;train/9;c",
        "suspects\n5\n70\n9",
    ],
)
def test_lists_in_many_shapes_are_read(text):
    assert read_positions(text) == ((5, 70, 9), None)


@pytest.mark.parametrize("text", ["", "  \n\t", "\ufeff"])
def test_an_empty_list_is_empty(text):
    assert read_positions(text) == ((), None)


@pytest.mark.parametrize(
    ("text", "positions", "words"),
    [
        ("5 60000 7", (5, 7), "No position in the training set: 60000. Expected whole numbers from 0 to 59999."),
        ("60000", (), "training set: 60000."),
        ("-1, 1.5, 3", (3,), "training set: -1, 1.5."),
        ("test/5", (), "training set: test/5."),
        ("1 a b c d 2", (1, 2), "training set: a, b, c and 1 more."),
        ("٣ ² 4", (4,), "training set: ٣, ²."),
        ("5 ![x](http://nowhere.example/x.png)", (5,), "training set: ??x??http?//nowhere."),
        ("abc 12", (12,), "training set: abc."),
        ("9" * 500, (), "training set: 99999999999999999999. Expected"),
        ("index,label\n5,6\nx,6\n70000,1", (5,), "training set: x, 70000."),
        ("label,score\n5,6", (), "no column called position"),
        ("position", (), "no column called position with numbers under it"),
        ("hello", (), "it was read as a CSV"),
        ('x,"' + "a" * 200_000, (), "it was read as a CSV"),
    ],
)
def test_what_cannot_be_read_is_said_and_the_rest_is_kept(text, positions, words):
    found = read_positions(text)
    assert found.positions == positions
    assert words in found.problem and len(found.problem) < 250


def test_argument_is_a_list_by_name_or_a_file(tmp_path):
    assert from_argument("known") == tuple(KNOWN)
    assert from_argument("conflicting")[:2] == CONFLICTING_PAIRS[0]
    file = tmp_path / "list.csv"
    file.write_text("position,label\n5,6\n")
    assert from_argument(str(file)) == (5,)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read: No such file or directory. Name a file, or one of: known, conflicting."),
        (b"\xff\xfe\x00", "it is not a text file"),
        (b"  \n", "is empty. Expected positions"),
        (b"5 70000", "No position in the training set: 70000."),
    ],
)
def test_a_file_that_is_no_list_is_refused(tmp_path, content, words):
    file = tmp_path / "list.txt"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ValueError, match="(?s)" + words.replace(".", r"\.")):
        from_argument(str(file))


def test_a_folder_is_no_list(tmp_path):
    with pytest.raises(ValueError, match="cannot be read: Is a directory"):
        from_argument(str(tmp_path))
