"""Claims worded alike are told apart from their opposites by denials and words of direction."""

import pytest

from tasks.contradict import affirmed
from tasks.likeness import opposed, vote


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Statins raise cholesterol.", "Statins lower cholesterol."),
        ("The MMR vaccine causes autism.", "The MMR vaccine does not cause autism."),
        ("Metformin causes diabetes.", "Metformin lowers the risk of diabetes."),
        ("Ibuprofen harms the kidneys.", "Ibuprofen is good for the kidneys."),
        ("Garlic cures high blood pressure.", "Garlic hardly helps against high blood pressure."),
        ("The agency advises against hydroxychloroquine.", "Hydroxychloroquine is recommended."),
        ("Washing your hands is a waste of time.", "Washing your hands helps."),
        ("Antidepressants work within hours.", "Antidepressants work within weeks."),
        ("Iron pills are harmless.", "Iron pills can poison you."),
        ("A low TSH means an underactive thyroid.", "A low TSH means an overactive thyroid."),
        ("Iron in spinach is absorbed better than iron in steak.", "Iron in steak is absorbed better than in spinach."),
        ("Statins work better than fibrates.", "Fibrates work better than statins."),
    ],
)
def test_the_opposite_is_noticed_both_ways(one: str, other: str) -> None:
    assert opposed(one, other) and opposed(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hydroxychloroquine protects against COVID-19.", "Hydroxychloroquine prevents COVID-19."),
        ("Vitamin C does not ward off colds.", "Vitamin C never prevented a cold."),
        ("Smoking causes cancer.", "Smoking increases the risk of cancer."),
        ("It is not true that statins do not work.", "Statins work."),
        ("Depression is not just sadness.", "Depression is more than sadness."),
        ("Cranberry juice is useless for cystitis.", "Cranberry juice does not help with cystitis."),
        ("The DASH diet brings high blood pressure down.", "The DASH diet lowers high blood pressure."),
        ("", "Statins work."),
        ("Statins work better than fibrates.", "Statins work better for the heart than fibrates do."),
        ("Statins are no better than fibrates.", "Statins work no better than fibrates."),
    ],
)
def test_other_words_for_the_same_are_not_taken_for_the_opposite(one: str, other: str) -> None:
    assert not opposed(one, other) and not opposed(other, one)


@pytest.mark.parametrize(
    ("claim", "known", "sign", "side"),
    [
        ("Alcohol improves sleep.", "Alcohol does not affect sleep.", -1, 0),
        ("Alcohol has no effect on sleep.", "Alcohol improves sleep.", -1, 0),
        ("Alcohol improves sleep.", "Alcohol does not affect sleep.", 1, -1),
        ("Salt makes no difference.", "Salt has no effect.", -1, -1),
        ("Garlic lowers blood pressure.", "It is certain that garlic lowers blood pressure.", -1, 0),
        ("Garlic lowers blood pressure.", "The evidence that garlic lowers blood pressure is weak.", 1, 0),
        ("Garlic is proven to lower blood pressure.", "It is certain that garlic lowers blood pressure.", -1, -1),
        ("Ibuprofen interferes with aspirin.", "Ibuprofen now and then hardly interferes with aspirin.", 1, 0),
        ("Snoring means sleep apnoea.", "Everyone who snores has sleep apnoea.", -1, 0),
        ("Not everyone who snores has sleep apnoea.", "Everyone who snores has sleep apnoea.", -1, 1),
        ("Statins raise cholesterol.", "Statins lower cholesterol.", 1, -1),
        ("Insulin is dangerous in pregnancy.", "Insulin is the safest medicine in pregnancy.", 1, -1),
        ("Statins lower cholesterol.", "Statins lower cholesterol.", 1, 1),
        ("A fever isn't an illness, it's a defence.", "A fever can help as a defence.", 1, 0),
        ("Shots won't help, the disease can't be stopped.", "Shots prevent the disease.", 1, 0),
    ],
)
def test_a_known_claim_votes_only_where_something_follows_from_it(claim: str, known: str, sign: int, side: int) -> None:
    assert vote(claim, known, sign) == side


