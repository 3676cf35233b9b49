"""Which points of a map a drawn line selects, and what is refused."""

import copy
import time

import numpy as np
import pytest

from fmnist_ui.widgets.map_data import MapPoints
from fmnist_ui.widgets.map_selection import MAX_CORNERS, NEAREST_DEPTH, select_in_polygon
from fmnist_ui.widgets.sprite_map import SOURCES

SQUARE = [[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]]
STRAIGHT = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1]]  # rows of x, y and w: seen along z, without perspective


def points_at(*places: tuple[float, ...]) -> MapPoints:
    table = np.array(places, np.float32)
    marks = np.arange(len(table), dtype=np.uint8)
    z = table[:, 2] if table.shape[1] == 3 else None
    return MapPoints(table[:, 0], table[:, 1], np.arange(len(table)), marks, marks, z=z)


def value(polygon, **more):
    return {"polygon": polygon, "matrix": None, "hidden": [], "frame": None, **more}


def test_points_within_are_found_in_order():
    points = points_at((1, 1), (3, 1), (0.1, 1.9), (1, -0.1), (np.nan, 1))
    assert list(select_in_polygon(points, value(SQUARE))) == [0, 2]
    assert list(select_in_polygon(points, value(SQUARE[::-1]))) == [0, 2]


def test_many_points_agree_with_a_circle():
    random = np.random.default_rng(0)
    places = random.uniform(-1, 1, (20_000, 2)).astype(np.float32)
    points = MapPoints(places[:, 0], places[:, 1], np.arange(20_000), *[np.zeros(20_000, np.uint8)] * 2)
    angle = np.linspace(0, 2 * np.pi, MAX_CORNERS, endpoint=False)
    circle = (0.7 * np.stack([np.cos(angle), np.sin(angle)], axis=1)).tolist()
    radius = np.hypot(places[:, 0], places[:, 1])
    found = np.zeros(20_000, bool)
    found[select_in_polygon(points, value(circle))] = True
    assert found[radius < 0.6999].all()
    assert not found[radius > 0.7001].any()


def test_a_hollow_shape_leaves_its_hollow_out():
    arch = [[0, 0], [3, 0], [3, 3], [2, 3], [2, 1], [1, 1], [1, 3], [0, 3]]
    points = points_at((0.5, 2), (1.5, 2), (2.5, 2), (1.5, 0.5))
    assert list(select_in_polygon(points, value(arch))) == [0, 2, 3]


def test_what_a_line_goes_around_twice_counts():
    assert list(select_in_polygon(points_at((1, 1)), value(SQUARE + SQUARE))) == [0]


def test_hidden_colours_and_points_not_shown_do_not_count():
    points = points_at((1, 1), (1, 1), (1, 1))
    assert list(select_in_polygon(points, value(SQUARE, hidden=[1]))) == [0, 2]
    assert list(select_in_polygon(points, value(SQUARE), among=np.array([1, 2]))) == [1, 2]


def test_the_frame_that_was_seen_is_the_one_that_counts():
    points = points_at((1, 1), (9, 9))
    frames = np.array([[[9, 9], [1, 1]], [[1, 1], [9, 9]]], np.float32)
    assert list(select_in_polygon(points, value(SQUARE, frame=0), frames=frames)) == [1]
    assert list(select_in_polygon(points, value(SQUARE, frame=1), frames=frames)) == [0]
    assert select_in_polygon(points, value(SQUARE, frame=2), frames=frames) is None
    assert select_in_polygon(points, value(SQUARE, frame=0)) is None


def test_in_space_the_matrix_decides():
    points = points_at((1, 1, -5), (1, 1, 5), (1, 1, 20), (5, 1, 0), (-0.5, -0.5, 20), (0.1, 0.1, 8))
    assert list(select_in_polygon(points, value(SQUARE, matrix=STRAIGHT))) == [0, 1, 2, 5]
    perspective = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, -0.1, 1]]  # the eye is at z = 10
    narrow = [[0, 0], [1, 0], [1, 1], [0, 1]]
    # Far away, a point is drawn nearer to the middle; in front, farther from it; behind the eye or close before it,
    # not at all.
    assert list(select_in_polygon(points, value(narrow, matrix=perspective))) == [0]
    assert select_in_polygon(points, value(SQUARE)) is None


def test_the_browser_draws_what_counts():
    assert f"NEAREST_DEPTH = {NEAREST_DEPTH};" in (SOURCES / "camera.js").read_text(encoding="utf-8")


BAD_CORNERS = [[0, 0], [1, 0]], [[0, 0]] * (MAX_CORNERS + 1), [[0, 0], [1], [2, 2]], [[0, 0], [1, None], [2, 2]], "abc"


@pytest.mark.parametrize(
    "hostile",
    [
        None,
        [],
        "lasso",
        {},
        *[value(polygon) for polygon in BAD_CORNERS],
        value([[0, 0], [1, float("nan")], [2, 2]]),
        value([[0, 0], [1, float("inf")], [2, 2]]),
        value([[0, 0], [1, 10**400], [2, 2]]),
        value([[0, 0], [1, True], [2, 2]]),
        value(SQUARE, matrix=STRAIGHT[:2]),
        value(SQUARE, matrix=[[1, 0, 0, "0"], *STRAIGHT[1:]]),
        value(SQUARE, hidden=5),
        value(SQUARE, hidden=[[1]]),
        value(SQUARE, hidden=list(range(300))),
        value(SQUARE, frame=-1),
        value(SQUARE, frame=1.5),
        value(SQUARE, frame="0"),
    ],
)
def test_what_makes_no_sense_is_none(hostile):
    before = copy.deepcopy(hostile)
    frames = np.ones((1, 1, 2), np.float32)
    assert select_in_polygon(points_at((1, 1)), hostile, frames=frames) is None
    assert repr(hostile) == repr(before)


def test_one_point_and_none():
    assert list(select_in_polygon(points_at((1, 1)), value(SQUARE))) == [0]
    none = MapPoints(*[np.zeros(0)] * 5)
    assert list(select_in_polygon(none, value(SQUARE))) == []


def test_seventy_thousand_points_and_the_longest_line_take_less_than_two_seconds():
    random = np.random.default_rng(1)
    places = random.normal(size=(70_000, 2)).astype(np.float32)
    points = MapPoints(places[:, 0], places[:, 1], np.arange(70_000), *[np.zeros(70_000, np.uint8)] * 2)
    line = random.normal(size=(MAX_CORNERS, 2)).tolist()
    start = time.process_time()
    select_in_polygon(points, value(line))
    assert time.process_time() - start < 2
