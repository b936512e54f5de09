"""Where a checkpoint's files are: in a folder, or at one commit of a repository of the Hugging Face hub."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from stsbench.plugin import Location, ModelCard, ModelError, OptionError, count_parameters, fetch_files, resolve_commit

_PLACES = ("", "0_StaticEmbedding/")  # where model2vec looks for the table and its tokenizer
_SETTINGS = ("config.json", "config_sentence_transformers.json", "README.md")
_TABLES = ("embeddings", "embedding.weight")


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
            commit = resolve_commit(model.hub, revision, _SETTINGS)
            return cls(model.hub, model.identity, commit, fetch_files(model.hub, commit, _SETTINGS))
        if revision is not None:
            raise OptionError(f"option 'revision' is for models on the hub, and {model.label!r} is a folder; leave it out")
        files = cls(model.label, model.identity, None, model.path)
        files.require()
        return files

    def fetch(self) -> Path:
        """The folder with all its files, which are downloaded where they are on the hub; raises ModelError."""
        if self.commit is not None:
            fetch_files(
                self.label, self.commit, [f"{place}{name}" for place in _PLACES for name in ("model.safetensors", "tokenizer.json")]
            )
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
    except (OSError, ValueError, TypeError, RecursionError):
        return set()
