"""What a board's evidence says of its systems besides figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from stsbench.contracts.board import Facts
from stsbench.contracts.identity import SystemId
from stsbench.contracts.records import RecordFile

VECTOR_BYTES = 4  # of a float32


@dataclass(frozen=True, slots=True)
class FactsBySystem:
    """The provenance of every encoder's files, joined: what several files state is taken from the first."""

    known: Mapping[tuple[str, str], Mapping[str, str]]

    @classmethod
    def of(cls, files: Iterable[RecordFile]) -> FactsBySystem:
        """From record files, in their order."""
        known: dict[tuple[str, str], dict[str, str]] = {}
        for file in files:
            own = known.setdefault((file.encoder.ref, file.encoder.fingerprint), {})
            for name, value in file.provenance.items():
                own.setdefault(name, value)
        return cls(known)

    def of_system(self, system: SystemId) -> Facts:
        """The facts of a system; transforms may change a vector's size, so that of a transformed one is unknown."""
        own = self.known.get((system.encoder, system.fingerprint), {})
        dimension = None if system.transforms else _whole(own.get(f"dimension.{system.view}"))
        return Facts(
            dimension=dimension,
            bytes_per_vector=None if dimension is None else VECTOR_BYTES * dimension,
            parameters=_whole(own.get("card.parameters")),
            texts_per_second=_figure(own.get("measured.texts_per_second")),
            device=own.get("measured.device"),
            peak_memory=_figure(own.get("measured.peak_memory")),
            licence=own.get("card.licence"),
            languages=_words(own.get("card.languages")),
            training=_words(own.get("card.training")),
            made_for=own.get("card.made_for"),
        )


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None


def _figure(text: str | None) -> float | None:
    return float(text) if text is not None and text.replace(".", "", 1).isdecimal() else None


def _words(text: str | None) -> tuple[str, ...] | None:
    return tuple(text.split()) if text else None
