"""Kinds that one word, letter or number tells apart: hepatitis B, vitamin C, type 1 of diabetes, cancer of the breast.

They weigh little in a vector or in words that are compared, so that what is said of hepatitis A lies near a question on
hepatitis B, and a trial with a transplanted kidney near a claim on livers. Pure functions.
"""

import re

_KIND = re.compile(
    r"\b(hepatitis|vitamin|type|omega|factor|group|grade|stage|phase)s?[ -]?([a-ek]\d{0,2}|[ivx]{1,4}|\d{1,2})\b"
    r"((?:(?:,? and|,? or|,|/) ?(?-i:[A-EK]\d{0,2}|[IVX]{1,4}|\d{1,2})\b)*)",
    re.I,
)
_MARK = re.compile(r"[A-Z]+\d*|\d+")
_LETTERED = ("hepatitis", "vitamin")
_ROMAN = {name: str(n) for n, name in enumerate("i ii iii iv v vi vii viii ix x".split(), 1)}  # noqa: SIM905

_ORGANS = {
    "kidney": r"kidneys?|renal",
    "liver": r"livers?|hepatic",
    "heart": r"hearts?|cardiac",
    "lung": r"lungs?|pulmonary",
    "breast": r"breasts?|mammary",
    "prostate": r"prostate|prostatic",
    "bowel": r"bowels?|colon|colorectal|rectal|rectum|intestin\w+",
    "stomach": r"stomachs?|gastric",
    "ovary": r"ovar(?:y|ies|ian)",
    "cervix": r"cervix|cervical",
    "womb": r"wombs?|uterus|uterine|endometrial",
    "bladder": r"bladder|urinary",
    "gallbladder": r"gall ?bladder|bile duct|biliary",
    "pancreas": r"pancreas|pancreatic",
    "thyroid": r"thyroid",
    "brain": r"brains?",
    "skin": r"skin",
    "testicle": r"testic\w+|testes|testis",
    "throat": r"throat|oesophag\w+|esophag\w+",
    "ear": r"ears?",
    "eye": r"eyes?",
}
_ORGAN = "|".join(f"(?:{names})" for names in _ORGANS.values())
_OF_ORGAN = re.compile(
    rf"\b(?:{_ORGAN})(?:(?:,|/| and| or|, and|, or) ?(?:the )?(?:{_ORGAN}))* "
    r"(cancer|tumou?r|transplant|stone|infection|failure|disease)\w*|"
    rf"\b(cancer|tumou?r|transplant|stone|infection|failure|disease)\w* (?:of|in) (?:the )?(?:{_ORGAN})\b",
    re.I,
)
_NAMED = {organ: re.compile(rf"\b(?:{names})\b", re.I) for organ, names in _ORGANS.items()}


def kinds(text: str) -> set[tuple[str, str]]:
    """Return what is named together with the letter or number that tells its kind, in small letters and digits."""
    said = ((word, [mark, *_MARK.findall(more)]) for word, mark, more in _KIND.findall(text))
    found = ((word.lower(), mark.lower()) for word, marks in said for mark in marks)
    marked = {(word, mark if word in _LETTERED else _ROMAN.get(mark, mark)) for word, mark in found}
    return marked | {
        ((found[1] or found[2]).lower(), organ)
        for found in _OF_ORGAN.finditer(text)
        for organ, named in _NAMED.items()
        if named.search(found[0])
    }


def of_another_kind(asked: str, text: str) -> bool:
    """Return whether a text names kinds of something that was asked about, and none of those asked about.

    One that names no kind at all may speak of all of them. Vitamin D3 is a vitamin D. A text that names the organ asked
    about anywhere is taken to speak of it.
    """
    wanted, named = kinds(asked), kinds(text)
    for word in {word for word, _ in wanted} & {word for word, _ in named}:
        pairs = [(a, b) for this, a in wanted for that, b in named if this == that == word]
        if not any(_same(a, b) or (b in _NAMED and _NAMED[b].search(text)) for b, a in pairs):
            return True
    return False


def narrower(asked: str, text: str) -> bool:
    """Return whether a text speaks of one kind of something that was asked about without its kind.

    That brain tumours are no cancer says nothing of tumours.
    """
    wanted = {word for word, _ in kinds(asked)}
    named = {word for word, _ in kinds(text)} - wanted
    one = asked.lower().replace("tumor", "tumour")
    return any(re.search(rf"\b{re.escape(word.replace('tumor', 'tumour'))}", one) for word in named)


def _same(a: str, b: str) -> bool:
    return a == b or (a[0].isalpha() and (a.startswith(b) or b.startswith(a)))
