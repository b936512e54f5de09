"""What is imported when."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from stsbench.plugin import Location

HEAVY = "torch", "transformers", "sentence_transformers", "tokenizers", "huggingface_hub"
SCRIPT = """
import json, sys
from pathlib import Path
folder = Path(sys.argv[1])
import stsbench_sentence_transformers.plugin as plugin
print(sorted(set(sys.argv[2:]) & set(sys.modules)), len(list(plugin.stsbench_encoders())))
from stsbench.plugin import Location
from stsbench_sentence_transformers.encoder import SentenceEncoder
encoder = SentenceEncoder(Location("m", path=folder, digest="0"))
print(sorted({"torch", "transformers", "sentence_transformers"} & set(sys.modules)), encoder.views, dict(encoder.prompts)["query"])
"""


def test_importing_and_building_import_no_torch(make_tiny: Callable[..., Path]) -> None:
    folder = make_tiny(prompts={"query": "q: "})
    done = subprocess.run([sys.executable, "-c", SCRIPT, str(folder), *HEAVY], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[] 3", "[] ('sentence',) q: "]


CONVERTED = """
import sys
from pathlib import Path
from stsbench.plugin import Location
from stsbench_sentence_transformers.encoder import SentenceEncoder
encoder = SentenceEncoder(Location("m", path=Path(sys.argv[1]), digest="0"), cache_dir=sys.argv[2])
print(encoder.encode(["a man"], views=("sentence",)).vectors["sentence"].shape, encoder.provenance["backend"])
print(sorted({"torch", "transformers", "sentence_transformers"} & set(sys.modules)))
"""


def test_a_bert_is_run_without_torch_once_transformers_said_how_it_tokenises(minilm: Location, tmp_path: Path) -> None:
    pytest.importorskip("openvino", reason="needs the extra stsbench-transformers[openvino]")
    for imported in ("['torch', 'transformers']", "[]"):
        done = subprocess.run(
            [sys.executable, "-c", CONVERTED, str(minilm.path), str(tmp_path)], capture_output=True, text=True, check=True
        )
        assert done.stdout.splitlines() == ["(1, 384) openvino", imported]
        assert done.stderr == ""


def test_the_entry_point_leads_to_the_component() -> None:
    (entry,) = entry_points(group="stsbench", name="sentence-transformers")
    component, *others = entry.load().stsbench_encoders()
    assert [one.name for one in (component, *others)] == ["sentence-transformers", "sparse-encoder", "multi-vector"]
    assert component.gives == {"vectors", "tokens"}
    kinds = {option.name: option.kind.value for option in component.options}
    assert {name for name, kind in kinds.items() if kind == "execution"} == {
        "device",
        "batch_size",
        "batch_tokens",
        "threads",
        "backend",
        "cache_dir",
    }
    assert {name for name, kind in kinds.items() if kind == "identity"} == {
        "revision",
        "dtype",
        "max_length",
        "weights",
        "normalize",
        "trust_remote_code",
    }
