"""What the map sends to the browser and takes back; what the browser makes of it is in tests/browser."""

import dataclasses
import json

import numpy as np
import pytest
from streamlit.dataframe_util import convert_arrow_bytes_to_pandas_df
from streamlit.testing.v1 import AppTest

from fmnist_core.data import SIDE
from fmnist_ui.javascript import one_module
from fmnist_ui.widgets.map_data import Look, Sheet, check
from fmnist_ui.widgets.map_html import map_html
from fmnist_ui.widgets.map_selection import clicked_point
from fmnist_ui.widgets.sprite_map import MODULES, NO_SHEET, SOURCES, MapPoints, default_sheet

NAMES = ("Coat", "Shirt", "Bag")
COLOURS = ("#3f90da", "#ffa90e", "#bd1f01")


def make_points(count: int) -> MapPoints:
    random = np.random.default_rng(0)
    label = random.integers(0, len(NAMES), count, np.uint8)
    return MapPoints(
        x=random.normal(size=count).astype(np.float32),
        y=random.normal(size=count).astype(np.float32),
        picture=np.arange(count, dtype=np.uint32),
        colour=label,
        label=label,
        predicted=label[::-1],
        confidence=random.integers(0, 256, count, np.uint8),
    )


LOOK = Look(COLOURS, NAMES, NAMES)


def draw(points: MapPoints, *, sheet: Sheet | None = None, on_select=None, **look):
    """Mounts the map in an app of its own: what was returned, the payload as a dict, its tables by name."""

    def script(points, look, options):
        from fmnist_ui.widgets.sprite_map import sprite_map

        sprite_map(points, look, key="map", on_pick=print, **options)

    options = {"sheet": sheet, "on_select": on_select}
    app = AppTest.from_function(script, args=(points, dataclasses.replace(LOOK, **look), options)).run()
    assert not app.exception
    mixed = app.get("bidi_component")[0].proto.mixed
    sent = json.loads(mixed.json)
    blobs = {reference: bytes(blob.data) for reference, blob in mixed.arrow_blobs.items()}
    for name in ("points", "emphasis", "highlighted", "frames"):
        (reference,) = sent[name].values()
        sent[name] = convert_arrow_bytes_to_pandas_df(blobs[reference])
    return sent, sum(map(len, blobs.values()))


def test_ten_thousand_points_take_less_than_170_kilobytes():
    sent, size = draw(make_points(10_000), highlighted=np.arange(100))
    assert size < 170_000
    kinds = {name: str(kind) for name, kind in sent["points"].dtypes.items()}
    assert kinds == {
        "x": "float32",
        "y": "float32",
        "picture": "uint32",
        **dict.fromkeys(("colour", "label", "predicted", "confidence"), "uint8"),
    }


def test_what_arrives_is_what_was_given():
    points = make_points(50)
    sent, _ = draw(points, selected=7, highlighted=np.array([3, 40]))
    for name in ("x", "y", "picture", "colour", "label", "predicted", "confidence"):
        assert (sent["points"][name].to_numpy() == getattr(points, name)).all()
    assert (sent["selected"], sent["dropped"], sent["height"]) == (7, 0, "620px")
    assert list(sent["highlighted"]["point"]) == [3, 40]
    assert sent["sheet"] == {"url": default_sheet().url, "count": 10_000, "columns": 100, "side": SIDE}


def test_what_was_not_predicted_is_not_sent():
    sent, _ = draw(dataclasses.replace(make_points(3), predicted=None, confidence=None))
    assert list(sent["points"]) == ["x", "y", "picture", "colour", "label"]


def test_points_without_a_place_are_left_out_and_counted():
    points = make_points(6)
    points.x[1], points.y[4] = np.nan, np.inf
    sent, _ = draw(points, selected=5, highlighted=np.array([1, 2, 5]))
    assert list(sent["points"]["picture"]) == [0, 2, 3, 5]
    assert sent["dropped"] == 2
    assert sent["selected"] == 3
    assert list(sent["highlighted"]["point"]) == [1, 3]
    assert draw(points, selected=1)[0]["selected"] is None


@pytest.mark.parametrize("count", [0, 1])
def test_a_map_of_hardly_any_points(count):
    sent, _ = draw(make_points(count), selected=0)
    assert len(sent["points"]) == count
    assert str(sent["points"]["x"].dtype) == "float32"
    assert sent["selected"] == (0 if count else None)


