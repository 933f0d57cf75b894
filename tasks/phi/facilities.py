"""Hospitals, clinics, nursing homes, schools, pharmacies and other named places that people go to.

A facility is masked where something in its name is its own ("Mercy Hospital"), not where its words are those of any
facility ("outside hospital", "Pain Clinic"). Knows nothing of cities and addresses.
"""

import re

from tasks.phi import word_set
from tasks.phi.geography import LANDS, STATES, WORD
from tasks.phi.sheet import Sheet
from tasks.phi.words import CLINICAL, CLINICAL_ENDINGS, FUNCTION, GENERIC_PLACES

IGNORE = re.IGNORECASE

_SURE_HEADS = (
    r"Hospitals?|Medical (?:Center|Centre|Group|Associates|Clinic|College|School)|Clinics?"
    r"|Health ?care(?: Center)?|Health (?:System|Center|Centre|Services|Network|Partners)|Nursing (?:Home|Center"
    r"|Facility)"
    r"|(?:Rehabilitation|Rehab) (?:Center|Centre|Hospital|Facility|Institute)|Hospice|Infirmary|(?:Surgery|Surgical"
    r"|Cancer|Eye"
    r"|Dialysis|Heart|Trauma|Birth|Imaging|Care|Treatment|Wellness|Recovery|Community|Senior|Kidney|Oncology|Cardiac"
    r"|Spine"
    r"|Memory Care|Urgent Care|Pain) (?:Center|Centre|Institute)|Assisted Living(?: Facility)?|Senior Living"
    r"|Care Home|Manor"
    r"|Convalescent(?: Home| Hospital)?|(?:High|Elementary|Middle|Primary|Grammar|Secondary) School|School"
    r"|University|College"
    r"|Academy|Church|Pharmacy|Prison|Penitentiary|Correctional (?:Facility|Institution|Center)|(?:County )?Jail"
    r"|Family (?:Practice|Medicine|Health)|Urgent Care|Retirement (?:Community|Home|Village)|Shelter|Surgicenter"
    r"|Polyclinic"
    r"|Laborator(?:y|ies)|Diagnostics|Dialysis|Memory Care|Residential Home|Skilled Nursing(?: Facility)?|Synagogue"
    r"|Mosque"
)
_DOUBTFUL_HEADS = (
    r"Medical|Rehabilitation|Rehab|Health|Associates|Physicians|Pediatrics|Orthopa?edics|Cardiology|Imaging|Village"
    r"|House|Home"
    r"|Trust|Institute|Group|Gardens|Lodge|Place|Estates|Mall|Airport|Army Base|Air Force Base|Corporation|Inc|LLC"
    r"|Company"
    r"|Library|Center|Centre|Pines|Oaks|Terrace|Elementary|Middle|High|Barracks|Memorial|General|Methodist"
    r"|Presbyterian|Baptist|Deaconess|Regional|Hermann"
)
_HEAD = re.compile(
    rf"(?<= )(?:(?P<sure>{_SURE_HEADS})|(?P<doubtful>{_DOUBTFUL_HEADS}))\b(?!['’])(?:(?<=University)|(?<=College)"
    rf"|(?! of))"
)
_SMALL = re.compile(
    r"(?<=[ ])(?P<sure>hospitals?|medical cent(?:er|re)|clinic|(?:skilled )?nursing (?:home|facility)"
    r"|rehab(?:ilitation)?(?: center| facility)?"
    r"|hospice|pharmacy|(?:high|elementary|middle) school|school|assisted living|memory care|senior living"
    r"|group home|shelter|SNF|LTACH?|ED|ER"
    r"|ALF|jail|prison|daycare|university|church|urgent care)\b(?!['’])"
)
"""Heads in small letters or short, for which the name itself must be capitalised."""
_SHOUTED = re.compile(rf"(?<= )(?P<sure>{_SURE_HEADS.upper()})\b(?!['’])")


def _first_words(heads: str) -> frozenset[str]:
    """Return the words with which heads may begin, as a text's index has them."""
    return frozenset(re.findall(r"[a-z]+", heads.lower()))


