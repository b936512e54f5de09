"""Which prompts mteb puts before the texts of its STS and pair-classification tasks, for each model whose loader is understood here.

`python plugins/stsbench-transformers/tests/mteb_facts.py` writes them anew, which is due when another mteb is pinned.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

FACTS = Path(__file__).parents[1] / "src" / "stsbench_transformers" / "known" / "mteb_prompts.json"
TYPES: tuple[Literal["STS", "PairClassification"], ...] = ("STS", "PairClassification")


@cache
def tasks() -> tuple[Any, ...]:
    """Every task of these types that reads texts alone."""
    import mteb

    read = mteb.get_tasks(task_types=list(TYPES), modalities=["text"], exclusive_modality_filter=True, exclude_superseded=False)
    return tuple(sorted(read, key=lambda task: str(task.metadata.name)))


def registry() -> dict[str, Any]:
    """What mteb knows of each model, by name."""
    return dict(import_module("mteb.models.get_model_meta").MODEL_REGISTRY)


def sides(task: Any) -> tuple[Any, Any]:
    """The prompt types of a task's left and right texts, where it has any."""
    return getattr(task, "input1_prompt_type", None), getattr(task, "input2_prompt_type", None)


def models() -> Iterator[tuple[str, Any]]:
    """The models of the registry, by name, as objects that resolve prompts as mteb's loaders do, without their weights."""
    from mteb.models.instruct_wrapper import InstructSentenceTransformerModel
    from mteb.models.model_implementations.qwen3_models import instruction_template

    for name, meta in sorted(registry().items()):
        loader, options = getattr(meta.loader, "__name__", ""), dict(meta.loader_kwargs or {})
        if loader in ("SentenceTransformerEncoderWrapper", "NomicWrapper"):
            yield name, dict(options.get("model_prompts") or {})
        elif loader in ("InstructSentenceTransformerModel", "q3e_instruct_loader"):
            if loader == "q3e_instruct_loader":
                options = {"instruction_template": instruction_template, "apply_instruction_to_passages": False, **options}
            model = object.__new__(InstructSentenceTransformerModel)
            model.instruction_template = options.get("instruction_template")
            model.prompts_dict = options.get("prompts_dict")
            model.apply_instruction_to_passages = options.get("apply_instruction_to_passages", True)
            if priority := options.get("prompt_priority"):
                model.prompt_priority = priority
            yield name, model


def resolve(model: Any, task: Any, side: Any) -> str:
    """The prompt that mteb puts before the texts of one side of a task."""
    from mteb.models.abs_encoder import get_prompt_name
    from mteb.types import PromptType

    if isinstance(model, dict):
        return str(model.get(get_prompt_name(model, task.metadata, side) or "", ""))
    if side == PromptType.document and not model.apply_instruction_to_passages:
        return ""
    return str(model.get_task_instruction(task.metadata, side) or "")


def read_prompts(model: Any) -> Mapping[str, str]:
    """Prompts by a task's name with its side, a task's name, or a type: what no shorter name says already is under a longer one."""
    prompts: dict[str, str] = {}
    if isinstance(model, dict):
        named = {str(task.metadata.name) for task in tasks()}
        kinds = {*TYPES, *(f"{kind}-{side}" for kind in TYPES for side in ("query", "document")), "query", "document"}
        return {name: text for name, text in sorted(model.items()) if name in kinds or name.rpartition("-")[0] in named or name in named}
    for kind in TYPES:
        of_kind = [task for task in tasks() if task.metadata.type == kind and sides(task) == (None, None)]
        given = [resolve(model, task, None) for task in of_kind]
        prompts[kind] = max(set(given), key=lambda text: (given.count(text), text))
        prompts |= {str(task.metadata.name): text for task, text in zip(of_kind, given, strict=True) if text != prompts[kind]}
    for task in tasks():
        for side in filter(None, sides(task)):
            prompts[f"{task.metadata.name}-{side.value}"] = resolve(model, task, side)
    return prompts


def extract() -> dict[str, Any]:
    """The facts as they are kept: models that share a set of prompts, or a set of prompts around which they put their own words."""
    sets: dict[str, list[str]] = {}
    for name, model in models():
        sets.setdefault(json.dumps(read_prompts(model)), []).append(name)
    return {
        "source": f"mteb {version('mteb')}, the registry of models and of tasks; extracted by tests/mteb_facts.py",
        "sets": [{"models": names, "prompts": json.loads(prompts)} for prompts, names in sets.items()],
    }


if __name__ == "__main__":
    FACTS.write_text(json.dumps(extract(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
