"""The pictures of README and docs are those that the committed evidence gives."""

import re
from pathlib import Path

import pytest

from stsbench.api.charts import plot_board
from stsbench.builtin.page.palette import DARK, LIGHT
from stsbench.evidence.folder import BoardFolder

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "pictures"
DRAWN = re.findall(r"\$\(BIN\)/stsbench show (\S+) --plot (\S+)(?: --chart (\S+))?( --dark)?", (ROOT / "Makefile").read_text())


def test_every_picture_is_drawn_and_shown() -> None:
    assert {path for _, path, _, _ in DRAWN} == {f"docs/pictures/{path.name}" for path in PICTURES.glob("*.svg")}
    pages = "".join(path.read_text(encoding="utf-8") for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
    assert all(f"{Path(path).parent.name}/{Path(path).name}" in pages for _, path, _, _ in DRAWN)


@pytest.mark.parametrize(("board", "path", "chart", "dark"), DRAWN)
def test_a_picture_is_drawn_again_byte_by_byte(board: str, path: str, chart: str, dark: str, tmp_path: Path) -> None:
    plot_board(BoardFolder(ROOT / board), chart or "intervals", tmp_path / "picture.svg", dark=bool(dark))
    assert (tmp_path / "picture.svg").read_bytes() == (ROOT / path).read_bytes()


def test_a_dark_picture_is_the_light_one_in_other_colours() -> None:
    light, dark = ((PICTURES / name).read_text(encoding="utf-8") for name in ("standings.svg", "standings-dark.svg"))
    assert f'fill="{DARK["paper"]}"' in dark
    assert not [name for name, colour in LIGHT.items() if colour in dark and colour not in DARK.values()]
    assert re.sub(r"#[0-9a-f]{6}", "", light) == re.sub(r"#[0-9a-f]{6}", "", dark)
