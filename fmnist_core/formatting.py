"""How figures are written."""

import math


def percent(value: float | None, digits: int = 2) -> str:
    """A fraction of 1 in percent, such as "91.25 %"; a dash where there is none."""
    return "–" if value is None or math.isnan(value) else f"{100 * value:.{digits}f} %"


def epochs(count: int) -> str:
    """ "1 epoch", "20 epochs"."""
    return f"{count} epoch{'' if count == 1 else 's'}"


def unbroken(text: str) -> str:
    """A sentence in which no line ends between a number and its percent sign."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def duration(seconds: float, digits: int = 0) -> str:
    """ "40 s", "12 min", "3 h 20 min". digits: of seconds, behind the point."""
    if seconds < 90:
        return f"{max(seconds, 0):.{digits}f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
