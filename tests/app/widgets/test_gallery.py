"""The gallery's tile sheet, words, click and payload; what a browser makes of it is in tests/browser."""

import io
import json

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from fmnist_ui.widgets.gallery import Tile, gallery_payload, picked_index, tile_label, tile_sheet


def random_pictures(number: int) -> np.ndarray:
    return np.random.default_rng(7).integers(0, 256, (number, 28, 28), dtype=np.uint8)


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)))


@pytest.mark.parametrize(("number", "shape"), [(1, (30, 30)), (4, (30, 120)), (10, (30, 300)), (23, (90, 300))])
def test_every_picture_lies_at_its_place_of_the_sheet(number, shape):
    pictures = random_pictures(number)
    sheet = pixels(tile_sheet(pictures))
    assert sheet.shape == shape
    for index, picture in enumerate(pictures):
        top, left = 30 * (index // 10) + 1, 30 * (index % 10) + 1
        assert np.array_equal(sheet[top : top + 28, left : left + 28], picture)


def test_the_frame_of_a_picture_repeats_its_own_edge():
    sheet = pixels(tile_sheet(np.stack([np.full((28, 28), 255, np.uint8), np.zeros((28, 28), np.uint8)])))
    assert (sheet[:, :30] == 255).all()
    assert (sheet[:, 30:] == 0).all()


@pytest.mark.parametrize(
    "pictures",
    [np.zeros((0, 28, 28), np.uint8), np.zeros((2, 28, 27), np.uint8), np.zeros((2, 28, 28), np.float32)],
)
def test_a_sheet_of_something_else_is_refused(pictures):
    with pytest.raises(ValueError, match="Received: shape"):
        tile_sheet(pictures)


@pytest.mark.parametrize(
    ("words", "label"),
    [
        ({}, "picture"),
        ({"caption": "Coat", "detail": "0.93", "tone": "right"}, "Coat, 0.93, right"),
        ({"caption": "Coat", "alt": "test/7, a Coat", "tone": "wrong"}, "test/7, a Coat, wrong"),
        ({"caption": "Coat", "alt": "test/7"}, "test/7, Coat"),
    ],
)
def test_a_tile_is_told_in_words(words, label):
    assert tile_label(Tile(np.zeros((28, 28), np.uint8), **words)) == label


@pytest.mark.parametrize(
    ("picked", "index"),
    [
        (None, None),
        ({"index": 1, "id": 20}, 1),
        ({"index": 0, "id": 30}, 2),  # the tiles changed under the pointer: the picture counts, not the place
        ({"index": 1, "id": 99}, None),  # the clicked picture has gone
        ({"index": 3, "id": 20}, 1),
        ({"index": "1", "id": None}, None),
        ([1, 20], None),
    ],
)
def test_a_click_is_for_the_picture_that_was_seen(picked, index):
    assert picked_index(picked, [10, 20, 30]) == index


def test_equal_pictures_are_told_apart_by_their_place():
    assert picked_index({"index": 2, "id": 10}, [10, 20, 10]) == 2


def test_the_payload_is_plain_json_and_names_every_tile():
    tiles = [Tile(picture, caption=f"<b>{place}") for place, picture in enumerate(random_pictures(12))]
    payload = gallery_payload(tiles, size=72, selected=np.int64(3), label="Some", clickable=True)
    payload = json.loads(json.dumps(payload))
    assert payload["selected"] == 3
    assert (payload["columns"], payload["rows"]) == (10, 2)
    assert [tile["caption"] for tile in payload["tiles"]] == [f"<b>{place}" for place in range(12)]
    assert len({tile["id"] for tile in payload["tiles"]}) == 12


def app_with_two_galleries():
    import numpy as np

    from fmnist_ui.widgets.gallery import Tile, gallery

    picture = np.zeros((28, 28), np.uint8)
    gallery([], key="empty", label="None")
    gallery([Tile(picture, "Bag", tone="wrong")], key="full", label="One bag")


def test_a_gallery_mounts_and_an_empty_one_draws_nothing():
    app = AppTest.from_function(app_with_two_galleries, default_timeout=30).run()
    assert not app.exception
    (component,) = app.get("bidi_component")
    payload = json.loads(component.proto.json)
    assert payload["label"] == "One bag"
    assert payload["clickable"] is False
    assert payload["tiles"][0]["label"] == "Bag, wrong"
    assert payload["url"].startswith("data:image/png;base64,")
