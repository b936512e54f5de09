"""`stsbench doctor`."""

from __future__ import annotations

import sys

from stsbench.cli.guard import guarded, print_json
from stsbench.cli.options import Json


@guarded
def doctor(json: Json = False) -> None:
    """Report versions, devices, data sources and plugins that failed: what to look at first when something is off."""
    from stsbench.api.doctor import examine

    state = examine()
    if json:
        print_json(state)
        return
    for title, facts in state.items():
        sys.stdout.write(f"{title}\n")
        for name, value in facts.items():
            shown = ", ".join(f"{number} {kind}" for kind, number in value.items()) if isinstance(value, dict) else value
            sys.stdout.write(f"  {name}: {shown}\n")
