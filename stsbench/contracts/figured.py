"""Values that hold figures by metric, and the form of them in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field, SerializerFunctionWrapHandler, ValidationInfo, model_serializer, model_validator

from stsbench.contracts.identity import Frozen
from stsbench.contracts.kinds import MAIN

Decimal = Annotated[float, Field(allow_inf_nan=False)]


class Figured(Frozen):
    """Figures by metric, null where one is not known; `main` is the metric that the board goes by.

    In JSON figures stand beside the other fields, by the names of their metrics. What is read is validated with the bounds of all
    metrics, by name, as its context.
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

    @model_validator(mode="after")
    def _measured(self, info: ValidationInfo) -> Self:
        bounds: Mapping[str, tuple[float, float]] | None = info.context
        if bounds is None:
            return self
        if self.main not in self.figures:
            raise ValueError(f"it goes by {self.main}, and has no such figure")
        for name, value in self.figures.items():
            if name not in bounds:
                raise ValueError(f"there is no field and no metric {name!r}")
            if value is not None and not bounds[name][0] <= value <= bounds[name][1]:
                raise ValueError("{} should be from {} to {}".format(name, *bounds[name]))
        return self

    @model_serializer(mode="wrap")
    def _flat(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        value: dict[str, Any] = dump(self)
        figures: dict[str, float | None] = value.pop("figures")
        return {**value, **figures}
