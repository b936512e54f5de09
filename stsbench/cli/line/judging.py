"""How results are compared: the options of commands that judge kept results, and the setting that they make."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from stsbench.api.compare.methods import Setting


@dataclass(frozen=True, kw_only=True)
class JudgedOptions:
    """The options of a command that has a parameter of this type."""

    metric: Annotated[
        str | None, typer.Option(metavar="NAME", help="Figure to compare by, as kendall; by default what the benchmarks are measured by.")
    ] = None
    margin: Annotated[
        float | None, typer.Option(metavar="POINTS", help="What does not matter: say whether systems are as good as each other within it.")
    ] = None
    resamples: Annotated[int, typer.Option(metavar="N", help="Number of resamples.")] = 9999
    seed: Annotated[int, typer.Option(metavar="N", help="Seed of the resamples.")] = 0
    pairs: Annotated[
        int, typer.Option(metavar="N", min=0, help="How many pairs to show on which two systems disagree most, where they are shown.")
    ] = 10

    def setting(self, **more: Any) -> Setting:
        """What they ask for, and `more` of it by name."""
        from stsbench.api.compare.methods import Setting

        return Setting(**asdict(self) | more)
