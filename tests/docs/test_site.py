"""The documentation as pages: built without a warning, from here alone, with every public name, and each page two clicks from the first."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

import stsbench
import stsbench.plugin
import stsbench.testing

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = {path.relative_to(DOCS).as_posix(): path.read_text(encoding="utf-8") for path in DOCS.rglob("*.md")}
CONFIGURED = tomllib.loads((ROOT / "zensical.toml").read_text())["project"]


def build(place: Path) -> subprocess.CompletedProcess[str]:
    """Build the site of a folder that has docs/, with the project's configuration."""
    (place / "zensical.toml").write_text((ROOT / "zensical.toml").read_text())
    (place / "stsbench").symlink_to(ROOT / "stsbench")
    command = [str(Path(sys.executable).with_name("zensical")), "build", "--clean", "--strict"]
    return subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("site")
    shutil.copytree(DOCS, place / "docs")
    done = build(place)
    assert done.returncode == 0, done.stdout + done.stderr
    return place / "build" / "site"


def test_every_page_is_built(site: Path) -> None:
    for page in PAGES:
        folder = page.removesuffix(".md").removesuffix("README")
        assert (site / folder / "index.html").exists(), page


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > len(PAGES)
    for page in pages:
        for element in re.findall(r"<(?:script|img|link|iframe|source)\b[^>]*>", page.read_text(encoding="utf-8")):
            if 'rel="canonical"' not in element:
                assert not re.search(r"(?:src|srcset|href)=\"?(?:https?:)?//", element), f"{page}: {element}"


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("python", {f"stsbench.{name}" for name in stsbench.__all__ if name != "__version__"}),
        ("plugin", {f"stsbench.plugin.{name}" for name in stsbench.plugin.__all__}),
        ("testing", {f"stsbench.testing.{name}" for name in stsbench.testing.__all__}),
    ],
)
def test_the_reference_has_every_public_name(site: Path, page: str, names: set[str]) -> None:
    shown = set(re.findall(r'<h2 id="(stsbench\.[\w.]+)"', (site / "reference" / page / "index.html").read_text()))
    in_a_table = {f"stsbench.{page}.{name}" for name in re.findall(r"^\| `(\w+)", PAGES[f"reference/{page}.md"], re.M)}
    assert shown | in_a_table == names
    assert not shown & in_a_table


def test_a_link_that_leads_nowhere_stops_the_build(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "README.md").write_text("# Here\n\n[There](here.md) and [below](README.md#below)\n")
    done = build(tmp_path)
    assert done.returncode != 0
    assert "page does not exist" in done.stdout + done.stderr
    assert "anchor does not exist" in done.stdout + done.stderr


def test_every_page_is_two_clicks_from_the_first() -> None:
    reached = {"README.md"}
    for _ in range(2):
        reached |= {linked for page in reached for linked in links(page)}
    assert sorted(reached) == sorted(PAGES)


def links(page: str) -> set[str]:
    targets = re.findall(r"\]\(([\w./-]+\.md)(?:#[\w-]*)?\)", PAGES[page])
    return {(DOCS / page).parent.joinpath(target).resolve().relative_to(DOCS).as_posix() for target in targets}


def test_the_navigation_has_what_the_first_page_has() -> None:
    assert sorted(listed(CONFIGURED["nav"])) == sorted({"README.md", *links("README.md")})


def listed(entry: Any) -> list[str]:
    """The pages of an entry of the navigation: a page, or a list below a title."""
    if isinstance(entry, str):
        return [entry]
    return [page for inner in (entry.values() if isinstance(entry, dict) else entry) for page in listed(inner)]
