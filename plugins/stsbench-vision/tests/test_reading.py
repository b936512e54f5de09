"""Images beside a table: which are taken and how, and a sentence with its row for each that is not."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw

from stsbench.api.evaluate import evaluate
from stsbench.api.session import Session
from stsbench.contracts.items import Image
from stsbench.errors import DataError
from stsbench.host.registry import Registry

COLOURS = {"red": (255, 0, 0), "pink": (255, 105, 180), "green": (0, 255, 0)}
COSINES = [0.774329, 0.0, 0.318841]


def written(picture: Any, form: str = "PNG", **options: Any) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, form, **options)
    return stream.getvalue()


def drawn(mode: str = "RGB", size: tuple[int, int] = (40, 30)) -> Any:
    picture = Pillow.new(mode, size)
    ImageDraw.Draw(picture).line((0, 0, *size), fill=1, width=3)
    return picture


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_of(width: int, height: int, depth: int, kind: int, data: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


def table(folder: Path, rows: list[tuple[str, str]], name: str = "pairs.csv") -> Path:
    path = folder / name
    path.write_text("a,b,score\n" + "".join(f"{left},{right},{row}\n" for row, (left, right) in enumerate(rows)), "utf-8")
    return path


def load(path: Path, options: str = "left=a,right=b,items=image") -> Any:
    (part,) = Registry.installed().resolve("benchmark", f"csv:{path},{options}").build().load()
    return part


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "good.png").write_bytes(written(drawn()))
    return tmp_path / "in"


@pytest.mark.parametrize(
    ("form", "options", "within"), [("PNG", {}, 1e-6), ("WEBP", {"lossless": True}, 1e-6), ("WEBP", {}, 0.01), ("JPEG", {}, 0.01)]
)
def test_the_floor_scores_three_colours(tmp_path: Path, form: str, options: dict[str, Any], within: float) -> None:
    for name, colour in COLOURS.items():
        (tmp_path / name).write_bytes(written(Pillow.new("RGB", (40, 30), colour), form, **options))
    path = table(tmp_path, [("red", "pink"), ("red", "green"), ("pink", "green")])
    session = Session.opened(Registry.installed())
    plan = session.plan(_request(f"csv:{path},left=a,right=b,items=image"))
    ((_, _, scores),) = session.scores(plan)
    assert scores == pytest.approx(np.array(COSINES), abs=within)


def _request(benchmark: str) -> Any:
    from stsbench.runner.request import Request

    return Request.of("colour-mean", "cosine", benchmark)


def talking(image: bytes) -> bytes:
    """The same PNG with a text of 2 MB, packed, behind its header: more than a reader unpacks."""
    return image[:33] + chunk(b"zTXt", b"said\0\0" + zlib.compress(b"a" * 2**21)) + image[33:]


CLEAR = "is transparent in part, and what shows there is not said"
RED = Pillow.new("RGB", (40, 30), "red")
BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "short.png": (lambda: written(drawn())[:-40], "is cut short or damaged"),
    "short.jpg": (lambda: written(Pillow.effect_noise((80, 80), 90), "JPEG")[:-400], "is cut short or damaged"),
    "short.webp": (lambda: written(drawn(), "WEBP")[:-30], "is cut short or damaged"),
    "talking.png": (lambda: talking(written(drawn())), "is cut short or damaged"),
    "bomb.png": (lambda: png_of(60_000, 60_000, 8, 0, b""), "has more than 67 million pixels"),
    "large.png": (lambda: png_of(8_193, 8_192, 8, 0, b""), "has more than 67 million pixels"),
    "bomb.webp": (
        lambda: b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + b"\xfe\x3f\x00" * 2,
        "has more than 67 million pixels",
    ),
    "cmyk.jpg": (lambda: written(Pillow.new("CMYK", (9, 9)), "JPEG"), "is of print colours (CMYK)"),
    "grey16.png": (lambda: written(Pillow.new("I;16", (9, 9))), "has 16 bits a colour, where 8 are read"),
    "rgb16.png": (lambda: png_of(2, 1, 16, 2, b"\0" + b"\1\2" * 6), "has 16 bits a colour, where 8 are read"),
    "moving.png": (lambda: written(drawn(), save_all=True, append_images=[RED]), "is animated"),
    "moving.webp": (lambda: written(drawn(), "WEBP", save_all=True, append_images=[RED]), "is animated"),
    "clear.png": (lambda: written(Pillow.new("RGBA", (9, 9), (255, 0, 0, 128))), CLEAR),
    "clear-palette.png": (lambda: written(drawn("P"), transparency=0), CLEAR),
    "clear.webp": (lambda: written(Pillow.new("RGBA", (9, 9), (255, 0, 0, 0)), "WEBP"), CLEAR),
    "text.png": (lambda: b"red, mostly", "is no PNG, JPEG or WEBP image"),
    "empty.png": (lambda: b"", "is no PNG, JPEG or WEBP image"),
    "drawing.png": (lambda: written(drawn(), "EPS"), "is no PNG, JPEG or WEBP image"),
    "drawing.gif": (lambda: written(drawn("P"), "GIF"), "is no PNG, JPEG or WEBP image"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_image_is_a_sentence_with_its_row(folder: Path, name: str) -> None:
    made, says = BAD[name]
    (folder / name).write_bytes(made())
    with pytest.raises(DataError) as raised:
        load(table(folder, [("good.png", "good.png"), ("good.png", name)]))
    assert "row 2 of private-" in str(raised.value)
    assert says in str(raised.value)
    assert name not in str(raised.value)


def test_every_bad_row_is_named_and_none_is_lost(folder: Path) -> None:
    for name, (made, _) in BAD.items():
        (folder / name).write_bytes(made())
    (folder.parent / "outside.png").write_bytes(written(drawn()))
    (folder / "link.png").symlink_to(folder / "good.png")
    (folder / "linked").symlink_to(folder.parent)
    (folder / "sub").mkdir()
    os.mkfifo(folder / "pipe.png")
    places = {
        "../outside.png": "names a file outside the folder of the table",
        str(folder.parent / "outside.png"): "names a file outside the folder of the table",
        "sub/../../outside.png": "names a file outside the folder of the table",
        "linked/outside.png": "names a symbolic link",
        "link.png": "names a symbolic link",
        "https://example.org/a.png": "names an address, which is not opened",
        "file:///etc/passwd": "names an address, which is not opened",
        "missing.png": "names an image that is not there",
        "good.png/x": "names an image that is not there",
        "sub": "names what is no file, or cannot be read",
        "pipe.png": "names what is no file, or cannot be read",
        "": "has no image",
    }
    names = [*BAD, *places]
    with pytest.raises(DataError) as raised:
        load(table(folder, [("good.png", name) for name in names]))
    said = str(raised.value)
    assert f"{len(names)} rows of private-" in said
    for row, name in enumerate(names, 1):
        says = places[name] if name in places else BAD[name][1]
        alone = says.removeprefix("is ").removeprefix("has ").removeprefix("names ")
        clause = next(clause for clause in said.split(", row") if alone in clause)
        assert f" {row}" in clause.replace(",", ""), (name, said)
        assert not name or f"{name}" not in said.replace("a PNG", "")


def test_an_image_is_turned_as_its_exif_data_say_and_that_is_said(folder: Path) -> None:
    exif = Pillow.Exif()
    exif[0x0112] = 6
    upright = np.zeros((20, 10, 3), dtype=np.uint8)
    upright[:5] = 255
    lying = Pillow.fromarray(np.rot90(upright))
    for name, form in (("turned.png", "PNG"), ("turned.jpg", "JPEG"), ("turned.webp", "WEBP")):
        (folder / name).write_bytes(written(lying, form, exif=exif))
        part = load(table(folder, [("good.png", "good.png"), (name, "good.png"), (name, name)]))
        assert part.source.notes[-1] == "turned as the EXIF data say: 3 images, of rows 2, 3"
        pixels = part.pairs.left[1].pixels()
        assert pixels.shape == (20, 10, 3)
        assert pixels[:4].min() > 200
        assert pixels[7:].max() < 50


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA"])
def test_pixels_are_those_that_pillow_shows(folder: Path, mode: str) -> None:
    grey = np.arange(0, 256, 4, dtype=np.uint8).reshape(8, 8)
    picture = Pillow.fromarray(np.stack([grey, grey[::-1], grey.T], axis=2)).convert(mode)
    (folder / "a.png").write_bytes(written(picture))
    part = load(table(folder, [("a.png", "good.png")]))
    assert part.source.notes == ("taken by name: score=score",)
    assert np.array_equal(part.pairs.left[0].pixels(), np.asarray(picture.convert("RGB")))
    assert part.pairs.left[0].pixels().dtype == np.uint8


def test_images_and_captions_stand_in_one_table(folder: Path) -> None:
    path = table(folder, [("good.png", "a line"), ("good.png", "nothing")])
    pairs = load(path, "left=a,right=b,items=image+text").pairs
    assert pairs.right == ("a line", "nothing")
    assert pairs.reads == {"text", "image"}
    with pytest.raises(DataError, match=r"rows 1, 2 of private-.* name an image that is not there"):
        load(path)
    with pytest.raises(Exception, match="option 'items' says what all columns hold, as in items=image, or each of the 2"):
        load(path, "left=a,right=b,items=image+text+text")


def test_an_image_that_changes_after_it_was_read_is_not_taken_for_what_it_was(folder: Path) -> None:
    image = load(table(folder, [("good.png", "good.png")])).pairs.left[0]
    (folder / "good.png").write_bytes(written(Pillow.new("RGB", (4, 4), "red")))
    with pytest.raises(DataError, match="was changed or removed after the benchmark was read"):
        image.pixels()


def test_columns_of_the_feature_image_hold_their_bytes(tmp_path: Path) -> None:
    from datasets import Dataset, Features, Value
    from datasets import Image as Feature

    data = written(Pillow.new("RGB", (4, 4), (255, 0, 0))), written(Pillow.new("RGB", (4, 4), (0, 255, 0)))
    rows = {side: [{"bytes": one, "path": "a.png"} for one in order] for side, order in (("s1", data), ("s2", data[::-1]))}
    features = Features({"s1": Feature(), "s2": Feature(), "score": Value("float32")})
    Dataset.from_dict({**rows, "score": [1.0, 2.0]}, features=features).to_parquet(tmp_path / "pairs.parquet")
    resolved = Registry.installed().resolve("benchmark", f"parquet:{tmp_path}/pairs.parquet,left=s1,right=s2,items=image")
    (part,) = resolved.build().load()
    assert part.pairs.left == tuple(map(Image.of, data))
    assert part.pairs.right == part.pairs.left[::-1]


def test_what_does_not_read_images_is_told_before_anything_is_loaded(folder: Path) -> None:
    path = f"csv:{table(folder, [('good.png', 'good.png')] * 4)},left=a,right=b,items=image,name=photos"
    for encoder, benchmark, says in (
        ("wordllama", path, "wordllama reads text only, and photos holds images; leave out either"),
        ("colour-mean", "mini", "colour-mean reads images only, and mini holds texts; leave out either"),
        ("token-jaccard", path, "token-jaccard reads text only, and photos holds images; leave out either"),
    ):
        with pytest.raises(Exception, match=says):
            evaluate(encoder, benchmarks=benchmark)


def test_nothing_of_a_private_image_is_in_any_artefact(folder: Path, tmp_path: Path) -> None:
    name, data = "canary-lily.png", written(Pillow.effect_noise((20, 20), 80))
    (folder / name).write_bytes(data)
    path = table(folder, [(name, "good.png"), ("good.png", "good.png"), (name, name), ("good.png", name)], "canary-table.csv")
    out = tmp_path / "out"
    reference = f"csv:{path},left=a,right=b,items=image"
    evaluate("colour-mean", ["cosine", "dot"], reference, results=out / "results", cache=out / "cache")
    files = [file for file in out.rglob("*") if file.is_file()]
    assert any(file.suffix == ".json" for file in files)
    assert any(file.suffix == ".sqlite" for file in files)
    hashes = [Image.of(data).digest, hashlib.sha256(data).hexdigest(), hashlib.md5(data, usedforsecurity=False).hexdigest()]
    plain = [name.encode(), b"canary", str(folder).encode(), data[40:80], *(one.encode() for one in hashes)]
    for needle in [*plain, *map(base64.b64encode, (data, *plain[:2])), *map(bytes.fromhex, hashes)]:
        assert [file for file in files if needle in file.read_bytes() or needle in file.name.encode()] == []
