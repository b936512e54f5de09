"""Counts of users and items: the toy table, the identities, what moves with D and what does not, and the file that is read."""

from __future__ import annotations

import csv
from pathlib import Path
from runpy import run_path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from stsbench.errors import ModelError
from stsbench.host.registry import Registry
from stsbench.testing import encoder_checks
from stsbench.testing.samples import PLAIN

Array = NDArray[np.float64]
TOY = np.array([[1, 1, 0], [1, 1, 1], [0, 1, 1], [2, 0, 1]])
SCALES = ("", ",shrink=0.5", ",shrink=-0.5", ",sigma=-0.5", ",sigma=-2", ",sigma=1")


def written(folder: Path, x: Any) -> Path:
    """A csv file of the counts, users `u0`... and items `i0`..., without zeros, in no order."""
    rows = [f"u{user:03},i{item:03},{x[user, item]}" for user, item in np.argwhere(x)]
    file = folder / "counts.csv"
    file.write_text("\n".join(["user,item,value", *rows[::-1]]), encoding="utf-8")
    return file


def built(file: Path, options: str = "", of: str = "items") -> Any:
    return Registry.installed().resolve("encoder", f"counts:{file},of={of}{options}").build()


def cosines(rows: Array) -> Array:
    units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(units @ units.T)


@pytest.fixture
def counts() -> NDArray[np.int64]:
    x = np.random.default_rng(2).poisson(0.6, size=(70, 12))
    x[:, 0] += 1  # every user takes something
    return x


@pytest.mark.parametrize(
    ("options", "items", "users"),
    [
        ("", (0.0495681597, 0.2132007164, 0.2324952775), (0.8974675957, 0.7561512451)),
        (",shrink=0.5", (0, 0, 0), (0.9455479910, 0.8387570737)),
        (",shrink=-0.5", (0.1331776038, 0.4106856153, 0.4414623920), (0.8164965809, 0.6324555320)),
        (",sigma=-0.5", (0.3082215155, 0.5754811759, 0.5578865554), (0.7367150105, 0.4865458030)),
    ],
)
def test_toy_table(tmp_path: Path, options: str, items: tuple[float, ...], users: tuple[float, ...]) -> None:
    file = written(tmp_path, TOY)
    of_items = cosines(built(file, f",penalty=1{options}").vectors("embedding"))
    learned = built(file, f",penalty=1{options}", "users")
    of_users, back = cosines(learned.vectors("embedding")), cosines(learned.vectors("back"))
    assert [of_items[0, 1], of_items[0, 2], of_items[1, 2]] == pytest.approx(items, abs=1e-9)
    assert [of_users[0, 1], of_users[0, 3]] == pytest.approx(users, abs=1e-9)
    assert [back[0, 1], back[0, 3]] == pytest.approx([0.9455479910, 0.8387570737], abs=1e-9)


def test_toy_of_the_second_objective(tmp_path: Path) -> None:
    file = written(tmp_path, TOY)
    items, users = (cosines(built(file, ",objective=2,penalty=0.5", of).vectors("embedding")) for of in ("items", "users"))
    assert [items[0, 1], items[0, 2], items[1, 2]] == pytest.approx([0.2921918860, 0.5583285194, 0.5424857080], abs=1e-9)
    assert [users[0, 1], users[0, 3]] == pytest.approx([0.7248589889, 0.4676866898], abs=1e-9)


@pytest.mark.parametrize("of", ["items", "users"])
def test_identities(tmp_path: Path, counts: Any, of: str) -> None:
    file, x = written(tmp_path, counts), counts if of == "users" else counts.T
    plain = built(file, ",penalty=5", of)
    np.testing.assert_allclose(cosines(plain.vectors("raw")), cosines(x.astype(float)), atol=1e-12)
    free = built(file, ",penalty=5,shrink=-0.5", "users").vectors("embedding")
    np.testing.assert_allclose(cosines(free), cosines(counts.astype(float)), atol=1e-12)
    orthonormal = built(file, ",penalty=5,shrink=0.5", "items").vectors("embedding")
    np.testing.assert_allclose(orthonormal @ orthonormal.T, np.eye(12), atol=1e-12)
    convention = built(file, ",penalty=5,shrink=0.5", "users").vectors("embedding")
    np.testing.assert_allclose(cosines(built(file, ",penalty=5", "users").vectors("back")), cosines(convention), atol=1e-12)


