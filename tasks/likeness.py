"""Whether two claims that are worded alike mean the same or the opposite, by their denials and words of direction.

"Statins raise cholesterol" is worded like "Statins lower cholesterol" and means the opposite; so does a denial of it.
No model is asked: the vectors of such sentences hardly differ. Pure functions; knows nothing of cards or verdicts.
"""

import re

from tasks.contradict import conditional, denials, opposites
from tasks.kinds import narrower
from tasks.passage import stems
from tasks.population import unasked

_MAKES = (
    r"(?:rais|increas|caus|trigger|worsen|harm(?!less)|damag|endanger|hurt|poison|promot|provok|spread|boost|heighten|weaken|"
    r"spoil|disturb|disrupt|impair|wreck)\w*|"
    r"(?:lead|leads|led|brings?|brought|puts?|makes?|made) (?:to|on|up)|dangerous|risky|unsafe|toxic|bad|worse|ruins?|"
    r"(?:catch|catches|caught|contract|contracted) (?:[\w'-]+ ){1,4}from|"
    r"(?:gives?|gave|giving) (?:you|people|someone|somebody|me|us|them|kids|children|babies|women|men)"
    r"(?! (?:relief|energy|strength|protection|immunity|some|more|less|no|better|hope|time|deep\w*|sound|restful|"
    r"strong\w*|good|clear\w*|healthy|a (?:good|better|boost|lift))\b)"
)
_SPARES = (
    r"(?:low(?:er|ers|ered|ering)|reduc\w*|cut(?:s|ting)?|prevent\w*|protect\w*|cur(?:e|es|ed|ing)|heal\w*|help\w*|"
    r"eas(?:e|es|ed|ing)|reliev\w*|treat\w*|improv\w*|stop(?:s|ped)?|guard\w*|safe(?:ly|r|st)?|harmless|fine|okay|good|useful|better|"
    r"ward\w* off|keep\w* (?:\w+ )?from|spar(?:e|es)|strengthen\w*|soothe\w*|decreas\w*|calm\w*|"
    r"(?:brings?|puts?|gets?|keeps?) (?:[\w'-]+ ){1,4}down|pays off|works?)"
)
_MAKING = re.compile(rf"\b(?:{_MAKES})\b", re.I)
_SPARING = re.compile(rf"\b(?:{_SPARES})\b", re.I)
_WORD = re.compile(r"[a-z]+(?:['’]t)?")
_MORE = """
useful/useless always/sometimes always/rarely everyone/some all/some thin/thicken certain/uncertain proven/unproven
rarely/often seldom/often never/often hours/weeks hours/months days/weeks days/months weeks/years one/all
enough/less enough/little serious/harmless serious/mild severe/mild severe/harmless deadly/harmless
bacteria/virus bacteria/viruses bacterium/virus bacterial/viral bacteria/viral bacterial/virus
overactive/underactive overweight/underweight hyperthyroidism/hypothyroidism
"""
_PAIRS = opposites() | {frozenset(pair.split("/")) for pair in _MORE.split()}
_LIKE_DENIALS = re.compile(
    r"\b(?:(?:recommend|advis|speak|spoke|warn|decid)\w*(?: \w+){0,2} against|useless|pointless|"
    r"waste of (?:time|money)|hardly|barely|unproven|ineffective|(?:little|scant) (?:proof|evidence|point|use|sense)|"
    r"far from|unlikely|off limits|rejects?|stays? away)\b",
    re.I,
)
"""What denies without a denial's word."""
_NO_EFFECT = re.compile(
    r"(?:\b(?:no|not|never|any|hardly|little|without(?: any)?)|n['’]t)(?: \w+){0,2} "
    r"(?:effects?|affect\w*|influence\w*|differences?|impact|change[sd]?|matter|role|link|connection|to do with)\b",
    re.I,
)
_CERTAINTY = re.compile(
    r"\b(?:(?:un)?(?:certain|proven|clear|sure)(?:ly)?|proves?|proved|proof|doubt\w*|evidence|whether|guarantee\w*|"
    r"(?:nobody|no one) knows|not known|unknown)\b",
    re.I,
)
_NOW_AND_THEN = re.compile(
    r"\b(?:now and then|occasional(?:ly)?|(?:the|an) odd|single|rare(?:ly)? (?:use|taken)|sometimes|once in a while)\b",
    re.I,
)
_ALL = re.compile(
    r"\b(?:always|every(?:one|body)?|everything|anyone|anybody|all|only|sole(?:ly)?|completely|totally|entirely|"
    r"a must)\b",
    re.I,
)
_MOSTLY = re.compile(r"\b(?:most(?:ly)?|main(?:ly)?|best|usual(?:ly)?|chiefly|worst)\b", re.I)
_NEEDS = re.compile(r"\b(?:needs?|needed|must|(?:has|have) to|requir\w*|necessary|essential)\b", re.I)
_MAYBE = re.compile(r"\b(?:may|might|can|could|some(?:times)?|(?:a )?few|certain)\b", re.I)
_SOME = re.compile(r"\b(?:some(?:times)?|(?:a )?few)\b", re.I)
_WORSE = re.compile(r"\b(?:worse|worsen\w*|aggravat\w*)\b", re.I)
_BEGINS = re.compile(r"\b(?:caus|trigger|giv|gave|bring|lead)\w*\b", re.I)
_WHEN = re.compile(r"\b(?:during|without|skip\w*|stopping|before \w+ing|lack of|too (?:little|few)|not enough)\b", re.I)
_PARTLY = re.compile(r"\bnot (?:just|only|merely|simply)\b", re.I)
_VACCINE = re.compile(r"\b(?:vaccin\w*|immuni[sz]\w*|jabs?|shots?)\b", re.I)
_ITS_MEDICINE = re.compile(
    r"\b(?:blood pressure|cholesterol|diabetes|asthma|migraine|headache|epilepsy|thyroid|heart|pain|cold|cough|flu|"
    r"allergy|cancer|acid|ulcer|sleep\w*|weight[- ]loss|arthritis|gout|acne|HIV|ADHD)[- ]"
    r"(?:medicines?|medications?|meds|tablets?|pills?|drugs?|remed(?:y|ies)|treatments?)\b",
    re.I,
)
_CAUSES = re.compile(r"\bcaus(?:e|es|ed|ing)\b", re.I)
_FOR_THE_ILL = re.compile(
    r"\b(?:good|bad|safe|fine|useful|wise|best) "
    r"(?:in|during|for (?:people|those|anyone|someone|everyone) (?:with|who))\b",
    re.I,
)
_QUALIFIED = re.compile(
    r"\b(?:(?:full|low|high|large|small|heavy|normal)[- ]dos(?:es?|ed)|late|early|(?:long|short)[- ]term|too much|"
    r"excessive|heavy|severe)\b",
    re.I,
)
_TYPE = re.compile(r"\btype (?:1|2|one|two|I{1,2})\b", re.I)
_HARMLESS = re.compile(r"\b(?:safe(?:ly)?|harmless|fine|okay|ok|no (?:risk|danger|harm))\b", re.I)
_BALANCE = re.compile(r"\b(?:more harm than good|more good than harm|outweigh\w*|worth (?:it|the))\b", re.I)

