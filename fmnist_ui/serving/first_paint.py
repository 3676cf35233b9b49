"""What is painted while Streamlit's scripts are on their way: logo and name, in the page that loads them.

They take a second here and several over a slow network, in which a visitor would look at nothing.
"""

import html
from pathlib import Path

import streamlit as st
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config

INDEX = Path(st.__file__).parent / "static" / "index.html"
NAME = "Fashion-MNIST Explorer"
PATIENCE = 15  # seconds after which it goes, whatever came in its place
COLOURS = "backgroundColor", "textColor", "borderColor", "primaryColor"  # of a theme, in .streamlit/config.toml

_STYLE = """
#first { position: fixed; inset: 0; z-index: 999999; pointer-events: none; font: 600 1rem Inter, system-ui, sans-serif;
  background: var(--backgroundColor); color: var(--textColor); display: grid; place-content: center;
  justify-items: center; gap: 1rem; }
#first svg { width: 3.5rem; height: 3.5rem; }
#first i { width: 9rem; height: 3px; border-radius: 2px; overflow: hidden; background: var(--borderColor); }
#first i::after { content: ""; display: block; width: 40%; height: 100%; background: var(--primaryColor);
  animation: first 1.1s ease-in-out infinite alternate; }
@keyframes first { to { transform: translateX(150%); } }
@media (prefers-reduced-motion) { #first i::after { animation: none; } }
@media print { #first { display: none; } }
"""
_SCRIPT = """
{
  const first = document.getElementById("first");
  const go = () => { watch.disconnect(); first.remove(); };
  const watch = new MutationObserver(() => document.querySelector("#root :is(h1, [role=alert])") && go());
  watch.observe(document.getElementById("root"), { childList: true, subtree: true });
  setTimeout(go, PATIENCE);
}
"""


class FirstPaint:
    """Middleware that answers for the pages' addresses, all of which are the same file."""

    def __init__(self, app: ASGIApp, logo: Path, pages: tuple[str, ...]) -> None:
        """pages: their addresses, without the path under which a proxy has the app."""
        base = (config.get_option("server.baseUrlPath") or "").strip("/")
        start = f"/{base}/" if base else "/"
        self.app = app
        self.addresses = {start, *(f"{start}{page}" for page in pages)}
        self.body = index(logo.read_text(encoding="utf-8")).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] not in self.addresses:
            await self.app(scope, receive, send)
            return
        length = str(len(self.body)).encode()
        headers = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", length)]
        headers.append((b"cache-control", b"no-cache"))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


def index(logo: str) -> str:
    """Streamlit's own page with ours over it, until the first heading or alert is drawn. logo: SVG."""
    page = INDEX.read_text(encoding="utf-8").replace("<title>Streamlit</title>", f"<title>{html.escape(NAME)}</title>")
    style = f"{_theme('light')}\n@media (prefers-color-scheme: dark) {{ {_theme('dark')} }}\n{_STYLE}"
    cover = f'<div id="first" aria-hidden="true">{logo}<span>{html.escape(NAME)}</span><i></i></div>'
    script = _SCRIPT.replace("PATIENCE", str(1_000 * PATIENCE))
    return page.replace("</body>", f"<style>{style}</style>{cover}<script>{script}</script></body>")


def _theme(which: str) -> str:
    told = (f"--{name}: {config.get_option(f'theme.{which}.{name}')};" for name in COLOURS)
    return f"#first {{ {' '.join(told)} }}"
