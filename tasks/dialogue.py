"""A conversation about health: what a follow-up question means, and what of the past is still read.

Pure text rules; nothing here knows of models, search or pages.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from itertools import islice

from tasks.population import without_groups
from tasks.referral import CHILDREN, PREGNANCY
from tasks.spec import Turn

HISTORY_TOKENS = 600
"""Tokens of past turns that are read, at about four characters each; older turns are dropped whole."""
CHARS_PER_TOKEN = 4
MOST_LEANT_ON = 10
"""Earlier questions that one question is read with."""

_FOLLOW = re.compile(
    r"^\s*(and|but|or|what about|how about|what if|also|then|so|ok(ay)?,?|even|same|is (it|that|this)|are (they|those)|"
    r"does (it|that|this)|do (they|those)|can (it|that|they)|should (it|that|they))\b",
    re.I,
)
_LEANS = re.compile(
    r"^\s*(why|how (much|many|long|often)|when|with|without|for|in|on|during|while|"
    r"(can|may|could|should) (i|we|you))\b",
    re.I,
)
"""Openings that lean where nothing is named but whom it is for, or what it is taken with."""
_BESIDE = re.compile(
    rf"\b({PREGNANCY}|{CHILDREN}|adults?|men|elderly|seniors?|alcohol|beer|wine|coffee|food|meals?|breakfast|milk|water|"
    r"empty|stomach|night|bedtime|morning|evening)\b",
    re.I,
)
_PIECE = re.compile(r"^\W*(with|without|for|in|on|during|while)( [\w'-]+){1,3}\W*$", re.I)
"""A piece of a sentence, "with warfarin?", leans whatever it names."""
_POINTS = re.compile(r"\b(it|its|that|this|they|them|those|these|there|the same|one|ones)\b", re.I)
_SAFE_TO = re.compile(
    r"\b(is|was|would) (it|that|this) (be )?(really |also )?"
    r"(possible|normal|safe|ok|okay|fine|bad|good|dangerous|healthy|better|best) (for \w+ )?to "
    r"(?!(take|use|have|give|eat|drink|stop|combine|mix)\W+"
    r"(with|while|in|on|during|for|every|at|before|after|when|if|together)\b)",
    re.I,
)
_EMPTY = re.compile(
    r"\bis it (really )?true (that )?(?!(for|in|of|with|when)\b)(?=\w)|\bdo(es)? one\b|"
    r"\b(is|are|was|were) there (?!(an? |any )?(\w+ )?(risks?|dangers?|chance|limit|maximum)\b)",
    re.I,
)
"""Words that point at nothing before: "is there a vaccine", "how does one"."""
_POLITE = (
    r"((ok(ay)?|thanks?|thank you|thx|ty|cheers|hi|hello|hey|there|great|nice|cool|perfect|wow|bye|goodbye|"
    r"yes|yeah|yep|no|nope|please|good|sure|all ?right|got it|i see|understood|so|very|much|a lot|"
    r"good (morning|afternoon|evening|night)|for (that|this|your help|the (answer|help)))\b\W*)"
)
_COURTESY = re.compile(rf"^\W*{_POLITE}{{1,8}}$", re.I)
_EXPECTING = re.compile(rf"\b(i['’]?m|i am|we['’]?re|we are|my wife is)\b[^.?!\n]{{0,40}}\b({PREGNANCY})\b", re.I)
_THANKED = re.compile(r"^\W*((ok(ay)?|thanks|thank you|great|hi|hello)\b( (so|very) much| a lot)?\W+){1,3}", re.I)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9'-]+")
_SHORT = re.compile(r"\b[A-Za-z][A-Za-z0-9]\d?\b")
_NAME = re.compile(r"\bvitamins? [A-Ka-k]\d*\b|[A-Za-z][A-Za-z0-9'-]+", re.I)
_NO_NAMES = frozenset(
    """
ah al am an as at be by cm de do dr eg eh en ex go ha he hi hm hr id ie if im in is it kg km la lb lo mg ml mm mr my no
of oh ok on or oz pm re so to ty uh uk um up us vs we ye yo
""".split()  # noqa: SIM905
)
"""Words of two letters that name nothing; whatever else is as short ("TB", "B6") does."""
_PLAIN = frozenset(
    """
about after all also always and any anyone anything are ask away bad because been before being best better both but by
can cannot common could daily did different do does doctor during each effect effects else ever every everyone feel few
find first for from get gets give given go goes going good had happen happens happening has have he help helps her here
high his how if in into is it its just know less like likely long low make makes many may me mean means might month
months more most much must my need needs never new no not now of often okay old on one only or other our out over own
people person please possible problem question reason recommended really risk safe same say see she should sign signs
since some someone something soon still stop such sure symptom symptoms take takes taking tell than that the their them
then there these they thing think this those time to too treat treated treatment treatments true try two under until up
use used using very want was way we week weeks well were what when where whether which while who why will with without
work would year years yes you your cure cured cause causes caused prevent prevents already am im i'm i've i'd i'll
""".split()  # noqa: SIM905
)
OF_ANYTHING = frozenset(
    """
