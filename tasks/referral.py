"""Which questions about medicines need a sentence that sends the asker to somebody who knows them. A rule list.

The rules look at question and answer alike. Knows nothing of models or pages.
"""

import re

from tasks.medicines import MEDICINE, REMEDY

_SHE = r"(i['’]?m|i am|she['’]?s|she is|(my|his) (wife|partner|girlfriend|sister|friend) is)"
PREGNANCY = (
    r"pregnan\w+|breast[- ]?feed\w*|nursing (mothers?|a baby)|trimester|unborn|fetus|foetus|conceiv(e|ing)|"
    r"pre-?eclampsia|lactat\w+|birth defects?|(mother|mum|mom)s?[- ]to[- ]be|trying for a (baby|child)|"
    r"expecting (mothers?|mums?|moms?|women|parents|a (baby|child)|twins|our (first|second|third))|"
    rf"{_SHE} expecting(?= ?([,.;:?!\n]|$|and\b|soon\b))|"
    # Not "20 weeks into chemo" or "6 weeks now on sertraline": weeks of what is said.
    rf"{_SHE} (about |nearly |almost |now |just )?\d\d? ?(weeks?|wks?)"
    r"(?= ?([,.;:?!\n]|$|gone\b|along\b|with (twins|a (?:baby|child)|child)\b|(today|now) ?([,.;:?!\n]|$)))"
)
_SPELT = (
    r"(?<!ty[- ])(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|"
    r"seventeen)"
)
CHILDREN = (
    r"child|children|kids?|bab(y(?![- ]aspirin)|ies)|infants?|toddlers?|newborns?|teen(ager)?s?|paediatric|pediatric|"
    r"(my|our) (son|daughter|boy|girl|lad|little (one|boy|girl))|grand(son|daughter|child|children)|nieces?|nephews?|"
    rf"((1[0-7]|[1-9])|{_SPELT})([- ]?(years?|yrs?)[- ]?olds?|[- ]?y/?o)|"
    rf"(\d+|{_SPELT})[- ]?(months?|mths?|mos?|weeks?|wks?)[- ]?olds?|(my|our) \d\d?[- ]?m/?o"
)
"""Words by which a text is about these, as patterns; tasks/population.py asks for them too."""

