"""What a yes/no question asks, as a claim that can be true or false: pure functions on words.

The claim is put together for comparison with other claims and is not shown: "does garlic lower" becomes "garlic lower".
"""

import re

_OPENS = re.compile(
    r"^(?:(?:hi|hello|hey|please|so|and|but|also|well|ok|okay|(?:quick |one |another )?question|excuse me|"
    r"(?:can|could) (?:you|anyone|somebody|someone) (?:please )?(?:tell me|say)|(?:please )?tell me|"
    r"i(?: just)? (?:wonder|want to know|was wondering|would like to know)|do you know|any idea)\b[\s,:;.!-]*)*"
    r"(?:(?:if|whether)\s+(?P<told>.+)|"
    r"(?:is|isn['’]t) it (?:really |actually |also |still )?(?:true|a fact|correct|the case|a myth)"
    r"(?: or (?:false|not|a myth))?(?: that)?[\s,:]+(?P<true>.+)|"
    r"(?P<verb>is|are|was|were|do|does|did|can|could|will|would|should|has|have|had|may|might)(?:n['’]t)?\s+"
    r"(?P<rest>(?!not\b).+))$",
    re.I | re.S,
)
_NEGATED = re.compile(r"\b(?:not|never)\b|(?<!^is)(?<!^do)n['’]t\b", re.I)
_NEXT = re.compile(r"\w{3}[.?!]\s")
_MYTH = re.compile(r"\ba myth\b", re.I)
_FILLERS = re.compile(r"\b(?:really|actually|truly|even|ever)\s+", re.I)
_THERE = re.compile(r"^(there|it|this|that)\b", re.I)
_LEAVE = re.compile(
    r"\b(?:should|must|allowed|permitted|all ?right|okay|ok|safe|safely|fine|harmless|healthy|advisable|wise|"
    r"good idea)\b|"
    r"\b(?:can|could|may|might)\b(?:\W+[\w'’-]+){1,5}?\W+(?:take|use|eat|drink|have|give|swallow|inhale|inject|apply|"
    r"feed|stop|skip|quit|leave|mix|combine|share|exercise|run|swim|fly|travel|drive|dive|sleep|smoke|donate|bathe|"
    r"breastfeed|go|do|need|get (?:a|an|the|their|your|vaccinated))\b",
    re.I,
)
_KEPT = ("is", "are", "was", "were")
_MOST = 30
"""Words of a question at most: a longer one asks several things, or tells a story."""


def claimed(question: str) -> str | None:
    """Return what a plain yes/no question asks, as a claim; None where it is none, or asks whether a thing is not so.

    Examples: "Is psoriasis contagious?" gives "psoriasis contagious.", "Do flu shots give you flu?" "flu shots give you
    flu.", "Is there a cure for gout?" "there is a cure for gout."
    """
    said = question.strip().rstrip("?!. ")
    if len(said.split()) > _MOST or _NEXT.search(said) or _NEGATED.search(said) or " or " in said:
        return None
    found = _OPENS.match(said)
    if found is None or _MYTH.search(said):
        return None
    rest = found["told"] or found["true"] or found["rest"]
    rest = _FILLERS.sub("", rest)
    verb = (found["verb"] or "").lower()
    if verb in _KEPT and _THERE.match(rest):
        first, _, after = rest.partition(" ")
        rest = f"{first} {verb} {after}"
    return f"{rest.strip()}." if len(rest.split()) > 1 else None


def asks_leave(question: str) -> bool:
    """Return whether a question asks if something may or need be done: a wrong yes to it could hurt."""
    return bool(_LEAVE.search(question))
