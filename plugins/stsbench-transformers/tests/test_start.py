"""What is imported when."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = "torch", "transformers", "tokenizers", "safetensors", "huggingface_hub"
SCRIPT = """
import sys
from pathlib import Path
import stsbench_transformers.plugin as plugin
print(sorted(set(sys.argv[2:]) & set(sys.modules)), len(list(plugin.stsbench_encoders())))
from stsbench.plugin import Location
from stsbench_transformers.encoder import Bert
encoder = Bert(Location("m", path=Path(sys.argv[1]), digest="0"))
print(sorted({"torch", "transformers"} & set(sys.modules)), encoder.views, encoder.token_views, len(encoder.fingerprint.hex))
"""


def test_importing_and_building_import_no_torch(tiny: Path) -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT, str(tiny), *HEAVY], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[] 2", "[] ('mean@2',) ('tokens@2',) 32"]


def test_the_entry_point_leads_to_the_component() -> None:
    from importlib.metadata import entry_points

    (entry,) = entry_points(group="stsbench", name="transformers")
    component, presets = entry.load().stsbench_encoders()
    assert (component.name, presets.name) == ("bert", "preset")
    assert component.gives == {"vectors", "tokens"}
    assert component.help.startswith("Pooled hidden states of a Hugging Face transformer")
    assert {option.name: option.kind.value for option in component.options} == {
        **dict.fromkeys(("pooling", "layers", "view", "truncate_dim", "windows", "overlap"), "view"),
        **dict.fromkeys(("revision", "max_length", "include_prompt", "dtype", "weights"), "identity"),
        **dict.fromkeys(("device", "batch_tokens", "threads", "backend", "cache_dir"), "execution"),
    }
    assert component.option("layers").parse("0+-1") == (0, -1)
    with pytest.raises(Exception, match="cls or mean or max"):
        component.option("pooling").parse("median")
