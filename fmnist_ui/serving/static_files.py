"""Streamlit's scripts, styles and fonts, sixty of them for a first page, and the components' own modules, on the
shortest way to the browser.

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

from fmnist_ui import javascript
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
        javascript.serve()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = scope["type"] == "http" and scope["method"] == "GET"
        name, body = self._find(scope["path"]) if asked else ("", None)
        if body is None:
            await self.app(scope, receive, send)
            return
        headers = {
            "content-type": mimetypes.guess_type(name)[0] or "application/octet-stream",
            "cache-control": f"public, immutable, max-age={YEAR}",
            "vary": "accept-encoding",
        }
        packs = Path(name).suffix in PACKED and len(body) >= LEAST_PACKED
        if packs and _is_elsewhere(scope) and _takes_gzip(scope):
            body = _packed(body)
            headers["content-encoding"] = "gzip"
        await send_whole(send, body, headers)

    def _find(self, path: str) -> tuple[str, bytes | None]:
        """The name of a file and what is in it; None where it is none of these."""
        if found := self.files.get(path):
            return found.name, found.read_bytes()
        folder, _, name = path.rpartition("/")
        return name, javascript.files.get(name) if folder == under_base(javascript.FOLDER) else None


@functools.lru_cache(maxsize=200)
def _packed(body: bytes) -> bytes:
    return gzip.compress(body, 6, mtime=0)


def _is_elsewhere(scope: Scope) -> bool:
    """Whether a network lies between: on this machine, or to a proxy that packs by itself, packing is for nothing."""
    host, _port = scope.get("client") or ("", 0)
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _takes_gzip(scope: Scope) -> bool:
    return any(name == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"])
