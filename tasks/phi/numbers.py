"""Numbers of records, accounts, licences, devices and persons: by the label before them, else by their form.

Knows nothing of telephone numbers and dates.
"""

import re

from tasks.phi import word_set
from tasks.phi.sheet import Sheet

IGNORE = re.IGNORECASE

_GAP = r"[ \t]{0,3}"
_SIGN = r"(?:(?:numbers?|num|no|nr|nbr|id|code)\b\.?|#s?|№)"
_STRONG = """
    mrn, m.r.n, mr#, mr #, mrno, medical record, med rec, medical rec, ssn, ss#, social security, soc sec, npi, dea
    csn, hicn, mbi, vin, acct, driver's license, drivers license, driver's licence, driver license, driving licence
    passport, nhs, nino, aadhaar, medicare, medicaid, accession, member id, subscriber id, beneficiary id
    patient id, pt id, employee id, student id, national id, tax id, health plan id, study id, device id
    insurance id, badge id, id badge, veteran id, provider id, document id, dictation id, job id, group id
    prescriber id, encounter id, visit id, specimen id, participant id, inmate id, case id, record id, account id
    state id, license plate, policy number, account number, case number, claim number, fin, hospital number, imei
    ein, curp, nie, ohip, chi number, unos id, transplant id, bank account, routing number, booking number
    wristband number, record number, chart number, serial number, confirmation code
"""
_WEAK = """
    account, record, chart, case, policy, license, licence, lic, certificate, cert, visit, encounter, specimen
    claim, authorization, auth, prior authorization, prior auth, group, plan, contract, hospital, unit, badge
    employee, order, reference, ref, confirmation, request, prescription, rx, job, document, dictation, report
    file, folder, member, subscriber, insurance, beneficiary, referral, ticket, serial, device, implant, pacemaker
    plate, dl, s/n, sn, registration, reg, pathology, path, surgical, id, identification, identifier, patient, pt
    study, invoice, docket, permit, tracking, protocol, hn, ur, hosp, iban, card, mr, medical, health, consent
    bill, billing, statement, transaction, check, cheque, enrollee, provider, unit record, lab, sample, barcode
    tag, bracelet, inmate, booking, participant, trial, complaint, incident, police report
"""
_PLAIN = """
    account, chart, badge, policy, license, licence, lic, certificate, encounter, visit, specimen, claim, serial
    member, subscriber, group, registration, inmate, booking, sn, s/n, dl, plate, participant, invoice
    police report, card, ur, enrollee, record, file, case, docket, subject
"""
"""Labels that need no sign where what follows looks like no measurement."""


def _labels(text: str) -> list[str]:
    return [label for label in re.split(r"[,\s]*\n\s*|,\s+", text) if label]


def _first_words(labels: str) -> frozenset[str]:
    """Return the words with which labels begin, as a text's index has them."""
    return frozenset(re.split(r"[^a-z]", label)[0] for label in _labels(labels))


def _as_pattern(labels: str) -> str:
    longest_first = sorted(_labels(labels), key=len, reverse=True)
    return "|".join(re.escape(label).replace(r"\ ", "[ _-]?") for label in longest_first)


