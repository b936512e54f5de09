"""A board's statistics: what they hold, when they are computed anew, and what a check of them finds."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr

from stsbench.api.boards import board_grid, build_board, check_board, run_board
from stsbench.api.compare import compare
from stsbench.api.compare.methods import Setting
from stsbench.api.session import Session
from stsbench.contracts.data import Pairs, Part, Source
from stsbench.errors import StoreError
from stsbench.evidence.diagrams import _groups as of_diagrams
from stsbench.evidence.folder import BoardFolder
from stsbench.evidence.joint import JointScores
from stsbench.evidence.statistics import _groups, board_statistics
from stsbench.host.registry import Registry
from stsbench.stats.correlation import tie_ceiling
from stsbench.stores.documents import STATISTICS
from stsbench.stores.records import dump, load, load_all, record_path
from tests.conftest import known

HASHING = {"encoder": "hashing", "similarities": ["cosine", "dot"]}
SYSTEMS = (HASHING, "hashing,dim=64", "hashing,dim=2")


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory, write_board: Callable[..., Path]) -> Path:
    folder = write_board(tmp_path_factory.mktemp("board"), *SYSTEMS, seed=3)
    run_board(BoardFolder(folder), Session.opened())
    return folder


def test_rows_of_the_primary_similarity_carry_intervals_ranks_and_letters(board: Path) -> None:
    built = build_board(BoardFolder(board), Session.opened())
    compared = [row for row in built.rows if row.primary]
    assert len(compared) == 3
    for row in compared:
        assert known(row.low) < known(row.average) < known(row.high)
        assert (row.cells[0].low, row.cells[0].high) == (row.low, row.high)
        assert 1 <= (row.best_rank or 0) <= (row.worst_rank or 0) <= 3
        assert row.letters
    assert sum(row.chance_of_best or 0 for row in compared) == pytest.approx(1, abs=1e-5)
    assert {(row.low, row.letters) for row in built.rows if not row.primary} == {(None, None)}
    gold = Registry.installed().resolve("benchmark", "mini").build().load()[0].pairs.gold
    assert built.columns[0].ceiling == pytest.approx(tie_ceiling(gold), abs=1e-6)


def test_a_board_of_another_metric_is_ordered_and_compared_by_it(board: Path, tmp_path: Path, write_board: Callable[..., Path]) -> None:
    folder = BoardFolder(write_board(shutil.copytree(board, tmp_path / "board"), *SYSTEMS, seed=3, main="kendall"))
    session = Session.opened()
    run_board(folder, session)
    built = build_board(folder, session)
    ranked = [row for row in built.rows if row.primary]
    for row in ranked:
        (cell,) = row.cells
        figure, low, high = (known(value) for value in (cell.figures["kendall"], cell.low, cell.high))
        assert row.average == figure
        assert low < figure < high
        assert abs((low + high) / 2 - figure) < abs((low + high) / 2 - known(cell.figures["spearman"]))
        groups = [one for one in cell.portions if one.kind == "group"]
        assert groups
        assert all(one.figures.keys() == {"kendall"} and one.figure is not None for one in groups)
    assert built.columns[0].ceiling is None
    averages = [known(row.average) for row in ranked]
    assert averages == sorted(averages, reverse=True)
    found = compare([], folder.path, session, Setting(resamples=99, metric=folder.spec.main), primary=folder.spec.primary)
    assert [one.value for one in found.standings] == pytest.approx(averages, abs=1e-6)
    assert ": Kendall " in found.sentence()


def test_writers_show_them(board: Path) -> None:
    built = build_board(BoardFolder(board), Session.opened())
    row = next(row for row in built.rows if row.primary)
    page, table = (board / "README.md").read_text(), (board / "board.csv").read_text()
    assert f"({100 * (row.low or 0):.2f} to {100 * (row.high or 0):.2f})" in page
    assert "| Rank | Model | Similarity | Rank set | Letters | Average |" in page
    assert "Tie ceiling" in page
    assert f"{row.low:.6f},{row.high:.6f}" in table
    assert json.loads((board / "board.json").read_text())["rows"][0].keys() >= {"low", "best_rank", "letters", "chance_of_best"}


def test_a_second_run_changes_no_byte_and_a_check_agrees(board: Path) -> None:
    before = {path: path.read_bytes() for path in board.rglob("*") if path.is_file()}
    run_board(BoardFolder(board), Session.opened())
    assert {path: path.read_bytes() for path in board.rglob("*") if path.is_file()} == before
    assert check_board(BoardFolder(board), Session.opened()) == []


def copied(board: Path, to: Path) -> Path:
    for path in board.rglob("*"):
        if path.is_file():
            (to / path.relative_to(board)).parent.mkdir(parents=True, exist_ok=True)
            (to / path.relative_to(board)).write_bytes(path.read_bytes())
    return to


def test_a_check_finds_statistics_that_the_data_do_not_give(board: Path, tmp_path: Path) -> None:
    folder = copied(board, tmp_path)
    path = folder / STATISTICS.name
    document = json.loads(path.read_text())
    document["systems"][0]["letters"] = "zz"
    path.write_text(json.dumps(document))
    assert any(STATISTICS.name in line for line in check_board(BoardFolder(folder), Session.opened()))


def edited(folder: Path, **figures: float) -> None:
    """Another figure in a record of all parts, which no stamp of scores ties to them."""
    (path,) = (record_path(folder, file) for file in load_all(folder) if file.encoder.label == "hashing")
    file = load(path)
    records = tuple(
        record.model_copy(update={"figures": record.figures | figures})
        if record.is_whole and record.similarity == "stsbench/cosine"
        else record
        for record in file.records
    )
    path.write_bytes(dump(file.model_copy(update={"records": records})))


@pytest.mark.parametrize("name", ["spearman", "pearson", "kendall"])
def test_a_check_names_a_figure_that_kept_scores_do_not_give(board: Path, tmp_path: Path, name: str) -> None:
    folder = copied(board, tmp_path)
    edited(folder, **{name: 0.9})
    build_board(BoardFolder(folder), Session.opened())
    (line,) = check_board(BoardFolder(folder), Session.opened())
    assert line.startswith("results: hashing (sentence, cosine) on mini (all parts): ")
    assert f"its kept scores give a {name.capitalize()} correlation of 0." in line
    assert line.endswith("and the record says 0.900000")


def test_a_run_tells_of_records_that_were_edited(board: Path, tmp_path: Path) -> None:
    folder = copied(board, tmp_path)
    (path,) = (record_path(folder, file) for file in load_all(folder) if file.encoder.label == "hashing")
    file = load(path)
    records = tuple(
        record.model_copy(update={"figures": {**record.figures, "spearman": 0.9}})
        if not record.is_whole and record.similarity == "stsbench/cosine"
        else record
        for record in file.records
    )
    path.write_bytes(dump(file.model_copy(update={"records": records})))
    said: list[str] = []
    run_board(BoardFolder(folder), Session.opened(listen=lambda event: said.append(str(event))))
    told = (
        "the record is not the one that its scores were measured on; restore it, or compute it anew with run --board, --fresh and --accept"
    )
    assert [told in line for line in said].count(True) == 1
    said.clear()
    build_board(BoardFolder(folder), Session.opened(listen=lambda event: said.append(str(event))))
    assert [told in line for line in said].count(True) == 1
    said.clear()
    run_board(BoardFolder(folder), Session.opened(listen=lambda event: said.append(str(event))), fresh=True, accept=True)
    assert not any("measured on" in line for line in said)


def test_a_figure_that_kept_scores_do_not_give_gets_no_interval(board: Path, tmp_path: Path) -> None:
    folder = copied(board, tmp_path)
    edited(folder, spearman=0.9)
    said: list[str] = []
    _, built = run_board(BoardFolder(folder), Session.opened(listen=lambda event: said.append(str(event))))
    row = next(row for row in built.rows if row.average == 0.9)
    assert (row.low, row.high) == (None, None)
    assert any("the kept scores of hashing · cosine on mini give 0." in line and "its record says 0.900000" in line for line in said)
    with pytest.raises(StoreError, match=r"its record says 0\.900000"):
        board_grid(BoardFolder(folder), Session.opened())
    report, _ = run_board(BoardFolder(folder), Session.opened(), fresh=True)
    assert [(one.cell[0], one.old) for one in report.disagreements] == [("*", 0.9)]
    run_board(BoardFolder(folder), Session.opened(), fresh=True, accept=True)
    assert check_board(BoardFolder(folder), Session.opened()) == []
    assert (folder / "README.md").read_bytes() == (board / "README.md").read_bytes()


def test_statistics_that_were_edited_are_computed_anew_by_a_fresh_run(board: Path, tmp_path: Path) -> None:
    folder = copied(board, tmp_path)
    right = (folder / STATISTICS.name).read_bytes()
    known = json.loads(right)
    known["systems"][0]["average"]["low"] -= 0.01
    known["generator"] = [{**one, "numpy": "2.0.0"} for one in known["generator"]]
    (folder / STATISTICS.name).write_text(json.dumps(known))
    build_board(BoardFolder(folder), Session.opened())
    assert any("statistics.json" in line for line in check_board(BoardFolder(folder), Session.opened()))
    run_board(BoardFolder(folder), Session.opened(), fresh=True)
    assert check_board(BoardFolder(folder), Session.opened()) == []
    found = json.loads((folder / STATISTICS.name).read_bytes())
    assert found["systems"] == json.loads(right)["systems"]
    assert {one["numpy"] for one in found["generator"]} == {"2.0.0"}  # another numpy that draws the same numbers is no drift


def test_statistics_of_older_figures_are_not_shown(board: Path, tmp_path: Path) -> None:
    folder = copied(board, tmp_path)
    path = folder / STATISTICS.name
    document = json.loads(path.read_text())
    for system in document["systems"]:
        system["record"] = "0" * 16
    path.write_text(json.dumps(document))
    built = build_board(BoardFolder(folder), Session.opened())
    assert all(row.low is None for row in built.rows)
    assert any("3 systems have no interval, since the statistics are of other results" in note for note in built.notes)
    assert not any("Intervals hold" in note or "Rank sets hold" in note for note in built.notes)
    run_board(BoardFolder(folder), Session.opened())
    assert path.read_bytes() == (board / STATISTICS.name).read_bytes()


def test_ranks_and_letters_are_those_of_a_comparison(board: Path) -> None:
    statistics = BoardFolder(board).read(STATISTICS)
    assert statistics is not None
    found = {one.system: one for one in compare((), board, Session.opened(Registry.installed()), Setting(seed=3)).standings}
    assert len(found) == len(statistics.systems) == 3
    for row in build_board(BoardFolder(board), Session.opened()).rows:
        if row.primary:
            one = found[row.label]
            assert (row.best_rank, row.worst_rank, row.letters) == (one.best_rank, one.worst_rank, one.letters)
            assert row.chance_of_best == pytest.approx(one.chance_of_best, abs=1e-6)


def test_above_many_figures_influence_functions_take_over(board: Path) -> None:
    sampled = BoardFolder(board).read(STATISTICS)
    found = board_statistics(BoardFolder(board), board_grid(BoardFolder(board), Session.opened()), most=0)
    assert sampled is not None
    assert found.mode == "influence"
    assert sampled.mode == "bootstrap"
    for one, other in zip(found.systems, sampled.systems, strict=True):
        assert one.average.low == pytest.approx(other.average.low, abs=0.02)
        assert one.chance_of_best == pytest.approx(other.chance_of_best, abs=0.05)


def test_systems_of_identical_ranks_count_once(tmp_path: Path, write_board: Callable[..., Path]) -> None:
    scores = np.random.default_rng(0).normal(size=(2, 280))
    for name, values in (("a", scores[0]), ("b", 2 * scores[0] + 1), ("c", scores[1])):
        np.save(tmp_path / f"{name}.npy", values)
    write_board(tmp_path, *(f"scores:{tmp_path}/{name}.npy" for name in "abc"), seed=3)
    _, built = run_board(BoardFolder(tmp_path), Session.opened())
    found = BoardFolder(tmp_path).read(STATISTICS)
    assert found is not None
    assert len(found.systems) == 3
    assert len({one.alike for one in found.systems}) == 2
    assert {row.worst_rank for row in built.rows} == {2}


def test_broken_statistics_are_one_sentence(board: Path, tmp_path: Path) -> None:
    folder = copied(board, tmp_path)
    (folder / STATISTICS.name).write_text("[]")
    with pytest.raises(StoreError, match="cannot be read as the statistics of a board"):
        build_board(BoardFolder(folder), Session.opened())
    (folder / STATISTICS.name).write_text('{"schema_version": 99}')
    with pytest.raises(StoreError, match="newer stsbench"):
        build_board(BoardFolder(folder), Session.opened())
    for name, value in (("best_rank", 0), ("worst_rank", 10**400), ("chance_of_best", 2.5)):
        document = json.loads((board / STATISTICS.name).read_text())
        document["systems"][0][name] = value
        (folder / STATISTICS.name).write_text(json.dumps(document))
        with pytest.raises(StoreError, match=f"cannot be read as the statistics of a board.*{name}"):
            build_board(BoardFolder(folder), Session.opened())


BEST = ({"label": "best of all"}, {"label": "best of 64", "encoder": "hashing,dim=64"})
MORE = (HASHING, {"encoder": "hashing,dim=64", "similarities": ["cosine", "euclidean", "sqeuclidean"]}, "hashing,dim=2")


@pytest.fixture(scope="module")
def chosen(tmp_path_factory: pytest.TempPathFactory, write_board: Callable[..., Path]) -> Path:
    folder = write_board(tmp_path_factory.mktemp("chosen"), *MORE, seed=3, aggregates=["fisher-z", "borda"], selected=list(BEST))
    run_board(BoardFolder(folder), Session.opened())
    return folder


def test_the_best_of_the_grid_is_a_row_of_its_own(chosen: Path) -> None:
    built = build_board(BoardFolder(chosen), Session.opened())
    everything, one = built.selected
    assert (everything.label, everything.among) == ("best of all", 5)  # of six systems, sqeuclidean ranks as euclidean does
    assert (one.label, one.among) == ("best of 64", 2)
    for row in built.selected:
        leader = next(own for own in built.rows if own.label == row.chosen)
        assert leader.average == pytest.approx(row.observed, abs=1e-6)
        assert row.low < row.average < row.high
        assert row.optimism == pytest.approx(row.observed - row.average, abs=2e-6)
        assert row.optimism >= 0
        assert 0 < known(row.share) <= 1
    assert everything.observed == pytest.approx(max(row.average or 0 for row in built.rows), abs=1e-6)
    assert "## Best configuration, held out" in (chosen / "README.md").read_text()
    assert "best of 64,2," in (chosen / "selected.csv").read_text()
    assert json.loads((chosen / "board.json").read_text())["selected"][1]["among"] == 2


def test_it_is_dropped_when_results_are_newer(chosen: Path, tmp_path: Path, write_board: Callable[..., Path]) -> None:
    folder = copied(chosen, tmp_path)
    another = [BEST[0], {**BEST[1], "label": "another"}]
    write_board(folder, *MORE, seed=3, aggregates=["fisher-z", "borda"], selected=another)
    built = build_board(BoardFolder(folder), Session.opened())
    assert built.selected == ()
    assert any("The best of the grid is not said" in note for note in built.notes)
    run_board(BoardFolder(folder), Session.opened())
    assert [row.label for row in build_board(BoardFolder(folder), Session.opened()).selected] == ["best of all", "another"]


def test_systems_of_identical_ranks_count_once_and_name_each_other(chosen: Path) -> None:
    built = build_board(BoardFolder(chosen), Session.opened())
    alike = [row for row in built.rows if row.alike]
    assert sorted(row.similarity for row in alike) == ["stsbench/euclidean", "stsbench/sqeuclidean"]
    assert alike[0].alike == (alike[1].label,)
    assert [row.rank for row in alike] == [None, None], "variants have no rank"
    assert [row.rank for row in built.rows if row.primary] == [1, 2, 3]


def test_aggregates_are_those_of_the_compared_systems(chosen: Path) -> None:
    rows = [row for row in build_board(BoardFolder(chosen), Session.opened()).rows if row.primary]
    assert [row.aggregates["borda"] for row in rows] == [2, 1, 0]
    assert all(row.aggregates["fisher-z"] == pytest.approx(row.average, abs=1e-6) for row in rows)  # of one benchmark
    assert all(not row.aggregates for row in build_board(BoardFolder(chosen), Session.opened()).rows if not row.primary)


def test_groups_are_figures_of_their_pairs(chosen: Path) -> None:
    row = next(row for row in build_board(BoardFolder(chosen), Session.opened()).rows if row.primary)
    portions = {one.name: one for one in row.cells[0].portions}
    pairs = Registry.installed().resolve("benchmark", "mini").build().load()[0].pairs
    assert set(portions) == set(pairs.group)
    assert sum(one.n for one in portions.values()) == len(pairs)
    assert f"{row.label},mini,group,{min(portions)}," in (chosen / "portions.csv").read_text()


def test_choosing_is_checked_again_and_a_forged_figure_is_found(chosen: Path, tmp_path: Path) -> None:
    assert check_board(BoardFolder(chosen), Session.opened()) == []
    folder = copied(chosen, tmp_path)
    document = json.loads((folder / STATISTICS.name).read_text())
    document["selected"][0]["value"] += 0.01
    (folder / STATISTICS.name).write_text(json.dumps(document))
    assert any("value" in line for line in check_board(BoardFolder(folder), Session.opened()))


def test_groups_of_several_lists_are_kept_apart_since_their_scores_are_on_scales_of_their_own() -> None:
    random = np.random.default_rng(0)
    parts, scores = [], []
    for subset, scale in (("first", 1.0), ("second", 1e-3)):
        gold = random.normal(size=40)
        texts = tuple(f"{subset} {number}" for number in range(40))
        parts.append(Part("test", subset, Pairs(texts, texts, gold, ("even", "odd") * 20), Source("file")))
        scores.append(scale * (gold + random.normal(size=40))[:, None])
    one = JointScores("two", "plain", "mean", False, tuple(parts), tuple(scores), (0.0,))
    found = _groups(one, 0)
    assert {name: own.n for name, own in found.items()} == dict.fromkeys(["first: even", "first: odd", "second: even", "second: odd"], 20)
    for number, part in enumerate(parts):
        for place, label in enumerate(("even", "odd")):
            expected = spearmanr(part.pairs.gold[place::2], scores[number][place::2, 0]).statistic
            assert found[f"{part.subset}: {label}"].figures["spearman"] == pytest.approx(expected, abs=1e-12)
    assert not _groups(replace(one, private=True), 0)
    assert {drawn.group: (drawn.n, drawn.figure) for drawn in of_diagrams(one, 0)} == {
        label: (own.n, own.figures["spearman"]) for label, own in found.items()
    }, "a picture shows the figures that the statistics have"


def test_what_has_seen_gold_scores_of_the_pairs_is_not_chosen_from(tmp_path: Path, write_board: Callable[..., Path]) -> None:
    similarities = ["cosine", "euclidean", "ridge,fit=mini,leak=true"]
    write_board(tmp_path, {"encoder": "hashing", "similarities": similarities}, "hashing,dim=64", seed=3, selected=[{"label": "best"}])
    run_board(BoardFolder(tmp_path), Session.opened())
    built = build_board(BoardFolder(tmp_path), Session.opened())
    best = max(built.rows, key=lambda row: row.average or 0)
    assert "leaked" in best.flags
    (selected,) = built.selected
    assert (selected.among, selected.chosen != best.label) == (3, True)
    assert selected.observed == pytest.approx(max(row.average or 0 for row in built.rows if "leaked" not in row.flags), abs=1e-6)
