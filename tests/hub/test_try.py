"""Data sets of the hub through the unchanged `datasets.load_dataset`, from stsbench's command line."""

from __future__ import annotations

import json

import pytest

CUT = "cut"
REVISION = "7e90230a92c190f1bf69ae9002b8cea547a64cca"  # what the definition of STS13 pins
OTHER = "a" * 40
ROWS = [
    ("a man plays a guitar", "a man is playing music", 3.5),
    ("a dog runs", "the dog is running", 4.6),
    ("a cat sleeps", "stocks fell", 0.2),
]


def jsonl(left="sentence1", right="sentence2", score="score", rows=ROWS):
    return "".join(json.dumps({left: a, right: b, score: c}) + "\n" for a, b, c in rows).encode()


import time

TINY = "hub:org/tiny,left=a,right=b,score=s"
CASES = {
    "missing repo": ("hub:org/none", {}),
    "split": (TINY + ",split=dev", {}),
    "config": (TINY + ",config=en", {}),
    "revision": (TINY + ",revision=" + "c" * 40, {}),
    "branch": (TINY + ",revision=nobranch", {}),
    "no files": ("hub:org/empty", {}),
    "missing file": (TINY, {"*/resolve/*/test.jsonl": 404}),
    "api 503": (TINY, {"*": 503}),
    "api 500": (TINY, {"/api/*": 500}),
    "file 503": (TINY, {"*/resolve/*/test.jsonl": 503}),
    "tree 503": (TINY, {"*/tree/*": 503}),
    "cut": (TINY, {"*/resolve/*/test.jsonl": CUT}),
    "cut api": (TINY, {"/api/*": CUT}),
    "forbidden": (TINY, {"*": 403}),
    "429": (TINY, {"*": 429}),
    "col": ("hub:org/tiny,left=x,right=b,score=s", {}),
    "garbage": ("hub:org/garbage,left=x,right=b,score=s", {}),
}
CUT = "cut"


@pytest.mark.parametrize("name", CASES)
def test_try(hub, stsbench, name):
    hub.hold("datasets", "org/tiny", OTHER, {"test.jsonl": jsonl("a", "b", "s")})
    hub.hold("datasets", "org/empty", OTHER, {"README.md": b"hello"})
    hub.hold("datasets", "org/garbage", OTHER, {"test.jsonl": b"<html>not json"})
    ref, faults = CASES[name]
    hub.faults |= faults
    t = time.time()
    done = stsbench("-e", "hashing", "-s", "cosine", "-b", ref, "--json")
    print(name, round(time.time() - t, 1), done.code, done.out[:300], "\n  ", done.err)
    print(len(hub.requests), hub.requests[-2:])


def test_off(hub, stsbench):
    hub.stop()
    for offline in (True, False):
        t = time.time()
        done = stsbench("-e", "hashing", "-s", "cosine", "-b", TINY, "--json", offline=offline)
        print("down", offline, round(time.time() - t, 1), done.code, done.out[:300], "\n  ", done.err)
