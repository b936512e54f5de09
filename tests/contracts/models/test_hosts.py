"""The host of a URL is named one way, and what is no host, or hides one, is refused."""

from __future__ import annotations

import pytest

from stsbench.contracts.models.services import as_hosts, host_of
from stsbench.errors import OptionError, UsageError


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://api.openai.com/v1", "api.openai.com"),
        ("https://API.openai.com:443/v1/", "api.openai.com"),
        ("http://api.openai.com/v1", "api.openai.com:80"),  # consent to the host is none to send it in the clear
        ("http://127.0.0.1:8000/v1?a=b", "127.0.0.1:8000"),
        ("https://[::1]:8443/v1", "[::1]:8443"),
        ("http://[::1]/v1", "[::1]:80"),
        ("https://mine.openai.azure.com/openai/v1/", "mine.openai.azure.com"),
    ],
)
def test_a_url_has_one_host(url: str, host: str) -> None:
    assert host_of(url) == host
    assert as_hosts(host) == {host}


@pytest.mark.parametrize(
    "url",
    [
        "https://canary:secret@api.openai.com/v1",
        "https://api.openai.com@canary.test/v1",
        "https://api.openai.com\\@canary.test/v1",
        "https://api.openai.com\\.canary.test/v1",
        "https://api.openai.com canary.test/v1",
        "https://api.openai.com.canary\u2024test/v1",
        "https://api.openai.com:canary/v1",
        "ftp://canary.test/v1",
        "canary.test/v1",
        "https:///canary",
        "",
    ],
)
def test_what_hides_a_host_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(OptionError) as raised:
        host_of(url)
    assert "canary" not in str(raised.value)


@pytest.mark.parametrize("name", ["https://api.openai.com/v1", "api.openai.com/v1", "a b", "", "api.openai.com.", "*.openai.com"])
def test_what_is_no_host_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="is no host; name one alone, as in api"):
        as_hosts([name])
