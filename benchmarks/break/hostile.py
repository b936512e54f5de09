"""Forty hostile plugins: the source of each, and how the harness is to tell of it.

`message` is what the report says where the plugin is blamed: beside the failures of plugins on standard error, or as its cell's reason.
A plugin without `message` harms nobody and is not blamed for what it does.
"""

from __future__ import annotations

from dataclasses import dataclass

HEAD = """
import sys, os, itertools
import numpy as np
from stsbench.plugin import *
class Sound:
    views, token_views, fingerprint = ("sentence",), (), Fingerprint.of(sound=1)
    def encode(self, texts, *, views, prompt=""):
        return Embeddings({"sentence": np.ones((len(texts), 3), dtype=np.float32)})
class Alike:
    fingerprint = Fingerprint.of(alike=1)
    def score(self, left, right):
        return np.arange(len(left), dtype=np.float64)
"""
ENCODER = """
def build():
    "Hostile."
    return Hostile()
@hookimpl
def stsbench_encoders():
    return [Component("hostile", build)]
"""
SIMILARITY = ENCODER.replace("encoders", "similarities")
TRANSFORM = ENCODER.replace("encoders", "transforms")
SCORER = SIMILARITY.replace('"hostile", build', '"hostile", build, needs="texts"')
BENCHMARK = ENCODER.replace("encoders", "benchmarks")
FITTED = SIMILARITY.replace('"hostile", build', '"hostile", build, fits="texts"')


@dataclass(frozen=True)
class Hostile:
    """One plugin. `option` is the command's option that names what it offers; without one it is only installed.

    `message` is what the command says, and `code` what it ends with.
    """

    name: str
    source: str
    message: str = ""
    option: str = ""
    code: int = 0


def _installed(name: str, source: str, message: str = "", code: int = 0) -> Hostile:
    return Hostile(name, source, message, "", code)


def _hook(body: str) -> str:
    return f"{HEAD}\n@hookimpl\ndef stsbench_similarities():\n    {body}\n"


def _called(name: str, kind: str, body: str, message: str) -> Hostile:
    """A plugin whose component fails when it is asked for something: the class `Hostile` with that body."""
    tail, option, base = {
        "encoder": (ENCODER, "-e", "Sound"),
        "similarity": (SIMILARITY, "-s", "Alike"),
        "fitted": (FITTED, "-s", "Alike"),
        "scorer": (SCORER, "-e", "Alike"),
        "transform": (TRANSFORM, "-t", "object"),
        "benchmark": (BENCHMARK, "-b", "object"),
    }[kind]
    return Hostile(name, f"{HEAD}\nclass Hostile({base}):\n    {body}\n{tail}", message, option, 1 if message else 0)


CARD = 'card = BenchmarkCard("hostile")'
ENCODE = "def encode(self, texts, *, views, prompt=''):"

