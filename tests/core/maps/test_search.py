"""Words, expressions and numbers find the pictures that they name, and nothing a visitor types hangs.

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


def find(query: str, predicted: np.ndarray | None = PREDICTED) -> list[int]:
    return search.find(query, LABELS, predicted, CLASS_NAMES, NUMBERS).tolist()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sneaker as ankle boot", [1]),
        ("Sneaker", [0, 1, 5]),
        ("boot ankle", [1, 2]),
        ("as sneaker", [0, 5]),
        ("/^sneaker as/", [0, 1]),
        (r"/^(.+) as (?!\1$)/", [1, 3, 5]),
        ("13", [3]),
        ("99", []),
        ("velvet", []),
        ("", [0, 1, 2, 3, 4, 5]),
        ("//", []),
    ],
)
def test_query_finds(query, expected):
    assert find(query) == expected


def test_without_a_network_the_label_is_the_text():
    assert find("sneaker", None) == [0, 1]
    assert find("/ as /", None) == []


@pytest.mark.parametrize(
    ("query", "words"),
    [("/(/", "no regular expression"), ("a" * 201, "201"), (r"/(?:(\w|\w\w|\w\w\w|\s|.)+)+\d/", "too long")],
)
def test_what_is_no_search_is_refused_in_a_sentence(query, words):
    start = time.monotonic()
    with pytest.raises(SearchError, match=words):
        find(query)
    assert time.monotonic() - start < 5


def test_nothing_to_search_in():
    nothing = np.zeros(0, np.int64)
    assert search.find("sneaker", nothing, nothing, CLASS_NAMES, nothing).tolist() == []
