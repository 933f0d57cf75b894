"""What counts as saying a sentence again."""

import pytest

from tasks.passage import gainsaid, restated, told

METFORMIN = "Metformin lowers blood sugar in people with type 2 diabetes."


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (METFORMIN, METFORMIN),
        ("metformin lowers blood sugar in type 2 diabetes", METFORMIN),
        ("Metformin lowers blood sugar.", "Metformin lowers blood sugar in people with diabetes."),
    ],
)
def test_a_sentence_is_said_again_with_words_left_out(said: str, sentence: str) -> None:
    assert restated(said, sentence)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("Metformin cures type 2 diabetes.", METFORMIN),
        ("Blood sugar lowers metformin.", METFORMIN),
        ("It is used for type 1 diabetes.", "It is not used for type 1 diabetes."),
        ("Zorvil causes rashes.", "Zorvil rarely causes rashes."),
        ("Zorvil cause rashes.", "Zorvil may cause rashes."),
        ("Zorvil helps.", "Zorvil helps only if it is taken daily."),
        ("Zorvil is safe.", "The claim that Zorvil is safe was withdrawn."),
        ("Zorvil eases pain in adults.", "Zorvil eases " + "very " * 9 + "pain in adults."),
        ("", METFORMIN),
        ("...", ""),
    ],
)
def test_what_weighs_may_not_be_left_out(said: str, sentence: str) -> None:
    assert not restated(said, sentence)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("Take 5 mg once a day.", "Take 0.5 mg once a day."),
        ("Take 5 mg once a day.", "Take .5 mg once a day."),
        ("Take 500 mg once a day.", "Take 1,500 mg once a day."),
        ("Take 500 mg once a day.", "Take 1 500 mg once a day."),
        ("Take 400 g once a day.", "Take 400 \N{MICRO SIGN}g once a day."),
        ("Take 10 mg of Zorvil.", "Take 10 mg/kg of Zorvil."),
        ("Take 10 mg of Zorvil.", "Take 10 mg per kg of Zorvil."),
        ("Treat a pressure >140 at once.", "Treat a pressure <140 at once."),
        ("Treat a score of 2.5 at once.", "Treat a score of -2.5 at once."),
        ("Zorvil helped 30 of the adults.", "Zorvil helped 30% of the adults."),
        ("Take 500 mg at once.", "Принимайте 500 мг сразу."),
        ("一次服用 500 毫克。", "Take 500 mg at once."),
        ("Принимайте аспирин с варфарином вечером.", "Не принимайте аспирин с варфарином вечером."),
        ("Nehmen Sie Aspirin mit Warfarin.", "Nehmen Sie Aspirin nicht mit Warfarin."),
        (
            "A daily 4 mg of folic acid is recommended.",
            "A daily 0.4 mg of folic acid, from before conception and into early pregnancy, is recommended.",
        ),
    ],
)
def test_another_number_sign_or_script_is_another_statement(said: str, sentence: str) -> None:
    assert not restated(said, sentence)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("Vitamin C causes scurvy.", "Lack of vitamin C causes scurvy."),
        ("Vitamin D causes bone pain.", "Vitamin D deficiency causes bone pain."),
        ("Insulin causes high blood sugar.", "Insulin resistance causes high blood sugar."),
        ("Iron damages the liver.", "Iron overload damages the liver."),
        ("Patients taking statins have heart attacks.", "Patients who stop taking statins have heart attacks."),
        ("Zorvil lowers blood pressure.", "Zorvil lowers blood pressure in mice."),
        ("Zorvil lowers fever in adults.", "Zorvil is new and aspirin lowers fever in adults."),
        ("Zorvil causes gout in adults.", "Does Zorvil causes gout in adults?"),
        ("Paracetamol.", "Paracetamol is a painkiller."),
    ],
)
def test_words_that_turn_a_fact_round_may_not_be_left_out(said: str, sentence: str) -> None:
    assert not restated(said, sentence)


