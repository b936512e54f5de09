"""What is drawn has the same bytes whatever fonts the machine has: none, DejaVu, its own, another of the name that is measured with."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from stsbench.builtin.page.renderer import FONT

DRAW = """
import hashlib, sys
from pathlib import Path
from stsbench.builtin.page.drawing import write_plot
from stsbench.builtin.page.drawing import page_svg, picture_png, picture_svg
from stsbench.builtin.page.standings import intervals
from stsbench.builtin.page.writer import HtmlWriter
from stsbench.testing.boards import board
shown = board(("alpha · WAVE · cosine", "♔♕♖♗ beta Å · cosine", "日本語 · cosine"))
chart = intervals(shown)
bars = {"data": {"values": [{"name": "♔♕♖♗ WAVE", "n": 1}]}, "mark": "bar", "encoding": {"y": {"field": "name"}, "x": {"field": "n"}}}
for name in ("plot.svg", "plot.png"):
    write_plot(Path(sys.argv[1], name), {**bars, "config": {"font": "sans-serif"}})
drawn = [page_svg(chart).encode(), picture_svg(chart).encode(), picture_png(chart), *HtmlWriter().render(shown).values()]
drawn += [Path(sys.argv[1], name).read_bytes() for name in ("plot.svg", "plot.png")]
print(*(hashlib.sha256(data).hexdigest()[:16] for data in drawn))
"""
UNGUARDED = """
import vl_convert
bars = {"data": {"values": [{"name": "WAVE", "n": 1}]}, "mark": "bar", "encoding": {"y": {"field": "name"}}, "config": {"font": "%s"}}
print(vl_convert.vegalite_to_svg(bars).partition("viewBox")[0])
"""


def font(family: str, advance: int) -> bytes:
    """A TrueType font whose every letter of ASCII is a box, and `advance` thousandths of the size wide."""
    box = struct.pack(">5h2H4B8h", 1, 0, 0, 500, 700, 3, 0, 1, 1, 1, 1, 0, 500, 0, -500, 0, 0, 700, 0)
    named = [(place, text.encode("utf-16-be")) for place, text in ((1, family), (2, "Regular"), (6, family.replace(" ", "")))]
    starts = [sum(len(text) for _, text in named[:place]) for place in range(len(named))]
    places = b"".join(struct.pack(">6H", 3, 1, 1033, kind, len(text), start) for (kind, text), start in zip(named, starts, strict=True))
    tables = {
        b"cmap": struct.pack(">4HI5H", 0, 1, 0, 3, 12, 6, 200, 0, 32, 95) + struct.pack(">95H", *[1] * 95),
        b"glyf": box,
        b"head": struct.pack(">4I2H2q4h2H3h", 65536, 65536, 0, 0x5F0F3CF5, 0, 1000, 0, 0, 0, 0, 1000, 1000, 0, 8, 2, 0, 0),
        b"hhea": struct.pack(">I3hH11hH", 65536, 800, -200, 0, advance, *[0] * 11, 2),
        b"hmtx": struct.pack(">Hhhh", advance, 0, advance, 0),
        b"loca": struct.pack(">3H", 0, 0, len(box) // 2),
        b"maxp": struct.pack(">IH", 0x5000, 2),
        b"name": struct.pack(">3H", 0, len(named), 6 + len(places)) + places + b"".join(text for _, text in named),
    }
    data, where = b"", 12 + 16 * len(tables)
    directory = struct.pack(">I4H", 65536, len(tables), 64, 2, 32)
    for tag, table in tables.items():
        directory += tag + struct.pack(">3I", 0, where + len(data), len(table))
        data += table + b"\0" * (-len(table) % 4)
    return directory + data


def fontconfig(folder: Path, **fonts: bytes | Path) -> dict[str, str]:
    """The environment of a machine that has these fonts only."""
    (held := folder / "fonts").mkdir(parents=True)
    for name, data in fonts.items():
        (held / f"{name}.ttf").write_bytes(data if isinstance(data, bytes) else data.read_bytes())
    (home := folder / "home").mkdir()
    (configuration := folder / "fonts.conf").write_text(f"<fontconfig><dir>{held}</dir></fontconfig>")
    return {"FONTCONFIG_FILE": str(configuration), "FONTCONFIG_PATH": str(folder), "HOME": str(home), "XDG_CONFIG_HOME": str(home)}


def started(folder: Path, script: str, environment: Mapping[str, str]) -> subprocess.Popen[str]:
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-c", script, str(folder)]
    return subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def said(process: subprocess.Popen[str]) -> str:
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return output


def test_no_font_of_the_machine_moves_a_byte(tmp_path: Path) -> None:
    pytest.importorskip("vl_convert", reason="the extra html is not installed")
    dejavu = sorted(Path("/usr/share/fonts").rglob("DejaVu*.ttf"))
    machines = {
        "none": fontconfig(tmp_path / "none"),
        "dejavu": fontconfig(tmp_path / "dejavu", **{path.stem: path for path in dejavu}),
        "same-name": fontconfig(tmp_path / "same-name", wide=font(FONT, 3000)),
        "as-it-is": {},
    }
    running = {name: started(tmp_path / name, DRAW, environment) for name, environment in machines.items()}
    plain = [started(tmp_path / name, UNGUARDED % FONT, machines[name]) for name in ("none", "same-name")]
    drawn = {name: said(process) for name, process in running.items()}
    assert len(set(drawn.values())) == 1, drawn
    assert len({said(process) for process in plain}) == 2, "the font of the same name would have counted, had it been let in"


def test_what_a_process_was_told_about_fonts_is_as_before(tmp_path: Path) -> None:
    script = "import os; from stsbench.builtin.page.renderer import _renderer; _renderer(); print(os.environ.get('FONTCONFIG_FILE'))"
    pytest.importorskip("vl_convert", reason="the extra html is not installed")
    given = {"FONTCONFIG_FILE": "fonts.conf"}
    assert said(started(tmp_path, script, given)) == "fonts.conf\n"


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is one of Linux here")
def test_where_addresses_are_limited_a_board_has_all_but_its_page_and_nothing_ends_the_process(
    tmp_path: Path, write_board: Callable[..., Path]
) -> None:
    """The renderer's engine reserves 64 GB of addresses, and ends the process where it cannot have them."""
    board = write_board(tmp_path / "board", "hashing", writers=["markdown", "html"])
    line = [sys.executable, "-m", "stsbench"]
    done = subprocess.run(
        [*line, "run", "--board", str(board), "--no-cache"], capture_output=True, text=True, preexec_fn=_limited, check=False
    )
    assert (done.returncode, (board / "README.md").is_file(), (board / "index.html").exists()) == (0, True, False), done.stderr
    assert "pages and pictures need 68 GB of addresses, whatever memory there is, and this process may take 2" in done.stderr
    picture = [*line, "show", str(board), "--plot", str(tmp_path / "a.svg")]
    done = subprocess.run(picture, capture_output=True, text=True, preexec_fn=_limited, check=False)
    assert (done.returncode, "lift the limit with `ulimit -v unlimited`" in done.stderr) == (2, True), done.stderr


def _limited() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (30 << 30, 30 << 30))
