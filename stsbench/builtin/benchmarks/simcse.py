"""The texts of the SimCSE protocol: Moses-tokenised with English rules and without escaping, lower-cased for STS-B.

Source: Gao, Yao and Chen (2021), SimCSE, whose evaluation uses the data of SentEval (Conneau and Kiela 2018).
"""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec

from stsbench.builtin.benchmarks.definitions import SimCSE
from stsbench.contracts.data import Pairs
from stsbench.errors import OptionError


def require_tokeniser() -> None:
    """Raises OptionError, with the line that installs it, where sacremoses is missing."""
    if find_spec("sacremoses") is None:
        raise OptionError("protocol=simcse tokenises with sacremoses, which is not installed; run: pip install 'stsbench[simcse]'")


def simcse_texts(pairs: Pairs, change: SimCSE) -> Pairs:
    """The same pairs with their texts tokenised (and lower-cased) as the protocol says; each text once."""
    if not change.tokenise:
        return pairs
    from sacremoses import MosesTokenizer

    tokenise = MosesTokenizer(lang="en").tokenize
    left, right = pairs.texts
    texts = {text: tokenise(text, return_str=True, escape=False) for text in dict.fromkeys(left + right)}
    if change.lower:
        texts = {text: tokens.lower() for text, tokens in texts.items()}
    return replace(pairs, left=tuple(texts[text] for text in left), right=tuple(texts[text] for text in right))
