"""The encoder `openai` against the fault double: what it sends, what it takes, what it refuses in a sentence, and what it keeps."""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stsbench_openai.encoder import Hosted
from stsbench_openai.endpoint import Endpoint
from typer.testing import CliRunner

import stsbench
from stsbench.cli.app import app
from stsbench.plugin import ModelError, OptionError
from stsbench.testing import encoder_checks, parametrize

KEY = "sk-canary-5150-do-not-print"
TEXTS = [f"Quetzalcoatlus hums sonata {row}" + " and on" * (row % 5) for row in range(40)]


def variable(double: Any) -> str:
    return str(Endpoint.of(double.url).key_variable)


def hosted(double: Any, **options: Any) -> Hosted:
    return Hosted("m", url=double.url, **{"retries": 0, "batch_size": 8, **options})


def encoded(encoder: Hosted, texts: list[str] | None = None) -> Any:
    try:
        return encoder.encode(TEXTS if texts is None else texts, views=("sentence",)).vectors["sentence"]
    finally:
        encoder.close()


def run(double: Any, cache: Path, options: str = "", **more: Any) -> Any:
    ref = f"openai:m,url={double.url},retries=0,batch_size=8{options}"
    return stsbench.evaluate(ref, "cosine", "mini", limit=more.pop("limit", 60), cache=cache, allow_network=double.host, **more)


def test_vectors_come_back_in_their_places_whatever_came_first(double: Any) -> None:
    later = threading.Event()

    def last_first(handler: Any, asked: Any) -> bool:
        if asked.number == 1:
            later.wait()
        elif asked.number == 5:  # the last, which is asked for once one of the others was answered
            later.set()
        return False

    double.fault = last_first
    texts = [*TEXTS, TEXTS[3], TEXTS[7]]
    vectors = encoded(hosted(double), texts)
    expected = np.array([double.vector_of(text) for text in texts])
    assert np.array_equal(vectors, expected)
    assert sorted(double.texts) == sorted(TEXTS)  # a text that occurs twice is asked for once
    assert [len(asked.texts) for asked in double.requests] == [8] * 5
    assert {asked.path for asked in double.requests} == {"/v1/embeddings"}
    assert double.connections <= 4


def test_batches_are_cut_by_tokens_and_items(double: Any) -> None:
    encoded(hosted(double, batch_tokens=100))
    assert all(sum(len(text) + 8 for text in asked.texts) <= 100 or len(asked.texts) == 1 for asked in double.requests)
    assert len(double.requests) > 10


def test_an_empty_text_is_sent_as_a_space(double: Any) -> None:
    assert np.array_equal(encoded(hosted(double), ["", "a"])[0], double.vector_of(" "))


