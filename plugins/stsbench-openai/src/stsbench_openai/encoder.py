"""An encoder whose model is behind a service: texts go out in batches, several at a time, and come back as vectors."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from stsbench.plugin import Cost, Embeddings, Execution, Fingerprint, Float32, Index, OptionError, Purse
from stsbench_openai.endpoint import OPENAI, Endpoint
from stsbench_openai.flight import in_flight
from stsbench_openai.prices import price_of

if TYPE_CHECKING:
    from stsbench_openai.wire import Wire

TOLERANCE = 0.02  # what one text's vectors may differ by, relative to their length: services compute in reduced precision
SPARE = 8  # tokens beside those of a text's bytes, of which each is one at most: the marks that a tokenizer adds
_USUAL = 4  # bytes of a token, about


@dataclass
class State:
    """What an encoder holds while it runs."""

    purse: Purse = field(default_factory=Purse)
    wire: Wire | None = None
    width: int | None = None
    said: str = ""


@dataclass(frozen=True)
class Hosted:
    """Vectors of `model` from a service that speaks the OpenAI embeddings format: OpenAI, Azure, vLLM, TEI, Ollama, llama.cpp and others.

    `url` is what its requests start with, usually ending in /v1, or a label such as `lab`, whose URL is read from STSBENCH_ENDPOINT_LAB and
    stands in no name. The key of api.openai.com is read from OPENAI_API_KEY, that of another host from a variable that names the host,
    such as STSBENCH_KEY_API_EXAMPLE_COM; it is sent nowhere else. Texts are sent only where --allow-network names the host. `dimensions`
    asks a model that has the choice for fewer. `price` is in dollars a million tokens, where no list has it. An empty text is sent as a
    space.
    """

    model: str
    _: KW_ONLY
    url: str = OPENAI
    dimensions: int | None = None
    price: Execution[float | None] = None
    batch_size: Execution[int] = 32
    batch_tokens: Execution[int] = 32_000
    in_flight: Execution[int] = 4
    timeout: Execution[float] = 60.0
    retries: Execution[int] = 5
    endpoint: Endpoint = field(init=False, repr=False, compare=False)
    state: State = field(default_factory=State, init=False, repr=False, compare=False)

    views = ("sentence",)
    token_views = ()
    stored = True
    tolerance = TOLERANCE

    def __post_init__(self) -> None:
        least = {"dimensions": 1, "batch_size": 1, "batch_tokens": 1, "in_flight": 1, "retries": 0, "timeout": 0.01, "price": 0}
        for name, low in least.items():
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and value >= low):
                raise OptionError(f"option {name!r} of openai is at least {low}, not {value}")
        object.__setattr__(self, "endpoint", Endpoint.of(self.url))

    @property
    def fingerprint(self) -> Fingerprint:
        """Nothing beside the model's name, the endpoint and the dimensions, which are options: a service does not say what it runs."""
        return Fingerprint.of(format="openai-embeddings")

    @property
    def hosts(self) -> tuple[str, ...]:
        """Where texts are sent."""
        return (self.endpoint.host,)

    @property
    def runs_on(self) -> str:
        """What would compute."""
        return f"the service at {self.endpoint.host}"

    @property
    def provenance(self) -> Mapping[str, str]:
        """What the service called its model."""
        return {"answered_as": self.state.said} if self.state.said else {}

    def cost(self, texts: Sequence[str], *, prompt: str = "") -> Cost:
        """Tokens by the bytes of the texts, since the tokenizer is the service's own; and the price."""
        size = sum(len(_utf8(prompt + text)) for text in texts)
        price, basis = price_of(self.model, self.endpoint, self.price)
        return Cost(-(-size // _USUAL), size + SPARE * len(texts), price, basis)

    def pay_from(self, purse: Purse) -> None:
        """Pay from that purse."""
        self.state.purse = purse

    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        """One row a text, in order."""
        batches = list(self.encode_batches(texts, views=views, prompt=prompt))
        width = self.state.width or self.dimensions or 1
        vectors = np.empty((len(texts), width), dtype=np.float32)
        for places, given in batches:
            vectors[places] = given.vectors["sentence"]
        return Embeddings(dict.fromkeys(views, vectors))

    def encode_batches(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Iterator[tuple[Index, Embeddings]]:
        """The places of a batch's texts with their vectors, as the service answers; a text that occurs twice is asked for once."""
        places: dict[str, list[int]] = {}
        for place, text in enumerate(texts):
            places.setdefault(prompt + text or " ", []).append(place)
        batches = self._cut(list(places))
        if batches and self.state.wire is None:
            from stsbench_openai.wire import Wire

            self.state.wire = Wire(self.endpoint, self.timeout, self.retries)
        for batch, vectors in in_flight(self._ask, batches, self.in_flight):
            self.state.width = vectors.shape[1]
            rows = [row for row, text in enumerate(batch) for _ in places[text]]
            yield (
                np.array([place for text in batch for place in places[text]], dtype=np.intp),
                Embeddings(dict.fromkeys(views, vectors[rows])),
            )

    def _cut(self, texts: Sequence[str]) -> list[list[str]]:
        """Batches of at most so many texts and tokens, longest texts first as they come."""
        batches: list[list[str]] = []
        room = 0
        for text in texts:
            size = len(_utf8(text)) + SPARE
            if not batches or size > room or len(batches[-1]) >= self.batch_size:
                batches.append([])
                room = self.batch_tokens
            batches[-1].append(text)
            room -= size
        return batches

    def _ask(self, batch: list[str]) -> tuple[list[str], Float32]:
        from stsbench_openai.wire import Charge

        assert self.state.wire is not None
        cost = self.cost(batch)
        charge = Charge(self.state.purse, cost.dollars(cost.most) or 0.0, self.endpoint.host)
        wire = self.state.wire
        vectors = wire.ask(self.model, batch, self.dimensions, self.state.width, charge, cost.price or 0.0)
        self.state.said = wire.model_said
        return batch, vectors

    def close(self) -> None:
        """Let the wire go, and what is under way on it."""
        if self.state.wire is not None:
            self.state.wire.close()
            self.state.wire = None


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
