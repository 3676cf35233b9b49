"""The page that loads Streamlit's scripts, with logo and name over it. tests/browser/test_frame.py sees it go.

Run: python -m pytest tests/app/test_first_paint.py
"""

import asyncio
import re
from pathlib import Path

import pytest
from streamlit import config

import app as app_file
from fmnist_core.storage import folders
from fmnist_ui.frame import JOIN, OWNER, PAGES
from fmnist_ui.serving import first_paint
from fmnist_ui.serving.first_paint import FirstPaint

LOGO = folders.PROJECT / "assets" / "logo.svg"


async def streamlit(scope, receive, send) -> None:
    await send({"type": "http.response.start", "status": 418, "headers": []})
    await send({"type": "http.response.body", "body": b"Streamlit's"})


def get(path: str, method: str = "GET") -> tuple[int, dict[str, str], str]:
    sent = []

    async def send(message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": []}
    asyncio.run(FirstPaint(streamlit, folders.PROJECT)(scope, None, send))
    return sent[0]["status"], {k.decode(): v.decode() for k, v in sent[0]["headers"]}, sent[1]["body"].decode()


def test_it_is_streamlit_s_page_with_ours_over_it():
    status, told, page = get("/")
    before = first_paint.INDEX.read_text(encoding="utf-8")
    loaded = re.findall(r'(?:src|href)="\./static/[^"]+"', before)
    assert status == 200 and loaded and all(one in page for one in loaded)
    assert page.count("</body>") == 1 and '<div id="root"></div>' in page
    assert "<title>Fashion-MNIST Explorer</title>" in page and "<title>Streamlit" not in page
    assert LOGO.read_text() in page and told["cache-control"] == "no-cache"
    assert told["content-length"] == str(len(page.encode()))


def test_it_has_the_colours_of_both_themes():
    page = get("/data")[2]
    light, dark = (config.get_option(f"theme.{one}.backgroundColor") for one in ("light", "dark"))
    assert light and dark and f"--backgroundColor: {light};" in page
    assert page.index(light) < page.index("prefers-color-scheme: dark") < page.index(dark)


@pytest.mark.parametrize("path", ["/_stcore/health", "/static/js/index.js", "/nowhere", "/data/", "/datas", "//"])
def test_all_else_is_streamlit_s(path):
    assert get(path)[0] == 418
    assert get("/", method="POST")[0] == 418


def test_under_a_path_of_a_proxy():
    config.set_option("server.baseUrlPath", "fashion", "test")
    try:
        assert (get("/fashion/")[0], get("/fashion/data")[0], get("/data")[0]) == (200, 200, 418)
    finally:
        config.set_option("server.baseUrlPath", "")


def test_every_page_has_it():
    told = next(one for one in app_file.app._user_middleware if one.cls is FirstPaint)
    for row in (*PAGES, JOIN, OWNER):
        assert f"/{Path(row.file).stem}" in FirstPaint(streamlit, **told.kwargs).addresses
