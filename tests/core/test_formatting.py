"""How figures are written.

Run: python -m pytest tests/core/test_formatting.py
"""

import pytest

from fmnist_core.formatting import duration, epochs, unbroken


@pytest.mark.parametrize(
    ("seconds", "digits", "text"),
    [
        (3.46, 1, "3.5 s"),
        (3.46, 0, "3 s"),
        (-1, 0, "0 s"),
        (89, 0, "89 s"),
        (90, 1, "2 min"),
        (730, 0, "12 min"),
        (12_000, 0, "3 h 20 min"),
    ],
)
def test_a_duration_is_written_in_the_unit_that_suits_it(seconds: float, digits: int, text: str):
    assert duration(seconds, digits) == text


def test_no_line_ends_before_a_percent_sign():
    assert unbroken("95.1 % of 10 pictures") == "95.1\N{NO-BREAK SPACE}% of 10 pictures"


def test_one_epoch_is_one():
    assert [epochs(count) for count in (0, 1, 2)] == ["0 epochs", "1 epoch", "2 epochs"]
