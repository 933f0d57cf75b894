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
_DOOR_WORDS = word_set("flat unit apt apartment suite building bldg house lot floor no")
_DOOR = re.compile(
    r"(?:flat|unit|apt\.?|apartment|suite|building|bldg\.?|house no\.?|house number|lot|floor|no\.)"
    r" ?#?(?:[A-Z]?\d[\w-]{0,5}|[A-Z]),? (?=\ue000)",
    IGNORE,
)
_HOUSE = r"\d{1,6}(?:-\d{1,4})?[A-Z]?(?:½| 1/2)?,?"
_STREET_NAME = (
    rf" (?:{_QUARTER} )?(?P<name>(?:(?:{WORD}|\d{{1,3}}(?:st|nd|rd|th|ST|ND|RD|TH))\.? ){{1,4}}?)"
    rf"(?P<suffix>{_SUFFIX}|{_SUFFIX.upper()})\b(?!-)(?: {_SUFFIX}\b)?\.?(?:,? (?:NE|NW|SE|SW|[NSEW])\b\.?)?"
    rf"(?:{_UNIT}){{0,2}}(?:{_TOWN})?"
)
_STREET = re.compile(_HOUSE + _STREET_NAME)
_SPELT_STREET = re.compile("(?:One|Two|Three|Four|Five|Ten)" + _STREET_NAME)
_NUMBERED = re.compile(
    rf"{_HOUSE} (?:{_QUARTER} )?(?:Broadway|(?:(?:County|State|US|U\.S\.) )?"
    r"(?:Route|Highway|Hwy|Rte|Rural Route|Road) \d{1,4}"
    rf"|(?i:avenue|avenida|calle|via|rue|camino|paseo|bis rue) (?:(?:de|la|las|los|of|the|del) ){{0,2}}{WORD})"
    rf"(?:{_UNIT})?(?:{_TOWN})?"
)
_LIVING = re.compile(
    rf"(?i:lives?|living|resid(?:es|ed|ing)|stays|staying|home(?: is)?|house|address(?: is)?|moved|picked up"
    rf"|found down) (?i:at|to) "
    rf"(?P<value>\d{{1,6}}[A-Z]? (?:{_QUARTER} )?(?:{WORD}|\d{{1,3}}(?:st|nd|rd"
    rf"|th))(?: {WORD})?(?:{_UNIT})?(?:{_TOWN})?)"
)
_LIVING_WORDS = word_set(
    """
    live lives living reside resides resided residing stays staying home house address moved picked found
    """
)
_DIRECTED = re.compile(
    rf"{_HOUSE} (?:[NSEW]\.?|NE|NW|SE|SW) (?P<name>(?:{WORD}|\d{{1,3}}(?:st|nd|rd|th)))\b(?:{_UNIT})?(?:{_TOWN})?"
)
_LOWER = re.compile(
    r"\d{1,6} (?:(?:north|south|east|west|n|s|e|w)\.? )?"
    r"(?P<name>(?:[a-z]{3,15}|\d{1,3}(?:st|nd|rd|th))(?: [a-z]{3,15})?) "
    r"(?:street|avenue|ave|road|rd|boulevard|blvd|lane|drive|court|terrace|parkway)\b"
    r"(?:,? (?:apt|apartment|unit|#)\.? ?#?\w{1,6})?"
)
_BOX = re.compile(
    rf"(?:P\.? ?O\.? ?Box \d{{1,7}}|(?:RR|Rural Route) ?#?\d{{1,3}},? Box \d{{1,5}}[A-Z]?)(?:{_TOWN})?", IGNORE
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
# The areas that Royal Mail has, and the letters that its second halves may end on: no vitamin B12, no T1 2FS.
_AREA = (
    r"(?:A[BL]|B[ABDHLNRST]?|C[ABFHMORTVW]|D[ADEGHLNTY]|E[CHNX]?|F[KY]|G[LUY]?|H[ADGPRSUX]|I[GMPV]|JE|K[ATWY]"
    r"|L[ADELNSU]?|M[EKL]?|N[EGNPRW]?|O[LX]|P[AEHLOR]|R[GHM]|S[AEGKLMNOPRSTWY]?|T[ADFNQRSW]|UB|W[ACDFNRSV]?|YO|ZE)"
)
_POSTCODE = re.compile(
    rf"(?<![\w./-]){_AREA}\d[A-Z\d]? \d(?!HR|TH|ST|ND|RD|GR|LN|GT|PT)[ABD-HJLNP-UW-Z]{{2}}(?![\w/-])"
)
_CORNER = re.compile(
    rf"\b(?:on|at|off|corner of|from|intersection of) (?:(?P<value>(?P<name>(?:{WORD} ){{1,3}})"
    r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Parkway|Pkwy)\b"
    rf"(?: and {WORD}(?: (?:Street|Avenue|Road))?)?)|(?<=of )(?P<corner>{WORD}(?: {WORD})? and {WORD}(?: {WORD})?))"
)

