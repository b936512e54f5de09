"""`stsbench compare`."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stsbench.cli.guard import guarded, print_json
from stsbench.cli.opening import Opened, session_from
from stsbench.cli.options import Json, path
from stsbench.contracts.defaults import SIMILARITY
from stsbench.errors import UsageError

if TYPE_CHECKING:
    from stsbench.api.compare.result import Compared, Comparison


MOST = 15  # comparisons that are printed


class Method(StrEnum):
    """The tests of a difference; the classical ones, from Williams on, are for comparison with the literature only."""

    bootstrap = "bootstrap"
    influence = "influence"
    permutation = "permutation"
    zou = "zou"
    williams = "williams"
    steiger = "steiger"
    meng = "meng"
    dunn_clark = "dunn-clark"
    hittner = "hittner"
    hotelling = "hotelling"
    hendrickson = "hendrickson"
    olkin = "olkin"


class Unit(StrEnum):
    """What is resampled."""

    pairs = "pairs"
    clusters = "clusters"
    sentences = "sentences"


Systems = Annotated[
    list[str] | None,
    typer.Argument(metavar="SYSTEM", hidden=True),  # said in the command's help: typer would call it <list[str]> in a table
]
Folder = Annotated[
    Path | None,
    typer.Option(
        "--results", parser=path, metavar="PATH", envvar="STSBENCH_RESULTS", help="Folder of results, or of a board, that holds the scores."
    ),
]
On = Annotated[
    list[str] | None, typer.Option("--benchmark", "-b", metavar="REF", help="Compare on this benchmark or suite only; repeat for several.")
]


@guarded
@session_from("mirror", "quiet")
def compare(
    system: Systems = None,
    results: Folder = None,
    benchmark: On = None,
    method: Annotated[Method, typer.Option(help="Test of the differences.")] = Method.bootstrap,
    unit: Annotated[
        Unit, typer.Option("--resample", help="What is drawn: pairs, clusters of pairs that share texts, or texts.")
    ] = Unit.pairs,
    resamples: Annotated[int, typer.Option(help="Number of resamples.")] = 9999,
    seed: Annotated[int, typer.Option(help="Seed of the resamples.")] = 0,
    level: Annotated[float, typer.Option(help="Confidence level of intervals.")] = 0.95,
    pairs: Annotated[int, typer.Option(metavar="N", min=0, help="How many pairs to show on which two systems disagree most.")] = 10,
    metric: Annotated[
        str | None, typer.Option(metavar="NAME", help="Figure to compare by, as kendall; by default what the benchmarks are measured by.")
    ] = None,
    texts: Annotated[bool, typer.Option("--texts", help="Show the texts of those pairs too, unless the benchmark is private.")] = False,
    *,
    opened: Opened,
    json: Json = False,
) -> None:
    """Say which systems agree better with people, by how much, and how sure that is, from results that are kept.

    A SYSTEM is the label on a board, or words of it ('wordllama cosine'). One alone means all systems that its words fit, with every
    similarity; of several, each means one, of the board's primary similarity (or cosine) if its words say no other. Default: all systems
    of that similarity.
    """
    from stsbench.api.compare import compare as run
    from stsbench.api.compare.methods import Setting
    from stsbench.evidence.spec import SPEC, load_spec

    if results is None:
        raise UsageError("name the folder with the results: run systems with `stsbench run ... --results DIR`, then compare --results DIR")
    spec = load_spec(results) if (results / SPEC).exists() else None
    primary, sources, main = (spec.primary, spec.benchmarks, spec.main) if spec else (SIMILARITY, (), None)
    setting = Setting(method.value, unit.value, resamples, seed, level, pairs, texts, metric or main)
    with opened() as session:
        found = run(system or [], results, session, setting, benchmarks=benchmark or [], primary=primary, sources=sources)
    if json:
        print_json(found.document())
    else:
        _show(found)
    if found.warning:
        sys.stderr.write(f"warning: {found.warning}\n")


def _show(found: Compared) -> None:
    from stsbench.cli.table import figure, print_table
    from stsbench.contracts.figures import rank_set

    sys.stdout.write(f"{found.sentence()}\n")
    if len(found.standings) > 2:
        header = ["system", "letters", "rank set", found.title, "low", "high", "best"]
        rows = [
            [
                one.system,
                one.letters,
                rank_set(one.best_rank, one.worst_rank, "-"),
                *map(figure, (one.value, one.low, one.high)),
                f"{one.chance_of_best:.2f}",
            ]
            for one in found.standings
        ]
        print_table("Systems that share a letter cannot be told apart; rank sets hold together at the same level", header, rows, 2)
        header = ["first", "second", "difference", "low", "high", "p", "p (Holm)", "p (BH)", "p (max-T)"]
        rows = [
            [one.first, one.second, *map(figure, (one.difference, one.low, one.high)), *map(_p, (one.p, one.p_holm, one.p_bh, one.p_max_t))]
            for one in found.comparisons[:MOST]
        ]
        shown = f"the first {MOST} of {len(found.comparisons)}; --json has all" if len(found.comparisons) > MOST else "all of them"
        print_table(
            f"Every two systems ({shown}); Holm and max-T bound the chance of one wrong claim, BH the share of them", header, rows, 2
        )
        for reason in dict.fromkeys(one.reason for one in found.comparisons if one.reason):
            sys.stdout.write(f"a p that is missing: {reason}\n")
        if found.floor > 1 - found.level:
            sys.stdout.write(
                f"p (Holm) cannot be below {found.floor:.2f} with {found.resamples:,} resamples and so many comparisons; p (max-T) can.\n"
            )
    header = ["", "n", "first", "second", "difference", "low", "high", "p (Holm)", "p (BH)"]
    if len(found.standings) == 2 and found.by_benchmark:
        lines = [
            [one.benchmark, str(one.n), *map(figure, _oriented(one, found.comparisons[0].first)), _p(one.p_holm), _p(one.p_bh)]
            for one in found.by_benchmark
        ]
        print_table("By benchmark", header, lines, 1)
    if found.groups:
        several = len(found.benchmarks) > 1
        lines = [
            [f"{one.benchmark}: {one.group}" if several else one.group, str(one.n), *map(figure, (one.first_value, one.second_value, one.difference, one.low, one.high)),
             _p(one.p_holm), _p(one.p_bh)]
            for one in found.groups
        ]  # fmt: skip
        notes = [f"no test of {line[0]}: {one.reason}" for line, one in zip(lines, found.groups, strict=True) if one.reason]
        print_table(f"By group (paired bootstrap of pairs, {found.resamples:,} resamples)", header, lines, 1, notes)
    if found.disagreements:
        with_texts = any(one.left is not None for one in found.disagreements)
        header = ["benchmark", "split", "subset", "row", "gold", "rank by first", "rank by second", *(["texts"] if with_texts else [])]
        lines = [
            [one.benchmark, one.split, one.subset, str(one.row), "-" if one.gold is None else f"{one.gold:g}",
             f"{one.first_rank:.3f}", f"{one.second_rank:.3f}", *([" | ".join(filter(None, [one.left, one.right]))] if with_texts else [])]
            for one in found.disagreements
        ]  # fmt: skip
        print_table("Pairs on which they disagree most (rows from 1; ranks from 0 to 1)", header, lines, 3)


def _oriented(one: Comparison, first: str) -> tuple[float, float, float, float, float]:
    """Values, difference and interval with `first` as the first system, whichever is better here."""
    if one.first == first:
        return one.first_value, one.second_value, one.difference, one.low, one.high
    return one.second_value, one.first_value, -one.difference, -one.high, -one.low


def _p(value: float | None) -> str:
    return "-" if value is None else "<0.0001" if value < 0.00005 else f"{value:.4f}"
