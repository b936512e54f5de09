"""A checkpoint: a model's files, in a folder or at one commit on the hub, with its small configuration files read on request."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import wraps
from pathlib import Path, PurePosixPath
from typing import Any, Concatenate, ParamSpec, TypeVar

from stsbench.plugin import Location, ModelCard, ModelError, OptionError, count_parameters, fetch_file, list_files, resolve_commit

EXPORT = "onnx/model.onnx"
TRAINING = "stsbench.json"  # what a model was trained on
_LOADED = ("*.json", "*.txt", "*.model", "*.jinja", "*.py", "model.safetensors", "model-*.safetensors", "adapter_model.safetensors")
_TOKENIZERS = ("tokenizer.", "tekken.json", "tiktoken.model")  # how files of tokenizers of any class begin, `tokenizer.4.0.0.json` too
_PICKLED = ("pytorch_model*.bin", "adapter_model.bin")

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where a model's files are. `source` (a folder, or a hub id) and `commit` are what `from_pretrained` takes.

    `label` stands in messages in the place of a path, and `identity` in fingerprints.
    """

    label: str
    identity: str
    source: str
    folder: Path | None
    commit: str | None

    @classmethod
    def of(cls, model: Location, revision: str | None) -> Checkpoint:
        """The checkpoint at a location, its revision resolved to a commit; raises ModelError, or OptionError for a folder's revision."""
        if model.path is None:
            if model.hub is None:
                raise ModelError("a model needs a target; give a hub id, or a path that starts with ./, ../, / or ~")
            return cls(model.hub, model.identity, model.hub, None, resolve_commit(model.hub, revision))
        if revision is not None:
            raise OptionError(f"option 'revision' is for models on the hub, and {model.label!r} is a folder; leave it out")
        if not model.path.is_dir():
            raise ModelError(f"model {model.label!r} is not a folder; give the folder that holds config.json and the weights")
        return cls(model.label, model.identity, str(model.path), model.path, None)

    def read(self, name: str) -> Mapping[str, Any]:
        """The JSON object in the file of that name, empty where there is no such file; raises ModelError."""
        content = self.read_json(name)
        if content is not None and not isinstance(content, dict):
            raise ModelError(f"{name} of model {self.label!r} is not a JSON object; fetch the model again")
        return content or {}

    def read_json(self, name: str) -> Any:
        """What the JSON file of that name holds, or None where there is no such file; raises ModelError."""
        if (path := self.find(name)) is None:
            return None
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise ModelError(f"{name} of model {self.label!r} cannot be read as JSON; fetch the model again") from error

    @property
    def card(self) -> ModelCard:
        """What README.md declares, and the number of weights in the safetensors files; what is not there is unknown."""
        readme = self.find("README.md")
        try:
            text = readme.read_text(encoding="utf-8") if readme is not None else None
            weights = [path for name in sorted(self.names()) if PurePosixPath(name).match("*.safetensors") and (path := self.find(name))]
            return ModelCard.of_readme(text, count_parameters(map(_header, weights)))
        except (OSError, UnicodeDecodeError, ModelError):
            return ModelCard()

    @property
    def trained_on(self) -> tuple[str, ...]:
        """The benchmarks that the model was trained on, which whoever trained it wrote beside it, in a folder; raises ModelError."""
        named = self.read(TRAINING).get("trained_on", []) if self.folder is not None else []
        if not isinstance(named, list) or not all(isinstance(name, str) and name for name in named):
            raise ModelError(
                f"{TRAINING} of model {self.label!r} is to name benchmarks in a list, as in "
                '{"trained_on": ["STSBenchmark:train"]}; mend it, or remove it'
            )
        return tuple(named)

    def find(self, name: str) -> Path | None:
        """A local copy of the file of that name, or None where there is no such file; raises ModelError."""
        path = self.folder / name if self.folder is not None else fetch_file(self.source, str(self.commit), name)
        return path if path is not None and path.is_file() else None

    @property
    def exported(self) -> bool:
        """Whether the model's weights are in `onnx/model.onnx` alone."""
        names = [PurePosixPath(name) for name in self.names()]
        return PurePosixPath(EXPORT) in names and not any(_is_safe(name) and name.parent == PurePosixPath() for name in names)

    def require_safetensors(self, folders: Iterable[str] = ("",)) -> None:
        """Raise ModelError where `folders`, if there are any, hold no weights, or one of them has pickled weights only.

        A folder's own folders count too, but for the model's: in it there are exports, and whatever else was put there.
        """
        folders = tuple(folders)
        files = [file for file in map(PurePosixPath, self.names()) if _inside(file, folders)]
        safe = {file.parent for file in files if _is_safe(file)}
        pickled = {file.parent for file in files if any(map(file.match, _PICKLED))}
        if pickled - safe:
            raise ModelError(
                f"model {self.label!r} has weights in pickled files only (pytorch_model.bin), which can run code when they are loaded; "
                "save it anew with save_pretrained, which writes safetensors"
            )
        if folders and not safe:
            more = f"; {EXPORT} is read by backend=openvino alone" if EXPORT in self.names() else ""
            raise ModelError(f"model {self.label!r} has no weights in a .safetensors file{more}; check that all its files are there")

    def require_vocabulary(self, tokenizer: Any, base: Checkpoint | None = None) -> None:
        """Raise ModelError where transformers made the tokenizer of no file, whose words are all unknown, instead of failing.

        Its class says what its files are called, beside names that the library knows of all classes; one that reads bytes or characters
        has none. An adapter may leave them to its base.
        """
        wanted = set(getattr(tokenizer, "vocab_files_names", {}).values())
        there = {PurePosixPath(name).name for place in (self, base) if place is not None for name in place.names()}
        if wanted and not any(name in wanted or name.startswith(_TOKENIZERS) for name in there):
            raise ModelError(
                f"model {self.label!r} has no tokenizer ({' or '.join(sorted(wanted))}); save it beside the weights, "
                "with tokenizer.save_pretrained"
            )

    def download(self, folders: Iterable[str] = ("",), *, export: bool = False) -> None:
        """Have what a model on the hub is loaded from in the local cache, so that what fails on the way is named; raises ModelError.

        The libraries that load the model say of a file that they could not fetch only that it is not there.
        """
        if self.commit is None:
            return
        folders = tuple(folders)
        if not export:
            self.require_safetensors(folders)
        exports = [name for name in self.names() if export and name.startswith(EXPORT)]
        for name in [*self.loaded(folders), *exports]:
            if fetch_file(self.source, self.commit, name) is None:
                raise ModelError(f"the hub lists {name} of model {self.label!r} but does not give it; try again later, or give a folder")

    def loaded(self, folders: Iterable[str] = ("",)) -> list[str]:
        """The names of the files in `folders` that a library would load: configuration, vocabulary and weights as safetensors."""
        folders = tuple(folders)
        return [name for name in self.names() if _inside(file := PurePosixPath(name), folders) and any(map(file.match, _LOADED))]

    def names(self) -> list[str]:
        """The names of its files, sorted; hidden ones, which are no part of a folder's identity, are left out."""
        if self.folder is None:
            return sorted(list_files(self.source, str(self.commit)))
        paths: list[str] = []
        for place, folders, files in os.walk(self.folder, followlinks=True):
            folders[:] = [name for name in folders if not name.startswith((".", "__pycache__"))]
            paths += [(Path(place) / name).relative_to(self.folder).as_posix() for name in files if not name.startswith(".")]
        return sorted(paths)

    def blame(self, error: BaseException, source: str | None = None) -> ModelError:
        """A ModelError that says, without a path, what went wrong while the model was loaded from its own place or from `source`."""
        first = (str(error).strip().splitlines() or [""])[0].replace(source or self.source, self.label).replace(self.source, self.label)
        step = "give it more memory" if isinstance(error, MemoryError) else "check that its files are complete"
        return ModelError(f"model {self.label!r} cannot be loaded ({type(error).__name__}: {first}); {step}")


