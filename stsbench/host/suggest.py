"""Did-you-mean, and which distribution would have the name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from stsbench.contracts.components.component import Kind
from stsbench.contracts.ref import PYTHON

_LEXICAL = (
    "token-jaccard", "token-overlap", "token-cosine", "whitespace-cosine", "char-jaccard", "length-gap", "idf-jaccard", "bm25", "chrf",
    "count-cosine", "tfidf",
)  # fmt: skip

# The one place where the core knows of plugins: what to install for a name that nothing installed offers.
DISTRIBUTIONS: dict[tuple[Kind, str], str] = {
    ("encoder", "bert"): "stsbench[bert]",
    ("encoder", "preset"): "stsbench[st]",
    **{("encoder", name): "stsbench[st]" for name in ("sentence-transformers", "sparse-encoder", "multi-vector")},
    ("encoder", "wordllama"): "stsbench[wordllama]",
    ("encoder", "model2vec"): "stsbench[model2vec]",
    ("executor", "ray"): "stsbench[ray]",
    ("evaluator", "sentence-transformers"): "stsbench[st]",
    ("encoder", "openai"): "stsbench[openai]",
    **{("encoder", name): "stsbench[linear]" for name in ("linear", "counts")},
    **{("encoder", name): "stsbench[vision]" for name in ("colour-mean", "thumbnail", "vision")},
    ("benchmark", "visual"): "stsbench[vision]",
    ("encoder", "mteb-model"): "stsbench[mteb]",
    ("similarity", "mteb-predictions"): "stsbench[mteb]",
    ("benchmark", "mteb-task"): "stsbench[mteb]",
    ("similarity", "cross-encoder"): "stsbench[st]",
    **{("similarity", name): "stsbench[transport]" for name in ("wmd", "wmd-idf", "wrd", "sinkhorn")},
    **{("similarity", name): "stsbench[lexical]" for name in _LEXICAL},
}


def closest(name: str, known: Iterable[str]) -> list[str]:
    """Up to three known names that look like `name`, best first, without regard to case."""
    by_fold = {candidate.casefold(): candidate for candidate in known}
    return [by_fold[match] for match in get_close_matches(name.casefold(), by_fold, n=3, cutoff=0.6)]


def did_you_mean(name: str, known: Iterable[str], *, all_below: int = 12) -> str:
    """A clause for an error message: close names, else all of them when they are few."""
    names = list(known)
    if close := closest(name, names):
        return f"did you mean {' or '.join(close)}?"
    if not names:
        return "there is none"
    return f"there is {', '.join(sorted(names))}" if len(names) < all_below else f"there are {len(names)}"


def given_hint(name: str) -> str | None:
    """Where what was given in Python is known, if `name` is of such; else None."""
    said = "it was given in Python, and is known to that program alone; go on there, or name others"
    return said if name.startswith(f"{PYTHON}/") else None


def file_hint(kind: Kind, name: str) -> str | None:
    """How to name a benchmark that is a file, if `name` looks like one or like a kind of them; else None."""
    stem = re.sub(r"\.(gz|bz2|xz|zst|zip)$", "", name.casefold())
    ending = stem.rpartition(".")[2]
    if kind != "benchmark":
        return None
    if ending in ("xlsx", "xls", "ods"):
        return "save the workbook as csv, and write csv:PATH"
    if format_ := {"ndjson": "jsonl", "json": "jsonl"}.get(ending, ending if ending in ("csv", "tsv", "jsonl", "parquet") else ""):
        return f"write {format_}:{name if stem != ending else 'PATH'} for a file"
    return None


def kind_hint(kinds: Sequence[Kind]) -> str | None:
    """What a name is that was taken for another kind, if it is one of these `kinds` that a run is asked for; else None."""
    asked = {
        "encoder": "an encoder (-e)",
        "transform": "a transform (-t)",
        "similarity": "a similarity (-s)",
        "benchmark": "a benchmark (-b)",
    }
    named = [asked[kind] for kind in kinds if kind in asked]
    return f"it is {' and '.join(named)}" if named else None


def model_hint(kind: Kind, name: str) -> str | None:
    """How to name a model of the hub, if `name` looks like one rather than like a component of this project; else None."""
    looks = kind == "encoder" and ("-" in name or "/" in name) and not name.startswith("stsbench")
    return f"write sentence-transformers:{name} for a model of the hub" if looks else None


def install_hint(kind: Kind, name: str) -> str | None:
    """The pip line for a name that a distribution of this project offers, or None; a pair scorer takes an encoder's place, too."""
    kinds: tuple[Kind, ...] = (kind, "similarity") if kind == "encoder" else (kind,)
    distribution = next((DISTRIBUTIONS[one, name.casefold()] for one in kinds if (one, name.casefold()) in DISTRIBUTIONS), None)
    return f"pip install '{distribution}'" if distribution else None
