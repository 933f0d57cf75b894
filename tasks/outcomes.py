"""What the results of a study's abstract say by rule: thirteen kinds of expressions, counted where results stand.

"No significant difference (p = 0.4)" answers a question whether one treatment is better as plainly as any sentence, and
a small base that has seen a few hundred abstracts hardly reads it. Pure functions on text; knows nothing of models.
"""

import hashlib
import math
import re

from tasks.spec import Example, Signs

_EXPRESSIONS = {
    "denied finding": r"(?:\b(?:no|not|without|neither|nor)|n't)\b[^.;,]{0,40}\b(?:significan|differ|associat|correlat|"
    r"effect|influenc|impact|predict|improv|increas|relat|chang|benefit|affect|reduc)|"
    r"\bnon[- ]?significan|\binsignifican",
    "denied verb": r"\b(?:did|does|do|was|were|is|are|could|has|had|have)(?: not|n't)\b",
    "no": r"\bno\b",
    "alike": r"\b(?:similar(?:ly)?|comparable|equivalent|unchanged|same|equal(?:ly)?|alike)\b",
    "significant": r"(?<!non-)(?<!non )\bsignifican\w*",
    "small p": r"\bp ?[<=≤] ?0?\.0[0-4]\d*|\bp ?[<≤] ?0?\.05\b",
    "large p": r"\bp ?[=>≥] ?(?:0?\.(?:0[5-9]|[1-9])\d*|1\b)|\bns\b|\bn\.s\.",
    "more": r"\b(?:higher|greater|increas\w*|improv\w*|better|more|superior|larger|elevated)\b",
    "less": r"\b(?:lower|less|decreas\w*|reduc\w*|fewer|worse|inferior|smaller|declin\w*)\b",
    "turn": r"\b(?:however|although|but|whereas|while|despite|though)\b",
    "little": r"\b(?:only|limited|small|few|some|partial\w*|weak\w*|moderate\w*|trend)\b",
    "link": r"(?<!not )(?<!no )\b(?:associated|correlat\w*|predict\w*|related|risk factors?|independent\w*)\b",
    "ratio": r"(?i:odds ratio|hazard ratio|relative risk|confidence interval)|\b(?:OR|HR|RR|CI)\b",
}
NAMES = tuple(_EXPRESSIONS)
_FOUND = {name: re.compile(text, re.I if name != "ratio" else 0) for name, text in _EXPRESSIONS.items()}
_DENIED = re.compile(r"\b(?:no|not|without|any)(?: \w+){0,1} significan\w*", re.I)
"""What is no finding though it says "significant"."""
_WRITTEN = str.maketrans({"’": "'", "·": ".", "−": "-", "‐": "-", "‑": "-"})
_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9(])")
FEW = 4


def outcomes(example: Example) -> tuple[float, ...]:
    """Return, for each of NAMES, the logarithm of one more than how often it stands among the results."""
    text = results(example.context or example.fields.get("context", ""))
    counts = {name: sum(1 for _ in found.finditer(text)) for name, found in _FOUND.items()}
    counts["significant"] -= sum(1 for _ in _DENIED.finditer(text))
    return tuple(math.log1p(max(count, 0)) for count in counts.values())


def results(context: str) -> str:
    """Return the second half of an abstract's sentences, where results mostly stand; a few sentences are taken whole.

    Lines are joined first: where a pasted text is wrapped says nothing.
    """
    sentences = _END.split(" ".join(context.translate(_WRITTEN).split()))
    return " ".join(sentences[len(sentences) // 2 :] if len(sentences) > FEW else sentences)


SIGNS = Signs(
    NAMES, outcomes, hashlib.sha256(repr((_EXPRESSIONS, _DENIED.pattern, "second half")).encode()).hexdigest()
)
