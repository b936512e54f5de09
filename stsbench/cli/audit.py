"""`stsbench audit`: the group; each of its commands is a module `audit_*.py` that is added here."""

from __future__ import annotations

import typer

from stsbench.cli import audit_benchmark, audit_encoder, audit_metrics

app = typer.Typer(help="Ask what an encoder or a benchmark can be trusted with.", no_args_is_help=True)
app.command("encoder")(audit_encoder.encoder)
app.command("benchmark")(audit_benchmark.benchmark)
app.command("metrics")(audit_metrics.metrics)
