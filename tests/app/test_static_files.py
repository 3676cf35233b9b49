"""Streamlit's own files and the components' modules: the same bytes as on disk, packed where a network lies between.

Run: python -m pytest tests/app/test_static_files.py
"""

import asyncio
import gzip
import re

import pytest
from streamlit import config

from fmnist_ui import javascript
from fmnist_ui.serving.static_files import FOLDER, LEAST_PACKED, StaticFiles

SCRIPT = max((FOLDER / "js").glob("protobuf.*.js"), key=lambda path: path.stat().st_size)
FONT = next((FOLDER / "media").glob("*.woff2"))
HERE, ELSEWHERE = ("127.0.0.1", 50_000), ("192.168.1.7", 50_000)


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(javascript, "_served", False)
    monkeypatch.setattr(javascript, "files", {})


async def streamlit(scope, receive, send) -> None:
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b"Streamlit's"})


def get(path: str, method: str = "GET", client=HERE, packs: str = "gzip, br") -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body, as a browser of an address gets them."""
    sent = []

    async def send(message) -> None:
        sent.append(message)

    headers = [(b"accept-encoding", packs.encode())]
    scope = {"type": "http", "method": method, "path": path, "client": client, "headers": headers}
    asyncio.run(StaticFiles(streamlit)(scope, None, send))
    told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], told, sent[1]["body"]


@pytest.mark.parametrize(
    ("path", "kind"),
    [(SCRIPT, "text/javascript|application/javascript"), (FONT, "font/woff2|application/octet-stream")],
)
def test_a_file_comes_as_it_is_and_stays_a_year(path, kind):
    status, told, body = get(f"/static/{path.relative_to(FOLDER).as_posix()}")
    assert (status, body) == (200, path.read_bytes())
    assert told["content-length"] == str(len(body)) and "immutable" in told["cache-control"]
    assert re.fullmatch(kind, told["content-type"]) and "content-encoding" not in told


def test_over_a_network_it_is_packed_for_who_unpacks():
    path = f"/static/js/{SCRIPT.name}"
    _, told, body = get(path, client=ELSEWHERE)
    assert told["content-encoding"] == "gzip" and gzip.decompress(body) == SCRIPT.read_bytes()
    assert len(body) < SCRIPT.stat().st_size / 3 and told["content-length"] == str(len(body))
    assert get(path, client=ELSEWHERE, packs="identity")[2] == SCRIPT.read_bytes()
    assert get(path, client=None)[2] == get(path, client=("unix", 0))[2] == SCRIPT.read_bytes()
    assert "content-encoding" not in get(f"/static/media/{FONT.name}", client=ELSEWHERE)[1]  # is packed by itself


def test_what_is_no_such_file_is_streamlit_s():
    for path in ("/", "/static/js/none.js", f"/static/../static/js/{SCRIPT.name}", f"/data/static/js/{SCRIPT.name}"):
        assert get(path)[2] == b"Streamlit's"
    assert get(f"/static/js/{SCRIPT.name}", method="POST")[2] == b"Streamlit's"


def test_under_a_path_of_a_proxy():
    config.set_option("server.baseUrlPath", "/fashion/", "test")
    try:
        assert get(f"/fashion/static/js/{SCRIPT.name}")[0] == 200
        assert get(f"/static/js/{SCRIPT.name}")[0] == 404
    finally:
        config.set_option("server.baseUrlPath", "")


def test_small_files_are_not_packed():
    small = min((FOLDER / "js").glob("*.js"), key=lambda path: path.stat().st_size)
    assert small.stat().st_size < LEAST_PACKED
    assert "content-encoding" not in get(f"/static/js/{small.name}", client=ELSEWHERE)[1]


MODULE = f"export default () => {{ /* {'garment ' * 200} */ }}"


def test_a_component_is_loaded_from_an_address_where_the_app_answers_for_it():
    assert javascript.by_address("map", MODULE) == MODULE
    StaticFiles(streamlit)
    loader = javascript.by_address("map", MODULE)
    (name,) = javascript.files
    assert len(loader) < 400 and f"../components/{name}" in loader
    status, told, body = get(f"/static/components/{name}")
    assert (status, body.decode()) == (200, MODULE)
    assert "immutable" in told["cache-control"] and "javascript" in told["content-type"]
    assert gzip.decompress(get(f"/static/components/{name}", client=ELSEWHERE)[2]).decode() == MODULE
    assert get("/static/components/map.0.js")[2] == get(f"/static/js/{name}")[2] == b"Streamlit's"


def test_another_module_has_another_address():
    StaticFiles(streamlit)
    assert javascript.by_address("map", MODULE) == javascript.by_address("map", MODULE)
    assert javascript.by_address("map", MODULE) != javascript.by_address("map", MODULE + " ")