_NAME_A_STREET = word_set(
    """
    north south east west white black high park memorial old new church mill lake forest oak state county city spring
    summer winter fall college university school march april may june first second third fourth fifth sixth seventh
    eighth ninth tenth last green hill union main national american center long single
    """
)
"""Words of the clinic or of grammar that streets are called after too."""
_SURE_SUFFIXES = word_set(
    """
    Street Avenue Road Boulevard Lane Ave Rd Blvd Ln Parkway Pkwy Terrace Crescent Turnpike Highway
    """
)
_NO_STREET = re.compile(r"[ -](?:elev|segm|depr|chang|wave|scan|interval)", IGNORE)


def _is_free(match: re.Match[str]) -> bool:
    """Return whether no letter, digit, dot, slash or hyphen stands right before a house number."""
    before = match.string[max(0, match.start() - 1) : match.start()]
    return not before.isalnum() and before not in ("_", ".", "/", "-")


def _is_street(match: re.Match[str]) -> bool:
    """Return whether the words before the suffix can name a street; any can where the suffix is nothing else."""
    words = [word.strip(".,").lower() for word in match["name"].split()]
    if match.re is not _CORNER and not _is_free(match):
        return False
    if any(word in FUNCTION or word in ("am", "pm") for word in words) or _NO_STREET.match(match.string, match.end()):
        return False
    sure = match.groupdict().get("suffix") in _SURE_SUFFIXES
    return sure or not any(word in CLINICAL for word in words if word not in _NAME_A_STREET)


def mark_addresses(sheet: Sheet) -> None:
    """Mark addresses, the town with them where it follows at once."""
    sheet.mark_all("ADDRESS", _FIELD, "value")
    sheet.mark_all("ADDRESS", _NUMBERED, 0, _is_free)
    sheet.mark_all("ADDRESS", _STREET, 0, _is_street)
    sheet.mark_all("ADDRESS", _SPELT_STREET, 0, _is_street, words=("one", "two", "three", "four", "five", "ten"))
    sheet.mark_all("ADDRESS", _LIVING, "value", words=_LIVING_WORDS)
    sheet.mark_all("ADDRESS", _DIRECTED, 0, _is_street)
    sheet.mark_all("ADDRESS", _LOWER, 0, _is_street)
    sheet.mark_all("ADDRESS", _DOOR, words=_DOOR_WORDS)
    sheet.mark_all("ADDRESS", _BOX, words=("p", "po", "rr", "rural"))
    sheet.mark_all("ADDRESS", _ZIP_FIELD, "value", words=("zip", "zipcode", "post", "postal", "postcode"))
    sheet.mark_all("ADDRESS", _FLAT, words=("apt", "apartment"))
    corners = word_set("on at off corner from intersection")
    sheet.mark_all("ADDRESS", _CORNER, "value", lambda match: match["name"] is not None and _is_street(match), corners)
    sheet.mark_all("ADDRESS", _CORNER, "corner", words=("corner", "intersection"))
    sheet.mark_all("ADDRESS", _POSTCODE)
