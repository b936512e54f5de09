"""The small documents beside a board's records: canonical JSON, read as strictly as records are."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from stsbench.contracts.boards.published import Published
from stsbench.contracts.boards.statistics import Diagrams, Statistics
from stsbench.contracts.figures import rounded
from stsbench.contracts.reading import parse_json, without_mark
from stsbench.contracts.wording import broken_rule
from stsbench.errors import StoreError
from stsbench.stats.metrics import BOUNDS
from stsbench.stores.canonical import json_bytes

T = TypeVar("T", bound=BaseModel)


def _by_system(value: dict[str, Any]) -> bytes:
    """One line a system, since the bins of its diagrams are many."""
    lines = [json.dumps(one, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":")) for one in value["systems"]]
    return (f'{{"schema_version":{value["schema_version"]},"systems":[\n' + ",\n".join(lines) + "\n]}\n").encode()


@dataclass(frozen=True)
class Document(Generic[T]):
    """A kind of document: the name of its file, what it holds, in words too, and the next step where it cannot be read."""

    name: str
    model: type[T]
    words: str
    advice: str
    written: Callable[[dict[str, Any]], bytes] = json_bytes

    def dump(self, value: T) -> bytes:
        """The canonical bytes of a document, figures to 6 decimals."""
        return self.written(rounded(value.model_dump()))

    def parse(self, data: bytes, where: str) -> T:
        """The document in `data`; raises StoreError that says `where`, and names the field that is wrong."""
        try:
            version = parse_json(data, constants=True).get("schema_version")
            if isinstance(version, int) and version > self.model.model_fields["schema_version"].default:
                raise StoreError(f"{where} was written by a newer stsbench (schema version {version}); upgrade stsbench")
            return self.model.model_validate_json(without_mark(data), strict=True, context=BOUNDS)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False, include_context=False)[0]
            field = ".".join(map(str, first["loc"]))
            raise StoreError(
                f"{where} cannot be read as {self.words}: field {field}: {broken_rule(first['msg'])}; {self.advice}"
            ) from error
        except (ValueError, AttributeError, RecursionError) as error:
            raise StoreError(f"{where} cannot be read as {self.words}; {self.advice}") from error


STATISTICS: Final = Document("statistics.json", Statistics, "the statistics of a board", "delete it and run the board again")
DIAGRAMS: Final = Document("diagrams.json", Diagrams, "the diagrams of a board", "delete it and run the board again", _by_system)
PUBLISHED: Final = Document("published.json", Published, "published figures", "restore it, or add the figures anew")
DOCUMENTS: Final = {one.name for one in (STATISTICS, DIAGRAMS, PUBLISHED)}
