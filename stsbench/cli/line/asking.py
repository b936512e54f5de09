"""What a command line asks to be run or judged: the options, and the request or the setting that they make."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from stsbench.contracts.defaults import BENCHMARK, LIGHT, RESAMPLES, SIMILARITY
from stsbench.errors import UsageError

from .options import Benchmarks, Encoders, Limit, Similarities, Systems, Transforms, option, path_option, switch

if TYPE_CHECKING:
    from stsbench.api.compare.methods import Setting
    from stsbench.api.deciding import LoadedDecision
    from stsbench.evidence.held import Keep
    from stsbench.host.registry import Registry
    from stsbench.runner.request import Request


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The options of a command that has a parameter of this type."""

    system: Systems = None
    encoder: Encoders = None
    encoders_from: Annotated[
        Path | None,
        path_option(
            "File of more encoders, a reference or preset a line; empty lines and what follows a # are passed over.", metavar="FILE"
        ),
    ] = None
    transform: Transforms = None
    similarity: Similarities = None
    benchmark: Benchmarks = None
    limit: Limit = None

    @property
    def systems(self) -> list[str]:
        """The encoders and pair scorers that are named, by place, by option or in a file; raises UsageError for one that names none."""
        return [*(self.system or ()), *(self.encoder or ()), *(_listed(self.encoders_from) if self.encoders_from else ())]

    def request(self, registry: Registry) -> Request:
        """What is asked for, with a default for what is left out; raises UsageError where a benchmark is the folder of a board."""
        from stsbench.runner.request import Request

        benchmarks = self.benchmark or (BENCHMARK,)
        known = {component.name for component, _ in registry.offers("benchmark")}
        if boards := [name for name in benchmarks if name not in known and (Path(name) / "board.toml").is_file()]:
            raise UsageError(f"{boards[0]} is the folder of a board and no benchmark; name it with --board {boards[0]}")
        encoders = self.systems or [default_encoder(registry)]
        return Request.of(encoders, self.similarity or (SIMILARITY,), benchmarks, self.transform or (), self.limit)


@dataclass(frozen=True, kw_only=True)
class AskedToKeep(Asked):
    """The same of a command that may compute a board, or keep results."""

    results: Annotated[
        Path | None,
        path_option("Folder that keeps records and scores; what is found there is not computed again.", envvar="STSBENCH_RESULTS"),
    ] = None
    board: Annotated[Path | None, path_option("Folder of a board (with board.toml) to compute, in place of -e, -s and -b.")] = None
    fresh: Annotated[bool, switch("Compute every cell anew and compare it with the kept one.", "--fresh")] = False

    def keep(self, *, accept: bool = False) -> Keep | None:
        """How results are kept, None for a board's own; raises UsageError where an option besides says what a board itself says."""
        from stsbench.evidence.held import Keep

        if self.board is None:
            return Keep.asked(self.results, fresh=self.fresh, accept=accept, limit=self.limit)
        if self.results or any(getattr(self, each.name) is not None for each in fields(Asked)):
            raise UsageError(
                "a board names its own systems, benchmarks and results; "
                "leave out SYSTEM, -e, --encoders-from, -t, -s, -b, --limit and --results, or --board"
            )
        return None


@dataclass(frozen=True, kw_only=True)
class OneSystem:
    """The options of a command that is of one system and has a parameter of this type."""

    encoder: Annotated[
        list[str] | None, option("Encoder (or pair scorer) reference. Default: the best light one installed.", "REF", "--encoder", "-e")
    ] = None
    transform: Annotated[
        list[str] | None, option("Chain of transforms, as in centre//whiten,k=2. Default: none.", "CHAIN", "--transform", "-t")
    ] = None
    similarity: Annotated[list[str] | None, option("Similarity reference. Default: cosine.", "REF", "--similarity", "-s")] = None

    def references(self, registry: Registry, decision: LoadedDecision | None = None) -> tuple[str, str, str]:
        """Encoder, similarity and transforms, those that are not named as in the decision; raises UsageError where one is named twice."""
        given = {"-e": self.encoder or [], "-s": self.similarity or [], "-t": self.transform or []}
        if twice := next((option for option, named in given.items() if len(named) > 1), None):
            times = len(given[twice])
            raise UsageError(f"this is of one system, and {twice} was given {times} times; choose one, and run again for the others")
        encoder, similarity, transform = (next(iter(named), None) for named in given.values())
        usual = decision.of(encoder) if decision else (encoder or default_encoder(registry), SIMILARITY, "none")
        return usual[0], similarity or usual[1], transform or usual[2]


@dataclass(frozen=True, kw_only=True)
class JudgedOptions:
    """The options of a command that judges results and has a parameter of this type."""

    metric: Annotated[
        str | None, option("Figure to compare by, as kendall; by default what the benchmarks are measured by.", metavar="NAME")
    ] = None
    margin: Annotated[
        float | None, option("What does not matter: say whether systems are as good as each other within it.", metavar="POINTS")
    ] = None
    resamples: Annotated[int, option("Number of resamples.", "N")] = RESAMPLES
    seed: Annotated[int, option("Seed of the resamples.", "N")] = 0
    pairs: Annotated[int, option("How many pairs to show on which two systems disagree most, where they are shown.", "N", min=0)] = 10

    def setting(self, **more: Any) -> Setting:
        """What they ask for, and `more` of it by name."""
        from stsbench.api.compare.methods import Setting

        return Setting(**asdict(self) | more)


def _listed(file: Path) -> list[str]:
    """The references in a file, one a line, each once."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read ({type(error).__name__}); give a UTF-8 file with a reference a line") from error
    named = [line.partition("#")[0].strip() for line in lines]
    if wrong := next((number for number, text in enumerate(named, 1) if len(text.split()) > 1), None):
        raise UsageError(f"line {wrong} of {file} holds several words; give one reference a line, and write a space in it as %20")
    if not any(named):
        raise UsageError(f"{file} names no encoder; write a reference a line, such as wordllama")
    return list(dict.fromkeys(filter(None, named)))


def default_encoder(registry: Registry) -> str:
    """The best light encoder that is installed."""
    names = {f"{provider.distribution}/{component.name}" for component, provider in registry.offers("encoder")}
    return next(name for name in LIGHT if name in names)
