"""A board, a prompt and texts from Windows, with byte-order marks and CRLF, are those that were written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from stsbench.api.boards import check_board, run_board
from stsbench.api.published import add_published
from stsbench.api.session import Session
from stsbench.contracts.ref import Ref
from stsbench.errors import StoreError, UsageError
from stsbench.evidence.folder import BoardFolder
from stsbench.evidence.spec import load_spec
from stsbench.host.registry import Registry
from stsbench.stores.records import load_all

MARK = b"\xef\xbb\xbf"
EVIDENCE = ("board.toml", "statistics.json", "diagrams.json")


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory, write_board: Callable[..., Path]) -> Path:
    systems = ("hashing,dim=64", {"encoder": "hashing,dim=96", "label": "Wörter"})
    values = {"seed": 3, "tolerance": 1e-4, "writers": ["markdown", "csv", "json", "html"]}
    folder = write_board(tmp_path_factory.mktemp("boards") / "small", *systems, **values)
    run_board(BoardFolder(folder), Session.opened(cache=False))
    return folder


@pytest.fixture
def board(computed: Path, tmp_path: Path) -> Path:
    """A copy as git checks it out on Windows, and as an editor there saves what people edit."""
    folder = tmp_path / "small"
    for path in computed.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            (copy := folder / path.relative_to(computed)).parent.mkdir(parents=True, exist_ok=True)
            marked = path.name in EVIDENCE or path.parent.parent.name == "results"
            copy.write_bytes(data if path.suffix == ".parquet" else MARK * marked + data.replace(b"\n", b"\r\n"))
    return folder


def test_a_board_from_windows_is_the_same_board(computed: Path, board: Path) -> None:
    assert sum(path.read_bytes().startswith(MARK) for path in board.rglob("*") if path.is_file()) == 5
    assert load_spec(board) == load_spec(computed)
    assert load_all(board) == load_all(computed)
    assert BoardFolder(board).board() == BoardFolder(computed).board()
    assert check_board(BoardFolder(board), Session.opened()) == []
    records = {path: path.read_bytes() for path in (board / "results").rglob("*.json")}
    report, table = run_board(BoardFolder(board), Session.opened(cache=False))
    assert (report.compared, len(table.rows)) == (0, 2)
    assert {path: path.read_bytes() for path in (board / "results").rglob("*.json")} == records, "nothing was computed anew"
    assert (board / "README.md").read_bytes() == (computed / "README.md").read_bytes(), "what is written has LF"


def test_a_changed_figure_is_found_there_too(board: Path) -> None:
    readme = board / "README.md"
    readme.write_bytes(readme.read_bytes().replace(b"mini", b"maxi", 1))
    assert check_board(BoardFolder(board), Session.opened())


def test_published_figures_with_a_mark_are_read(board: Path, tmp_path: Path) -> None:
    table = tmp_path / "figures.csv"
    table.write_bytes(MARK + b"system,benchmark,protocol,spearman,n,source\r\nglove,mini,plain,0.415,280,somebody 2020\r\n")
    add_published(BoardFolder(board), table, Session.opened())
    (kept := board / "published.json").write_bytes(MARK + kept.read_bytes().replace(b"\n", b"\r\n"))
    assert [row.label for row in BoardFolder(board).board().published] == ["glove"]


def test_a_key_that_is_given_twice_is_refused(board: Path) -> None:
    for name in ("statistics.json", "diagrams.json", next((board / "results").rglob("*.json")).relative_to(board)):
        data = (board / name).read_bytes()
        (board / name).write_bytes(data.replace(b'"schema_version"', b'"schema_version": 1, "schema_version"', 1))
        with pytest.raises(StoreError, match=str(name)):
            BoardFolder(board).board()
        (board / name).write_bytes(data)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('similarity = ["cosine"]', "similarity of system 1 is no key of a board; did you mean similarities?"),
        ('similarities = "cosine"', 'similarities of system 1: is a list, as in ["cosine"]'),
    ],
)
def test_what_is_wrong_in_a_table_is_all_that_is_said(line: str, said: str, tmp_path: Path) -> None:
    head = 'name = "x"\ntitle = "x"\ndescription = "x"\nprotocol = "plain"\nbenchmarks = ["mini"]\n'
    (tmp_path / "board.toml").write_text(f'{head}[[system]]\nencoder = "hashing"\n{line}\n')
    with pytest.raises(UsageError) as caught:
        load_spec(tmp_path)
    assert str(caught.value) == f"{tmp_path}/board.toml: {said}"


@pytest.mark.parametrize(("key", "value"), [("seed", True), ("tolerance", True), ("seed", "3"), ("seed", 2.5)])
def test_a_number_of_a_board_is_a_number(key: str, value: object, tmp_path: Path, write_board: Callable[..., Path]) -> None:
    with pytest.raises(UsageError, match=f"board.toml: {key}: input should be a valid"):
        load_spec(write_board(tmp_path, "hashing", **{key: value}))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("seed = -1", "seed: input should be greater than or equal to 0"),
        ('writers = "csv"', r'writers: is a list, as in \["csv"\]'),
        ('[require]\nsystem = "a"', r"require: is a list of tables, each under \[\[require\]\]"),
        (f"a = {'[' * 5000}{']' * 5000}", "cannot be read as TOML: it is nested too deeply"),
    ],
)
def test_what_a_board_cannot_mean_is_a_sentence(lines: str, said: str, tmp_path: Path, write_board: Callable[..., Path]) -> None:
    folder = write_board(tmp_path, "hashing")
    spec = folder / "board.toml"
    spec.write_text(f"{lines}\n{spec.read_text()}" if "[require]" not in lines else f"{spec.read_text()}\n{lines}\n")
    with pytest.raises(UsageError, match=said):
        load_spec(folder)


def test_a_prompt_from_a_file_has_no_mark(tmp_path: Path) -> None:
    texts = {"plain.txt": b"query: \n", "marked.txt": MARK + b"query: \r\n"}
    for name, data in texts.items():
        (tmp_path / name).write_bytes(data)
    one, other = (Registry.installed().resolve_encoder(str(Ref.parse(f"hashing,prompt=@{tmp_path / name}"))) for name in texts)
    assert str(one.ref) == str(other.ref)
    assert "query:%20" in str(one.ref)


def test_the_texts_beside_vectors_have_no_mark(tmp_path: Path) -> None:
    np.save(tmp_path / "vectors.npy", np.eye(2, dtype=np.float32))
    for name in ("vectors.txt", "vectors.jsonl"):
        quote = b'"' if name.endswith("jsonl") else b""
        (tmp_path / name).write_bytes(MARK + quote + b"a cat" + quote + b"\r\n" + quote + b"a dog" + quote + b"\r\n")
        encoder = Registry.installed().resolve_encoder(f"vectors:{tmp_path / 'vectors.npy'}").build()
        assert encoder.encode(["a cat", "a dog"], views=encoder.views).vectors[encoder.views[0]].tolist() == [[1, 0], [0, 1]]
        (tmp_path / name).unlink()
