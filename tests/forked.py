"""A process that has imported what commands import, and forks another for each line that it reads: `python tests/forked.py datasets`.

A line says what the other process gets: arguments, environment, working folder, and the files that take its output. The answer is
its exit code. Beyond what is imported, the other process is one like any other: it begins at `stsbench.__main__`, or runs the code that is
its argument after `-c`, and ends by itself.
"""

from __future__ import annotations

import gc
import json
import os
import pkgutil
import runpy
import sys
import time
from importlib import import_module
from typing import SupportsIndex

import stsbench.api

COMMON = ["stsbench.cli.app", *(found.name for found in pkgutil.iter_modules(stsbench.api.__path__, "stsbench.api."))]

for module in [*COMMON, *sys.argv[1:]]:
    import_module(module)
os.fsync = lambda fd: None  # as in the tests themselves
slept = time.sleep


def sleep(seconds: float | SupportsIndex) -> None:
    """As long as is asked, but for the clients of the hub, which wait up to 23 seconds until they give up one that does not answer."""
    patient = sys._getframe(1).f_globals["__name__"].partition(".")[0] not in ("huggingface_hub", "datasets")
    slept(seconds if patient else 0.05)


time.sleep = sleep
gc.freeze()  # what is here before a fork stays out of the reach of its collector, and so in memory that both share

for line in sys.stdin:
    if (child := os.fork()) == 0:
        asked = json.loads(line)
        break
    os.write(1, b"%d\n" % os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
else:
    sys.exit()

os.chdir(asked["cwd"])
os.environ.clear()
os.environ.update(asked["environment"])
for stream, file in enumerate((os.devnull, asked["out"], asked["err"])):
    os.dup2(os.open(file, os.O_RDWR), stream)
sys.path[:0] = ["", *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
match asked["arguments"]:
    case ["-c", code, *arguments]:
        sys.argv = ["-c", *arguments]
        exec(code, {"__name__": "__main__"})
    case arguments:
        sys.argv = ["stsbench", *arguments]
        runpy.run_module("stsbench", run_name="__main__", alter_sys=True)