@pytest.mark.parametrize(
    ("claim", "known"),
    [
        (
            "If you do not drink enough water you can get kidney stones.",
            "Drinking water prevents kidney stones.",
        ),
        ("If gout is not treated it can harm the joints.", "Gout can harm the joints."),
        ("Children who are not vaccinated are at risk of measles.", "Vaccinated children are at risk of measles."),
        ("Without enough water, kidney stones form more easily.", "With enough water kidney stones form more easily."),
        ("Spots come from not washing enough.", "Spots do not come from dirty skin."),
        ("Scurvy is caused by never eating fruit.", "Scurvy is caused by eating fruit."),
    ],
)
def test_a_denial_in_a_condition_denies_nothing(claim: str, known: str) -> None:
    """These were called false, for the denial was carried over to what is said."""
    assert vote(claim, known, 1.0) == vote(known, claim, 1.0) == 0.0
    assert affirmed(claim) is None


@pytest.mark.parametrize(
    ("claim", "known"),
    [
        ("The HPV vaccine prevents cervical cancer.", "HPV causes cervical cancer."),
        ("Chemotherapy does more harm than good.", "Chemotherapy can harm healthy cells."),
        ("The side effects of statins outweigh their benefit.", "Statins have side effects."),
    ],
)
def test_a_vaccine_is_not_its_virus_and_a_harm_not_the_balance(claim: str, known: str) -> None:
    assert vote(claim, known, 1.0) == vote(claim, known, -1.0) == vote(known, claim, 1.0) == 0.0
    assert vote("Measles shots protect children.", "Vaccines protect children from measles.", 1.0) == 1.0


def test_what_gives_you_an_illness_does_not_prevent_one() -> None:
    """By what helps to prevent pneumonia, "The flu shot gives you the flu" was called true."""
    assert vote("The flu shot gives you the flu.", "The flu shot helps prevent pneumonia.", 1.0) == -1.0
    assert vote("Smoking gives you wrinkles.", "Smoking causes wrinkles.", 1.0) == 1.0
    assert vote("Ibuprofen gives people relief.", "Ibuprofen eases pain.", 1.0) == 1.0


def test_what_gives_you_something_good_does_not_harm() -> None:
    """By "Alcohol gives you deep sleep", which its card refutes, alcohol was said to improve sleep."""
    for good in ("deep sleep", "sound sleep", "a better night", "stronger bones"):
        assert vote("Zorvil improves health.", f"Zorvil gives you {good}.", -1.0) == -1.0
    assert vote("Zorvil improves sleep.", "Zorvil spoils your sleep.", 1.0) == -1.0
    assert vote("Zorvil disturbs sleep.", "Zorvil improves sleep.", -1.0) == 1.0


@pytest.mark.parametrize(
    ("claim", "known", "sign", "side"),
    [
        ("Gout can be cured.", "Gout can be treated.", 1.0, 0.0),
        ("Gout can be cured.", "Gout cannot be treated.", -1.0, 0.0),
        ("Zorvil cures colds.", "Zorvil helps with a cold.", -1.0, -1.0),
        ("Zorvil helps with a cold.", "Zorvil cures colds.", 1.0, 1.0),
        ("Zorvil helps with a cold.", "Zorvil cures colds.", -1.0, 0.0),
        ("Zorvil does not cure colds.", "Zorvil helps with a cold.", 1.0, 0.0),
        ("Zorvil does not cure colds.", "Zorvil helps with a cold.", -1.0, 1.0),
        ("Zorvil cures colds.", "Zorvil can cure a cold.", 1.0, 1.0),
    ],
)
def test_what_helps_need_not_cure(claim: str, known: str, sign: float, side: float) -> None:
    """By "High blood pressure can be treated" it was said to be curable."""
    assert vote(claim, known, sign) == side


def test_what_is_not_the_only_cause_may_be_one() -> None:
    assert vote("Sugar causes diabetes.", "Sugar is the sole cause of diabetes.", -1.0) == 0.0


@pytest.mark.parametrize(
    ("claim", "known", "sign", "side"),
    [
        ("The pill causes cancer.", "The pill causes ovarian cancer.", -1.0, 0.0),
        ("Tumours cause pain.", "Brain tumors cause pain.", -1.0, 0.0),
        ("Smoking causes cancer.", "Smoking causes lung cancer.", 1.0, 1.0),
        ("Smoking does not cause cancer.", "Smoking causes lung cancer.", 1.0, -1.0),
        ("The pill does not cause cancer.", "The pill causes ovarian cancer.", -1.0, 0.0),
        ("The pill causes ovarian cancer.", "The pill causes ovarian cancer.", -1.0, -1.0),
        ("All tumours are cancer.", "All brain tumours are cancer.", -1.0, -1.0),
        ("Aspirin is recommended in pregnancy.", "Full-dose aspirin is recommended in late pregnancy.", -1.0, 0.0),
        ("Ibuprofen is safe in pregnancy.", "Ibuprofen is safe in late pregnancy.", -1.0, -1.0),
    ],
)
def test_what_is_not_true_of_some_may_be_of_others(claim: str, known: str, sign: float, side: float) -> None:
    assert vote(claim, known, sign) == side


