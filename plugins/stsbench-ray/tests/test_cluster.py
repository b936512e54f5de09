"""A head and three raylets of which one is lost, and what can be wrong with a cluster, each in one sentence."""

from __future__ import annotations

import csv
import json
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen
from typing import Any

import numpy as np
import pytest

DOUBLE = Path(__file__).parents[3] / "tests" / "runner" / "spreading.py"
BENCHMARKS, ENCODERS, PAIRS, REPEATED = 7, 6, 150, 120
TEXTS = BENCHMARKS * (REPEATED + PAIRS)  # unique ones, of each encoder
CANARY, SECRET = "canary-4f1b sings", "canary-5c2d-secret"
BLOCKED = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "stsbench_ray":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Blocked())
"""

pytestmark = [pytest.mark.cluster, pytest.mark.slow]


def installed(folder: Path, version: str = "1.0") -> str:
    """A folder to import the double of a plugin from."""
    info = folder / f"stsbench_spreading-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: stsbench-spreading\nVersion: {version}\n")
    (info / "entry_points.txt").write_text("[stsbench]\nspreading = stsbench_spreading\n")
    shutil.copy(DOUBLE, folder / "stsbench_spreading.py")
    return str(folder)


def written(path: Path, number: int, beginning: str = "") -> Path:
    """A benchmark of long texts, of which some are found twice."""
    words = np.random.default_rng(number).choice(["snow", "rain", "a", "long", "word", "and", "another"], size=(PAIRS, 60))
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["left", "right", "score"])
        for row, text in enumerate(words):
            said = " ".join(words[row % REPEATED])
            table.writerow([f"{beginning}{row % REPEATED} of {number} {said}", f"{row} in {number} {' '.join(text)}", row % 6])
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cluster")


@pytest.fixture(scope="module")
def cluster(alone: Any, folder: Path) -> Iterator[Any]:
    """A head, and three machines of one worker each."""
    (folder / "marks").mkdir()
    plugin = installed(folder / "installed")
    environment = {"SPREADING_SECONDS": "0.05", "SPREADING_MARKS": str(folder / "marks"), "STSBENCH_CACHE_DIR": str(folder / "there")}
    with alone(PYTHONPATH=plugin, OMP_NUM_THREADS="1", **environment) as machines:
        machines.add("head", head=True, num_cpus=0)
        for number in range(3):
            machines.add(f"node-{number}")
        yield machines


@pytest.fixture(scope="module")
def board(folder: Path) -> Path:
    """A board of six encoders and seven benchmarks, of which nothing is computed."""
    benchmarks = [f"csv:{written(folder / f'{number}.csv', number)},name=own{number},public=true" for number in range(BENCHMARKS)]
    head = f'name = "small"\ntitle = "Small"\nprotocol = "plain"\nbenchmarks = {json.dumps(benchmarks)}\n'
    (folder / "board").mkdir()
    systems = [f'[[system]]\nencoder = "batchwise,seed={seed}"\n' for seed in range(ENCODERS)]
    (folder / "board" / "board.toml").write_text(head + "".join(systems))
    return folder / "board"


@pytest.fixture(scope="module")
def computed_here(cluster: Any, board: Path) -> dict[str, Any]:
    folder = copied(board, "local")
    told(begun(cluster, folder, executor="local", SPREADING_SECONDS="0"))
    return evidence(folder)


def copied(board: Path, name: str) -> Path:
    return Path(shutil.copytree(board, board.parent / name))


def begun(cluster: Any, board: Path, *more: str, executor: str = "", **environment: str) -> Popen[str]:
    """A run of a board on the cluster."""
    line = "run", "--board", str(board), "--cache-dir", f"{board}-cache", *more
    return started(cluster, *line, executor=executor, before=(), **environment)


def started(cluster: Any, *line: str, executor: str = "", before: tuple[str, ...] = (), **environment: str) -> Popen[str]:
    """A command, with the cluster as the executor or with options of it after a comma; `before` it what starts it."""
    named = f"ray:{cluster.address}{executor}" if executor[:1] in ("", ",") else executor
    whole = (*before, sys.executable, "-P", "-m", "stsbench", *line, "--executor", named, "--json")
    command: Popen[str] = cluster.start(*whole, **environment)
    return command


def told(run: Popen[str], code: int = 0) -> str:
    """What it wrote beside its results once it ends, which is with that exit code."""
    out, err = run.communicate(timeout=200)
    assert run.returncode == code, out + err
    if code == 0:
        json.loads(out)  # nothing else writes there
    return err


def evidence(board: Path) -> dict[str, Any]:
    """Every file of a board, byte by byte, but for clocks, rates and versions."""
    kept: dict[str, Any] = {}
    for path in sorted(path for path in board.rglob("*") if path.is_file()):
        held: Any = path.read_bytes()
        if path.suffix == ".json":
            held = json.loads(held)
            held.pop("provenance", None)
            for row in held.get("rows", ()):
                row["facts"] = {name: value for name, value in row["facts"].items() if name not in ("peak_memory", "texts_per_second")}
        kept[str(path.relative_to(board))] = held
    return kept


def encoded(cluster: Any) -> int:
    """How many texts encoders were given."""
    return sum(len(path.read_text().split()) for path in marks(cluster).glob("*.calls"))


def forget(cluster: Any) -> None:
    """Begin anew: without a worker of an earlier run, which may take its time to end, and without what it noted."""
    while cluster.workers():
        time.sleep(0.02)
    for path in marks(cluster).iterdir():
        path.unlink()


def marks(cluster: Any) -> Path:
    return Path(cluster.environment["SPREADING_MARKS"])


@contextmanager
def holding(cluster: Any) -> Iterator[Callable[[float], None]]:
    """No call of the double comes back meanwhile, or none once so many texts were given: a run lasts, however long the rest takes."""
    file = marks(cluster) / "held"

    def after(texts: float) -> None:
        (new := file.with_suffix(".new")).write_text(str(texts))
        new.replace(file)

    after(0)
    try:
        yield after
    finally:
        file.unlink()


def wait_for(cluster: Any, texts: float, run: Popen[str]) -> None:
    while encoded(cluster) < texts:
        assert run.poll() is None, run.communicate()
        time.sleep(0.02)


def wait_for_all(cluster: Any, run: Popen[str]) -> None:
    """Until each of the three machines, which begin one after the other, has a worker that was given texts."""
    while len(list(marks(cluster).glob("*.calls"))) < 3:
        assert run.poll() is None, run.communicate()
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("number", "times"),
    [(signal.SIGKILL, 1), (signal.SIGSTOP, 1), pytest.param(signal.SIGKILL, 10, marks=[pytest.mark.campaign, pytest.mark.timeout(900)])],
    ids=["killed", "stopped", "ten"],
)
def test_a_machine_is_lost_and_another_comes(cluster: Any, board: Path, computed_here: dict[str, Any], number: int, times: int) -> None:
    for turn, moment in enumerate(np.random.default_rng([number, times]).uniform(0.02, 0.9, size=times)):
        forget(cluster)
        folder, lost = copied(board, f"spread-{number}-{times}-{turn}"), cluster.names[0]
        with holding(cluster) as after:
            run = begun(cluster, folder)
            wait_for_all(cluster, run)
            after(moment * ENCODERS * TEXTS)
            wait_for(cluster, moment * ENCODERS * TEXTS, run)
            cluster.signal(lost, number)
        cluster.add(f"more-{number}-{times}-{turn}")
        warned = told(run)
        assert warned.count(f"worker {lost}/") >= 1, warned
        assert "was lost: " in warned
        if number == signal.SIGSTOP:
            cluster.signal(lost)
        assert evidence(folder) == computed_here
        provenance = {path: json.loads(path.read_bytes())["provenance"] for path in (folder / "results").rglob("*.json")}
        again = {path.name: int(facts["measured.encoded_twice"]) for path, facts in provenance.items() if "measured.encoded_twice" in facts}
        assert 0 <= encoded(cluster) - ENCODERS * TEXTS <= sum(again.values()), again


def test_a_machine_says_what_it_has(cluster: Any) -> None:
    out, err = started(cluster, "doctor").communicate(timeout=100)
    state = json.loads(out)[f"executor ray:{cluster.address}"]
    assert [name for name, said in state.items() if "1 CPU, 0 GPU" in said and said.endswith("room for 1 worker")] == sorted(
        cluster.names
    ), err
    assert state["head"].endswith("room for 0 workers")


def test_ctrl_c_exits_130_and_lets_all_workers_go(cluster: Any, board: Path, computed_here: dict[str, Any]) -> None:
    forget(cluster)
    folder = copied(board, "interrupted")
    with holding(cluster) as after:
        run = begun(cluster, folder)
        wait_for_all(cluster, run)
        after(0.6 * ENCODERS * TEXTS)
        wait_for(cluster, 0.6 * ENCODERS * TEXTS, run)
        cluster.interrupt(run)
        assert "interrupted; " in told(run, 130)
    while cluster.workers():
        time.sleep(0.05)
    before = encoded(cluster)
    assert told(begun(cluster, folder))
    assert evidence(folder) == computed_here
    assert encoded(cluster) < before + 0.7 * ENCODERS * TEXTS  # what had come back was kept: all but what three workers were at


def test_a_shard_that_ends_three_workers_fails_its_own_cells(cluster: Any, folder: Path) -> None:
    data = written(folder / "poison.csv", 77)
    (folder / "poison").mkdir()
    poison = f"batchwise,seed=1,deadly=149%20in%2077,deaths=99,marks={folder / 'poison'}"
    out, _ = started(
        cluster,
        "run",
        "batchwise",
        poison,
        "-b",
        f"csv:{data},name=one,public=true",
        "--cache-dir",
        str(folder / "poison"),
        SPREADING_SECONDS="0",
    ).communicate(timeout=100)
    statuses = {cell["encoder"]: (cell["status"], cell["reason"] or "") for cell in json.loads(out)["cells"]}
    assert statuses["batchwise"] == ("ok", "")
    assert statuses["batchwise,seed=1"][0] == "failed"
    assert "a shard of batchwise,seed=1 ended 3 workers, of the last of which is known: ActorDiedError: " in statuses["batchwise,seed=1"][1]
    assert "see its log on " in statuses["batchwise,seed=1"][1]
    log = statuses["batchwise,seed=1"][1].rpartition("`tail -n 50 ")[2].rstrip("`")
    assert Path(log).is_file()
    assert len(list((folder / "poison").glob("*.dead"))) == 3


def test_a_model_that_no_machine_has_fails_its_cells_or_is_sent(cluster: Any, folder: Path) -> None:
    """Its folder is there for the process alone that is started: on a file system that no other process sees."""
    (folder / "real" / "model").mkdir(parents=True)
    (folder / "real" / "model" / "weights").write_bytes(b"some" * 1000)
    (folder / "empty").mkdir()
    mounted = f'mount -t tmpfs none {folder / "empty"} && cp -r {folder / "real" / "model"} {folder / "empty"} && exec "$@"'
    data = written(folder / "few.csv", 3)
    line = ["run", f"kept:{folder / 'empty' / 'model'}", "batchwise", "-b", f"csv:{data},name=few,public=true"]

    def run_of(name: str, executor: str, code: int = 0) -> tuple[Any, str]:
        kept = ["--cache-dir", str(folder / name), "--results", str(folder / name)]
        run = started(
            cluster, *line, *kept, executor=executor, before=("unshare", "--mount", "sh", "-c", mounted, "sh"), SPREADING_SECONDS="0"
        )
        out, err = run.communicate(timeout=100)
        assert run.returncode == code, err
        cells = {cell["encoder"]: (cell["status"], cell["spearman"], cell["reason"]) for cell in json.loads(out)["cells"]}
        assert [encoder.partition("~")[0] for encoder in sorted(cells)] == ["batchwise", "kept:model"], cells
        return cells, err

    (here, _), (without, warned), (sent, _) = run_of("model-here", "local"), run_of("model-without", "", 1), run_of("model-sent", ",ship=1")
    assert not list((folder / "empty").iterdir())
    (model,) = (name for name in here if name.startswith("kept"))
    said = "its folder here has 0.0 MB, which the executor's option ship=1 would send there"
    assert without[model] == (
        "failed",
        None,
        f"there is no file or folder model; give one that exists, or a hub id without a leading ./ or /; {said}",
    )
    assert "does not encode with kept:model: there is no file or folder model; " in warned
    assert without["batchwise"] == here["batchwise"]
    assert sent == here
    (there,) = (folder / "there" / "models").iterdir()
    assert (there / "model" / "weights").read_bytes() == b"some" * 1000
    assert evidence(folder / "model-sent" / "results") == evidence(folder / "model-here" / "results")


@pytest.mark.campaign  # that two runs merge is tested without a cluster, too
def test_two_runs_of_one_board_at_once_leave_what_one_does(cluster: Any, board: Path, computed_here: dict[str, Any]) -> None:
    folder = copied(board, "twice")
    runs = [begun(cluster, folder) for _ in range(2)]
    for run in runs:
        told(run)
    assert evidence(folder) == computed_here


@pytest.mark.parametrize(
    ("executor", "said"),
    [
        (",memory=900000000", "no machine has room for a worker of threads=1, memory=900000000 MB (head has 0 CPU, 0 GPU, "),
        (",resource=tape", "no machine has room for a worker of threads=1, resource=tape (head has 0 CPU, 0 GPU, 0 tape, "),
    ],
    ids=["memory", "resource"],
)
def test_what_no_machine_has_is_told(cluster: Any, board: Path, executor: str, said: str) -> None:
    assert said in told(begun(cluster, copied(board, executor[1:].partition("=")[0]), executor=executor), 2)


def test_machines_with_other_software_are_not_used(cluster: Any, board: Path, folder: Path) -> None:
    (folder / "blocked").mkdir()
    (folder / "blocked" / "sitecustomize.py").write_text(BLOCKED)
    paths = {"older": installed(folder / "older", "0.9"), "lacking": str(folder / "nothing"), "bare": str(folder / "blocked")}
    for name, path in paths.items():
        cluster.add(name, resources={name: 1}, env_vars={"PYTHONPATH": path})
    runs = {name: begun(cluster, copied(board, f"for-{name}"), executor=f",resource={name}") for name in paths}
    try:
        older, lacking, bare = (told(runs[name], code) for name, code in (("older", 2), ("lacking", 2), ("bare", 3)))
    finally:
        for name in paths:
            cluster.signal(name)
    assert "no worker has the software of this machine (older: stsbench-spreading 0.9 (" in older
    assert "; on each, run pip install stsbench==" in older
    assert "no worker has the software of this machine (lacking: stsbench-spreading not installed, here 1.0 (" in lacking
    assert "none came in their place (of the last is known: there is no stsbench_ray on bare; install there what is installed here)" in bare


def test_private_texts_go_by_consent_and_stay_nowhere(cluster: Any, folder: Path) -> None:
    """Neither they, nor a secret of this process's environment, are in any file of the cluster, or in the environment of a worker."""
    data = written(folder / "private.csv", 5, CANARY)
    line = ["run", "batchwise", "-b", f"csv:{data},name=mine", "--cache-dir", str(folder / "private"), "--results", str(folder / "kept")]
    refused = told(started(cluster, *line), 2)
    assert (
        f"private texts would be sent to the machines of {cluster.address}; if that is meant, add --send-private {cluster.address}"
        in refused
    )
    forget(cluster)
    with holding(cluster):
        run = started(cluster, *line, "--send-private", cluster.address, OPENAI_API_KEY=SECRET)
        while len(workers := cluster.workers()) < 3:
            assert run.poll() is None, run.communicate()
            time.sleep(0.02)
        surroundings = [Path(f"/proc/{pid}/environ").read_bytes() for pid in workers]
    told(run)
    assert not any(SECRET.encode() in one for one in surroundings)
    files = [path for place in (cluster.folder, folder / "kept") for path in place.rglob("*") if path.is_file()]
    assert len([path for path in files if "worker-" in path.name]) >= 3
    for path in files:
        held = path.read_bytes()
        assert SECRET.encode() not in held, path
        assert CANARY.encode() not in held, path
    shared = [word for line in cluster.processes().values() for word in line]
    assert shared
    assert not any(CANARY in word or SECRET in word for word in shared)