def test_only_what_is_meant_is_sent_whatever_the_environment_says(double: Any, doubles: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    other = doubles()
    ambient = {
        "OPENAI_API_KEY": KEY,
        "OPENAI_ADMIN_KEY": KEY,
        "OPENAI_BASE_URL": other.url,
        "OPENAI_ORG_ID": "org-canary",
        "OPENAI_PROJECT_ID": "project-canary",
        "OPENAI_CUSTOM_HEADERS": "X-Canary: canary\nAuthorization: Bearer canary",
        "HTTP_PROXY": f"http://{other.host}",
        "HTTPS_PROXY": f"http://{other.host}",
        "ALL_PROXY": f"http://{other.host}",
    }
    for name, value in ambient.items():
        monkeypatch.setenv(name, value)
        monkeypatch.setenv(name.lower(), value)
    encoded(hosted(double))
    assert (other.connections, len(double.texts)) == (0, len(TEXTS))
    for asked in double.requests:
        assert "canary" not in str(asked.headers)
        assert {name.lower() for name in asked.headers} <= {
            "host",
            "accept",
            "accept-encoding",
            "connection",
            "content-type",
            "content-length",
            "user-agent",
        }
        assert set(asked.body) == {"model", "input", "encoding_format"}


def test_a_key_goes_to_its_host_alone(double: Any, doubles: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    other = doubles()
    monkeypatch.setenv(variable(double), KEY)
    double.key = KEY
    encoded(hosted(double))
    encoded(hosted(other))
    assert {asked.headers.get("Authorization") for asked in double.requests} == {f"Bearer {KEY}"}
    assert {asked.headers.get("Authorization") for asked in other.requests} == {None}


def test_hosts_have_variables_of_their_own() -> None:
    hosts = [
        "a-b.test",
        "a.b.test",
        "a.b-test",
        "a_b.test",
        "a.b.test:80",
        "a.b.test.80",
        "a--b.test",
        "api.openai.com",
        "api.openai.com:444",
    ]
    variables = {Endpoint(f"https://{host}/v1", host).key_variable for host in hosts}
    assert len(variables) == len(hosts)
    assert Endpoint.of("https://api.openai.com/v1").key_variable == "OPENAI_API_KEY"
    assert Endpoint.of("http://api.openai.com/v1").key_variable == "STSBENCH_KEY_API_OPENAI_COM___80"
    assert Endpoint.of("http://127.0.0.1:8000/v1").key_variable == "STSBENCH_KEY_127_0_0_1___8000"
    assert Endpoint.of("http://[::1]:8000/v1").key_variable is None


def test_a_label_stands_for_a_url_of_the_environment(double: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OptionError, match="STSBENCH_ENDPOINT_MY_LAB is not set; set it to the URL"):
        Hosted("m", url="my-lab")
    monkeypatch.setenv("STSBENCH_ENDPOINT_MY_LAB", double.url)
    assert Hosted("m", url="my-lab").hosts == (double.host,)
    report = stsbench.evaluate("openai:m,url=my-lab", "cosine", "mini", limit=9, cache=False, allow_network=double.host)
    assert report.cells()[0]["encoder"] == "openai:m,url=my-lab"


@pytest.mark.parametrize(
    "url", ["https://me:canary@api.openai.com/v1", "https://api.test/v1?key=canary", "https://api.test/v1#canary", "canary.test/v1"]
)
def test_a_url_holds_no_credentials(url: str) -> None:
    with pytest.raises(OptionError) as raised:
        Hosted("m", url=url)
    assert "canary" not in str(raised.value)


@pytest.mark.parametrize("option", ["batch_size", "in_flight", "dimensions", "batch_tokens"])
def test_an_option_out_of_range_is_refused(option: str) -> None:
    with pytest.raises(OptionError, match=f"option '{option}' of openai is at least 1, not 0"):
        Hosted("m", **{option: 0})  # type: ignore[arg-type]


def answering(status: int, code: str | None = None, message: str = "") -> Callable[[Any, Any], bool]:
    return lambda handler, asked: handler.says(status, {"error": {"message": f"{message} {asked.texts[0]} {KEY}", "code": code}})


def redirecting(handler: Any, _asked: Any) -> bool:
    return bool(handler.says(307, Location="http://127.0.0.1:9/v1/embeddings"))


BAD: dict[str, tuple[Callable[[Any, Any], bool], str]] = {
    "401": (answering(401), r"asks for a key \(401\); set the environment variable STSBENCH_KEY_127_0_0_1___\d+ to it"),
    "404 model": (answering(404, "model_not_found"), r"has no model 'm' \(404\); name one that it has"),
    "404": (lambda handler, _: handler.says(404, {}), r"has nothing at http://127.0.0.1:\d+/v1/embeddings \(404\)"),
    "too long": (
        answering(400, None, "This model's maximum context length is 8192"),
        r"does not read texts as long as one of these \(400\)",
    ),
    "400": (answering(400), r"refuses a request of 8 texts \(400\); give a lower batch_size="),
    "413": (answering(413), r"refuses a request of 8 texts \(413\); give a lower batch_size="),
    "quota": (answering(429, "insufficient_quota"), r"says that the quota is used up \(429\); raise it there"),
    "429": (answering(429), r"still asks to wait after 1 tries \(429\); run again later, or with a lower in_flight="),
    "500": (answering(500), r"failed 1 times \(500\); run again later"),
    "redirect": (redirecting, r"answers with a redirect \(307\), which is not followed"),
    "no form": (lambda handler, _: handler.says(200, {"hello": 1}), "answers in another form than that of OpenAI embeddings"),
    "no json": (lambda handler, _: handler.says(200, [KEY]), "answers in another form than that of OpenAI embeddings"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_fails_is_one_sentence_without_text_or_key(name: str, double: Any) -> None:
    double.fault, says_so = BAD[name]
    with pytest.raises(ModelError, match=says_so) as raised:
        encoded(hosted(double, in_flight=1))
    shown = "".join(traceback.format_exception(raised.value))
    assert "what is finished is kept" in str(raised.value) or name == "no form"
    assert KEY not in shown
    assert "Quetzalcoatlus" not in shown
    assert len(double.requests) == 1


def test_a_wrong_key_is_named_by_its_variable(double: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    double.key = "another"
    monkeypatch.setenv(variable(double), KEY)
    with pytest.raises(ModelError, match=rf"^{double.host} refuses the key in {variable(double)} \(401\); correct it") as raised:
        encoded(hosted(double))
    assert KEY not in "".join(traceback.format_exception(raised.value))


def test_openai_itself_is_not_asked_without_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(OptionError, match=r"api\.openai\.com asks for a key; set the environment variable OPENAI_API_KEY to yours"):
        encoded(Hosted("text-embedding-3-small"))
    monkeypatch.setenv("OPENAI_API_KEY", "canary\nX-Header: 1")
    with pytest.raises(OptionError, match="OPENAI_API_KEY holds what is no key") as raised:
        encoded(Hosted("text-embedding-3-small"))
    assert "canary" not in str(raised.value)


def test_nobody_there_slow_and_cut_are_told_apart(double: Any, cut: Any) -> None:
    with pytest.raises(ModelError, match=r"127\.0\.0\.1:9 cannot be reached, or broke off; start it, or correct url="):
        encoded(Hosted("m", url="http://127.0.0.1:9/v1", retries=0))
    given_up = threading.Event()
    double.fault = lambda _handler, _asked: not given_up.wait()  # it answers once nobody waits any more
    with pytest.raises(ModelError, match=r"did not answer 1 times within 0\.05 s; try again later, or give a longer timeout="):
        encoded(hosted(double, timeout=0.05))
    given_up.set()
    double.fault = cut
    with pytest.raises(ModelError, match="cannot be reached, or broke off"):
        encoded(hosted(double))


OFF: dict[str, tuple[Callable[[list[Any]], Any], str]] = {
    "few": (lambda rows: rows[1:], "gave 7 vectors to 8 texts"),
    "many": (lambda rows: [*rows, rows[0]], "gave 9 vectors to 8 texts"),
    "order": (lambda rows: rows[::-1], "gave vectors in another order"),
    "numbers": (lambda rows: [{**row, "index": 0} for row in rows], "gave vectors in another order"),
    "nan": (lambda rows: [{**rows[0], "embedding": [float("nan")] * 6}, *rows[1:]], "gave NaN or infinity in 1 of 8 vectors"),
    "huge": (lambda rows: [{**row, "embedding": [1e300] * 6} for row in rows], "gave NaN or infinity in 8 of 8 vectors"),
    "ragged": (lambda rows: [{**rows[0], "embedding": [1.0]}, *rows[1:]], "gave what is no list of vectors of one dimension"),
    "empty": (lambda rows: [{**row, "embedding": []} for row in rows], "gave what is no list of vectors of one dimension"),
    "words": (lambda rows: [{**row, "embedding": ["a"]} for row in rows], "gave what is no list of vectors of one dimension"),
    "none": (lambda rows: [], "answers in another form"),
}


@pytest.mark.parametrize("name", OFF)
def test_vectors_that_cannot_be_right_are_refused(name: str, double: Any) -> None:
    double.change, says_so = OFF[name]
    with pytest.raises(ModelError, match=says_so):
        encoded(hosted(double, in_flight=1))


def test_dimensions_that_were_not_asked_for_are_refused(double: Any) -> None:
    assert encoded(hosted(double, dimensions=4)).shape == (40, 4)
    double.change = lambda rows: [{**row, "embedding": [1.0] * 5} for row in rows]
    with pytest.raises(ModelError, match="gave 5 dimensions, where 4 were asked for"):
        encoded(hosted(double, dimensions=4))
    later = hosted(double, in_flight=1)
    double.change = lambda rows: [{**row, "embedding": [1.0] * (5 if len(double.requests) % 2 else 6)} for row in rows]
    with pytest.raises(ModelError, match=r"gave \d dimensions, where \d were asked for or given before"):
        encoded(later)


def test_retry_after_is_honoured(double: Any) -> None:
    double.fault = lambda handler, asked: asked.number == 1 and handler.says(429, Retry_After="1")
    encoded(hosted(double, retries=1), TEXTS[:4])
    first, second = double.requests
    assert second.at - first.at >= 0.95
    assert first.texts == second.texts


def test_what_came_before_a_failure_is_kept_and_not_sent_again(double: Any, tmp_path: Path) -> None:
    double.fault = lambda handler, asked: asked.number == 7 and handler.says(500)
    failed = run(double, tmp_path)
    assert "failed 1 times (500)" in str(failed.cells()[0]["reason"])
    sent = set(double.texts)
    lost = set(double.requests[6].texts)
    kept, double.fault = sent - lost, None
    double.requests.clear()
    assert run(double, tmp_path).cells()[0]["status"] == "ok"
    again = [text for text in double.texts if text in kept]
    assert len(kept) >= 6 * 8
    assert len(again) == 8  # a few that are asked again, to see that the model is the same
    double.requests.clear()
    run(double, tmp_path)
    assert double.requests == []  # all is there: the service is not called


def test_a_service_that_fails_at_request_30_costs_that_request_alone(double: Any, tmp_path: Path) -> None:
    def at_30(handler: Any, asked: Any) -> bool:
        return asked.number == 30 and bool(handler.says(500))

    double.fault = at_30
    failed = run(double, tmp_path, ",in_flight=1", limit=None)
    assert "failed 1 times (500)" in str(failed.cells()[0]["reason"])
    assert len(double.requests) == 30
    kept, lost = {text for asked in double.requests[:29] for text in asked.texts}, set(double.requests[29].texts)
    double.fault = None
    double.requests.clear()
    assert run(double, tmp_path, ",in_flight=1", limit=None).cells()[0]["status"] == "ok"
    again = [text for text in double.texts if text in kept]
    assert len(again) == 8  # to see that the model is the same
    assert lost <= set(double.texts)
    assert len(kept | set(double.texts)) == 556
    double.fault = at_30
    double.requests.clear()
    ref = f"openai:m,url={double.url},retries=1,batch_size=8,in_flight=1"
    patient = stsbench.evaluate(ref, "cosine", "mini", cache=tmp_path / "other", allow_network=double.host)
    assert patient.cells()[0]["status"] == "ok"
    assert double.requests[29].texts == double.requests[30].texts  # tried again
    assert len(double.requests) == -(-556 // 8) + 1


def test_a_board_whose_url_is_another_host_sends_nothing_whatever_reads_it(
    double: Any, doubles: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write_board: Callable[..., Path]
) -> None:
    stranger = doubles()
    monkeypatch.setenv(variable(stranger), KEY)
    board = write_board(tmp_path / "board", {"encoder": f"openai:m,url={stranger.url}", "similarities": ["cosine"]})
    consent = ["--allow-network", double.host, "--cache-dir", str(tmp_path / "cache")]
    for command in (["run", "--board"], ["plan", "--board"], ["leaderboard", "verify"], ["leaderboard", "check"], ["leaderboard", "build"]):
        done = CliRunner().invoke(app, [*command, str(board), *(consent if command[-1] not in ("check", "build") else [])])
        assert done.exit_code != 0 or command[0] in ("plan", "leaderboard"), command
        assert "Traceback" not in done.output
        assert KEY not in done.output
        assert (stranger.connections, double.connections) == (0, 0), command
    refused = CliRunner().invoke(app, ["run", "--board", str(board), *consent])
    assert refused.exit_code == 2
    assert f"--allow-network {stranger.host}" in refused.output


def test_a_model_that_changed_in_silence_is_named(double: Any, tmp_path: Path) -> None:
    run(double, tmp_path, limit=30)
    double.salt = 1e-4
    assert run(double, tmp_path, limit=40).cells()[0]["status"] == "ok"  # within the tolerance
    double.salt = 0.5
    cell = run(double, tmp_path).cells()[0]
    assert cell["status"] == "failed"
    assert "answers 8 stored texts with vectors that differ from those that are kept by up to" in str(cell["reason"])
    assert "its model has changed; `stsbench cache forget --store" in str(cell["reason"])


def test_no_level_of_logging_shows_key_or_text(double: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setenv(variable(double), KEY)
    monkeypatch.setenv("OPENAI_LOG", "debug")
    double.fault = lambda handler, asked: asked.number == 1 and handler.says(429, Retry_After="0.01")
    with caplog.at_level(logging.DEBUG):
        encoded(hosted(double, retries=1))
    assert "429" in caplog.text
    assert KEY not in caplog.text
    assert "Quetzalcoatlus" not in caplog.text
    assert KEY not in repr(hosted(double))


@parametrize(encoder_checks("openai:m,url=http://127.0.0.1:1/v1"))
def test_conformance(check: Any, steady: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Endpoint, "of", classmethod(lambda cls, given: cls(steady.url, steady.host)))
    try:
        check()
    finally:
        check.subject.built.close()
