"""Cross-encoders as pair scorers: both texts go through the model together, in both orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from stsbench.plugin import Execution, Fingerprint, Float32, Float64, OptionError
from stsbench_sentence_transformers.decided import DecidedModel

if TYPE_CHECKING:
    from stsbench_transformers.arithmetic import Arithmetic
    from stsbench_transformers.batching.batches import Packing
    from stsbench_transformers.checkpoints.decision import Decision


@dataclass(frozen=True, eq=False, kw_only=True)
class CrossScorer(DecidedModel):
    """Score of a cross-encoder of one label, which reads both texts together: the mean of both orders.

    Scores are what the model's own activation gives. How far apart both orders are is in the record's provenance. `max_length`
    counts the tokens of both texts and special ones; by default it is the model's own. Weights are read from safetensors only.
    A model that was trained on the pairs of a benchmark is no fair row there, and nothing in its files says so: declare it, as in
    `trained_on=STSBenchmark:train`, and its figures on data that share pairs with those are flagged `leaked`.
    """

    dtype: Literal["float32", "bfloat16", "float16"] = "float32"
    max_length: int | None = None
    device: Execution[str] = "auto"
    batch_size: Execution[int] = 32
    gaps: list[float] = field(default_factory=list, init=False, repr=False)  # between both orders, for the provenance alone

    def __post_init__(self) -> None:
        for name, value in {"batch_size": self.batch_size, "max_length": self.max_length}.items():
            if value is not None and value < 1:
                raise OptionError(f"option {name!r} must be at least 1, not {value}")
        _ = self.decision
        if self.checkpoint.folder is not None:
            self.checkpoint.require_safetensors(self.decision.folders)

    @cached_property
    def decision(self) -> Decision:
        """How it is run; raises ModelError."""
        from stsbench_sentence_transformers.reading.modules import read_crossing

        return read_crossing(self.checkpoint)

    @property
    def fingerprint(self) -> Fingerprint:
        """Weights, commit, dtype, truncation, and how the checkpoint is run."""
        return Fingerprint.of(
            weights=self.checkpoint.identity,
            revision=self.checkpoint.commit,
            dtype=self.dtype,
            arithmetic=self.arithmetic.identity,
            max_length=self.max_length or "model",
            decision=self.decision.identity,
        )

    @property
    def arithmetic(self) -> Arithmetic:
        """In what it computes, by which library, and where."""
        from stsbench_transformers.arithmetic import settle_library

        return settle_library(self.dtype, self.device)

    @property
    def runs_on(self) -> str:
        """What scores the pairs."""
        return f"sentence_transformers{self.arithmetic.foreseen}"

    @property
    def provenance(self) -> Mapping[str, str]:
        """Device, versions, and the mean and largest gap between both orders of a pair, once the model has scored."""
        if "loaded" not in vars(self):
            return {}
        import sentence_transformers
        import torch
        from stsbench_transformers.batching.batches import WHY

        gaps = np.asarray(self.gaps or [0.0])
        return {
            "device": str(self.loaded.device),
            **({"arithmetic": identity} if (identity := self.arithmetic.identity) else {}),
            "asymmetry.mean": f"{gaps.mean():.6f}",
            "asymmetry.max": f"{gaps.max():.6f}",
            "sentence_transformers": sentence_transformers.__version__,
            "torch": torch.__version__,
            **({"batches": WHY[self.packing]} if vars(self).get("packing", "padded") != "padded" else {}),
        }

    @cached_property
    def loaded(self) -> Any:
        """The loaded CrossEncoder."""
        from stsbench_sentence_transformers.running.loading import load_cross_encoder

        self.arithmetic.require()
        return load_cross_encoder(self.checkpoint, self.decision, dtype=self.dtype, device=self.device, max_length=self.max_length)

    @cached_property
    def packing(self) -> Packing:
        """Which pairs may share a batch, tried on the loaded model before its activation, which may hide differences."""
        from torch.nn import Identity

        from stsbench_sentence_transformers.running.alone import count_tokens, read_config, try_pairs

        def run(pairs: list[tuple[str, str]]) -> Float32:
            scores = self._run(pairs, activation_fn=Identity())
            return np.concatenate([scores, np.ones_like(scores)], axis=1)  # a score near zero is no measure of a difference

        return try_pairs(run, partial(count_tokens, self.loaded), self.dtype, read_config(self.loaded))

    def close(self) -> None:
        """Let go of the loaded model."""
        for name in ("loaded", "packing"):
            vars(self).pop(name, None)

    def score(self, left: Sequence[str], right: Sequence[str]) -> Float64:
        """The mean of both orders of each pair, float64[n], as the model's own activation gives it.

        Equal pairs are scored once; a score depends on other pairs only by rounding (batches are padded where that changes no more).
        """
        orders = [list(zip(left, right, strict=True)), list(zip(right, left, strict=True))]
        distinct = sorted({pair for order in orders for pair in order}, key=lambda pair: (-len(pair[0]) - len(pair[1]), pair))
        predicted = dict(zip(distinct, self._predict(distinct), strict=True))
        there, back = (np.array([predicted[pair] for pair in order], dtype=np.float64) for order in orders)
        self.gaps.extend(np.abs(there - back).tolist())
        mean: Float64 = (there + back) / 2.0
        return mean

    def _predict(self, pairs: list[tuple[str, str]]) -> list[float]:
        from stsbench_sentence_transformers.running.alone import count_tokens, spread

        if not pairs:
            return []
        scores = spread(self._run, partial(count_tokens, self.loaded), self.packing, pairs)
        return [float(score) for score in scores[:, 0]]

    def _run(self, pairs: list[tuple[str, str]], **options: Any) -> Float32:
        scores = self.loaded.predict(pairs, batch_size=self.batch_size, show_progress_bar=False, convert_to_numpy=True, **options)
        return np.asarray(scores).reshape(-1, 1)
