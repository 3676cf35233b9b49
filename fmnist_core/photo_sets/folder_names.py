"""Which answers are right for the photos of a folder, by the folder's name."""

import unicodedata
from collections.abc import Sequence

from fmnist_core.data import CLASS_NAMES

# What people call the classes, in the singular, without spaces and punctuation. Some names leave open which class it
# is: each of them counts as right then.
_SYNONYMS = {
    "T-shirt/top": ("tshirttop", "tshirt", "tshirtortop", "tee", "teeshirt", "top", "tanktop"),
    "Trouser": ("trouser", "pant", "jean", "legging", "slack", "chino"),
    "Pullover": ("pullover", "sweater", "jumper", "sweatshirt", "hoodie", "longsleeve"),
    "Dress": ("dress", "gown"),
    "Coat": ("coat", "jacket", "outwear", "outerwear", "parka"),
    "Sandal": ("sandal", "flipflop"),
    "Shirt": ("shirt", "blouse", "shirtorblouse", "shirtblouse"),
    "Sneaker": ("sneaker", "trainer", "runningshoe", "sportshoe", "sportsshoe"),
    "Bag": ("bag", "handbag", "backpack", "purse"),
    "Ankle boot": ("ankleboot", "boot", "bootie"),
}
_SEVERAL = {"shoe": ("Sandal", "Sneaker", "Ankle boot"), "footwear": ("Sandal", "Sneaker", "Ankle boot")}
_KNOWN = _SEVERAL | {word: (name,) for name, words in _SYNONYMS.items() for word in words}


def classes_of(folder: str, names: Sequence[str] = CLASS_NAMES) -> tuple[str, ...]:
    """The classes that count as right, in the network's order; none where the name says none that it knows.

    Case, spaces and punctuation do not matter, nor a plural; a leading number does not either ("3_dress"), and a
    number alone is that of a class, from 0, as the dataset counts them.

    Args:
        folder: as somebody named it.
        names: of the network's classes; one that a visitor taught it is known by its own name.
    """
    own = {_plain(name): (name,) for name in names}
    known = _KNOWN | own
    word = _plain(folder)
    if word.isascii() and word.isdecimal():
        return (names[int(word)],) if len(word) < 4 and int(word) < len(names) else ()
    for written in (word, word.lstrip("0123456789")):
        for one in (written, written.removesuffix("s"), written.removesuffix("es")):
            if one in known:
                return tuple(name for name in names if name in known[one])
    return ()


def _plain(text: str) -> str:
    """Letters and digits alone, lower case, without accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in apart if one.isalnum())
