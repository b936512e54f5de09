"""What a board's evidence says of its systems besides figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from stsbench.contracts.boards.board import Facts, Newest
from stsbench.contracts.defaults import SIMILARITY
from stsbench.contracts.identity import SystemId
from stsbench.contracts.records import PRICE, PUBLISHED, RATE, SIZES, RecordFile, observed, together
from stsbench.contracts.wording import called_together

MOST_DIGITS: Final = 15  # of a number that somebody contributed
ITEMS: Final = "items"  # what they are called, beside a provenance


def joint_provenance(files: Iterable[RecordFile]) -> dict[tuple[str, str], dict[str, str]]:
    """The provenance of every encoder's files, by reference and fingerprint: what several files state is taken from the first.

    With it stands what the encoder was given (`ITEMS`). A size of vectors that is not the same in all files that state it, as of what is
    fitted on each benchmark, is left out.
    """
    by_encoder: dict[tuple[str, str], list[Mapping[str, str]]] = {}
    for file in files:
        by_encoder.setdefault((file.encoder.ref, file.encoder.fingerprint), []).append({**file.provenance, ITEMS: file.benchmark.items})
    return {encoder: _joint(accounts) for encoder, accounts in by_encoder.items()}


def _joint(accounts: Sequence[Mapping[str, str]]) -> dict[str, str]:
    joint = together(accounts)
    varying = {name for name in joint if name.startswith(SIZES) and len({one[name] for one in accounts if name in one}) > 1}
    return {name: fact for name, fact in joint.items() if name not in varying} | {ITEMS: called_together(one[ITEMS] for one in accounts)}


def facts_of(system: SystemId, known: Mapping[str, str]) -> Facts:
    """The facts of a system, from the provenance of its encoder."""
    dimension, size = (_whole(known.get(observed(fact, system.view, system.transforms))) for fact in ("dimension", "bytes"))
    return Facts(
        dimension=dimension,
        bytes_per_vector=size,
        parameters=_whole(known.get("card.parameters")),
        texts_per_second=_figure(known.get(RATE)),
        device=known.get("measured.device"),
        peak_memory=_figure(known.get("measured.peak_memory")),
        licence=known.get("card.licence"),
        languages=_words(known.get("card.languages")),
        training=_words(known.get("card.training")),
        made_for=known.get("card.made_for"),
        price=_figure(known.get(PRICE)),
        items=known.get(ITEMS, Facts().items),
    )


def verdicts_of(files: Iterable[RecordFile]) -> dict[str, str]:
    """Whether figures are as published, by the keys of their records: what is published is of cosine, and of vectors as they come."""
    return {
        record.key: verdict
        for file in files
        for system, record in file.wholes.items()
        if system.similarity == SIMILARITY and not system.transforms
        if (verdict := file.provenance.get(observed(PUBLISHED, system.view, ())))
    }


def newest(files: Iterable[RecordFile]) -> Newest | None:
    """When the newest of the files was written, and with which versions; None where none says so."""
    dated = [file.provenance for file in files if file.provenance.get("date")]
    if not dated:
        return None
    latest = max(dated, key=lambda provenance: provenance["date"])
    mark = "version."
    return Newest(date=latest["date"], versions={name.removeprefix(mark): told for name, told in latest.items() if name.startswith(mark)})


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() and len(text) <= MOST_DIGITS else None


def _figure(text: str | None) -> float | None:
    return float(text) if text is not None and text.replace(".", "", 1).isdecimal() and len(text.partition(".")[0]) <= MOST_DIGITS else None


def _words(text: str | None) -> tuple[str, ...] | None:
    return tuple(text.split()) if text else None
