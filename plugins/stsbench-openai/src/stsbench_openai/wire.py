"""A wire to a service: the official client, with nothing sent but what is meant, and each request paid for before it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import local
from typing import Any

import openai

from stsbench.plugin import Float32, ModelError, Purse, StsbenchError, host_of
from stsbench_openai.answers import vectors_of
from stsbench_openai.endpoint import Endpoint
from stsbench_openai.refusals import Sending, refusal

_SENT = {
    "host",
    "accept",
    "accept-encoding",
    "connection",
    "content-type",
    "content-length",
    "user-agent",
}  # no header but these, and the key


@dataclass(eq=False)
class Charge:
    """What a request may cost in dollars, for each time that it is tried: what became of a broken try nobody knows, so it counts."""

    purse: Purse
    most: float
    host: str
    held: bool = False

    def hold(self) -> None:
        """Before a try. Raises CostError where it would pass the limit."""
        self.settle(self.most)
        self.purse.hold(self.most, self.host)
        self.held = True

    def settle(self, dollars: float) -> None:
        """After one."""
        if self.held:
            self.held = False
            self.purse.settle(self.most, dollars)


@dataclass(eq=False)
class Wire:
    """The client of one endpoint, which several threads may use; what it reads of the environment by itself is not honoured."""

    endpoint: Endpoint
    timeout: float
    retries: int
    model_said: str = ""
    _now: local = field(default_factory=local)

    def __post_init__(self) -> None:
        key = self.endpoint.key
        self.has_key = key is not None

        def only_what_is_meant(request: Any) -> None:
            if host_of(str(request.url)) != self.endpoint.host:
                raise ModelError(f"a request was about to leave for another host than {self.endpoint.host}; nothing was sent")
            for name in [name for name in request.headers if name.lower() not in _SENT]:
                del request.headers[name]
            if key is not None:
                request.headers["Authorization"] = f"Bearer {key.reveal()}"
            self._now.charge.hold()

        def nothing_to_pay(response: Any) -> None:
            if 300 <= response.status_code < 500:  # no service charges for what it refuses
                self._now.charge.settle(0.0)

        self._client = openai.OpenAI(
            api_key="unused",  # ours is put in last, where the host is known
            base_url=self.endpoint.url,
            timeout=self.timeout,
            max_retries=self.retries,
            http_client=openai.DefaultHttpxClient(
                trust_env=False,
                follow_redirects=False,
                timeout=self.timeout,
                event_hooks={"request": [only_what_is_meant], "response": [nothing_to_pay]},
            ),
        )

    def ask(self, model: str, texts: Sequence[str], dimensions: int | None, width: int | None, charge: Charge, price: float) -> Float32:
        """float32[texts, d], checked; raises ModelError or CostError in one sentence, from which nothing of the request can be read."""
        self._now.charge = charge
        asked = Sending(self.endpoint, model, len(texts), self.retries + 1, self.timeout, self.has_key)
        more: dict[str, Any] = {} if dimensions is None else {"dimensions": dimensions}
        try:
            answer = self._client.embeddings.create(model=model, input=list(texts), **more)
            tokens = getattr(getattr(answer, "usage", None), "prompt_tokens", 0)
            if isinstance(tokens, int) and tokens > 0:
                charge.settle(tokens * price / 1e6)
            vectors = vectors_of(answer, len(texts), dimensions or width, self.endpoint.host)
            self.model_said = str(getattr(answer, "model", ""))
        except StsbenchError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever the client raises may hold the key or a text
            raise refusal(error, asked) from None
        finally:
            charge.settle(charge.most)
        return vectors

    def close(self) -> None:
        """Break off what is under way."""
        self._client.close()
