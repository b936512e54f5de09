"""mteb on the seven tasks: its own `evaluate`, with data put in place in memory and no result cache."""

from __future__ import annotations

import json

import mteb
from datasets import Dataset, DatasetDict
from rows import FOLDERS, arguments, read
from sentence_transformers import SentenceTransformer


def main() -> None:
    given = arguments()
    model = SentenceTransformer(given.model, device="cpu")
    tasks = [mteb.get_task(name) for name in FOLDERS]
    for task in tasks:
        task.dataset = DatasetDict({"test": Dataset.from_list(read(given.mirror, task.metadata.name, given.limit))})
        task.data_loaded = True
    # without cache=None it would return what an earlier run, or another local checkpoint, left in its result cache
    results = mteb.evaluate(
        model, tasks, cache=None, co2_tracker=False, encode_kwargs={"batch_size": 32, "show_progress_bar": False}, show_progress_bar=False
    )
    spearman = {result.task_name: result.scores["test"][0]["cosine_spearman"] for result in results.task_results}
    print(json.dumps({"spearman": spearman}))


if __name__ == "__main__":
    main()
