"""Names of mteb's registries, and what to say of one that is not there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any

from stsbench.plugin import OptionError

if TYPE_CHECKING:
    from mteb import AbsTask
    from mteb.models import ModelMeta

KINDS = ("STS", "PairClassification", "BitextMining")  # types of tasks that are about pairs of texts


def closest(name: str, known: Iterable[str]) -> str:
    """A clause that names what looks like `name`, whatever its case; empty where nothing does."""
    folded = {one.casefold(): one for one in known}
    close = get_close_matches(name.casefold(), folded, 2)
    return f"did you mean {' or '.join(folded[one] for one in close)}? " if close else ""


@cache
def task_classes() -> dict[str, type[AbsTask]]:
    """The tasks of mteb by name."""
    from mteb.get_tasks import TASK_LIST

    return {kind.metadata.name: kind for kind in TASK_LIST}


def task_class(name: str, option: str = "") -> type[AbsTask]:
    """The task of this name, whatever its case, if it is about pairs of texts; raises OptionError, which names the `option`."""
    classes = task_classes()
    kind = classes.get(name) or next((one for known, one in classes.items() if known.casefold() == name.casefold()), None)
    if kind is None:
        pairs = [known for known, one in classes.items() if one.metadata.type in KINDS]
        raise OptionError(f"mteb has no task {name!r}{option}; {closest(name, pairs)}mteb's documentation lists its tasks")
    metadata = kind.metadata
    if metadata.type not in KINDS or metadata.modalities != ["text"]:
        what = metadata.type if metadata.type not in KINDS else f"{' and '.join(metadata.modalities)}"
        raise OptionError(f"the task {metadata.name} of mteb is of the type {what}; choose one of {', '.join(KINDS)} on texts{option}")
    return kind


def model_entry(name: str) -> ModelMeta:
    """The entry of mteb's registry; raises OptionError."""
    from mteb.models.model_implementations import MODEL_REGISTRY

    entries: dict[str, Any] = MODEL_REGISTRY
    if name not in entries:
        raise OptionError(
            f"mteb's registry has no model {name!r}; {closest(name, entries)}for other models of the hub there is "
            "sentence-transformers:OWNER/NAME"
        )
    entry: ModelMeta = entries[name]
    return entry


def chosen(what: str, asked: Sequence[str] | None, there: Sequence[str], owner: str) -> tuple[str, ...]:
    """Those of `there` that are asked for, or all, in the order of `there`; raises OptionError for one that is not among them."""
    if unknown := [name for name in asked or () if name not in there]:
        listed = ", ".join(there[:8]) + (f" and {len(there) - 8} more" if len(there) > 8 else "")
        raise OptionError(
            f"{owner} has no {what} {unknown[0]!r}; {closest(unknown[0], there)}there {'are' if there[1:] else 'is'} {listed}"
        )
    return tuple(name for name in there if asked is None or name in asked)
