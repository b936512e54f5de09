"""Checkpoints made from cases: a transformer, modules on top, and what was done to the files afterwards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .base import save_base
from .case import Case
from .edits import EDITS
from .stacks import make_module, make_whole


def build(case: Case, folder: Path) -> Path:
    """The folder of the case's model, saved inside `folder`; the same case gives the same weights."""
    import torch

    with torch.random.fork_rng():
        torch.manual_seed(0)
        target = _save(case, folder)
    for name, changed in case.files.items():
        path = target / name
        before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        path.write_text(json.dumps({**before, **changed}), encoding="utf-8")
    for edit in case.edits:
        EDITS[edit](target)
    return target


def _save(case: Case, folder: Path) -> Path:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Transformer

    base, target = folder / "base", folder / case.name
    if case.family:
        save_base(case, base if case.modules else target)
    if case.modules:
        modules: list[Any] = [Transformer(str(base), **case.transformer)] if case.family else []
        for words in case.modules:
            modules.append(make_module(words, modules, folder))
        SentenceTransformer(modules=modules, device="cpu", **case.library).save_pretrained(str(target), create_model_card=False)
    elif not case.family:
        make_whole(case.name, target)
    return target
