"""A model of mteb, loaded by its own loader at the first call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np

from stsbench.plugin import Flags, Float32, ModelError
from stsbench_mteb.fence import fenced
from stsbench_mteb.quiet import quiet, without_vain_tries

if TYPE_CHECKING:
    from mteb.abstasks.task_metadata import TaskMetadata
    from mteb.models import ModelMeta


@dataclass(frozen=True)
class RunningEntry:
    """Who runs what, and for which task; `place` is the hub id or the folder."""

    meta: ModelMeta
    place: str
    metadata: TaskMetadata
    device: str | None
    batch_size: int
    hosts: Sequence[str] = ()  # of a service, which is held to them

    @cached_property
    def model(self) -> Any:
        """The model of mteb; raises ModelError where it cannot be had at the commit that the registry pins."""
        name = self.meta.name
        entry = self.meta.model_copy(update={"name": self.place, "revision": self.meta.revision if self.place == name else None})
        from_hub = self.place == name and not self.hosts
        try:
            with self._held(), quiet(models=True), without_vain_tries() if from_hub else nullcontext():
                model = entry.load_model(device=self.device)
        except (OSError, ValueError, ImportError, RuntimeError, KeyError) as error:
            raise ModelError(
                f"mteb cannot load {name} ({type(error).__name__}); check the network, or what mteb says of its entry"
            ) from error
        given = _commit(model)
        if self.place == name and given not in (None, self.meta.revision):
            raise ModelError(
                f"{name} was loaded at {given} where mteb's registry pins {self.meta.revision}; clear the cache of the hub's client"
            )
        return model

    @property
    def is_loaded(self) -> bool:
        """Whether the model is in memory."""
        return "model" in vars(self)

    def load(self) -> None:
        """Load the model."""
        self.model  # noqa: B018 - kept

    def close(self) -> None:
        """Let go of the model."""
        vars(self).pop("model", None)

    @property
    def prompt(self) -> str | None:
        """What mteb puts before each text of the task; None where its loader does not tell."""
        model = self.model
        if hasattr(model, "get_task_instruction") and getattr(model, "instruction_template", None) is not None:
            return str(model.get_task_instruction(self.metadata, None))
        if hasattr(model, "model_prompts"):
            named = model.get_prompt_name(self.metadata, None)
            return (model.model_prompts or {}).get(named, "") if named else ""
        return None

    @property
    def facts(self) -> Mapping[str, str]:
        """What is known of the loaded model; nothing before."""
        if not self.is_loaded:
            return {}
        inner = getattr(self.model, "model", None)
        facts = {"mteb prompt": self.prompt, "device": getattr(inner, "device", None), "dtype": getattr(inner, "dtype", None)}
        versions = {name: version(name) for name in ("mteb", "sentence-transformers", "transformers", "torch")}
        return {name: str(value) for name, value in facts.items() if value is not None} | versions

    def encode(self, texts: Sequence[str], prompt: str) -> Float32:
        """A row a text, in order; each distinct text is encoded once."""
        from datasets import Dataset
        from torch.utils.data import DataLoader

        distinct = {text: row for row, text in enumerate(dict.fromkeys(texts))}
        asked = [prompt + text for text in distinct] or ["a"]  # for the number of dimensions
        batches: Any = DataLoader(Dataset.from_dict({"text": asked}), batch_size=self.batch_size)
        model = self.model
        with self._held(), quiet(models=True):
            given = model.encode(
                batches,
                task_metadata=self.metadata,
                hf_split="test",
                hf_subset="default",
                prompt_type=None,
                batch_size=self.batch_size,
                show_progress_bar=False,
            )
        vectors = np.asarray(given.float().cpu() if hasattr(given, "cpu") else given, dtype=np.float32)
        return np.ascontiguousarray(vectors[[distinct[text] for text in texts]])

    def _held(self) -> AbstractContextManager[None]:
        """Around what a service's client does."""
        return fenced(str(self.meta.name), self.hosts) if self.hosts else nullcontext()

    def truncated(self, texts: Sequence[str], prompt: str) -> Flags | None:
        """Which texts are longer than the model takes, with the prompt before them; None where that cannot be told."""
        inner = getattr(self.model, "model", None)
        limit, tokenizer = (getattr(inner, name, None) for name in ("max_seq_length", "tokenizer"))
        before = self.prompt
        if limit is None or before is None or not callable(tokenizer):
            return None
        given = [before + prompt + text for text in texts]
        encoded = tokenizer(given, add_special_tokens=True, truncation=False, verbose=False)["input_ids"] if given else []
        return np.array([len(ids) > limit for ids in encoded], dtype=np.bool_)


def _commit(model: Any) -> str | None:
    """The commit of the weights, as transformers keeps it; None where there is none."""
    try:
        configuration = model.model[0].auto_model.config
    except (AttributeError, TypeError, IndexError, KeyError):
        return None
    return getattr(configuration, "_commit_hash", None)
