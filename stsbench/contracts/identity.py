"""What a figure is of: a system, and a system on one part of a benchmark or on the whole of it; and values that hold figures by metric."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, Any, Final, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, ValidationInfo, model_serializer, model_validator

from stsbench.contracts.kinds import MAIN
from stsbench.contracts.ref import short

WHOLE: Final = "*"  # as split and subset: all of a benchmark's
SINGLE_VIEW: Final = "sentence"  # an encoder of one view calls it so; labels leave it out
ONLY_VIEWS: Final = (SINGLE_VIEW, "pair")  # what the view of an encoder or pair scorer that has one is called


class Variant(NamedTuple):
    """What tells the systems of one encoder apart; a pair scorer has no similarity."""

    view: str
    transforms: tuple[str, ...]
    similarity: str

    @property
    def label(self) -> str:
        """A short name."""
        return ", ".join(filter(None, [self.view, *map(short, self.transforms), short(self.similarity)]))


class SystemId(NamedTuple):
    """What tells the systems of a board, or of a folder of results, apart."""

    encoder: str
    fingerprint: str
    view: str
    transforms: tuple[str, ...]
    similarity: str

    @property
    def variant(self) -> Variant:
        """The system among those of its encoder."""
        return Variant(self.view, self.transforms, self.similarity)

    def is_primary(self, primary: str | Collection[str]) -> bool:
        """Whether it is a pair scorer, or its similarity is the board's `primary` one, or one of them."""
        wanted = (primary,) if isinstance(primary, str) else primary
        return not self.similarity or self.similarity in wanted or short(self.similarity) in wanted

    def label(self, encoder: str, similarity: str | None = None) -> str:
        """A readable name, with `encoder` as that of the encoder and, if it is given, `similarity` as that of the similarity."""
        view = self.view if self.view != SINGLE_VIEW else ""
        measure = short(self.similarity) if similarity is None else similarity
        return " · ".join(filter(None, [encoder, view, *map(short, self.transforms), measure]))


class CellId(NamedTuple):
    """What tells the records of one encoder on one benchmark apart: a system on a part, or on the whole."""

    split: str
    subset: str
    view: str
    transforms: tuple[str, ...]
    similarity: str

    @property
    def variant(self) -> Variant:
        """The system that it is of, among those of its encoder."""
        return Variant(self.view, self.transforms, self.similarity)

    @property
    def is_whole(self) -> bool:
        """Whether it is of all splits and subsets of the benchmark."""
        return self.split == self.subset == WHOLE

    @property
    def part(self) -> str:
        """A short name of what it is on."""
        return "all parts" if self.is_whole else f"{self.split}, {self.subset}"

    @property
    def label(self) -> str:
        """A short name."""
        return f"{self.variant.label} on {self.part}"


class Frozen(BaseModel):
    """A document, or a part of one: it never changes, and a field that is not known is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class OfSystem(Frozen):
    """The fields of a value that is about one system."""

    encoder: str
    fingerprint: str
    view: str
    transforms: tuple[str, ...]
    similarity: str

    @property
    def system(self) -> SystemId:
        """The system that it is about."""
        return SystemId(self.encoder, self.fingerprint, self.view, self.transforms, self.similarity)


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
