"""Compiles the token kernel into the wheel where a C compiler is at hand; without one numpy does its work, slower."""

from __future__ import annotations

import os
import shlex
import subprocess
from ctypes import CDLL
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
        build_data["tag"] = f"py3-none-{machine_tag()}"


def compile_kernel(source: Path) -> Path:
    """The library of this source, in place of those of others; raises an error of the compiler, or of loading what it made."""
    library = source.with_name(f"nearest-{sha256(source.read_bytes()).hexdigest()[:16]}.so")
    for other in source.parent.glob("nearest-*.so"):
        if other != library:
            other.unlink(missing_ok=True)
    with TemporaryDirectory(prefix="nearest-", dir=source.parent) as folder:
        fresh = Path(folder, library.name)
        command = [*shlex.split(os.environ.get("CC") or "cc"), "-O3", "-shared", "-fPIC", str(source), "-o", str(fresh), "-lm"]
        subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - the builder's own compiler
        CDLL(str(fresh))
        fresh.replace(library)  # at once: a running process is never without it
    return library


def machine_tag() -> str:
    """The tag of this machine, without the claim that the wheel suits other distributions, which nothing here has checked."""
    return next(tag.platform for tag in sys_tags() if not tag.platform.startswith(("manylinux", "musllinux")))
