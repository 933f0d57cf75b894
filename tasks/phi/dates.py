"""Dates more exact than a year, as the Safe Harbor rule counts them (45 CFR 164.514(b)(2)(i)(C)).

A bare year, a weekday, a clock time and a relative time ("two weeks ago") are no dates. A day and a month in figures
without a year ("3/5") are one only where the words around say so, because a note writes its strengths, murmurs and
scores in the same way. Knows nothing of other numbers.
"""

import re
from datetime import date

from tasks.phi import word_set
from tasks.phi.sheet import Sheet

IGNORE = re.IGNORECASE

_FULL_MONTHS = word_set("january february march april may june july august september october november december")
_SHORT_MONTHS = word_set("jan feb mar apr jun jul aug sep sept oct nov dec")
_MONTHS = _FULL_MONTHS | _SHORT_MONTHS
_DOUBTFUL = word_set("march may mar april august jan jun sep sept oct dec")
"""Months that are also verbs, names or too short to stand alone."""
_NAMED = (
    rf"(?:(?:{'|'.join(sorted(_FULL_MONTHS))})(?![a-z])"
    rf"|(?:{'|'.join(sorted(_SHORT_MONTHS, reverse=True))})(?![a-z])\.?)"
)
_DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:\s?(?:st|nd|rd|th)\b)?"
_YEAR = r"(?:1[89]|20|21)\d{2}"
_UNITS = "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth"
_ORDINAL = (
    rf"(?:(?:twenty|thirty)[- ](?:{_UNITS})|{_UNITS}|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth"
    r"|seventeenth|eighteenth|nineteenth|twentieth|thirtieth)"
)
_TO = r"\s?(?:-|–|to|through|thru|and|&|/)\s?"

_MONTH_DAY = re.compile(
    rf"{_NAMED}[ /-]?(?:the )?(?:{_DAY}|{_ORDINAL})(?![\d%]|[./]\d|:\d\d|-?year)(?:{_TO}{_DAY}(?![\w]|[./]\d))?"
    rf"(?:(?:,|-| of)?[ ]{{0,2}}(?:{_YEAR}|'\d{{2}})(?!\d)|-\d{{2}}(?!\w|[./%]\d|%))?",
    IGNORE,
)
_MONTH_YEAR = re.compile(
    rf"(?:{_NAMED}(?:{_TO}{_NAMED})?(?:,| of|-|/)?[ ]{{0,2}}(?:{_YEAR}|['’]\d{{2}})|{_NAMED}-\d{{2}})(?!\w|-\d)", IGNORE
)
_DAY_BEFORE = re.compile(
    rf"(?<![\w./-])(?:{_DAY}(?:{_TO}{_DAY})?|(?:the )?{_ORDINAL})(?: day)?(?: of|,)?[ /-]?$", IGNORE
)
_YEAR_AFTER = re.compile(rf"{_NAMED}(?:(?:,|-|/| of)?[ ]{{0,2}}(?:{_YEAR}|['’]?\d{{2}})(?!\w|[./]\d|:\d| ?%))?", IGNORE)
_MONTH_BEFORE = re.compile(
    r"\b(?:in|since|until|till|by|last|next|early|late|mid|this|of|from|to|through|before|after|around|during"
    r"|between|every|each"
    r"|past|about|and|or)[ -]$",
    IGNORE,
)

