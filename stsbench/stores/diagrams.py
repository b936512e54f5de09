"""`diagrams.json` of a board on disk: canonical JSON, one line a system's benchmark, since its bins are many."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from stsbench.contracts.diagrams import DIAGRAMS_VERSION, Diagrams
from stsbench.contracts.reading import parse_json, without_mark
from stsbench.errors import StoreError
from stsbench.stores.canonical import rounded

DIAGRAMS = "diagrams.json"


def dump_diagrams(diagrams: Diagrams) -> bytes:
    """The canonical bytes of `diagrams`, figures to 6 decimals; one line a system."""
    value = rounded(diagrams.model_dump())
    lines = [json.dumps(one, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":")) for one in value["systems"]]
    return (f'{{"schema_version":{value["schema_version"]},"systems":[\n' + ",\n".join(lines) + "\n]}\n").encode()


def read_diagrams(folder: Path) -> Diagrams | None:
    """The diagrams in `folder`, or None where there are none; raises StoreError that names the file."""
    path = folder / DIAGRAMS
    try:
        data = without_mark(path.read_bytes())
        version = parse_json(data, constants=True).get("schema_version")
        if isinstance(version, int) and version > DIAGRAMS_VERSION:
            raise StoreError(f"{path} was written by a newer stsbench (schema version {version}); upgrade stsbench")
        return Diagrams.model_validate_json(data, strict=True)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, AttributeError, ValidationError) as error:
        raise StoreError(f"{path} cannot be read as the diagrams of a board; delete it and run the board again") from error
