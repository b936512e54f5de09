"""Values that hold figures by metric, and the form of them in JSON."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from stsbench.contracts.identity import Frozen
from stsbench.contracts.kinds import MAIN

Decimal = Annotated[float, Field(allow_inf_nan=False)]


class Figured(Frozen):
    """Figures by metric, null where one is not known; `main` is the metric that the board goes by.

    In JSON figures stand beside the other fields, by the names of their metrics.
    """

    figures: dict[str, Decimal | None] = Field(default_factory=dict)
    main: Annotated[str, Field(exclude_if=MAIN["graded"].__eq__)] = MAIN["graded"]

    @property
    def figure(self) -> float | None:
        """The main figure."""
        return self.figures.get(self.main)

    @model_validator(mode="before")
    @classmethod
    def _gathered(cls, value: Any) -> Any:
        if not isinstance(value, dict) or "figures" in value:
            return value
        fields = {name: own for name, own in value.items() if name in cls.model_fields}
        return {**fields, "figures": {name: own for name, own in value.items() if name not in fields}}

    @model_serializer(mode="wrap")
    def _flat(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        value: dict[str, Any] = dump(self)
        figures: dict[str, float | None] = value.pop("figures")
        return {**value, **figures}
