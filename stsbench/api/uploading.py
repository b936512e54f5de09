"""Offering files to a repository on the hub: said by default, done only when asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from stsbench.errors import StsbenchError, UsageError
from stsbench.evidence.spec import SPEC, load_spec
from stsbench.leaderboard.discreet import without_paths
from stsbench.stores.atomic import OWN
from stsbench.stores.records import RESULTS, load_all

KINDS: Final = ("model", "dataset", "space")


def offer(folder: Path, repository: str, kind: str = "model", *, dry_run: bool = True) -> dict[str, Any]:
    """What would be sent (`files`: size by name), and after sending it the address of the pull request (else `pull_request` is None).

    Files are offered as a pull request, never written to the main branch. The token is the hub client's own (`HF_TOKEN`). Raises
    UsageError for an empty folder, and for one that holds, at any depth, results of private benchmarks or a board that names a path.
    """
    if kind not in KINDS:
        raise UsageError(f"a repository on the hub is of kind {', '.join(KINDS)}, not {kind!r}")
    if repository.count("/") != 1:
        raise UsageError(f"a repository on the hub is named owner/name, not {repository!r}")
    paths = {path.relative_to(folder): path for path in sorted(folder.rglob("*")) if path.is_file()}
    files = {name.as_posix(): path.stat().st_size for name, path in paths.items() if OWN not in name.parts}
    if not files:
        raise UsageError(f"there are no files in {folder}; write some with: stsbench export ... -o {folder}")
    roots = {path.parent for path in folder.rglob(RESULTS)} | {folder}
    if private := sorted({file.benchmark.name for root in roots for file in load_all(root) if file.benchmark.private}):
        raise UsageError(f"{folder} holds results on private data ({', '.join(private)}), which are not uploaded; remove them first")
    for board in (path.parent for path in folder.rglob(SPEC)):
        if without_paths(spec := load_spec(board)) != spec:
            named = (board / SPEC).relative_to(folder)
            raise UsageError(f"{named} names a path of this machine, which is not uploaded; move it elsewhere first")
    offered: dict[str, Any] = {"repository": repository, "kind": kind, "files": files, "pull_request": None}
    return offered if dry_run else {**offered, "pull_request": _send(folder, repository, kind)}


def _send(folder: Path, repository: str, kind: str) -> str:
    from huggingface_hub import HfApi

    try:
        commit = HfApi(library_name="stsbench").upload_folder(
            repo_id=repository,
            repo_type=kind,
            folder_path=folder,
            create_pr=True,
            commit_message="Results measured with stsbench",
            ignore_patterns=[f"{OWN}/*", f"*/{OWN}/*"],
        )
    except Exception as error:
        why = type(error).__name__
        raise StsbenchError(
            f"the hub did not take the files for {repository} ({why}); see that it exists and that HF_TOKEN may write to it"
        ) from error
    return str(commit.pr_url or commit.commit_url)
