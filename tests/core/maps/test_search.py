"""Words, everyday names, numbers and expressions find the pictures that they name, and nothing a visitor types hangs.

Run: python -m pytest tests/core/maps/test_search.py
"""

import time

import numpy as np
import pytest

from fmnist_core.data import CLASS_NAMES
from fmnist_core.maps import search
from fmnist_core.maps.search import SearchError

LABELS = np.array([7, 7, 9, 6, 0, 5])
PREDICTED = np.array([7, 9, 9, 0, 0, 7])  # sneaker, sneaker as boot, boot, shirt as T-shirt, T-shirt, sandal as sneaker
NUMBERS = np.array([10, 11, 12, 13, 14, 15])


def find(query: str, predicted: np.ndarray | None = PREDICTED, names: tuple[str, ...] = CLASS_NAMES) -> list[int]:
    return search.find(query, LABELS, predicted, names, NUMBERS).tolist()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("boot", [2]),  # the label alone: what is only called so does not count
        ("Sneaker", [0, 1]),
        ("sneakers", [0, 1]),
        ("ankle boot", [2]),
        ("boot ankle", [2]),
        ("shoe", [0, 1, 2, 5]),
        ("shoes", [0, 1, 2, 5]),
        ("shirt", [3]),
        ("T-Shirt", [4]),
        ("t-shirt/top", [4]),
        ("top", [4]),
        ("tee", [4]),
        ("sneaker or boot", [0, 1, 2]),
        ("sneaker, boot", [0, 1, 2]),
        ("or sneaker or", [0, 1]),
        ("wrong", [1, 3, 5]),
        ("right", [0, 2, 4]),
        ("shoe wrong", [1, 5]),
        ("shoe and wrong", [1, 5]),
        ("wrong shoe or tee", [1, 4, 5]),
        ("not shoe", [3, 4]),
        ("shoe not sandal", [0, 1, 2]),
        ("not wrong", [0, 2, 4]),
        ("label:sneaker", [0, 1]),
        ("label: ankle boot", [2]),
        ("predicted:sneaker", [0, 5]),
        ("predicted : ankle boot", [1, 2]),
        ("label:sneaker predicted:boot", [1]),
        ("sneaker as ankle boot", [1]),
        ("as sneaker", [0, 5]),
        ("/^sneaker as/", [0, 1]),
        (r"/^(.+) as (?!\1$)/", [1, 3, 5]),
        ("13", [3]),
        ("#13", [3]),
        ("11-13", [1, 2, 3]),
        ("11-13 shoe", [1, 2]),
        ("13 or 14", [3, 4]),
        ("99", []),
        ("13-11", []),
        ("dress", []),
        ("", [0, 1, 2, 3, 4, 5]),
    ],
)
def test_query_finds(query, expected):
    assert find(query) == expected


def test_each_everyday_name_is_of_classes_that_there_are():
    assert {name for names in search.EVERYDAY.values() for name in names} <= set(CLASS_NAMES)
    for word in search.EVERYDAY:
        assert find(word) == find(" or ".join(search.EVERYDAY[word]))


def test_classes_of_a_taught_run_have_their_own_names():
    names = (*CLASS_NAMES[:9], "Rubber boot", "Winter hat")
    assert find("boot", names=names) == find("rubber boot", names=names) == [2]
    assert find("hat", names=names) == [] and find("shoe", names=names) == [0, 1, 5]


def test_without_a_network_the_label_is_the_text():
    assert find("sneaker", None) == [0, 1]
    assert find("/ as /", None) == []


@pytest.mark.parametrize("query", ["wrong", "predicted:shirt", "shirt as coat", "not right"])
def test_what_needs_predictions_says_so_where_there_are_none(query):
    with pytest.raises(SearchError, match="predictions"):
        find(query, None)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("velvet", "called “velvet”.*T-shirt/top.*shoe.*wrong or right.*predicted:.*number"),
        ("sneeker", "Did you mean “sneaker”"),
        ("colour:red", "called “colour”"),
        ("sneaker boot", "two labels, Sneaker and Ankle boot.*or"),
        ("label:", "missing"),
        ("shirt as", "missing"),
        ("not", "missing"),
        ("//", "called “//”"),
        ("1" * 30, "digits"),
        ("²", "called “²”"),
        ("/(/", "no regular expression"),
        ("a" * 201, "201"),
        (r"/(?:(\w|\w\w|\w\w\w|\s|.)+)+\d/", "too long"),
    ],
)
def test_what_is_no_search_is_refused_in_a_sentence(query, words):
    start = time.monotonic()
    with pytest.raises(SearchError, match=words):
        find(query)
    assert time.monotonic() - start < 5


def test_whatever_is_typed_is_found_or_refused():
    drawn, rng = (
        "label:predicted:as or not wrong shoe 1-9 / : , - # ’ \x00 ﷽ 🙂 boot".split(" "),
        np.random.default_rng(0),
    )
    for _ in range(3_000):
        try:
            find(" ".join(rng.choice(drawn, rng.integers(1, 6))))
        except SearchError as error:
            assert str(error).endswith((".", "."))


def test_every_search_of_the_help_finds_without_a_complaint():
    asked = [part for line in search.HELP.splitlines() for part in line.split("`")[1::2]]
    assert len(asked) > 10
    for query in asked:
        find(query)


def test_nothing_to_search_in():
    nothing = np.zeros(0, np.int64)
    assert search.find("sneaker", nothing, nothing, CLASS_NAMES, nothing).tolist() == []
    assert search.find("/sneaker/", nothing, nothing, CLASS_NAMES, nothing).tolist() == []
