"""What the README, the other docs and the theme say, held against the code."""

import re
import tomllib

import pytest

from fmnist_core.colours import CLASS_COLORS
from fmnist_core.storage import folders
from fmnist_ui.frame import JOIN, OWNER, PAGES

ROOT = folders.PROJECT
README = (ROOT / "README.md").read_text(encoding="utf-8")
TREE = README.split("## The tree")[1].split("## Add a model")[0]
DRAWN = [line for line in TREE.splitlines() if line.startswith("    ")]
ROOMS = ("fmnist_core", "fmnist_ui")
PACKAGES = {path.parent.name for room in ROOMS for path in (ROOT / room).glob("*/__init__.py")}
DOCS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_the_readme_and_its_tree_are_short():
    assert len(README.splitlines()) <= 160 and 0 < len(DRAWN) <= 30


def test_the_tree_has_every_package_and_no_other():
    named = {
        word.rstrip(",").removesuffix("/") for line in DRAWN for word in line.split() if word.rstrip(",").endswith("/")
    }
    assert named - PACKAGES <= {"pages", "assets", "static", "tests", "benchmarks", "deploy", "docs", *ROOMS}
    assert PACKAGES <= named and {name for name in named - PACKAGES if not (ROOT / name).is_dir()} == set()


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
    assert {path.name for path in (ROOT / "pages").glob("*.py")} == {row.file for row in (*PAGES, JOIN, OWNER)}


def test_the_theme_has_the_same_colours():
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
    assert tuple(theme["chartCategoricalColors"]) == CLASS_COLORS


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_what_a_document_leads_to_is_there(path):
    links = re.findall(r"\]\(([^)\s]+)\)", without_code(path.read_text(encoding="utf-8")))
    for target, _, place in (link.partition("#") for link in links if not link.startswith("http")):
        opened = path.parent / target if target else path
        assert opened.exists(), target
        if place:
            assert place in anchors(opened.read_text(encoding="utf-8")), f"{target}#{place}"


def without_code(text: str) -> str:
    """Without what stands between three or more backticks, or between single ones: examples lead nowhere."""
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^(`{3,}).*?^\1$", "", text, flags=re.DOTALL | re.MULTILINE))


def anchors(text: str) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_pictures_of_the_docs_are_small():
    assert sum(path.stat().st_size for path in (ROOT / "docs" / "images").iterdir()) < 1_500_000
