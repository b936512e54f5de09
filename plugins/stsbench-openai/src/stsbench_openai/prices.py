"""List prices of embedding models, in dollars a million tokens, and when they were read."""

from __future__ import annotations

from stsbench_openai.endpoint import OPENAI, Endpoint

READ = "2026-07"
PRICES = {
    "text-embedding-3-small": 0.02,
    "text-embedding-3-large": 0.13,
    "text-embedding-ada-002": 0.10,
}


def price_of(model: str, endpoint: Endpoint, given: float | None) -> tuple[float | None, str]:
    """Dollars a million tokens, or None where nobody knows, and where that comes from."""
    if given is not None:
        return given, "price="
    listed = PRICES.get(model) if endpoint == Endpoint.of(OPENAI) else None
    return (None, "") if listed is None else (listed, f"list price of {READ}")
