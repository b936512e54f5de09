"""Data sets of the hub through the unchanged `datasets.load_dataset`, from stsbench's command line."""

from __future__ import annotations

import json

import pytest

REVISION = "7e90230a92c190f1bf69ae9002b8cea547a64cca"  # what the definition of STS13 pins
OTHER = "a" * 40
ROWS = [
    ("a man plays a guitar", "a man is playing music", 3.5),
    ("a dog runs", "the dog is running", 4.6),
    ("a cat sleeps", "stocks fell", 0.2),
]


def jsonl(left="sentence1", right="sentence2", score="score", rows=ROWS):
    return "".join(json.dumps({left: a, right: b, score: c}) + "\n" for a, b, c in rows).encode()


def test_try(hub, stsbench):
    hub.hold("datasets", "mteb/sts13-sts", REVISION, {"test.jsonl": jsonl()})
    import time

    t = time.time()
    done = stsbench("-e", "hashing", "-s", "cosine", "-b", "STS13", "--json")
    print(time.time() - t, done.code, done.out, done.err)
    print("\n".join(hub.requests))
    print(hub.tokens)
    t = time.time()
    done = stsbench("-e", "hashing", "-s", "cosine", "-b", "STS13", "--json", offline=True)
    print(time.time() - t, done.code, done.out, done.err)
    assert 0
