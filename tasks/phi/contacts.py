"""E-mail addresses, URLs, IP addresses and telephone numbers.

A telephone number is known by its form (ten digits in groups, a plus sign) or by the word before it. The library
`phonenumbers` (48 MB) was measured beside these patterns on 33 invented numbers and 18 look-alikes from notes (ranges,
dimensions, blood gases): at its leniency POSSIBLE it took 31 and 10, these patterns take 33 and 1; at VALID it refuses
fictional numbers. Knows nothing of other numbers.
"""

import re

from tasks.phi import word_set
from tasks.phi.sheet import Sheet

IGNORE = re.IGNORECASE

_GAP = r"[ \t]{0,3}"
_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_SPELT_AT = re.compile(r"[(\[]at[)\]]", IGNORE)
_SPELT_DOT = r"(?: ?(?:\(dot\)|\[dot\]) ?| dot )"
_SPELT = re.compile(
    rf"\b[\w.]{{2,40}}(?: ?(?:\(at\)|\[at\]) ?[\w-]{{2,40}}(?:\.[\w-]{{2,20}}){{0,2}}?(?:{_SPELT_DOT}|\.)"
    rf"| at [\w-]{{2,40}}{_SPELT_DOT})(?:com|org|net|edu|gov|co\.uk|uk|de|fr|ca)\b",
    IGNORE,
)
_REST = r"[^\s<>\"'\]\ue000]{1,2000}"
_URL = re.compile(rf"(?:https?|s?ftp)://{_REST}|www\d?\.{_REST}", IGNORE)
_DOMAIN_WORDS = word_set("com org net edu gov info health clinic io uk ca au us co")
_DOMAIN = re.compile(
    r"(?<![\w@.-])(?:[a-z0-9][a-z0-9-]{0,62}\.){1,4}"
    rf"(?:com|org|net|edu|gov|info|health|clinic|io|co\.uk|nhs\.uk|ac\.uk|org\.uk|com\.au|ca|us|co)\b(?:[/?]{_REST})?",
    IGNORE,
)
_PATHED = re.compile(r"\.[a-z]{2,6}/[\w.~%#?&=/+-]{2,500}", IGNORE)
_NETWORKS = word_set("twitter instagram insta facebook tiktok snapchat linkedin skype handle username")
_HOST = re.compile(r"(?<![\w@.-])[a-z0-9-]{2,40}$", IGNORE)
_HANDLE = re.compile(
    r"(?:twitter|instagram|insta|facebook|tiktok|snapchat|linkedin|skype|handle|username)(?: (?:handle|account|name"
    r"|page))?"
    r"(?: is|:| as)?[ ]{0,2}(?P<handle>@[\w.]{1,39}\w|[a-z]+[._]?[a-z]*\d[\w.]{1,30})",
    IGNORE,
)
_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_IP = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}(?!\d|\.\d)")
_COLONS = re.compile(r":[0-9a-f]{1,4}:[0-9a-f]{1,4}:[0-9a-f]{1,4}:", IGNORE)
_IN_NUMBERS = frozenset("0123456789.")
_IPV6 = re.compile(
    r"(?<![\w:])(?:(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|(?:[0-9a-f]{1,4}:){1,6}(?::[0-9a-f]{1,4}){1,6})(?![\w:])", IGNORE
)
_EXT = rf"(?:,?{_GAP}(?:x|ext\.?|extension){_GAP}#?\d{{1,6}}\b)?"
_NANP = re.compile(
    rf"(?<![\w.+/-])(?:\+?1[-. /]{{0,2}})?(?:\(\d{{3}}\)[-. /]{{0,2}}"
    rf"|\d{{3}}[-. /\u2010-\u2015]{{1,2}})\d{{3}}[-. \u2010-\u2015]{{1,2}}\d{{4}}"
    rf"(?!\w|[-./]\d){_EXT}"
)
_ABROAD = re.compile(rf"\+(?<!\w\+)\d{{1,3}}(?:[ .()/-]{{0,3}}\d{{1,5}}){{2,6}}(?!\w|[./]\d){_EXT}")
_NATIONAL = re.compile(
    r"(?<![\w./+-])(?:0\d{2} \d{4} \d{4}|0\d{3} \d{3} \d{4}|0\d{4} \d{3} ?\d{3}|\(0\d{2,4}\) ?\d{3,4} ?\d{3,4}"
    r"|0\d(?: \d\d){4}|[6-9]\d{4}[ -]\d{5})"
    r"(?!\w|[-./]\d)"
)
_FROM_ABROAD = re.compile(r"(?<![\w./+-])00[1-9]\d{0,2}(?:[ -]\d{1,8}){2,6}(?!\w|[./-]\d)")
_TEN = re.compile(r"(?<![\w.$,/+-])(?:1?[2-9]\d{2}[2-9]\d{6})(?!\w|[.,/-]\d)")
_TEN_BEFORE = re.compile(
    r"\b(?:tel|telephone|phone|ph|mobile|cell|fax|call|contact|at|on|home|work|number|no|p|f|c|t|h|w"
    r"|m)\b[.:#)]?(?: is)?:? {0,3}$",
    IGNORE,
)
_LOCAL = re.compile(
    rf"\d{{3}}(?<![\w./+-]...)[-.]\d{{4}}(?!\w|[-./]\d)(?!{_GAP}-?{_GAP}(?:m?[cg]?g\b|m?l\b|cc|k?cal|units?|iu|steps"
    rf"|cells|%|x\b|/|pounds|lbs"
    rf"|feet|meters|m\b|copies|mm|cm|p?mol|\))){_EXT}",
    IGNORE,
)
_RANGE_BEFORE = re.compile(r"(?:normal|range|ref(?:erence)?|limits?|nl|values?)\W{0,3}$|[<>=]\s?$", IGNORE)

