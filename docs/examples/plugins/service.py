"""An encoder that is a service: it is asked over HTTP for the vectors of texts, in the form that most such services have."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY, dataclass, field
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import numpy as np

from stsbench.plugin import (
    Component,
    Embeddings,
    Encoder,
    Execution,
    Fingerprint,
    Float32,
    ModelError,
    Secret,
    SecretText,
    hookimpl,
    host_of,
)


@dataclass(frozen=True)
class Service:
    """Vectors of `model` from the service at `url`, by POST to `url`/embeddings.

    The key is read from STSBENCH_SERVICE_KEY; a service of your own may need none. Name the model by a version that does not change.
    """

    model: str  # the one field before KW_ONLY stands after the colon: service:MODEL
    _: KW_ONLY
    url: str = "http://localhost:8080/v1"
    dimensions: int | None = None
    batch_size: Execution[int] = 64  # changes no number: no part of the name
    key: Secret[SecretText | None] = None  # from the environment, and in no file
    known: list[int] = field(default_factory=list, init=False, repr=False, compare=False)  # the dimension, once it has answered

    views = ("sentence",)
    token_views = ()
    stored = True  # its vectors are kept and asked for once; False is for what is computed faster than read

    @property
    def fingerprint(self) -> Fingerprint:
        """Nothing beside the model's name and the options: a service does not say what it runs."""
        return Fingerprint.of()

    @property
    def hosts(self) -> tuple[str, ...]:
        """Where texts are sent: nothing is, unless the user named it."""
        return (host_of(self.url),)

    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        """One row a text; a text that occurs twice is asked for once, and an empty list asks for nothing."""
        distinct = list(dict.fromkeys(texts))
        starts = range(0, len(distinct), self.batch_size)
        rows = [row for start in starts for row in self._ask([prompt + text for text in distinct[start : start + self.batch_size]])]
        if rows:
            self.known[:] = [len(rows[0])]
        table = np.array(rows, dtype=np.float32).reshape(len(rows), self.known[0])
        place = {text: row for row, text in enumerate(distinct)}
        vectors = table[np.array([place[text] for text in texts], dtype=np.intp)]
        return Embeddings(dict.fromkeys(views, vectors))

    def _ask(self, texts: Sequence[str]) -> list[Float32]:
        asked = {"model": self.model, "input": texts} | ({"dimensions": self.dimensions} if self.dimensions else {})
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {self.key.reveal()}"} if self.key else {})
        request = Request(f"{self.url}/embeddings", json.dumps(asked).encode(), headers)  # noqa: S310 - the user's own choice
        try:
            with urlopen(request, timeout=120) as answer:  # noqa: S310
                given = json.load(answer)["data"]
        except HTTPError as error:
            step = "set STSBENCH_SERVICE_KEY to its key" if error.code in (401, 403) else "check the model's name, or try again later"
            raise ModelError(f"the service at {self.url} answered {error.code}; {step}") from error
        except URLError as error:
            raise ModelError(f"the service at {self.url} does not answer ({error.reason}); start it, or give url=") from error
        return [np.array(one["embedding"], dtype=np.float32) for one in sorted(given, key=lambda one: one["index"])]


@hookimpl
def stsbench_encoders() -> Iterable[Component[Encoder]]:
    """The encoder `service`, which sends texts off the machine: it runs where `--allow-network` names its host."""
    return [Component("service", Service, network=True)]
