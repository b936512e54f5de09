"""What the contract asks of an encoder, rule by rule."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

from stsbench.contracts.arrays import canonical, described, form, is_csr, is_plain
from stsbench.contracts.data import Embeddings
from stsbench.contracts.fingerprint import Fingerprint
from stsbench.host import capabilities
from stsbench.testing.check import Rule, expect
from stsbench.testing.encoded import EncoderSubject, by_text, differs, holds, named
from stsbench.testing.samples import EMPTY, LONG, PLAIN, TEXTS, UNUSUAL, images
from stsbench.testing.some_encoders import SERVICE_RULES, TOKEN_RULES


def fingerprint_is_stable(subject: EncoderSubject) -> None:
    """Building the same reference twice gives the same fingerprint, before and after encoding.

    Make it of options and of files that were hashed, with Fingerprint.of; not of what changes, such as counters, times or paths.
    """
    first = subject.built.fingerprint
    expect(isinstance(first, Fingerprint), f"fingerprint is {type(first).__name__}, not Fingerprint")
    expect(first == subject.resolved.build().fingerprint, "two builds have different fingerprints")
    subject.encode(subject.items[:1])
    expect(first == subject.built.fingerprint, "the fingerprint changed while it encoded")


def fingerprint_tells_options_apart(subject: EncoderSubject) -> None:
    """References whose numbers differ have different fingerprints.

    Give what counts a plain type, not Execution[...]; put what only the encoder knows into its fingerprint.
    """
    prints = {subject.ref: subject.resolved.fingerprint(subject.built.fingerprint).hex}
    for ref in subject.others:
        resolved = subject.registry.resolve("encoder", ref)
        fingerprint = resolved.fingerprint(resolved.build().fingerprint).hex
        twin = next((known for known, other in prints.items() if other == fingerprint), None)
        expect(twin is None, f"{ref!r} has the fingerprint of {twin!r}; is the option an execution option by mistake?")
        prints[ref] = fingerprint


def views_are_declared(subject: EncoderSubject) -> None:
    """Views are unique names, of kinds that `gives` says; of a kind there may be none with some options.

    Set views, token_views and sparse_views to tuples of names, () for none, and gives= of the component to {"vectors"}, {"tokens"},
    {"sparse"} or several.
    """
    declared = {"views": (subject.built.views, "vectors"), "token_views": (subject.built.token_views, "tokens")}
    declared["sparse_views"] = capabilities.sparse_views(subject.built), "sparse"
    for attribute, (names, kind) in declared.items():
        expect(isinstance(names, tuple) and all(isinstance(name, str) and name for name in names), f"{attribute} is {names!r}")
        expect(not names or kind in subject.component.gives, f"{attribute} is {names!r}, but gives is {sorted(subject.component.gives)}")
    expect(subject.every, "it has no view")
    expect(len(set(subject.every)) == len(subject.every), f"a name occurs twice among {subject.every}")


def one_row_a_text(subject: EncoderSubject) -> None:
    """The result is Embeddings with one row a text in every view that was asked for.

    Return Embeddings(vectors={view: array}, tokens={view: Tokens}) with every name in the argument views.
    """
    expect(isinstance(subject.embeddings, Embeddings), f"it returned {type(subject.embeddings).__name__}")
    for view in subject.every:
        expect(holds(subject.embeddings, view), f"it returned nothing for view {view!r}")
        count = len(by_text(subject.embeddings, view))
        expect(count == len(subject.items), f"view {view!r} has {count} rows for {len(subject.items)} texts")


def vectors_are_float32(subject: EncoderSubject) -> None:
    """Vectors are plain numpy arrays float32[u, d] with d > 0.

    End with numpy.asarray(rows, dtype=numpy.float32).reshape(len(texts), -1).
    """
    for view, values in subject.embeddings.vectors.items():
        expect(is_plain(values), f"view {view!r} is {described(values)}")
        expect(values.dtype == np.float32, f"view {view!r} is {values.dtype}")
        expect(values.ndim == 2 and values.shape[1] > 0, f"view {view!r} has the shape {values.shape}")


def sparse_rows_are_csr(subject: EncoderSubject) -> None:
    """Sparse vectors are a csr_array float32[u, d] of scipy with d > 0, each place of a row once and within it.

    End with scipy.sparse.csr_array(rows, dtype=numpy.float32).
    """
    for view, values in subject.embeddings.sparse.items():
        expect(is_csr(values) and values.dtype == np.float32, f"view {view!r} is {form(values)}")
        expect(
            values.shape[0] == len(subject.items) and values.shape[1] > 0,
            f"view {view!r} has the shape {values.shape} for {len(subject.items)} texts",
        )
        expect(bool(canonical(values, np.float32).nnz), f"view {view!r} holds nothing but 0")


def values_are_finite(subject: EncoderSubject) -> None:
    """No value is NaN or infinite, for texts of any kind and length.

    Look for divisions by a length of zero: a text without content may be a vector of zeros.
    """
    for view in subject.every:
        for row, values in enumerate(by_text(subject.embeddings, view)):
            expect(np.isfinite(values).all(), f"view {view!r} of {named(subject.items[row])} is not finite")


def no_texts_give_no_rows(subject: EncoderSubject) -> None:
    """An empty list, once texts have been encoded, gives vectors of shape (0, d), and tokens of no texts.

    Remember the dimension of the first answer; ask no service about an empty list.
    """
    known = subject.embeddings  # first: a service need not be asked, and paid, for the dimension
    empty = subject.encode([])
    for view in subject.built.views:
        expected = (0, known.vectors[view].shape[1])
        expect(empty.vectors[view].shape == expected, f"view {view!r} has the shape {empty.vectors[view].shape}, not {expected}")
    for view in subject.built.token_views:
        expect(len(empty.tokens[view]) == 0, f"view {view!r} holds {len(empty.tokens[view])} texts")
    for view in capabilities.sparse_views(subject.built):
        wide = (0, known.sparse[view].shape[1])
        expect(empty.sparse[view].shape == wide, f"view {view!r} has the shape {empty.sparse[view].shape}, not {wide}")


def order_does_not_matter(subject: EncoderSubject) -> None:
    """Texts in another order give the same rows in that order.

    Put sorted batches back in order; where batches are padded, state a tolerance.
    """
    rows = list(np.random.default_rng(3).permutation(len(subject.items)))
    subject.expect_same(subject.encode([subject.items[row] for row in rows]), rows, where="in another order")


def neighbours_do_not_matter(subject: EncoderSubject) -> None:
    """A text alone gives what it gives among others.

    Mask padding; take no mean, scale or vocabulary over the texts of a call; where batches are padded, state a tolerance.
    """
    for row, text in enumerate(subject.items):
        subject.expect_same(subject.encode([text]), [row], where="when encoded alone")


def repeats_are_identical(subject: EncoderSubject) -> None:
    """The same call twice gives bitwise the same result.

    Switch dropout off, and draw from a generator that is made in the call with a fixed seed.
    """
    subject.expect_same(subject.encode(list(subject.items)), range(len(subject.items)), exactly=True, where="in a second call")


def same_text_same_vector(subject: EncoderSubject) -> None:
    """A text that occurs twice in a call gets bitwise the same result.

    Encode each distinct text of a call once.
    """
    again = [(subject.items.index(item), row) for row, item in enumerate(subject.items) if item in subject.items[:row]]
    for view, (first, second) in product(subject.every, again):
        earlier, later = (by_text(subject.embeddings, view)[row] for row in (first, second))
        expect(np.array_equal(earlier, later), f"view {view!r} differs by {differs(earlier, later):.1e}")


def empty_texts_are_texts(subject: EncoderSubject) -> None:
    """Empty and white-space texts get rows like any other, also when there are no others.

    Return a row for them, of zeros where nothing else is known; leave none out.
    """
    embeddings = subject.encode(list(EMPTY))
    subject.expect_same(embeddings, range(len(PLAIN), len(PLAIN) + len(EMPTY)), where="among empty texts only")


def unusual_texts_are_texts(subject: EncoderSubject) -> None:
    """Emoji, right-to-left text, unprintable characters and look-alikes of special tokens get rows like any other."""
    start = len(PLAIN) + len(EMPTY)
    subject.expect_same(subject.encode(list(UNUSUAL)), range(start, len(TEXTS)), where="among unusual texts only")


def long_texts_are_texts(subject: EncoderSubject) -> None:
    """A text of 20,000 characters gets a finite row, changes empty for its neighbours, and they change empty for it."""
    among, alone = subject.encode([LONG, *PLAIN]), subject.encode([LONG])
    for view in subject.every:
        beside, by_itself = by_text(among, view)[0], by_text(alone, view)[0]
        expect(np.isfinite(beside).all(), f"view {view!r} is not finite")
        apart = differs(by_itself, beside)
        expect(apart <= subject.tolerance, f"view {view!r} of a long text differs by {apart:.1e} (relative) beside short ones")
    shorter = {view: among.vectors[view][1:] for view in among.vectors}
    rest = {view: held.take(np.arange(1, len(held), dtype=np.intp)) for view, held in among.tokens.items()}
    fewer = {view: rows[1:] for view, rows in among.sparse.items()}
    subject.expect_same(Embeddings(shorter, rest, sparse=fewer), range(len(PLAIN)), where="beside a long text")


def input_is_untouched(subject: EncoderSubject) -> None:
    """The texts are left as they are, by `encode` and by `truncated`, and may come in a list or a tuple."""
    texts = list(subject.items)
    subject.encode(texts)
    expect(texts == list(subject.items), "the list that was given to encode() changed")
    if (tell := capabilities.truncated(subject.built)) is not None:
        tell(texts, prompt="")
        expect(texts == list(subject.items), "the list that was given to truncated() changed")
    subject.expect_same(subject.encode(subject.items), range(len(subject.items)), where="when given as a tuple")


def views_can_be_asked_for_alone(subject: EncoderSubject) -> None:
    """A view asked for alone is what it is among others."""
    for view in subject.every:
        by_itself = subject.encode(list(subject.plain), (view,))
        expect(holds(by_itself, view), f"it returned nothing for view {view!r} alone")
        subject.expect_same(by_itself, range(len(subject.plain)), where="when asked for alone")


def prompt_counts(subject: EncoderSubject) -> None:
    """A prompt changes the result, and an empty one does not; it is no part of the fingerprint.

    Encode prompt + text.
    """
    before = subject.built.fingerprint
    prompted, plain = subject.encode(PLAIN[:1], prompt="Represent this sentence: "), subject.encode(PLAIN[:1], prompt="")
    expect(subject.built.fingerprint == before, "the fingerprint changed with the prompt")
    subject.expect_same(plain, [0], where="with an empty prompt")
    same = [view for view in subject.every if np.array_equal(by_text(prompted, view)[0], by_text(plain, view)[0])]
    expect(len(same) < len(subject.every), "no view changed with the prompt")


def images_are_what_they_show(subject: EncoderSubject) -> None:
    """An image has the vector of its pixels, however its file is packed, and no prompt goes before it.

    Read it with image.pixels(), and leave `prompt` out for it.
    """
    start = len(subject.items) - len(images())
    rows = range(start, len(subject.items))
    subject.expect_same(subject.encode(list(images(level=0))), rows, where="when its file is packed otherwise")
    subject.expect_same(subject.encode(list(images()), prompt="Represent this: "), rows, where="with a prompt")


def truncation_is_told(subject: EncoderSubject) -> None:
    """`truncated` is bool[u], or None where the encoder cannot tell.

    Return truncated=numpy.zeros(len(texts), dtype=bool) where nothing is cut, None where it is not known.
    """
    marks: Any = subject.embeddings.truncated
    if marks is not None:
        expect(is_plain(marks) and marks.dtype == np.bool_, f"truncated is {described(marks)}")
        expect(marks.shape == (len(subject.items),), f"truncated has the shape {marks.shape} for {len(subject.items)} texts")


def encoder_rules(subject: EncoderSubject) -> Iterator[Rule]:
    """The rules that apply to an encoder of those views."""
    yield from (fingerprint_is_stable, views_are_declared, one_row_a_text, values_are_finite, no_texts_give_no_rows)
    yield from (order_does_not_matter, neighbours_do_not_matter, repeats_are_identical, same_text_same_vector)
    yield from (input_is_untouched, views_can_be_asked_for_alone, truncation_is_told)
    if "text" in subject.reads:
        yield from (empty_texts_are_texts, unusual_texts_are_texts, long_texts_are_texts, prompt_counts, *SERVICE_RULES)
    if "image" in subject.reads:
        yield images_are_what_they_show
    if "vectors" in subject.component.gives:
        yield vectors_are_float32
    if "tokens" in subject.component.gives:
        yield from TOKEN_RULES
    if "sparse" in subject.component.gives:
        yield sparse_rows_are_csr
    if subject.others:
        yield fingerprint_tells_options_apart