OCCUPANT = """
import sys, time, ray
ray.init(address=sys.argv[1], log_to_driver=False)
held = [ray.put(b"occupied" * 2**20) for _ in range(9)]
print("there", flush=True)
time.sleep(300)
"""


@pytest.fixture(scope="module")
def narrow(alone: Any, folder: Path) -> Iterator[Any]:
    """A head whose object store is nearly full, so that it spills; a machine, and one of which Ray thinks that its memory is used up."""
    (folder / "narrow").mkdir()
    with alone(PYTHONPATH=installed(folder / "narrow" / "installed"), OMP_NUM_THREADS="1") as machines:
        machines.add("head", head=True, num_cpus=0, config={"local_fs_capacity_threshold": 0.0, "object_store_full_delay_ms": 10})
        machines.add("wide", resources={"wide": 1})
        machines.add("poor", environment={"RAY_memory_usage_threshold": "0.001", "RAY_memory_monitor_refresh_ms": "50"})
        yield machines


def test_workers_without_memory_are_told_and_others_go_on(narrow: Any, folder: Path) -> None:
    line = ["run", "batchwise", "-b", f"csv:{written(folder / 'narrow' / 'few.csv', 3)},name=few,public=true"]
    told(started(narrow, *line, "--cache-dir", str(folder / "narrow" / "here"), executor="local"))
    run = started(narrow, *line, "--cache-dir", str(folder / "narrow" / "cache"), SPREADING_SECONDS="0.2")
    err = told(run)
    said = " was lost: poor ran out of memory, and Ray ended the worker; ask for more of it a worker, with memory= of the executor"
    assert f"worker poor/0{said}" in err


