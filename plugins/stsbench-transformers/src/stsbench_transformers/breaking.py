"""How a library fails at loading a model. Imports safetensors: to be imported by the first encode()."""

from __future__ import annotations

from safetensors import SafetensorError

# what transformers raises where files are missing, broken, or of a kind that it does not know
LOAD_ERRORS = (OSError, ValueError, TypeError, KeyError, RuntimeError, ImportError, SafetensorError)