_NUMERIC = re.compile(
    r"\d{1,2}(?P<s>[/.-])(?P<b>\d{1,2})(?P=s)(?P<y>(?:1[89]|20|21)\d{2}|\d{2})(?![\d/]|\.\d|-\d{3}|[A-Za-z%])"
)
_ISO = re.compile(
    r"(?:1[89]|20|21)\d{2}(?P<s>[-/.])(?:0?[1-9]|1[0-2])(?P=s)(?:3[01]|[12]\d|0?[1-9])(?!\d)"
    r"(?:T\d{2}:?\d{2}(?::?\d{2})?(?:\.\d{1,6})?Z?)?|(?:19|20|21)\d{2}-(?:0[1-9]|1[0-2])(?![\d-]|\.\d)"
)
_MONTH_SLASH_YEAR = re.compile(
    r"(?:0?[1-9]|1[0-2])/(?:19|20|21)\d{2}(?![\d/]|\.\d| ?m[lg])|(?:0[1-9]|1[0-2])-(?:19|20|21)\d{2}(?![\d-]|\.\d"
    r"| ?m[lg])"
)
_COMPACT_WORDS = word_set("dob d birth date admitted admission discharge discharged dictated transcribed t dd dt")
_COMPACT = re.compile(
    r"(?:d\.?o\.?b|birth|date|admitted|admission|discharged?|dictated|transcribed|d|t|dd"
    r"|dt)\b\.?[ \t]{0,2}[:=]?[ \t]{0,3}"
    r"(?P<date>(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    r"|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:(?:19|20)?\d{2}))(?!\d)",
    IGNORE,
)
_BARE = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?![\w./-])")
_HOLIDAY_WORDS = word_set(
    """
    christmas xmas thanksgiving halloween easter new labor memorial independence veterans valentine valentines mother
    father mothers fathers boxing st martin mlk presidents president fourth hanukkah passover diwali eid yom rosh cinco
    good ash ramadan
    """
)
_HOLIDAY = re.compile(
    r"(?:christmas(?: (?:eve|day))?|xmas|thanksgiving(?: day)?|halloween|easter(?: sunday| monday)?"
    r"|new year'?s?(?: eve| day)"
    r"|(?:labor|memorial|independence|veterans|valentine'?s|mother'?s|father'?s|boxing|st\.? patrick'?s"
    r"|martin luther king"
    r"|mlk|president'?s'?) day|fourth of july|hanukkah|passover|diwali|eid al-fitr|yom kippur|rosh hashanah"
    r"|cinco de mayo"
    r"|good friday|ash wednesday|ramadan)(?:,? (?:of )?(?:19|20)\d{2})?\b",
    IGNORE,
)
_SEASON = re.compile(r"(?:spring|summer|fall|autumn|winter)(?: of|,)? (?:19|20)\d{2}\b", IGNORE)
_WEEKDAYS = word_set(
    """
    mon tue tues wed weds thu thur thurs fri sat sun monday tuesday wednesday thursday friday saturday sunday
    """
)
_NTH_WORDS = _WEEKDAYS | word_set("on until till by since of")
_NTH = re.compile(
    r"(?:on|until|till|by|since|of|(?:mon|tues|wednes|thurs|fri|satur|sun)day,?) the (?P<day>(?:[12]\d|3[01]"
    r"|[1-9])(?:st|nd|rd|th))"
    r"(?= of (?:the|this|last|next)? ?month|\s?(?:[.,;)]|$))",
    IGNORE | re.MULTILINE,
)
_BORN = re.compile(
    r"(?:born (?:in )?(?:about )?|(?:dob|yob|(?:year of )?birth(?: year)?)[:= ]{1,3})"
    r"(?P<year>(?:18|19|20|21)\d{2})(?![-/.]?\d)\b",
    IGNORE,
)