_HEAD_WORDS = _first_words(_SURE_HEADS + "|" + _DOUBTFUL_HEADS) | {
    "hospitals",
    "clinics",
    "laboratory",
    "laboratories",
    "orthopedics",
}
_SMALL_WORDS = _first_words(_SMALL.pattern) | {"hospitals"}
_OF_WORDS = word_set("university college hospital school institute church hospitals clinic")
_AFTER_OF = re.compile(
    r"(?:University|College|Hospital|School|Institute|Church|Hospitals|Clinic) (?:of|for) (?:the "
    r"|Our Lady of (?:the )?)?"
    r"[A-Z][\w'-]{2,20}(?:(?: (?:of|and|at|the)){0,2} [A-Z][\w'-]{1,20}){0,4}"
)
_KNOWN_WORDS = word_set(
    """
    mayo cleveland johns massachusetts mass beth brigham sloan mount mt cedars md dana kaiser walgreens cvs rite quest
    labcorp bellevue walter ucsf ucla nyu stanford yale geisinger intermountain cook addenbrooke mgh bidmc chop
    """
)
_KNOWN = re.compile(
    r"(?:Mayo Clinic|Cleveland Clinic|Johns Hopkins|Massachusetts General|Mass General|Beth Israel(?: Deaconess)?"
    r"|Brigham(?: and"
    r" Women's)?|Sloan[- ]Kettering|Mount Sinai|Mt\.? Sinai|Cedars[- ]Sinai|MD Anderson|Dana[- ]Farber"
    r"|Kaiser(?: Permanente)?"
    r"|Walgreens|Rite Aid|Quest Diagnostics|LabCorp|Walter Reed|UCSF|UCLA|NYU(?: Langone)?|MGH|BIDMC|CHOP(?= (?:for"
    r"|on|in))|Stanford"
    r"|Yale[- ]New Haven|Geisinger|Intermountain|Addenbrooke's|CVS(?= [Pp]harmacy| on | at | in ))"
    r"(?: (?:Hospital|Medical Center|Pharmacy|Clinic|Health|Cancer Center))?\b(?! (?i:scale|criteria|classification"
    r"|stand|scissors|sleep|type|software))"
)
_BASE = re.compile(r"(?:Camp|Fort|Joint Base|Naval Station) [A-Z][a-z]{3,15}\b")
_SAINT = re.compile(
    r"(?:St|Saint|SAINT|ST)\b\.? (?P<name>[A-Z][\w'’]{2,16}?)(?P<own>['’][sS])?\b"
    r"(?P<head>(?: [A-Z]\w+)? (?i:hospital|medical|clinic|health|home|general|manor|regional|church|school"
    r"|university|college|children"
    r"|episcopal|rehab)\w*(?: (?i:center|centre|hospital|home|school))?)?"
)
_FIELD_WORDS = word_set(
    """
    facility hospital clinic institution referring transferring pharmacy school employer place birthplace city town
    """
)
_FIELD = re.compile(
    r"(?:facility|hospital|clinic|institution|referring facility|transferring facility|pharmacy|school|employer"
    r"|place of birth"
    r"|place of service|place of work|birthplace|city|town)(?: name)?[ \t]{0,2}:[ \t]{0,3}"
    r"(?P<value>[A-Z][^\n:;|,.\ue000\[\]\d]{2,50}?)(?=[ \t]{2}|[\n:;|,.\ue000]|$)",
    IGNORE,
)
_ARRIVAL_WORDS = word_set(
    """
    transferred admitted discharged presented seen treated care hospitalized hospitalised brought taken sent followed
    works employed student attends resides lives staying worked working job
    """
)
_ARRIVED = re.compile(
    r"(?i:transferred (?:here )?(?:from|to)|admitted to|discharged to|presented to|seen at|treated at|care at"
    r"|hospitali[sz]ed at"
    r"|brought to|taken to|sent to|followed at|works at|worked at|working at|job at|employed (?:at|by)|student at"
    r"|attends"
    rf"|resides at|lives at|staying at) (?P<value>(?:the )?{WORD}(?:'s)?(?: {WORD}){{0,3}})"
)

_TITLES = word_set("dr mr mrs ms miss prof drs alcoholics narcotics overeaters")
_CONNECTORS = word_set("of the and & de la del")
_ROOMS = word_set("unit room suite service floor nursery area ward surgery recovery lab team bay table")
_AT_A_PLACE = re.compile(r"\b(?i:in|from|of|to|at|near|outside|by|with|via|attends?|the|for) (?:the )?$")


