"""Whether a figure is the one that others published of the same model."""

from __future__ import annotations

from typing import Final

from stsbench.contracts.defaults import SIMILARITY
from stsbench.contracts.figures import percent
from stsbench.contracts.records import PUBLISHED, Record, observed
from stsbench.contracts.ref import Ref, escape, unescape
from stsbench.host import capabilities
from stsbench.host.bind import TRAINED_ON
from stsbench.runner.system import PlannedBenchmark, PlannedEncoder

TOLERANCE: Final = 5e-4  # what versions of libraries and the rounding of a paper take


def as_published(planned: PlannedEncoder, benchmark: PlannedBenchmark, records: tuple[Record, ...]) -> dict[str, str]:
    """By view `yes`, `no` or, where no figure is known or it is of another system, `unverified`, with the figure and its source.

    Nothing for an unknown model.

    Spearman correlations with cosine on a whole benchmark are compared: that is what is published.
    """
    tell = capabilities.published(planned.encoder)
    if tell is None or (known := tell(benchmark.name, benchmark.card.protocol)) is None:
        return {}
    figure, source, reference = known
    apart = "" if figure is None else _apart(planned, Ref.parse(reference))
    said = {}
    for record in records:
        if not record.is_whole or record.transforms or record.similarity != SIMILARITY or (mine := record.figures.get("spearman")) is None:
            continue
        verdict = "unverified" if figure is None or apart else "yes" if abs(mine - figure) <= TOLERANCE else "no"
        figures = "" if figure is None else f": {percent(mine)}, published {percent(figure)} ({source}){apart}"
        said[observed(PUBLISHED, record.view, ())] = verdict + figures
    return said


def _apart(planned: PlannedEncoder, published: Ref) -> str:
    """The options in which an encoder is another than the published one, as a clause; empty where it is the same, whatever it runs on."""
    if planned.resolved is None or planned.resolved.component.name != published.name:
        return f", which is of {published.name}:"
    ours, theirs = (
        {key: unescape(raw) for key, raw in options if key != TRAINED_ON} for options in (planned.resolved.ref.options, published.options)
    )
    names = sorted(key for key in ours.keys() | theirs.keys() if ours.get(key, "") != theirs.get(key, ""))
    given = ", ".join(f"{key}={escape(theirs[key])}" if key in theirs else f"no {key}=" for key in names)
    return f", which has {given}" if names else ""
