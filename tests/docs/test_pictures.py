"""The README's pictures are those that the committed evidence gives."""

import re
from pathlib import Path

import pytest

from stsbench.api.charts import plot_board
from stsbench.evidence.folder import BoardFolder

ROOT = Path(__file__).parents[2]
DRAWN = re.findall(r"\$\(BIN\)/stsbench show (\S+) --plot (\S+)(?: --chart (\S+))?", (ROOT / "Makefile").read_text())


def test_every_picture_is_drawn_and_shown() -> None:
    assert {path for _, path, _ in DRAWN} == {f"docs/pictures/{path.name}" for path in (ROOT / "docs" / "pictures").glob("*.svg")}
    assert all(f"({path})" in (ROOT / "README.md").read_text() for _, path, _ in DRAWN)


@pytest.mark.parametrize(("board", "path", "chart"), DRAWN)
def test_a_picture_is_drawn_again_byte_by_byte(board: str, path: str, chart: str, tmp_path: Path) -> None:
    plot_board(BoardFolder(ROOT / board), chart or "intervals", tmp_path / "picture.svg")
    assert (tmp_path / "picture.svg").read_bytes() == (ROOT / path).read_bytes()
