"""What a question asks, a yes/no one as a claim that can be true or false: pure functions on words.

The claim is put together for comparison with other claims and is not shown: "does garlic lower" becomes "garlic lower".
"""

import re

from tasks.apostrophes import apostrophised

_OPENS = re.compile(
    r"^(?:(?:hi|hello|hey|dear|there|doctor|doc|dr|please|so|and|but|also|well|ok|okay|"
    r"(?:quick |one |another )?question|excuse me|"
    r"(?:can|could) (?:you|anyone|somebody|someone) (?:please )?(?:tell me|say)|(?:please )?tell me|"
    r"i(?: just)? (?:wonder|want to know|was wondering|would like to know)|do you know|any idea)\b[\s,:;.!-]*)*"
    r"(?:(?:if|whether)\s+(?P<told>.+)|"
    r"(?:is|isn['’]t) it (?:really |actually |also |still )?(?:true|a fact|correct(?! to\b)|the case|a myth)"
    r"(?: or (?:false|not|a myth))?(?: that)?[\s,:]+(?P<true>.+)|"
    r"do(?:n['’]t)? you (?:think|believe)(?: that)?[\s,]+(?P<thought>.+)|"
    r"(?P<verb>is|are|was|were|do|does|did|can|could|will|would|should|has|have|had|may|might)(?:n['’]t)?\s+"
    r"(?P<rest>(?!not\b).+))$",
    re.I | re.S,
)
_NEGATED = re.compile(
    r"\b(?:not|never|neither|nor|no|none|nobody|nothing|without|hardly|barely|scarcely|seldom|rarely|lack|"
    r"fail(?:s|ed)? to|false|untrue|wrong|incorrect|lie|hoax|misconception|unnecessary|"
    r"needless|pointless|useless|incurable|untreatable|"
    r"unable|impossible|unlikely)\b|(?<!^is)(?<!^are)(?<!^do)(?<!^does)(?<!^can)n['’]t\b",
    re.I,
)
"""Asks whether a thing is not so; "isn't it" and its like ask whether it is."""
_SEVERAL = re.compile(
    r"[?;/]|\w{3}[.!]\s|\b(?:or|versus|vs|rather than|instead of)\b|"
    r",? (?:and|but) (?:is|are|was|do|does|did|can|could|will|would|should|has|have|may|might)\b|^(?:if|when|whether) ",
    re.I,
)
"""Asks more than one thing, or for a choice, or on a condition."""
_POINTS = re.compile(
    r"^(?:(?:this|that|these|those)\b(?! (?:is|are|was|were)\b)|(?:to|what|why|how|who|which|where|when)\b|"
    r"you (?:please )?(?:tell|say|know|explain|help|recommend|suggest|advise|give|mean|think|believe)\b)",
    re.I,
)
"""What is asked about is not named, or somebody is asked to do or tell something."""
_RIGHT = re.compile(r"[\s,]+(?:right|correct|true|isn['’]t it|doesn['’]t it|don['’]t they|aren['’]t they)$", re.I)
_MYTH = re.compile(r"\ba myth\b", re.I)
_FILLERS = re.compile(r"\b(?:really|actually|truly|even|ever)\s+", re.I)
_THERE = re.compile(r"^(there|it|this|that)\b", re.I)
_LEAVE = re.compile(
    r"\b(?:should|must|allowed|permitted|all ?right|okay|ok|safe|safely|fine|harmless|advisable|wise|good idea|"
    r"(?:correct|right) to|"
    r"healthy(?= *[?.!]*$| (?:to|for|during|in|when|while)\b))\b|"
    r"\b(?:can|could|may|might|possible to)\b(?:\W+\w+){0,5}?\W+(?:take|use|eat|drink|have|give|swallow|inhale|"
    r"inject|apply|feed|stop|skip|quit|leave|mix|combine|share|exercise|run|swim|fly|travel|drive|dive|sleep|smoke|"
    r"donate|bathe|breastfeed|go|do|need|wait|"
    r"be (?:taken|used|eaten|given|stopped|skipped|mixed|combined|shared|left|ignored)|"
    r"get (?:a|an|the|their|your|vaccinated))\b|\bstopping\b",
    re.I,
)
_KEPT = ("is", "are", "was", "were")
_NEEDED = re.compile(
    r"\b(?:needs?|needed|necessary|required?|must|should|have to|has to|serious|severe|grave|emergency)\b", re.I
)
_MOST, _LETTERS = 30, 300
"""Words and characters of a question at most: a longer one asks several things, or tells a story."""


def claimed(question: str) -> str | None:
    """Return what a plain yes/no question asks, as a claim; None where it is none, or asks whether a thing is not so.

    Examples: "Is psoriasis contagious?" gives "psoriasis contagious.", "Do flu shots give you flu?" "flu shots give you
    flu.", "Is there a cure for gout?" "there is a cure for gout."
    """
    said = apostrophised(question).strip().rstrip("?!. ")
    if len(said) > _LETTERS or len(said.split()) > _MOST:
        return None
    said = _RIGHT.sub("", said)
    found = _OPENS.match(said)
    if found is None or any(pattern.search(said) for pattern in (_NEGATED, _SEVERAL, _MYTH)):
        return None
    rest = _FILLERS.sub("", found["told"] or found["true"] or found["thought"] or found["rest"])
    if _POINTS.match(rest):
        return None
    verb = (found["verb"] or "").lower()
    if verb in _KEPT and _THERE.match(rest):
        first, _, after = rest.partition(" ")
        rest = f"{first} {verb} {after}"
    return f"{rest.strip()}." if len(rest.split()) > 1 else None


def asks_leave(question: str) -> bool:
    """Return whether a question asks if something may be done: a wrong yes to it could hurt."""
    return bool(_LEAVE.search(question))


def asks_need(question: str) -> bool:
    """Return whether a question asks if something need be done, or is serious: a wrong no to it could hurt."""
    return bool(_NEEDED.search(question))


_OPEN = re.compile(
    r"^(?:(?:hi|hello|hey|please|so|and|ok|okay)\b[\s,:;.!-]*)*"
    r"(?:(?:can|could|would) you (?:please )?)?"
    r"(?:i(?:'d| would)? (?:want|like) to (?:know|learn)(?: more)? (?:about|of) )?"
    r"(?:(?:please )?(?:tell me|explain|describe|learn|know|say)\b(?: (?:me|us))?(?: (?:something|more|all|a bit))?"
    r"(?: (?:about|of|on))? |"
    r"what(?:'s| is| are)(?: (?:known|there to know|the facts?))?(?: (?:about|of|on))? |"
    r"what (?:should|do|can) (?:i|we|you|people|one) (?:need to )?know (?:about|of) |"
    r"(?:some |more |general )?(?:information|info|facts?)\b(?: (?:about|of|on))? |(?:all |more |something )?about )?"
    r"(?:an? |the )?(?P<topic>[^?!.:;]{2,60}?)(?:: what is known| please)?[\s?!.]*$",
    re.I,
)


def topic_asked(question: str) -> str:
    """Return what an open question names: "What is known about gout?", "Tell me about gout" and "Gout" give gout.

    What asks for something of it ("the symptoms of gout") comes back with that; empty where a text is no such question.
    """
    found = _OPEN.match(question.strip().replace("’", "'"))
    return found["topic"].strip() if found else ""
