"""What a board requires of its systems: `[[require]]` tables of `board.toml`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from stsbench.contracts.identity import Frozen

Points = Annotated[float, Field(gt=0, le=100, strict=True)]  # hundredths of a figure, as boards show it


class RequireSpec(Frozen):
    """One `[[require]]` table: a system's average is `at_least` so many points, or `not_worse_than` another system's by `margin` points.

    `system` and `not_worse_than` are labels of systems, or words of one. Figures are those `on` one benchmark of the board, if it is named.
    """

    system: Annotated[str, Field(min_length=1)]
    on: Annotated[str, Field(min_length=1)] | None = None
    at_least: Points | None = None
    not_worse_than: Annotated[str, Field(min_length=1)] | None = None
    margin: Points | None = None

    @model_validator(mode="after")
    def _says_what(self) -> RequireSpec:
        if self.at_least is None and self.not_worse_than is None:
            raise PydanticCustomError("nothing", "says nothing of its system; add at_least = 80, or not_worse_than and margin")
        if self.at_least is not None and self.at_least <= 1:
            raise PydanticCustomError("share", "at_least is in points, as boards show figures: 80 and not 0.8")
        if (self.not_worse_than is None) != (self.margin is None):
            raise PydanticCustomError("margin", "not_worse_than takes a margin, in points that you are willing to lose, as in margin = 0.5")
        return self
