"""Generated files of pairs, as many people write them: each gives the figure that pandas and scipy give, or a refusal that says why.

python benchmarks/break/files.py [--files 5000] [--seed 0]

A file is made of pairs whose texts hold what readers stumble over (delimiters, quotes, line ends, words such as NA, white space, other
scripts), in csv, tsv, jsonl or parquet: encodings, delimiters, quoting, decimal commas, thousands, nested fields, class labels, truth
values, missing values, packers, damage. pandas reads the same bytes as their writer meant them, and scipy gives the Spearman of a score
that counts letters. `right`: the same figure and number of pairs. `refused`: an error of one sentence about what is wrong, where something
is. `read`: a damaged file that still holds pairs. `wrong`: another figure, a refusal of a sound file, or none of an unsound one.
`crashed`: any other error. Prints counts as JSON, and exits 1 where any is wrong or crashed.
"""

from __future__ import annotations

import argparse
import bz2
import gzip
import io
import json
import lzma
import re
import string
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from scipy.stats import spearmanr

from stsbench.api.evaluate import evaluate
from stsbench.errors import DataError
from stsbench.host.registry import Registry

SAID = "null NA None nan true 1.0 inf a an the cat river #N/A -1 =SUM(1) O'Hara \\n said été naïve señor 50% x;y p|q a,b"
WORDS = SAID.split()
WIDE = ["猫", "русский", "🙂", "👩‍💻", "עברית", "\u2028", "e\u0301", "ﬁ"]
MARKS = string.ascii_lowercase + string.digits + "\"',;|\t\n\r .é猫🙂"
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": lambda data: pa.compress(data, codec="zstd", asbytes=True),
    "zip": lambda data: _zipped(data),
}
SAME = {",": r"[+-]?[1-9]\d{0,2}(,\d{3})+", ".": r"[+-]?[1-9]\d{0,2}(\.\d{3})+"}


class LetterCounts:
    """An encoder of counts of characters: whole numbers, so that dot products are exact."""

    def encode(self, texts: list[str]) -> np.ndarray[Any, Any]:
        """One row a text, with a last column of 1, so that no vector is zero."""
        return np.array([[*(text.count(mark) for mark in MARKS), 1] for text in texts], dtype=np.float32)


@dataclass
class File:
    """What is written, how it is referred to, how pandas reads it, and what a right refusal says (`may`: where either is right).

    Without `read`, nobody can say what is meant.
    """

    form: str
    data: bytes
    read: Callable[[], pd.DataFrame] | None
    options: dict[str, str] = field(default_factory=dict)
    refusal: str = ""
    may: bool = False


