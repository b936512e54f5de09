"""The one door to `datasets`: rows of a split from a mirror folder that holds the repository, else from the hub at its revision."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from stsbench.builtin.benchmarks.mirror import SubsetError, read_mirror
from stsbench.builtin.benchmarks.reading import Columns
from stsbench.errors import DataError

_SHA = re.compile(r"(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])")
_NEXT = "give a mirror folder (--mirror or STSBENCH_MIRROR) that holds it"


@dataclass(frozen=True)
class Opened:
    """Rows as columns, where they came from, and the revision that the hub gave."""

    columns: Columns
    kind: Literal["mirror", "hub"]
    revision: str | None = None


def open_rows(repository: str, *, config: str | None, split: str, revision: str | None, mirror: Path | None) -> Opened:
    """The rows of one split; raises SubsetError where there is no such config, DataError for all else that is missing or broken."""
    if mirror is not None:
        columns = read_mirror(mirror, repository, config, split)
        if columns is not None:
            return Opened(columns, "mirror")
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


def _from_hub(repository: str, config: str | None, split: str, revision: str | None, mirror: Path | None) -> Opened:
    with _quiet():
        try:
            dataset = _loaded(repository, config, split, revision)
        except Exception as error:
            raise _explained(error, repository, config, split, mirror) from error
    given = _revision(dataset)
    if revision is not None and _SHA.fullmatch(revision) and given is not None and given != revision:
        raise DataError(
            f"{repository} was given at revision {given[:8]} where {revision[:8]} is pinned, as an offline cache does; load it once with network, or {_NEXT}"
        )
    table = dataset.with_format("arrow")[:]
    return Opened({name: table.column(name).to_pylist() for name in table.column_names}, "hub", given)


def _loaded(repository: str, config: str | None, split: str, revision: str | None) -> Any:
    from datasets import load_dataset

    try:
        return load_dataset(repository, config, split=split, revision=revision)
    except ValueError as error:
        if config is None and "configurations in the cache" in str(
            error
        ):  # without the hub the client no longer knows which is the default
            return load_dataset(repository, "default", split=split, revision=revision)
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
    if server:
        return DataError(f"{nowhere}the hub answered {server} for {repository}; try again later, or {_NEXT}")
    if names & {"OfflineModeIsEnabled", "LocalEntryNotFoundError"} or _offline():
        return DataError(f"{nowhere}{repository} is not in the cache and offline mode is on; {_NEXT}, or switch offline mode off")
    if names & {"RevisionNotFoundError"}:
        return DataError(f"{repository} has no such revision on the hub; check revision=, or {_NEXT}")
    if names & {"RepositoryNotFoundError", "DatasetNotFoundError", "GatedRepoError"} or codes & {401, 403, 404}:
        return DataError(f"{nowhere}the hub has no data set {repository} that is open to you; check its name, log in, or {_NEXT}")
    if names & {"RemoteProtocolError", "IncompleteRead", "ChunkedEncodingError"}:
        return DataError(f"the hub's answer for {repository} broke off; try again, or {_NEXT}")
    if names & {"ConnectionError", "ConnectError", "TimeoutException", "TransportError", "TimeoutError"}:
        return DataError(f"{nowhere}the hub cannot be reached for {repository}; check the network, or {_NEXT}")
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
    """No progress bars of `datasets` and the hub client; what was set before is set again."""
    import datasets
    from huggingface_hub.utils.tqdm import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    before = datasets.are_progress_bars_disabled(), are_progress_bars_disabled()
    datasets.disable_progress_bars()
    disable_progress_bars()
    try:
        yield
    finally:
        if not before[0]:
            datasets.enable_progress_bars()
        if not before[1]:
            enable_progress_bars()
