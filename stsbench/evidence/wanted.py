"""The benchmarks to compare systems on, and the reference that loads each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from stsbench.contracts.ref import Ref, unescape
from stsbench.errors import UsageError
from stsbench.evidence.presence import is_of_file
from stsbench.evidence.systems import KeptSystem
from stsbench.host.locate import is_hash
from stsbench.leaderboard.columns import Key

References = Callable[[str], Mapping[str, str]]  # canonical references of a benchmark, or of a suite's, with the text that names each


def wanted(systems: Sequence[KeptSystem], benchmarks: Sequence[str], sources: Sequence[str], references: References) -> Mapping[Key, str]:
    """Every benchmark that the systems were run on, or the named ones, with the reference that loads each, in the order of their names.

    `sources` are references that may say where files are, which records do not. Raises UsageError where there are no results on a
    benchmark, or where nothing says where a file is.
    """
    return _found(_named(systems, benchmarks, references), sources, references)


def _named(systems: Sequence[KeptSystem], benchmarks: Sequence[str], references: References) -> dict[Key, str]:
    known = {one: file.benchmark.ref for system in systems for one, (file, *_) in system.files.items()}
    if not benchmarks:
        return dict(sorted(known.items()))
    chosen: dict[Key, str] = {}
    for text in benchmarks:
        named = [one for one in known if text.casefold() in (one[0].casefold(), "@".join(one).casefold())]
        refs = {ref: text for ref, text in references(text).items() if ref in known.values()} if not named else {}
        if not named and not refs:
            raise UsageError(f"no results are on {text!r}; they are on {', '.join(sorted(name for name, _ in known))}")
        chosen.update({one: known[one] for one in named})
        chosen.update({one: refs[ref] for one, ref in known.items() if ref in refs})
    return chosen


def _found(wanted: Mapping[Key, str], sources: Sequence[str], references: References) -> dict[Key, str]:
    """The same with the sources' references of files, of which records hold hashes; raises UsageError where there is none."""
    files = {one: ref for one, ref in wanted.items() if is_of_file(ref)}
    known = {ref: text for source in sources for ref, text in references(source).items()} if files else {}
    for (name, _), ref in files.items():
        if ref not in known:
            given = Ref.parse(ref)
            columns = {key: "COLUMN" for key, raw in given.options if is_hash(unescape(raw))}
            example = replace(given, target="PATH").with_options(**columns)
            raise UsageError(f"the results are on a file, {name}, of which records hold no path; name it with -b {example}")
    return {one: known[ref] if one in files else ref for one, ref in wanted.items()}
