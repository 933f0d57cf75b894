"""Cities and towns, where a state, a postcode or the words around place somebody in them.

A state or a country by itself is no identifier. Knows nothing of facilities and street addresses.
"""

import re

from tasks.medicines import MEDICINE
from tasks.phi import word_set
from tasks.phi.geography import CITIES, CODES, LANDS, PLAIN_CODES, STATES, TITLED, WORD, ZIP, known_city
from tasks.phi.lexicon import fold, sort_of
from tasks.phi.sheet import Sheet
from tasks.phi.words import CLINICAL, CLINICAL_ENDINGS, FUNCTION, GENERIC_PLACES

_STATE_WORDS = frozenset(re.findall(r"[a-z]+", name.lower())[0] for name in f"{STATES}|{CODES}".split("|"))
_STATE = re.compile(
    rf"(?:(?P<state>{STATES})|(?P<code>{CODES}))(?![\w/'’-]| [Cc]linic| \d{{3}}\b)(?:,? (?P<zip>{ZIP}))?(?:,? (?:USA"
    rf"|U\.S\.A?\.?))?"
)
_CITY_BEFORE = re.compile(rf"(?<![\w'’-])(?P<city>{TITLED})(?P<comma>,?)[ ]{{1,2}}$")
_OWNERLESS_CODES = word_set("MD PA MA MS DC ID OR IN ME HI OK")
"""State codes that are also a degree or a word in capitals: they need a city known by name or a postcode."""
_NAMES_TOO = frozenset({"Virginia", "Georgia", "Washington"})
_QUARTERS = word_set(
    """
    central north south east west northern southern eastern western northwest southwest northeast southeast upstate
    rural downtown
    """
)
_TITLES = word_set("dr mr mrs ms miss prof drs")

_LONG_CITIES = [city.replace("\\.", ".") for city in CITIES.split("|") if " " in city]
_LONG_CITY_WORDS = frozenset(city.split()[0].lower().rstrip(".") for city in _LONG_CITIES)
_LONG_CITY = re.compile(
    rf"(?:{'|'.join(map(re.escape, _LONG_CITIES))})\b(?! (?i:heart|criteria|scale|score|style|type|grade|class"
    r"|questionnaire|cardiomyopathy|motor scale)| \([A-Z]{2}\) (?i:grade|class))"
)
"""Cities of several words, which mean nothing else wherever they stand."""

_IN = (
    r"(?:in|from|of|to|at|near|outside|around|between|(?:lives?|living|resid\w{1,5}|born|raised|located|moved|works?"
    r"|grew up)"
    r"(?: [a-z]{2,6}){0,2})"
)
_AT_A_PLACE = re.compile(rf"\b(?i:{_IN}|by|with|via|attends?|the) (?:the )?$")
_IN_KNOWN_WORDS = word_set("in from to near outside visiting visited of around at left flew via between and")
_IN_KNOWN = re.compile(
    r"(?i:in|from|to|near|outside|visiting|visited|of|around|at|left|flew|via|between|and)(?: downtown| the)? "
    rf"(?P<city>(?i:{CITIES}))\b(?! (?i:coma|scale|outcome|criteria|naming|cognitive|score|stroke|class"
    rf"|grade|questionnaire|cardiomyopathy|heart|type|style))"
)
_LIVES_WORDS = word_set(
    """
    live lives lived living reside resides resided residing resident born raised grew moved relocated relocating native
    originally immigrated emigrated come comes came hails travel travels traveled travelled traveling travelling trip
    visiting return returned returning vacation vacationed vacationing near hometown city town village birthplace
    """
)
_LIVES = re.compile(
    r"(?i:liv(?:es?|ed|ing) (?:alone |independently |now |currently |with \w{1,12} (?:\w{1,12} )?)?(?:in|near|outside)"
    r"|resid(?:es?|ed|ing|ent) (?:in|of|at)|born (?:and raised )?in|raised in|grew up in|moved (?:here )?(?:to|from)"
    r"|relocat(?:ed|ing) (?:to|from)|native of|originally from|immigrated from|emigrated from|comes? from|came from"
    r"|hails from"
    r"|travel(?:l?ed|s|l?ing)? (?:to|from)|trip to|visiting (?:from|family in)|return(?:ed|ing) (?:to|from)"
    r"|vacation(?:ed|ing)? in|hometown(?: is| of)|city of|town of|village of|birthplace:?|near) "
    rf"(?P<city>{TITLED})"
)
_AFTER_FACILITY = re.compile(
    rf", (?P<city>{TITLED})(?P<ends>[.,;:)\n]|$| (?:on|in|for|where|with|by|after|last|today|yesterday|because)\b)?"
)
_MEDICINE = re.compile(MEDICINE, re.IGNORECASE)
_COUNTY_WORD = re.compile(r"(?:County|Parish|Township|Borough)\b")
_COUNTY_NAME = re.compile(rf"(?<![\w'’-])(?P<first>{WORD})(?: {WORD})? $")


