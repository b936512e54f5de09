"""The evaluator `sentence-transformers`: benchmarks for the library's trainers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stsbench.plugin import Execution, Gauge, OptionError


@dataclass(frozen=True, kw_only=True)
class TrainerEvaluator:
    """An evaluator for the trainers of SentenceTransformer and SparseEncoder.

    The model encodes as `model.encode(texts)` does, with its default prompt, `batch_size` texts at a time. A trainer that is told where to
    write has a row a measurement in `stsbench_results.csv`.
    """

    batch_size: Execution[int] = 32

    def __post_init__(self) -> None:
        if self.batch_size < 1:
            raise OptionError(f"batch_size is a number of texts of at least 1, not {self.batch_size}")

    def evaluating(self, measure: Gauge) -> Any:
        """A BaseEvaluator of the library, which this imports."""
        from stsbench_sentence_transformers.running.evaluating import BenchmarkEvaluator

        return BenchmarkEvaluator(measure, self.batch_size)
