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
    """The route that a text takes, called a query or a document or neither, and the modules of all routes by their folders."""

    taken: str
    types: Mapping[str, str]

    @classmethod
    def read(cls, checkpoint: Checkpoint, path: str, task: str | None = None) -> Routes:
        """What the router in that folder does with a text, a `query` or `document` by its task; raises ModelError where it fails."""
        names = [str(PurePosixPath(path, name)) for name in ("router_config.json", "config.json")]
        config: Mapping[str, Any] = next((found for name in names if (found := checkpoint.read(name))), {})
        chosen, routes = dict(config.get("parameters") or {}), list(config.get("structure") or {})
        first = routes[0] if routes and chosen.get("allow_empty_key", True) else None
        mapped = dict(chosen.get("route_mappings") or {})
        keys = [f"({role!r}, {kind})" for role in dict.fromkeys((task, None)) for kind in ("'text'", "None")]
        route = next((mapped[key] for key in keys if mapped.get(key)), next((name for name in (task, "text") if name in routes), None))
        if task is not None and route is None:
            raise ModelError(
                f"model {checkpoint.label!r} has no route for a {task} ({', '.join(routes) or 'none named'}); "
                "leave side= out, or give another"
            )
        if (route := route or chosen.get("default_route") or first) is None:
            raise ModelError(
                f"model {checkpoint.label!r} sends texts along routes ({', '.join(routes) or 'none named'}) and names no default_route, "
                f"while both texts of a pair are read alike here; add default_route to {names[0]}"
            )
        types = {str(PurePosixPath(path, name)): str(kind) for name, kind in dict(config.get("types") or {}).items()}
        return cls(str(route), types)
