"""The one module that a plugin imports. Version 1 of the plugin surface.

Policy: a new optional field or parameter is a minor version; something is removed only after two minor versions in which using
it warns and names the plugin, and `API_VERSION` rises then. A plugin may declare the version that it was made for, as
`STSBENCH_API = 1` in the module that its entry point names; where that is newer than `API_VERSION`, it is refused when it registers.
"""

from __future__ import annotations

from stsbench.contracts.boards.board import BoardBenchmark, BoardSpec, Cell, Facts, Leaderboard, PublishedRow, Row, SystemSpec
from stsbench.contracts.boards.column import Column
from stsbench.contracts.boards.columns import columns_in, columns_of
from stsbench.contracts.components.protocols import Evaluator, Gauge, Reading
from stsbench.contracts.data import Embeddings, FitData, Flags, Float32, Float64, Index, Pairs, Part, Source, Sparse, Tokens
from stsbench.contracts.events import CellFinished, RunFinished, RunStarted
from stsbench.contracts.fingerprint import Fingerprint, content_digest, digest
from stsbench.contracts.items import Image, Item, Triplets
from stsbench.contracts.kinds import Aggregation
from stsbench.contracts.ref import Ref
from stsbench.contracts.work import Answer, Executor, Plain, Reply, Workers
from stsbench.errors import DataError, ModelError, OptionError, PluginError, StsbenchError
from stsbench.hookspecs import API_VERSION, hookimpl

from .contracts.components.capabilities import (
    EncodesInBatches,
    Fitting,
    HasBits,
    HasCard,
    HasClose,
    HasCost,
    HasDecided,
    HasExpectedPairs,
    HasFingerprint,
    HasHosts,
    HasIdentifiedUpTo,
    HasMadeFor,
    HasMatrix,
    HasPrompts,
    HasProvenance,
    HasPublished,
    HasReads,
    HasRunsOn,
    HasShips,
    HasSides,
    HasSparseViews,
    HasSplits,
    HasStored,
    HasTaskPrompts,
    HasTexts,
    HasTolerance,
    HasTrainedOn,
    HasTruncated,
    Prepares,
    ScoresPart,
    ScoresRelatively,
    ScoresWhole,
)
from .contracts.components.component import Component, Preset
from .contracts.components.fitted import fitted, required
from .contracts.components.options import DataFile, Execution, Location, Secret, SecretText, Views
from .contracts.components.protocols import Benchmark, BenchmarkCard, Encoder, NamedBenchmark, Similarity, Suite, Transform, Writer
from .contracts.models.card import ModelCard, count_parameters
from .contracts.models.hub import fetch_file, fetch_files, list_files, resolve_commit, takes_no_connection
from .contracts.models.processor import library_threads, native_dtypes, processor_flags, processors
from .contracts.models.services import Cost, Purse, host_of

__all__ = [
    "API_VERSION",
    "Aggregation",
    "Answer",
    "Benchmark",
    "BenchmarkCard",
    "BoardBenchmark",
    "BoardSpec",
    "Cell",
    "CellFinished",
    "Column",
    "Component",
    "Cost",
    "DataError",
    "DataFile",
    "Embeddings",
    "Encoder",
    "EncodesInBatches",
    "Evaluator",
    "Execution",
    "Executor",
    "Facts",
    "Fingerprint",
    "FitData",
    "Fitting",
    "Flags",
    "Float32",
    "Float64",
    "Gauge",
    "HasBits",
    "HasCard",
    "HasClose",
    "HasCost",
    "HasDecided",
    "HasExpectedPairs",
    "HasFingerprint",
    "HasHosts",
    "HasIdentifiedUpTo",
    "HasMadeFor",
    "HasMatrix",
    "HasPrompts",
    "HasProvenance",
    "HasPublished",
    "HasReads",
    "HasRunsOn",
    "HasShips",
    "HasSides",
    "HasSparseViews",
    "HasSplits",
    "HasStored",
    "HasTaskPrompts",
    "HasTexts",
    "HasTolerance",
    "HasTrainedOn",
    "HasTruncated",
    "Image",
    "Index",
    "Item",
    "Leaderboard",
    "Location",
    "ModelCard",
    "ModelError",
    "NamedBenchmark",
    "OptionError",
    "Pairs",
    "Part",
    "Plain",
    "PluginError",
    "Prepares",
    "Preset",
    "PublishedRow",
    "Purse",
    "Reading",
    "Ref",
    "Reply",
    "Row",
    "RunFinished",
    "RunStarted",
    "ScoresPart",
    "ScoresRelatively",
    "ScoresWhole",
    "Secret",
    "SecretText",
    "Similarity",
    "Source",
    "Sparse",
    "StsbenchError",
    "Suite",
    "SystemSpec",
    "Tokens",
    "Transform",
    "Triplets",
    "Views",
    "Workers",
    "Writer",
    "columns_in",
    "columns_of",
    "content_digest",
    "count_parameters",
    "digest",
    "fetch_file",
    "fetch_files",
    "fitted",
    "hookimpl",
    "host_of",
    "library_threads",
    "list_files",
    "native_dtypes",
    "processor_flags",
    "processors",
    "required",
    "resolve_commit",
    "takes_no_connection",
]
