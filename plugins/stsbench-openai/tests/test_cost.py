"""What a service costs: said by `plan`, and never more than was allowed."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

import stsbench
from stsbench.api.planning import describe_plan
from stsbench.api.session import Session
from stsbench.errors import PlanError, UsageError
from stsbench.plugin import Purse
from stsbench.runner.request import Request

PRICE = 1000.0  # dollars a million tokens, so that a few texts cost something


def ref(double: Any, more: str = "") -> str:
    return f"openai:m,url={double.url},retries=0,batch_size=8{more}"


@pytest.mark.parametrize("limit", [0.0, 0.2, 0.5, 1.0, 2.0, 3.7])
def test_the_limit_is_never_passed_and_what_is_finished_is_kept(limit: float, double: Any, tmp_path: Path) -> None:
    def run(max_cost: float | None) -> Any:
        report = stsbench.evaluate(
            ref(double, f",price={PRICE}"), "cosine", "mini", cache=tmp_path, allow_network=double.host, max_cost=max_cost
        )
        return report.cells()[0]

    stopped = run(limit)
    assert stopped["status"] == "failed"
    assert "what is finished is kept, and a run with a higher --max-cost goes on from there" in str(stopped["reason"])
    spent = sum(double.usage(asked.texts) for asked in double.requests) * PRICE / 1e6
    assert spent <= limit
    assert spent >= limit - 1.2  # and it is made use of: the largest batch may cost that much
    before = double.texts
    double.requests.clear()
    assert run(None)["status"] == "ok"
    assert len([text for text in double.texts if text in set(before)]) == min(
        8, len(before)
    )  # asked again, to see that the model is the same


def test_the_price_stands_beside_the_figure(double: Any, tmp_path: Path) -> None:
    run = ref(double, f",price={PRICE}")
    for cached in (False, True):  # and what is not encoded again has its price all the same
        report = stsbench.evaluate(run, ["cosine", "dot"], "mini", cache=tmp_path, allow_network=double.host)
        assert {entry.facts.price for entry in report.entries} == {PRICE}
        assert {one.price for one in report.compare(primary=("stsbench/cosine", "stsbench/dot")).standings} == {PRICE}, cached
    unpriced = stsbench.evaluate(ref(double), "cosine", "mini", cache=tmp_path, allow_network=double.host)
    assert {entry.facts.price for entry in unpriced.entries} == {None}


def test_tries_that_broke_off_count_and_refusals_do_not(double: Any, cut: Any) -> None:
    from stsbench_openai.encoder import Hosted

    for fault, costs in ((cut, True), (lambda handler, _: handler.says(500), True), (lambda handler, _: handler.says(429), False)):
        double.requests.clear()
        double.fault = lambda handler, asked, fault=fault: asked.number == 1 and fault(handler, asked)
        encoder, purse = Hosted("m", url=double.url, price=PRICE, retries=1), Purse(10.0)
        encoder.pay_from(purse)
        encoder.encode(["a" * 92], views=("sentence",))
        encoder.close()
        assert len(double.requests) == 2
        assert purse.spent == pytest.approx((0.1 if costs else 0) + 0.023)


def test_an_unknown_price_cannot_be_kept_to(double: Any) -> None:
    with pytest.raises(PlanError, match=r"the price of openai:m,.* is not known, so that --max-cost cannot be kept; give its price="):
        stsbench.evaluate(ref(double), "cosine", "mini", cache=False, allow_network=double.host, max_cost=1.0)
    assert double.connections == 0
    with pytest.raises(UsageError, match="a number of dollars of at least 0, not -1"):
        stsbench.evaluate("hashing", "cosine", "mini", cache=False, max_cost=-1)


def test_a_plan_says_tokens_and_dollars_and_asks_nobody(double: Any, tmp_path: Path) -> None:
    session = Session.opened(cache=tmp_path, consent=stsbench.Consent([double.host, "api.openai.com"]))

    def cost(encoder: str) -> Any:
        (job,) = describe_plan(Request.of(encoder, "cosine", "mini"), session)["jobs"]
        return job["cost"]

    listed = cost("openai:text-embedding-3-small")
    assert (listed["price"], listed["basis"]) == (0.02, "list price of 2026-07")
    assert listed["dollars"] == pytest.approx(listed["tokens"] * 0.02e-6)
    assert listed["tokens"] < listed["most_tokens"]
    assert cost(ref(double, ",price=2"))["price"] == 2
    assert cost(ref(double))["dollars"] is None
    assert cost("openai:text-embedding-3-small,url=" + double.url)["price"] is None  # the list is of one service
    assert cost("hashing") is None
    assert double.connections == 0


def test_a_purse_waits_for_what_is_under_way() -> None:
    purse, held = Purse(1.0), threading.Event()
    purse.hold(0.9, "host")

    def second() -> None:
        purse.hold(0.5, "host")
        held.set()

    waiting = threading.Thread(target=second, daemon=True)
    waiting.start()
    assert not held.wait(0.05)
    purse.settle(0.9, 0.1)
    waiting.join()  # however long others have the processor
    assert held.is_set()
    assert purse.spent == pytest.approx(0.1)