def _is_own(word: str) -> bool:
    """Return whether a word of a place's name is not one that any such place might bear."""
    low = word.strip(".,'\"()").lower()
    return len(low) > 2 and word[0].isupper() and low not in GENERIC_PLACES and not low.endswith(CLINICAL_ENDINGS)


def _name_start(text: str, head: int, upper: bool) -> int:
    """Return where the capitalised words right before `head` begin, reading back at most 80 characters."""
    start, near = head, max(0, head - 80)
    for match in reversed(list(re.finditer(r"\S+", text[near:head]))):
        at = near + match.start()
        if text[at + len(match[0]) : start] not in ("", " "):
            break
        bare = match[0].lstrip("'\"(")
        named = bare[:1].isupper() and bare.lower() not in FUNCTION | _TITLES and (not upper or bare.isupper())
        if (
            bare not in ("St.", "Mt.", "Ft.", "ST.")
            and bare not in _CONNECTORS
            and not (named and bare[-1] not in ".,;:!?)/")
        ):
            break
        start = at + len(match[0]) - len(bare)
        if bare != match[0]:
            break
    while (connector := re.match(r"(?:of|the|and|&|de|la|del) ", text[start:head])) is not None:
        start += connector.end()
    return start


def _mark_headed(sheet: Sheet, heads: re.Pattern[str], upper: bool, placed: bool = False) -> None:
    """Mark the named among what the heads end; with `upper` or `placed` only after a word like `at` or `from`."""
    text = sheet.text
    for match in reversed(list(sheet.matches(heads, _SMALL_WORDS if placed else _HEAD_WORDS))):
        start = _name_start(text, match.start(), upper)
        own = [word for word in text[start : match.start()].split() if _is_own(word)]
        if not upper and not re.match("Hosp|Med|Univ", match[0]):
            own = [word for word in own if not word.isupper()]
        after_at = _AT_A_PLACE.search(text[max(0, start - 24) : start])
        if own and (after_at or (match["sure"] and not upper and not placed)):
            sheet.mark("LOCATION", start, match.end())
    sheet.settle()


def _is_saint(match: re.Match[str]) -> bool:
    """Return whether a saint's name is a place's: not the herb of St. John, the valve of St. Jude or an ST segment."""
    name, before = match["name"].lower(), match.string[max(0, match.start() - 24) : match.start()]
    if name in CLINICAL or (name == "jude" and not re.search("hospital|children", match["head"] or "", IGNORE)):
        return False
    if re.match(r"(?:['’]?s)? wort", match.string[match.end() : match.end() + 7], IGNORE):
        return False
    return bool(match["head"] or match["own"] or _AT_A_PLACE.search(before))


def _is_arrival(match: re.Match[str]) -> bool:
    """Return whether what somebody is brought to has a name of its own."""
    words = match["value"].removeprefix("the ").split()
    if not _is_own(words[0]) or words[0].isupper() or words[0].lower() in LANDS | _TITLES:
        return False
    if any(word.lower() in _ROOMS for word in words) or re.match(rf"(?:{STATES})\b", " ".join(words)):
        return False
    after = match.string[match.end() : match.end() + 12].lower().lstrip(" /")
    return after.split(" ")[0].strip(".,;") not in _ROOMS


def mark_facilities(sheet: Sheet) -> None:
    """Mark facilities by their heads, by name, by a field or by what somebody does there."""
    sheet.mark_all("LOCATION", _KNOWN, words=_KNOWN_WORDS)
    sheet.mark_all("LOCATION", _AFTER_OF, 0, lambda m: any(_is_own(w) for w in m[0].split()[2:]), words=_OF_WORDS)
    _mark_headed(sheet, _HEAD, upper=False)
    _mark_headed(sheet, _SHOUTED, upper=True)
    _mark_headed(sheet, _SMALL, upper=False, placed=True)
    sheet.mark_all("LOCATION", _BASE, words=("camp", "fort", "joint", "naval"))
    sheet.mark_all("LOCATION", _SAINT, 0, _is_saint, words=("st", "saint"))
    sheet.mark_all(
        "LOCATION",
        _FIELD,
        "value",
        lambda m: m["value"][0].isupper() and all(_is_own(w) for w in m["value"].split()[:1]),
        words=_FIELD_WORDS,
    )
    sheet.mark_all("LOCATION", _ARRIVED, "value", _is_arrival, words=_ARRIVAL_WORDS)
