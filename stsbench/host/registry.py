"""All components by kind and name, and what a reference resolves to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast, get_args

from stsbench.contracts.components.component import Component, Kind, Preset
from stsbench.contracts.components.protocols import Benchmark, NamedBenchmark, Suite
from stsbench.contracts.ref import Ref, unescape
from stsbench.errors import AmbiguousName, ModelError, OptionError, PluginError, UnknownName
from stsbench.host.bind import PROMPT_OPTIONS, bind_options, bind_target
from stsbench.host.calling import calling, describe
from stsbench.host.discovery import HOOKS, LoadedPlugin, discover
from stsbench.host.provider import Failure, Provider
from stsbench.host.resolved import Resolved
from stsbench.host.suggest import closest, did_you_mean, file_hint, given_hint, install_hint, kind_hint, model_hint

Offer = tuple[Component[Any], Provider]


@dataclass(frozen=True, eq=False)
class Registry:
    """The loaded plugins. Each kind is asked for when it is first needed."""

    plugins: tuple[LoadedPlugin, ...]
    load_failures: tuple[Failure, ...] = ()
    _asked: dict[Kind, tuple[tuple[Offer, ...], tuple[Failure, ...]]] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def installed(cls) -> Registry:
        """The registry of every installed plugin."""
        return cls(*discover())

    def offers(self, kind: Kind) -> tuple[Offer, ...]:
        """Every component of a kind with its provider, in the order of discovery."""
        return self._ask(kind)[0]

    def offered_by(self, provider: Provider) -> dict[Kind, list[str]]:
        """The names of the components that a provider offers, by kind."""
        return {kind: [component.name for component, own in self.offers(kind) if own is provider] for kind in get_args(Kind)}

    def failures(self, *kinds: Kind) -> tuple[Failure, ...]:
        """What went wrong while plugins were loaded and while they were asked for these kinds."""
        return self.load_failures + tuple(failure for kind in kinds for failure in self._ask(kind)[1])

    def _ask(self, kind: Kind) -> tuple[tuple[Offer, ...], tuple[Failure, ...]]:
        """What the plugins answered when they were asked; they are asked once, and what they gave goes when the registry goes."""
        if kind not in self._asked:
            answers = [(loaded.provider, *loaded.ask(kind)) for loaded in self.plugins]
            offers = tuple((component, provider) for provider, components, _ in answers for component in components)
            self._asked[kind] = offers, tuple(failure for _, _, failures in answers for failure in failures)
        return self._asked[kind]

    def require_sound(self, *kinds: Kind) -> None:
        """Raises PluginError if any plugin failed (`--strict`)."""
        if failures := self.failures(*kinds):
            raise PluginError("; ".join(map(str, failures)) + "; mend or uninstall the plugin, or run without --strict")

    def resolve(self, kind: Kind, text: str | Ref, *, execution: Mapping[str, object] | None = None) -> Resolved[Any]:
        """What a reference names. Raises UnknownName, AmbiguousName, OptionError, RefError, ModelError or DataError."""
        ref = text if isinstance(text, Ref) else Ref.parse(text)
        (component, provider), ref = self._find(kind, ref)
        values, reserved = bind_options(kind, component, ref, execution or {})
        for option in [one for one in component.options if one.benchmark and values[one.name]]:
            named = partial(self._named_benchmark, option.name, execution=execution)
            values[option.name] = tuple(map(named, values[option.name])) if option.many else named(values[option.name])
        target, target_text = bind_target(kind, component, ref)
        return Resolved(kind, component, provider, target, target_text, values, reserved)

    def _named_benchmark(self, option: str, text: str, execution: Mapping[str, object] | None) -> NamedBenchmark:
        """The benchmark that an option names."""
        resolved = self.resolve("benchmark", text, execution=execution)

        def build() -> Benchmark:
            if isinstance(built := resolved.build(), Suite):
                raise ModelError(f"{option}= names a suite; name one of its benchmarks at a time")
            return cast(Benchmark, built)

        return NamedBenchmark(str(resolved.ref), build)

    def resolve_encoder(self, text: str, *, execution: Mapping[str, object] | None = None) -> Resolved[Any]:
        """An encoder, or a pair scorer in an encoder's place: a similarity that reads the two texts itself."""
        ref = Ref.parse(text)
        scorers = [offer for offer in self._named("similarity", ref.name) if offer[0].needs == "texts"]
        kind: Kind = "similarity" if scorers and not self._named("encoder", ref.name) else "encoder"
        return self.resolve(kind, ref, execution=execution)

    def members(self, resolved: Resolved[Any], suite: Suite) -> tuple[str, ...]:
        """References to a suite's benchmarks; a short name that its own plugin offers means that plugin's."""
        siblings = {component.name for component, provider in self.offers("benchmark") if provider is resolved.provider}
        mine = f"{resolved.provider.distribution}/"
        return tuple(f"{mine}{one}" if Ref.parse(one).name.partition("/")[0] in siblings else one for one in suite.benchmarks)

    def names_of_files(self) -> frozenset[str]:
        """The names, in lower case, of every component whose target is a file."""
        offers = [offer for kind in HOOKS for offer in self.offers(kind)]
        return frozenset(component.name.casefold() for component, _ in offers if component.reads_file)

    def find(self, kind: Kind, name: str) -> Offer:
        """The component of that short or full name and its provider; raises UnknownName or AmbiguousName."""
        return self._find(kind, Ref(name))[0]

    def _find(self, kind: Kind, ref: Ref) -> tuple[Offer, Ref]:
        offers = self._named(kind, ref.name)
        if not offers and kind == "benchmark" and "/" in ref.name:
            head, _, subset = ref.name.rpartition("/")
            if head_offers := [offer for offer in self._named(kind, head) if offer[0].option("subset")]:
                if dict(ref.options).get("subset", subset) != subset:
                    raise OptionError(f"benchmark {ref.name!r} says its subset already; leave out subset=, or write {head},subset=...")
                offers, ref = head_offers, Ref(head, ref.target, ref.options).with_options(subset=subset)
        if len(offers) > 1:
            full = sorted(f"{provider.distribution}/{component.name}" for component, provider in offers)
            raise AmbiguousName(f"{kind} {ref.name!r} is offered by several plugins; write {' or '.join(full)}")
        if not offers:
            raise UnknownName(self._unknown(kind, ref.name))
        component, provider = offers[0]
        if component.alias_of is not None:
            return self._find(kind, Ref(f"{provider.distribution}/{component.alias_of}", ref.target, ref.options))
        if component.presets is not None and ref.target is not None:
            return self._find(kind, expand(component, provider, ref))
        return offers[0], ref

    def _named(self, kind: Kind, name: str) -> list[Offer]:
        """Offers of exactly that short or full name, else of that name without regard to case."""
        named = [
            ({component.name, f"{provider.distribution}/{component.name}"}, (component, provider))
            for component, provider in self.offers(kind)
        ]
        exact = [offer for names, offer in named if name in names]
        return exact or [offer for names, offer in named if name.casefold() in {other.casefold() for other in names}]

    def _unknown(self, kind: Kind, name: str) -> str:
        known = [component.name for component, _ in self.offers(kind)]
        hint = install_hint(kind, name.rpartition("/")[2])
        advice = (
            given_hint(name)
            or file_hint(kind, name)
            or (f"install it with {hint}" if hint else None)
            or kind_hint([other for other in HOOKS if other != kind and self._named(other, name)])
            or (None if closest(name, known) and "/" not in name else model_hint(kind, name))
            or did_you_mean(name, known)
        )
        plural = {"similarity": "similarities"}.get(kind, f"{kind}s")
        broken = "".join(f" (plugin {failure})" for failure in self.failures(kind))
        return f"there is no {kind} {name!r}: {advice} (`stsbench list {plural}` shows all){broken}"


def presets_of(component: Component[Any], provider: Provider) -> Mapping[str, Preset]:
    """The presets of a component by name; raises PluginError where its plugin fails to say them."""
    if component.presets is None:
        return {}
    with calling(lambda error: PluginError(f"{provider} failed to list the presets of {component.name!r}: {describe(error)}")):
        return dict(component.presets())


def expand(component: Component[Any], provider: Provider, ref: Ref) -> Ref:
    """The reference that `ref`, a preset by name, stands for; an option that it gives replaces the preset's, and a prompt its prompts.

    Raises UnknownName, or PluginError where its plugin fails to say what it stands for.
    """
    known, name = presets_of(component, provider), unescape(ref.target or "")
    if name not in known:
        raise UnknownName(f"there is no {component.name} {name!r}: {did_you_mean(name, known)} (`stsbench list presets` shows all)")
    stands = Ref.parse(known[name].reference)
    given = dict(ref.options)
    kept = {key: raw for key, raw in stands.options if not (key in PROMPT_OPTIONS and given.keys() & set(PROMPT_OPTIONS))}
    return Ref(stands.name, stands.target, tuple({**kept, **given}.items()))
