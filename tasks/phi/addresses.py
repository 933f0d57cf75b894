"""Street addresses with their flats and towns, post boxes and postcodes. Knows nothing of facilities or persons."""

import re

from tasks.phi import word_set
from tasks.phi.geography import CODES, STATES, TITLED, WORD, ZIP
from tasks.phi.sheet import Sheet
from tasks.phi.words import CLINICAL, FUNCTION

IGNORE = re.IGNORECASE

_SUFFIX = (
    r"(?:Street|St|Avenue|Ave|Av|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Way|Terrace|Ter|Circle|Cir"
    r"|Parkway|Pkwy|Highway|Hwy|Square|Sq|Trail|Trl|Crescent|Cres|Close|Row|Plaza|Alley|Loop|Pike|Turnpike|Tpke|Path"
    r"|Run"
    r"|Walk|Mews|Gardens|Grove|Expressway|Freeway|Crossing|Point|Ridge|Hill|Commons|Bend|Park|Heights|Quay)"
)
_UNIT = (
    r"(?:[,.]?[ ]{1,2}(?i:apt|apartment|unit|suite|ste|floor|fl|rm|room|bldg|building|flat|lot|#)\.? ?#?[\w-]{1,8}"
    r"|,? #[\w-]{1,6})"
)
_TOWN = (
    rf"(?:,|\.|\n)?[ \t]{{0,3}}\n?[ \t]{{0,3}}{TITLED}(?:,|\.)?[ \t]{{1,3}}"
    rf"(?:(?:{STATES}|{CODES})\b\.?(?:,?[ \t]{{1,3}}{ZIP})?|{ZIP})"
)
_QUARTER = r"(?:[NSEW]\.?|NE|NW|SE|SW|North|South|East|West|NORTH|SOUTH|EAST|WEST)"
_HOUSE = r"(?<![\w./-])(?:\d{1,6}(?:-\d{1,4})?[A-Z]?(?:½| 1/2)?,?|One|Two|Three|Four|Five|Ten)"
_STREET = re.compile(
    rf"{_HOUSE} (?:{_QUARTER} )?(?P<name>(?:(?:{WORD}|\d{{1,3}}(?:st|nd|rd|th|ST|ND|RD|TH))\.? ){{1,4}}?)"
    rf"(?:{_SUFFIX}|{_SUFFIX.upper()})\b\.?(?:,? (?:NE|NW|SE|SW|[NSEW])\b\.?)?(?:{_UNIT}){{0,2}}(?:{_TOWN})?"
)
_NUMBERED = re.compile(
    rf"{_HOUSE} (?:{_QUARTER} )?(?:Broadway|(?:(?:County|State|US|U\.S\.) )?(?:Route|Highway|Hwy|Rte|Rural Route"
    rf"|Road) \d{{1,4}}"
    rf"|(?i:avenue|avenida|calle|via|rue|camino|paseo) (?:(?:de|la|las|los|of|the"
    rf"|del) ){{0,2}}{WORD})(?:{_UNIT})?(?:{_TOWN})?"
)
_LOWER = re.compile(
    r"(?<![\w./-])\d{1,6} (?:(?:north|south|east|west|n|s|e|w)\.? )?"
    r"(?P<name>(?:[a-z]{3,15}|\d{1,3}(?:st|nd|rd|th))(?: [a-z]{3,15})?) "
    r"(?:street|avenue|ave|road|rd|boulevard|blvd|lane|drive|court|terrace|parkway)\b"
    r"(?:,? (?:apt|apartment|unit|#)\.? ?#?\w{1,6})?"
)
_BOX = re.compile(
    rf"\b(?:P\.? ?O\.? ?Box \d{{1,7}}|(?:RR|Rural Route) ?#?\d{{1,3}},? Box \d{{1,5}}[A-Z]?)(?:{_TOWN})?", IGNORE
)
_FLAT = re.compile(r"\b(?:apt|apartment)\.? ?#? ?\d{1,5}[A-Z]?\b", IGNORE)
_FIELD = re.compile(
    r"\b(?:(?:home|mailing|street|patient|current|pt) )?address(?: is)?[ \t]{0,2}[:=][ \t]{0,3}"
    r"(?P<value>[^\n\ue000:;]{0,30}\d[^\n\ue000:;|]{0,90}?)"
    r"(?=[ \t]{2}|[\n\ue000:;|]|\.(?: |$)|$|,? (?:phone|tel|ph)\b)",
    IGNORE,
)
_ZIP_FIELD = re.compile(
    rf"\b(?:zip(?: ?code)?|post(?:al )?code)(?: is|:)?[ \t]{{0,3}}(?P<value>{ZIP}"
    rf"|[A-Z]{{1,2}}\d[A-Z\d]?\d[A-Z]{{2}}\b)",
    IGNORE,
)
_CORNER = re.compile(
    rf"\b(?:on|at|off|corner of|from) (?P<value>(?P<name>(?:{WORD} ){{1,3}})"
    r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Parkway|Pkwy)\b"
    rf"(?: and {WORD}(?: (?:Street|Avenue|Road))?)?)"
)

_NAME_A_STREET = word_set(
    """
    north south east west white black high park memorial old new church mill lake forest oak state county city spring
    summer winter fall college university school march april may june first second third fourth fifth sixth seventh
    eighth ninth tenth last green hill union main national american center long single
    """
)
"""Words of the clinic or of grammar that streets are called after too."""
_NO_STREET = re.compile(r"[ -](?:elev|segm|depr|chang|wave|scan|interval)", IGNORE)


def _is_street(match: re.Match[str]) -> bool:
    """Return whether the words between number and suffix can name a street."""
    words = [word.strip(".,").lower() for word in match["name"].split()]
    known = any(
        word in FUNCTION or word in CLINICAL or word in ("am", "pm") for word in words if word not in _NAME_A_STREET
    )
    return not known and not _NO_STREET.match(match.string, match.end())


def mark_addresses(sheet: Sheet) -> None:
    """Mark addresses, the town with them where it follows at once."""
    sheet.mark_all("ADDRESS", _FIELD, "value")
    sheet.mark_all("ADDRESS", _STREET, 0, _is_street)
    sheet.mark_all("ADDRESS", _NUMBERED)
    sheet.mark_all("ADDRESS", _LOWER, 0, _is_street)
    sheet.mark_all("ADDRESS", _BOX)
    sheet.mark_all("ADDRESS", _ZIP_FIELD, "value")
    sheet.mark_all("ADDRESS", _FLAT)
    sheet.mark_all("ADDRESS", _CORNER, "value", _is_street)
