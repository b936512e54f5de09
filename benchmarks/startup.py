"""How long commands take to start, above `python -c pass`: best and median of N interleaved rounds.

python benchmarks/startup.py [--rounds N] [--json]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from statistics import median

COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "stsbench --help": ["-m", "stsbench", "--help"],
    "stsbench list encoders": ["-m", "stsbench", "list", "encoders"],
}
LIMITS = {"stsbench --help": 150, "stsbench list encoders": 350}


def milliseconds(arguments: list[str]) -> float:
    """Wall time of one process."""
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return 1000 * (time.perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for arguments in COMMANDS.values():
        milliseconds(arguments)  # compiles and fills the file cache
    for _ in range(given.rounds):
        for name, arguments in COMMANDS.items():
            times[name].append(milliseconds(arguments))
    bare = times["python -c pass"]
    rows = [
        {
            "command": name,
            "best": min(measured),
            "median": median(measured),
            "best_above": min(measured) - min(bare),
            "median_above": median(measured) - median(bare),
            "ratio": median(measured) / median(bare),
            "limit": LIMITS.get(name),
        }
        for name, measured in times.items()
    ]
    if given.json:
        print(json.dumps({"rounds": given.rounds, "rows": rows}))
        return
    print(f"{'milliseconds':24}{'best':>8}{'median':>8}{'above: best':>13}{'median':>8}{'limit':>7}")
    for row in rows:
        limit = "" if row["limit"] is None else str(row["limit"])
        print(f"{row['command']:24}{row['best']:8.0f}{row['median']:8.0f}{row['best_above']:13.0f}{row['median_above']:8.0f}{limit:>7}")


if __name__ == "__main__":
    main()
