"""`stsbench cache`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from time import localtime, strftime
from typing import TYPE_CHECKING, Annotated

import typer

from stsbench.cli.printing.layout import print_rows, say, tell
from stsbench.contracts.defaults import BENCHMARK
from stsbench.contracts.figures import read_size
from stsbench.contracts.wording import counted
from stsbench.errors import UsageError

from .line.guard import guarded, print_json
from .line.opening import Opened, session_from
from .line.options import Benchmarks, CacheDir, Json, option

if TYPE_CHECKING:
    from stsbench.stores.cache import StoreInfo

app = typer.Typer(help="Look after the vectors that are kept between runs.", no_args_is_help=True)

Quota = Annotated[str, option("Most that may be kept, as in 500M or 20G.", "SIZE", envvar="STSBENCH_CACHE_QUOTA")]


def _folder(cache_dir: Path | None) -> Path:
    from stsbench.runner.encoding.recall import cache_folder

    folder = cache_folder(cache_dir or True)
    assert folder is not None
    return folder


def _size(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"


def _told(store: StoreInfo, *more: str) -> dict[str, object]:
    return {"store": store.folder.name, "bytes": store.size, **{name: getattr(store, name) for name in ("encoder", *more)}}


@app.command("warm", short_help="Encode the texts of benchmarks ahead of a run.")
@session_from("mirror", "device", "batch_size", "allow_network", "send_private", "max_cost", "cache_dir", "quiet")
def warm(
    encoder: Annotated[list[str], option("Encoder reference; repeat for several.", "REF", "--encoder", "-e")],
    benchmark: Benchmarks = None,
    *,
    opened: Opened,
    json: Json = False,
) -> None:
    """Encode the texts of benchmarks and keep their vectors, so that runs to come, wherever this folder is at hand, find them there."""
    from stsbench.api.caching import warm as fill

    with opened() as session:
        texts = fill(encoder, benchmark or [BENCHMARK], session)
    if json:
        print_json({"texts": {label: number for label, (number, _) in texts.items()}})
        return
    for label, (number, items) in texts.items():
        unique = counted(number, f"unique {items.removesuffix('s')}")
        say(f"{label}: the vectors of {unique} are kept")


@app.command("info", short_help="Show the folder, and what it holds of each encoder.")
@guarded
def info(cache_dir: CacheDir = None, quota: Quota = "20G", json: Json = False) -> None:
    """Show the folder, and every encoder's views, number of vectors and size."""
    from stsbench.stores.cache import inspect

    folder = _folder(cache_dir)
    stores = inspect(folder)
    total, most = sum(store.size for store in stores), read_size(quota)
    if json:
        plain = [_told(store, "views", "vectors", "used") for store in stores]
        print_json({"folder": str(folder), "bytes": total, "quota": most, "stores": plain})
        return
    say(f"{folder}: {counted(len(stores), 'encoder')}, {_size(total)} of {_size(most)}")
    rows = []
    for store in stores:
        used = strftime("%Y-%m-%d", localtime(store.used))
        sizes = f"{store.folder.name[:8]}  {store.size / 1e6:8.1f} MB  {store.vectors:9,d} vectors  used {used}"
        rows.append([sizes, "  ".join(filter(None, [store.encoder, " ".join(store.views)]))])
    print_rows(rows)
    if total > most:
        tell("warning: more is kept than the quota; `stsbench cache gc` deletes what was not used for longest")


@app.command("verify", short_help="Check every vector against its checksum, and a few against the encoder.")
@session_from("mirror", "device", "batch_size", "allow_network", "send_private", "max_cost", "cache_dir", "quiet")
def verify(
    encoder: Annotated[list[str] | None, option("Encoder that is asked again; repeatable.", "REF", "--encoder", "-e")] = None,
    benchmark: Benchmarks = None,
    *,
    cache_dir: CacheDir = None,
    opened: Opened,
    json: Json = False,
) -> None:
    """Check every vector against its checksum; damaged ones are named and deleted, and encoded anew when they are needed.

    With -e, a few texts of the benchmarks whose vectors are kept are encoded anew and compared: a service may change its model.
    """
    from stsbench.api.caching import ask_again
    from stsbench.stores.cache import verify as verify_stores

    folder, again = _folder(cache_dir), {}
    if encoder:
        with opened() as session:
            again = ask_again(encoder, benchmark or [BENCHMARK], session)
    for label, (asked, worst, allowed) in again.items() if not json else ():
        verdict = f"differ by up to {worst:.1e} of their length, where {allowed:g} is allowed"
        say(f"{label}: {counted(asked, 'kept vector')} encoded anew {verdict}")
    stores = []
    for path, sound, damaged in verify_stores(folder):
        stores.append({"store": path.parent.name, "sound": sound, "damaged": damaged})
        lost = f", {len(damaged)} damaged and deleted: {', '.join(damaged[:20])}" if damaged else ""
        if not json:
            say(f"{path}: {sound:,} sound{lost}")
    if json:
        facts = ("encoded_anew", "worst", "allowed")
        encoders = [{"encoder": label, **dict(zip(facts, compared, strict=True))} for label, compared in again.items()]
        print_json({"folder": str(folder), "encoders": encoders, "stores": stores})
    moved = any(worst > allowed for _, worst, allowed in again.values())
    raise typer.Exit(1 if moved or any(one["damaged"] for one in stores) else 0)


@app.command("gc", short_help="Delete what was not used for longest, down to a quota.")
@guarded
def gc(cache_dir: CacheDir = None, quota: Quota = "20G", json: Json = False) -> None:
    """Delete the vectors of encoders that were not used for longest, until the rest is within the quota."""
    from stsbench.stores.cache import collect

    folder = _folder(cache_dir)
    gone = collect(folder, read_size(quota))
    if json:
        print_json({"deleted": list(map(_told, gone))})
        return
    sys.stdout.write(f"deleted {counted(len(gone), 'encoder')}, {_size(sum(one.size for one in gone))}\n")


@app.command("forget", short_help="Erase the vectors of a benchmark's texts.")
@session_from("cache_dir", "mirror")
def forget(
    benchmark: Annotated[
        list[str] | None,
        option("Benchmark whose texts' vectors are erased; repeatable.", "REF", "--benchmark", "-b", allow_from_autoenv=False),
    ] = None,
    store: Annotated[
        list[str] | None,
        option("First letters of an encoder's store, as `cache info` shows them; repeatable.", "LETTERS", allow_from_autoenv=False),
    ] = None,
    *,
    opened: Opened,
    json: Json = False,
) -> None:
    """Erase the vectors of a benchmark's texts from every encoder's store, or whole stores."""
    from stsbench.api.caching import forget_benchmarks, forget_encoders

    if not benchmark and not store:
        raise UsageError("say what to forget: -b with a benchmark, or --store with the first letters of an encoder's store")
    erased = 0
    gone: list[StoreInfo] = []
    show: Callable[[str], object] = (lambda _: None) if json else sys.stdout.write  # at once, since what follows may fail
    with opened() as session:
        if benchmark:
            erased = forget_benchmarks(benchmark, session)
            show(f"erased {counted(erased, 'vector')}\n")
        if store:
            gone = forget_encoders(store, session)
            show(f"deleted {counted(len(gone), 'encoder')}\n")
    if json:
        print_json({"erased": erased, "deleted": list(map(_told, gone))})
