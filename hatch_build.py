"""Compiles the token kernel into the wheel where a C compiler is at hand; without one numpy does its work, slower."""

from __future__ import annotations

import os
import shlex
import subprocess
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from packaging.tags import sys_tags

SOURCE = "stsbench/builtin/similarities/nearest.c"


class CompiledKernel(BuildHookInterface):  # type: ignore[type-arg]
    """`STSBENCH_PURE=1` builds a wheel for every machine, with nothing compiled in it; `CC` names another compiler than cc."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - named by hatchling
        """Compile beside the source, under the source's hash, and mark the wheel as one for this kind of machine."""
        if os.environ.get("STSBENCH_PURE", "") not in ("", "0"):
            return
        try:
            library = compile_kernel(Path(self.root, SOURCE))
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            self.app.display_warning(f"the token kernel is not compiled ({getattr(error, 'stderr', '') or error})")
            return
        build_data["artifacts"].append(library.relative_to(self.root).as_posix())
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{platform()}"


def compile_kernel(source: Path) -> Path:
    """The library, which replaces whatever was compiled before; where that fails, nothing is left that could be stale."""
    library = source.with_name(f"nearest-{sha256(source.read_bytes()).hexdigest()[:16]}.so")
    compiler = shlex.split(os.environ.get("CC") or "cc")
    with TemporaryDirectory(prefix="nearest-", dir=source.parent) as folder:
        fresh = Path(folder, library.name)
        try:
            command = [*compiler, "-O3", "-shared", "-fPIC", str(source), "-o", str(fresh), "-lm"]
            subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - the builder's own compiler
        finally:
            for stale in source.parent.glob("nearest-*.so"):
                stale.unlink(missing_ok=True)
        fresh.replace(library)
    return library


def platform() -> str:
    """The tag of this machine, without the claim that the wheel suits other distributions, which nothing here has checked."""
    return next(tag.platform for tag in sys_tags() if not tag.platform.startswith(("manylinux", "musllinux")))
