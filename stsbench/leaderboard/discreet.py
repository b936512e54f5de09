"""What a board says of `board.toml` without the paths that it names: those are their owner's."""

from __future__ import annotations

from dataclasses import replace

from stsbench.contracts.board import BoardSpec
from stsbench.contracts.ref import CHAIN, Ref, decode, encode
from stsbench.errors import RefError

FILES = {"csv", "tsv", "jsonl", "parquet"}  # benchmarks whose target is always a file
STARTS = ("/", "./", "../", "~")  # how every other target or value begins that is a path
REFERENCES = {"fit", "trained_on"}  # options whose values are references


def without_paths(spec: BoardSpec) -> BoardSpec:
    """The same with `~` in the place of every path in its references."""
    system = tuple(
        one.model_copy(
            update={
                "encoder": discreet(one.encoder),
                "transforms": tuple(map(_chain, one.transforms)),
                "similarities": tuple(map(discreet, one.similarities)),
                "evidence": None if one.evidence is None else tuple(map(discreet, one.evidence)),
            }
        )
        for one in spec.system
    )
    selected = tuple(
        one.model_copy(update={"encoder": discreet(one.encoder), "development": tuple(map(discreet, one.development))})
        for one in spec.selected
    )
    own = {"benchmarks": tuple(map(discreet, spec.benchmarks)), "primary": discreet(spec.primary), "system": system, "selected": selected}
    return spec.model_copy(update=own)


def discreet(text: str) -> str:
    """A reference with `~` in the place of every path; text that is none names nothing that was ever looked for."""
    try:
        ref = Ref.parse(text)
        is_path = ref.target is not None and (ref.name.rpartition("/")[2].casefold() in FILES or decode(ref.target).startswith(STARTS))
        options = {key: _value(key, raw) for key, raw in ref.options}
    except RefError:
        return text
    return str((replace(ref, target="~") if is_path else ref).with_options(**options))


def _value(key: str, raw: str) -> str:
    if key in REFERENCES:
        parts = raw.split("+") if key == "trained_on" else [raw]
        return "+".join(encode(discreet(decode(part))) for part in parts)
    if raw.startswith("@"):
        return "@~"
    return "~" if decode(raw).startswith(STARTS) else raw


def _chain(text: str) -> str:
    return CHAIN.join(map(discreet, text.split(CHAIN)))