def test_a_full_object_store_fails_the_cells_of_what_it_is_too_small_for(narrow: Any, folder: Path) -> None:
    data = written(folder / "narrow" / "wide.csv", 4)
    line = ["run", "batchwise", "batchwise,width=400000", "-b", f"csv:{data},name=wide,public=true"]
    run = started(narrow, *line, "--cache-dir", str(folder / "narrow" / "cache"), executor=",resource=wide", SPREADING_SECONDS="0")
    out, _ = run.communicate(timeout=100)
    reasons = {cell["encoder"]: cell["reason"] for cell in json.loads(out)["cells"]}
    assert run.returncode == 1
    full = "Ray's object store on wide is full, and so is the disk that it spills to; free some, or start Ray there with more"
    assert reasons == {
        "batchwise": None,
        "batchwise,width=400000": f"a shard of batchwise,width=400000 ended 3 workers, of the last of which is known: {full}",
    }


def test_texts_are_in_no_object_that_may_be_spilled(narrow: Any, folder: Path) -> None:
    """Each is larger than what Ray would put there, and what another driver put there is spilled meanwhile."""
    data = folder / "narrow" / "private.csv"
    with data.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["left", "right", "score"])
        rows.writerows((f"{CANARY} {row} {'and on ' * 18000}", f"{row} {'so on ' * 18000}", row % 6) for row in range(30))
    occupant = narrow.start(sys.executable, "-c", OCCUPANT, narrow.address)
    assert occupant.stdout.readline() == "there\n"
    line = ["run", "batchwise", "-b", f"csv:{data},name=mine", "--cache-dir", str(folder / "narrow" / "mine")]
    run = started(narrow, *line, "--send-private", narrow.address, executor=",resource=wide", SPREADING_SECONDS="0.1")
    spilled = set[bytes]()
    while run.poll() is None:
        for path in narrow.folder.glob("session_*/ray_spilled_objects_*/*"):
            held = path.read_bytes()
            spilled |= {word for word in (b"occupied", b"so on so on", CANARY.encode()) if word in held}
        time.sleep(0.1)
    told(run)
    assert spilled == {b"occupied"}


