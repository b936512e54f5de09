"""Models on the Hugging Face hub: the commit that a revision names, and single files of it; from the local cache when offline."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from logging import CRITICAL
from pathlib import Path

from stsbench.errors import ModelError

_COMMIT = re.compile(r"[0-9a-f]{40}\Z")
_ENTRY_FILES = ("config.json", "modules.json", "adapter_config.json")  # a model repository holds at least one of them
_TIMEOUT = 20.0  # seconds
_UNREACHED = {"ConnectError", "ConnectTimeout", "ConnectionError"}  # names of errors of a host that takes no connection


def resolve_commit(repository: str, revision: str | None, entries: Sequence[str] = _ENTRY_FILES) -> str:
    """The commit (40 hex digits) that `revision`, or else the main branch, names now; raises ModelError.

    A commit is returned as it is, without a request. In offline mode the answer is what the local cache holds. The repository has at
    least one of `entries`.
    """
    from huggingface_hub import HfApi, is_offline_mode

    if revision is not None and _COMMIT.match(revision):
        return revision
    if not is_offline_mode():
        with _blamed(repository, revision):  # fails at once where a download would be tried for half a minute
            HfApi().model_info(repository, revision=revision, timeout=_TIMEOUT)
    for name in entries:  # fetched by branch, so that the cache remembers where the branch stood when the hub is offline
        if (path := fetch_file(repository, revision or "main", name)) is not None:
            return path.parent.name
    raise _lacking(repository, entries)


def fetch_files(repository: str, commit: str, names: Sequence[str]) -> Path:
    """The local folder of a commit, with those of the files that it has; raises ModelError where it has none of them."""
    from huggingface_hub import is_offline_mode

    paths = {name: path for name in names if (path := fetch_file(repository, commit, name)) is not None}
    for name, path in paths.items():
        return path.parents[name.count("/")]
    raise _uncached(repository, commit) if is_offline_mode() else _lacking(repository, names)


def fetch_file(repository: str, revision: str, name: str) -> Path | None:
    """A local copy of one file of the repository, or None where it has no such file; raises ModelError.

    What the local cache knows of a commit is not asked for again.
    """
    from huggingface_hub import _CACHED_NO_EXIST, hf_hub_download, is_offline_mode, try_to_load_from_cache
    from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

    with _blamed(repository, revision):
        kept = try_to_load_from_cache(repository, name, revision=revision) if _COMMIT.match(revision) else None
        if kept is _CACHED_NO_EXIST:
            return None  # the hub said so before, and a commit does not change
        if kept is None and not is_offline_mode():
            _require_answer(repository, revision)
        try:
            path = Path(hf_hub_download(repository, name, revision=revision))
        except LocalEntryNotFoundError:  # not in the cache, and offline or without a connection
            entries = (try_to_load_from_cache(repository, entry, revision=revision) for entry in _ENTRY_FILES)
            if is_offline_mode() and any(isinstance(entry, str) for entry in entries):
                return None
            raise
        except EntryNotFoundError:
            return None
    if _COMMIT.match(revision) and revision not in path.parts:
        raise ModelError(
            f"the hub gave {name} of model {repository!r} at another revision than {revision}; try again later, or give a folder"
        )
    return path


def takes_no_connection(error: BaseException) -> bool:
    """Whether an error of an HTTP client, whichever it is, says that its host is out of reach; a slow one, or one that refuses, is not."""
    return bool(_UNREACHED & {kind.__name__ for kind in type(error).__mro__})


@cache
def _require_answer(repository: str, revision: str) -> None:
    """Raises the client's error where the hub is out of reach, which takes a download half a minute of tries to say.

    One that is slow, or answers with an error, is left to the download and its tries.
    """
    from huggingface_hub import get_hf_file_metadata, hf_hub_url

    try:
        get_hf_file_metadata(hf_hub_url(repository, _ENTRY_FILES[0], revision=revision), timeout=_TIMEOUT)
    except Exception as error:  # of whichever HTTP library the client is built on
        if takes_no_connection(error):
            raise


def list_files(repository: str, commit: str) -> tuple[str, ...]:
    """Names of the repository's files (in offline mode, of those in the local cache); raises ModelError."""
    from huggingface_hub import HfApi, is_offline_mode

    if is_offline_mode():
        entry = next(path for name in _ENTRY_FILES if (path := fetch_file(repository, commit, name)) is not None)
        return tuple(path.relative_to(entry.parent).as_posix() for path in entry.parent.rglob("*"))
    with _blamed(repository, commit):
        siblings = HfApi().model_info(repository, revision=commit, timeout=_TIMEOUT).siblings or []
        return tuple(sibling.rfilename for sibling in siblings)


@contextmanager
def _blamed(repository: str, revision: str | None) -> Iterator[None]:
    """What the hub's client raises, as a ModelError of one sentence."""
    from huggingface_hub import is_offline_mode, logging
    from huggingface_hub.errors import HFValidationError, RepositoryNotFoundError, RevisionNotFoundError

    verbosity = logging.get_verbosity()
    logging.set_verbosity(CRITICAL)  # each try of the client would be a line; what failed in the end is said below
    try:
        yield
    except HFValidationError as error:
        raise ModelError(f"{repository!r} is not a hub id; write owner/name, or start a path with ./, ../, / or ~") from error
    except RepositoryNotFoundError as error:
        raise ModelError(
            f"the hub has no model {repository!r}, or does not show it without a login; {_owner(repository)}check the id, "
            "log in with `hf auth login`, or start a path with ./"
        ) from error
    except RevisionNotFoundError as error:
        raise ModelError(
            f"model {repository!r} has no revision {revision!r} on the hub; give one of its branches, tags or 40-digit commits"
        ) from error
    except Exception as error:  # the hub's client raises its own errors and those of whichever HTTP library it is built on
        if is_offline_mode():
            raise _uncached(repository, revision) from error
        raise ModelError(
            f"the hub could not be asked for model {repository!r} ({_cause(error)}); try again later, "
            "set HF_HUB_OFFLINE=1 to use the local cache, or give a folder"
        ) from error
    finally:
        logging.set_verbosity(verbosity)


def _lacking(repository: str, names: Sequence[str]) -> ModelError:
    return ModelError(f"model {repository!r} has neither {' nor '.join(names)} on the hub; give the id of a model with one of them")


def _uncached(repository: str, revision: str | None) -> ModelError:
    return ModelError(
        f"model {repository!r} (revision {revision}) is not in the local cache and the hub is offline (HF_HUB_OFFLINE); "
        f"{_owner(repository)}download it once with the hub reachable, or give a folder"
    )


def _owner(repository: str) -> str:
    """A clause on an id that has no owner, as sentence-transformers takes those of its own models."""
    return "" if "/" in repository else f"write its owner too, as in sentence-transformers/{repository}, or else "


def _cause(error: Exception) -> str:
    """The kind of error, with the status that the hub answered with if it did."""
    link: BaseException | None = error
    while link is not None and (status := getattr(getattr(link, "response", None), "status_code", None)) is None:
        link = link.__cause__
    return type(error).__name__ if link is None else f"status {status}"