def test_a_medicine_is_not_its_illness_and_what_is_bad_for_the_ill_need_not_cause_it() -> None:
    """High blood pressure was said to cause headaches by what its medicine does, and sugar diabetes in the same way."""
    assert vote("High blood pressure causes headaches.", "Blood pressure medicine may give you a headache.", 1.0) == 0.0
    assert vote("Eating sugar causes diabetes.", "Lots of sugary food is bad for people with diabetes.", 1.0) == 0.0
    assert vote("Sugar is bad in diabetes.", "Lots of sugar is bad in diabetes.", 1.0) == 1.0


@pytest.mark.parametrize(
    ("claim", "known", "sign"),
    [
        ("Condoms always prevent HIV.", "Condoms help prevent HIV.", 1.0),
        ("A stroke causes only weakness.", "Weakness is no sign of stroke.", -1.0),
        ("Babies need vitamin K.", "Babies are born with plenty of vitamin K.", -1.0),
        ("People with diabetes need insulin.", "People with type 1 diabetes need insulin.", 1.0),
        ("A keto diet helps with epilepsy.", "A keto diet helps children with epilepsy.", 1.0),
        ("High blood pressure needs medicine.", "Some people need medicine for high blood pressure.", 1.0),
        ("HIV spreads through kissing.", "HIV spreads mostly through kissing.", -1.0),
        ("Stress makes ulcers worse.", "Stress gives you ulcers.", -1.0),
        ("Aspirin prevents heart attacks.", "Aspirin helps during heart attacks.", 1.0),
        ("Coeliac disease is treated with a gluten-free diet.", "Give up gluten before getting tested for it.", -1.0),
        ("Skipping the MMR vaccine causes autism.", "The MMR vaccine causes autism.", -1.0),
    ],
)
def test_what_is_said_of_more_or_of_another_matter_is_not_settled(claim: str, known: str, sign: float) -> None:
    """Each was a wrong yes or no, found by questions that were written to provoke one."""
    assert vote(claim, known, sign) == 0.0


def test_one_exception_is_enough_against_what_is_said_of_all() -> None:
    said = "A heart attack can come without chest pain."
    assert vote("A heart attack is always serious.", "A heart attack is harmless.", -1.0) == 0.0
    assert vote("Brain tumours are always cancer.", "Brain tumours are never cancer.", 1.0) == -1.0
    assert vote("All tumours are cancer.", "All tumours are cancer.", -1.0) == -1.0
    assert vote(said, said, 1.0) == 1.0


def test_what_is_caught_from_something_is_made_by_it() -> None:
    """The flu was to be caught from a flu shot, by "The flu shot can prevent the flu"."""
    assert vote("You can catch the flu from a flu shot.", "The flu shot can prevent the flu.", 1.0) == -1.0
    assert vote("You can catch the flu from a flu shot.", "The flu shot gives you the flu.", -1.0) == -1.0


@pytest.mark.parametrize(
    ("claim", "known", "sign", "side"),
    [
        ("Flu shots give you the flu.", "Flu shots give you pneumonia.", -1.0, 0.0),
        ("The flu shot gives you flu.", "The flu shot gives people the flu.", -1.0, -1.0),
        ("Flu is caused by bacteria.", "Antibiotics cure the flu.", -1.0, 0.0),
        ("Flu is caused by bacteria.", "Flu is caused by a virus.", 1.0, -1.0),
        ("It is fine to drink on zorvil.", "A pharmacist knows about drinking on zorvil.", 1.0, 0.0),
        ("It is fine to drink on zorvil.", "Drinking on zorvil can harm the liver.", 1.0, -1.0),
        ("Sweets are fine in diabetes.", "People with diabetes can eat sweets.", 1.0, 1.0),
    ],
)
def test_an_illness_its_origin_and_leave_are_told_apart(claim: str, known: str, sign: float, side: float) -> None:
    assert vote(claim, known, sign) == side
