"""Hashes of files, which are kept for the life of a process."""

from __future__ import annotations

import os
from hashlib import blake2b
from pathlib import Path

from stsbench.contracts.fingerprint import content_digest


def test_a_file_in_the_place_of_another_has_its_own_hash_though_size_and_time_are_the_same(tmp_path: Path) -> None:
    path, other = tmp_path / "model.bin", tmp_path / "other.bin"
    for file, data in ((path, b"first"), (other, b"other")):
        file.write_bytes(data)
        os.utime(file, ns=(1, 1))  # as reproducible archives set it
    assert content_digest(path) == blake2b(b"first", digest_size=16).hexdigest()
    other.replace(path)
    assert content_digest(path) == blake2b(b"other", digest_size=16).hexdigest()
    path.write_bytes(b"third")
    os.utime(path, ns=(1, 1))
    assert content_digest(path) == blake2b(b"third", digest_size=16).hexdigest()
