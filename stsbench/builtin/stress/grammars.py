"""What the grammars in `grammars.toml` make: every sentence, with a paraphrase of other words and a contrast of nearly the same ones."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final

Triplet = tuple[str, str, str]
Choice = Mapping[str, Any]  # a word of each list that a rule is of: a text, or a table or list of forms

PHENOMENA: Final = ("negation", "numbers", "roles", "quantifiers", "antonyms", "modality")


@cache
def _grammars() -> Mapping[str, Any]:
    return tomllib.loads((files(__package__) / "grammars.toml").read_text("utf-8"))


def triplets(phenomenon: str) -> list[list[Triplet]]:
    """All that each rule of a phenomenon makes: (sentence, paraphrase, contrast)."""
    rules = _grammars()["rules"][phenomenon]
    return [[_filled(forms, choice) for choice in _choices(rule["of"]) for forms in rule["makes"]] for rule in rules]


def _choices(lists: Mapping[str, str]) -> Iterable[Choice]:
    """Every choice of a word from each list, `word.key` being one of an earlier word; those from one list are different words."""
    choices: list[Choice] = [{}]
    for name, source in lists.items():
        word, _, key = source.partition(".")
        before = [other for other in choices[0] if lists[other] == source]
        choices = [
            {**choice, name: value}
            for choice in choices
            for value in (choice[word][key] if key else _grammars()["words"][source])
            if all(choice[other] != value for other in before)
        ]
    return choices


def _filled(forms: Sequence[str], choice: Choice) -> Triplet:
    """The forms with the words in them, each with a capital letter and a full stop."""
    first, second, third = (text[0].upper() + text[1:].removesuffix(".") + "." for text in (form.format(**choice) for form in forms))
    return first, second, third
