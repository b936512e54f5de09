"""sentence-transformers on the seven tasks: one EmbeddingSimilarityEvaluator a task, as its documentation shows; by any of its backends."""

from __future__ import annotations

import json

from rows import FOLDERS, arguments, read
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.evaluation import EmbeddingSimilarityEvaluator


def main() -> None:
    given = arguments()
    file = {"file_name": given.file} if given.file else {}
    model = SentenceTransformer(given.model, device="cpu", backend=given.backend, model_kwargs=file)
    spearman = {}
    for task in FOLDERS:
        rows = read(given.mirror, task, given.limit)
        left, right, gold = ([row[name] for row in rows] for name in ("sentence1", "sentence2", "score"))
        evaluator = EmbeddingSimilarityEvaluator(left, right, gold, batch_size=32, similarity_fn_names=["cosine"], write_csv=False)
        spearman[task] = evaluator(model)["spearman_cosine"]
    print(json.dumps({"spearman": spearman}))


if __name__ == "__main__":
    main()
