"""In what a model computes, by which library, and where: settled before it is loaded, since numbers below float32 depend on it."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field
from importlib.util import find_spec
from logging import getLogger
from pathlib import Path

from stsbench.plugin import OptionError, native_dtypes


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """A dtype, the library that computes in it, the kind of device (`cpu`, `cuda` and so on), and the dtypes that the processor has.

    `asked` says whether the user named the library, and so takes what it does to a dtype that the processor has not; `otherwise` is
    how to name it, empty where that cannot be.
    """

    dtype: str
    library: str
    place: str
    asked: bool = False
    otherwise: str = ""
    native: Set[str] = field(default_factory=lambda: native_dtypes(), compare=False)

    @property
    def identity(self) -> str | None:
        """What a fingerprint holds beside the dtype; None in float32, where libraries and devices agree within rounding."""
        if self.dtype == "float32":
            return None
        return f"{self.library} on {self.place}" + (", imitated" if self.imitated else "")

    @property
    def imitated(self) -> str:
        """A clause that says that the processor imitates the dtype; empty where it has it, or computes nothing itself."""
        if self.place != "cpu" or self.dtype == "float32" or self.dtype in self.native:
            return ""
        return "this processor is not known to compute in it, and imitates it many times slower than it computes in float32"

    @property
    def foreseen(self) -> str:
        """What a plan says of it: nothing in float32, else whether the processor has it."""
        if self.dtype == "float32":
            return ""
        if not self.imitated:
            return f", in {self.dtype}" + (", which this processor has" if self.place == "cpu" else "")
        return f", in {self.dtype}: {self.imitated}" + ("" if self.asked else "; a run refuses that")

    def require(self) -> None:
        """Raise OptionError where the processor would imitate the dtype and nobody asked for that."""
        if self.imitated and not self.asked:
            more = f", or add {self.otherwise} to have it imitated" if self.otherwise else ""
            raise OptionError(f"option 'dtype' is {self.dtype}, but {self.imitated}; leave it out, choose another device{more}")

    def warn(self, label: str) -> None:
        """Say in the log that the model of that name is slow, where the processor imitates the dtype."""
        if self.imitated:
            getLogger(__name__).warning("%s runs in %s: %s", label, self.dtype, self.imitated)


def settle_library(dtype: str, device: str, *, asked: bool = False, otherwise: str = "") -> Arithmetic:
    """What sentence-transformers computes in on the device of that name."""
    return Arithmetic(dtype, "sentence_transformers", find_place(device) if dtype != "float32" else "", asked, otherwise)


def find_place(device: str) -> str:
    """The kind of the device of that name; for `auto`, torch is asked where there is a sign of a GPU."""
    if device != "auto":
        return device.partition(":")[0]
    if find_spec("torch") is None or not _signs_of_a_gpu():
        return "cpu"
    from stsbench_transformers.pytorch.devices import choose_device

    return choose_device("auto").type


def _signs_of_a_gpu() -> bool:
    signs = (Path("/dev/nvidiactl"), Path("/proc/driver/nvidia"), Path("/dev/kfd"), Path("/System/Library/Frameworks/Metal.framework"))
    return any(sign.exists() for sign in signs)
