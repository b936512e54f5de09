"""The encoder `mteb-model`: a model of mteb's registry, loaded and prompted by mteb."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stsbench.plugin import Embeddings, Execution, Fingerprint, Flags, Location, ModelCard, ModelError, OptionError, host_of
from stsbench_mteb.naming import model_entry, task_class

if TYPE_CHECKING:
    from mteb.abstasks.task_metadata import TaskMetadata
    from mteb.models import ModelMeta

    from stsbench_mteb.running import RunningEntry

_PLAIN = ("SentenceTransformerEncoderWrapper", "InstructSentenceTransformerModel")  # loaders of mteb that run no code but the library's
_FENCED = ("OpenAIModel",)  # those of services whose clients keep to Python's sockets, so that a fence holds them
_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class RegistryModel:
    """A dense text model of mteb's registry, with the loader and the prompts that mteb gives it: `mteb-model:intfloat/e5-small-v2`.

    The registry pins its revision. A local folder is run as an entry says: `mteb-model:./folder,entry=intfloat/e5-small-v2`. Texts get
    the prompt that mteb chooses for `task` (prompts go by the task or its type; those of queries and documents reach no STS task), and
    a prompt of the system stands behind it. A model whose entry runs code from the hub, or whose loader is code of its own, is run only
    with `trust_remote_code=true`. One that is a service is run where its client can be held to hosts that `host=` names and
    --allow-network besides (`mteb-model:openai/text-embedding-3-small,host=api.openai.com`), and refused else.
    """

    model: Location
    _: KW_ONLY
    entry: str = ""
    task: str = "STSBenchmark"
    host: Sequence[str] = ()
    trust_remote_code: bool = False
    device: Execution[str] = "auto"
    batch_size: Execution[int] = 32

    views = ("sentence",)
    token_views = ()

    def __post_init__(self) -> None:
        if self.batch_size < 1:
            raise OptionError(f"option 'batch_size' must be at least 1, not {self.batch_size}")
        if self.model.path is not None and not (self.entry and self.model.path.is_dir()):
            raise OptionError("a local model is a folder, run as an entry of mteb's registry says; name that with entry=OWNER/NAME")
        if self.model.hub is not None and self.entry:
            raise OptionError("option 'entry' is for a local folder: a model of the hub is its own entry; leave it out")
        _ = self.metadata, self.hosts
        self._require_consent()

    @cached_property
    def meta(self) -> ModelMeta:
        """The entry of the registry; raises OptionError."""
        return model_entry(self.entry or str(self.model.hub))

    @cached_property
    def metadata(self) -> TaskMetadata:
        """The task that mteb chooses prompts for; raises OptionError."""
        kind = task_class(self.task, " for task=")
        if getattr(kind, "input1_prompt_type", None) != getattr(kind, "input2_prompt_type", None):
            raise OptionError(
                f"mteb prompts the two texts of a pair of {self.task} in two ways, which one encoder cannot; choose another task="
            )
        metadata: TaskMetadata = kind.metadata
        return metadata

    def _require_consent(self) -> None:
        """Raises OptionError or ModelError for a model that is no local encoder of texts, or runs code that nobody agreed to."""
        name = self.meta.name
        if self.host and not self._is_service:
            raise OptionError(f"option 'host' is for services, and {name} is none; leave it out")
        if self._is_service and not (self.host and self._holds):
            step = "take a component that names its host, such as openai:MODEL, or an open model"
            step = "name it, as in host=api.openai.com" if self._holds else f"nor can its client be held to one; {step}"
            raise ModelError(f"{name} is a service, and mteb does not say which host it would send texts to; {step}")
        if self.meta.model_type != ["dense"] or "text" not in self.meta.modalities or self.meta.loader is None:
            what = f"of the type {'+'.join(self.meta.model_type)} for {'+'.join(self.meta.modalities)}"
            raise ModelError(
                f"{name} is {what if self.meta.loader else 'not implemented in mteb'}; mteb-model runs dense encoders of texts"
            )
        if self._is_service:
            return
        if self.meta.loader_kwargs.get("trust_remote_code") and not self.trust_remote_code:
            raise ModelError(f"{name} runs Python code that comes with the model; read it, and add trust_remote_code=true if you trust it")
        if self.meta.loader.__name__ not in _PLAIN and not self.trust_remote_code:
            raise ModelError(
                f"{name} is loaded by code of its own in mteb, which may run code that comes with the model; "
                "add trust_remote_code=true if you trust both"
            )
        if self.model.hub is not None and not _COMMIT.fullmatch(self.meta.revision or ""):
            raise ModelError(f"mteb's registry pins no commit of {name}; download the model, and give its folder with entry={name}")
        if self.model.hub is not None and Path(self.model.hub).exists():
            raise ModelError(f"the working folder holds {self.model.hub}, which mteb would load in its place; run in another folder")

    @property
    def _is_service(self) -> bool:
        """Whether its loader asks a service: at a host from the environment or from a client's code, and wherever that leads.

        An entry that does not say so is one where the weights are nobody's, and the loader is none of a local library.
        """
        closed = self.meta.open_weights is False and self.meta.loader is not None and self.meta.loader.__name__ not in _PLAIN
        return "API" in self.meta.framework or closed

    @property
    def _holds(self) -> bool:
        """Whether the client of a service can be held to hosts."""
        return self.model.hub is not None and getattr(self.meta.loader, "__name__", "") in _FENCED

    @property
    def hosts(self) -> tuple[str, ...]:
        """Where texts are sent: nowhere, but for a service. Raises OptionError."""
        return tuple(host_of(f"https://{host}") for host in self.host)

    @property
    def tolerance(self) -> float | None:
        """What one text's vectors may differ by, relative to their length, where a service computes them."""
        return 0.02 if self.host else None

    @property
    def fingerprint(self) -> Fingerprint:
        """Weights (a commit, or the content of a folder), how mteb loads them, and the task that it prompts for."""
        return Fingerprint.of(
            weights=self.model.digest if self.model.path is not None else self.model.identity,
            revision=self.meta.revision if self.model.hub is not None else None,
            loader=_named(self.meta.loader),
            settings=_canonical(self.meta.loader_kwargs),
            task=f"{self.metadata.name} {self.metadata.type} {_canonical(self.metadata.prompt)}",
            trust_remote_code=self.trust_remote_code,
        )

    @property
    def decided(self) -> Mapping[str, str]:
        """How mteb runs the model, in words by name."""
        return {
            "entry": str(self.meta.name),
            "loader": self.meta.loader.__name__ if self.meta.loader else "",
            "prompts for": self.metadata.name,
        }

    @property
    def card(self) -> ModelCard:
        """What the registry says of the model."""
        return ModelCard(licence=self.meta.license, parameters=self.meta.n_parameters)

    @cached_property
    def running(self) -> RunningEntry:
        """The model as mteb loads it."""
        from stsbench_mteb.running import RunningEntry

        place = str(self.model.hub if self.model.path is None else self.model.path)
        return RunningEntry(self.meta, place, self.metadata, None if self.device == "auto" else self.device, self.batch_size, self.hosts)

    @property
    def provenance(self) -> Mapping[str, str]:
        """Prompt, device, dtype and library versions, once the model is loaded."""
        return self.running.facts

    def truncated(self, texts: Sequence[str], *, prompt: str = "") -> Flags | None:
        """Nothing is known of it before the model is loaded."""
        return self.running.truncated(texts, prompt) if self.running.is_loaded else None

    def prepare(self) -> None:
        """Load the model."""
        self.running.load()

    def close(self) -> None:
        """Let go of the loaded model."""
        self.running.close()

    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        """What mteb's model gives for each text with `prompt`, float32[u, d], in order."""
        if unknown := [view for view in views if view != "sentence"]:
            raise OptionError(f"mteb-model has the view sentence, not {unknown[0]!r}")
        vectors = self.running.encode(texts, prompt)
        return Embeddings({"sentence": vectors} if views else {}, truncated=self.running.truncated(texts, prompt))


def _named(value: Any) -> str:
    return f"{value.__module__}.{value.__qualname__}"


def _canonical(value: Any) -> str:
    """Settings of the registry as text that is the same in every process: functions by their names."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key!r}: {_canonical(inner)}" for key, inner in sorted(value.items())) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_canonical, value)) + "]"
    return _named(value) if hasattr(value, "__qualname__") else repr(value)
