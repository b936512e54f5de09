"""What is installed: `stsbench list` and `stsbench doctor`; and what `stsbench` alone says."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Final, Literal, get_args

import typer

from stsbench import __version__
from stsbench.cli.printing.layout import print_rows, say, tell
from stsbench.contracts.components.component import Kind
from stsbench.contracts.ref import Ref
from stsbench.contracts.wording import counted

from .line.guard import guarded, print_json
from .line.options import Executor, Json, Strict

Kinds = Literal["encoders", "transforms", "similarities", "benchmarks", "writers", "executors", "evaluators", "presets"]
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


@guarded
def list_(
    kinds: Annotated[Kinds | None, typer.Argument(metavar="KIND", hidden=True)] = None,  # the help's column would be as wide as all of them
    json: Json = False,
    strict: Strict = False,
) -> None:
    """List what there is of a KIND: encoders, transforms, similarities, benchmarks (suites too), writers, executors, evaluators or presets.

    Without one, say how many there are of each.
    """
    from stsbench.api.catalogue import list_components, list_presets
    from stsbench.host.registry import Registry

    asked: dict[str, Kind] = {name: kind for name, kind in zip(get_args(Kinds), get_args(Kind), strict=False) if kinds in (None, name)}
    registry = Registry.installed()
    if strict:
        registry.require_sound(*asked.values())
    listed = {name: list_components(kind, registry) for name, kind in asked.items()}
    failures = registry.failures(*asked.values())
    if kinds == "presets":
        listed = {"presets": list_presets(registry)}
    if json:
        print_json({**listed, "failures": [str(failure) for failure in failures]})
    elif kinds == "presets":
        print_rows([(one["name"], *_in_short(one["stands_for"])) for one in listed[kinds]])
        say(
            "",
            "`stsbench show encoder NAME` prints the whole reference that one stands for, its revision, and where each option was found.",
        )
    elif kinds:
        print_rows([(one["name"], one["provider"], one["help"]) for one in listed[kinds]])
    else:
        print_rows(
            [(counted(len(components), asked[name], name), examples(asked[name], components)) for name, components in listed.items()]
        )
        say("", NEXT)
    for failure in failures:
        tell(f"warning: plugin {failure}")


def examples(kind: Kind, components: Sequence[Mapping[str, str]]) -> str:
    """Some components of a kind as a reference names them, those that say most first."""
    names = {one["name"]: one["name"] + (f":{one['target']}" if one["target"] else "") for one in components}
    first = [name for name in FIRST.get(kind, ()) if name in names]
    chosen = [names[name] for name in dict.fromkeys([*first, *names])][:SHOWN]
    return ", ".join([*chosen, *(["..."] if len(names) > len(chosen) else [])])


def _in_short(reference: str) -> tuple[str, str]:
    """The encoder that a preset is run by, and its options but the model, which its name says, and the model's revision."""
    ref = Ref.parse(reference)
    return ref.name, ", ".join(f"{key}={raw}" for key, raw in ref.options if key != "revision")


@guarded
def doctor(executor: Executor = None, json: Json = False) -> None:
    """Report versions, devices, data sources and plugins that failed: what to look at first when something is off.

    With --executor, also what that has to start workers on, and whether it can be reached.
    """
    from stsbench.api.doctor import examine

    state = examine(executor)
    plural = dict(zip(get_args(Kind), get_args(Kinds), strict=False))
    if json:
        print_json(state)
        return
    for title, facts in state.items():
        sys.stdout.write(f"{title}\n")
        for name, value in facts.items():
            shown = (
                ", ".join(counted(number, kind, plural[kind]) for kind, number in value.items()) or "no components"
                if isinstance(value, dict)
                else value
            )
            say(f"  {name}: {shown}")
