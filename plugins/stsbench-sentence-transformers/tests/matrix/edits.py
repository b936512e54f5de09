"""What is done to the files of a model after it was saved."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def _weights(folder: Path) -> dict[str, Tensor]:
    from safetensors.torch import load_file

    return dict(load_file(folder / "model.safetensors"))


def _write(folder: Path, tensors: dict[str, Tensor]) -> None:
    from safetensors.torch import save_file

    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def _teacher(folder: Path) -> None:
    weights, scales = _weights(folder), {"teacher": 0.5, "student": 1.0}
    _write(folder, {f"{prefix}.{name}": one * scale for prefix, scale in scales.items() for name, one in weights.items()})


def _own_prefix(folder: Path) -> None:
    _write(folder, {f"bert.{name}": one for name, one in _weights(folder).items()})


def _own_prefix_and_teacher(folder: Path) -> None:
    student = _weights(folder)
    teacher = {f"a_teacher.{name}": one * 0.5 for name, one in student.items()}
    _write(folder, {**{f"bert.{name}": one for name, one in student.items()}, **teacher})


def _sharded(folder: Path) -> None:
    from safetensors.torch import save_file

    weights = _weights(folder)
    names, parts = sorted(weights), {}
    for row, half in enumerate((names[::2], names[1::2]), start=1):
        file = f"model-{row:05d}-of-00002.safetensors"
        save_file({name: weights[name] for name in half}, folder / file, metadata={"format": "pt"})
        parts.update(dict.fromkeys(half, file))
    index = {"metadata": {"total_size": 0}, "weight_map": parts}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    (folder / "model.safetensors").unlink()


def _bfloat16(folder: Path) -> None:
    import torch

    _write(folder, {name: one.to(torch.bfloat16) for name, one in _weights(folder).items()})


def _bfloat16_dense(folder: Path) -> None:
    (dense,) = folder.glob("*_Dense")
    _bfloat16(dense)


def _adapter(folder: Path) -> None:
    import torch
    from safetensors.torch import save_file

    base = shutil.copytree(folder, folder.with_name(f"{folder.name}-base"))
    config = {"peft_type": "LORA", "r": 2, "lora_alpha": 4, "target_modules": ["query"], "base_model_name_or_path": str(base)}
    (folder / "adapter_config.json").write_text(json.dumps(config), encoding="utf-8")
    names = [f"base_model.model.encoder.layer.{row}.attention.self.query.lora" for row in (0, 1)]
    shapes = {"A": (2, 32), "B": (32, 2)}
    tensors = {f"{name}_{part}.weight": torch.ones(shape) for name in names for part, shape in shapes.items()}
    save_file(tensors, folder / "adapter_model.safetensors")


def _adapter_alone(folder: Path) -> None:
    _adapter(folder)
    (folder / "model.safetensors").unlink()
    (folder / "config.json").unlink()


def _pickled(folder: Path) -> None:
    import torch

    torch.save(_weights(folder), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()


def _linked(folder: Path) -> None:
    elsewhere = folder.with_name(f"{folder.name}-elsewhere")
    folder.rename(elsewhere)
    folder.mkdir()
    for path in sorted(elsewhere.iterdir()):
        (folder / path.name).symlink_to(path, target_is_directory=path.is_dir())


def _inside(folder: Path) -> None:
    """The transformer of `modules.json` lies in a folder of its own, as older versions of the library saved it."""
    inner = folder / "0_Transformer"
    inner.mkdir()
    modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
    kept = {"modules.json", "config_sentence_transformers.json", "README.md"}
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.name not in kept:
            path.rename(inner / path.name)
    modules[0]["path"] = "0_Transformer"
    (folder / "modules.json").write_text(json.dumps(modules), encoding="utf-8")


def _no_tokenizer_json(folder: Path) -> None:
    tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    pieces = sorted(tokenizer["model"]["vocab"].items(), key=lambda one: one[1])
    (folder / "vocab.txt").write_text("\n".join(piece for piece, _ in pieces) + "\n", encoding="utf-8")
    (folder / "tokenizer.json").unlink()


def _change_tokenizer(folder: Path, change: Callable[[dict[str, object]], None]) -> None:
    path = folder / "tokenizer.json"
    tokenizer = json.loads(path.read_text(encoding="utf-8"))
    change(tokenizer)
    path.write_text(json.dumps(tokenizer), encoding="utf-8")


def _other_post_processor(folder: Path) -> None:
    """A tokenizer file whose special tokens stand elsewhere than its class would put them."""
    specials = {"[SEP]": {"id": "[SEP]", "ids": [2], "tokens": ["[SEP]"]}}
    single = [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}]
    pair = [*single, {"Sequence": {"id": "B", "type_id": 1}}]
    _change_tokenizer(
        folder,
        lambda one: one.update(post_processor={"type": "TemplateProcessing", "single": single, "pair": pair, "special_tokens": specials}),
    )


def _no_post_processor(folder: Path) -> None:
    _change_tokenizer(folder, lambda one: one.update(post_processor=None))


def _other_normalizer(folder: Path) -> None:
    more = {"type": "Sequence", "normalizers": [{"type": "Replace", "pattern": {"String": "a"}, "content": "e"}, {"type": "Lowercase"}]}
    _change_tokenizer(folder, lambda one: one.update(normalizer=more))


def _truncation_and_padding(folder: Path) -> None:
    """A tokenizer file that cuts and pads by itself, as one does that was saved while it was in use."""
    cut = {"direction": "Right", "max_length": 12, "strategy": "LongestFirst", "stride": 0}
    fill = {
        "strategy": {"Fixed": 40},
        "direction": "Right",
        "pad_to_multiple_of": None,
        "pad_id": 0,
        "pad_type_id": 0,
        "pad_token": "[PAD]",
    }
    _change_tokenizer(folder, lambda one: one.update(truncation=cut, padding=fill))


def _added_elsewhere(folder: Path) -> None:
    """Tokens that `tokenizer_config.json` adds and `tokenizer.json` has not."""
    path = folder / "tokenizer_config.json"
    settings = json.loads(path.read_text(encoding="utf-8"))
    count = json.loads((folder / "config.json").read_text(encoding="utf-8"))["vocab_size"]
    listed = {"content": "<ent>", "lstrip": False, "rstrip": False, "normalized": False, "single_word": False, "special": False}
    settings["added_tokens_decoder"] = {**settings.get("added_tokens_decoder", {}), str(count - 1): listed}
    path.write_text(json.dumps(settings), encoding="utf-8")


def _added_file(folder: Path) -> None:
    """Tokens in `added_tokens.json`, as slow tokenizers were saved."""
    count = json.loads((folder / "config.json").read_text(encoding="utf-8"))["vocab_size"]
    (folder / "added_tokens.json").write_text(json.dumps({"<ent>": count - 1}), encoding="utf-8")


EDITS: dict[str, Callable[[Path], None]] = {
    "teacher beside student": _teacher,
    "own prefix": _own_prefix,
    "own prefix, and a teacher": _own_prefix_and_teacher,
    "two shards": _sharded,
    "bfloat16": _bfloat16,
    "dense in bfloat16": _bfloat16_dense,
    "adapter": _adapter,
    "adapter alone": _adapter_alone,
    "pickled": _pickled,
    "linked": _linked,
    "transformer in a folder": _inside,
    "no tokenizer.json": _no_tokenizer_json,
    "another post-processor": _other_post_processor,
    "no post-processor": _no_post_processor,
    "another normalizer": _other_normalizer,
    "cuts and pads by itself": _truncation_and_padding,
    "added in tokenizer_config.json": _added_elsewhere,
    "added in added_tokens.json": _added_file,
}
