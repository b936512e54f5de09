"""What went wrong with a service, as one sentence with the next step; it quotes nothing that the service said, which may be a text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import openai

from stsbench.plugin import ModelError
from stsbench_openai.endpoint import Endpoint

_TOO_LONG = ("context length", "context_length", "too long", "too many tokens", "maximum length", "max_seq_len", "must have less than")
_KEPT = "what is finished is kept"


class Unlike(ModelError):
    """An answer is not what was asked for."""


@dataclass(frozen=True)
class Sending:
    """What a request was: to which endpoint, of which model, with how many texts, and how often and long it was tried."""

    endpoint: Endpoint
    model: str
    texts: int
    tries: int
    timeout: float
    has_key: bool


def refusal(error: Exception, asked: Sending) -> ModelError:
    """The sentence for an error of the client."""
    host = asked.endpoint.host
    match error:
        case openai.APITimeoutError():
            said = f"did not answer {asked.tries} times within {asked.timeout:g} s; try again later, or give a longer timeout="
        case openai.APIConnectionError():
            said = "cannot be reached, or broke off; start it, or correct url="
        case openai.APIStatusError():
            said = _status(error, asked)
        case _:
            said = "answers in another form than that of OpenAI embeddings; correct url=, which usually ends in /v1"
    return ModelError(f"{host} {said} ({_KEPT})")


def _status(error: openai.APIStatusError, asked: Sending) -> str:
    code, variable = error.status_code, asked.endpoint.key_variable
    match code:
        case 401 | 403 if asked.has_key:
            return f"refuses the key in {variable} ({code}); correct it"
        case 401 | 403 if variable is None:
            return f"asks for a key ({code}), which belongs to a host with a name; give url= one"
        case 401 | 403:
            return f"asks for a key ({code}); set the environment variable {variable} to it"
        case 404 if _names(error, "model"):
            return f"has no model {asked.model!r} ({code}); name one that it has"
        case 404 | 405:
            return f"has nothing at {asked.endpoint.url}/embeddings ({code}), or no model {asked.model!r}; correct url=, or the model"
        case 402 | 429 if code == 402 or _names(error, "quota") or _names(error, "billing"):
            return f"says that the quota is used up ({code}); raise it there, and run again"
        case 429:
            return f"still asks to wait after {asked.tries} tries ({code}); run again later, or with a lower in_flight="
        case _ if 300 <= code < 400:
            return f"answers with a redirect ({code}), which is not followed; give url= where it is"
        case _ if 400 <= code < 500 and any(_names(error, words) for words in _TOO_LONG):
            return f"does not read texts as long as one of these ({code}); leave out what is longer than the model reads"
        case _ if 400 <= code < 500:
            step = "give a lower batch_size=, or leave out dimensions= if the model has no choice"
            return f"refuses a request of {asked.texts} texts ({code}); {step}"
        case _:
            return f"failed {asked.tries} times ({code}); run again later"


def _names(error: openai.APIStatusError, words: str) -> bool:
    body: Any = error.body
    return words in f"{error.code} {error.type} {body}".lower()