def test_when_the_head_dies_what_is_finished_is_kept(cluster: Any, board: Path, computed_here: dict[str, Any]) -> None:
    """The last, since nothing is left."""
    forget(cluster)
    folder = copied(board, "headless")
    with holding(cluster) as after:  # else it might be done before the head is missed
        after(0.5 * ENCODERS * TEXTS)
        run = begun(cluster, folder)
        wait_for(cluster, 0.5 * ENCODERS * TEXTS, run)
        cluster.end_head()
        gone = f"the head of the cluster at {cluster.address} answers no more (Connection refused); start it again: what was finished"
        assert gone in told(run, 3)
    before = encoded(cluster)
    told(begun(cluster, folder, executor="local", SPREADING_SECONDS="0"))
    assert evidence(folder) == computed_here
    assert encoded(cluster) < before + 0.9 * ENCODERS * TEXTS
    assert "no Ray cluster answers at" in told(begun(cluster, copied(board, "none")), 2)


def test_a_cluster_of_another_ray_or_with_another_token_is_not_joined(alone: Any, board: Path) -> None:
    with alone(OMP_NUM_THREADS="1", PYTHONPATH=str(board.parent / "installed")) as machines:
        machines.add("head", head=True, version="2.59.0")
        other, token = (
            begun(machines, copied(board, "other")),
            begun(machines, copied(board, "token"), RAY_AUTH_TOKEN="f" * 64, RAY_NUM_REDIS_GET_RETRIES="2"),
        )
        assert f"the cluster at {machines.address} runs Ray 2.59.0 and Python 3." in (said := told(other, 2))
        assert "both have to be the same: run pip install ray==2.59.0" in said
        assert f"the cluster at {machines.address} asks for its token; set RAY_AUTH_MODE=token, and RAY_AUTH_TOKEN as on its head" in told(
            token, 2
        )
