"""`stsbench plan`."""

from __future__ import annotations

from typing import Any

import typer

from stsbench.cli.printing.layout import say
from stsbench.cli.showing import decision_lines
from stsbench.contracts.wording import counted

from .line.asking import AskedToKeep
from .line.guard import print_json
from .line.opening import Opened, board_folder, session_from
from .line.options import Json


@session_from("mirror", "allow_network", "send_private", "max_cost", "cache_dir", "no_cache", "executor")
def plan(
    *,
    asked: AskedToKeep,
    opened: Opened,
    json: Json = False,
) -> None:
    """Say what a run would do, without loading a model: cells, systems, texts to encode, what is left out and why.

    A SYSTEM is the reference of an encoder (or pair scorer), as `run` takes it.
    """
    from stsbench.api.planning import describe_board_plan, describe_plan

    keep = asked.keep()
    with opened() as session:
        if asked.board:
            described = describe_board_plan(board_folder(asked.board), session.silent, fresh=asked.fresh)
        else:
            described = describe_plan(asked.request(session.registry), session.silent, keep)
    also = described.get("development")
    if json:
        print_json(described)
    else:
        lines = [*_lines(described), *(["to choose on development splits:", *_lines(also)] if also else [])]
        say(*lines)
    if described["failed"] or (also and also["failed"]):
        raise typer.Exit(1)  # as the run would


def _lines(described: dict[str, Any]) -> list[str]:
    lines = [f"{counted(described['cells'], 'cell')} to compute, {described['known']} known", *_workers(described["workers"])]
    for job in described["jobs"]:
        unique = counted(job["texts"], f"unique {job['items'].removesuffix('s')}", f"unique {job['items']}")
        characters = f" ({counted(job['characters'], 'character')})" if job["items"] != "images" else ""
        lines.append(
            f"  {job['encoder']}: {unique}{characters} for {counted(len(job['systems']), 'system')}, {counted(job['cells'], 'cell')}"
        )
        lines += [f"    {line}" for line in [*job["systems"], *_encoding(job), *decision_lines(job["decided"], None)]]
    for benchmark in described["benchmarks"]:
        size = f"{counted(benchmark['n'], 'pair')} in {counted(benchmark['parts'], 'part')}"
        lines.append(f"  {benchmark['name']} ({benchmark['protocol']}): {size}, {benchmark['source']}")
        lines += [f"    {note}" for note in benchmark["notes"]]
    lines += [f"left out: {reason}" for reason in described["left_out"]]
    lines += [f"warning: {warning}" for warning in described["warnings"]]
    lines += [f"cannot run: {reason}" for reason in described["failed"]]
    return lines


def _workers(workers: dict[str, Any] | None) -> list[str]:
    """Who computes vectors where an executor is named, and how long that takes."""
    if workers is None:
        return []
    takes = ", ".join(f"{name}={value}" for name, value in workers["needs"].items() if name != "workers")
    lines = [f"  workers: {workers['needs'].get('workers')}, each with {takes}"]
    if not workers["encoders"]:
        left = f"this process itself runs {', '.join(workers['here'])}" if workers["here"] else "nothing is left to encode"
        return [*lines, f"    none is started: {left}"]
    if workers["unknown"]:
        return [*lines, f"    how long they take is not known, since nothing is remembered of {', '.join(workers['unknown'])}"]
    whose = " of one of them" if workers["of_one"] else ""
    encoders, shards = counted(len(workers["encoders"]), "encoder"), counted(workers["shards"], "shard")
    return [*lines, f"    {encoders} in about {shards}, about {workers['seconds']:.0f} s{whose} at the rates of earlier runs"]


def _encoding(job: dict[str, Any]) -> list[str]:
    """What is left to encode, how long that takes if the store remembers how fast it went, and how many texts would be cut."""
    if not job["texts"]:
        return []
    time = "" if job["seconds"] is None else f", about {job['seconds']:.0f} s at the rate of the last run"
    runs_on = f" on {job['runs_on']}" if job["runs_on"] and job["to_encode"] else ""
    cut = "unknown before they are encoded" if job["truncated"] is None else f"{job['truncated']:,} ({job['truncated'] / job['texts']:.1%})"
    hint = "; windows=mean+max reads them whole" if job["windows"] else ""
    return [
        *_cost(job["cost"]),
        f"{job['stored']:,} of them found in the store, {job['to_encode']:,} to encode{runs_on}{time}",
        *([f"longer than the encoder reads: {cut}{hint}"] if job["items"] != "images" else []),
    ]


def _cost(cost: dict[str, Any] | None) -> list[str]:
    """What a service asks for what is left to encode."""
    if cost is None:
        return []
    if cost["dollars"] is None:
        return [f"about {counted(cost['tokens'], 'token')}, whose price is not known; give it with price=, in dollars a million"]
    return [
        f"about {counted(cost['tokens'], 'token')} and {cost['dollars']:.4f} dollars, at most {cost['most_tokens']:,} and "
        f"{cost['most_dollars']:.4f} ({cost['price']:g} a million: {cost['basis']})"
    ]
