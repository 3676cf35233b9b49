"""Streamlit's scripts, styles and fonts, sixty of them for a first page, on the shortest way to the browser.

Through Streamlit's own handler (1.67) each takes 3 ms of the interpreter, which is then not there for the page. And it
sends them as they are, 3 MB to each pupil of a class on one wireless network; 1.1 MB are enough.
"""

import functools
import gzip
import ipaddress
import mimetypes
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import file_util

from fmnist_ui.serving.replies import send_whole, under_base

FOLDER = Path(file_util.get_static_dir()) / "static"  # all names hold a hash of what is in them
YEAR = 365 * 24 * 3600
PACKED = {".js", ".css", ".ttf", ".wasm"}  # the others are packed by themselves
LEAST_PACKED = 1_000  # bytes


class StaticFiles:
    """Middleware that answers for the files above alone."""

    def __init__(self, app: ASGIApp) -> None:
        files = (path for path in FOLDER.rglob("*") if path.is_file())
        self.app = app
        self.files = {under_base(f"static/{path.relative_to(FOLDER).as_posix()}"): path for path in files}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = scope["type"] == "http" and scope["method"] == "GET"
        found = self.files.get(scope["path"]) if asked else None
        if found is None:
            await self.app(scope, receive, send)
            return
        headers = {
            "content-type": mimetypes.guess_type(found.name)[0] or "application/octet-stream",
            "cache-control": f"public, immutable, max-age={YEAR}",
            "vary": "accept-encoding",
        }
        body = found.read_bytes()
        if found.suffix in PACKED and len(body) >= LEAST_PACKED and _is_elsewhere(scope) and _takes_gzip(scope):
            body = _packed(found)
            headers["content-encoding"] = "gzip"
        await send_whole(send, body, headers)


@functools.cache
def _packed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), 6, mtime=0)


def _is_elsewhere(scope: Scope) -> bool:
    """Whether a network lies between: on this machine, or to a proxy that packs by itself, packing is for nothing."""
    host, _port = scope.get("client") or ("", 0)
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _takes_gzip(scope: Scope) -> bool:
    return any(name == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"])