_CURES = re.compile(r"\bcur(?:e|es|ed|ing|able)\b", re.I)
_TWO_CLAUSES = re.compile(
    r"[,;:–—] (?:and |but |so |then )?(?:it|they|this|that|he|she|you|we|there|(?:the|your|my|a|an) \w+)"
    r"(?:['’](?:s|re|ll)| (?:is|are|was|were|has|have|had|does?|did|can|could|may|might|will|would|won|must|should)\b)",
    re.I,
)
"""A second thing that is claimed: what is denied in one clause says nothing of the other."""
_GIVES = re.compile(
    r"\b(?:giv(?:es?|ing)|gave) (?:you|people|someone|somebody|me|us|them|kids|children|babies|women|men) "
    r"(?:an? |the |your )?(?P<what>[\w-]+(?: [\w-]+){0,2})",
    re.I,
)
_ALLOWED = re.compile(
    r"\b(?:safe(?:ly|r)?|harmless|fine|okay|ok|all ?right|"
    r"(?:can|may|could)(?! (?:lead|be (?:bad|harm\w+|danger\w+))))\b",
    re.I,
)
_ORIGIN = re.compile(r"\b(?:caused by|com(?:e|es|ing) from|due to|(?:the )?result of|stems? from)\b", re.I)
_THAN = re.compile(r"\bthan\b", re.I)


def opposed(one: str, other: str) -> bool:
    """Return whether one of two claims worded alike says the opposite of the other, as far as single words tell."""
    return (denying(one) + denying(other) + _turned(one, other) + _crossed(one, other)) % 2 == 1


def vote(claim: str, known: str, sign: float) -> float:
    """Return 1 where a card is for a claim by its word on a known one, -1 where against it, 0 where neither follows.

    `sign` is 1 for a known claim that the card supports, -1 for one that it refutes. What is said of certainty ("it is
    proven that") or of occasional use says nothing of the thing itself; what is refuted of everybody may hold of some;
    and where "it improves sleep" is wrong, "it does not affect sleep" need not be right. Of two clauses it is not known
    which one a denial is about, and one in a condition ("if it is not treated") denies nothing. What a virus does says
    nothing of its vaccine, and a harm nothing of whether it outweighs the good. That something may be done follows only
    from what says so, or from what denies a harm.
    """
    turned = opposed(claim, known)
    if _one_of(_CERTAINTY, claim, known) or _lacks(_NOW_AND_THEN, claim, known):
        return 0.0
    if _of_another_matter(claim, known) or (denying(claim) and _lacks(_TWO_CLAUSES, known, claim)):
        return 0.0
    if sign < 0 and (_more_than(claim, known) or (turned and _one_of(_NO_EFFECT, claim, known))):
        return 0.0
    side = -sign if turned else sign
    if side > 0 and _permits(claim) and not (_ALLOWED.search(known) or _way(known) > 0):
        return 0.0
    denies = denying(claim) % 2 == 1
    if _says_less(claim, known) if (side > 0) != denies else _only_some(claim, known):
        return 0.0
    if _one_of(_CURES, claim, known):
        said = -side if denies else side
        return side if said == (-1.0 if _CURES.search(claim) else 1.0) else 0.0
    return side


