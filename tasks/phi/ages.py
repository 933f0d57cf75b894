"""Ages over 89, which the Safe Harbor rule counts among the identifiers. Knows nothing of dates."""

import re

from tasks.phi import word_set
from tasks.phi.sheet import Sheet

IGNORE = re.IGNORECASE

_OLD = r"(?<![\w.,/-])(?:9\d|1[0-2]\d)"
_SPELT = (
    r"(?:ninety(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?"
    r"|(?:one|a) hundred(?:(?: and)? (?:one|two|three|four|five|six|seven|eight|nine|ten))?)"
)
_YEARS_OLD = (
    r"\+?(?:[ -]{0,2}(?:and (?:a )?half )?(?:years?|yrs?)\.?[ -]{1,2}(?:old|of age|young)|[ -]{0,2}y\.?[ /]?o\b\.?"
    r"|[ -]{0,2}y/o|[ -]?yo(?=[mf]\b)|[ -]{0,2}yr?s?\.? ?/? ?o(?:ld)?\b|[ ]?y(?=[ /]?[mf]\b))"
)
_COUNTED = re.compile(rf"{_OLD}{_YEARS_OLD}", IGNORE)
_COUNTED_IN_WORDS = re.compile(rf"{_SPELT}{_YEARS_OLD}", IGNORE)
_SEXED = re.compile(
    rf"{_OLD}(?=[ -]?(?:male|female|man|woman|gentleman|lady|♂|♀|(?:M|F|W)(?=[ ,;]{{1,2}}(?:with|w/|who|presents?"
    r"|presenting|p/w|h/o|hx|pmh|admitted|s/p|here|found|is|was|c/o|from|in no)\b))\b)"
)
_AGED = re.compile(
    rf"(?:aged?|turn(?:ed|ing|s))(?: of| is| was| over| about)?[ \t]{{0,2}}[:=>]?[ \t]{{0,2}}(?P<age>{_OLD}|{_SPELT})"
    r"(?![\d%°]|[./-]\d| ?(?:mg|ml|days?|weeks?|months?|degrees|f\b|bpm|cm|kg|lb|mm))",
    IGNORE,
)
_OF_SOMEBODY = re.compile(
    r"(?:(?:he|she|they|patient|pt|who|mother|father|husband|wife|grandmother|grandfather)(?:'s| is| was)"
    r"(?: now| almost| nearly)?|(?:died|deceased|passed away|lived)(?: at| to be| to)?) "
    rf"(?P<age>{_OLD}|{_SPELT})(?= years?\b(?! ago)| and\b| with\b| of\b| but\b| from\b|[.,;)](?!\d)|$)",
    IGNORE | re.MULTILINE,
)
_KIN = word_set(
    """
    mother father mom mum dad husband wife spouse brother sister sibling aunt uncle grandmother grandfather grandma
    grandpa
    """
)
_ENDS = r"(?= ?[).,;](?!\d)| (?:with|of|and|from|a&w|alive|deceased|healthy|mi|ca|cva|cancer|lives)\b|$)"
_OF_KIN = re.compile(
    rf"(?:{'|'.join(sorted(_KIN))})(?:[,:]| \(| -)? ?(?:(?:is |was )?(?:still )?(?:alive|living|well|died|deceased"
    rf"|passed away|d\.)(?: and well)?(?:,| \()? ?)?(?:at |aged? |@ ?)?(?P<age>{_OLD}){_ENDS}",
    IGNORE | re.MULTILINE,
)
_TITLED = re.compile(
    rf"(?:mr|mrs|ms|miss|mx|dr)\.? (?:[^\W\d_][\w'’-]{{0,30}}\.? ){{0,2}}(?:[^\W\d_][\w'’-]{{0,30}}|\ue000{{1,40}})"
    rf"(?:, | \()(?P<age>{_OLD})(?=\)|[,;] ?[^\W\d]|\.(?!\d))",
    IGNORE,
)
_SLASHED = re.compile(rf"(?P<before>{_OLD})(?=/[MF]\b(?!/))|(?<![\w/])[MF]/(?P<after>9\d|1[0-2]\d)(?![\w/.])")
_BIRTHDAY = re.compile(rf"(?P<age>{_OLD}(?:st|nd|rd|th)|ninetieth|hundredth|(?:one )?hundred and \w+) birthday", IGNORE)
_BY_BIRTHDAY = re.compile(
    rf"(?P<age>{_OLD}|{_SPELT})(?= (?:years? (?:old )?)?(?:on |at )?"
    r"(?:last|next|this|(?:his|her|their|my)(?: last| next)?) birthday\b)",
    IGNORE,
)
_DECADE = re.compile(r"in (?:his|her|their) (?:early[ -]|mid[ -]|late[ -])?(?P<age>90'?s|nineties|100'?s)\b", IGNORE)
_WARM = re.compile(r"\b(?:temp(?:erature)?|t|tmax|tm|fever|febrile)\W{0,3}(?:of |to |is |was |at )?$", IGNORE)
_WORDS = word_set("age aged turned turning turns")
_PERSONS = word_set(
    """
    he she they patient pt who mother father husband wife grandmother grandfather died deceased passed lived
    """
)


def _is_age(match: re.Match[str]) -> bool:
    """Return whether a number is a possible age and no temperature."""
    number = re.search(r"\d+", match[0])
    before = match.string[max(0, match.start() - 24) : match.start()]
    return (number is None or int(number[0]) <= 125) and not _WARM.search(before)


def mark_ages(sheet: Sheet) -> None:
    """Mark ages over 89."""
    sheet.mark_all("AGE", _COUNTED, 0, _is_age)
    sheet.mark_all("AGE", _COUNTED_IN_WORDS, 0, _is_age, words=("ninety", "one", "a"))
    sheet.mark_all("AGE", _SEXED, 0, _is_age)
    sheet.mark_all("AGE", _AGED, "age", _is_age, words=_WORDS)
    sheet.mark_all("AGE", _OF_SOMEBODY, "age", words=_PERSONS)
    sheet.mark_all("AGE", _OF_KIN, "age", words=_KIN)
    sheet.mark_all("AGE", _TITLED, "age", words=("mr", "mrs", "ms", "miss", "mx", "dr"))
    sheet.mark_all("AGE", _SLASHED, "before", _is_age)
    sheet.mark_all("AGE", _SLASHED, "after", _is_age)
    if sheet.at(("birthday",)):
        sheet.mark_all("AGE", _BIRTHDAY, "age")
        sheet.mark_all("AGE", _BY_BIRTHDAY, "age")
    sheet.mark_all("AGE", _DECADE, "age", words=("in",))
    sheet.mark_all(
        "AGE", re.compile("(?:super)?(?:nona|cente)(?:ge)?narians?", IGNORE), words=("nonagenarian", "centenarian")
    )