addictive alternative alternatives amount begin benefits bedtime cheaper combine contraindications cost crush dangers
day days dosage dosages dose doses double drink drive driving eat explain generic hour hours interact interaction
interactions last lasts max maximum minute minutes miss missed mix option options precautions price risks side simple
simply skip source sources split start starts substitute substitutes swallow wait warnings words
""".split()  # noqa: SIM905
)
"""Words that a question of any medicine has: with them it still names nothing. Not for subject(): others read that."""


def subject(text: str) -> list[str]:
    """Return the words of a text that name what it is about: drugs, conditions, people; common words are left out."""
    seen: dict[str, str] = {}
    for word in _WORD.findall(text):
        lowered = word.lower().strip("'-").removesuffix("'s")
        if lowered not in _PLAIN and len(lowered) > 2:
            seen.setdefault(lowered, lowered)
    return list(seen)


def courteous(text: str) -> bool:
    """Whether a text asks nothing and is only said to be kind: "thanks", "ok", "hello there"."""
    return bool(_COURTESY.match(text))


def readable(text: str) -> bool:
    """Whether a text is written in letters that are read here: at least half of them, and at least one, are Latin."""
    letters = [char for char in text if char.isalpha()]
    return bool(letters) and 2 * sum(unicodedata.name(char, "").startswith("LATIN") for char in letters) >= len(letters)


def follows(question: str) -> bool:
    """Whether a question leans on an earlier one: it begins like one, or points at something, or names nothing."""
    if courteous(question) or not readable(question):
        return False
    bare = _EMPTY.sub(" ", _SAFE_TO.sub("can I ", _THANKED.sub("", question)))
    if not _named(bare):
        return True
    if len(_WORD.findall(question)) > 12:
        return False
    leans = _LEANS.match(bare) and not _named(_BESIDE.sub(" ", bare))
    return bool(leans or _PIECE.match(bare) or _FOLLOW.match(bare) or _POINTS.search(bare))


def _named(question: str) -> list[str]:
    """Return what a question names, beyond what is asked of any medicine."""
    return [word for word in names(question) if word.lower() not in OF_ANYTHING]


def names(text: str) -> list[str]:
    """Return the words that name what a text is about; the same as subject(), and short ones: "TB", "vitamin D"."""
    short = {word.lower() for word in _SHORT.findall(text)} - _NO_NAMES
    known, out = set(subject(text)), []
    for word in _NAME.findall(text):
        lowered = word.lower().strip("'-").removesuffix("'s")
        if lowered in known or lowered in short or " " in word:
            out.append(lowered if lowered in known else " ".join(word.split()))
    return list(dict.fromkeys(out))


def leant_on(question: str, history: Sequence[Turn]) -> list[str]:
    """Return the earlier questions that a question leans on, the first that stood on its own before the others.

    A "thanks" between them is passed over, and so is what holds no word. Of a long row of follow-ups the newest are
    returned, MOST_LEANT_ON with the question that they all lean on.
    """
    asked = [turn.content for turn in history if turn.role == "user" and not courteous(turn.content)]
    chain: list[str] = []
    for past in reversed([past for past in asked if readable(past)] if follows(question) else []):
        chain.append(past)
        if not follows(past):
            break
    return [*chain[MOST_LEANT_ON - 1 :][-1:], *chain[: MOST_LEANT_ON - 1][::-1]]


def matters(question: str, history: Sequence[Turn]) -> str:
    """Return what a question is to be read with for whom to ask: what it leans on, and any word that one is pregnant.

    Whole questions, not their words: "already on aspirin" is a matter of its own. Of what leans on nothing, the words
    that say one is pregnant are enough.
    """
    said = (turn.content for turn in reversed(history) if turn.role == "user")
    expecting = islice((found[0] for found in map(_EXPECTING.search, said) if found), 1)
    return "\n".join(dict.fromkeys([*expecting, *leant_on(question, history), question]))


def rewritten(question: str, history: Sequence[Turn]) -> str:
    """Return the question with what earlier questions were about, where it leans on them.

    "And for children?" after a question about ibuprofen asks of ibuprofen and children. Words of the last question that
    stood on its own are taken, and of those that followed it, so that a follow-up to a follow-up keeps the subject. Of
    whom these asked is left out where the new one names others: "in pregnancy" says nothing of children.
    """
    named = {word.lower() for word in names(question)}
    past = [without_groups(_THANKED.sub("", past), question) for past in leant_on(question, history)]
    words = dict.fromkeys(word for text in past for word in names(text) if word.lower() not in named)
    return f"{question.strip()} ({' '.join(list(words)[:8])})" if words else question


def estimated(text: str) -> float:
    """Return about how many tokens an English text has."""
    return len(text) / CHARS_PER_TOKEN


def recent(
    history: Sequence[Turn], tokens: float = HISTORY_TOKENS, count: Callable[[str], float] = estimated
) -> list[Turn]:
    """Return the newest turns that fit, whole ones only; a question and its answer stay or go together.

    `count` says how many tokens a text has.
    """
    room = float(tokens)
    pairs: list[list[Turn]] = []
    for turn in history:
        if turn.role == "user" or not pairs:
            pairs.append([])
        pairs[-1].append(turn)
    kept: list[Turn] = []
    for pair in reversed(pairs):
        room -= sum(count(turn.content) for turn in pair)
        if room < 0:
            break
        kept = [*pair, *kept]
    return kept