_WHOSE = r"(my|your|his|her|their|our|the)"
_WORDS = r"([\w'’-]+ )"
_WHILE = (
    r"(when|if|while|whilst|as)( (i|you|he|she|we|they))?(['’]?(m|re|s)| am| are| is)?( (also|still|already))? "
    r"(take|takes|taking|on|use|using)"
)
_UNBORN = re.compile(
    r"\b(?P<given>(give|gives|giving|gave) (\w+ )?)?(bab(y|ies)|unborn child(ren)?)\b(?! (has|had|have|got)\b)",
    re.I,
)
"""Where a text is about pregnancy these are the unborn: no matter of children."""
_RULES: tuple[tuple[str, str, str], ...] = (
    (
        "stopping a medicine",
        # Within one sentence: a question and its answer are read as one text, and are not about one thing.
        r"\b(stop(ping|ped)?|quit(ting)?|finish(ing)?|come off|coming off|discontinu\w+|wean\w*|skip(ping|ped)?|"
        r"cut(ting)? (down|out)|instead of (my|the|taking))\b("
        rf"[^.?!\n]{{0,120}}?\b(taking|{MEDICINE}|doses?|treatment)\b|"
        r" (it|them)\b(?! (from )?\w+ing\b))|"
        rf"\b{MEDICINE} ([\w'’-]+ ){{0,4}}?(stopped|skipped|discontinued|cold turkey)\b|"
        rf"\b(cold turkey|taper\w*|(leav(e|ing)|left) (out|off)|(giv(e|ing)|gave|given) up|"
        rf"(go|going|went|get|getting|got) off|(run|running|ran) out of|(don['’]?t|do not) want to take)"
        rf"(?! \w+ing\b) {_WORDS}{{0,4}}?{MEDICINE}\b|"
        rf"\b(halv(e|ed|ing)|reduc(e|ing)|lower(ing)?|split(ting)?|chuck(ed|ing)?|ditch(ed|ing)?|bin(ned|ning)?) "
        rf"{_WHOSE} {_WORDS}{{0,2}}?{MEDICINE}\b",
        "Please do not stop or change a prescribed medicine without the person who prescribed it.",
    ),
    (
        "dosing",
        rf"\bhow (much|many|often)\b[^.?!\n]{{0,60}}?\b({REMEDY}|tak(e|en|ing)|giv(e|en|ing)|use|swallow|"
        r"tablets?|pills?|puffs?|drops?|capsules?)\b|"
        r"\b(dos(e|es|age|ing)|overdos\w+|"
        r"\d+ ?(mg|milligrams?|mcg|micrograms?|ml|iu|units?|(?-i:g)|grams?|tablets?|pills?|capsules?)(?! ?/ ?d?l\b)|"
        rf"({_SPELT}|twenty|thirty|forty|fifty) (tablets|pills|capsules|grams)|"
        r"twice (a day|daily)|maximum (amount|daily)|double)\b|"
        rf"\b(forg[eo]t\w*|miss(ed|ing)?) (to take )?{_WORDS}{{0,2}}?{_WHOSE} {_WORDS}{{0,2}}?{MEDICINE}\b",
        "The right dose depends on the person; a pharmacist or doctor can say what it is for you.",
    ),
    (
        "pregnancy and breastfeeding",
        rf"\b({PREGNANCY})\b",
        "In pregnancy and while breastfeeding, ask your doctor or midwife before taking or leaving out any medicine.",
    ),
    (
        "children",
        rf"\b({CHILDREN})\b",
        "For a child, ask a doctor or pharmacist first: what is safe for adults may not be for them.",
    ),
    (
        "interactions",
        r"\b(interact\w*|together|combin(e|ed|ing|ation)|mix(ing|ed)?|along with|already (on|taking)|"
        r"while (on|taking)|with (my|other) (medicines?|medications?|meds|drugs?|pills?)|grapefruit|alcohol|"
        r"wine|beer|compatible)\b|"
        r"\b(take|taking|taken|use|using|have|having|give|drink|drinking|safe|okay|ok|fine)\b[^.?!\n]{0,60}?"
        rf"\b((with|plus|alongside) ([\w'’-]+ )?|{REMEDY} and ){REMEDY}\b|"
        r"\b(tak(e|en|ing)|took|us(e|ed|ing)|drink(ing)?|giv(e|en|ing))\b[^.?!\n]{0,60}?\bat the same time\b|"
        rf"\b{REMEDY} {_WORDS}{{0,3}}?(on top of|(soon |right |straight )?after|{_WHILE}|"
        rf"(clash\w*|react\w*|interfer\w*|ok|okay|safe|alright|fine|bad|dangerous|go) with) {_WORDS}{{0,2}}?{REMEDY}\b|"
        rf"\b{REMEDY} (and|or) {REMEDY} {_WORDS}{{0,2}}?(clash|react|dangerous|safe|ok|okay|a problem|"
        r"at the same time)\b|"
        # A question of its own that leans on the one before it: "Is lithium safe?", then "What about with ibuprofen?"
        rf"(?:^|\n)\W*(?:(?:and|or|but|so|also|then|what (?:about|if)|how about|ok(?:ay)?|is it (?:ok(?:ay)?|safe)|"
        rf"(?:taken|taking))\b\W*){{0,4}}(?:(?:together|along) )?"
        rf"(?:with|plus|alongside|on top of) {_WORDS}{{0,2}}?{REMEDY}\b|"
        rf"\b(drink(ing)?(?! {_WORDS}{{0,3}}?(water|fluids?|milk|liquids?|juice|tea)\b)|booze|pints?|champagne|spirits|"
        rf"vodka|whisky|whiskey|lager|cider)\b[^.?!\n]{{0,30}}? (on|with|{_WHILE}) {_WORDS}{{0,2}}?{MEDICINE}\b",
        "Before combining medicines or supplements, ask a pharmacist or doctor who knows everything you take.",
    ),
)
_COMPILED = tuple((kind, re.compile(pattern, re.I | re.S), line) for kind, pattern, line in _RULES)
_CHILD = re.compile(rf"\b({CHILDREN})\b", re.I)
GENERAL = "This is information, not advice for you; a professional who knows you can say what applies."


def referrals(text: str) -> dict[str, str]:
    """Return the sentence each matter in the text calls for, by the matter's name."""
    found = {kind: line for kind, pattern, line in _COMPILED if pattern.search(text)}
    if "pregnancy and breastfeeding" in found and not _CHILD.search(
        _UNBORN.sub(lambda said: said[0] if said["given"] else "", text)
    ):
        found.pop("children", None)
    return found


def referred(question: str, answer: str) -> str:
    """Return what is to stand under an answer: the sentences its matters call for, or the general one."""
    found = referrals(f"{question}\n{answer}")
    return " ".join(found.values()) or GENERAL