_STRONG_WORDS, _WEAK_WORDS, _PLAIN_WORDS = _first_words(_STRONG), _first_words(_WEAK), _first_words(_PLAIN)
_VALUE = r"(?=[A-Z0-9./-]{0,24}\d)[A-Z0-9](?:[./-]?[A-Z0-9]){2,27}"
_SAID = rf"{_GAP}\)?(?:(?:is|was|of|ending in|ends in|as){_GAP})?[:=#-]{{0,2}}{_GAP}#?[(\[]?"
_LABELLED = re.compile(rf"(?:{_as_pattern(_STRONG)})s?\.?(?:{_GAP}{_SIGN})?{_SAID}(?P<value>{_VALUE})(?!\w)", IGNORE)
_SIGNED = re.compile(rf"(?:{_as_pattern(_WEAK)})s?\.?{_GAP}{_SIGN}{_SAID}(?P<value>(?:\d:)?{_VALUE})(?!\w)", IGNORE)
_LIKE_A_NUMBER = r"(?=[A-Z0-9-]{0,24}(?:\d{5}|[A-Z]-?\d{4}|\d{2}-\d{3}|\d{3}-?[A-Z]))"
_COLON = re.compile(
    rf"(?:{_as_pattern(_WEAK)}){_GAP}[:=]{_GAP}#?(?P<value>{_LIKE_A_NUMBER}{_VALUE}|(?!19"
    rf"|20)\d{{4}}(?:-[A-Z0-9]{{1,6}})?)(?![\w/])",
    IGNORE,
)
_UNSIGNED = re.compile(
    rf"(?:{_as_pattern(_PLAIN)})(?: (?:RN|MD|LPN|NP|PA|DO))?[ \t](?:is )?"
    rf"(?P<value>(?=[A-Z0-9-]{{0,24}}(?:\d{{5}}|[A-Z]{{1,4}}-?\d{{4}}|\d{{2,}}-\d{{2,}}-?\d|[A-Z]{{2}}\d{{3}}"
    rf"|\d{{3,}}-\d{{3}}))"
    rf"{_VALUE}|(?<=[Bb]adge )\d{{3,5}})(?![\w/]|\.\d)",
    IGNORE,
)
_SPACED_WORDS = word_set("nhs ssn social medicare medicaid aadhaar member card policy iban security ohip health")
_SPACED = re.compile(
    rf"(?:nhs|ssn|social security|medicare|medicaid|aadhaar|member|card|policy|iban"
    rf"|ohip)(?: {_SIGN})?[ \t]?(?:is )?[:#]?{_GAP}"
    r"(?P<value>[A-Z]{0,3}\d[A-Z0-9]{1,4}(?: (?=[A-Z]{0,3}\d)[A-Z0-9]{2,5}){1,6})(?!\w)",
    IGNORE,
)
_GROUPED_WORDS = word_set("mrn medical record account claim chart hospital unit va")
_GROUPED = re.compile(
    rf"(?:mrn|medical record|record|account|claim|chart|hospital|unit|va claim)(?: {_SIGN})?[ \t]?(?:is )?[:#]?{_GAP}"
    r"(?P<value>(?:[A-Z] )?\d{2,4}(?: \d{2,4}){2,4})(?!\w|[./]\d)",
    IGNORE,
)
_SSN = re.compile(r"(?:\d{3}|[X*]{3})(?<![\w-]...)[-–](?:\d{2}|[X*]{2})[-–]\d{4}(?![\w-]|/\d)", IGNORE)
_DIGITS_OF_INSURED = r"[ -]?(?:\d{2}[ -]?){3}[A-D](?!\w)"
_NATIONAL_INSURANCE = re.compile(
    rf"(?:n\.?i\.?(?:no)?|national insurance)(?:{_GAP}{_SIGN})?{_SAID}(?P<value>[A-Z]{{2}}{_DIGITS_OF_INSURED})", IGNORE
)
_NATIONAL_INSURANCE_BARE = re.compile(rf"(?<![\w-])[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]{_DIGITS_OF_INSURED}")
_LAST_FOUR = re.compile(
    r"(?:ending in|ends in|last 4|last four)(?: digits?)?(?: are| is| of (?:ssn|card))?:? ?(?P<value>\d{4})\b", IGNORE
)
_BARE = re.compile(
    r"(?:\d{7,15}|[A-Z]{1,4}-?\d{6,12}|[A-Z]{1,3}-?\d{2}-\d{3,7}|\d{3,5}-\d{3,5}-\d{3,6}"
    r"|(?=[A-Z]{0,15}\d)[A-HJ-NPR-Z0-9]{17})"
    r"(?!\w|[.,/-]\d)"
)
_BARE_BEFORE = re.compile(r"[\w.$,/+-]$")
_HASH = re.compile(r"#\d{5,}(?!\w)")
_MAC = re.compile(r"[0-9a-f]{2}(?<![\w:-]..)(?P<sign>[:-])(?:[0-9a-f]{2}(?P=sign)){4}[0-9a-f]{2}(?![\w:-])", IGNORE)
_MEASURE = re.compile(
    rf"{_GAP}(?:copies|cells|[mµμ]?iu|units?|u/|/|x ?10|per|ml|mg|mcg|cc|k\b|mm|%|wbc|rbc|platelets?|steps|calor"
    r"|dollars)",
    IGNORE,
)
_COUNT = re.compile(
    r"(?:load|\bvl|hcg|count|titer|platelets?|wbc|rbc|level|copies|bnp|ck|cpk|ferritin|nct)\W{0,4}(?:of|was|is|at)?\W{0,3}$",
    IGNORE,
)


def _is_number(match: re.Match[str]) -> bool:
    """Return whether a long number is not a measurement."""
    after = match.string[match.end() : match.end() + 12]
    before = match.string[max(0, match.start() - 24) : match.start()]
    return not _MEASURE.match(after) and not _COUNT.search(before)


def _is_bare(match: re.Match[str]) -> bool:
    start = match.start()
    return not _BARE_BEFORE.match(match.string[start - 1 : start] if start else "") and _is_number(match)


def mark_numbers(sheet: Sheet) -> None:
    """Mark what a label or its form says to be the number of a record, an account, a licence, a person or a device."""
    sheet.mark_all("ID", _MAC)
    sheet.mark_all("ID", _SPACED, "value", words=_SPACED_WORDS)
    sheet.mark_all("ID", _GROUPED, "value", words=_GROUPED_WORDS)
    sheet.mark_all("ID", _LABELLED, "value", words=_STRONG_WORDS)
    sheet.mark_all("ID", _SIGNED, "value", words=_WEAK_WORDS)
    sheet.mark_all("ID", _COLON, "value", _is_number, words=_WEAK_WORDS)
    sheet.mark_all("ID", _UNSIGNED, "value", _is_number, words=_PLAIN_WORDS)
    sheet.mark_all("ID", _SSN)
    sheet.mark_all("ID", _NATIONAL_INSURANCE, "value", words=("ni", "n", "nino", "national"))
    sheet.mark_all("ID", _NATIONAL_INSURANCE_BARE)
    sheet.mark_all("ID", _LAST_FOUR, "value", words=("ending", "ends", "last"))


def mark_bare_numbers(sheet: Sheet) -> None:
    """Mark long numbers that nothing labels; dates and telephone numbers must have been marked before."""
    sheet.mark_all("ID", _HASH)
    sheet.mark_all("ID", _BARE, 0, _is_bare)
