"""What is painted while Streamlit's scripts are on their way: logo and name, in the page that loads them.

They take a second here and several over a slow network, in which a visitor would look at nothing.
"""

import html
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config, file_util

from fmnist_ui.serving.replies import send_whole, under_base

INDEX = Path(file_util.get_static_dir()) / "index.html"
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
  const words = "[data-testid=stMain] :is(h1, h2, h3, p, [role=alert])";
  const watch = new MutationObserver(() => document.querySelector(words) && go());
  watch.observe(document.getElementById("root"), { childList: true, subtree: true });
  setTimeout(go, PATIENCE);
}
"""


class FirstPaint:
    """Middleware that answers for the pages' addresses, all of which are the same file."""

    def __init__(self, app: ASGIApp, root: Path) -> None:
        """root: where app.py lies, with its pages and assets."""
        self.app = app
        self.addresses = {under_base(page) for page in ("", *(path.stem for path in root.glob("pages/*.py")))}
        self.body = index((root / "assets" / "logo.svg").read_text(encoding="utf-8")).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] not in self.addresses:
            await self.app(scope, receive, send)
            return
        await send_whole(send, self.body, {"content-type": "text/html; charset=utf-8", "cache-control": "no-cache"})


def index(logo: str) -> str:
    """Streamlit's own page with ours over it, until the first words of the page are drawn. logo: SVG."""
    page = INDEX.read_text(encoding="utf-8").replace("<title>Streamlit</title>", f"<title>{html.escape(NAME)}</title>")
    style = f"{_theme('light')}\n@media (prefers-color-scheme: dark) {{ {_theme('dark')} }}\n{_STYLE}"
    cover = f'<div id="first" aria-hidden="true">{logo}<span>{html.escape(NAME)}</span><i></i></div>'
    script = _SCRIPT.replace("PATIENCE", str(1_000 * PATIENCE))
    return page.replace("</body>", f"<style>{style}</style>{cover}<script>{script}</script></body>")


def _theme(which: str) -> str:
    told = (f"--{name}: {config.get_option(f'theme.{which}.{name}')};" for name in COLOURS)
    return f"#first {{ {' '.join(told)} }}"