# A day and a month in figures without a year: what may stand before and after one, and what stands around a score.
_SHORT = re.compile(r"\d{1,2}(?P<s>[/-])(?P<b>\d{1,2})(?![\d/%]|[.,]\d|-\d{2,}|-?[A-Za-z])")
_SPAN = re.compile(
    r"(?P<a>\d{1,2})/(?P<b>\d{1,2}) ?[-–] ?(?P<c>\d{1,2})/(?P<d>\d{1,2})(?![\d/%]|[.,]\d|-?[A-Za-z]|-\d)"
)
_SURE_BEFORE = _WEEKDAYS | word_set(
    """
    since until till date dated admitted discharged scheduled due appointment appt dob lmp edc edd collected drawn
    resulted transferred performed effective prior lab labs visit surgery cxr x-ray xray mri ct cta echo ekg ecg eeg egd
    biopsy cath tte tee culture cultures bcx ucx born expired deceased reported
    """
)
"""Words right before a date that no score follows."""
_BEFORE = _SURE_BEFORE | word_set(
    """
    on from seen starting started start began begun beginning through thru ending end again last f/u follow-up followup
    surgery visit lab labs cxr x-ray xray mri ct cta echo ekg ecg eeg egd us biopsy scan cath test tte tee culture
    cultures bcx ucx birth done repeat repeated note previous before after between ( stopped given placed removed
    changed renewed refilled reviewed review clinic
    """
)
_SCORE_BEFORE = word_set(
    """
    strength power pain score scores scored scale rate rated rating mmse moca gcs apgar apgars murmur murmurs pulse
    pulses reflex reflexes dtr dtrs motor vision va acuity bp pressure grade level out severity ratio edema orient
    oriented orientation recall phq gad cage nihss asa mallampati tone flexion extension deltoid deltoids biceps triceps
    grip quad quads quadriceps iliopsoas hamstring hamstrings abduction adduction muscle muscles extremity extremities
    bilaterally throughout ue le rue lue rle lle bue ble peep fio2 ps vent settings stage lead leads every q times x
    approximately over were are been only least than up total node nodes positive negative decreasing increasing
    reactive pupils gain loss by
    """
)
_SMALL_WORDS = word_set("of at is was to a as in about around from")
_BEFORE_WORD = re.compile(r"[a-z0-9][a-z0-9/'-]*|\(")
_SCORE_AFTER = re.compile(
    r"[ \t]{0,2}-?(?:strength|power|pain|in (?:severity|intensity|strength|all|the|both|right|left|bilateral|upper"
    r"|lower)|systolic"
    r"|diastolic|holosystolic|murmurs?|sem\b|hsm|pulses?|bilateral|throughout|motor|reflex|dtr|points?"
    r"|on (?:the )?(?:pain|mmse"
    r"|moca|scale|right|left|his|her|exposure)|scale|nodes?|lymph|positive|negative|cores?|tablets?|tabs?|pills?"
    r"|cups?|pack|ppd"
    r"|inch|in\b|mg|mcg|ml|cc|cm|mm|units?|l\b|hours?|hrs?|days?|weeks?|wks?|months?|mos?\b|years?|yrs?|minutes?"
    r"|mins?|times"
    r"|x\b|oz|ounces|of (?:the|his|her|all|a|normal|which|them|these|those)|and symm|episodes|beats|digits|blocks?"
    r"|flights?"
    r"|words|objects|items|criteria|w(?:or)?k|recall|drinks?|beers?|people|patients|cigarettes|quadriceps|grip|right"
    r"|left|upper"
    r"|lower|with|vision|od\b|os\b|ou\b|normal saline|ns\b|pressure|edema|sarcoma|at rest|most|worst|better|worse|ribs?"
    r"|metacarpal|toes?|fingers?|joint|level|disc|interspace|interface|segment|junction|ratio|chance|a (?:pound|cup"
    r"|pack|tab|day))",
    IGNORE,
)
_ENTRY = re.compile(r"(?:^|\n)[ \t*•-]{0,4}$")
_ENTRY_AFTER = re.compile(
    r"[ \t]{0,2}(?:[:–]|-[ \t]|@|at \d|\d{1,2}:\d{2}|\d{4}\b)|[ \t]+(?:admit|pt\b|patient|seen|labs|cxr)", IGNORE
)
_REMARK = re.compile(r"[ \t]{0,2}(?:[:–-][ \t]|[ \t][A-Z])")
_DENOMINATORS = frozenset({12, 14, 15, 20, 24, 27, 28, 30})


def _lead(text: str, start: int) -> list[str]:
    """Return the last words before a place, in small letters, none from before a full stop or line end."""
    near = re.split(r"[.\n]", text[max(0, start - 40) : start].lower())[-1]
    return _BEFORE_WORD.findall(near)[-5:] or [""]


def _is_surely_led(lead: list[str]) -> bool:
    return lead[-1] in _SURE_BEFORE or (
        len(lead) > 1 and lead[-1] in ("on", "for", "to", "of") and lead[-2] in _SURE_BEFORE
    )


def _is_led_as_score(lead: list[str]) -> bool:
    """Return whether the words before speak of a strength, a score or a count, with a few small words between."""
    return next((word for word in reversed(lead[-4:]) if word not in _SMALL_WORDS), "") in _SCORE_BEFORE


def _free(match: re.Match[str], also: str = "") -> bool:
    """Return whether no digit, slash, dot or letter stands right before; nor one of `also`."""
    start = match.start()
    return not start or not (match.string[start - 1].isalnum() or match.string[start - 1] in "/._" + also)


def _is_full(match: re.Match[str]) -> bool:
    """Return whether three numbers are a day; with dots or hyphens a short year needs padding or a date word before."""
    first, second, year, sign = match[0].split(match["s"])[0], match["b"], match["y"], match["s"]
    day = 1 <= int(first) <= 31 and 1 <= int(second) <= 31 and min(int(first), int(second)) <= 12
    if not day or not _free(match, "" if sign == "/" else "-"):
        return False
    if sign == "/" or len(year) == 4 or (len(first) == len(second) == 2 and sign == "-"):
        return True
    begins = _ENTRY.search(match.string[max(0, match.start() - 6) : match.start()]) and len(first + second) > 2
    return bool(begins and _REMARK.match(match.string, match.end())) or (
        _lead(match.string, match.start())[-1] in _BEFORE
    )


