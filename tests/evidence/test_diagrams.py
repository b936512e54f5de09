"""What pictures of a board rest on, against counts and correlations computed another way."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import rankdata, spearmanr

from stsbench.api import boards
from stsbench.api.boards import build_board, check_board, run_board
from stsbench.api.charts import plot_board
from stsbench.api.evaluate import evaluate
from stsbench.api.session import Session
from stsbench.builtin.page import renderer
from stsbench.builtin.page.drawing import page_svg
from stsbench.builtin.page.writer import charts
from stsbench.contracts.events import Warned
from stsbench.errors import UsageError
from stsbench.evidence.folder import BoardFolder, derived
from stsbench.host.registry import Registry
from stsbench.stores.documents import DIAGRAMS
from stsbench.stores.records import load_all
from stsbench.stores.results import ResultsFolder

SYSTEMS = ({"encoder": "hashing", "similarities": ["cosine", "dot"]}, "hashing,dim=64")
DRAWN: dict[str, Any] = {"name": "drawn", "title": "Drawn", "writers": ["json", "html"]}


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory, write_board: Callable[..., Path]) -> Path:
    folder = write_board(tmp_path_factory.mktemp("drawn"), *SYSTEMS, **DRAWN)
    run_board(BoardFolder(folder), Session.opened(cache=False))
    return folder


def test_densities_worst_pairs_and_groups_are_those_of_the_scores(board: Path) -> None:
    pairs = Registry.installed().resolve("benchmark", "mini").build().load()[0].pairs
    diagrams = BoardFolder(board).read(DIAGRAMS)
    assert diagrams is not None
    assert len(diagrams.systems) == 2
    for diagram in diagrams.systems:
        file = next(one for one in load_all(board) if one.encoder.fingerprint == diagram.fingerprint)
        cell = next(record.cell for record in file.records if not record.is_whole and record.similarity == diagram.similarity)
        scores = ResultsFolder(board).scores(file)[cell].astype(float)
        (density,) = diagram.densities
        wanted: dict[tuple[int, int], int] = {}
        for gold, score in zip(pairs.gold.tolist(), scores.tolist(), strict=True):
            place = [
                min(int(density.bins * (value - low) / (high - low)), density.bins - 1)
                for value, (low, high) in ((gold, density.gold), (score, density.score))
            ]
            wanted[place[0], place[1]] = wanted.get((place[0], place[1]), 0) + 1
        found = {(row, column): number for row, column, number in density.counts}
        assert sum(found.values()) == density.n == len(pairs)
        moved = sum(abs(found.get(key, 0) - wanted.get(key, 0)) for key in {*found, *wanted})
        assert moved <= 4  # a value on the edge of a bin may fall to either side, by the last bit
        places = [100 * (rankdata(values) - 1) / (len(pairs) - 1) for values in (pairs.gold, scores)]
        apart = np.abs(places[0] - places[1])
        assert [abs(one.gold - one.score) for one in density.worst] == pytest.approx(sorted(apart, reverse=True)[:3], abs=0.11)
        assert all(apart[one.row - 1] == pytest.approx(abs(one.gold - one.score), abs=0.11) for one in density.worst)
        assert {one.group for one in diagram.groups} == set(pairs.group)
        for one in diagram.groups:
            own = np.array(pairs.group) == one.group
            assert one.n == own.sum()
            if one.figure is not None:
                assert one.figure == pytest.approx(spearmanr(pairs.gold[own], scores[own]).statistic, abs=1e-6)


def test_of_parts_whose_figures_are_averaged_places_are_within_each_part(tmp_path: Path, write_board: Callable[..., Path]) -> None:
    """Gold of one part is from 0 to 5 and of the other from 0 to 100, which no picture may put on one scale."""
    generator = np.random.default_rng(3)
    rows = [
        f"{' '.join(generator.choice(list('abcdefgh'), 5))},{' '.join(generator.choice(list('abcdefgh'), 5))},{gold:.3f},{kind}"
        for kind, top in (("five", 5), ("hundred", 100))
        for gold in generator.uniform(0, top, 30)
    ]
    (tmp_path / "pairs.csv").write_text("left,right,score,kind\n" + "\n".join(rows) + "\n")
    folder = write_board(
        tmp_path / "board", "hashing,dim=64", **DRAWN, benchmarks=[f"csv:{tmp_path}/pairs.csv,group=kind,by=group,public=true"]
    )
    run_board(BoardFolder(folder), Session.opened(cache=False))
    opened = BoardFolder(folder)
    known = opened.read(DIAGRAMS)
    assert known is not None
    (density,) = known.systems[0].densities
    (file,) = load_all(folder)
    kept = ResultsFolder(folder).scores(file)
    parts = [kept[cell].astype(float) for cell in sorted(kept)]
    gold = [np.array([float(row.split(",")[2]) for row in rows if row.endswith(kind)]) for kind in ("five", "hundred")]
    within = [np.concatenate([100 * (rankdata(part) - 1) / 29 for part in side]) for side in (gold, parts)]
    counts, _, _ = np.histogram2d(within[0], within[1], bins=density.bins, range=[(0, 100), (0, 100)])
    assert (density.parts, density.gold, density.score) == (2, (0.0, 100.0), (0.0, 100.0))
    assert {(row, column): number for row, column, number in density.counts} == {
        (row, column): counts[row, column] for row, column in zip(*np.nonzero(counts), strict=True)
    }
    apart = np.abs(within[0] - within[1])
    assert [abs(one.gold - one.score) for one in density.worst] == pytest.approx(sorted(apart, reverse=True)[:3], abs=0.11)
    told = [chart.caption for chart in charts(opened.board()) if "placed within each of 2 parts" in chart.caption]
    assert len(told) == 1


def test_diagrams_are_kept_while_figures_stay_and_shown_only_for_those_figures(board: Path, tmp_path: Path) -> None:
    copy = tmp_path / "drawn"
    shutil.copytree(board, copy)
    before = (copy / DIAGRAMS.name).read_bytes()
    run_board(BoardFolder(copy), Session.opened(cache=False))
    assert (copy / DIAGRAMS.name).read_bytes() == before
    assert check_board(BoardFolder(copy), Session.opened()) == []
    assert len(BoardFolder(copy).board().diagrams) == 2
    known = json.loads(before)
    known["systems"][0]["record"] = "0" * 16
    (copy / DIAGRAMS.name).write_text(json.dumps(known))
    assert len(BoardFolder(copy).board().diagrams) == 1
    assert any(DIAGRAMS.name in line for line in check_board(BoardFolder(copy), Session.opened()))


def test_a_board_of_which_no_system_is_complete_any_more_is_checked(board: Path, tmp_path: Path) -> None:
    shutil.copytree(board, tmp_path / "board")
    path = next((tmp_path / "board" / "results").rglob("*.json"))
    document = json.loads(path.read_text())
    document["benchmark"]["name"] = "other"
    path.write_text(json.dumps(document))
    assert any("statistics.json" in line or "rank" in line for line in check_board(BoardFolder(tmp_path / "board"), Session.opened()))


def test_no_chart_names_anything_by_a_running_number(board: Path) -> None:
    """A renderer that counts would give other bytes, and two charts of a page the same name."""
    for chart in charts(BoardFolder(board).board()):
        assert " id=" not in page_svg(chart)
        assert page_svg(chart) == page_svg(chart)


def test_diagrams_are_no_part_of_the_document(board: Path) -> None:
    assert "diagrams" not in json.loads((board / "board.json").read_bytes())


def test_private_data_are_drawn_without_a_name_of_a_group_or_a_text(tmp_path: Path, write_board: Callable[..., Path]) -> None:
    rows = [f"canary {place} is a text,another canary {place * 3 % 7},{place % 5},canarygroup{place % 2}" for place in range(24)]
    (tmp_path / "pairs.csv").write_text("left,right,score,group\n" + "\n".join(rows) + "\n")
    folder = write_board(tmp_path / "board", *SYSTEMS, **DRAWN, benchmarks=[f"csv:{tmp_path}/pairs.csv,group=group"])
    run_board(BoardFolder(folder), Session.opened(cache=False))
    diagrams = BoardFolder(folder).read(DIAGRAMS)
    assert diagrams is not None
    assert diagrams.systems[0].densities
    assert not any(
        "canary" in path.read_bytes().decode("utf-8", "replace") for path in folder.rglob("*") if path.suffix in {".html", ".json"}
    )


def test_without_the_extra_the_other_files_are_checked_and_it_is_said(board: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build_board(BoardFolder(board), Session.opened())
    monkeypatch.setattr(renderer, "find_spec", lambda name: None)
    heard: list[Warned] = []
    session = Session.opened(listen=heard.append)  # type: ignore[arg-type]
    _, files = derived(BoardFolder(board), session.registry, session.warn)
    assert sorted(files) == ["board.json"]
    assert check_board(BoardFolder(board), session) == []
    warned = [one for one in heard if isinstance(one, Warned)]
    assert ["pip install 'stsbench[html]'" in one.message for one in warned] == [True, True]
    assert boards.PAGE in warned[0].message


@pytest.mark.parametrize("ending", ["svg", "png"])
def test_a_chart_is_written_by_its_ending(board: Path, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"chart.{ending}"
    plot_board(BoardFolder(board), "similarities", path)
    assert path.read_bytes().startswith(b"<svg" if ending == "svg" else b"\x89PNG")


def test_another_ending_or_chart_is_refused(board: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.svg or \.png, and 'chart.pdf' is neither"):
        plot_board(BoardFolder(board), "intervals", tmp_path / "chart.pdf")
    with pytest.raises(UsageError, match="has no chart 'interval'; did you mean"):
        plot_board(BoardFolder(board), "interval", tmp_path / "chart.svg")


def test_facts_of_a_run_are_on_the_board_and_stay_when_vectors_are_read_from_the_store(
    tmp_path: Path, write_board: Callable[..., Path]
) -> None:
    def provenance() -> dict[str, str]:
        (file,) = load_all(tmp_path)
        return file.provenance

    evaluate(["hashing,dim=64"], ["cosine"], "mini", results=tmp_path)
    assert provenance()["dimension.sentence"] == "64"
    assert provenance()["card.parameters"] == "0"
    write_board(tmp_path, *SYSTEMS, **DRAWN)
    (row,) = BoardFolder(tmp_path).board().rows
    assert (row.facts.dimension, row.facts.bytes_per_vector, row.facts.parameters, row.facts.licence) == (64, 256, 0, None)
