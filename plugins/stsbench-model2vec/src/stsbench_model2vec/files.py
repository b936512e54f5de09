"""Where a checkpoint's files are: in a folder, or at one commit of a repository of the Hugging Face hub."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from logging import CRITICAL
from pathlib import Path

from stsbench.plugin import Location, ModelCard, ModelError, OptionError, count_parameters

_PLACES = ("", "0_StaticEmbedding/")  # where model2vec looks for the table and its tokenizer
_SETTINGS = ("config.json", "config_sentence_transformers.json", "README.md")
_TABLES = ("embeddings", "embedding.weight")
_TIMEOUT = 20.0


@dataclass(frozen=True, slots=True)
class StaticFiles:
    """A checkpoint's place. `identity` stands in fingerprints, `label` in messages; `folder` holds what is here of it."""

    label: str
    identity: str
    commit: str | None
    folder: Path

    @classmethod
    def of(cls, model: Location, revision: str | None) -> StaticFiles:
        """The checkpoint at a location, a revision resolved to its commit; raises ModelError, or OptionError for a folder's revision."""
        if model.path is None:
            if model.hub is None:
                raise ModelError("a model needs a target; give a hub id, or a path that starts with ./, ../, / or ~")
            folder = _download(model.hub, revision or "main", _SETTINGS)
            return cls(model.hub, model.identity, folder.name, folder)
        if revision is not None:
            raise OptionError(f"option 'revision' is for models on the hub, and {model.label!r} is a folder; leave it out")
        files = cls(model.label, model.identity, None, model.path)
        files.require()
        return files

    def fetch(self) -> Path:
        """The folder with all its files, which are downloaded where they are on the hub; raises ModelError."""
        if self.commit is not None:
            _download(self.label, self.commit, [f"{place}{name}" for place in _PLACES for name in ("model.safetensors", "tokenizer.json")])
            self.require()
        return self.folder

    def require(self) -> None:
        """Raise ModelError where the folder holds no table of vectors with a tokenizer."""
        tables = [one for place in _PLACES if (one := self.folder / place / "model.safetensors").is_file()]
        if not any(one.with_name("tokenizer.json").is_file() and _names(one).intersection(_TABLES) for one in tables):
            raise ModelError(
                f"model {self.label!r} is no checkpoint of model2vec: it has no tokenizer.json beside a model.safetensors with embeddings; "
                "give one that StaticModel.save_pretrained wrote, or run another kind of model as sentence-transformers: or bert:"
            )

    @property
    def card(self) -> ModelCard:
        """What README.md declares, and the number of floating-point weights; what is not here is unknown."""
        try:
            readme = self.folder / "README.md"
            text = readme.read_text(encoding="utf-8") if readme.is_file() else None
            tables = [one for place in _PLACES if (one := self.folder / place / "model.safetensors").is_file()]
            return ModelCard.of_readme(text, count_parameters(map(_header, tables)))
        except (OSError, UnicodeDecodeError):
            return ModelCard()


def _header(path: Path) -> bytes:
    """The start of a safetensors file, which says what is in it."""
    with path.open("rb") as file:
        length = file.read(8)
        return length + file.read(min(int.from_bytes(length, "little"), 100_000_000))


def _names(path: Path) -> set[str]:
    try:
        return set(json.loads(_header(path)[8:]))
    except (OSError, ValueError):
        return set()


def _download(repository: str, revision: str, names: Sequence[str]) -> Path:
    """The folder of one commit, which is its name, with those of the files that it has; from the local cache when offline."""
    from huggingface_hub import HfApi, hf_hub_download, is_offline_mode, snapshot_download

    with _blamed(repository, revision):
        if is_offline_mode():
            folder = Path(snapshot_download(repository, revision=revision))
            if not any((folder / name).is_file() for name in names):
                raise FileNotFoundError(names[0])
            return folder
        present = {one.rfilename for one in HfApi().model_info(repository, revision=revision, timeout=_TIMEOUT).siblings or ()}
        # by branch, so that the cache remembers where the branch stood when the hub is offline
        paths = {name: Path(hf_hub_download(repository, name, revision=revision)) for name in names if name in present}
    if not paths:
        raise ModelError(f"model {repository!r} has neither {' nor '.join(names)} on the hub; give the id of a checkpoint of model2vec")
    name, path = next(iter(paths.items()))
    return path.parents[name.count("/")]


@contextmanager
def _blamed(repository: str, revision: str) -> Iterator[None]:
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
            f"the hub has no model {repository!r}, or does not show it without a login; check the id, log in with `hf auth login`, "
            "or start a path with ./"
        ) from error
    except RevisionNotFoundError as error:
        raise ModelError(
            f"model {repository!r} has no revision {revision!r} on the hub; give one of its branches, tags or 40-digit commits"
        ) from error
    except Exception as error:  # the hub's client raises its own errors and those of whichever HTTP library it is built on
        if is_offline_mode():
            raise ModelError(
                f"model {repository!r} (revision {revision}) is not in the local cache and the hub is offline (HF_HUB_OFFLINE); "
                "download it once with the hub reachable, or give a folder"
            ) from error
        raise ModelError(
            f"the hub could not be asked for model {repository!r} ({type(error).__name__}); try again later, "
            "set HF_HUB_OFFLINE=1 to use the local cache, or give a folder"
        ) from error
    finally:
        logging.set_verbosity(verbosity)
