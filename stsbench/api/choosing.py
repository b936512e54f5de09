"""Choosing a model for one's own data by few labels: from candidates and pairs to rounds of questions, and from labels to a decision."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import numpy as np

from stsbench.api.session import Session
from stsbench.builtin.page.decision import report_page
from stsbench.choosing.decision import DecisionSoFar, decide, draw
from stsbench.choosing.finished import BOARD, PAIRS, benchmark_csv, board_toml, reference
from stsbench.choosing.folder import JobFolder, require_same, scores_file
from stsbench.choosing.job import Candidate, ChoosingJob, RaterLabels
from stsbench.choosing.labels import merged, read_labels
from stsbench.choosing.page import GUIDELINE, page, sheet
from stsbench.choosing.report import REPORT, choice_report
from stsbench.choosing.rounds import is_open, next_round
from stsbench.choosing.saying import SearchFigure
from stsbench.contracts.data import Float64, Pairs
from stsbench.contracts.defaults import SIMILARITY
from stsbench.contracts.identity import ONLY_VIEWS, CellId
from stsbench.contracts.reading import name_of
from stsbench.contracts.ref import CHAIN
from stsbench.contracts.wording import counted
from stsbench.errors import MissingExtra, PluginError, StoreError, UsageError
from stsbench.evidence.folder import BoardFolder
from stsbench.evidence.spec import SPEC
from stsbench.leaderboard.build import labelled
from stsbench.leaderboard.facts import facts_of
from stsbench.runner.loading import canonical, read_unrated
from stsbench.runner.request import Request
from stsbench.runner.run import run
from stsbench.runner.system import Choice
from stsbench.stats.orders import midranks
from stsbench.stats.retrieval import Ranking
from stsbench.stores.atomic import write_atomic

FEWEST_PAIRS = 20
GOAL = 100  # labels that are planned, where nobody says how many
RankPartners = Callable[[Request], tuple[Ranking | None, str | None]]  # or the reason why that is not known
AGAIN = 10  # of so many pairs of a round, one is asked about again


@dataclass(frozen=True)
class Candidates:
    """What is chosen from, as a command line names it, and the folder of a board whose figures of them are taken into account."""

    encoders: Sequence[str]
    similarities: Sequence[str]
    transforms: Sequence[str] = ()
    prior: Path | None = None


@dataclass(frozen=True)
class Started:
    """A job with the candidates that are new in it."""

    job: ChoosingJob
    candidates: tuple[Candidate, ...]

    @property
    def added(self) -> tuple[str, ...]:
        """What these are called."""
        return tuple(self.job.names[one.system] for one in self.candidates)


@dataclass(frozen=True)
class Asking:
    """A round with its files; `again` where it was there before and nobody has said anything of it."""

    number: int
    pairs: int
    repeats: int
    again: bool
    files: tuple[Path, ...]


def read_pool(pairs: str, session: Session) -> Pairs:
    """The pairs of a file, such as `csv:pairs.csv`, of which no score is asked or read; raises UsageError or DataError."""
    return read_unrated(session.registry.resolve("benchmark", pairs, execution=session.setup.execution))[0]


def start_job(
    path: Path,
    pool: Pairs | None,
    population: str,
    named: Candidates,
    session: Session,
    *,
    goal: int | None = None,
    seed: int | None = None,
) -> Started:
    """Score every pair by every candidate and begin a job on them; in a folder that holds one, the candidates are added to it.

    `population` is a sentence on what the pairs are of, where they were drawn. What is added to a job is scored on its pairs, and stands on
    the labels that are there; its `goal` and `seed` (100 labels and 0 unless they are said) stay. Raises UsageError for what is no choice,
    DataError where `pool` is not what the job was started with, PluginError where a component fails.
    """
    folder = JobFolder(path)
    if pool is None and not folder.exists:
        raise UsageError("a job begins with what is to be rated; give --pairs or --texts")
    prior = "" if named.prior is None else BoardFolder(named.prior).spec.title
    if folder.exists:
        _require_as_begun(folder.job, prior=prior or None, goal=goal, seed=seed)
    if folder.exists and pool is not None:
        require_same(pool, folder.job)
    pool = folder.pool if pool is None else pool
    if zeros := sum("\0" in text for texts in pool.texts for text in texts):
        raise UsageError(f"{counted(zeros, 'text')} of the pairs with a zero character, which no sheet can hold; take it out")
    if len(pool) < FEWEST_PAIRS:
        raise UsageError(f"{counted(len(pool), 'pair')} are too few to choose from; give {FEWEST_PAIRS} at least, and better hundreds")
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)  # now, not after an hour of encoding, and before a lock makes it for everybody
    except OSError as error:
        raise StoreError(f"the folder {name_of(path)} cannot be made ({error.strerror}); name another for the job") from error
    candidates, scores = _scored(pool, named, session, fewest=1 if folder.exists else 2)
    with folder.writing(new=True) as held:
        if held.exists:
            require_same(pool, held.job)
            _require_as_begun(held.job, prior=prior or None, goal=goal, seed=seed)
            known = {one.system for one in held.job.candidates}
            new = [place for place, one in enumerate(candidates) if one.system not in known]
            candidates, scores = [candidates[place] for place in new], scores[:, new]
            every, columns = (*held.job.candidates, *candidates), np.column_stack([held.scores, scores])
            job = held.job.model_copy(update={"candidates": every, "scores": scores_file(columns)})
        else:
            _require_choice(scores)
            if prior and (number := sum(one.elsewhere is not None for one in candidates)) < 2:
                raise UsageError(f"the board of --prior has figures of {number} of the candidates, and two say something; leave it out")
            every, columns = tuple(candidates), scores
            job = ChoosingJob(
                id=uuid4().hex[:12], seed=seed or 0, pool=pool.digest, pairs=len(pool), population=population, goal=goal or GOAL,
                prior=prior, candidates=every, scores=scores_file(columns),
            )  # fmt: skip
        held.begin(job, pool, columns)
    return Started(job, tuple(candidates))


def _require_as_begun(job: ChoosingJob, **said: str | int | None) -> None:
    """Raises UsageError where something else is said of a job than when it began, which would have no effect."""
    options = {"prior": "which board is the prior of a job is", "goal": "how many labels a job plans is", "seed": "the seed of a job is"}
    for name, value in said.items():
        if value is not None and value != getattr(job, name):
            option = "labels" if name == "goal" else name
            raise UsageError(f"{options[name]} said when it begins; leave out --{option}, or begin in another folder")


def _scored(pool: Pairs, named: Candidates, session: Session, fewest: int) -> tuple[list[Candidate], Float64]:
    """Every candidate, as a board can name it, with its scores float64[n, s] of the pairs, and its figure on the prior board.

    Raises UsageError where there are fewer than the `fewest`, before a model is loaded.
    """
    plan = session.plan_of_pairs(pool, named.encoders, named.similarities, named.transforms)
    if sum(len(job.systems) for job in plan.jobs) < fewest:
        raise UsageError("one candidate is no choice; name others with -e, or other similarities with -s")
    (part,) = plan.benchmarks[0].parts
    references = {text: canonical(session.registry, session.registry.resolve_encoder(text), {}).ref for text in reversed(named.encoders)}
    typed = {str(ref): text for text, ref in references.items()}  # with its views: several may be of one encoder
    rows = () if named.prior is None else BoardFolder(named.prior).board().rows
    elsewhere = {(row.encoder, row.system.variant): row.average for row in rows}  # whatever computed it there
    candidates, columns = [], []
    measured = ((finished, system) for finished in run(plan, session.without_cells.setup, session.store) for system in finished.job.systems)
    names = labelled({one.known(system): one.encoder.label for one in plan.jobs for system in one.systems})
    for finished, system in measured:
        encoder, variant, known = finished.job.encoder, system.variant, finished.job.known(system)
        name, cell = names[known], CellId(part.split, part.subset, *variant)
        if cell not in finished.scaled:  # a choice among some only would be taken for one among all
            raise PluginError(finished.file.cells[cell].reason or "a candidate could not score the pairs")
        scores = finished.scaled[cell]
        if np.ptp(scores) == 0:
            raise UsageError(f"{name} gives every pair the same score, so it ranks none; leave it out")
        if any(component.transductive for component in system.components):
            session.warn(f"{name} is fitted on the texts of all pairs here, and would be on those of the labelled ones alone afterwards")
        candidate = Candidate(
            **known._asdict(), model=finished.file.encoder.label,
            typed=typed.get(str(encoder.resolved.ref) if encoder.resolved else encoder.ref, encoder.ref),
            elsewhere=elsewhere.get((encoder.ref, variant)),
        )  # fmt: skip
        candidates.append(candidate.model_copy(update={"facts": facts_of(known, finished.measured)}))
        columns.append(scores)
    return candidates, np.column_stack(columns)


def _require_choice(scores: Float64) -> None:
    """Raises UsageError where scores float64[n, s] leave nothing to choose."""
    ranks = np.column_stack([midranks(column) for column in scores.T])
    if (ranks == ranks[:, :1]).all():
        raise UsageError("all candidates rank the pairs alike, so labels cannot tell them apart; name candidates that differ")


def ask(path: Path, size: int = 20, *, repeats: int | None = None, guideline: str = GUIDELINE, forms: Sequence[str] = ("html",)) -> Asking:
    """The next round of questions, its page and its sheet written; the last one again while nobody has said anything of it."""
    if size < 1 or (repeats or 0) < 0:
        raise UsageError(f"a round asks about 1 pair or more, and about none or more again, not {size} and {repeats}")
    with JobFolder(path).writing() as folder:
        rounds = folder.rounds
        again = bool(rounds) and is_open(rounds[-1], folder.labels)
        if again:
            asked = rounds[-1]
        else:
            if sum(len(earlier.drawn) for earlier in rounds) == folder.job.pairs:
                raise UsageError("every pair of the job was asked about; `stsbench choose finish` makes a benchmark of the labels")
            drawn = draw(folder, size)
            asked = next_round(folder.job, len(rounds) + 1, drawn, len(drawn.rows) // AGAIN if repeats is None else repeats)
            folder.ask(asked)  # before its page, which can be written again
        files = []
        for form in forms:
            content = page(asked, folder.pool, guideline) if form == "html" else sheet(asked, folder.pool)
            write_atomic(folder.page_of(asked.number, form), content)
            files.append(folder.page_of(asked.number, form))
    return Asking(asked.number, len(asked.drawn), len(asked.items) - len(asked.drawn), again, tuple(files))


def take_labels(path: Path, files: Sequence[Path], *, rater: str = "", replace: bool = False) -> list[RaterLabels]:
    """Keep what the files of people say; all of them or, where one of them cannot be taken, none. Raises DataError or UsageError.

    Names that differ in capitals alone are one person's, who is called as in the first file.
    """
    with JobFolder(path).writing() as folder:
        kept = {(said.rater, said.round): said for said in folder.labels}
        called = {said.rater.casefold(): said.rater for said in folder.labels}
        taken: dict[tuple[str, int], RaterLabels] = {}
        for file in files:
            for read in read_labels(file, folder, rater):
                said = read.model_copy(update={"rater": called.setdefault(read.rater.casefold(), read.rater)})
                key = said.rater, said.round
                before = taken.get(key) or kept.get(key)
                taken[key] = merged(before, said, file.name, replace=replace and key not in taken)
        for said in taken.values():
            folder.keep(said)
    return list(taken.values())


def status(path: Path) -> DecisionSoFar:
    """What the labels of a job say so far."""
    return decide(JobFolder(path))


@dataclass(frozen=True)
class FinishedChoice:
    """What a job ends with: where it stands, the reference of its labels as a benchmark, and the files that were written.

    `lacking` says what is missing for the report, where it could not be made. `search` is what was asked of each candidate besides.
    """

    decision: DecisionSoFar
    benchmark: str
    board: Path
    files: tuple[Path, ...]
    lacking: str = ""
    search: tuple[SearchFigure, ...] = ()


def finish_job(path: Path, title: str = "Which model to use", search: RankPartners | None = None) -> FinishedChoice:
    """Write the labels as a weighted benchmark, a board of the candidates on it, and a report; again after more labels, if there are.

    With what ranks the partners of texts (`search`), every candidate is asked for that, too. Raises UsageError where the labels say
    nothing of the candidates.
    """
    with JobFolder(path).writing() as folder:
        decision = decide(folder)
        if decision.reason is not None:
            raise UsageError(f"{decision.reason}, so there is no choice to finish; `stsbench choose next` asks about more pairs")
        name = re.sub(r"[^a-z0-9]+", "-", name_of(path).lower()).strip("-") or "chosen"
        pairs, board = path / PAIRS, path / BOARD
        benchmark = reference(pairs, name)
        written = {
            pairs: benchmark_csv(decision, folder.pool),
            board / SPEC: board_toml(decision, folder.scores, benchmark, name).encode(),
        }
        for file, content in written.items():
            write_atomic(file, content)
        lacking, figures = "", () if search is None else _searched(decision.job, reference(pairs, name, weighted=False), search)
        try:
            written[path / REPORT] = report_page(choice_report(decision, title, figures))
            write_atomic(path / REPORT, written[path / REPORT])
        except MissingExtra as error:
            lacking = str(error)
    return FinishedChoice(decision, benchmark, board, tuple(written), lacking, figures)


def _searched(job: ChoosingJob, benchmark: str, search: RankPartners) -> tuple[SearchFigure, ...]:
    """How every candidate ranks the partners of the texts that were labelled, or the reason why that is not known."""
    figures = []
    for candidate in job.candidates:
        views = () if candidate.view in ONLY_VIEWS else (candidate.view,)
        chains = (CHAIN.join(candidate.transforms),) if candidate.transforms else ()
        asked = Choice(candidate.typed, (candidate.similarity or SIMILARITY,), views, transforms=chains)
        figures.append(SearchFigure(job.names[candidate.system], *search(Request((asked,), (benchmark,)))))
    return tuple(figures)