@pytest.mark.parametrize("k", ["none", "4"])
def test_predictions_stay_while_cosines_move(tmp_path: Path, counts: Any, k: str) -> None:
    file = written(tmp_path, counts)
    models = []
    for options in SCALES:
        users, items = (built(file, f",penalty=5,k={k}{options}", of) for of in ("users", "items"))
        predictions = users.vectors("embedding") @ items.vectors("embedding").T
        np.testing.assert_allclose(cosines(users.vectors("back")), cosines(predictions), atol=1e-12)
        np.testing.assert_allclose(cosines(items.vectors("back")), cosines(predictions.T), atol=1e-12)
        models.append((predictions, cosines(items.vectors("embedding")), cosines(users.vectors("embedding"))))
    predictions, of_items, of_users = (np.array(arrays) for arrays in zip(*models, strict=True))
    assert np.abs(predictions - predictions[0]).max() < 1e-12
    assert np.ptp(of_items, axis=0).max() > 0.5
    assert np.ptp(of_users, axis=0).max() > 0.3


def test_tf_idf_is_that_of_scikit_learn(tmp_path: Path, counts: Any) -> None:
    text = pytest.importorskip("sklearn.feature_extraction.text")
    file = written(tmp_path, counts)
    for of, x in (("users", counts), ("items", counts.T)):
        expected = text.TfidfTransformer(norm=None).fit_transform(x).toarray()
        np.testing.assert_allclose(cosines(built(file, ",weigh=tf-idf", of).vectors("raw")), cosines(expected), atol=1e-12)


def test_names_are_looked_up_and_others_are_zero(tmp_path: Path) -> None:
    file = written(tmp_path, TOY)
    encoder = built(file, ",view=raw+embedding")
    vectors = encoder.encode(["i002", "nobody", "i000"], views=encoder.views).vectors
    np.testing.assert_allclose(vectors["raw"], encoder.vectors("raw")[[2, 0, 0]] * [[1], [0], [1]], atol=1e-6)
    assert vectors["embedding"].shape == (3, 3)
    repeated = tmp_path / "repeated.csv"
    repeated.write_text("\ufeffwho,what\nann,NA\nann,NA\nbob,NA\nbob,x\n", encoding="utf-8")
    rows = built(repeated, ",user=who,item=what,value=none")
    assert list(rows.rows) == ["NA", "x"]
    assert np.linalg.norm(rows.vectors("raw"), axis=1).tolist() == pytest.approx([5**0.5, 1.0])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("user,item\nann,secret\n", "a csv file with columns user, item and value"),
        ("user,item,value\nann,secret,much\n", "a csv file with columns user, item and value"),
        ("user,item,value\nann,secret,-1\n", "finite and at least 0, and not all 0"),
        ("user,item,value\nann,secret,0\n", "finite and at least 0, and not all 0"),
        ("", "a csv file with columns user, item and value"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "counts.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=message) as raised:
        built(file).encode(["secret"], views=["embedding"])
    assert "secret" not in str(raised.value)


def test_conformance(tmp_path: Path, counts: Any) -> None:
    """Of items that are called as the texts of the kit are."""
    file = tmp_path / "counts.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["user", "item", "value"])
        rows.writerows([user, PLAIN[item % len(PLAIN)], counts[user, item]] for user, item in np.argwhere(counts))
    ref = f"counts:{file},penalty=1,view=embedding+back"
    for check in encoder_checks(ref, others=[f"{ref},sigma=1", f"{ref},objective=2", f"{ref},of=users", f"{ref},weigh=tf-idf"]):
        check()


def test_the_example_shows_what_moves(capsys: pytest.CaptureFixture[str]) -> None:
    example = run_path(str(Path(__file__).parents[1] / "examples" / "counts.py"))
    rows = {row.name: row for row in example["table"](seed=0, users=1000, items=80)}
    scales = [row for row in rows.values() if row.name in example["SCALES"]]
    assert max(row.moved for row in scales) < 1e-12
    assert np.ptp([row.cosine for row in scales]) > 20
    assert next(row for row in scales if row.name == "D = S^(1/2)").cosine == pytest.approx(50, abs=1)  # every cosine is 0
    second = [row.cosine for row in rows.values() if row.name.startswith("objective 2")]
    assert np.ptp(second) > 1
    assert np.ptp([row.standardised for row in scales]) < 0.01
    assert np.ptp([row.back for row in scales]) < 0.01
