"""What similarities and transforms learn from the texts of `fit=`: fields that no option sets, None until they are fitted."""

from __future__ import annotations

from copy import copy
from typing import TypeVar

from stsbench.errors import OptionError

T = TypeVar("T")


def fitted(component: T, **learnt: object) -> T:
    """The same component with what it learnt; the one given is left as it was."""
    copied = copy(component)
    vars(copied).update(learnt)
    return copied


def required(learnt: T | None, name: str) -> T:
    """What the component of that name learnt; raises OptionError before it is fitted."""
    if learnt is None:
        raise OptionError(f"{name} is not fitted yet: give it fit=self, or fit= with a benchmark")
    return learnt