def _only_some(claim: str, known: str) -> bool:
    """Return whether what is not true of the known claim's kind, dose or time may be true of the claim's.

    Of what is said of all, or said to be safe, one exception is enough.
    """
    if _ALL.search(claim) or _HARMLESS.search(claim):
        return False
    return narrower(claim, known) or _lacks(_QUALIFIED, claim, known)


def _of_another_matter(claim: str, known: str) -> bool:
    """Return whether only one of two claims speaks of a vaccine, a need, a condition and what else makes it another."""
    if any(_one_of(pattern, claim, known) for pattern in (_VACCINE, _BALANCE, _ITS_MEDICINE, _NEEDS)):
        return True
    if _gives_other(claim, known) or _remedied(claim, known) or _remedied(known, claim):
        return True
    if _CAUSES.search(claim) and _lacks(_FOR_THE_ILL, claim, known):
        return True
    if conditional(claim) != conditional(known) or _when(claim) != _when(known):
        return True
    return _begun(claim, known) or _begun(known, claim)


def _gives_other(claim: str, known: str) -> bool:
    """Return whether both say that something gives people an illness, and each another one."""
    mine, theirs = _GIVES.search(claim), _GIVES.search(known)
    return bool(mine and theirs) and not stems(mine["what"]) & stems(theirs["what"])


def _remedied(one: str, other: str) -> bool:
    """Return whether one claim says where an illness comes from, and the other what helps against it."""
    return bool(_ORIGIN.search(one)) and _way(other) < 0


def _permits(claim: str) -> bool:
    """Return whether a claim says that something may be done: what only speaks of the matter does not say so."""
    return bool(_HARMLESS.search(claim)) and denying(claim) % 2 == 0


def _says_less(claim: str, known: str) -> bool:
    """Return whether a known claim that holds says less than the claim: of some people, kinds or times."""
    if _lacks(_ALL, known, claim) or (_SOME.search(known) and not _MAYBE.search(claim)):
        return True
    if unasked(claim, known) or _lacks(_TYPE, claim, known):
        return True
    return narrower(claim, known) and not _MAKING.search(claim)


def _more_than(claim: str, known: str) -> bool:
    """Return whether a known claim that is wrong says more than the claim, which may be right."""
    return _lacks(_ALL, claim, known) or _lacks(_MOSTLY, claim, known)


def _begun(one: str, other: str) -> bool:
    """Return whether one claim says that something is made worse and the other that it is caused."""
    return bool(_WORSE.search(one) and _BEGINS.search(other)) and not (_WORSE.search(other) or _BEGINS.search(one))


def _when(text: str) -> set[str]:
    return {found[0].lower()[:4] for found in _WHEN.finditer(text)}


def _one_of(pattern: re.Pattern[str], one: str, other: str) -> bool:
    return bool(pattern.search(one)) != bool(pattern.search(other))


def _lacks(pattern: re.Pattern[str], claim: str, known: str) -> bool:
    return bool(pattern.search(known)) and not pattern.search(claim)


def _crossed(one: str, other: str) -> int:
    """Return 1 where both compare two things, and each has first what the other has last."""
    sides = [[set(_WORD.findall(half.lower())) for half in _THAN.split(text)] for text in (one, other)]
    if any(len(halves) != 2 for halves in sides):
        return 0
    (first, last), (there, here) = sides
    # What stands on both sides of a comparison tells nothing of its order.
    first, last, there, here = first - last, last - first, there - here, here - there
    return int(bool(first & here) and bool(last & there) and not last & here)


def denying(text: str) -> int:
    """Return how many words of a text deny, those among them that are no denial's word by themselves ("useless")."""
    return denials(_PARTLY.sub(" ", text)) + len(_LIKE_DENIALS.findall(text))


def _turned(one: str, other: str) -> int:
    return 1 if _way(one) * _way(other) < 0 else _swaps(one, other)


def _way(text: str) -> int:
    """Return 1 where something makes or worsens, -1 where it spares or helps, 0 for words of both or neither."""
    return bool(_MAKING.search(text)) - bool(_SPARING.search(text))


def _swaps(one: str, other: str) -> int:
    """Return how many words of one claim have their opposite in the other, and neither in both."""
    mine, theirs = (set(_WORD.findall(text.lower())) for text in (one, other))
    left, right = mine - theirs, theirs - mine
    return sum(any(frozenset((word, there)) in _PAIRS for there in right) for word in left)
