"""An area of a map in an address: what is drawn comes back, and what is no area is refused.

Run: python -m pytest tests/core/maps/test_area.py
"""

import numpy as np
import pytest

from fmnist_core.maps import area

GRID = np.stack(np.meshgrid(np.linspace(-40, 60, 60), np.linspace(5, 45, 60)), axis=-1).reshape(-1, 2)


def within(polygon: np.ndarray) -> set[int]:
    """By counting how often a ray to the right crosses the polygon."""
    inside = np.zeros(len(GRID), bool)
    for (x0, y0), (x1, y1) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        if y0 != y1:
            at = x0 + (x1 - x0) * (GRID[:, 1] - y0) / (y1 - y0)
            inside ^= ((GRID[:, 1] < y0) != (GRID[:, 1] < y1)) & (GRID[:, 0] < at)
    return set(np.flatnonzero(inside).tolist())


def circle(corners: int, radius: float = 15.0) -> np.ndarray:
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    return np.stack([10 + radius * np.cos(turn), 25 + radius * np.sin(turn)], axis=1)


def test_what_is_drawn_comes_back_from_the_address():
    drawn = area.from_polygon(circle(30), GRID)
    assert len(drawn) == 30
    assert area.parse(area.write(drawn)) == drawn
    again = area.to_polygon(drawn, GRID)
    assert np.abs(again - circle(30)).max() < 0.02  # of a map 100 wide: half a step of 300 / 9,999
    assert within(again) == within(circle(30))


def test_a_long_line_loses_the_corners_that_matter_least():
    square = np.array([[0, 15], [20, 15], [20, 35], [0, 35]], float)
    sides = [
        start + part * (end - start)
        for start, end in zip(square, np.roll(square, -1, 0), strict=True)
        for part in np.linspace(0, 1, 100, endpoint=False)
    ]
    drawn = area.from_polygon(np.array(sides), GRID)
    assert len(drawn) == area.MOST_CORNERS
    assert within(area.to_polygon(drawn, GRID)) == within(square)
    rounded = area.to_polygon(area.from_polygon(circle(1_500), GRID), GRID)
    assert len(within(rounded) ^ within(circle(1_500))) <= 0.02 * len(within(circle(1_500)))


def test_places_that_are_nowhere_do_not_count_and_one_place_has_room():
    holes = np.concatenate([GRID, [[np.nan, 3.0]]])
    assert area.from_polygon(circle(5), holes) == area.from_polygon(circle(5), GRID)
    drawn = area.from_polygon(np.array([[0.9, 1.9], [1.1, 1.9], [1.0, 2.1]]), np.array([[1.0, 2.0]]))
    assert area.to_polygon(drawn, np.array([[1.0, 2.0]])) == pytest.approx(
        np.array([[0.9, 1.9], [1.1, 1.9], [1.0, 2.1]]), abs=1e-3
    )


def test_what_reaches_far_beyond_the_map_ends_at_its_square():
    far = area.from_polygon(np.array([[-1e9, 0], [1e9, 0], [0, 1e9]]), GRID)
    assert {side for corner in far for side in corner} <= set(range(area.STEPS + 1))


@pytest.mark.parametrize(
    "text",
    [
        "1-2",
        "1-2.3-4",
        "1-2.3-4.5",
        "1-2.3-4.5-6.",
        "1-2.3-4.5-99999",
        "a-b.c-d.e-f",
        "1-2.3-4.-5-6",
        ".".join(["1-2"] * 49),
        "１-2.3-4.5-6",
    ],
)
def test_what_is_no_area_is_refused(text):
    with pytest.raises(ValueError, match="it is no area; expected 3 to 48 corners"):
        area.parse(text)


def test_no_text_is_no_area():
    assert area.parse("") == ()
