"""One grammar a phenomenon: every sentence that it makes, with a paraphrase of other words and a contrast of nearly the same ones.

Whoever adds a rule sees to it that the paraphrase says what the sentence says, that the contrast does not, and that the contrast changes
nothing but what the phenomenon is about. A rule is a generator of (sentence, paraphrase, contrast); rules of one phenomenon are drawn
from in equal numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import permutations, product
from typing import Final

from stsbench.builtin.stress import words

Triplet = tuple[str, str, str]
Rule = Callable[[], Iterator[Triplet]]


def sentence(text: str) -> str:
    """The text with a capital letter and a full stop."""
    return f"{text[0].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


def denied() -> Iterator[Triplet]:
    """Said, and not denied."""
    for who, deed, when in product(words.PEOPLE, words.DEEDS, words.TIMES):
        yield (
            f"the {who} {deed.past} {deed.to} {when}",
            f"{when} the {who} {deed.like_past} {deed.to}",
            f"the {who} did not {deed.verb} {deed.to} {when}",
        )


def affirmed() -> Iterator[Triplet]:
    """Denied, and not said."""
    for who, deed, when in product(words.PEOPLE, words.DEEDS, words.TIMES):
        yield (
            f"the {who} did not {deed.verb} {deed.to} {when}",
            f"{when} the {who} did not {deed.like} {deed.to}",
            f"the {who} did {deed.verb} {deed.to} {when}",
        )


def nobody() -> Iterator[Triplet]:
    """Nobody, and not somebody."""
    for deed, when, where in product(words.DEEDS, words.TIMES, words.PLACES):
        yield (
            f"nobody {where} {deed.past} {deed.to} {when}",
            f"{when} no one {where} {deed.like_past} {deed.to}",
            f"somebody {where} {deed.past} {deed.to} {when}",
        )


def converted() -> Iterator[Triplet]:
    """A quantity in a smaller unit, and not another quantity."""
    for text, numbers, unit, factor, smaller in words.UNITS:
        for number, other in zip(numbers, (*numbers[1:], numbers[0]), strict=True):
            yield text.format(f"{number} {unit}"), text.format(f"{number * factor:,} {smaller}"), text.format(f"{other} {unit}")


def shrunk() -> Iterator[Triplet]:
    """A quantity in a smaller unit, and not as many of the smaller unit."""
    for text, numbers, unit, factor, smaller in words.UNITS:
        for number in numbers:
            yield text.format(f"{number} {unit}"), text.format(f"{number * factor:,} {smaller}"), text.format(f"{number} {smaller}")


def spelt() -> Iterator[Triplet]:
    """A number in words, and not one that looks or sounds like it."""
    for (text, other_way), (few, few_words, many, many_words) in product(words.COUNTED, words.TEENS):
        yield text.format(few), other_way.format(few_words), text.format(many)
        yield text.format(many), other_way.format(many_words), text.format(few)


def at_hours() -> Iterator[Triplet]:
    """A time of the day on another clock, and not half a day off."""
    for what, hour in product(words.EVENTS, words.HOURS):
        yield f"{what} at {hour} p.m.", f"{what} at {hour + 12}:00.", f"{what} at {hour} a.m."


def shares() -> Iterator[Triplet]:
    """A share in percent, and not what is left."""
    for (share, percent, other), who, fate in product(words.SHARES, words.GROUPS, words.FATES):
        yield f"{share} of the {who}s {fate}", f"{percent} of the {who}s {fate}", f"{other} of the {who}s {fate}"


def doers() -> Iterator[Triplet]:
    """Who did it to whom, and not the other way round."""
    for (first, second), deed, when in product(permutations(words.PEOPLE, 2), words.DEALINGS, words.TIMES):
        yield (
            f"the {first} {deed.past} the {second} {when}",
            f"{when} the {second} {deed.passive} the {first}",
            f"the {second} {deed.past} the {first} {when}",
        )


def traders() -> Iterator[Triplet]:
    """Who gave and who took, and not the other way round."""
    for (first, second), (gave, to, took, source) in product(permutations(words.PEOPLE, 2), words.TRADES):
        for thing in words.GOODS[gave]:
            yield (
                f"the {first} {gave} {thing} {to} the {second}",
                f"the {second} {took} {thing} {source} the {first}",
                f"the {second} {gave} {thing} {to} the {first}",
            )


def compared() -> Iterator[Triplet]:
    """Who is more, and not the other way round."""
    for (first, second), (more, less) in product(permutations(words.PEOPLE, 2), words.COMPARISONS):
        yield (
            f"the {first} is {more} than the {second}",
            f"the {second} is {less} than the {first}",
            f"the {second} is {more} than the {first}",
        )


def every() -> Iterator[Triplet]:
    """All, and not only some."""
    for who, fate in product(words.GROUPS, words.FATES):
        yield f"all of the {who}s {fate}", f"every single {who} {fate}", f"only some of the {who}s {fate}"
        yield f"none of the {who}s {fate}", f"not a single {who} {fate}", f"some of the {who}s {fate}"


def most() -> Iterator[Triplet]:
    """Most, and not few."""
    for who, fate in product(words.GROUPS, words.FATES):
        yield f"most of the {who}s {fate}", f"the majority of the {who}s {fate}", f"few of the {who}s {fate}"
        yield f"few of the {who}s {fate}", f"only a small number of the {who}s {fate}", f"most of the {who}s {fate}"


def bounded() -> Iterator[Triplet]:
    """At least, and not at most."""
    for who, number, what in product(words.OWNERS, words.NUMBERS, words.THINGS):
        yield f"{who} has at least {number} {what}", f"{who} has no fewer than {number} {what}", f"{who} has at most {number} {what}"
        yield f"{who} has at most {number} {what}", f"{who} has no more than {number} {what}", f"{who} has at least {number} {what}"


def described() -> Iterator[Triplet]:
    """An adjective, and not its opposite."""
    for quality, frame in product(words.QUALITIES, words.FRAMES):
        for what in quality.of:
            word, like, opposite = (frame.format(f"the {what} was {said}") for said in (quality.word, quality.like, quality.opposite))
            yield word, like, opposite


def changed() -> Iterator[Triplet]:
    """A verb, and not its opposite."""
    for (what, did, like, opposite), when in product(words.CHANGES, words.TIMES):
        yield f"{what} {did} {when}", f"{when} {what} {like}", f"{what} {opposite} {when}"


def obliged() -> Iterator[Triplet]:
    """Must, and not may."""
    for who, what in product(words.GROUPS, words.DUTIES):
        yield f"every {who} must {what}", f"every {who} is required to {what}", f"every {who} may {what}"


def allowed() -> Iterator[Triplet]:
    """May, and not must."""
    for who, what in product(words.GROUPS, words.DUTIES):
        yield f"every {who} may {what}", f"every {who} is allowed to {what}", f"every {who} must {what}"


def forbidden() -> Iterator[Triplet]:
    """Must not, and not need not."""
    for who, what in product(words.GROUPS, words.DUTIES):
        yield f"the {who}s must not {what}", f"the {who}s are forbidden to {what}", f"the {who}s need not {what}"
        yield f"the {who}s need not {what}", f"the {who}s are not obliged to {what}", f"the {who}s must not {what}"


def perhaps() -> Iterator[Triplet]:
    """Perhaps, and not certainly."""
    for what, like in words.CHANCES:
        for may, maybe, surely in (
            ("perhaps {}", "it is possible that {}", "certainly {}"),
            ("it is possible that {}", "it may be that {}", "it is certain that {}"),
            ("it is certain that {}", "there is no doubt that {}", "it is possible that {}"),
            ("it is unlikely that {}", "it is not to be expected that {}", "it is likely that {}"),
            ("it is likely that {}", "there is a good chance that {}", "it is unlikely that {}"),
        ):
            yield may.format(what), maybe.format(like), surely.format(what)


PHENOMENA: Final[Mapping[str, tuple[Rule, ...]]] = {
    "negation": (denied, affirmed, nobody),
    "numbers": (converted, shrunk, spelt, at_hours, shares),
    "roles": (doers, traders, compared),
    "quantifiers": (every, most, bounded),
    "antonyms": (described, changed),
    "modality": (obliged, allowed, forbidden, perhaps),
}
