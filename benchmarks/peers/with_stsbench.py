"""`stsbench run` with the arguments given, in this very process; then its Spearman values and which heavy libraries it imported."""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stdout

from stsbench.__main__ import main as stsbench

HEAVY = ("torch", "transformers", "sentence_transformers")


def main() -> None:
    sys.argv = ["stsbench", "run", *sys.argv[1:], "--json"]
    with redirect_stdout(io.StringIO()) as document:
        try:
            stsbench()
        except SystemExit as end:
            if end.code:
                raise
    cells = json.loads(document.getvalue())["cells"]
    spearman = {cell["benchmark"]: cell["spearman"] for cell in cells if cell["similarity"] == "cosine"}
    print(json.dumps({"spearman": spearman, "imported": [name for name in HEAVY if name in sys.modules]}))


if __name__ == "__main__":
    main()
