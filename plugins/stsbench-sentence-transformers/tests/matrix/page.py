"""The page on which vocabularies are trained, and the texts that every model of the matrix encodes."""

from __future__ import annotations

PAGE = """
The harbour was quiet when the ferry came in, and nobody on the quay had expected it before noon. A woman in a green coat counted the
passengers aloud: one, two, three, and then a boy with a dog that would not walk. "We were told Tuesday," she said. The captain shrugged.
Zoë and André sell café au lait beside the old customs house; their naïve sign promises the best coffee of the coast, and it may be true.
In Winter the windows freeze over and the river behind the mill is white. Fishermen mend their nets indoors, and talk about the price of
cod, about the weather, about the war that never came. Prices fell 3.5 % on Monday, rose 12 % on Thursday, and were back by the weekend.
A man is playing a guitar. A man plays the guitar. Two children are reading a book about ships. The children read no book about ships.
Ein Mädchen liest ein Buch über Schiffe; ein Junge spielt draußen im Regen. Das Wetter war schlecht, die Laune aber gut.
She asked whether the library would open at nine. He thought it would not, since the librarian was ill; they went home and came back later.
It is not the same thing to be late, to be slow, and to be unwilling, although from a distance the three may look alike. Look alike!
Query: who repaired the bridge? Passage: the bridge was repaired by the village, stone by stone, over four summers and one long autumn.
日本語のテキスト。 Новая книга о кораблях. Emails such as someone@example.org and numbers such as 1,234.56 are cut into pieces.
""".strip()

_LONG = "The captain counted the passengers, and the river behind the mill was white. "

TEXTS = (
    "A man is playing a guitar.",
    "A MAN IS PLAYING A GUITAR.",
    "Zoë sells CAFÉ au lait; naïve, isn't it?",
    "",
    "   ",
    " The boy walks.",
    "  Two   spaces, a\ttab and a\nline end ",
    "no",
    "a marker <ent> here, <ENT> there and tight<ent>together",
    "[MASK] and </s> and <pad> are special, [NEW] may be",
    "日本語のテキスト。 Новая книга 1,234.56 ☃",
    _LONG * 2,
    _LONG * 40,
)
