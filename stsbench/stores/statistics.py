"""`statistics.json` of a board on disk: canonical JSON, like the records."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from stsbench.contracts.reading import parse_json, without_mark
from stsbench.contracts.statistics import STATISTICS_VERSION, Statistics
from stsbench.errors import StoreError
from stsbench.stores.canonical import json_bytes, rounded

STATISTICS = "statistics.json"


def dump_statistics(statistics: Statistics) -> bytes:
    """The canonical bytes of `statistics`, figures to 6 decimals."""
    return json_bytes(rounded(statistics.model_dump()))


def read_statistics(folder: Path) -> Statistics | None:
    """The statistics in `folder`, or None where there are none; raises StoreError that names the file."""
    path = folder / STATISTICS
    try:
        data = without_mark(path.read_bytes())
        version = parse_json(data, constants=True).get("schema_version")
        if isinstance(version, int) and version > STATISTICS_VERSION:
            raise StoreError(f"{path} was written by a newer stsbench (schema version {version}); upgrade stsbench")
        return Statistics.model_validate_json(data, strict=True)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, AttributeError, ValidationError) as error:
        raise StoreError(f"{path} cannot be read as the statistics of a board; delete it and run the board again") from error
