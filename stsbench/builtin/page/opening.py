"""What a page says first: what is compared, who leads, how surely and at what cost."""

from __future__ import annotations

from shlex import quote
from typing import Final

from stsbench.builtin.writers.wording import judged
from stsbench.contracts import ref as refs
from stsbench.contracts.boards.board import Leaderboard, Row
from stsbench.contracts.defaults import SIMILARITY
from stsbench.contracts.figures import count, percent, size, span
from stsbench.contracts.wording import counted, visible

FEW: Final = 2  # as many names a sentence holds
VERSIONS: Final = ("stsbench", "python", "numpy", "scipy", "torch")  # which a reader asks for first
YOURS: Final = "sentence-transformers:YOUR/MODEL"


def compared(board: Leaderboard) -> str:
    """What the board compares, and what its figures are."""
    on = f"{counted(len(board.columns), 'benchmark')} ({counted(sum(column.n for column in board.columns), 'pair')})"
    return (
        f"How well models judge how alike the two of a pair are in meaning, on {on}. {judged(board, '×')}: higher is better, at most 100."
    )


def leading(board: Leaderboard) -> str:
    """Who leads, how surely, and where others stand, in at most three sentences."""
    ranked = [row for row in board.compared if row.rank is not None]
    if not ranked:
        return "No model that is ranked has a figure on every benchmark yet."
    first = [row for row in ranked if row.rank == ranked[0].rank]
    return f"{_first(board, first, len(ranked))}{_doubt(board, ranked, first)}{_others(board, first[0])}"


def cost(board: Leaderboard) -> str:
    """What the leader costs, as far as it is known."""
    ranked = [row for row in board.compared if row.rank == 1]
    facts = ranked[0].facts if ranked else None
    if facts is None:
        return ""
    vector = f"{facts.dimension:,} dimensions" if facts.dimension else ""
    facets = [
        f"{vector} ({size(facts.bytes_per_vector)} a vector)" if vector and facts.bytes_per_vector else vector,
        f"{count(facts.parameters)} parameters" if facts.parameters else "",
        f"{count(facts.texts_per_second)} {facts.items} a second{f' on {visible(facts.device)}' if facts.device else ''}"
        if facts.texts_per_second
        else "",
    ]
    words = ", ".join(filter(None, facets))
    return f"What {named(board, ranked[0])} costs: {words}." if words else ""


def newest(board: Leaderboard) -> str:
    """When the newest record was written, and with which versions."""
    if board.newest is None:
        return ""
    known = [f"{name} {visible(board.newest.versions[name])}" for name in VERSIONS if name in board.newest.versions]
    return f"Newest record {', '.join([visible(board.newest.date[:10]), *known])}."


def run(board: Leaderboard) -> str:
    """The command that measures a model of one's own as this board does."""
    named = " ".join(f"-b {quote(visible(ref))}" for ref in board.spec.benchmarks)
    primary = board.spec.primary
    chosen = "" if refs.short(primary) == refs.short(SIMILARITY) else f" -s {quote(visible(primary))}"
    return f"stsbench run -e {YOURS} {named}{chosen}"


def named(board: Leaderboard, row: Row) -> str:
    """A compared row by its model, or where systems are ranked by its label."""
    return visible(row.model if board.spec.rank == "models" else row.label)


def _first(board: Leaderboard, first: list[Row], number: int) -> str:
    noun = board.spec.rank.removesuffix("s")
    known = span(first[0].low, first[0].high, " to ")
    figure = f"{percent(first[0].average)}{f' (95 % interval {known})' if known else ''}"
    names = _listed([named(board, row) for row in first])
    if number == 1:
        return f"One {noun} is measured here, {names}, with {figure}"
    return f"Of {number:,} {noun}s measured here, {names} {'leads' if len(first) == 1 else 'lead'} with {figure}"


def _others(board: Leaderboard, leader: Row) -> str:
    known = [row for row in board.published if row.average is not None]
    higher = [row for row in known if (row.average or 0) > (leader.average or 0)]
    if not known:
        return ""
    if not higher:
        return f" None of {counted(len(known), 'model')} that others measured stands higher."
    best = max(higher, key=lambda row: row.average or 0)
    many = f"{len(higher):,} stand higher, up to" if len(higher) > 1 else "one stands higher, with"
    published = f"Of {counted(len(known), 'model')} that others measured, which have no rank here,"
    return f" {published} {many} {percent(best.average)} ({visible(best.label)})."


def _doubt(board: Leaderboard, ranked: list[Row], first: list[Row]) -> str:
    rest = [row for row in ranked if row not in first]
    rivals = [row for row in rest if row.best_rank == 1]
    if rivals:
        names = _listed([named(board, row) for row in rivals])
        return f". The data do not exclude that {names} {'is' if len(rivals) == 1 else 'are'} as good or better."
    sure = rest and all(row.best_rank is not None for row in rest)
    return ", and its lead over all the others is more than chance." if sure and len(first) == 1 else "."


def _listed(names: list[str]) -> str:
    return " and ".join(names) if len(names) <= FEW else f"{names[0]} and {len(names) - 1:,} others"
