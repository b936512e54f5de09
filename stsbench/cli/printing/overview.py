"""What `stsbench` and `stsbench list` say alone: on one screen, what there is and what to type next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from stsbench import __version__

if TYPE_CHECKING:
    from stsbench.contracts.components.component import Kind

START: Final = f"""\
stsbench {__version__}: which way of comparing two texts agrees best with people?

Type next
  stsbench compare wordllama hashing -b csv:pairs.csv
                  which agrees better with your file, by how much, how surely
  stsbench run    one figure, quickly: the best light encoder, on `mini`
  stsbench list   what there is: encoders, similarities, benchmarks...

All commands
  measure         run, plan, compare, score, pairs, matrix
  decide          choose, report, decide
  look up         list, show, plugins, doctor
  question        audit encoder, audit benchmark, audit metrics
  keep boards     leaderboard, results, export, upload
  keep vectors    encode, cache

`stsbench COMMAND --help` says how, `stsbench --help` what stands before one.
"""
NEXT: Final = (
    "`stsbench list encoders` and so on list all of a kind, `stsbench show cosine` says what one does and which options it takes, and "
    "`stsbench run -e wordllama -s cosine -b mini` scores."
)
SHOWN: Final = 6  # names of a kind that are examples of it
FIRST: Final[Mapping[Kind, Sequence[str]]] = {  # the examples that say most, where they are installed
    "encoder": ("wordllama", "hashing", "sentence-transformers", "bert"),
    "transform": ("centre", "whiten", "pca", "truncate", "quantise-binary"),
    "similarity": ("cosine", "dot", "euclidean", "soft-cosine", "bertscore", "cross-encoder"),
    "benchmark": ("mini", "csv", "STSBenchmark", "sts-english", "STS17", "hub"),
}


def examples(kind: Kind, components: Sequence[Mapping[str, str]]) -> str:
    """Some components of a kind as a reference names them, those that say most first."""
    names = {one["name"]: one["name"] + (f":{one['target']}" if one["target"] else "") for one in components}
    first = [name for name in FIRST.get(kind, ()) if name in names]
    chosen = [names[name] for name in dict.fromkeys([*first, *names])][:SHOWN]
    return ", ".join([*chosen, *(["..."] if len(names) > len(chosen) else [])])
