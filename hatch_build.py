"""Compiles the token kernel into the package where a C compiler is at hand; without one the same is done in numpy, slower."""

from __future__ import annotations

import os
import shlex
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from packaging.tags import sys_tags

SOURCE = "stsbench/builtin/similarities/nearest.c"


class CompiledKernel(BuildHookInterface):  # type: ignore[type-arg]
    """`STSBENCH_PURE=1` builds a package for every machine, with nothing compiled in it; `CC` names another compiler than cc."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - named by hatchling
        """Compile beside the source, under the source's hash, and mark the package as one for this kind of machine."""
        if os.environ.get("STSBENCH_PURE"):
            return
        source = Path(self.root, SOURCE)
        library = source.with_name(f"nearest-{sha256(source.read_bytes()).hexdigest()[:16]}.so")
        if not library.exists():
            for stale in source.parent.glob("nearest-*.so"):
                stale.unlink()
            if not self._compile(source, library):
                return
        build_data["artifacts"].append(library.relative_to(self.root).as_posix())
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{next(sys_tags()).platform}"

    def _compile(self, source: Path, library: Path) -> bool:
        fresh = library.with_suffix(".part")
        command = [*shlex.split(os.environ.get("CC", "cc")), "-O3", "-shared", "-fPIC", str(source), "-o", str(fresh), "-lm"]
        try:
            subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - the builder's own compiler
        except (OSError, subprocess.CalledProcessError) as error:
            self.app.display_warning(f"The token kernel is not compiled, and numpy does its work: {getattr(error, 'stderr', '') or error}")
            return False
        fresh.replace(library)
        return True