def _is_short(match: re.Match[str]) -> bool:
    """Return whether two numbers without a year are a date: by the words before, unless others speak of a score."""
    first, second = int(match[0].split(match["s"])[0]), int(match["b"])
    text, start, end = match.string, match.start(), match.end()
    if not 1 <= min(first, second) <= 12 or not 1 <= max(first, second) <= 31 or not _free(match, ",-"):
        return False
    if _SCORE_AFTER.match(text, end):
        return False
    lead = _lead(text, start)
    if _is_surely_led(lead):
        return match["s"] == "/" or not _is_led_as_score(lead)
    padded = "0" in (match[0][0], match["b"][0])
    if (
        match["s"] == "-"
        or _is_led_as_score(lead)
        or (lead[-1] in ("of", "to", "for", "at", "is", "was") and not padded)
    ):
        return False
    if _ENTRY.search(text[max(0, start - 6) : start]) and _ENTRY_AFTER.match(text, end):
        return True
    if first > 12:
        return lead[-1] in _BEFORE
    unlike_a_score = second > 10 and second not in _DENOMINATORS and second > first
    return padded or unlike_a_score or (lead[-1] in _BEFORE and second not in (5, 6, 10))


def _is_span(match: re.Match[str]) -> bool:
    """Return whether two days go from one to the other: scores share what they are out of, and a vision starts at 6."""
    first, last = (int(match["a"]), int(match["b"])), (int(match["c"]), int(match["d"]))
    lead = _lead(match.string, match.start())
    if not _free(match, ",-") or _is_led_as_score(lead) or _SCORE_AFTER.match(match.string, match.end()):
        return False
    if not all(1 <= month <= 12 and 1 <= day <= 31 for month, day in (first, last)):
        return False
    if first >= last and (first[0], last[0]) != (12, 1):
        return False
    sure = _is_surely_led(lead)
    return sure or (first[1] != last[1] and max(first[1], last[1]) > 10 and not first[0] == last[0] == 6)


def _shows_age(match: re.Match[str]) -> bool:
    """Return whether a year of birth alone says that somebody is over 89."""
    return int(match["year"]) <= date.today().year - 90


def _mark_named(sheet: Sheet) -> None:
    """Mark days and years with a month's name. In small letters "may 5" and "mar 5" need more than a figure."""
    for place in sheet.at(_MONTHS):
        small = sheet.text.startswith(("may", "mar"), place)
        near = max(0, place - 24)
        before = _DAY_BEFORE.search(sheet.text[near:place])
        after = _YEAR_AFTER.match(sheet.text, place)
        if before and after and (not small or re.search(r"\d{4}$", after[0]) or before[0].endswith("of ")):
            sheet.mark("DATE", near + before.start(), place + len(after[0].rstrip(".")))
            continue
        match = _MONTH_DAY.match(sheet.text, place)
        if match and (not small or re.search(r"\d{4}|\d(?:st|nd|rd|th)", match[0])):
            sheet.mark("DATE", place, match.end())
    sheet.settle()
    sheet.mark_all("DATE", _MONTH_YEAR, words=_MONTHS)


def mark_dates(sheet: Sheet) -> None:
    """Mark every date that its form, or the words around it, make certain."""
    sheet.mark_all("DATE", _ISO, 0, lambda match: _free(match, "-"))
    sheet.mark_all("DATE", _COMPACT, "date", words=_COMPACT_WORDS)
    sheet.mark_all("DATE", _BARE, 0, lambda match: _free(match, "-#"))
    sheet.mark_all("DATE", _NUMERIC, 0, _is_full)
    _mark_named(sheet)
    sheet.mark_all("DATE", _MONTH_SLASH_YEAR, 0, lambda match: _free(match, "-"))
    sheet.mark_all("DATE", _SPAN, 0, _is_span)
    sheet.mark_all("DATE", _SHORT, 0, _is_short)
    sheet.mark_all("DATE", _HOLIDAY, words=_HOLIDAY_WORDS)
    sheet.mark_all("DATE", _SEASON, words=("spring", "summer", "fall", "autumn", "winter"))
    sheet.mark_all("DATE", _NTH, "day", words=_NTH_WORDS)
    sheet.mark_all("DATE", _BORN, "year", _shows_age, words=("born", "dob", "yob", "year", "birth"))


def mark_months(sheet: Sheet) -> None:
    """Mark months named alone; after names, because April, May, June and August are names too."""
    for place in sheet.at(_MONTHS):
        match = re.match(r"[^\W\d_]+", sheet.text[place : place + 10])
        if match is None or sheet.text[place : place + 1] == sheet.text[place : place + 1].lower() == "m":
            continue
        before = _MONTH_BEFORE.search(sheet.text[max(0, place - 10) : place])
        capital_after = re.match(r" [A-Z][a-z]", sheet.text[match.end() + place : place + match.end() + 3])
        if (before and not capital_after) or (match[0].lower() not in _DOUBTFUL and len(match[0]) > 3):
            sheet.mark("DATE", place, place + match.end())
    sheet.settle()
