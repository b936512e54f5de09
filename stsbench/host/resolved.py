"""A reference bound to a component: typed options, canonical text, and the built object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any, Final, Generic, TypeVar, cast

from stsbench.contracts.components.component import Component, Kind, is_free_text
from stsbench.contracts.components.options import Location, Option, OptionKind, SecretText
from stsbench.contracts.components.protocols import Suite
from stsbench.contracts.fingerprint import Fingerprint, content_digest, digest
from stsbench.contracts.ref import Ref, escape, unescape
from stsbench.errors import ModelError, PluginError
from stsbench.host.bind import TRAINED_ON
from stsbench.host.calling import calling, describe, without_message
from stsbench.host.guarded import Guarded, listed
from stsbench.host.provider import Provider

T = TypeVar("T")
SENTENCE: Final = "sentence"  # the view of an encoder that has one
FOLDERS: Final = frozenset({"mirror", "cache_dir"})  # execution options that name a folder of this machine


@dataclass(frozen=True, eq=False)
class Resolved(Generic[T]):
    """A component with its target and options; `reserved` holds raw options that the core itself answers (`fit`, `prompt`...)."""

    kind: Kind
    component: Component[T]
    provider: Provider
    target: Location | str | None
    target_text: str | None
    values: Mapping[str, Any] = field(default_factory=dict)
    reserved: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """`<distribution>/<name>`."""
        return f"{self.provider.distribution}/{self.component.name}"

    def _raw(self, *kinds: OptionKind) -> dict[str, str]:
        options = {option.name: option for option in self.component.options if option.kind in kinds}
        return {name: self._text(options[name]) for name in self.values if name in options and self.values[name] != options[name].default}

    def _text(self, option: Option) -> str:
        """The value of an option, or of a free text about a private file (a column's name) a hash that only who has the file can make."""
        value = self.values[option.name]
        private = self.kind == "benchmark" and self.component.reads_file and not self.values.get("public")
        if not (private and isinstance(self.target, Location) and is_free_text(option)):
            return option.format(value)
        return escape(f"~{digest([self.target.digest or '', option.name, option.format(value)])[:8]}")

    def _ref(self, name: str, options: Mapping[str, str]) -> Ref:
        return Ref(name, self.target_text, tuple(sorted(options.items())))

    @cached_property
    def ref(self) -> Ref:
        """Canonical reference: full id, identity and view options that differ from their defaults, sorted."""
        return self._ref(self.id, {**self._raw(OptionKind.IDENTITY, OptionKind.VIEW), **self.reserved})

    @cached_property
    def stem(self) -> Ref:
        """The canonical reference without view options: what all views of an encoder share."""
        return self._ref(self.id, {**self._raw(OptionKind.IDENTITY), **self.reserved})

    @cached_property
    def _identifying(self) -> dict[str, str]:
        options = (option for option in self.component.options if option.kind is OptionKind.IDENTITY)
        return {option.name: option.format(self.values[option.name]) for option in options}

    def written_out(self, view: str) -> Ref:
        """The reference with every identity option, defaults too: what a signature holds, true also if a default changes later."""
        return self._ref(self.id, {**self._identifying, **self.reserved, **self._choice(view)})

    def with_view(self, view: str) -> Ref:
        """The canonical reference of one view, which selects it where the component offers a choice of views."""
        return self.stem.with_options(**self._choice(view))

    def _choice(self, view: str) -> dict[str, str]:
        """The option that selects a view; none for `sentence`, which the plain reference gives."""
        option = self.component.option("view")
        return {} if option is None or view == SENTENCE else {"view": option.format((view,))}

    def written_for(self, *, here: bool, at: str | None = None) -> str:
        """The reference as another process reads it: with execution options and with the path of a local target, so that it is never shown.

        Where that is not `here`, on this machine, folders of this one are left out, and the target may lie `at` another path. Secrets are
        in no reference.
        """
        options = self._raw(OptionKind.IDENTITY, OptionKind.VIEW, OptionKind.EXECUTION)
        if not here:
            options = {name: raw for name, raw in options.items() if name not in FOLDERS}
        path = at or (self.target.path if isinstance(self.target, Location) else None)
        local = path is not None and not str(self.target_text).startswith("pkg")
        return str(Ref(self.id, escape(str(path)) if local else self.target_text, tuple(sorted({**options, **self.reserved}.items()))))

    @cached_property
    def label(self) -> str:
        """Short readable name: without distribution, view options and declared training data; for people, not for keys."""
        target = self.target.label if isinstance(self.target, Location) else self.target
        head = self.component.name if not target else f"{self.component.name}:{target}"
        options = {**self._raw(OptionKind.IDENTITY), **{key: raw for key, raw in self.reserved.items() if key != TRAINED_ON}}
        return ",".join([head, *(f"{key}={unescape(raw)}" for key, raw in sorted(options.items()))])

    def fingerprint(self, declared: Fingerprint | None = None) -> Fingerprint:
        """Every fact that can change a number: the component's `own`, its id, `numerics`, target and identity options."""
        facts: dict[str, object] = dict(declared.fields) if declared else {}
        facts.update({f"option.{name}": raw for name, raw in self._raw(OptionKind.IDENTITY).items()})
        target = self.target.identity if isinstance(self.target, Location) else self.target
        return Fingerprint.of(**facts).extended(component=self.id, numerics=self.component.numerics, target=target)

    def build(self) -> T:
        """The component itself; whatever the plugin raises then or later, no error of ours, becomes a PluginError that names it."""
        arguments = [] if self.component.target is None or self.target is None else [self.target]
        with calling(self._blame_build):
            built = self.component.build(*arguments, **self.values)
            if isinstance(built, Suite):
                return cast(T, replace(built, benchmarks=listed(built.benchmarks)))
        return cast(T, Guarded(built, partial(blame, self), self._require_unchanged))

    def _require_unchanged(self) -> None:
        """Raises ModelError where the files of the target are not those of its hash any more, by which keys and records know it."""
        if not isinstance(self.target, Location) or self.target.path is None:
            return
        try:
            now = content_digest(self.target.path)
        except OSError:
            now = ""
        if now != self.target.digest:
            raise ModelError(
                f"the files of {self.label} changed between the plan of the run and their use; run it again once they stay as they are"
            )

    def _blame_build(self, error: BaseException) -> PluginError:
        failure = blame(self, "built", error)
        return PluginError(failure.discreet) if self.component.reads_file else failure  # the message may hold the path of a private file


def blame(resolved: Resolved[Any], stage: str, error: BaseException | str) -> PluginError:
    """An error that names the component and the distribution and version that offer it."""

    def told(text: str) -> str:
        for secret in [value.reveal() for value in resolved.values.values() if isinstance(value, SecretText) and value]:
            text = text.replace(secret, "***")
        return text

    where = f"{resolved.kind} {resolved.component.name!r} of {resolved.provider} failed while it was {stage}"
    if isinstance(error, str):
        return PluginError(told(f"{where}: {error}"))
    return PluginError(told(f"{where}: {describe(error)}"), f"{where}: {without_message(error, resolved.provider.package)}")
