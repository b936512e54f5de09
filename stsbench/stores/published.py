"""`published.json` of a board on disk: canonical JSON, like the records."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from stsbench.contracts.published import PUBLISHED_VERSION, Published
from stsbench.contracts.reading import parse_json, without_mark
from stsbench.errors import StoreError
from stsbench.stores.canonical import json_bytes, rounded

PUBLISHED = "published.json"


def dump_published(published: Published) -> bytes:
    """The canonical bytes, figures to 6 decimals, in the order of system and benchmark."""
    ordered = Published(figures=tuple(sorted(published.figures, key=lambda one: one.cell)))
    return json_bytes(rounded(ordered.model_dump()))


def read_published(folder: Path) -> Published:
    """What a board's folder holds, nothing where there is no such file; raises StoreError that names the file and the field."""
    path = folder / PUBLISHED
    try:
        data = without_mark(path.read_bytes())
        version = parse_json(data, constants=True).get("schema_version")
        if isinstance(version, int) and version > PUBLISHED_VERSION:
            raise StoreError(f"{path} was written by a newer stsbench (schema version {version}); upgrade stsbench")
        return Published.model_validate_json(data, strict=True)
    except FileNotFoundError:
        return Published()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = ".".join(map(str, first["loc"]))
        raise StoreError(f"{path} is not valid: field {field}: {first['msg']}; correct it, or add the figures anew") from error
    except (OSError, ValueError, AttributeError) as error:
        raise StoreError(f"{path} cannot be read as published figures; restore it, or add the figures anew") from error
