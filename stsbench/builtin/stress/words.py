"""The words that sentences are made of. Each list is of things that may stand in each other's place without making nonsense."""

from __future__ import annotations

from typing import Final, NamedTuple

PEOPLE: Final = (
    "nurse", "pilot", "farmer", "teacher", "lawyer", "baker", "engineer", "tourist", "guard", "singer", "clerk", "butcher", "dentist",
    "librarian", "plumber", "gardener", "journalist", "carpenter",
)  # fmt: skip
TIMES: Final = ("yesterday", "last week", "on Monday", "this morning", "in March", "two days ago", "before lunch", "after the storm")
PLACES: Final = ("in the village", "at the station", "in the hotel", "near the harbour", "at the museum", "in the office")


class Deed(NamedTuple):
    """A verb with its past, one that means the same with its past, and what it is done to."""

    verb: str
    past: str
    like: str
    like_past: str
    to: str


DEEDS: Final = (
    Deed("repair", "repaired", "fix", "fixed", "the bicycle"),
    Deed("buy", "bought", "purchase", "purchased", "the painting"),
    Deed("close", "closed", "shut", "shut", "the gate"),
    Deed("finish", "finished", "complete", "completed", "the report"),
    Deed("hide", "hid", "conceal", "concealed", "the key"),
    Deed("begin", "began", "start", "started", "the lesson"),
    Deed("cancel", "cancelled", "call off", "called off", "the meeting"),
    Deed("collect", "collected", "gather", "gathered", "the tickets"),
    Deed("build", "built", "construct", "constructed", "the shed"),
    Deed("purchase", "purchased", "buy", "bought", "the old car"),
    Deed("mend", "mended", "repair", "repaired", "the fence"),
    Deed("rent", "rented", "lease", "leased", "the apartment"),
    Deed("delay", "delayed", "postpone", "postponed", "the journey"),
    Deed("throw away", "threw away", "discard", "discarded", "the letters"),
    Deed("find", "found", "locate", "located", "the lost dog"),
)


class Dealing(NamedTuple):
    """What one person did to another: actively and passively."""

    past: str
    passive: str


DEALINGS: Final = (
    Dealing("thanked", "was thanked by"),
    Dealing("invited", "was invited by"),
    Dealing("helped", "was helped by"),
    Dealing("warned", "was warned by"),
    Dealing("photographed", "was photographed by"),
    Dealing("interviewed", "was interviewed by"),
    Dealing("accused", "was accused by"),
    Dealing("followed", "was followed by"),
    Dealing("visited", "was visited by"),
    Dealing("rescued", "was rescued by"),
    Dealing("hired", "was hired by"),
    Dealing("defended", "was defended by"),
)
TRADES: Final = (("sold", "to", "bought", "from"), ("lent", "to", "borrowed", "from"), ("taught", "to", "learned", "from"))
GOODS: Final = {
    "sold": ("the car", "a clock", "the boat", "two chairs", "the ring"),
    "lent": ("a ladder", "the drill", "some money", "an umbrella", "the map"),
    "taught": ("the song", "a card trick", "the dance", "some Italian", "a new recipe"),
}
COMPARISONS: Final = (("taller", "shorter"), ("older", "younger"), ("richer", "poorer"), ("stronger", "weaker"), ("faster", "slower"))


class Quality(NamedTuple):
    """An adjective, one that means the same, one that means the opposite, and what it may be said of."""

    word: str
    like: str
    opposite: str
    of: tuple[str, ...]


QUALITIES: Final = (
    Quality("big", "large", "small", ("house", "garden", "ship", "kitchen")),
    Quality("fast", "quick", "slow", ("train", "runner", "horse", "computer")),
    Quality("happy", "glad", "sad", ("bride", "winner", "neighbour", "boy")),
    Quality("expensive", "costly", "cheap", ("watch", "dinner", "ticket", "hotel")),
    Quality("quiet", "silent", "noisy", ("street", "engine", "classroom", "machine")),
    Quality("difficult", "hard", "easy", ("exam", "question", "puzzle", "climb")),
    Quality("rich", "wealthy", "poor", ("widow", "town", "merchant", "family")),
    Quality("brave", "courageous", "cowardly", ("soldier", "knight", "captain", "girl")),
    Quality("clever", "smart", "stupid", ("plan", "student", "dog", "answer")),
    Quality("clean", "spotless", "dirty", ("window", "floor", "shirt", "beach")),
    Quality("safe", "secure", "dangerous", ("bridge", "harbour", "road", "hiding place")),
    Quality("polite", "courteous", "rude", ("waiter", "driver", "guest", "letter")),
    Quality("empty", "vacant", "full", ("seat", "room", "car park", "shelf")),
    Quality("strange", "odd", "ordinary", ("noise", "story", "smell", "dream")),
    Quality("ill", "unwell", "healthy", ("child", "cat", "patient", "queen")),
)
FRAMES: Final = (
    "{}", "they said that {}", "it turned out that {}", "I remember that {}", "the guide told us that {}", "in the end we agreed that {}",
)  # fmt: skip
CHANGES: Final = (  # what rose or fell: of, a verb, the same, the opposite
    ("the price of bread", "rose", "went up", "fell"),
    ("the temperature", "dropped", "went down", "climbed"),
    ("the number of visitors", "increased", "grew", "decreased"),
    ("the board", "accepted the offer", "agreed to the offer", "rejected the offer"),
    ("the bridge", "was opened to traffic", "was made accessible to traffic", "was closed to traffic"),
    ("our team", "won the final", "was victorious in the final", "lost the final"),
    ("the experiment", "succeeded", "was a success", "failed"),
    ("the plane", "took off", "left the ground", "landed"),
    ("the witness", "remembered the number plate", "recalled the number plate", "forgot the number plate"),
    ("the guests", "arrived early", "came ahead of time", "arrived late"),
)

