"""What boards say in words, the same in every form."""

from __future__ import annotations

from typing import Final

ON_HALVES: Final = (
    "The best of many figures overstates, for the pairs that chose it are those that it is a figure of. Here the system is chosen on a "
    "random half of the pairs and scored on the other; the optimism is what that takes off the best figure. Systems that have seen gold "
    "scores of some of the pairs (leaked) are not among those that it is chosen from."
)
ELSEWHERE: Final = (
    "Chosen on development splits, by the mean over them, on the pairs that no benchmark of the board has. What is chosen so has an ordinary "
    "average and interval here; the optimism is what the best average of the same systems on this board has above it. Leaked systems are "
    "not among them."
)
