"""Where a service is, and the key that opens it: a key belongs to one host, and is read when something is sent."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from stsbench.plugin import OptionError, SecretText, host_of

OPENAI = "https://api.openai.com/v1"
_LABEL = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Endpoint:
    """The URL that requests start with, and its host."""

    url: str
    host: str

    @classmethod
    def of(cls, given: str) -> Endpoint:
        """The endpoint that `url=` names: a URL, or the label of one that the environment holds. Raises OptionError, which repeats none."""
        if _LABEL.fullmatch(given):
            variable = f"STSBENCH_ENDPOINT_{given.upper().replace('-', '_')}"
            if not (given := os.environ.get(variable, "")):
                raise OptionError(f"the environment variable {variable} is not set; set it to the URL of that service, or give url= a URL")
        if "?" in given or "#" in given:
            raise OptionError("a URL of a service ends with its path; leave out what follows a ? or #, and put a key into the environment")
        host = host_of(given)
        return cls(given.rstrip("/"), host)

    @property
    def key_variable(self) -> str | None:
        """The environment variable of this host's key, and of no other's; None for a host that is an IPv6 address.

        `.` is written _, `-` two and the `:` of a port three of them, so that no two hosts share a variable.
        """
        if self.host == host_of(OPENAI):
            return "OPENAI_API_KEY"
        if self.host.startswith("["):
            return None
        return "STSBENCH_KEY_" + self.host.replace("_", "_U_").replace("-", "__").replace(":", "___").replace(".", "_").upper()

    @property
    def key(self) -> SecretText | None:
        """The key, where there is one. Raises OptionError for OpenAI's own service without one, and for what no header can hold."""
        variable = self.key_variable
        key = os.environ.get(variable, "").strip() if variable else ""
        if not key and variable == "OPENAI_API_KEY":
            raise OptionError(f"{self.host} asks for a key; set the environment variable {variable} to yours")
        if not key.isascii() or not key.isprintable():
            raise OptionError(f"the environment variable {variable} holds what is no key; set it to the key alone")
        return SecretText(key) if key else None
