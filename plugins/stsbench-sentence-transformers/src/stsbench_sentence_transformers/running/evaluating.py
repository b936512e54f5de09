"""The library's evaluator of a measure: what its trainers call while they train. Importing this imports the library."""

from __future__ import annotations

import csv
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sentence_transformers import SparseEncoder
from sentence_transformers.base.evaluation import BaseEvaluator

from stsbench.plugin import Gauge

LOG = logging.getLogger("stsbench")
FILE = "stsbench_results.csv"


class TrainedModel:
    """A model as it is now, encoding without a bar."""

    def __init__(self, model: Any, batch_size: int) -> None:
        self._model, self._batch_size = model, batch_size

    def encode(self, texts: Sequence[str]) -> Any:
        """One row a text; sparse ones as dense ones, which are all that an object may give."""
        dense: dict[str, Any] = {"convert_to_sparse_tensor": False} if isinstance(self._model, SparseEncoder) else {}
        return self._model.encode(list(texts), batch_size=self._batch_size, show_progress_bar=False, **dense)


class BenchmarkEvaluator(BaseEvaluator):
    """Measures the model that is trained, and adds a row to a file where it is told a folder for it.

    `verdict` is what the last measurement says of the model against a baseline, if there is one: better, equivalent, not worse, worse, or
    cannot tell; `outcome` says whether it is not worse by the margin: met, not met, or cannot tell.
    """

    def __init__(self, measure: Gauge, batch_size: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # the library's
        self.name = measure.name  # what a model card calls the data
        self.primary_metric: str = measure.main
        self.verdict: str | None = None
        self.outcome: str | None = None
        self._measure, self._batch_size = measure, batch_size

    def __call__(self, model: Any, output_path: str | None = None, epoch: float = -1, steps: int = -1) -> dict[str, float]:
        """The figures of the model as it is."""
        measured = self._measure.of(TrainedModel(model, self._batch_size))
        self.verdict, self.outcome = measured.verdict, measured.outcome
        LOG.info("epoch %s, step %s: %s %.6f", epoch, steps, self.primary_metric, measured.figures[self.primary_metric])
        if output_path is not None:
            self._write(Path(output_path) / FILE, [epoch, steps, *map(measured.figures.get, self._measure.names), measured.verdict])
        figures = {name: float(value) for name, value in measured.figures.items()}
        self.store_metrics_in_model_card_data(model, figures, epoch, steps)  # type: ignore[arg-type]  # its trainers give parts of an epoch
        return figures

    def _write(self, path: Path, row: Sequence[object]) -> None:
        """Add a row, below a header where the file is new."""
        path.parent.mkdir(parents=True, exist_ok=True)
        new = not path.exists()
        with path.open("a", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerows([*([["epoch", "steps", *self._measure.names, "verdict"]] if new else []), row])

    @property
    def description(self) -> str:
        """What a model card calls it."""
        return "Semantic Similarity"
