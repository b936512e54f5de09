"""Fine-tune a sentence encoder on STS-B, and say what it gained on pairs that it has not seen.

    python plugins/stsbench-sentence-transformers/examples/finetune.py --model sentence-transformers/all-MiniLM-L6-v2 --out tuned

Stopped, and started again with the same options, it goes on from its last checkpoint. The folder `tuned/model` holds the model and
`stsbench.json`, by which stsbench knows what it was trained on; beside it are the ROC curves of before and after, and the loss.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import stsbench
from stsbench.api.beyond import measure
from stsbench.audit.beyond import roc_plot
from stsbench.builtin.page.drawing import write_plot
from stsbench.runner.request import Request
from stsbench.runner.system import Choice

TRAIN, DEV, SUITE = "STSBenchmark:train", "STSBenchmark:validation", "sts-english"
UNSEEN = f"unseen,of=STSBenchmark,by={TRAIN}"
CARD = """---
library_name: sentence-transformers
pipeline_tag: sentence-similarity
base_model: {base}
datasets:
- mteb/stsbenchmark-sts
---
{base}, fine-tuned on the train split of STS-B with the loss CosineSimilarityLoss. `stsbench.json` names what it was trained on.
"""


@dataclass(frozen=True)
class Recipe:
    """What is trained, and how long: `base` is a folder or a hub id, `steps` ends the training early."""

    base: str
    out: Path
    epochs: int = 1
    batch_size: int = 32
    learning_rate: float = 2e-5
    steps: int = -1
    seed: int = 0

    @property
    def model(self) -> Path:
        """The folder of the trained model."""
        return self.out / "model"

    @property
    def checkpoints(self) -> Path:
        """Where the training goes on from; gone once it ended, since the library writes examples of the texts into it."""
        return self.out / "checkpoints"


def train(recipe: Recipe, session: stsbench.Session) -> list[dict[str, Any]]:
    """Train the model, or go on with it, and save it; what the trainer logged."""
    from datasets import Dataset
    from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, SentenceTransformerTrainingArguments
    from sentence_transformers.sentence_transformer.losses import CosineSimilarityLoss
    from transformers.trainer_utils import get_last_checkpoint

    pairs = session.benchmark(TRAIN).parts[0].pairs
    data = Dataset.from_dict({"left": pairs.left, "right": pairs.right, "label": (pairs.gold / 5).tolist()})
    model = SentenceTransformer(recipe.base, device="cpu")
    evaluator = stsbench.as_evaluator(DEV, session=session)
    whole = recipe.steps if recipe.steps > 0 else recipe.epochs * -(-len(data) // recipe.batch_size)
    often = max(1, whole // 3)
    saved: dict[str, Any] = {"eval_strategy": "steps", "eval_steps": often, "save_steps": often, "save_total_limit": 2}
    best: dict[str, Any] = {"load_best_model_at_end": True, "metric_for_best_model": evaluator.primary_metric}
    quiet: dict[str, Any] = {"report_to": [], "use_cpu": True, "logging_steps": max(1, whole // 30)}
    arguments = SentenceTransformerTrainingArguments(
        str(recipe.checkpoints),
        num_train_epochs=recipe.epochs,
        max_steps=recipe.steps,
        per_device_train_batch_size=recipe.batch_size,
        learning_rate=recipe.learning_rate,
        warmup_steps=whole // 10,
        seed=recipe.seed,
        **saved,
        **best,
        **quiet,
    )
    trainer = SentenceTransformerTrainer(model, arguments, train_dataset=data, loss=CosineSimilarityLoss(model), evaluator=evaluator)
    last = get_last_checkpoint(str(recipe.checkpoints)) if recipe.checkpoints.is_dir() else None
    trainer.train(resume_from_checkpoint=last)
    model.save_pretrained(str(recipe.model), create_model_card=False)  # the library's own card holds training texts
    name = Path(recipe.base).name if Path(recipe.base).is_dir() else recipe.base
    (recipe.model / "README.md").write_text(CARD.format(base=name), encoding="utf-8")
    (recipe.model / "stsbench.json").write_text(json.dumps({"trained_on": [TRAIN]}) + "\n", encoding="utf-8")
    shutil.rmtree(recipe.checkpoints)
    return list(trainer.state.log_history)


def shared(session: stsbench.Session) -> dict[str, tuple[int, int]]:
    """How many pairs of each benchmark of the suite are among those of the training data, and how many it has."""
    seen = set(session.benchmark(TRAIN).parts[0].pairs.keys)
    loaded = session.load([SUITE])
    return {
        benchmark.name: (
            sum(key in seen for part in benchmark.parts for key in part.pairs.keys),
            sum(len(part.pairs) for part in benchmark.parts),
        )
        for benchmark in loaded
    }


def loss_plot(log: list[dict[str, Any]]) -> dict[str, Any]:
    """The training loss by step, as a Vega-Lite specification."""
    values = [{"step": row["step"], "loss": row["loss"]} for row in log if "loss" in row]
    axes = {name: {"field": name, "type": "quantitative", "scale": {"zero": name == "step"}} for name in ("step", "loss")}
    encoding = {"x": axes["step"], "y": axes["loss"]}
    shape = {"width": 420, "height": 260, "mark": {"type": "line", "point": True}}
    return {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", "background": "white", "data": {"values": values}, **shape} | {
        "encoding": encoding
    }


def report(recipe: Recipe, session: stsbench.Session) -> str:
    """Before and after on pairs that were not trained on, with the ROC curves of both drawn beside the model."""
    kind = "./" if not recipe.base.startswith(("/", "./", "../", "~")) and Path(recipe.base).is_dir() else ""
    systems = {"before": f"{kind}{recipe.base}", "after": str(recipe.model.resolve())}
    choices = tuple(Choice(f"sentence-transformers:{folder}", ("cosine",), label=label) for label, folder in systems.items())
    request = Request(choices, (UNSEEN,))
    compared = session.run(request).compare()
    curves = [cell.figures.detection.curve for cell in measure(request, session) if cell.figures is not None]
    write_plot(recipe.out / "roc.svg", roc_plot([(name, curve) for name, curve in zip(systems, curves, strict=True) if curve is not None]))
    lines = [f"{name}: {count} of {of} pairs are among the training pairs" for name, (count, of) in shared(session).items()]
    return "\n".join([compared.sentence(), *lines]) + "\n"


def main(arguments: list[str] | None = None) -> None:
    """Train, then print what came of it."""
    parser = argparse.ArgumentParser(description="Fine-tune a sentence encoder on STS-B; say what it gained on pairs it has not seen.")
    parser.add_argument("--model", default="sentence-transformers/all-MiniLM-L6-v2", help="folder or hub id of what is fine-tuned")
    parser.add_argument("--out", type=Path, default=Path("tuned"), help="folder to write")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--steps", type=int, default=-1, help="steps to make at most; default: what the epochs take")
    parser.add_argument("--threads", type=int, help="processors to use; default: what the library takes")
    parser.add_argument("--mirror", help="folder with the benchmarks; default: the hub")
    given = parser.parse_args(arguments)
    if given.threads:
        import torch

        torch.set_num_threads(given.threads)
    recipe, session = Recipe(given.model, given.out, given.epochs, steps=given.steps), stsbench.Session.opened(mirror=given.mirror)
    if not (recipe.model / "stsbench.json").is_file():
        write_plot(recipe.out / "loss.svg", loss_plot(train(recipe, session)))
    sys.stdout.write(report(recipe, session))


if __name__ == "__main__":
    main()
