"""What stands in the cells and margins of a confusion matrix: numbers, sentences, and how strong the colours are."""

from collections.abc import Sequence
from typing import Any

import numpy as np

# The palest an error is drawn: one confusion among thousands still has to be seen beside an empty cell.
_FAINTEST = 0.1
_SPACE = "\N{NO-BREAK SPACE}"

WITHOUT_DIAGONAL = ("errors", "part")


def cell_levels(counts: np.ndarray, show: str, paint: str = "shares") -> np.ndarray:
    """How strongly each cell is coloured: (c, c) float in [0, 1].

    Args:
        paint: "shares": on the diagonal the share of the row; off it the logarithm, because a few pairs hold most of
            the errors and the rest would look like none: of the counts, or of the shares where percents are shown.
            The other two are those of a-d-c.ca's matrix: "linear", every cell from 0 to the largest row;
            "log", a white diagonal, off it ln(20 n + 1) / ln(20 m + 1), m being the largest error.
    """
    totals = counts.sum(axis=1, keepdims=True)
    shares = counts / np.maximum(totals, 1)
    blank = show in WITHOUT_DIAGONAL
    shown = counts.astype(float)
    np.fill_diagonal(shown, 0)
    if paint == "linear":
        levels = (shown if blank else counts) / max(int(totals.max(initial=0)), 1)
    elif paint == "log":
        levels = np.log(20 * shown + 1) / max(float(np.log(20 * shown.max(initial=0) + 1)), 1e-9)
    else:
        levels = _logarithms(shown, shares, counts.sum(axis=0), show)
        np.fill_diagonal(levels, 0 if blank else np.diag(shares))
    return np.asarray(levels)


def _logarithms(shown: np.ndarray, shares: np.ndarray, called: np.ndarray, show: str) -> np.ndarray:
    parts = {"percent": shares, "columns": shown / np.maximum(called, 1)}
    # A share counts as so many of 1,000, the size of a class in the test set, before the logarithm.
    sizes = np.where(shown > 0, np.log1p(1000 * parts[show] if show in parts else shown), 0)
    return np.where(sizes > 0, _FAINTEST + (1 - _FAINTEST) * sizes / max(sizes.max(initial=0), 1e-9), 0)


def colour_scales(counts: np.ndarray, show: str, paint: str = "shares") -> list[dict[str, str]]:
    """What the palest and the strongest colour of each hue mean, for the scales under the matrix; see `cell_levels`.

    The kind is that of the cells with the hue; no scale where there is no such cell.
    """
    off = counts.astype(float)
    np.fill_diagonal(off, 0)
    blank = show in WITHOUT_DIAGONAL
    if paint == "linear":
        most = {"low": "0", "high": f"{max(int(counts.sum(axis=1).max(initial=0)), 1):,}"}
        return [{"kind": "wrong" if blank else "right", "words": "pictures", **most}]
    scales = []
    if paint == "shares" and not blank and counts.trace():
        scales.append({"kind": "right", "low": "0", "high": f"100{_SPACE}%", "words": "right, of the row"})
    if off.any():
        scales.append({"kind": "wrong", "low": "0", **_largest_error(counts, off, show, paint)})
    return scales


def _largest_error(counts: np.ndarray, off: np.ndarray, show: str, paint: str) -> dict[str, str]:
    if paint == "log" or show not in ("percent", "columns"):
        return {"high": f"{int(off.max()):,}", "words": "errors, logarithmic"}
    axis, line = (1, "row") if show == "percent" else (0, "column")
    share = off / np.maximum(counts.sum(axis=axis, keepdims=True), 1)
    return {"high": f"{100 * share.max():.1f}{_SPACE}%", "words": f"errors, of the {line}, logarithmic"}


def cell_kind(count: int, correct: bool, show: str) -> str:
    if correct and show in WITHOUT_DIAGONAL:
        return "blank"
    if count == 0:
        return "none"
    return "right" if correct else "wrong"


def cell_text(count: int, base: int, show: str) -> str:
    """At most four characters, so that fifteen columns fit; the sentence has the whole number.

    base: of how many pictures a percent is.
    """
    if count == 0:
        return "·"
    if show in ("percent", "columns"):
        percent = 100 * count / base
        return "<0.1" if percent < 0.05 else f"{percent:.1f}" if percent < 9.95 else f"{percent:.0f}"
    return _short(count)


def _short(count: int) -> str:
    return str(count) if count < 10_000 else f"{count / 1000:.0f}k"


def cell_sentence(counts: np.ndarray, class_names: Sequence[str], true: int, predicted: int) -> str:
    """The cell in words: "131 of 1,000 Shirt pictures were called T-shirt/top (13.1 %)"."""
    count, total = int(counts[true, predicted]), int(counts[true].sum())
    if total == 0:
        return f"There is no {class_names[true]} picture among these."
    verb = "were" if count > 1 else "was"
    ending = "recognised" if true == predicted else f"called {class_names[predicted]}"
    number = f"{count:,}" if count else "None"
    share = f" ({100 * count / total:.1f}{_SPACE}%)" if count else ""
    return f"{number} of {total:,} {class_names[true]} pictures {verb} {ending}{share}."


def part_sentence(count: int, true: str, called: str) -> str:
    """The same where only some of the errors are counted: "30 × Shirt called T-shirt/top."."""
    return f"{count:,} × {true} called {called}."


def margin_payload(counts: np.ndarray, class_names: Sequence[str]) -> dict[str, Any]:
    """The clickable margins: of each row and column what is off the diagonal, and all of it; and the same of all."""
    right, rows, columns = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    row_words = [(f"{name} pictures called something else", f"{name} pictures") for name in class_names]
    column_words = [(f"pictures wrongly called {name}", f"pictures called {name}") for name in class_names]
    wrong, everything = int(counts.sum() - right.sum()), int(counts.sum())
    precision = [f"{100 * r / t:.0f}" if t else "–" for r, t in zip(right, columns, strict=True)]
    return {
        "rows": [
            [_margin(int(t - r), a), _margin(int(t), b)] for r, t, (a, b) in zip(right, rows, row_words, strict=True)
        ],
        "columns": [
            [_margin(int(t - r), a), _margin(int(t), b)]
            for r, t, (a, b) in zip(right, columns, column_words, strict=True)
        ],
        "corner": [_margin(wrong, "pictures off the diagonal"), _margin(everything, "pictures, right and wrong")],
        "precision": precision,
    }


def _margin(count: int, words: str) -> dict[str, str]:
    return {"text": _short(count) if count else "·", "sentence": f"{count:,} {words}. A click opens them."}


def summary_sentence(counts: np.ndarray, class_names: Sequence[str]) -> str:
    """The three pairs of classes that are taken for each other most often, both directions together."""
    if not counts.any():
        return "No pictures were counted."
    both = np.triu(counts + counts.T, k=1)
    order = np.argsort(-both, axis=None, kind="stable")[:3]
    pairs = [(*divmod(int(place), len(counts)), int(both.flat[place])) for place in order]
    told = [f"{class_names[a]} and {class_names[b]} ({number:,})" for a, b, number in pairs if number]
    if not told:
        return "Every picture was recognised."
    return f"Most often taken for each other: {', '.join(told)}."
