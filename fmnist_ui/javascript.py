"""JavaScript files of a component, joined: Streamlit takes a component as one module, an editor likes many."""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

FOLDER = "static/components"  # below the app's address, beside Streamlit's own scripts
files: dict[str, bytes] = {}  # name -> what is found there under it
_served = False  # whether anybody answers there

_LOADER = """// Also behind a proxy that has the app below another address: found from where the page's own scripts are.
const beside = document.querySelector('script[src*="static/js/"]').src;
const { default: show } = await import(new URL("../components/%s", beside));
export default show;
"""


def serve() -> None:
    """Said by who answers for `files`, before any component is made."""
    global _served
    _served = True


def by_address(name: str, text: str) -> str:
    """What Streamlit takes for a component's module, `text`: a few lines that load it from the app's server.

    Streamlit (1.67) sends the module again with each drawing of a component, with each second of a curve and each
    click on a map, up to 110 kB. What has an address of its own a browser loads once. Where nobody answers for that
    address, as in a script with one component, it is the module itself.
    """
    if not _served:
        return text
    content = text.encode()
    file = f"{name}.{hashlib.blake2b(content, digest_size=8).hexdigest()}.js"
    files[file] = content
    return _LOADER % file


def one_module(folder: Path, names: Sequence[str]) -> str:
    """The files FOLDER/NAME.js in this order as one ES module.

    Their own imports and exports are for editors and for running a file by itself; here they go, all names share
    one scope, and the one `export default` stays.
    """
    text = "\n".join((folder / f"{name}.js").read_text(encoding="utf-8") for name in names)
    text = re.sub(r"^import\b[^;]*;", "", text, flags=re.MULTILINE)  # of one line or several
    return re.sub(r"^export (?!default)", "", text, flags=re.MULTILINE)
