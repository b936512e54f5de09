import json
import struct

import pytest

from stsbench.contracts.models.card import ModelCard, count_parameters


def header(**tensors: tuple[str, list[int]]) -> bytes:
    text = json.dumps({name: {"dtype": dtype, "shape": shape, "data_offsets": [0, 0]} for name, (dtype, shape) in tensors.items()}).encode()
    return struct.pack("<Q", len(text)) + text


def test_a_card_is_what_the_front_matter_declares() -> None:
    card = ModelCard.of_readme("---\nlicense: apache-2.0\nlanguage:\n- en\n- de\ndatasets: snli\n---\n# Model\nlicense: mit\n", 12)
    assert card == ModelCard("apache-2.0", ("en", "de"), ("snli",), 12)
    assert card.facts() == {"card.licence": "apache-2.0", "card.languages": "en de", "card.training": "snli", "card.parameters": "12"}


def test_a_licence_of_its_own_has_its_own_name() -> None:
    assert ModelCard.of_readme("---\nlicense: other\nlicense_name: gemma\n---\n").licence == "gemma"


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "# no front matter",
        "---\n[unclosed\n---\n",
        "---\n- a list\n---\n",
        "---\nlicense: 3\nlanguage: {}\n---\n",
        "---\ndate: 2020-13-45\n---\n",
        "---\n" + "[" * 9999 + "\n---\n",
    ],
    ids=lambda text: repr(text)[:30],
)
def test_what_is_not_declared_is_unknown(text: str | None) -> None:
    assert ModelCard.of_readme(text).facts() == {}


def test_parameters_are_counted_from_headers_alone() -> None:
    files = [header(a=("F32", [3, 4]), ids=("I64", [512])), header(b=("BF16", [5]), c=("F16", []))]
    assert count_parameters(files) == 12 + 5 + 1
    assert count_parameters([]) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"short",
        struct.pack("<Q", 4) + b"{}]]",
        header(a=("F32", [1]))[:-3],
        struct.pack("<Q", 2) + b"[]",
        struct.pack("<Q", 99_999) + b"[" * 99_999,
    ],
    ids=len,
)
def test_a_damaged_file_gives_no_number(data: bytes) -> None:
    assert count_parameters([data]) is None
