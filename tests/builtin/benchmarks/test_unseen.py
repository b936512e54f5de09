"""A benchmark without what other data hold: the right pairs are left, under a name of their own, and what was trained on those may run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stsbench.api.evaluate import evaluate
from stsbench.api.session import Session
from stsbench.contracts.ref import escape
from stsbench.errors import DataError, OptionError, PlanError
from stsbench.host.registry import Registry
from stsbench.runner.request import Request

WHOLE = """sentence1,sentence2,score,group,weight
A cat sleeps.,the stock fell,0,a,1
A cat sleeps.,A cat is asleep.,5,a,2
A dog barks.,A dog is barking!,4,b,3
"One, two.",three four,1,b,4
A cat sleeps.,the stock fell,1,b,5
A man sings.,A man eats.,2,c,6
"""
SEEN = """sentence1,sentence2,score
a cat is asleep,A CAT SLEEPS,3
three  four,one two,3
A man sings.,A woman eats.,2
"""


def unseen(folder: Path, whole: str = WHOLE, seen: str = SEEN, options: str = "", public: str = ",public=true") -> str:
    for name, text in (("whole", whole), ("seen", seen)):
        (folder / f"{name}.csv").write_text(text, "utf-8")
    of, by = f"csv:{folder}/whole.csv,name=whole{options}{public}", f"csv:{folder}/seen.csv,name=seen,public=true"
    return f"unseen,of={escape(of)},by={escape(by)}"


def built(ref: str) -> Any:
    return Registry.installed().resolve("benchmark", ref).build()


def test_the_pairs_that_are_left_keep_all_that_they_have(tmp_path: Path) -> None:
    benchmark = built(unseen(tmp_path, options=",group=group,weight=weight"))
    assert benchmark.card.name == "whole (without seen)"
    assert not benchmark.card.private
    (part,) = benchmark.load()
    assert part.pairs.left == ("A cat sleeps.", "A dog barks.", "A cat sleeps.", "A man sings.")
    assert part.pairs.right == ("the stock fell", "A dog is barking!", "the stock fell", "A man eats.")
    assert part.pairs.gold.tolist() == [0, 4, 1, 2]
    assert part.pairs.group == ("a", "b", "b", "c")
    assert part.pairs.weights is not None
    assert part.pairs.weights.tolist() == [1, 3, 5, 6]
    assert "left out: 2 of 6 pairs, which seen holds" in part.source.notes


def test_a_triplet_is_left_out_whole(tmp_path: Path) -> None:
    whole = "sentence1,sentence2,negative\na,b,c\nd,e,f\ng,h,i\n"
    (part,) = built(unseen(tmp_path, whole, "sentence1,sentence2,score\nF,d,0\nh,x,1\n", ",negative=negative")).load()
    assert (part.pairs.left, part.pairs.right) == (("a", "g", "a", "g"), ("b", "h", "c", "i"))
    assert np.array_equal(part.pairs.gold, [1, 1, 0, 0])


def test_what_any_of_several_holds_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "more.csv").write_text("sentence1,sentence2,score\nA man eats,a man sings,2\nA dog barks,a cat,1\n", "utf-8")
    more = escape(f"csv:{tmp_path}/more.csv,name=more,public=true")
    benchmark = built(f"{unseen(tmp_path)}+{more}")
    assert benchmark.card.name == "whole (without seen, more)"
    (part,) = benchmark.load()
    assert part.pairs.gold.tolist() == [0, 4, 1]
    assert "left out: 3 of 6 pairs, which seen, more holds" in part.source.notes
    private = escape(f"csv:{tmp_path}/more.csv")
    assert built(f"{unseen(tmp_path)}+{private}").card.private


def test_nothing_that_is_left_is_said(tmp_path: Path) -> None:
    unseen(tmp_path)
    of = escape(f"csv:{tmp_path}/whole.csv,name=whole,public=true")
    with pytest.raises(DataError, match=r"^whole holds every pair of whole; name other data with by=$"):
        built(f"unseen,of={of},by={of}").load()


@pytest.mark.parametrize(("options", "lacks"), [("", "of and by"), (",of=mini", "by"), (",by=mini", "of")])
def test_both_are_needed(options: str, lacks: str) -> None:
    with pytest.raises(OptionError, match=f"^benchmark 'unseen' needs {lacks}; write unseen,"):
        built(f"unseen{options}")


def test_what_is_private_of_either_stays_private(tmp_path: Path) -> None:
    ref = unseen(tmp_path, public="")
    resolved = Registry.installed().resolve("benchmark", ref)
    assert built(ref).card.private
    assert str(tmp_path) not in str(resolved.ref)
    of, by = (escape(f"csv:{tmp_path}/{name}.csv{rest}") for name, rest in (("whole", ",public=true"), ("seen", "")))
    assert built(f"unseen,of={of},by={by}").card.private


def test_what_was_trained_on_the_others_runs_and_is_not_leaked(tmp_path: Path) -> None:
    ref = unseen(tmp_path)
    learned = f"learned-diagonal,fit={escape(f'csv:{tmp_path}/seen.csv,name=seen,public=true')}"
    with pytest.raises(PlanError, match="is trained on 2 of the pairs of whole"):
        evaluate("hashing", learned, f"csv:{tmp_path}/whole.csv,name=whole,public=true", cache=tmp_path / "cache")
    session = Session.opened(Registry.installed(), cache=tmp_path / "cache")
    (entry,) = session.run(Request.of("hashing", learned, ref)).headlines()
    assert entry.record.n == 4
    assert "supervised" in entry.record.flags
    assert not {"leaked", "overlap"} & set(entry.record.flags)
    first = session.benchmark("unseen,of=mini,by=stress")
    again = session.benchmark(first.ref)
    assert (again.name, again.ref) == ("mini (without stress)", first.ref)


def test_seven_benchmarks_have_the_pairs_that_are_known_to_be_left(mirror: Path) -> None:
    left = {"STS12": 2106, "STS13": 904, "STS14": 1889, "STS15": 1898, "STS16": 989, "STSBenchmark": 1367, "SICK-R": 9812}
    session = Session.opened(Registry.installed(), mirror=str(mirror))
    loaded = session.load([f"unseen,of={name},by=STSBenchmark:train" for name in left])
    assert {one.name: len(one.parts[0].pairs) for one in loaded} == {f"{name} (without STSBenchmark:train)": n for name, n in left.items()}
