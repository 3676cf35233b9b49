"""Which answers are right by a folder's name. Run: python -m pytest tests/core/photo_sets/test_folder_names.py"""

import pytest

from fmnist_core.data import CLASS_NAMES
from fmnist_core.photo_sets.folder_names import classes_of

SHOES = ("Sandal", "Sneaker", "Ankle boot")


@pytest.mark.parametrize("name", CLASS_NAMES)
def test_each_class_is_known_by_its_own_name_however_it_is_written(name):
    for written in (name, name.upper(), f" {name.lower()}s ", name.replace(" ", "_"), name.replace("/", "-")):
        assert classes_of(written) == (name,), written


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("tshirts", ("T-shirt/top",)),
        ("T-Shirts", ("T-shirt/top",)),
        ("ankle boots", ("Ankle boot",)),
        ("trousers", ("Trouser",)),
        ("pants", ("Trouser",)),
        ("Jeans", ("Trouser",)),
        ("dresses", ("Dress",)),
        ("sweaters", ("Pullover",)),
        ("longsleeve", ("Pullover",)),
        ("outwear", ("Coat",)),
        ("hand-bags", ("Bag",)),
        ("SHOES", SHOES),
        ("footwear", SHOES),
        ("7", ("Sneaker",)),
        ("03", ("Dress",)),
        ("3_dress", ("Dress",)),
        ("3_dresses", ("Dress",)),
        ("0 T-shirts", ("T-shirt/top",)),
    ],
)
def test_what_people_call_them(folder, expected):
    assert classes_of(folder) == expected


@pytest.mark.parametrize("folder", ["hats", "hat", "shorts", "skirt", "", "10", "12345678901234567890", "s", "../.."])
def test_what_the_network_does_not_know(folder):
    assert classes_of(folder) == ()


def test_a_class_that_was_taught_is_known_by_its_own_name():
    names = (*CLASS_NAMES, "Straw hat")
    assert classes_of("straw hats", names) == ("Straw hat",)
    assert classes_of("10", names) == ("Straw hat",)
    assert classes_of("shoe", names) == SHOES


def test_a_network_that_lacks_a_class_has_no_right_answer_to_it():
    assert classes_of("bags", ("Dress", "Coat")) == ()
