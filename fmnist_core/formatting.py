"""How figures are written."""

import math


def percent(value: float | None, digits: int = 2) -> str:
    """A fraction of 1 in percent, such as "91.25 %"; a dash where there is none."""
    return "–" if value is None or math.isnan(value) else f"{100 * value:.{digits}f} %"