_DIALLED_WORDS = word_set(
    """
    tel telephone phone ph mobile mob cell cellphone fax whatsapp contact call called calling reach reached text texted
    page paged home work office day evening direct clinic
    """
)
_DIALLED = re.compile(
    r"(?:tel|telephone|phone|ph|mobile|mob|cell(?: ?phone)?|fax|whatsapp|contact|home|work|office|day|evening|direct"
    r"|clinic"
    r"|(?:call|reach|text|page|contact)(?:ed|ing|able)?(?: [a-z]{1,12}){0,3} (?:at|on))(?: (?:phone|tel|fax|cell))?"
    rf"(?:{_GAP}(?:numbers?|num|no|nr)\b\.?|{_GAP}#)?{_GAP}(?:\([a-z]{{1,9}}\){_GAP})?(?:is{_GAP})?[:=.#-]?{_GAP}"
    r"(?P<value>\+?\(?\d[\d ().-]{5,18}\d)(?!\w|/\d)",
    IGNORE,
)
_PAGED_WORDS = word_set("pager pagers beeper bleep pgr ext extension extensions voicemail phone tel fax x")
_PAGED = re.compile(
    rf"(?:(?:pager|beeper|bleep|pgr|ext(?:ension)?|voicemail|phone|tel|fax)s?\b\.?(?:{_GAP}(?:number|no|num)\b\.?"
    rf"|{_GAP}#)?{_GAP}(?:is )?[:=#]?{_GAP}"
    r"(?P<value>\d[\d-]{2,9})(?!\w|[./]\d)|(?<![\w.])(?P<short>x ?\d{4,6}|x\d-\d{4})(?![\w.]))",
    IGNORE,
)
_EXTENSION = re.compile(rf"(?<=\ue000),?{_GAP}(?P<value>(?:x|ext\.?|extension|option){_GAP}#?\d{{1,6}})\b", IGNORE)


_ASKED_FOR = re.compile(
    r"\b(?:phone|tel|telephone|call|cell|mobile|home|office|work|fax|contact|reach|number|from|at|pager|ext)\b", IGNORE
)


def _is_local(match: re.Match[str]) -> bool:
    """Return whether seven digits are a telephone number: a range climbs, so what climbs needs a word that says so."""
    before = match.string[max(0, match.start() - 30) : match.start()]
    first, last = match[0][:3], match[0][4:8]
    return not _RANGE_BEFORE.search(before) and (int(last) <= int(first) or _ASKED_FOR.search(before) is not None)


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))


def mark_addresses_of_machines(sheet: Sheet) -> None:
    """Mark e-mail addresses, URLs and IP addresses."""
    text = sheet.text
    for match in _EMAIL.finditer(text) if "@" in text else ():
        sheet.mark("EMAIL", match.start(), match.start() + len(match[0].rstrip(".-")))
    sheet.settle()
    if sheet.at(("dot",)) or _SPELT_AT.search(text):
        sheet.mark_all("EMAIL", _SPELT)
    urls = list(sheet.matches(_URL, ("http", "https", "ftp", "sftp", "www")))
    if any(place and text[place - 1] == "." for place in sheet.at(_DOMAIN_WORDS)):
        urls += sheet.matches(_DOMAIN)
    for match in urls:
        sheet.mark("URL", match.start(), match.start() + len(match[0].rstrip(".,;:!?)")))
    sheet.settle()
    for match in _PATHED.finditer(sheet.text):
        if (host := _HOST.search(sheet.text[max(0, match.start() - 42) : match.start()])) is not None:
            sheet.mark("URL", match.start() - len(host[0]), match.start() + len(match[0].rstrip(".,;:!?)")))
    sheet.settle()
    sheet.mark_all(
        "URL", _IP, 0, lambda match: match.string[max(0, match.start() - 1) : match.start()] not in _IN_NUMBERS
    )
    sheet.mark_all("URL", _HANDLE, "handle", words=_NETWORKS)
    if "::" in text or _COLONS.search(text):
        sheet.mark_all("URL", _IPV6)


def mark_phones(sheet: Sheet) -> None:
    """Mark telephone, fax and pager numbers; labelled numbers of other kinds and dates must have been marked before."""
    sheet.mark_all("PHONE", _ABROAD, 0, lambda m: 8 <= _digits(m[0]) <= 21)
    sheet.mark_all("PHONE", _FROM_ABROAD, 0, lambda m: 11 <= _digits(m[0]) <= 17)
    sheet.mark_all("PHONE", _NANP)
    sheet.mark_all("PHONE", _DIALLED, "value", lambda m: _digits(m["value"]) >= 7, words=_DIALLED_WORDS)
    sheet.mark_all("PHONE", _NATIONAL)
    sheet.mark_all("PHONE", _TEN, 0, lambda m: bool(_TEN_BEFORE.search(m.string[max(0, m.start() - 24) : m.start()])))
    sheet.mark_all("PHONE", _LOCAL, 0, _is_local)
    sheet.mark_all("PHONE", _EXTENSION, "value")
    sheet.mark_all("PHONE", _PAGED, "value", words=_PAGED_WORDS)
    sheet.mark_all("PHONE", _PAGED, "short", words=("x",))