def _is_city(match: re.Match[str], state: re.Match[str], before: str) -> bool:
    """Return whether "Words, XX" is a city and its state, and no person with a degree, no scan and no disease."""
    words = match["city"].split()
    while words and words[0].lower() in FUNCTION | CLINICAL | _TITLES:
        words.pop(0)
    if not words:
        return False
    if state["zip"] or known_city(" ".join(words)):
        return True
    last = words[-1].lower()
    if not match["comma"] and all(word.lower() in _QUARTERS for word in words):
        return False
    if last in CLINICAL or last.endswith(CLINICAL_ENDINGS) or match["city"].isupper():
        return False
    placed = bool(_AT_A_PLACE.search(before))
    if state["state"]:
        return placed or (bool(match["comma"]) and state["state"] not in _NAMES_TOO)
    return bool(match["comma"]) and (
        state["code"] in PLAIN_CODES.split("|") or (placed and state["code"] not in _OWNERLESS_CODES)
    )


def _known_before(text: str, end: int) -> int:
    """Return where a city known by name that ends at `end` starts, `end` where none does."""
    words = list(re.finditer(r"[\w.'’-]+", text[max(0, end - 40) : end]))[-3:]
    for word in words:
        if known_city(text[max(0, end - 40) + word.start() : end].strip()):
            return max(0, end - 40) + word.start()
    return end


def _mark_cities_with_states(sheet: Sheet) -> None:
    text = sheet.text
    for state in sheet.matches(_STATE, _STATE_WORDS):
        end = state.start()
        if state["code"] and not state["zip"] and text[end - 2 : end] != ", ":
            sheet.mark("LOCATION", start := _known_before(text, end), state.end() if start < end else start)
            continue
        near = max(0, end - 60)
        match = _CITY_BEFORE.search(text[near:end])
        if match is None or not _is_city(match, state, text[max(0, near + match.start() - 24) : near + match.start()]):
            continue
        start = near + match.start()
        while (word := re.match(r"\w+\.? ", text[start:end])) and word[0].strip(". ").lower() in FUNCTION | _TITLES:
            start += word.end()
        sheet.mark("LOCATION", start, state.end())
    sheet.settle()


def _is_town(match: re.Match[str]) -> bool:
    """Return whether what somebody lives in or comes from is a town, not a state, a country, a home or a month."""
    city = match["city"]
    first = city.split()[0]
    if known_city(city):
        return True
    if first.lower() in FUNCTION | CLINICAL | GENERIC_PLACES | _TITLES | _QUARTERS or first.isupper():
        return False
    return not (first.lower() in LANDS or re.match(rf"(?:{STATES})\b", city))


def _is_capital(match: re.Match[str]) -> bool:
    """Return whether a city has its capital; all in capitals only where the word before is too: LIMA is an artery."""
    city = match["city"]
    return city[0].isupper() and (not city.isupper() or match[0].split()[0].isupper())


def _mark_towns_of(sheet: Sheet, facilities: list[int]) -> None:
    """Mark the town that is named after a comma behind a facility: `Whiston Hospital, Prescot`."""
    for end in facilities:
        match = _AFTER_FACILITY.match(sheet.text, end)
        if match is None:
            continue
        first = sort_of(fold(match["city"].split()[0]))
        plain = (first.given and first.sure) or any(
            low in FUNCTION | CLINICAL | GENERIC_PLACES or low.endswith(CLINICAL_ENDINGS) or _MEDICINE.fullmatch(low)
            for low in match["city"].lower().split()
        )
        if known_city(match["city"]) or (match["ends"] is not None and not plain and _is_town(match)):
            sheet.mark("LOCATION", match.start("city"), match.end("city"))
    sheet.settle()


def mark_places(sheet: Sheet) -> None:
    """Mark cities with their states, then those the words around place somebody in, then counties."""
    facilities = [end for _, end, kind in sheet.found() if kind == "LOCATION"]
    _mark_cities_with_states(sheet)
    _mark_towns_of(sheet, facilities)
    sheet.mark_all("LOCATION", _LONG_CITY, words=_LONG_CITY_WORDS)
    sheet.mark_all("LOCATION", _IN_KNOWN, "city", _is_capital, words=_IN_KNOWN_WORDS)
    sheet.mark_all("LOCATION", _LIVES, "city", _is_town, words=_LIVES_WORDS)
    for county in sheet.matches(_COUNTY_WORD, ("county", "parish", "township", "borough")):
        near = max(0, county.start() - 50)
        match = _COUNTY_NAME.search(sheet.text[near : county.start()])
        if match and match["first"].lower() not in FUNCTION | CLINICAL | GENERIC_PLACES:
            sheet.mark("LOCATION", near + match.start(), county.end())
    sheet.settle()
