"""Whether a figure is the one that others published of the same model."""

from __future__ import annotations

from typing import Final

from stsbench.contracts.figures import percent
from stsbench.contracts.records import PUBLISHED, Record, observed
from stsbench.host import capabilities
from stsbench.runner.system import PlannedBenchmark, PlannedEncoder

TOLERANCE: Final = 5e-4  # what versions of libraries and the rounding of a paper take
_COSINE: Final = "stsbench/cosine"


def as_published(planned: PlannedEncoder, benchmark: PlannedBenchmark, records: tuple[Record, ...]) -> dict[str, str]:
    """By view `yes` or `no` with the published figure and its source, or `unverified` where none is known; nothing for an unknown model.

    Spearman correlations with cosine on a whole benchmark are compared: that is what is published.
    """
    tell = capabilities.published(planned.encoder)
    if tell is None or (known := tell(benchmark.name, benchmark.card.protocol)) is None:
        return {}
    figure, source = known
    said = {}
    for record in records:
        if not record.is_whole or record.transforms or record.similarity != _COSINE or (mine := record.figures.get("spearman")) is None:
            continue
        verdict = "unverified" if figure is None else "yes" if abs(mine - figure) <= TOLERANCE else "no"
        figures = "" if figure is None else f": {percent(mine)}, published {percent(figure)} ({source})"
        said[observed(PUBLISHED, record.view, ())] = verdict + figures
    return said