def _zipped(data: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("rows", data)
    return packed.getvalue()


def text_of(rng: np.random.Generator, wide: bool) -> str:
    """A few words, at times with quotes, line ends or white space around them."""
    words = [str(rng.choice(WORDS + (WIDE if wide else []))) for _ in range(rng.integers(1, 7))]
    text = " ".join(words)
    kind = rng.integers(12)
    if kind == 0:
        text = f'he said "{text}" twice'
    elif kind == 1:
        text = str(rng.choice(["\n", "\r\n"])).join(words)
    elif kind == 2:
        text = f"  {text} "
    elif kind == 3:
        text = text.replace(" ", "\t")
    return text


def pairs_of(rng: np.random.Generator, wide: bool = True) -> pd.DataFrame:
    """Pairs and their gold scores, each with three digits after the point at most."""
    size = int(rng.integers(4, 40))
    scale, digits = rng.choice([5, 100, 5000]), int(rng.integers(0, 4))
    gold = np.round(rng.uniform(0, scale, size), digits)
    gold[:2] = gold[0], gold[0] + 1
    return pd.DataFrame({
        "left": [text_of(rng, wide) for _ in range(size)], "right": [text_of(rng, wide) for _ in range(size)], "gold": gold
    })  # fmt: skip


def written(gold: Sequence[float], mark: str, digits: int, thousands: str = "") -> list[str]:
    """Numbers as text."""
    whole = all(float(value).is_integer() for value in gold)
    plain = [f"{value:,.{0 if whole else digits}f}" if thousands else f"{value:.{0 if whole else digits}f}" for value in gold]
    marks = {ord(","): thousands, ord("."): mark}
    return [text.translate(marks) for text in plain]


def ambiguous(texts: Sequence[str]) -> bool:
    """Whether the marks in numbers may be of decimals or of thousands: then a file is unsound unless `decimal=` is given."""
    marks = [mark for mark in ",." if any(mark in text for text in texts)]
    if len(marks) != 1:
        return False
    marked = [text for text in texts if marks[0] in text]
    return all(re.fullmatch(SAME[marks[0]], text) for text in marked) and (marks[0] == "," or len(marked) < len(texts))


def delimited(rng: np.random.Generator) -> File:
    """A csv or tsv file, quoted where needed, with numbers and an encoding of some kind."""
    form = str(rng.choice(["csv", "tsv"]))
    encoding = str(rng.choice(["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "utf-16-le"]))
    frame = pairs_of(rng, wide=encoding != "cp1252")
    delimiter = "\t" if form == "tsv" else str(rng.choice(list(DELIMITERS)))
    mark = str(rng.choice([",", ".", "."]))
    thousands = str(rng.choice(["", "", {",": ".", ".": ","}[mark]]))
    numbers = written(frame["gold"], mark, 3, thousands)
    raw = rng.random() < 0.15
    if raw:  # plain quotes, as other programs write them
        frame[["left", "right"]] = frame[["left", "right"]].map(
            lambda text: re.sub(f"[{re.escape(delimiter)}\r\n]", " ", text).strip() + "."
        )
        for row in rng.choice(len(frame), 2, replace=False):
            side = str(rng.choice(["left", "right"]))
            frame.loc[row, side] = str(rng.choice(['"{}', '{}"'])).format(frame.loc[row, side])
    table = frame.assign(gold=numbers)
    if raw:
        if delimiter in "".join(numbers):
            table["gold"] = numbers = written(frame["gold"], mark := ".", 3, thousands := "")
        lines = [delimiter.join(row) for row in [list(table.columns), *table.to_numpy().tolist()]]
        content = "\n".join(lines) + "\n"
    else:
        content = table.to_csv(index=False, sep=delimiter, quoting=int(rng.integers(0, 2)), lineterminator=str(rng.choice(["\n", "\r\n"])))
    data = content.encode(encoding)
    options: dict[str, str] = {}
    reasons: list[str] = []
    may = False
    if encoding in ("cp1252", "utf-16-le") and (given := rng.random() < 0.7):
        options["encoding"] = encoding
    elif encoding == "utf-16-le":
        reasons.append("zero bytes, as UTF-16")
    elif encoding == "cp1252" and not given and not content.isascii():
        reasons.append("is not utf-8 text")
    if rng.random() < 0.5 and form == "csv":
        options["delimiter"] = DELIMITERS[delimiter]
    if rng.random() < 0.5:
        options["decimal"] = {",": "comma", ".": "point"}[mark]
    elif (thousands and any(thousands in text for text in numbers)) or ambiguous(numbers):
        reasons.append("decimal=")
    swallowed = any(("\n" in text or "\r" in text) and text.count(delimiter) >= 2 for side in ("left", "right") for text in frame[side])
    quote = str(rng.choice(["", "", "none" if raw else "double"]))
    if quote:
        options["quote"] = quote
    elif raw:
        may = not reasons
        reasons.append("quote|fields")
    elif swallowed:
        reasons.append("quoted field that holds a line end")

    def read() -> pd.DataFrame:
        return pd.read_csv(
            io.BytesIO(data), sep=delimiter, encoding=encoding, decimal=mark, thousands=thousands or None, keep_default_na=False,
            dtype={"left": str, "right": str}, quoting=3 if raw else 0,
        )  # fmt: skip

    return File(form, data, read, options, "|".join(reasons), may)


def nested(rng: np.random.Generator) -> File:
    """A jsonl file, at times with texts and gold in nested fields and lists, or as one list."""
    frame = pairs_of(rng)
    rows = frame.to_dict("records")
    options: dict[str, str] = {}
    refusal = ""
    kind = rng.integers(6)
    if kind == 0:
        rows = [{"data": {"pair": [row["left"], {"other.text": row["right"]}]}, "labels": {"real": row["gold"]}} for row in rows]
        options = {"left": "data.pair.0", "right": "data.pair.1.other.text", "score": "labels.real"}
    elif kind == 1:
        numbers = written(frame["gold"], mark := str(rng.choice([",", "."])), 3)
        rows = [{**row, "gold": number} for row, number in zip(rows, numbers, strict=True)]
        refusal = "decimal=" if ambiguous(numbers) else ""
    elif kind == 2:
        rows[int(rng.integers(len(rows)))][str(rng.choice(["left", "right"]))] = "half \ud83d"
        refusal = "half of a character"
    elif kind == 3:
        row = rows[int(rng.integers(len(rows)))]
        name = str(rng.choice(["left", "right", "gold"]))
        row[name] = float("nan") if name == "gold" and rng.random() < 0.5 else None
        refusal = "null" if name != "gold" else "missing or not finite"
    lines = [json.dumps(row, ensure_ascii=bool(kind == 2 or rng.random() < 0.5)) for row in rows]
    if rng.random() < 0.1 and not refusal:
        place = int(rng.integers(len(lines)))
        lines[place] = str(
            rng.choice(
                [lines[place][:-2], "[" * 20_000, '{"left": "a", "left": "b", "right": "c", "gold": 1}', '{"gold": 1' + "0" * 5000 + "}"]
            )
        )
        refusal = "not JSON|too deep|key twice|cannot be taken|null|not finite|no field"
    content = "[" + ",\n".join(lines) + "]" if rng.random() < 0.2 else "\n".join(lines) + str(rng.choice(["", "\n", "\n\n"]))

    def read() -> pd.DataFrame:
        frame = pd.read_json(io.StringIO(content), lines=not content.startswith("["), dtype=False, precise_float=True)
        if kind == 0:
            both = frame["data"].map(lambda cell: cell["pair"])
            frame = pd.DataFrame(
                {"left": both.str[0], "right": both.map(lambda pair: pair[1]["other.text"]), "gold": frame["labels"].str["real"]}
            )
        if kind == 1:
            frame["gold"] = pd.to_numeric(frame["gold"].astype(str).str.replace(mark, "."))
        return frame

    return File("jsonl", content.encode(), read, options, refusal)


def typed(rng: np.random.Generator) -> File:
    """A parquet file, at times with class labels, truth values, other widths of numbers, categories, nested fields or nulls."""
    frame = pairs_of(rng)
    options: dict[str, str] = {}
    refusal = ""
    kind = rng.integers(8)
    meant = frame["gold"]
    if kind == 0:  # labels whose ids sort otherwise than their names, or whose names are words
        grades = frame["gold"].rank(method="dense").astype(int)
        words = rng.random() < 0.5
        names = sorted({f"grade {grade}" if words else str(grade) for grade in grades})
        frame["gold"] = [names.index(f"grade {grade}" if words else str(grade)) for grade in grades]
        meant = grades
        if words and rng.random() < 0.5:
            options["map"] = "+".join(f"grade%20{grade}:{grade}" for grade in sorted(set(grades)))
        elif words:
            refusal = "map="
    elif kind == 1:
        frame["gold"] = meant = frame["gold"] > frame["gold"].median()
        options, refusal = ({"task": "binary"}, "") if rng.random() < 0.7 else ({}, "truth value")
    elif kind == 2:
        frame["gold"] = meant = frame["gold"].astype(str(rng.choice(["float32", "float16", "int64", "int16"])))
    elif kind == 3:
        frame.loc[rng.integers(len(frame)), "gold"] = None
        refusal = "missing or not finite"
    elif kind == 4:
        frame["left"] = frame["left"].astype("category")
    table = pa.Table.from_pandas(frame, preserve_index=False)
    if kind == 0:
        features = {"info": {"features": {"gold": {"names": names, "_type": "ClassLabel"}}}}
        table = table.replace_schema_metadata({"huggingface": json.dumps(features)})
    elif kind == 5:
        rows = [{"a": {"b": [row["left"], row["right"]]}, "c": [row["gold"]]} for row in frame.to_dict("records")]
        table, options = pa.Table.from_pylist(rows), {"left": "a.b.0", "right": "a.b.1", "score": "c.0"}
    elif kind == 6:
        table = table.append_column("score", table.column("gold"))
        options, refusal = ({"score": "gold"}, "") if rng.random() < 0.5 else ({}, r"several columns that may hold the gold score")
    sink = io.BytesIO()
    pq.write_table(table, sink, compression=str(rng.choice(["none", "snappy", "zstd", "gzip"])), row_group_size=int(rng.integers(1, 50)))

    def read() -> pd.DataFrame:
        frame = pd.read_parquet(io.BytesIO(sink.getvalue()))
        if kind == 5:
            frame = pd.DataFrame(
                {
                    "left": frame["a"].map(lambda cell: cell["b"][0]),
                    "right": frame["a"].map(lambda cell: cell["b"][1]),
                    "gold": frame["c"].str[0],
                }
            )
        return frame.assign(gold=meant.to_numpy())

    return File("parquet", sink.getvalue(), read, options, refusal)


def spoiled(rng: np.random.Generator) -> File:
    """A csv file with rows of empty cells, a row too short, a gold score that is none, two columns that fit, or a footer."""
    frame = pairs_of(rng).map(lambda cell: re.sub(r"[\r\n]", " ", cell) if isinstance(cell, str) else cell)
    lines = frame.to_csv(index=False).removesuffix("\n").split("\n")
    place = int(rng.integers(2, len(lines)))
    options: dict[str, str] = {}
    kind = rng.integers(6)
    refusal = ["empty cells", "", "fields and the header", "not a number", "several columns", ""][kind]
    if kind in (0, 1):
        options = {"blank": "skip"} if kind == 1 else {}
        lines[place:place] = [str(rng.choice([",,", '"","",""', " , ,", "   "])) for _ in range(rng.integers(1, 4))]
    elif kind == 2:
        lines[place] = lines[place].rpartition(",")[0]
    elif kind == 3:
        word = str(rng.choice(["high", "1_0", "3/5", "80%", "1 000", "true", "٣"]))
        lines[place] = lines[place].rpartition(",")[0] + "," + word
        refusal = {"3/5": "fraction", "80%": "percent sign", "true": "truth value"}.get(word, refusal)
    elif kind == 4:
        lines = [lines[0] + ",label", *(f"{line},{number}" for number, line in enumerate(lines[1:]))]
    else:
        lines.append(f"Total,,{frame['gold'].sum():.3f}")
        frame.loc[len(frame)] = ["Total", "", round(frame["gold"].sum(), 3)]
    return File("csv", ("\n".join(lines) + "\n").encode(), lambda: frame, options, refusal)


def damaged(rng: np.random.Generator) -> File:
    """A file of any other kind with bits flipped, bytes lost or put in, or cut short; at times packed before that."""
    file = [delimited, nested, typed, spoiled][rng.integers(4)](rng)
    packer = str(rng.choice([*PACKERS, *[""] * 10]))
    data = bytearray(PACKERS[packer](file.data) if packer else file.data)
    for _ in range(rng.integers(1, 4)):
        place = int(rng.integers(len(data)))
        what = rng.integers(4)
        if what == 0:
            data[place] ^= 1 << int(rng.integers(8))
        elif what == 1:
            del data[place : place + int(rng.integers(1, 20))]
        elif what == 2:
            data[place:place] = str(rng.choice(['"', ",", "\n", "\t", "\0", "\r", "9" * 400, "{", "]", "null", "\\ud800", "NaN"])).encode()
        elif rng.random() < 0.3:
            del data[place:]
        data = data or bytearray(b" ")
    return File(file.form, bytes(data), None, file.options, ".", may=True)


KINDS: dict[str, Callable[[np.random.Generator], File]] = {
    "delimited": delimited,
    "nested": nested,
    "typed": typed,
    "spoiled": spoiled,
    "damaged": damaged,
}


def expected(frame: pd.DataFrame) -> tuple[float, int]:
    """The Spearman correlation that scipy gives, and the number of pairs."""
    sides = [LetterCounts().encode(frame[side].astype(str).tolist()).astype(float) for side in ("left", "right")]
    scores, gold = (sides[0] * sides[1]).sum(axis=1), frame["gold"].to_numpy(dtype=float)
    constant = (scores == scores[0]).all() or (gold == gold[0]).all()
    return (np.nan if constant else float(spearmanr(scores, gold).statistic)), len(frame)


def outcome(file: File, path: Path, registry: Registry) -> str:
    """Right, refused, or what went wrong."""
    path.write_bytes(file.data)
    reference = ",".join([f"{file.form}:{path}", *(f"{name}={value}" for name, value in file.options.items())])
    try:
        (cell,) = evaluate([LetterCounts()], ["dot"], [reference], cache=False, registry=registry).cells()
    except DataError as error:
        said = str(error)
        sound = not file.refusal or not re.search(file.refusal, said) or "\n" in said or str(path) in said
        return f"wrong: refused with {said!r}, where {file.refusal or 'nothing'} was wrong" if sound else "refused"
    except Exception as error:  # noqa: BLE001 - which is what is looked for
        return f"crashed: {type(error).__name__}: {error}"
    if file.refusal and not file.may:
        return f"wrong: not refused, though {file.refusal}"
    if file.read is None:
        return "read"
    figure, size = expected(file.read())
    ours = np.nan if cell["spearman"] is None else cell["spearman"]
    same = cell["n"] == size and (abs(ours - figure) < 1e-9 or (np.isnan(ours) and np.isnan(figure)))
    return "right" if same else f"wrong: {ours} of {cell['n']} pairs, not {figure} of {size}"


def campaign(files: int, seed: int, kinds: Sequence[str] = tuple(KINDS)) -> tuple[dict[str, Counter[str]], list[str]]:
    """Counts by kind of file, and the files that were wrong or crashed."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in kinds}
    bad: list[str] = []
    registry = Registry.installed()
    with tempfile.TemporaryDirectory() as place:
        for number in range(files):
            rng = np.random.default_rng([seed, number])
            name = kinds[number % len(kinds)]
            file = KINDS[name](rng)
            packer = str(rng.choice([*PACKERS, *[""] * 10]))
            file.data = PACKERS[packer](file.data) if packer else file.data
            what = outcome(file, Path(place) / "rows", registry)
            counts[name][what.partition(":")[0]] += 1
            counts.setdefault("packed", Counter())[what.partition(":")[0]] += bool(packer)
            if what not in ("right", "refused", "read"):
                bad.append(f"file {number} ({name}, {file.options}): {what}")
    return counts, bad


def main() -> None:
    """Run the campaign and print its counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    counts, bad = campaign(given.files, given.seed)
    sys.stdout.write(json.dumps({"files": given.files, "seed": given.seed, **counts, "bad": bad}, indent=2) + "\n")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
