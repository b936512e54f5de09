"""Whether a plugin loads heavy libraries before it has to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import entry_points
from typing import cast

from stsbench.contracts.components.component import Kind
from stsbench.hookspecs import PROJECT
from stsbench.host.discovery import register
from stsbench.host.registry import Registry
from stsbench.testing.check import Offered, expect

HEAVY = ("torch", "transformers", "sentence_transformers", "tensorflow", "jax")


def building_is_light(subject: Offered) -> None:
    """Importing the plugin and building the component loads no deep-learning library.

    Import such libraries inside the method that needs them.
    """
    provider = subject.offer[1]
    code = "from stsbench.testing.lightness import report; report()"
    asked = json.dumps([provider.distribution, provider.entry_point, subject.kind, subject.ref])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", code], input=asked, env=environment, capture_output=True, text=True, check=False
    )
    expect(done.returncode == 0, f"it fails in a fresh process: {done.stderr.strip().splitlines()[-1:]}")
    loaded = json.loads(done.stdout.splitlines()[-1])
    expect(not loaded, f"it loads {', '.join(loaded)}")


def report() -> None:
    """Prints which heavy libraries one plugin loads, beside what is built in, in a process in which nothing else has loaded any."""
    distribution, name, kind, ref = json.load(sys.stdin)
    installed = [(one.dist.name, one) for one in entry_points(group=PROJECT) if one.dist]
    taken = {(owner, one.name): one for owner, one in installed if owner == PROJECT or (one.name == name and owner == distribution)}
    plugins = [register(one.load(), distribution=owner, version="0", entry_point=known) for (owner, known), one in taken.items()]
    Registry(tuple(plugins)).resolve(cast(Kind, kind), ref).build()
    sys.stdout.write("\n" + json.dumps([module for module in HEAVY if module in sys.modules]) + "\n")


def is_installed(subject: Offered) -> bool:
    """Whether the plugin can be loaded in another process: an object that was registered inline cannot."""
    return subject.offer[1].entry_point != "inline"
