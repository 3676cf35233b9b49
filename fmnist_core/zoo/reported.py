"""Figures that others report on this test set, to stand beside the zoo: nothing of this was trained here.

Sources: the dataset's README for people (1,000 random test pictures, three labels each, majority); arXiv 2006.09042
for the best published; Keval Patel's article for the LSTM that it cites. Zalando's classical classifiers are rows of
their own: zoo/others/classical.py.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reported:
    """test_accuracy: a fraction of 1, as reported."""

    title: str
    source: str
    test_accuracy: float
    note: str = ""


PEOPLE_PICTURES = 1_000  # that these were shown
PEOPLE = Reported(
    "People", "Zalando's README", 0.835, f"Without fashion expertise, on {PEOPLE_PICTURES:,} test pictures."
)

REPORTED = (
    Reported(
        "Fine-tuned DARTS",
        "arXiv 2006.09042",
        0.9691,
        "The best published figure that we know of, after an architecture search on GPUs.",
    ),
    Reported("LSTM", "Shen, ANU, as cited by Keval Patel", 0.9254, "Its layout is not given."),
    PEOPLE,
)
