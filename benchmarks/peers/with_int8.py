"""sentence-transformers on an int8 file by its own backend: seconds of processor for some texts, after a few to warm up.

python benchmarks/peers/with_int8.py FOLDER openvino|onnx FILE TEXTS.json

In an environment of its own: `optimum-intel[openvino]` holds transformers below 5.6, `optimum-onnx[onnxruntime]` below 4.58.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from time import process_time

from sentence_transformers import SentenceTransformer


def main() -> None:
    folder, backend, file, listed = sys.argv[1:5]
    texts = json.loads(Path(listed).read_text(encoding="utf-8"))
    model = SentenceTransformer(folder, backend=backend, device="cpu", model_kwargs={"file_name": file})  # type: ignore[arg-type]
    model.encode(texts[:40])
    turns = []
    for _ in range(3):
        start = process_time()
        model.encode(texts, batch_size=32)
        turns.append(round(process_time() - start, 2))
    print(json.dumps({"backend": backend, "texts": len(texts), "seconds of processor": turns}))


if __name__ == "__main__":
    main()
