"""Leaderboards that the checks hand to writers: an ordinary one, an incomplete one, one with hostile names, an empty one."""

from __future__ import annotations

from stsbench.contracts.boards.board import BoardBenchmark, BoardSpec, Cell, Leaderboard, Row, SystemSpec
from stsbench.contracts.kinds import CORRELATIONS

MARK = "Zebrafinch"  # part of every hostile name: what must be left of it
HOSTILE = (
    f"{MARK}0 | a | b",
    f"{MARK}1 <script>alert(1)</script> &amp;",
    f"{MARK}2\nsecond\r\nline\ttab",
    f"{MARK}3 \u202eright to left\u202c \u2028 \u0007",
    f"=cmd('{MARK}4')",
    f"{MARK}5 `code` **bold** [link](http://localhost) \\ \\| $x$",
    f"{MARK}6 \"quoted\", 'twice'; , ,",
    f"{MARK}7 ../../etc/passwd",
    f"{MARK}8 \U0001f642 \u6f22\u5b57 e\u0301",
    f"{MARK}9 " + "long" * 100,
)
NONE: dict[str, float | None] = dict.fromkeys(CORRELATIONS)


def board(labels: tuple[str, ...] = ("alpha", "beta"), *, missing: bool = False) -> Leaderboard:
    """A board of two benchmarks and a row for each label; with `missing`, the last row has a failed and a missing cell."""
    spec = BoardSpec(
        name="sample",
        title="A sample",
        description="Made for a check.",
        benchmarks=("mini", "other"),
        protocol="plain",
        system=(SystemSpec(encoder="dist/encoder", similarities=("stsbench/cosine",)),),
    )
    columns = tuple(
        BoardBenchmark(name=name, ref=f"dist/{name}", n=240, languages=("eng-Latn",), licence="MIT", source="wheel", digest="0" * 32)
        for name in ("mini", "other")
    )
    rows = [_row(label, rank, (0.8125 - rank / 64, 0.5 - rank / 64)) for rank, label in enumerate(labels, 1)]
    if missing:
        failed = Cell(status="failed", figures=NONE, reason="the encoder returned NaN", signature="mini|n:240")
        last = rows[-1].model_copy(update={"rank": None, "average": None, "cells": (failed, Cell(status="missing", figures=NONE))})
        rows[-1] = last
    return Leaderboard(spec=spec, columns=columns, rows=tuple(rows))


def hostile() -> Leaderboard:
    """A board whose every name is hostile."""
    plain = board(HOSTILE)
    columns = tuple(column.model_copy(update={"name": name}) for column, name in zip(plain.columns, HOSTILE, strict=False))
    spec = plain.spec.model_copy(update={"title": HOSTILE[1], "description": HOSTILE[2]})
    return plain.model_copy(update={"columns": columns, "spec": spec})


def _row(label: str, rank: int, values: tuple[float, float]) -> Row:
    cells = tuple(
        Cell(status="ok", figures=dict.fromkeys(NONE, value), n=240, signature=f"{label}|n:240|spearman:{value}") for value in values
    )
    return Row(
        model=label,
        main=True,
        rank=rank,
        label=label,
        encoder="dist/encoder",
        fingerprint=f"{rank:032x}",
        view="sentence",
        transforms=(),
        similarity="stsbench/cosine",
        primary=True,
        average=sum(values) / 2,
        cells=cells,
    )