def blaming(read: Callable[Concatenate[Checkpoint, P], T]) -> Callable[Concatenate[Checkpoint, P], T]:
    """What reads settings of a checkpoint, which may be of any type in files that are wrong: then it raises ModelError."""

    @wraps(read)
    def blamed(checkpoint: Checkpoint, /, *args: P.args, **options: P.kwargs) -> T:
        try:
            return read(checkpoint, *args, **options)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise checkpoint.blame(error) from error

    return blamed


def _inside(file: PurePosixPath, folders: Iterable[str]) -> bool:
    """Whether a file is in one of the folders, or below one that is not the model's own."""
    return any(file.parent == PurePosixPath(folder) or (folder and file.is_relative_to(folder)) for folder in folders)


def _is_safe(file: PurePosixPath) -> bool:
    return file.suffix == ".safetensors"


def _header(path: Path) -> bytes:
    """The start of a safetensors file, which says what is in it."""
    with path.open("rb") as file:
        length = file.read(8)
        return length + file.read(min(int.from_bytes(length, "little"), 100_000_000))


def lacks_pooler(checkpoint: Checkpoint) -> ModelError:
    """The error for the view `pooler` of a model whose weights hold none."""
    return ModelError(f"model {checkpoint.label!r} has no pooler weights; choose pooling=cls for its raw [CLS] state, or another pooling")
