"""What is imported when."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points

HEAVY = "torch", "transformers", "sentence_transformers", "tokenizers", "huggingface_hub"
SCRIPT = """
import json, sys
from pathlib import Path
folder = Path(sys.argv[1])
import stsbench_sentence_transformers.plugin as plugin
print(sorted(set(sys.argv[2:]) & set(sys.modules)), len(list(plugin.stsbench_encoders())))
from stsbench.plugin import Location
encoder = plugin.sentence_transformers(Location("m", path=folder, digest="0"))
print(sorted({"torch", "transformers", "sentence_transformers"} & set(sys.modules)), encoder.views, dict(encoder.prompts)["query"])
"""


def test_importing_and_building_import_no_torch(make_tiny):
    folder = make_tiny(prompts={"query": "q: "})
    done = subprocess.run([sys.executable, "-c", SCRIPT, str(folder), *HEAVY], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[] 1", "[] ('sentence',) q: "]


def test_the_entry_point_leads_to_the_component():
    (entry,) = entry_points(group="stsbench", name="sentence-transformers")
    (component,) = entry.load().stsbench_encoders()
    assert component.name == "sentence-transformers"
    assert component.gives == {"vectors"}
    kinds = {option.name: option.kind.value for option in component.options}
    assert {name for name, kind in kinds.items() if kind == "execution"} == {"device", "batch_size"}
    assert {name for name, kind in kinds.items() if kind == "identity"} == {
        "revision",
        "dtype",
        "truncate_dim",
        "max_length",
        "normalize",
        "trust_remote_code",
    }
