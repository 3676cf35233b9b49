"""JavaScript files of a component, joined: Streamlit takes a component as one module, an editor likes many."""

import re
from collections.abc import Sequence
from pathlib import Path


def one_module(folder: Path, names: Sequence[str]) -> str:
    """The files FOLDER/NAME.js in this order as one ES module.

    Their own imports and exports are for editors and for running a file by itself; here they go, all names share
    one scope, and the one `export default` stays.
    """
    text = "\n".join((folder / f"{name}.js").read_text(encoding="utf-8") for name in names)
    text = re.sub(r"^import\b[^;]*;", "", text, flags=re.MULTILINE)  # of one line or several
    return re.sub(r"^export (?!default)", "", text, flags=re.MULTILINE)