UNITS: Final = (  # a sentence, numbers that go with it, a unit, how many of a smaller one it holds, and that one
    ("The parcel weighs {}", (2, 3, 4, 5, 7, 8), "kilograms", 1000, "grams"),
    ("The rope is {} long", (2, 3, 5, 6, 8, 9), "metres", 100, "centimetres"),
    ("The lake lies {} from the farm", (2, 3, 4, 6, 7, 9), "kilometres", 1000, "metres"),
    ("The repair took {}", (2, 3, 4, 5, 6, 7), "hours", 60, "minutes"),
    ("The voyage lasted {}", (2, 3, 4, 5, 6, 8), "weeks", 7, "days"),
    ("The jug holds {} of milk", (2, 3, 4, 5, 6, 8), "litres", 1000, "millilitres"),
    ("Her contract runs for {}", (2, 3, 4, 5, 6, 7), "years", 12, "months"),
)
TEENS: Final = (  # numbers that are easily taken for each other
    (13, "thirteen", 30, "thirty"), (14, "fourteen", 40, "forty"), (15, "fifteen", 50, "fifty"), (16, "sixteen", 60, "sixty"),
    (17, "seventeen", 70, "seventy"), (18, "eighteen", 80, "eighty"), (19, "nineteen", 90, "ninety"),
)  # fmt: skip
COUNTED: Final = (
    ("The bus has {} seats.", "There are {} seats on the bus."),
    ("The choir has {} members.", "There are {} members in the choir."),
    ("The book has {} chapters.", "There are {} chapters in the book."),
    ("The tower has {} floors.", "There are {} floors in the tower."),
    ("The village has {} inhabitants.", "There are {} inhabitants in the village."),
    ("The park has {} benches.", "There are {} benches in the park."),
)
HOURS: Final = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
EVENTS: Final = ("The train leaves", "The shop opens", "The concert begins", "The ferry returns", "The lecture ends")
SHARES: Final = (
    ("a quarter", "25 percent", "75 percent"),
    ("half", "50 percent", "15 percent"),
    ("three quarters", "75 percent", "25 percent"),
    ("a fifth", "20 percent", "80 percent"),
    ("a tenth", "10 percent", "90 percent"),
)

GROUPS: Final = ("student", "passenger", "worker", "villager", "player", "visitor", "soldier", "farmer", "singer", "customer")
FATES: Final = (
    "passed the test", "left the building", "signed the petition", "heard the alarm", "received a letter", "liked the film",
    "came by train", "stayed until midnight", "paid in cash", "wore a hat",
)  # fmt: skip
THINGS: Final = ("books", "chairs", "horses", "letters", "bottles", "tents", "lamps", "coins")
OWNERS: Final = ("The school", "The farmer", "Our hotel", "The club", "Her uncle", "The museum")
NUMBERS: Final = ("three", "five", "ten", "twenty", "a hundred")

DUTIES: Final = (
    "pay the deposit", "wear a helmet", "show a passport", "leave the car outside", "sign the contract", "attend the meeting",
    "switch off the phone", "use the back door", "work on Sundays", "bring a dog", "open the window", "speak to the press",
)  # fmt: skip
CHANCES: Final = (
    ("it will rain tomorrow", "rain is coming tomorrow"),
    ("the minister will resign", "the minister will step down"),
    ("the ferry will be late", "the ferry will be delayed"),
    ("the patient will recover", "the patient will get well"),
    ("prices will rise this year", "prices will go up this year"),
    ("the factory will close", "the factory will shut down"),
    ("the team will win the cup", "the cup will go to the team"),
    ("she will move to Spain", "she will go to live in Spain"),
)
