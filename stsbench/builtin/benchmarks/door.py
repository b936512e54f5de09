"""The one door to `datasets`: rows of a split from a mirror folder that holds the repository, else from the hub at its revision."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from logging import CRITICAL
from pathlib import Path
from typing import Any, Literal

from stsbench.builtin.benchmarks.mirror import SubsetError, read_mirror
from stsbench.builtin.benchmarks.readers.parquet import from_arrow
from stsbench.errors import DataError

from .tables.table import Table

_SHA = re.compile(r"(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])")
_NEXT = "give a mirror folder (--mirror or STSBENCH_MIRROR) that holds it"
_TIMEOUT = 20.0  # seconds


@dataclass(frozen=True)
class FetchedRows:
    """Rows, where they came from, and the revision that the hub gave."""

    table: Table
    kind: Literal["mirror", "hub"]
    revision: str | None = None


def open_rows(repository: str, *, config: str | None, split: str, revision: str | None, mirror: Path | None) -> FetchedRows:
    """The rows of one split; raises SubsetError where there is no such config, DataError for all else that is missing or broken."""
    if mirror is not None:
        table = read_mirror(mirror, repository, config, split)
        if table is not None:
            return FetchedRows(table, "mirror")
    return _from_hub(repository, config, split, revision, mirror)


def stratified_rows(labels: Sequence[object], size: int, seed: int) -> list[int]:
    """Rows of a sample of `size` in proportion to `labels`, drawn as `datasets.Dataset.train_test_split` draws it."""
    from datasets import Dataset

    if len(labels) <= size:
        return list(range(len(labels)))
    with _quiet():
        rows = Dataset.from_dict({"label": list(labels), "row": list(range(len(labels)))}).class_encode_column("label")
        sample = rows.train_test_split(test_size=size, seed=seed, stratify_by_column="label")["test"]
    return [int(row) for row in sample["row"]]


def _from_hub(repository: str, config: str | None, split: str, revision: str | None, mirror: Path | None) -> FetchedRows:
    with _quiet():
        try:
            commit = _cached_commit(repository, revision) if _offline() else _commit(repository, revision)
            dataset = _loaded(repository, config, split, commit)
        except DataError:
            raise
        except Exception as error:
            raise _explained(error, repository, config, split, mirror) from error
    given = _revision(dataset)
    if commit is not None and given is not None and given != commit:  # where the client cannot have a commit, it takes what is cached
        why = (
            f"where {commit[:8]} is pinned, as an offline cache does; load it once with network"
            if _offline()
            else f"where {commit[:8]} was asked for, by the hub or from its cache; try again later"
        )
        raise DataError(f"{repository} was given at revision {given[:8]} {why}, or {_NEXT}")
    rows = from_arrow(dataset.with_format("arrow")[:], dataset.features.to_dict(), f"{repository} ({split}) from the hub")
    return FetchedRows(rows, "hub", given)


def _commit(repository: str, revision: str | None) -> str:
    """The commit that a branch, tag or commit names now; fails at once where `load_dataset` would try for half a minute."""
    from huggingface_hub import HfApi

    commit = str(HfApi().dataset_info(repository, revision=revision, timeout=_TIMEOUT).sha)
    return revision if revision is not None and _SHA.fullmatch(revision) else commit


def _cached_commit(repository: str, revision: str | None) -> str | None:
    """`revision` where it is a commit: the cache does not know where branches and tags stand."""
    if revision is None or _SHA.fullmatch(revision):
        return revision
    raise DataError(
        f"offline mode is on, and only the hub knows which commit of {repository} revision {revision!r} is; "
        f"give revision= as 40 digits, or {_NEXT}"
    )


def _loaded(repository: str, config: str | None, split: str, commit: str | None) -> Any:
    from datasets import load_dataset

    try:
        return load_dataset(repository, config, split=split, revision=commit)
    except ValueError as error:
        if config is None and "configurations in the cache" in str(error):  # offline, the client no longer knows which is the default
            return load_dataset(repository, "default", split=split, revision=commit)
        raise


def _revision(dataset: Any) -> str | None:
    """The commit that the rows are of, as the client keeps it in the addresses and the cache folder of their files."""
    places = [*(dataset.info.download_checksums or {}), *(file["filename"] for file in dataset.cache_files)]
    return next((found[-1] for found in map(_SHA.findall, places) if found), None)


def _explained(error: Exception, repository: str, config: str | None, split: str, mirror: Path | None) -> DataError:
    chain = list(_causes(error))
    names = {kind.__name__ for link in chain for kind in type(link).__mro__}
    text = " ".join(str(link) for link in chain)
    codes = {getattr(getattr(link, "response", None), "status_code", None) for link in chain}
    nowhere = f"the mirror does not hold {repository}, and " if mirror else ""
    server = next((code for code in codes if code and code >= 500), None)
    if "BuilderConfig" in text and "not found" in text:
        return SubsetError(f"{repository} has no subset {config!r} (there: {_offered(text)}); choose one of these")
    if "Unknown split" in text:
        return DataError(f"{repository} has no split {split!r} (there: {_offered(text)}); choose one of these")
    if "Config name is missing" in text:
        return DataError(f"{repository} has several subsets (there: {_offered(text)}); choose one with config=")
    if _offline():
        return DataError(f"{nowhere}{repository} is not in the cache and offline mode is on; {_NEXT}, or switch offline mode off")
    if server:
        return DataError(f"{nowhere}the hub answered {server} for {repository}; try again later, or {_NEXT}")
    if 429 in codes:
        return DataError(f"{nowhere}the hub allows no more requests now (429) for {repository}; wait, log in, or {_NEXT}")
    if names & {"RevisionNotFoundError"}:
        return DataError(f"{repository} has no such revision on the hub; check revision=, or {_NEXT}")
    if names & {"RepositoryNotFoundError", "DatasetNotFoundError", "GatedRepoError"} or codes & {401, 403}:
        return DataError(f"{nowhere}the hub has no data set {repository} that is open to you; check its name, log in, or {_NEXT}")
    if names & {"EmptyDatasetError", "DataFilesNotFoundError"}:
        return DataError(f"{repository} holds no files of data on the hub; check its name and revision=, or {_NEXT}")
    if 404 in codes:
        return DataError(f"the hub lists a file of {repository} ({split}) that it does not give (404); try again later, or {_NEXT}")
    if names & {"RemoteProtocolError", "IncompleteRead", "ChunkedEncodingError"}:
        return DataError(f"the hub's answer for {repository} broke off; try again, or {_NEXT}")
    if names & {"ConnectionError", "ConnectError", "TimeoutException", "TransportError", "TimeoutError"}:
        return DataError(
            f"{nowhere}the hub cannot be reached for {repository}; check the network, or {_NEXT}, "
            "or set HF_HUB_OFFLINE=1 to use what is cached"
        )
    return DataError(f"{repository} ({split}) from the hub cannot be read ({type(error).__name__}); try again, or {_NEXT}")


def _offline() -> bool:
    import datasets

    return bool(datasets.config.HF_HUB_OFFLINE)


def _offered(text: str) -> str:
    listed = re.search(r"\[([^\]]*)\]", text)
    return ", ".join(re.findall(r"'([^']*)'", listed[1])) if listed else "unknown"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


@contextmanager
def _quiet() -> Iterator[None]:
    """No progress bars and no messages of `datasets` and the hub client, some of which hold paths; as before afterwards."""
    import datasets
    import huggingface_hub
    from huggingface_hub.utils.tqdm import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    logs: Any = (datasets.logging, huggingface_hub.logging)
    levels = [log.get_verbosity() for log in logs]
    bars = datasets.are_progress_bars_disabled(), are_progress_bars_disabled()
    datasets.disable_progress_bars()
    disable_progress_bars()
    for log in logs:
        log.set_verbosity(CRITICAL)
    try:
        yield
    finally:
        for log, level in zip(logs, levels, strict=True):
            log.set_verbosity(level)
        if not bars[0]:
            datasets.enable_progress_bars()
        if not bars[1]:
            enable_progress_bars()
