"""One amount in two spellings is one, and by a passage that names another no claim is called true."""

import pytest

from models.claims import check
from tasks.amounts import amounts, other_amounts
from tasks.evidence import Found
from tasks.health_claims import REFUTES, SILENT, SUPPORTS
from tasks.restraint import restrained
from tasks.spec import Example, Prediction
from tasks.verdict import FALSE, TRUE, UNKNOWN, Verdict


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("Adults can take 8 g of paracetamol.", "The limit is 4,000 mg a day."),
        ("Take sixty milligrams of zorvil.", "Zorvil 6 mg is taken daily."),
        ("Leave 3 minutes between the two.", "The gap is no less than 30 minutes."),
        ("Zorvil is dosed at 0.5 g/kg.", "Zorvil is dosed at 0.5 mg/kg."),
        ("Twenty tablets a day are allowed.", "Two tablets a day are allowed."),
        ("Up to eight paracetamol tablets are fine.", "Two paracetamol tablets are fine."),
        ("It works in 13 percent of people.", "It works in 31% of people."),
        ("Take it three times a day.", "Take it once a day."),
        ("The most is 40 000 units.", "The most is 4 000 IU."),
        ("Take 5-10 mg.", "Take 5 mg."),
        ("Start at age 30.", "Start at age 60."),
        ("It starts in week 2.", "It starts between week 12 and week 28."),
    ],
)
def test_another_amount_is_noticed(claim: str, passage: str) -> None:
    assert other_amounts(claim, passage)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("4 g", "4,000 mg"),
        ("0.40 mg", "0.4 mg"),
        ("four thousand milligrams", "4 000 mg"),
        ("400 mcg", "0.4 mg"),
        ("250 \N{GREEK SMALL LETTER MU}g", "roughly 250 \N{MICRO SIGN}g"),
        ("two tablets", "2 tablets"),
        ("1 day", "24 hours"),
        ("half an hour", "30 minutes"),
        ("5-10 mg", "5 to 10 mg"),
        ("twice a day", "two times a day"),
        ("a ten-week course", "10 weeks"),
        ("twelve months", "one year"),
        ("81-mg aspirin", "81 mg aspirin"),
        ("a single dose", "one dose"),
    ],
)
def test_one_amount_in_two_spellings_is_one(one: str, other: str) -> None:
    assert amounts(one) == amounts(other) != set()


@pytest.mark.parametrize(
    "text",
    [
        "COVID-19 lasts hours.",
        "Vitamin B12 tablets help.",
        "5G is safe.",
        "Type 2 diabetes.",
        "A limit of 4,000 a day.",
    ],
)
def test_a_number_without_a_unit_is_no_amount(text: str) -> None:
    assert amounts(text) == set()


def test_of_a_kind_that_a_passage_does_not_name_none_is_another() -> None:
    assert not other_amounts("After 2 doses 97% are protected.", "97% of adults are protected.")


@pytest.mark.parametrize(
    ("claim", "passage", "held"),
    [
        ("The daily dose of zorvil is 20 mg.", "The daily dose of zorvil is 20 mg.", False),
        ("The daily dose of zorvil is 200 mg.", "The daily dose of zorvil is 20 mg.", True),
        ("The daily dose of zorvil is 200 mg.", "Zorvil is taken daily.", True),
        ("The usual dose of zorvil is raised in winter.", "Zorvil is taken daily.", True),
        ("Zorvil 90 mg helps women at high risk of gout.", "Zorvil helps women at high risk of gout.", True),
        ("Adults should get no more than 50 g of sugar a day.", "Adults should get under 50 g of sugar.", False),
        ("Taking 30 tablets of zorvil can kill.", "An overdose of zorvil can kill.", False),
        ("Low-dose aspirin is sometimes advised in pregnancy for women at high risk.", "It is advised.", False),
        ("Zorvil works in 97% of adults.", "Zorvil works in 79% of adults.", True),
        ("Zorvil works in 97% of adults.", "Zorvil works in most adults.", False),
    ],
)
def test_a_dose_that_the_passage_does_not_name_is_not_called_true(claim: str, passage: str, held: bool) -> None:
    given = Verdict(TRUE, {"entailment": 0.9}, ("card",), "so")
    found = restrained(claim, given, passage)
    assert found.withheld is held and (held or found is given)


def test_the_check_compares_the_amounts_of_the_claim_with_the_passage_that_decides() -> None:
    def sure(examples: list[Example]) -> list[Prediction]:
        return [Prediction(SUPPORTS, SUPPORTS, {SUPPORTS: 0.9, REFUTES: 0.05, SILENT: 0.05}) for _ in examples]

    card = Found("card", "For adults the upper limit is 4,000 mg of zorvil.", 0.9, kind="guideline")
    assert check("Adults may have at most 4 g of zorvil.", lambda text, k: [card], sure).verdict.label != FALSE
    found = check("The upper limit for adults is 40,000 mg of zorvil.", lambda text, k: [card], sure)
    assert found.verdict.label == UNKNOWN and "another amount" in found.verdict.why
    assert check("The upper limit for adults is 4 g of zorvil.", lambda text, k: [card], sure).verdict.label == TRUE


def test_what_is_said_of_other_amounts_refutes_nothing_where_a_passage_names_the_claims_own() -> None:
    """One dose and 93% beside two doses and 97%; alone, the other amounts still count."""
    one = Found("one", "A single dose of zorvil vaccine is about 93% effective.", 1.0, kind="reference")
    two = Found("two", "After two doses zorvil vaccine is about 97% effective.", 0.9, kind="reference")

    def read(examples: list[Example]) -> list[Prediction]:
        shares = [(0.2, 0.7, 0.1) if "93%" in example.context else (0.7, 0.2, 0.1) for example in examples]
        return [Prediction(None, "", dict(zip((SUPPORTS, REFUTES, SILENT), three, strict=True))) for three in shares]

    claim = "The zorvil vaccine is about 97% effective after two doses."
    assert check(claim, lambda text, k: [one, two], read).verdict.label == TRUE
    assert check(claim, lambda text, k: [one], read).verdict.label == FALSE


def test_a_blood_pressure_is_an_amount_of_its_own() -> None:
    assert amounts("Blood pressure of 120/80 is high") == {("pressure", 120080.0)}
    assert amounts("24/7, 50/50, 12/11/2020 and 1/2") == set()
    assert other_amounts("120/80 is high.", "High is 140/90 or more.")
    assert not other_amounts("140/90 is high.", "High is 140/90 or more.")