def test_versions_tell_which_part_is_new():
    points = make_points(20)
    before = draw(points)[0]["versions"]

    def new(changed: MapPoints = points, **options) -> set[str]:
        after = draw(changed, **options)[0]["versions"]
        return {part for part in after if after[part] != before[part]}

    assert new() == set()
    assert new(selected=3) == set()
    assert new(dataclasses.replace(points, x=points.y)) == {"layout"}
    assert new(dataclasses.replace(points, picture=points.picture[::-1])) == {"layout"}
    assert new(dataclasses.replace(points, colour=(points.colour + 1) % 3)) == {"marks"}
    assert new(dataclasses.replace(points, confidence=None)) == {"marks"}
    assert new(palette=COLOURS[::-1]) == {"palette"}
    assert new(named_by="predicted") == {"marks"}
    assert new(highlighted=np.array([2])) == {"highlighted"}


def test_a_click_names_a_point_of_the_script():
    points = make_points(6)
    rows = np.array([0, 2, 3, 5])
    assert clicked_point({"point": 1, "picture": 2}, points, rows) == 2
    assert clicked_point({"point": 3, "picture": 5}, points, rows) == 5


@pytest.mark.parametrize(
    "clicked",
    [
        None,
        {"point": 1, "picture": 3},  # the points have changed since: another picture is there now
        {"point": 4, "picture": 5},
        {"point": -1, "picture": 5},
        {"point": 1.0, "picture": 2},
        {"picture": 2},
        "2",
    ],
)
def test_a_click_that_fits_no_point_is_none(clicked):
    assert clicked_point(clicked, make_points(6), np.array([0, 2, 3, 5])) is None


@pytest.mark.parametrize(
    ("points", "options", "message"),
    [
        (dataclasses.replace(make_points(3), y=np.zeros(2)), {}, "same length"),
        (make_points(3), {"palette": COLOURS[:2]}, "one legend text a colour"),
        (make_points(3), {"palette": ["#000000"] * 257, "legend": ["a"] * 257}, "at most 256"),
        (make_points(9), {"palette": COLOURS[:1], "legend": NAMES[:1]}, "colour must be below 1"),
        (make_points(9), {"class_names": NAMES[:2]}, "label must be below 2"),
        (dataclasses.replace(make_points(3), predicted=np.full(3, 9)), {}, "predicted must be below 3"),
    ],
)
def test_what_does_not_fit_together_is_refused(points, options, message):
    with pytest.raises(ValueError, match=message):
        check(points, dataclasses.replace(LOOK, **options))


def test_the_files_become_one_module():
    text = one_module(SOURCES, MODULES)
    assert {f"{name}.js" for name in MODULES} == {path.name for path in SOURCES.glob("*.js")}
    assert "\nimport " not in text
    assert text.count("export ") == text.count("export default function") == 1


def frames_of(points: MapPoints, count: int) -> np.ndarray:
    grow = np.linspace(1, 1e-4, count)[::-1, None, None]
    return (grow * points.places).astype(np.float32)


def test_frames_of_ten_thousand_points_take_less_than_a_megabyte():
    points = make_points(10_000)
    assert draw(points, frames=frames_of(points, 12))[1] < 700_000
    solid = dataclasses.replace(points, z=points.y[::-1])
    assert draw(solid, frames=frames_of(solid, 12))[1] < 1_000_000


def test_frames_arrive_as_they_were_each_on_its_own_scale():
    points = dataclasses.replace(make_points(40), z=np.linspace(5, 9, 40, dtype=np.float32))
    frames = frames_of(points, 3)
    sent, _ = draw(points, frames=frames, frame_labels=["a", "b", "c"])
    assert sent["frame_labels"] == ["a", "b", "c"]
    assert len(sent["frame_spans"]) == 2
    for frame, span in enumerate(sent["frame_spans"]):
        rows = slice(40 * frame, 40 * (frame + 1))
        quanta = np.stack([sent["frames"][axis][rows] for axis in "xyz"], axis=1)
        assert quanta.dtype == np.int16
        assert abs(quanta).max() == 32767
        found = quanta / 32767 * span["half"] + span["centre"]
        assert found == pytest.approx(frames[frame], abs=span["half"] / 65_000)


def test_points_that_lack_a_place_in_any_frame_are_left_out():
    points = make_points(5)
    frames = frames_of(points, 3)
    frames[0, 2] = np.nan
    sent, _ = draw(points, frames=frames)
    assert list(sent["points"]["picture"]) == [0, 1, 3, 4]
    assert len(sent["frames"]) == 2 * 4
    assert sent["dropped"] == 1


def test_only_what_is_shown_is_sent_and_others_than_the_emphasised_are_faint():
    points = make_points(8)
    sent, _ = draw(points, shown=np.array([1, 2, 6]), emphasised=np.array([2]), selected=6)
    assert list(sent["points"]["picture"]) == [1, 2, 6]
    assert list(sent["emphasis"]["faint"]) == [0b101]  # a bit a point
    assert (sent["selected"], sent["dropped"]) == (2, 0)


