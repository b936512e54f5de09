"""What a board says of `board.toml` without the paths that it names: those are their owner's."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import partial

from stsbench.contracts.boards.board import BoardSpec
from stsbench.contracts.components.component import SAID
from stsbench.contracts.ref import CHAIN, Ref, escape, unescape, within
from stsbench.errors import RefError
from stsbench.host.bind import TRAINED_ON
from stsbench.host.locate import is_hash

FILES = frozenset({"csv", "tsv", "jsonl", "parquet"})  # benchmarks of the core whose target is always a file
STARTS = ("/", "./", "../", "~")  # how every other target or value begins that is a path
SEVERAL = frozenset({TRAINED_ON, "by"})  # options that hold references joined by +, which of others may be a letter of a path


def without_paths(spec: BoardSpec, files: Collection[str] = FILES) -> BoardSpec:
    """The same with `~` in the place of every path in its references, and of what names the columns of a private file.

    `files` are the names, in lower case, of components whose target is a file.
    """
    hide = partial(discreet, files=files)
    system = tuple(
        entry.model_copy(
            update={
                "encoder": hide(entry.encoder),
                "transforms": tuple(CHAIN.join(map(hide, chain.split(CHAIN))) for chain in entry.transforms),
                "similarities": tuple(map(hide, entry.similarities)),
                "evidence": None if entry.evidence is None else tuple(map(hide, entry.evidence)),
            }
        )
        for entry in spec.system
    )
    selected = tuple(
        entry.model_copy(update={"encoder": hide(entry.encoder), "development": tuple(map(hide, entry.development))})
        for entry in spec.selected
    )
    benchmarks = tuple(map(hide, spec.benchmarks))
    return spec.model_copy(update={"benchmarks": benchmarks, "primary": hide(spec.primary), "system": system, "selected": selected})


def names_of_files(refs: Iterable[str]) -> frozenset[str]:
    """The names of components that are known to read a file: canonical references hold a hash in the place of its path."""
    known = [ref for text in refs if not text.startswith("object:") for ref in within(text)]
    return frozenset(_short(ref) for ref in known if is_hash(ref.target))


def discreet(text: str, files: Collection[str] = FILES) -> str:
    """A reference with `~` in the place of every path; text that is none names nothing that was ever looked for."""
    try:
        ref = Ref.parse(text)
        is_file = _is_file(ref, files)
        is_path = is_file or (ref.target is not None and unescape(ref.target).startswith(STARTS))
        private = is_file and ("public", "true") not in ref.options
        options = {key: "~" if private and key not in SAID else _value(raw, files, key) for key, raw in ref.options}
    except RefError:
        return text
    return str((replace(ref, target="~") if is_path else ref).with_options(**options))


def _short(ref: Ref) -> str:
    return ref.name.rpartition("/")[2].casefold()


def _is_file(ref: Ref, files: Collection[str]) -> bool:
    return ref.target is not None and _short(ref) in files


def _value(raw: str, files: Collection[str], key: str = "") -> str:
    """The value of an option: a path, the name of a file to read, or one reference or several, as `rows=`, `fit=` and `by=` take them."""
    if key in SEVERAL and "+" in raw:
        return "+".join(_value(part, files) for part in raw.split("+"))
    text = unescape(raw)
    if raw.startswith("@") or text.startswith(STARTS):
        return "@~" if raw.startswith("@") else "~"
    if (hidden := discreet(text, files)) != text.strip():
        return escape(hidden)
    return "+".join(_value(part, files) for part in raw.split("+")) if "+" in raw else raw
