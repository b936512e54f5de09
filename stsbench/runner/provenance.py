"""What describes a run but must not be part of a result."""

from __future__ import annotations

from datetime import UTC, datetime
from platform import platform, python_version

from stsbench.errors import StsbenchError
from stsbench.host import capabilities
from stsbench.host.calling import describe
from stsbench.host.provider import installed, libraries_beneath
from stsbench.runner.run import Finished


def provenance(finished: Finished, code: str) -> dict[str, str]:
    """Clock, platform and versions, what the encoder says of itself, and the digest of `code` that is installed in place."""
    resolved = [finished.job.encoder.resolved, *(one.resolved for system in finished.job.systems for one in system.components)]
    providers = [one.provider for one in resolved if one]
    libraries = {name for one in providers for name in libraries_beneath(one, [one])}
    distributions = {"stsbench", "numpy", "scipy", *(one.distribution for one in providers), *libraries}
    facts = {f"version.{name}": number for name in sorted(distributions) if (number := installed(name))}
    try:
        encoder = finished.job.encoder.encoder
        facts |= capabilities.provenance(encoder)
        facts |= card.facts() if (card := capabilities.model_card(encoder)) else {}
        facts |= {f"decided.{name}": value for name, value in capabilities.decided(encoder).items()}
        facts |= {"card.made_for": made_for} if (made_for := capabilities.made_for(encoder)) else {}
    except StsbenchError as error:  # what an encoder cannot say of itself costs no figure
        facts["encoder"] = f"gave no provenance ({describe(error).partition(':')[0]})"
    facts |= finished.measured
    when = datetime.now(UTC).isoformat(timespec="seconds")
    return {**facts, "version.python": python_version(), "platform": platform(terse=True), "date": when, **({"code": code} if code else {})}
