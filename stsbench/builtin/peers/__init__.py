"""Results in the forms of other programs: mteb's result files, and the two places of a Hugging Face model repository.

Unlike a writer, which renders one board, these need the records of every split and subset, and make a file for every system.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from stsbench.builtin.peers.cards import eval_results, model_index
from stsbench.builtin.peers.mteb import mteb_results
from stsbench.contracts.records import RecordFile

PEERS: Final[Mapping[str, Callable[[Sequence[RecordFile]], dict[str, bytes]]]] = {
    "mteb": mteb_results,
    "model-index": model_index,
    "eval-results": eval_results,
}
