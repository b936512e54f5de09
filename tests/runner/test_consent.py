"""Nothing is sent to a host that was not named for it, on any road, and nothing private without a word more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import stsbench
from stsbench.api.beyond import measure
from stsbench.api.boards import run_board
from stsbench.api.caching import warm
from stsbench.api.encoding import encode_pairs
from stsbench.api.matrix import similarity_matrix
from stsbench.api.planning import describe_plan
from stsbench.api.session import Session
from stsbench.api.verifying import verify_board
from stsbench.contracts.components.component import Component
from stsbench.contracts.data import Embeddings
from stsbench.contracts.events import Warned
from stsbench.contracts.fingerprint import Fingerprint
from stsbench.contracts.models.services import host_of
from stsbench.errors import PlanError, PluginError
from stsbench.evidence.folder import BoardFolder
from stsbench.host.registry import Registry
from stsbench.runner.request import Consent, Request

SENT: list[str] = []


@dataclass(frozen=True)
class Service:
    """An encoder double that says where it sends texts, and notes what it would have sent."""

    hosts: Any
    views = ("sentence",)
    token_views = ()
    fingerprint: Fingerprint = field(default_factory=lambda: Fingerprint.of(service="double"))

    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Any:
        SENT.extend(texts)
        rows = [[len(text), text.count("e"), text.count("a"), 1] for text in texts]
        return Embeddings({"sentence": np.array(rows, dtype=np.float32).reshape(-1, 4)})

    def score(self, left: Sequence[str], right: Sequence[str]) -> Any:
        SENT.extend([*left, *right])
        return np.array([-abs(len(one) - len(two)) for one, two in zip(left, right, strict=True)], dtype=np.float64)


def service(*, url: str = "https://kept.test/v1") -> Service:
    """An encoder double."""
    return Service((host_of(url),))


def secretive() -> Service:
    """A double that does not say where it sends texts."""
    return Service(())


def rambling() -> Service:
    """A double that gives what is no host."""
    return Service(("https://kept.test/v1",))


@pytest.fixture
def registry(registry_of: Callable[..., Registry], monkeypatch: pytest.MonkeyPatch) -> Registry:
    SENT.clear()
    encoders = [Component(one.__name__, one, network=True) for one in (service, secretive, rambling)]
    judge = Component("judge", service, needs="texts", network=True)
    registry = registry_of(("doubles", "1.0", {"encoders": encoders, "similarities": [judge]}))
    monkeypatch.setattr(Registry, "installed", lambda: registry)
    return registry


ROADS: dict[str, Callable[[str, Session, Path], Any]] = {
    "run": lambda ref, session, _: session.run(Request.of(ref, "cosine", "mini")),
    "plan": lambda ref, session, _: describe_plan(Request.of(ref, "cosine", "mini"), session),
    "pair scorer": lambda ref, session, _: session.run(Request.of(ref.replace("service", "judge"), "cosine", "mini")),
    "beyond": lambda ref, session, _: measure(Request.of(ref, "cosine", "mini"), session),
    "compare": lambda ref, session, _: session.run(Request.of([ref, "hashing"], "cosine", "mini")).compare(),
    "audit": lambda ref, session, _: stsbench.audit_encoder(ref, session, ["mini"], fits=(), resamples=39),
    "matrix": lambda ref, session, _: similarity_matrix(["one", "two"], ref, session),
    "encode": lambda ref, session, _: encode_pairs(ref, "mini", session),
    "warm": lambda ref, session, _: warm([ref], ["mini"], session),
    "board": lambda _, session, folder: run_board(BoardFolder(folder), session),
    "verify": lambda _, session, folder: verify_board(BoardFolder(folder), session),
}


@pytest.mark.parametrize("road", ROADS.values(), ids=ROADS)
def test_no_road_sends_to_a_host_that_was_not_named(
    road: Callable[..., Any], registry: Registry, tmp_path: Path, write_board: Callable[..., Path]
) -> None:
    opened = partial(Session.opened, registry, cache=tmp_path / "cache", consent=Consent(["kept.test", "service"], ["kept.test"]))
    for url in ("https://another.test/v1", "http://kept.test/v1", "https://kept.test:444/v1"):
        session = opened()
        folder = write_board(tmp_path / "board", {"encoder": f"service,url={url}", "similarities": ["cosine"]})
        with pytest.raises(PlanError, match=rf"'(service|judge)' sends texts to {host_of(url)}; if that is meant, add --allow-network"):
            road(f"service,url={url}", session, folder)
    assert SENT == []
    if road is not ROADS["verify"]:
        road("service", opened(), write_board(tmp_path / "board", {"encoder": "service", "similarities": ["cosine"]}))
        assert bool(SENT) == (road is not ROADS["plan"])


@pytest.mark.parametrize("name", ["service", "judge"])
def test_private_texts_are_sent_only_where_that_was_said_besides(name: str, registry: Registry, tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("left,right,score\n" + "".join(f"word {row},other {row * 3},{row}\n" for row in range(9)))
    own = f"csv:{tmp_path / 'own.csv'},left=left,right=right,score=score"
    refused = r"private, and its texts would be sent to kept\.test; if that is meant, add --send-private kept\.test"
    with pytest.raises(PlanError, match=refused):
        stsbench.evaluate(name, "cosine", [own], allow_network="kept.test", cache=False)
    with pytest.raises(PlanError, match=refused):
        stsbench.evaluate(name, "cosine", [own], allow_network="kept.test", send_private="another.test", cache=False)
    with pytest.raises(PlanError, match="add --allow-network"):
        stsbench.evaluate(name, "cosine", [own], send_private="kept.test", cache=False)
    assert SENT == []
    stsbench.evaluate(name, "cosine", [own], allow_network="kept.test", send_private="kept.test", cache=False)
    sent = len(SENT)
    assert sent >= 18
    stsbench.evaluate(name, "cosine", [f"{own},public=true"], allow_network="kept.test", cache=False)
    assert len(SENT) == 2 * sent


def test_private_texts_that_something_is_fitted_on_are_no_less_private(registry: Registry, tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("left,right,score\n" + "".join(f"word {row},other {row * 3},{row}\n" for row in range(9)))
    chain = f"centre,fit=csv:{tmp_path / 'own.csv'}"
    with pytest.raises(PlanError, match=r"^the data of fit= are private, and its texts would be sent to kept\.test"):
        stsbench.evaluate("service", "cosine", "mini", transforms=chain, allow_network="kept.test", cache=False)
    assert SENT == []
    stsbench.evaluate("service", "cosine", "mini", transforms=chain, allow_network="kept.test", send_private="kept.test", cache=False)
    assert "word 3" in SENT


def test_what_hides_its_hosts_is_the_plugins_fault(registry: Registry) -> None:
    for name, says in (("secretive", "names no host in `hosts`"), ("rambling", "'https://kept.test/v1' is no host")):
        with pytest.raises(PluginError, match=rf"encoder '{name}' of doubles 1\.0 failed while it was built: .*{says}"):
            stsbench.evaluate(name, "cosine", "mini", allow_network="kept.test", cache=False)
    assert SENT == []


def test_a_host_that_is_named_in_vain_is_told(registry: Registry) -> None:
    said: list[Any] = []
    session = Session.opened(registry, cache=False, consent=Consent(["kept.test", "kpt.test"]), listen=said.append)
    session.run(Request.of("service", "cosine", "mini", limit=9))
    told = [event.message for event in said if isinstance(event, Warned)]
    assert told == ["kpt.test is allowed to be sent texts, and nothing here sends any there: did you mean kept.test?"]
