"""What a form is filled with where nothing is said, told from a text. Knows nothing of any task."""

import re

ONLY_PLACEHOLDER = "There is nothing to read in this yet, only a placeholder; please write what the review says."
_KIND = (
    r"(?:comments?|answers?|answered|reply|reviews?|feedback|text|data|remarks?|opinions?|applicable|given|stated|"
    r"provided|available|recorded|reported|entered|supplied|noted|to (?:add|say|report|comment|declare))"
)
_UNIT = (
    r"(?:n a|na|nan|nil|null|none|nothing|blank|empty|x+|"
    rf"(?:(?:i|we) (?:have|had|ve|ve got) |there (?:is|are|was|were) )?(?:no|none|not|nothing)"
    rf"(?: (?:further|other|more|additional|else))?(?: {_KIND}){{1,2}})"
)
_NOTHING = re.compile(rf"{_UNIT}(?: {_UNIT})*(?: (?:at all|at this time|at the moment|at present|for now|so far|yet))?")


def only_placeholder(text: str) -> bool:
    """Return whether nothing but "n/a" and the like stands there; whether that is praise depends on what was asked."""
    return _NOTHING.fullmatch(" ".join(words(text))) is not None


def words(text: str) -> list[str]:
    """Return the words of a text in lower case, without numbers and signs."""
    return re.findall(r"[^\W\d_]+", text.casefold())