def test_points_that_the_browser_has_are_not_sent_again():
    def script(points, look):
        import dataclasses

        import numpy as np
        import streamlit as st

        from fmnist_ui.widgets.sprite_map import sprite_map

        look = dataclasses.replace(look, emphasised=np.array([st.session_state.get("run", 0)]))
        sprite_map(points, look, key="map", on_pick=print)

    def rows(app) -> list[int]:
        mixed = app.get("bidi_component")[0].proto.mixed
        sent = json.loads(mixed.json)
        assert sent["count"] == 20
        blobs = {reference: bytes(blob.data) for reference, blob in mixed.arrow_blobs.items()}
        tables = [
            convert_arrow_bytes_to_pandas_df(blobs[next(iter(sent[part].values()))]) for part in ("points", "emphasis")
        ]
        return [len(table) for table in tables]

    app = AppTest.from_function(script, args=(make_points(20), LOOK)).run()
    assert rows(app) == [20, 3]
    app.session_state["run"] = 1
    assert rows(app.run()) == [0, 3]
    del app.session_state["map sent"]  # as after the browser has said that it lacks them
    assert rows(app.run()) == [20, 3]


def test_new_frames_emphasis_and_isolation_have_versions():
    points = make_points(20)
    frames = frames_of(points, 3)
    before = draw(points, frames=frames)[0]["versions"]

    def new(**options) -> set[str]:
        after = draw(points, **{"frames": frames.copy()} | options)[0]["versions"]
        return {part for part in after if after[part] != before[part]}

    assert new() == set()
    assert new(frames=frames[1:]) == {"frames"}
    assert new(emphasised=np.array([1])) == {"emphasised"}
    assert new(shown=np.arange(20)) == {"shown"}
    assert new(shown=np.arange(10)) == {"shown", "layout", "marks", "frames"}


def test_frames_are_sent_once():
    def script(points, look, other):
        import dataclasses

        import streamlit as st

        from fmnist_ui.widgets.sprite_map import sprite_map

        frames = other if st.toggle("Other") else look.frames
        sprite_map(points, dataclasses.replace(look, frames=frames), key="map", on_pick=print)

    def sent(app: AppTest) -> tuple[int, int]:
        mixed = app.get("bidi_component")[0].proto.mixed
        payload = json.loads(mixed.json)
        (reference,) = payload["frames"].values()
        frames = convert_arrow_bytes_to_pandas_df(bytes(mixed.arrow_blobs[reference].data))
        return len(frames), len(payload["frame_spans"])

    points = make_points(20)
    frames = frames_of(points, 3)
    app = AppTest.from_function(script, args=(points, dataclasses.replace(LOOK, frames=frames), frames[1:])).run()
    assert sent(app) == (40, 2)
    assert sent(app.run()) == (0, 2)
    assert sent(app.toggle[0].set_value(True).run()) == (20, 1)
    assert sent(app.toggle[0].set_value(False).run()) == (40, 2)
    assert not app.exception


@pytest.mark.parametrize(("count", "frames"), [(0, 3), (4, 1)])
def test_frames_with_nothing_to_play_make_no_animation(count, frames):
    points = make_points(count)
    sent, _ = draw(points, frames=frames_of(points, frames))
    assert (sent["frame_labels"], sent["frame_spans"]) == ([], [])


def test_a_map_without_pictures_is_sent_no_sheet():
    assert draw(make_points(3), sheet=NO_SHEET)[0]["sheet"] is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"frames": np.zeros((2, 4, 2))}, r"must be \(k, 3, 2\)"),
        ({"frames": np.zeros((2, 3, 3))}, r"must be \(k, 3, 2\)"),
        ({"frames": np.zeros((0, 3, 2))}, r"must be \(k, 3, 2\)"),
        ({"frames": np.ones((2, 3, 2))}, "last frame"),
        ({"frames": make_points(3).places[None], "frame_labels": ["a", "b"]}, "one label a frame"),
    ],
)
def test_frames_that_are_not_those_of_the_points_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        check(make_points(3), dataclasses.replace(LOOK, **options))


def test_tools_to_select_are_there_only_for_a_script_that_wants_to_know():
    assert draw(make_points(3))[0]["can_select"] is False
    assert draw(make_points(3), on_select=print)[0]["can_select"] is True


def test_the_file_of_a_map_holds_all_it_needs_and_no_words_that_run():
    label = np.zeros(2, np.uint8)
    points = MapPoints(np.arange(2.0), np.arange(2.0), np.arange(2), label, label)
    text = map_html(points, Look(["#000000"], ["</script>"], ["a"]), title="<b>")
    assert text.count("</script>") == 1
    assert "<b>" not in text
    assert "http" not in text.replace("http://www.w3.org", "")
    with pytest.raises(ValueError, match="one legend text"):
        map_html(points, Look([], ["a"], ["a"]))
