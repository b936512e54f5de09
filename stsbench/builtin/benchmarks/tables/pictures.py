"""Columns of images to items: a file beside the table, or the bytes that `datasets` keeps. No message holds a path or a name."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping, Sequence
from errno import ELOOP
from pathlib import Path, PurePosixPath
from typing import Any

from stsbench.contracts.items import Image
from stsbench.contracts.pixels import MOST_BYTES, Unfit, decoded

from .table import Fault, Faults

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_BESIDE = "name a file in the folder of the table, or below it"
_NONE = Fault("{has} no image", "name a file, or leave such rows out")
_OTHER = Fault("{holds} something other than an image", "check the column mapping, or leave out items=")
_NOWHERE = Fault("{names} an image where there are no files", "give the images with their bytes")
_FETCHED = Fault("{names} an address, which is not opened", "download the images, and name the files")
_OUTSIDE = Fault("{names} a file outside the folder of the table", _BESIDE)
_LINKED = Fault("{names} a symbolic link", _BESIDE)
_MISSING = Fault("{names} an image that is not there", _BESIDE)
_UNREAD = Fault("{names} what is no file, or cannot be read", _BESIDE)


def to_images(values: Sequence[Any], beside: Path | None, faults: Faults) -> tuple[list[Image], list[int]]:
    """An image a row, and the rows (from 0) whose image its EXIF data turned; rows at fault are noted.

    `beside` is the folder in which files may lie. Each image is decoded once, so that what cannot be read is known by its row.
    """
    images, turned = [], []
    known: dict[Image, bool | Fault] = {}
    for row, value in enumerate(values):
        given = _held(value, beside)
        image = given if isinstance(given, Image) else Image("")
        images.append(image)
        if isinstance(given, Fault):
            faults.add(given, row)
            continue
        if image not in known:
            known[image] = _checked(image)
        match known[image]:
            case Fault() as fault:
                faults.add(fault, row)
            case True:
                turned.append(row)
    return images, turned


def _checked(image: Image) -> bool | Fault:
    """Whether it is turned, or what is wrong with it."""
    try:
        return decoded(image.read()).turned
    except Unfit as error:
        return Fault(error.says, error.step)


def _held(value: Any, beside: Path | None) -> Image | Fault:
    """The image that a cell holds or names."""
    if isinstance(value, Mapping) and "bytes" in value:  # as `datasets` writes the feature Image
        value = value["bytes"] if value["bytes"] is not None else value.get("path")
    if isinstance(value, bytes | bytearray):
        return Image.of(bytes(value))
    if value is None or value == "":
        return _NONE
    if not isinstance(value, str):
        return _OTHER
    if beside is None:
        return _NOWHERE
    return _file(value, beside)


def _file(name: str, beside: Path) -> Image | Fault:
    if _ADDRESS.match(name):
        return _FETCHED
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if not parts or parts[0] == "/" or ".." in parts or "\0" in name:
        return _OUTSIDE
    path = beside
    try:
        for part in parts:  # a link on the way may lead anywhere, too
            path /= part
            if stat.S_ISLNK(path.lstat().st_mode):
                return _LINKED
        with open(path, "rb", opener=_plainly) as stream:  # what it is may have changed since
            status = os.fstat(stream.fileno())
            if not stat.S_ISREG(status.st_mode):
                return _UNREAD
            if status.st_size > MOST_BYTES:
                return Fault(f"{{names}} an image larger than {MOST_BYTES // 2**20} MB", "save it smaller")
        return Image.of(path)
    except (FileNotFoundError, NotADirectoryError):
        return _MISSING
    except (OSError, ValueError) as error:
        return _LINKED if isinstance(error, OSError) and error.errno == ELOOP else _UNREAD


def _plainly(path: str, flags: int) -> int:
    """Opens a file, never what a link leads to, and never waits for a pipe."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
