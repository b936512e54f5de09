"""Evidence that its systems do not give is caught, also where records, scores and figures were forged to fit each other."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from stsbench.api.boards import build_board, check_board, run_board
from stsbench.api.session import Session
from stsbench.api.verifying import _hidden, verify_board
from stsbench.builtin.benchmarks.mini import Mini
from stsbench.contracts.identity import Variant
from stsbench.contracts.records import Counts, Record, RecordFile
from stsbench.errors import UsageError
from stsbench.evidence.folder import BoardFolder
from stsbench.stats.correlation import rankable
from stsbench.stats.metrics import measure
from stsbench.stores.merge import Evidence, write_scores
from stsbench.stores.records import dump, load_all, record_path, scores_path
from stsbench.stores.results import ResultsFolder

SYSTEMS = ({"encoder": "hashing", "transforms": ["none", "centre"], "similarities": ["cosine", "dot"]}, "tfidf")
GOLD = Mini().load()[0].pairs.gold


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory, write_board: Callable[..., Path]) -> Path:
    folder = write_board(tmp_path_factory.mktemp("boards") / "small", *SYSTEMS)
    run_board(BoardFolder(folder), Session.opened(cache=False))
    return folder


@pytest.fixture
def copy(board: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(board, tmp_path / "small"))


def forge(folder: Path, label: str, share: float, similarity: str = "cosine", transforms: int = 0, outlier: float | None = None) -> None:
    """Nudge the scores of a share of the pairs towards gold, and make figures, stamps and derived files fit.

    `outlier` is the score of the pair of the highest gold.
    """
    for file in load_all(folder):
        if file.encoder.label != label:
            continue
        scores = ResultsFolder(folder).scores(file)
        new, records = {}, []
        for record in file.records:
            if record.cell not in scores:
                continue
            values = scores[record.cell].astype(np.float64)
            if similarity in (record.similarity or similarity) and len(record.transforms) == transforms:
                unit = (GOLD - GOLD.mean()) / GOLD.std() * values.std() + values.mean()
                chosen = np.random.default_rng(7).random(len(values)) < share
                values = np.where(chosen, 0.8 * values + 0.2 * unit, values)
                if outlier is not None:
                    values[int(np.argmax(GOLD))] = outlier
            stored, exponent = rankable(values)
            new[record.cell] = stored
            exponent += record.exponent or 0
            found = measure(GOLD, stored)
            records.append(record.model_copy(update={"figures": found.figures, "exponent": exponent}))
        by_system = {record.variant: record for record in records}
        forged = file.model_copy(update={"records": tuple(_forged(record, by_system) for record in file.records)})
        parts = {record.cell: record for record in records}
        forged = forged.model_copy(update={"records": tuple(parts.get(record.cell, record) for record in forged.records)})
        record_path(folder, forged).write_bytes(dump(forged))
        write_scores(scores_path(folder, forged), Evidence(forged, new))
    (folder / "statistics.json").unlink()
    build_board(BoardFolder(folder), Session.opened())


def _forged(record: Record, parts: dict[Variant, Record]) -> Record:
    return record.model_copy(update={"figures": parts.get(record.variant, record).figures})


def test_a_board_as_it_was_computed_is_verified(board: Path) -> None:
    found = verify_board(BoardFolder(board), Session.opened(cache=False))
    assert found.findings == ()
    assert (found.cells, found.pairs, found.unscored) == (3, 3 * 64, 2)
    assert verify_board(BoardFolder(board), Session.opened(cache=False), full=True).cells == 5
    assert verify_board(BoardFolder(board), Session.opened(cache=False), sample=1000).pairs == 3 * 280


def test_the_draw_cannot_be_foreseen_and_can_be_repeated(board: Path) -> None:
    one, other = (
        verify_board(BoardFolder(board), Session.opened(cache=False)),
        verify_board(BoardFolder(board), Session.opened(cache=False)),
    )
    assert one.seed != other.seed
    assert verify_board(BoardFolder(board), Session.opened(cache=False), seed=one.seed) == one


@pytest.mark.parametrize(("label", "transforms"), [("hashing", 0), ("hashing", 1), ("tfidf", 0)])
def test_scores_nudged_towards_gold_are_caught_where_no_other_check_can(copy: Path, label: str, transforms: int) -> None:
    before = {file.encoder.label: file for file in load_all(copy)}[label]
    forge(copy, label, 1.0, transforms=transforms)
    after = {file.encoder.label: file for file in load_all(copy)}[label]
    best = [max(record.figure or 0 for record in file.records if len(record.transforms) == transforms) for file in (before, after)]
    assert best[1] > best[0] + 0.02
    assert [line for line in check_board(BoardFolder(copy), Session.opened()) if "statistics" not in line] == []
    (finding,) = verify_board(BoardFolder(copy), Session.opened(cache=False)).findings
    assert (finding.encoder, finding.benchmark) == (label, "mini")
    assert "of 64 pairs drawn have other scores, most of all pair" in finding.what


def test_one_nudged_pair_in_ten_is_caught(copy: Path) -> None:
    forge(copy, "hashing", 0.1)
    caught = sum(bool(verify_board(BoardFolder(copy), Session.opened(cache=False), seed=seed).findings) for seed in range(5))
    assert caught == 5


@pytest.mark.parametrize("label", ["hashing", "tfidf"])
def test_one_outlier_does_not_widen_what_is_tolerated(copy: Path, label: str) -> None:
    forge(copy, label, 1.0, outlier=1e6)
    assert [line for line in check_board(BoardFolder(copy), Session.opened()) if "statistics" not in line] == []
    for seed in range(4):  # the outlier is among the pairs of some draws only
        (finding,) = verify_board(BoardFolder(copy), Session.opened(cache=False), seed=seed).findings
        assert "have other scores" in finding.what


def rewrite(folder: Path, label: str, change: Callable[[Record], Record | None]) -> RecordFile:
    """Other records for an encoder (None: leave one out), with the scores that are kept stamped for them."""
    (file,) = (file for file in load_all(folder) if file.encoder.label == label)
    scores = ResultsFolder(folder).scores(file)
    changed = file.model_copy(update={"records": tuple(new for record in file.records if (new := change(record)) is not None)})
    record_path(folder, changed).write_bytes(dump(changed))
    cells = {record.cell for record in changed.records}
    write_scores(scores_path(folder, changed), Evidence(changed, {cell: own for cell, own in scores.items() if cell in cells}))
    return changed


@pytest.mark.parametrize("exponent", [1, -400, 400])
def test_scores_of_another_scale_are_caught(copy: Path, exponent: int) -> None:
    rewrite(copy, "tfidf", lambda record: record if record.is_whole else record.model_copy(update={"exponent": exponent}))
    (finding,) = verify_board(BoardFolder(copy), Session.opened(cache=False)).findings
    assert "of 64 pairs drawn have other scores" in finding.what


def test_a_figure_of_the_whole_must_rest_on_records_of_its_parts(copy: Path) -> None:
    figures = {"spearman": 0.95, "pearson": 0.95, "kendall": 0.9}
    rewrite(copy, "tfidf", lambda record: record.model_copy(update={"figures": figures}) if record.is_whole else None)
    assert build_board(BoardFolder(copy), Session.opened()).rows[0].average == 0.95
    (finding,) = verify_board(BoardFolder(copy), Session.opened(cache=False)).findings
    assert (finding.encoder, finding.part) == ("tfidf", "all parts")
    assert finding.what == "it has no record of test, default beside it, which its figure must rest on"


def test_the_key_of_the_whole_must_be_that_of_its_parts(copy: Path) -> None:
    rewrite(copy, "tfidf", lambda record: record.model_copy(update={"key": "0" * 32}) if record.is_whole else record)
    (finding,) = verify_board(BoardFolder(copy), Session.opened(cache=False)).findings
    assert (finding.part, finding.what) == ("all parts", "the record is of other data, options or code than those that are here")


FACTS = [
    ("flags", (), '["transductive"]', "[]"),
    ("fit", None, '"transductive": true', "null"),
    ("counts", Counts(), '"unique_texts": 556', '"unique_texts": 0'),
    ("n", 7, "280", "7"),
]


@pytest.mark.parametrize(("field", "value", "found", "said"), FACTS)
def test_what_was_fitted_and_seen_and_counted_cannot_be_left_out(copy: Path, field: str, value: object, found: str, said: str) -> None:
    rewrite(copy, "tfidf", lambda record: record.model_copy(update={field: value}) if record.is_whole else record)
    (finding,) = verify_board(BoardFolder(copy), Session.opened(cache=False)).findings
    assert finding.part == "all parts"
    assert finding.what.startswith(f"the record says that {field} is ")
    assert said in finding.what.partition(", and it is ")[0]
    assert found in finding.what.partition(", and it is ")[2]


def test_flags_left_out_of_part_and_whole_alike_are_caught(copy: Path) -> None:
    rewrite(copy, "tfidf", lambda record: record.model_copy(update={"flags": ()}))
    (finding,) = verify_board(BoardFolder(copy), Session.opened(cache=False)).findings
    assert (finding.part, finding.what) == ("test, default", 'the record says that flags is [], and it is ["transductive"]')


def test_a_part_of_another_size_is_caught(copy: Path) -> None:
    (file,) = (file for file in load_all(copy) if file.encoder.label == "tfidf")
    shorter = tuple(record.model_copy(update={"n": 279}) for record in file.records)
    record_path(copy, file).write_bytes(dump(file.model_copy(update={"records": shorter})))
    (finding,) = verify_board(BoardFolder(copy), Session.opened(cache=False)).findings
    assert finding.what == "the record is of other data, options or code than those that are here"


def test_truncated_texts_that_a_record_hides_are_told_by_the_pairs_drawn(board: Path) -> None:
    record = load_all(board)[0].records[0]
    found = record.model_copy(update={"counts": Counts(truncated_texts=3)})
    assert _hidden(found, found) is None
    for hidden in (None, 2):
        said = record.model_copy(update={"counts": Counts(truncated_texts=hidden)})
        assert _hidden(said, found) == f"the record counts {hidden or 0} truncated texts, and the pairs computed anew have 3"


@pytest.mark.parametrize("tables", [["embedding", "back"], ["embedding+back"]])
def test_views_of_one_encoder_in_several_tables_are_all_known(tmp_path: Path, write_board: Callable[..., Path], tables: list[str]) -> None:
    pairs = Mini().load()[0].pairs
    (tmp_path / "corpus.txt").write_text("\n".join(map(str, (*pairs.left, *pairs.right))))
    reference = f"linear:{tmp_path}/corpus.txt,min_df=2,k=20"
    write_board(tmp_path, *(f"{reference},view={view}" for view in tables))
    run_board(BoardFolder(tmp_path), Session.opened(cache=False))
    found = verify_board(BoardFolder(tmp_path), Session.opened(cache=False))
    assert (found.cells, found.findings) == (2, ())


def test_a_figure_that_its_scores_do_not_give_is_caught(copy: Path) -> None:
    (file,) = (file for file in load_all(copy) if file.encoder.label == "tfidf")
    wrong = tuple(
        record.model_copy(update={"figures": {**record.figures, "spearman": 0.9}}) if record.is_whole else record for record in file.records
    )
    record_path(copy, file).write_bytes(dump(file.model_copy(update={"records": wrong})))
    (finding,) = verify_board(BoardFolder(copy), Session.opened(cache=False)).findings
    assert finding.part == "all parts"
    assert "its kept scores give a Spearman correlation of 0." in finding.what
    assert "and the record says 0.900000" in finding.what


@pytest.mark.parametrize("name", ["pearson", "kendall"])
def test_every_correlation_must_be_that_of_the_scores(copy: Path, name: str) -> None:
    (file,) = (file for file in load_all(copy) if file.encoder.label == "tfidf")
    wrong = tuple(
        record.model_copy(update={"figures": {**record.figures, name: 0.9}}) if record.is_whole else record for record in file.records
    )
    record_path(copy, file).write_bytes(dump(file.model_copy(update={"records": wrong})))
    (finding,) = verify_board(BoardFolder(copy), Session.opened(cache=False)).findings
    assert f"its kept scores give a {name.capitalize()} correlation of 0." in finding.what


def test_a_cell_without_scores_is_caught_whole_and_evidence_must_have_them(copy: Path) -> None:
    (file,) = (file for file in load_all(copy) if file.encoder.label == "hashing")
    forged = tuple(
        record.model_copy(update={"figures": {**record.figures, "spearman": 0.9}})
        if record.similarity == "stsbench/dot" and not record.transforms
        else record
        for record in file.records
    )
    record_path(copy, file).write_bytes(dump(file.model_copy(update={"records": forged})))
    assert verify_board(BoardFolder(copy), Session.opened(cache=False)).findings == ()
    (finding,) = verify_board(BoardFolder(copy), Session.opened(cache=False), full=True).findings
    assert "spearman was 0.900000" in finding.what
    scores_path(copy, file).unlink()
    messages = [finding.what for finding in verify_board(BoardFolder(copy), Session.opened(cache=False)).findings]
    assert messages == ["its scores are evidence and are not kept, or are those of another record"] * 2


def test_a_record_that_no_system_gives_is_caught(copy: Path) -> None:
    (file,) = (file for file in load_all(copy) if file.encoder.label == "tfidf")
    stranger = replace_fingerprint(file)
    record_path(copy, stranger).write_bytes(dump(stranger))
    findings = verify_board(BoardFolder(copy), Session.opened(cache=False)).findings
    assert {finding.what for finding in findings} == {"no system of board.toml, with the code and files that are here, gives this record"}


def replace_fingerprint(file: RecordFile) -> RecordFile:
    entry = file.encoder.model_copy(update={"fingerprint": "f" * 32})
    return file.model_copy(update={"encoder": entry})


def test_cells_that_did_not_change_are_left_out(board: Path, copy: Path) -> None:
    found = verify_board(BoardFolder(copy), Session.opened(cache=False), changed_from=board)
    assert (found.cells, found.unchanged) == (0, 5)
    forge(copy, "tfidf", 1.0)
    found = verify_board(BoardFolder(copy), Session.opened(cache=False), changed_from=board)
    assert (found.cells, found.unchanged, len(found.findings)) == (1, 4, 1)


def test_a_sample_of_none_is_refused(board: Path) -> None:
    with pytest.raises(UsageError, match="the sample is a number of pairs of at least 1"):
        verify_board(BoardFolder(board), Session.opened(), sample=0)
