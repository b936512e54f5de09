"""Texts as pictures: the same pixels wherever they are drawn, the pairs and the gold of their texts, from a run to the page."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import pytest
from stsbench_vision.drawing import MARGIN, Pen, drawable

from stsbench.api.evaluate import evaluate
from stsbench.api.session import Session
from stsbench.contracts.items import Image
from stsbench.errors import DataError, ModelError, OptionError, PluginError
from stsbench.host.registry import Registry
from stsbench.runner.request import Request

DIGEST = """
from PIL import ImageFont, features
if {without}: features.check = ImageFont.core.HAVE_RAQM = ImageFont.core.HAVE_FRIBIDI = False
from stsbench_vision.drawing import Pen
pen = Pen(24, 336)
print(*(pen.draw(text).digest for text in ("A man plays the guitar, and fi AV To.", "office " * 30, "caf\u00e9 \u2019s \u2192")))
"""


def visual(options: str) -> Any:
    return Registry.installed().resolve("benchmark", f"visual,{options}").build()


def test_pixels_do_not_depend_on_the_fonts_of_the_machine(tmp_path: Path) -> None:
    (tmp_path / "fonts.conf").write_text("<fontconfig></fontconfig>")
    other = {"FONTCONFIG_FILE": str(tmp_path / "fonts.conf"), "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path), "LC_ALL": "C"}
    digests = [
        subprocess.run([sys.executable, "-c", DIGEST.format(without=without)], capture_output=True, text=True, check=True, env=env).stdout
        for without, env in ((False, dict(os.environ)), (True, os.environ | other))
    ]
    assert digests[0] == digests[1]
    assert len(set(digests[0].split())) == 3


def test_a_text_is_black_on_white_within_its_picture() -> None:
    pen = Pen(24, 336)
    for text in ("x", "A man plays the guitar.", "word " * 200, "unbreakable" * 40, "", "two\nlines"):
        pixels = pen.draw(text).pixels()
        assert pixels.shape[1] == 336
        assert pixels.shape[0] >= 336
        assert (pixels[..., 0] == pixels[..., 1]).all()
        edge = MARGIN // 2
        assert pixels[:edge].min() == pixels[:, :edge].min() == pixels[:, -edge:].min() == 255, "nothing touches an edge"
        assert (pixels.min() < 50) == bool(text.strip())
    long = pen.draw("word " * 200).pixels()
    assert long[-60:].min() < 50, "the last line is there"
    assert pen.draw("x") == pen.draw("x") != pen.draw("y")


def test_what_the_font_lacks_is_drawn_as_near_as_can_be() -> None:
    assert drawable("Caf\u00e9 \u201cna\u00efve\u201d \u2013 it\u2019s \ufb01ne\u2026") == 'Cafe "naive" - it\'s fine...'
    assert drawable("\u2192") == "\u2192", "a box is drawn of it"


def test_the_pairs_are_those_of_the_texts() -> None:
    benchmark = visual("of=mini")
    texts, drawn = (one.load()[0] for one in (Registry.installed().resolve("benchmark", "mini").build(), benchmark))
    assert benchmark.card.name == "visual-mini"
    assert drawn.pairs.reads == {"image"}
    assert np.array_equal(texts.pairs.gold, drawn.pairs.gold)
    assert texts.pairs.group == drawn.pairs.group
    assert drawn.place == texts.place
    picture = {text: image for text, image in zip(texts.pairs.left, drawn.pairs.left, strict=True) if isinstance(image, Image)}
    assert len(set(picture.values())) == len({drawable(str(text)) for text in picture})
    assert drawn.source.notes == ("drawn without some accents or with boxes: 2 of 556 texts",)
    assert len({visual(options).load()[0].pairs.digest for options in ("of=mini", "of=mini,size=20", "of=mini,width=400")}) == 3
    assert visual("of=mini,size=20").card.name == "visual-mini-20px-336px"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("size=24", "benchmark 'visual' needs of; write visual,of=BENCHMARK"),
        ("of=mini,size=4", "options 'size' and 'width' take 6 to 200 pixels"),
        ("of=mini,size=100,width=50", "options 'size' and 'width' take"),
        ("of=sts-english", "of= names a suite; name one of its benchmarks at a time"),
    ],
)
def test_what_cannot_be_drawn_is_told(options: str, says: str) -> None:
    with pytest.raises((OptionError, PluginError, ModelError), match=says):
        visual(options).load()


def test_other_scripts_are_refused_and_no_text_is_quoted(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text("sentence1,sentence2,score\nplain,\u6f22\u5b57,1\nplain,\u0434\u0430 na,2\nstra\u00dfe \u0142,plain,3\n", "utf-8")
    with pytest.raises(DataError, match=r"^2 of 4 texts of private-\w+ hold letters of another script than Latin, which the font has not"):
        visual(f"of=csv:{path}").load()


def test_private_texts_stay_private_as_pictures(tmp_path: Path) -> None:
    path = tmp_path / "canary-pairs.csv"
    path.write_text("canary-left,b,score\nplain canary,other,1\nno,more,2\nyes,less,3\n", "utf-8")
    resolved = Registry.installed().resolve("benchmark", f"visual,of=csv:{path}%2Cleft=canary-left%2Cright=b")
    assert "canary" not in str(resolved.ref)
    assert str(tmp_path) not in resolved.label
    out = tmp_path / "out"
    evaluate("thumbnail", "cosine", f"visual,of=csv:{path}%2Cleft=canary-left%2Cright=b", results=out / "r", cache=out / "c")
    files = [file for file in out.rglob("*") if file.is_file()]
    assert any(file.suffix == ".json" for file in files)
    pictures = [image.digest for image in resolved.build().load()[0].pairs.left]
    for needle in (b"canary", str(tmp_path).encode(), *(digest.encode() for digest in pictures)):
        assert [file for file in files if needle in file.read_bytes() or needle in file.name.encode()] == []


def test_an_alias_of_the_texts_names_the_same_benchmark() -> None:
    refs = [str(Registry.installed().resolve("benchmark", f"visual,of={name}").ref) for name in ("STS-B", "STSBenchmark", "mini")]
    assert refs[0] == refs[1] == "stsbench-vision/visual,of=stsbench/STSBenchmark"
    assert refs[2] != refs[0]


def test_a_reference_reads_back(tmp_path: Path) -> None:
    session = Session.opened(Registry.installed(), cache=tmp_path)
    drawn = session.benchmark("visual,of=mini")
    assert session.benchmark(drawn.ref).parts[0].pairs.digest == drawn.parts[0].pairs.digest
    plan = session.plan(Request.of("thumbnail", "cosine", drawn.ref))
    assert plan.benchmarks[0].name == "visual-mini"


def test_from_a_run_to_the_page(tmp_path: Path, stsbench: Callable[..., CompletedProcess[str]], write_board: Callable[..., Path]) -> None:
    ink = {"encoder": "thumbnail,ink=true", "similarities": ["euclidean", "cosine"]}
    of = {"benchmarks": ["visual,of=mini"], "primary": "euclidean", "writers": ["markdown", "json", "html"]}
    write_board(tmp_path / "drawn", ink, {"encoder": "colour-mean", "similarities": ["euclidean"]}, **of)
    done = stsbench("run", "--board", str(tmp_path / "drawn"), "--cache-dir", str(tmp_path / "cache"))
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "drawn" / "index.html").read_text("utf-8")
    assert "visual-mini" in page
    assert "colour-mean" in page
    assert len(re.findall("images a second", page, re.IGNORECASE)) > 3
    assert "texts a second" not in page.lower(), "its items are images, in sentences, heads and charts"
    assert stsbench("leaderboard", "check", str(tmp_path / "drawn")).returncode == 0
    again = stsbench("run", "--board", str(tmp_path / "drawn"), "--cache-dir", str(tmp_path / "cache"), "--fresh")
    assert again.returncode == 0
    compared = stsbench(
        "compare", "thumbnail", "thumbnail,side=4", "-b", "visual,of=mini", "--cache-dir", str(tmp_path / "cache"), "--no-cache"
    )
    assert "images a second" in compared.stdout
    assert "texts a second" not in compared.stdout


def test_the_visual_tasks_are_read_from_columns_of_images(tmp_path: Path) -> None:
    from datasets import Dataset, Features, Value
    from datasets import Image as Feature

    pen = Pen(12, 96)
    pictures = [{"bytes": pen.draw(text).read(), "path": None} for text in ("a man", "a woman", "a man")]
    rows = {"sentence1": pictures, "sentence2": pictures[::-1], "score": [5.0, 1.0, 4.0]}
    features = Features({"sentence1": Feature(), "sentence2": Feature(), "score": Value("float64")})
    place = tmp_path / "mteb" / "rendered-sts12"
    place.mkdir(parents=True)
    Dataset.from_dict(rows, features=features).to_parquet(place / "test.parquet")
    (part,) = Registry.installed().resolve("benchmark", "STS12VisualSTS", execution={"mirror": str(tmp_path)}).build().load()
    assert part.pairs.reads == {"image"}
    assert part.source.differs == (
        "STS12VisualSTS (test) from the mirror differs from its definition: 3 pairs, expected 3,108; 2 unique left texts, expected 2,236; "
        "2 unique right texts, expected 2,797; lowest gold score 1, expected 0"
    )
