"""A router: modules side by side, one chain of which reads a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from stsbench_transformers.checkpoints.checkpoint import Checkpoint

from stsbench.plugin import ModelError


@dataclass(frozen=True, slots=True)
class Routes:
    """The route that a text takes which is called neither a query nor a document, and the modules of all routes by their folders."""

    taken: str
    types: Mapping[str, str]

    @classmethod
    def read(cls, checkpoint: Checkpoint, path: str) -> Routes:
        """What the router in that folder of the model would do; raises ModelError where it would not know what to do."""
        names = [str(PurePosixPath(path, name)) for name in ("router_config.json", "config.json")]
        config: Mapping[str, Any] = next((found for name in names if (found := checkpoint.read(name))), {})
        chosen, routes = dict(config.get("parameters") or {}), list(config.get("structure") or {})
        first = routes[0] if routes and chosen.get("allow_empty_key", True) else None
        mapped = dict(chosen.get("route_mappings") or {})
        route = mapped.get("(None, 'text')") or mapped.get("(None, None)") or ("text" if "text" in routes else None)
        if (route := route or chosen.get("default_route") or first) is None:
            raise ModelError(
                f"model {checkpoint.label!r} sends texts along routes ({', '.join(routes) or 'none named'}) and names no default_route, "
                f"while both texts of a pair are read alike here; add default_route to {names[0]}"
            )
        types = {str(PurePosixPath(path, name)): str(kind) for name, kind in dict(config.get("types") or {}).items()}
        return cls(str(route), types)