HOSTILE: tuple[Hostile, ...] = (
    _installed("base exception at import", "raise BaseException('no')", "imported: BaseException: no"),
    _installed("interrupt at import", "raise KeyboardInterrupt", "imported: KeyboardInterrupt"),
    _installed("sys.exit(0) at import", "import sys; sys.exit(0)", "imported: SystemExit: 0"),
    _installed("os._exit(0) at import", "import os; os._exit(0)", "imported: SystemExit: it called os._exit"),
    _installed("posix._exit(0) at import", "import posix; posix._exit(0)", "imported: SystemExit: it called os._exit"),
    _installed("another program in its place", "import os; os.execlp('true', 'true')", "imported: SystemExit: it called os.execv"),
    _installed("a child that comes back", "import os\nif os.fork() == 0: print('I am the run')\n"),
    _installed("error that cannot be told", "class E(Exception):\n    def __str__(self): raise RuntimeError\nraise E", "imported: E"),
    _installed("endless message", "raise ValueError('x' * 10**7)", "imported: ValueError: xxx"),
    _installed("surrogates in a message", "raise ValueError('\\ud800')", "imported: ValueError: \\ud800"),
    _installed("prints at import", "import os, sys\nprint('{}')\nsys.stdout.flush()\nos.write(1, b'{}')\nos.system('echo {}')\n"),
    _installed("prints to the first output", "import sys\nsys.__stdout__.write('{}')\nsys.__stdout__.flush()\n"),
    _installed("closes its output", "import sys\nsys.stdout.close()\nsys.stderr = None\n"),
    _installed("ends the run later", "import os, atexit\natexit.register(os._exit, 0)\n"),
    _installed(
        "ends the run from a thread",
        "import os, threading\nthreading.Thread(target=os._exit, args=(0,)).start()\n",
        "ended the run",
        3,
    ),
    _installed("recursion at import", "def f(): f()\nf()", "imported: RecursionError"),
    _installed("hook of another name", _hook("").replace("stsbench_similarities", "stsbench_similar") + "    return []", "registered"),
    _installed("sys.exit in a hook", _hook("sys.exit(0)"), "asked for stsbench_similarities: SystemExit: 0"),
    _installed("os._exit in a hook", _hook("os._exit(0)"), "asked for stsbench_similarities: SystemExit: it called os._exit"),
    _installed("endless hook", _hook("return itertools.repeat(Component('x', lambda: None))"), "it gave more than 10,000 items"),
    _installed(
        "generator that exits",
        _hook("yield Component('x', lambda: None); raise GeneratorExit"),
        "asked for stsbench_similarities: GeneratorExit",
    ),
    _installed("prints in a hook", _hook("print('{}'); return []")),
    _installed("second cosine", _hook("return [Component('cosine', Alike), Component('mini', Alike)]")),
    _installed("name of itself", _hook("return [Component('x', Alike, alias_of='x')]"), "as another name of 'x'"),
    _installed(
        "observer that exits",
        HEAD + "@hookimpl\ndef stsbench_cell_finished(event):\n    print('{}'); os._exit(0)\n",
        "failed while it was told of stsbench_cell_finished",
    ),
    _called("sys.exit in build", "encoder", "def __init__(self): sys.exit(0)", "failed while it was built: SystemExit: 0"),
    _called(
        "fingerprint that raises",
        "encoder",
        "fingerprint = property(lambda self: 1 / 0)",
        "asked for its fingerprint: ZeroDivisionError",
    ),
    _called("views that raise", "encoder", "views = property(lambda self: sys.exit(0))", "asked for its views: SystemExit: 0"),
    _called("prompts that raise", "encoder", "prompts = property(lambda self: 1 / 0)", "asked for its prompts: ZeroDivisionError"),
    _called("generator exit in encode", "encoder", f"{ENCODE} raise GeneratorExit", "failed while it was encoding: GeneratorExit"),
    _called("interrupt in encode", "encoder", f"{ENCODE} raise KeyboardInterrupt", "failed while it was encoding: KeyboardInterrupt"),
    _called("os._exit in encode", "encoder", f"{ENCODE} os._exit(0)", "failed while it was encoding: SystemExit: it called os._exit"),
    _called("prints in encode", "encoder", f"{ENCODE} print('{{}}'); os.write(1, b'{{}}'); return super().encode(texts, views=views)", ""),
    _called("close that exits", "encoder", "def close(self): os._exit(0)", ""),
    _called(
        "stop iteration in score",
        "similarity",
        "def score(self, left, right): raise StopIteration",
        "failed while it was scoring: StopIteration",
    ),
    _called("no score", "fitted", "def fit(self, data): return None", "failed while it was scoring: it has no score"),
    _called("sys.exit in fit", "fitted", "def fit(self, data): sys.exit(0)", "failed while it was fitted: SystemExit: 0"),
    _called(
        "interrupt in a pair scorer",
        "scorer",
        "def score(self, left, right): raise KeyboardInterrupt",
        "failed while it was scoring: KeyboardInterrupt",
    ),
    _called(
        "base exception in a transform",
        "transform",
        "def transform(self, vectors): raise BaseException",
        "failed while it was transforming: BaseException",
    ),
    _called(
        "endless benchmark",
        "benchmark",
        f"{CARD}\n    def load(self): return itertools.repeat(None)",
        "failed while it was loading: ValueError: it gave more than",
    ),
    _called("sys.exit in load", "benchmark", f"{CARD}\n    def load(self): sys.exit(0)", "failed while it was loading: SystemExit: 0"),
    _called("card that raises", "benchmark", "card = property(lambda self: 1 / 0)", "asked for its card: ZeroDivisionError"),
)  # fmt: skip
