"""The bytes of a file, unpacked where its first bytes say that it is packed, up to a bound."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import IO, Any

from stsbench.errors import DataError

MOST_MB = 2000  # of 10^6 bytes, that a packed file may hold unless an option allows more
_STEP = 1 << 20

_PACKERS = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\0": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
}
ENDINGS = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "zstd", ".zip": "zip"}
_FOREIGN = {
    b"7z\xbc\xaf\x27\x1c": ("a 7z archive", "unpack it"),
    b"Rar!\x1a\x07": ("a rar archive", "unpack it"),
    b"\x04\x22\x4d\x18": ("packed with lz4", "unpack it"),
    b"\x1f\x9d": ("packed with compress", "unpack it"),
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": ("a workbook of a spreadsheet program", "save it as csv"),
    b"SQLite format 3\0": ("an SQLite database", "export its table as csv"),
    b"%PDF-": ("a PDF document", "save its table as csv"),
    b"ARROW1\0\0": ("an Arrow file", "write it as parquet"),
    b"PAR1": ("a parquet file", "read it with parquet:"),
}
_WORKBOOK = {"[Content_Types].xml", "content.xml", "Index/Document.iwa"}  # in those of Excel, of OpenDocument and of Numbers
_BROKEN = (EOFError, OSError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, RuntimeError, ValueError)


def read_bytes(path: Path, what: str, most_mb: int = MOST_MB, step: str = "unpack it") -> bytes:
    """The content of a file, unpacked (gzip, bzip2, xz, zstd, or a zip archive of one file); raises DataError, never with a path.

    What is no file (a device, a pipe, a socket) is not read. `step` is what to do where it holds more than `most_mb`.
    """
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            raise DataError(f"{what} is a device, a pipe or a socket; give a file")
        data = path.read_bytes()
    except FileNotFoundError:
        raise DataError(f"{what} does not exist; check where it should lie") from None
    except OSError as error:
        raise DataError(f"{what} cannot be read ({error.strerror or type(error).__name__}); check that it is a file you may read") from None
    packer = _packer(data) or ENDINGS.get(path.suffix.lower())
    return data if packer is None else _unpacked(data, packer, what, most_mb, step)


def refuse_foreign(data: bytes, what: str) -> None:
    """Raise DataError where the first bytes of what should be text are those of something else."""
    foreign = next((known for mark, known in _FOREIGN.items() if data.startswith(mark)), None)
    if foreign is None and data[257:262] == b"ustar":
        foreign = "a tar archive", "unpack it"
    if foreign is None and (packer := _packer(data)):
        foreign = f"packed twice, the second time with {packer}", "unpack it"
    if foreign is not None:
        raise DataError(f"{what} is {foreign[0]} and no text; {foreign[1]}")


def _packer(data: bytes) -> str | None:
    return next((name for mark, name in _PACKERS.items() if data.startswith(mark)), None)


def _unpacked(data: bytes, packer: str, what: str, most_mb: int, step: str) -> bytes:
    unpacked = bytearray()
    try:
        for piece in _pieces(data, packer, what):
            unpacked += piece
            if len(unpacked) > most_mb * 10**6:
                raise DataError(f"{what} holds more than {most_mb:,} MB unpacked; {step}")
    except _BROKEN:
        raise DataError(f"{what} is a broken {packer} file (cut short, damaged or locked); copy or pack it anew") from None
    return bytes(unpacked)


def _pieces(data: bytes, packer: str, what: str) -> Iterator[bytes]:
    source = io.BytesIO(data)
    if packer in ("bzip2", "xz"):
        yield from _streams(source, bz2.BZ2Decompressor if packer == "bzip2" else lzma.LZMADecompressor)
    else:
        with _stream(source, packer, what) as stream:
            yield from iter(partial(stream.read, _STEP), b"")


def _streams(source: IO[bytes], decompressor: Callable[[], Any]) -> Iterator[bytes]:
    """All streams of a file, one after the other, with zeros between them or none.

    Python's own readers end, without a word, before a stream that is damaged in its first bytes.
    """
    packed = source.read(_STEP)
    while packed:
        stream = decompressor()
        while not stream.eof:
            if not packed and stream.needs_input:
                raise EOFError
            yield stream.decompress(packed, _STEP)
            packed = source.read(_STEP) if stream.needs_input else b""
        packed = stream.unused_data.lstrip(b"\0")
        while not packed and (more := source.read(_STEP)):
            packed = more.lstrip(b"\0")


def _stream(source: IO[bytes], packer: str, what: str) -> IO[bytes] | Any:
    if packer == "zip":
        return _member(zipfile.ZipFile(source), what)
    if packer == "zstd":
        import pyarrow as pa

        return pa.CompressedInputStream(pa.PythonFile(source, "r"), "zstd")
    return gzip.GzipFile(fileobj=source)


def _member(archive: zipfile.ZipFile, what: str) -> IO[bytes]:
    """The only file of an archive; what macOS puts beside it does not count."""
    names = [one for one in archive.namelist() if not one.endswith("/") and not one.startswith("__MACOSX/")]
    if _WORKBOOK & set(names):
        raise DataError(f"{what} is a workbook of a spreadsheet program and no text; save it as csv")
    if len(names) != 1:
        raise DataError(f"{what} is a zip archive of {len(names)} files; pack one file alone, or unpack it")
    return archive.open(names[0])
