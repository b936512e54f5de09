"""References without the paths that they name."""

from __future__ import annotations

import pytest

from stsbench.leaderboard.discreet import discreet, names_of_files


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("csv:secret/own.csv,left=diagnosis,name=ours,by=group", "csv:~,left=~,name=ours,by=group"),
        ("csv:own.csv,left=a,public=true", "csv:~,left=a,public=true"),
        ("stsbench/CSV:own.csv", "stsbench/CSV:~"),
        ("bert:./secret,pooling=cls+mean", "bert:~,pooling=cls+mean"),
        ("bert:%2Fsrv%2Fmodels%2Fx", "bert:~"),
        ("bert:org/m,cache_dir=/srv/models/x,prompt=@secret.txt", "bert:org/m,cache_dir=~,prompt=@~"),
        ("whiten,k=64,fit=csv:secret/own.csv%2Cleft=a", "whiten,k=64,fit=csv:%7E%2Cleft%3D%7E"),
        ("ridge,fit=csv:dir+x/secret.csv", "ridge,fit=csv:%7E"),
        ("vectors:./v.npy,rows=csv:secret/own+x.csv%2Cscore=diagnosis", "vectors:~,rows=csv:%7E%2Cscore%3D%7E"),
        ("unseen,of=STSBenchmark,by=mini+csv:secret.csv%2Cscore=diagnosis", "unseen,of=STSBenchmark,by=mini+csv:%7E%2Cscore%3D%7E"),
        (
            "visual,of=unseen%2Cof=csv:own.csv%252Cleft=diagnosis%2Cby=mini",
            "visual,of=unseen%2Cof%3Dcsv:%257E%252Cleft%253D%257E%2Cby%3Dmini",
        ),
        ("bert:org/m,trained_on=STSBenchmark:train+csv:secret.csv", "bert:org/m,trained_on=STSBenchmark:train+csv:%7E"),
        ("bert:org/m,trained_on=csv:secret.csv+STSBenchmark:train", "bert:org/m,trained_on=csv:%7E+STSBenchmark:train"),
        ("unseen,of=STSBenchmark,by=csv:own.csv%2Cscore=diagnosis+mini", "unseen,of=STSBenchmark,by=csv:%7E%2Cscore%3D%7E+mini"),
    ],
)
def test_paths_are_left_out(text: str, expected: str) -> None:
    assert discreet(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "cosine", "bert:org/model,view=a+mean@0:6", "bert:pkg:gt/model", "STSBenchmark:validation", "mini",
        "bert:org/m,prompt=query:%20passage:%20", "bert:org/m,prompt=%FF:a", "not a reference", "x,y",
    ],
)  # fmt: skip
def test_what_names_no_path_stays(text: str) -> None:
    assert discreet(text) == text


def test_files_of_plugins_are_known_from_the_evidence() -> None:
    files = names_of_files(
        ["stsbench/csv:~12ab34cd,left=%7E00000000", "acme/unseen,of=acme/Sheet:%7E12ab34cd", "bert:org/model", "object:Plain"]
    )
    assert files == {"csv", "sheet"}
    assert discreet("sheet:own.xlsx,page=diagnoses", files) == "sheet:~,page=~"
    assert discreet("whiten,fit=acme/sheet:own.xlsx", files) == "whiten,fit=acme/sheet:%7E"
