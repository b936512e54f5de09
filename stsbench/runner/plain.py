"""Plain Python objects with `encode(list[str]) -> array` as encoders: measured, but never stored, reused or put on a board.

Under a name and version that their owner vouches for, their results can be kept and compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from stsbench.contracts.arrays import NotPlain, is_sparse, plain, type_name
from stsbench.contracts.data import Embeddings
from stsbench.contracts.fingerprint import Fingerprint
from stsbench.errors import PluginError, UsageError
from stsbench.host.calling import calling, describe, without_message
from stsbench.host.given import Given


class PlainEncoder:
    """Adapts an object with `encode(list[str])`; arrays, tensors and lists of rows are converted to float32."""

    views = ("sentence",)
    token_views: tuple[str, ...] = ()

    def __init__(self, model: Any) -> None:
        if isinstance(model, type) or not callable(getattr(model, "encode", None)):
            raise UsageError(f"an encoder is a reference or an object with encode(list[str]) -> array, not {model!r:.80}")
        self._model = model

    @property
    def label(self) -> str:
        """The name of the object's type."""
        return type(self._model).__name__

    @property
    def fingerprint(self) -> Fingerprint:
        """Nothing is known of a plain object that could identify it."""
        return Fingerprint.of(object=type(self._model).__qualname__)

    def prepare(self) -> None:
        """It was given as it is."""

    def encode(self, texts: Sequence[str], *, views: Sequence[str], prompt: str = "") -> Embeddings:
        """One row a text, in order."""
        del views
        with calling(self._blame):
            given = self._model.encode([prompt + text for text in texts])
            if is_sparse(given):
                return Embeddings(sparse={"sentence": given})
            try:
                return Embeddings(vectors={"sentence": np.ascontiguousarray(plain(_converted(given), np.float32))})
            except NotPlain as error:  # says of which kind it is and repeats nothing, so that it is told on private data too
                raise PluginError(f"the encoder object {self.label!r} failed while it was encoding: {error}") from error

    def _blame(self, error: BaseException) -> PluginError:
        where = f"the encoder object {self.label!r} failed while it was encoding"
        module = type(self._model).__module__.partition(".")[0]
        return PluginError(f"{where}: {describe(error)}", f"{where}: {without_message(error, module)}")


class NamedEncoder(PlainEncoder):
    """An object whose name and version stand for all that can change its numbers."""

    stored = False  # an object that was changed under its name must not be given the vectors of another

    @property
    def fingerprint(self) -> Fingerprint:
        """Nothing beside the name and version, which the component adds."""
        return Fingerprint.of()


def named(model: Any, name: str, *, version: str | int) -> Given:
    """An object with `encode(list[str]) -> array`, whose results are kept, reused and compared under a name and version.

    What identifies it is the name and the version alone, for which you vouch: give another version whenever its numbers may have changed.
    Since nobody else can compute them again, no board takes such results.
    """
    if isinstance(model, str):
        raise UsageError(f"{model!r} is text, and `named` is for a model that you hold; name what is installed by its reference alone")
    if version is None or not str(version):
        raise UsageError(f"{name!r} needs a version, as in named(model, {name!r}, version='1'); raise it whenever its numbers change")
    return Given("encoder", name, NamedEncoder(model), str(version))


def _converted(rows: Any) -> Any:
    """Rows without what numpy does not know; raises NotPlain for what is no plain array, tensor, number or list of these."""
    if isinstance(rows, list | tuple):
        return [_converted(row) for row in rows]
    if hasattr(rows, "detach"):
        return rows.detach().cpu().float().numpy()
    if isinstance(rows, np.ndarray):
        return plain(rows, np.float32)
    if isinstance(rows, np.generic | int | float) or hasattr(type(rows), "__dlpack__"):
        return rows
    raise NotPlain(f"encode() returned {type_name(rows)}; a plain array, a tensor or a list of rows is expected")
