from collections.abc import Callable
from pathlib import Path

import numpy as np

from stsbench.contracts.records import Record, RecordFile
from stsbench.stores.merge import merge, prune
from stsbench.stores.records import load_all
from stsbench.stores.results import ResultsFolder

Make = Callable[..., Record]
MakeFile = Callable[..., RecordFile]
SCORES = np.array([-0.5, 0.0, 0.25, 0.5], dtype=np.float32)


def test_only_what_is_named_stays_with_its_scores(
    record: Make, record_file: MakeFile, tmp_path: Path, tree: Callable[[Path], dict[str, bytes]]
) -> None:
    records = record(view="a"), record(view="b")
    for label in ("kept", "dropped"):
        merge(ResultsFolder(tmp_path), record_file(*records, label=label), {one.cell: SCORES for one in records}, tolerance=2e-5)
    before = tree(tmp_path)
    assert prune(ResultsFolder(tmp_path), lambda file: {system.variant for system in file.systems}) == 0
    assert tree(tmp_path) == before
    assert (
        prune(
            ResultsFolder(tmp_path),
            lambda file: {system.variant for system in file.systems if file.encoder.label == "kept" and system.view == "b"},
        )
        == 3
    )
    (file,) = load_all(tmp_path)
    assert file.encoder.label == "kept"
    assert [one.view for one in file.records] == ["b"]
    ((cell, scores),) = ResultsFolder(tmp_path).scores(file).items()
    assert cell == records[1].cell
    np.testing.assert_array_equal(scores, SCORES)
    assert len(tree(tmp_path)) == 2
