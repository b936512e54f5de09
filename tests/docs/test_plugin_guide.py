"""The pages for authors of plugins are true: modules are the examples, every hook, field and value is there, references resolve."""

from __future__ import annotations

import inspect
import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

from stsbench import hookspecs, plugin
from stsbench.host.discovery import HOOKS, OBSERVERS
from stsbench.host.registry import Registry
from stsbench.plugin import Component

ROOT = Path(__file__).parents[2]
GUIDE, VALUES, CONTRACT = (
    (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8") for name in ("plugins", "plugin-values", "plugin-contract")
)
QUOTES = dict(re.findall(r"^<!-- file: (\S+) -->\n```\w+\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL))
SPECS = {name: spec for name, spec in vars(hookspecs).items() if name.startswith("stsbench_")}
PARTS = {"Gives", "Index", "Flags", "Float32", "Float64", "Item"}  # types that only stand in annotations


def section(name: str) -> str:
    """What the contract says of a hook."""
    return CONTRACT.partition(f"\n### `{name}`\n")[2].partition("\n##")[0]


@pytest.mark.parametrize("file", QUOTES)
def test_a_module_is_quoted_whole(file: str) -> None:
    assert QUOTES[file] == (ROOT / file).read_text(encoding="utf-8")


def test_every_example_is_quoted() -> None:
    assert sorted(QUOTES) == sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs/examples/plugins").glob("*.py"))


def test_the_project_by_hand_is_what_the_template_makes() -> None:
    (code,) = re.findall(r"^```toml\n(\[build-system\].*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    by_hand = tomllib.loads(code)
    template = (ROOT / "template" / "pyproject.toml.jinja").read_text(encoding="utf-8")
    for name, value in (("name", "my-plugin"), ("package", "stsbench_my_plugin"), ("description", "")):
        template = template.replace(f"{{{{ {name} }}}}", value)
    generated = tomllib.loads(template)
    assert by_hand["build-system"] == generated["build-system"]
    assert by_hand["tool"] == generated["tool"]
    assert by_hand["project"].items() <= generated["project"].items()


@pytest.mark.parametrize("name", SPECS)
def test_every_hook_is_documented_with_its_exact_signature(name: str) -> None:
    assert f"def {name}{inspect.signature(SPECS[name])}:".replace("'", "") in section(name)
    assert re.search(r"Used\s+by", section(name))


@pytest.mark.parametrize("name", HOOKS.values())
def test_every_hook_has_the_components_that_the_page_says_use_it(name: str) -> None:
    (kind,) = [kind for kind, hook in HOOKS.items() if hook == name]
    offered = {component.name for component, _ in Registry.installed().offers(kind)}
    users = re.search(r"Used\s+by\s+((?:.|\n)*?)(?:\.|;)(?:\s|$)", section(name))
    assert users
    named = set(re.findall(r"`([\w-]+)`", users[1]))
    assert named
    assert named <= offered


@pytest.mark.parametrize("name", OBSERVERS.values())
def test_every_observer_hook_has_the_plugin_that_the_page_says_uses_it(name: str) -> None:
    (user,) = re.findall(r"Used\s+by\s+`([\w-]+)`\.", section(name))
    (loaded,) = [one for one in Registry.installed().plugins if one.provider.distribution == user]
    assert getattr(loaded.manager.hook, name).get_hookimpls()


def test_no_hook_is_documented_that_does_not_exist() -> None:
    assert set(re.findall(r"^### `(stsbench_\w+)`$", CONTRACT, re.MULTILINE)) == set(SPECS) == {*HOOKS.values(), *OBSERVERS.values()}


def test_every_member_that_an_encoder_or_a_scorer_may_have_is_named() -> None:
    capabilities = [getattr(plugin, name) for name in plugin.__all__ if name.startswith(("Has", "Scores", "Fitting"))]
    members = {name for protocol in capabilities for name in vars(protocol) if not name.startswith("_")}
    assert len(members) > 10
    assert [name for name in sorted(members) if not re.search(rf"`{name}\W", CONTRACT)] == []


def test_every_value_that_is_built_is_shown() -> None:
    """What `stsbench.plugin` has of classes that an author makes stands in a snippet of the page of values, but for the rarest."""
    code = "".join(re.findall(r"^```python\n(.*?)^```$", VALUES, re.MULTILINE | re.DOTALL))
    made = {
        name
        for name in plugin.__all__
        if isinstance(value := getattr(plugin, name), type) and not getattr(value, "_is_protocol", False) and name not in PARTS
    }
    rarest = {
        "Cost",
        "Facts",
        "Image",
        "ModelCard",
        "PluginError",
        "Preset",
        "PublishedRow",
        "Purse",
        "Ref",
        "Reply",
        "StsbenchError",
        "Triplets",
    }
    assert {name for name in made if not re.search(rf"\b{name}\b", code)} == rarest


def test_references_in_commands_name_what_is_there() -> None:
    commands = [line.split() for line in re.findall(r"^stsbench run .*$", GUIDE, re.MULTILINE)]
    registry = Registry.installed()
    made = {"letter-counts", "rare-overlap", "unit-spread"}  # by the modules of the page
    flags = {"-e": "encoder", "-t": "transform", "-s": "similarity", "-b": "benchmark"}
    options = [(flags[flag], text) for words in commands for flag, text in pairwise(words) if flag in flags]
    references = [(kind, ref) for kind, text in options for ref in text.split("//")]
    named = [(kind, ref) for kind, ref in references if ref.partition(",")[0] not in made]
    assert {ref.partition(",")[0] for kind, ref in references if (kind, ref) not in named} == made
    assert len(named) >= 10
    for kind, ref in named:
        assert registry.resolve(kind, ref).build() is not None  # type: ignore[arg-type]


def test_every_component_field_and_option_kind_is_explained() -> None:
    of_components = CONTRACT.partition("\n## Components\n")[2].partition("\n## ")[0]
    fields = list(inspect.signature(Component).parameters)
    assert [name for name in fields if f"| `{name}` |" not in of_components] == []
    assert re.findall(r"\| `(\w+)\[\.\.\.\]` \|", of_components) == ["Views", "Execution", "Secret"]
