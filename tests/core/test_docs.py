"""What the README and the theme say, held against the code."""

import re
import tomllib

import pytest

from fmnist_core.colours import CLASS_COLORS
from fmnist_core.storage import folders
from fmnist_ui.frame import PAGES

ROOT = folders.PROJECT
README = (ROOT / "README.md").read_text(encoding="utf-8")
TREE = README.split("## The tree")[1].split("## Add a model")[0]
MODULES = [path.name for room in ("fmnist_core", "fmnist_ui") for path in (ROOT / room).glob("[a-z]*.py")]


@pytest.mark.parametrize("module", MODULES)
def test_every_module_stands_in_the_tree(module):
    assert f" {module} " in TREE


def test_the_tree_names_no_module_that_has_gone():
    named = {word for word in TREE.split() if word.endswith(".py")}
    assert named <= {*MODULES, "app.py"}


@pytest.mark.parametrize("row", PAGES, ids=lambda row: row.file)
def test_every_page_stands_in_the_table(row):
    assert f"| {row.title} |" in README
    assert (ROOT / "pages" / row.file).exists()


def test_tests_that_the_docs_name_are_there():
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    named = set(re.findall(r"`(test_\w+)", (ROOT / "docs" / "projector.md").read_text(encoding="utf-8")))
    files = {path.stem for path in (ROOT / "tests").rglob("test_*.py")}
    assert len(named) > 20 and [name for name in sorted(named - files) if f"def {name}(" not in tests] == []


def test_no_page_file_is_missing_from_the_list():
    assert {path.name for path in (ROOT / "pages").glob("*.py")} == {row.file for row in PAGES}


def test_the_theme_has_the_same_colours():
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
    assert tuple(theme["chartCategoricalColors"]) == CLASS_COLORS


def test_the_pictures_of_the_readme_are_there():
    named = [part.split(")")[0] for part in README.split("](")[1:] if not part.startswith("http")]
    assert [name for name in named if not (ROOT / name).exists()] == []
