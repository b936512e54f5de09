"""`stsbench audit`: the group; each of its commands is a module `audit_*.py` that is added here."""

from __future__ import annotations

import typer

from stsbench.cli import audit_benchmark, audit_encoder, audit_metrics

app = typer.Typer(help="Ask what an encoder or a benchmark can be trusted with.", no_args_is_help=True)
app.command("encoder", short_help="Say what cosine of an encoder can be trusted with.")(audit_encoder.encoder)
app.command("benchmark", short_help="Say what the data of a benchmark are worth.")(audit_benchmark.benchmark)
app.command("metrics", short_help="Measure systems by what Spearman does not say.")(audit_metrics.metrics)