@pytest.mark.parametrize("same", ["Take 0.5 mg daily if >140.", "Take 400 \N{GREEK SMALL LETTER MU}g.", "Paracetamol."])
def test_the_same_numbers_and_signs_are_the_same_statement(same: str) -> None:
    assert restated(same, same.upper().replace("\N{GREEK CAPITAL LETTER MU}", "\N{MICRO SIGN}"))


@pytest.mark.parametrize(
    ("said", "sentence", "wanted"),
    [
        ("It is used for type 1 diabetes.", "It is not used for type 1 diabetes.", True),
        ("Zorvil does not cure gout.", "Zorvil does cure gout.", True),
        ("Zorvil has an effect.", "Zorvil has no effect.", True),
        ("Zorvil is used for gout.", "Zorvil is not used for colds.", False),
        ("Zorvil is not used for gout.", "Zorvil is not used for gout.", False),
        ("Zorvil is used.", "Zorvil is rarely not used.", False),
        ("Paracetamol is safe.", "Paracetamol is not safe in large doses.", False),
        ("Metformin is used for diabetes.", "Metformin is not used for type 1 diabetes.", False),
        ("Zorvil was found to help adults.", "Zorvil was not found to help adults with nerve pain.", False),
        ("Zorvil is cause of gout.", "Zorvil is not the cause of gout.", True),
    ],
)
def test_a_denial_in_the_same_words_is_a_contradiction(said: str, sentence: str, wanted: bool) -> None:
    assert gainsaid(said, sentence) is wanted


@pytest.mark.parametrize(
    ("claim", "passage", "wanted"),
    [
        ("Zorvil cures most cases of gout.", "Zorvil cures most cases of gout; for colds it was not tried.", True),
        ("Gout hurts.", "Zorvil is new; gout hurts.", True),
        ("Zorvil is the cure of gout.", "Zorvil is not the cure of gout.", False),
        ("Zorvil is not the cure of gout.", "Zorvil is the cure of gout.", False),
        ("Zorvil is not the cure of gout.", "Zorvil is not the cure of gout.", True),
        ("Zorvil cures gout.", "Zorvil cures most cases of gout.", None),
        ("Zorvil cures gout.", "Zorvil may cure gout.", None),
        ("Zorvil cures gout.", "Zorvil cures gout in some people.", None),
        ("Zorvil is safe.", "Zorvil is safe with a doctor's advice.", None),
        ("Zorvil is safe.", "Zorvil is safe in late pregnancy.", None),
        ("Zorvil is safe.", "Zorvil is safe; but not in pregnancy.", None),
        ("Zorvil is safe.", "Zorvil is safe; this is so only in adults.", None),
        ("Zorvil is safe.", "Zorvil is safe; children are the exception.", None),
        ("Zorvil is 4 mg.", "Zorvil is 0.4 mg.", None),
        ("Zorvil is safe.", "Is zorvil safe?", None),
    ],
)
def test_a_claim_is_settled_only_by_the_same_words_whole(claim: str, passage: str, wanted: bool | None) -> None:
    """No hedge or condition of the passage may be lost."""
    assert told(claim, passage) is wanted


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("Codeine is approved for children.", "Codeine is approved for adults, contraindicated in children."),
        ("Ibuprofen is safe for infants.", "Ibuprofen is safe for adults, harmful for infants."),
        ("Aspirin is given to children.", "Aspirin is given to adults; avoided in children."),
        ("Codeine is given to children.", "Codeine is given to adults (as well as to older children)."),
    ],
)
def test_what_is_left_out_never_reaches_over_a_comma(said: str, sentence: str) -> None:
    assert not restated(said, sentence)


def test_an_opening_or_an_aside_may_be_left_out_whole() -> None:
    assert restated("Aspirin lowers the risk of stroke.", "In adults, aspirin lowers the risk of stroke.")
    assert restated("Statins lower cholesterol well.", "Statins (as a group) lower cholesterol well.")


def test_a_denial_of_a_group_gainsays_nothing() -> None:
    context = "Patients who are allergic to penicillin can have a severe reaction."
    assert not gainsaid("Patients who are not allergic to penicillin can have a severe reaction.", context)
