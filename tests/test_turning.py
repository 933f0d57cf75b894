"""A follow-up that turns to something else is answered by what names it, or not at all."""

import pytest

from models.answering import reply
from tasks.dialogue import leant_on, rewritten
from tasks.evidence import Found
from tasks.population import asked_for
from tasks.spec import Turn
from tasks.turning import turned

ASPIRIN = "Is aspirin recommended in pregnancy?"
TASK_FORCE = "A task force recommends low-dose aspirin in pregnancies at high risk of preeclampsia."
CHILDREN = "Aspirin is not to be given to children with a viral infection."


def after(*questions: str) -> tuple[str, list[str]]:
    """Return what the last question is searched with, and the questions from the one it leans on to itself."""
    history = [Turn("user", question) for question in questions[:-1]]
    return rewritten(questions[-1], history), [*leant_on(questions[-1], history), questions[-1]]


@pytest.mark.parametrize(
    ("follow", "fits", "misses"),
    [
        ("And for men?", "Low-dose aspirin is for men at risk, too.", TASK_FORCE),
        (
            "And for children?",
            "In pregnancy, aspirin harms some children.",
            "Aspirin up to the birth of the baby; pregnancy.",
        ),
        ("And for children?", CHILDREN, "Children may have yoghurt."),
        ("and for my 3-year-old?", CHILDREN, TASK_FORCE),
        ("Is it safe for kids?", CHILDREN, TASK_FORCE),
        ("What about older people?", "Aspirin is not for those aged 60 or above.", TASK_FORCE),
        ("What about paracetamol?", "Acetaminophen is thought to be safe.", TASK_FORCE),
        ("how about smoking?", "Smokers have smaller babies.", TASK_FORCE),
        ("What about women who are not pregnant?", "Aspirin does little for healthy women.", TASK_FORCE),
        ("and after birth?", "Aspirin may be taken after giving birth.", TASK_FORCE),
        ("and when breastfeeding?", "Aspirin passes into breast milk.", TASK_FORCE),
        ("with warfarin?", "Aspirin with warfarin makes bleeding likelier.", "Warfarin thins the blood."),
        ("And what about vitamin D?", "Vitamins C and D were tried.", "Vitamin C was tried for a day."),
        ("ok, and the flu vaccine?", "The influenza jab is safe.", "The MMR vaccine is safe."),
        ("and ear infections?", "Most ear infections pass.", "Early infections pass."),
        ("why?", TASK_FORCE, ""),
        ("is it dangerous?", TASK_FORCE, ""),
        ("how much should I take?", TASK_FORCE, ""),
        ("What are the side effects?", TASK_FORCE, ""),
    ],
)
def test_what_a_follow_up_turns_to_has_to_be_named(follow: str, fits: str, misses: str) -> None:
    """By its own word, another name of it, or a word for the same people; what only leans asks for nothing."""
    about = turned(after(ASPIRIN, follow)[1])
    assert about.fits(fits)
    assert not misses or not about.fits(misses)


@pytest.mark.parametrize(
    ("medicine", "warning", "fits"),
    [
        ("ibuprofen", "From about week 20 of pregnancy NSAID painkillers are best avoided.", True),
        ("naproxen", "Anti-inflammatory painkillers are best avoided in pregnancy.", True),
        ("simvastatin", "Statins are mostly stopped in pregnancy.", True),
        ("sertraline", "Antidepressants in pregnancy are a matter for a doctor.", True),
        ("paracetamol", "NSAID painkillers are best avoided in pregnancy.", False),
        ("NSAIDs", "Ibuprofen is best avoided in pregnancy.", False),
    ],
)
def test_what_is_said_of_a_kind_of_medicine_is_said_of_its_own(medicine: str, warning: str, fits: bool) -> None:
    """The warning on its kind was passed over, and the follow-up found nothing."""
    for follow in ("And in pregnancy?", "What about when pregnant?"):
        assert turned(after(f"Is {medicine} safe?", follow)[1]).fits(warning) is fits


@pytest.mark.parametrize(
    "follow",
    [
        "Can my husband take it with ibuprofen?",
        "Can a man take it with ibuprofen?",
        "I am a woman, is it safe with ibuprofen?",
        "and for my husband?",
        "what about my wife?",
        "My father is on ibuprofen, may he have it?",
        "I'm an adult, can I take it with ibuprofen?",
        "could an adult male have it together with ibuprofen?",
    ],
)
def test_who_takes_it_is_no_turn(follow: str) -> None:
    """What warns of the two together need not name men, women or adults."""
    about = turned(after("Is aspirin safe?", follow)[1])
    assert about.fits("Aspirin and ibuprofen together make bleeding likelier.") and not about.groups


@pytest.mark.parametrize(
    ("follow", "group"),
    [
        ("is it safe for women?", "women"),
        ("Does it work in older men?", "older"),
        ("does it also work in most men?", "men"),
        ("how much for adults?", "adults"),
        ("what about women?", "women"),
        ("can my little girl have it?", "children"),
    ],
)
def test_a_turn_to_people_is_kept(follow: str, group: str) -> None:
    assert turned(after("Is aspirin safe?", follow)[1]).groups == (group,)


def test_what_was_turned_to_stays_until_something_else_is() -> None:
    _, asked = after("Can I take ibuprofen?", "What about paracetamol?", "is it safer?")
    assert turned(asked).things == ("paracetamol",)
    _, asked = after("Can I take ibuprofen?", "What about paracetamol?", "And for children?", "and garlic?")
    assert turned(asked).things == ("garlic",) and turned(asked).groups == ("children",)
    assert turned(["What is gout?"]).fits("Anything.")


def test_people_of_an_earlier_question_are_not_carried_to_others() -> None:
    assert after(ASPIRIN, "And for men?")[0] == "And for men? (aspirin)"
    assert after(ASPIRIN, "And for my 3-year-old?")[0].endswith("(aspirin)")
    assert after(ASPIRIN, "What about paracetamol?")[0].endswith("(aspirin pregnancy)")
    assert after(ASPIRIN, "And for women?")[0].endswith("(aspirin pregnancy)")
    assert asked_for("women who are not pregnant") == ["women"]


def test_who_to_ask_is_said_of_the_whole_conversation() -> None:
    """Of the questions a follow-up leans on as they were put, and of a pregnancy whatever is asked after it."""

    def referral(*questions: str) -> str:
        history = [Turn("user", question) for question in questions[:-1]]
        *_, end = reply(questions[-1], history, lambda q, k: [], lambda q, c: [])
        return end.referral

    assert "midwife" in referral("I am pregnant. Can I take ibuprofen?", "What about paracetamol?")
    assert "midwife" in referral("I'm pregnant", "Does garlic lower blood pressure?")
    for follow in ("is it safer?", "why?", "thanks", "What about codeine?"):
        combined = "Before combining" in referral("Can I take ibuprofen if I'm already on aspirin?", follow)
        assert combined is (follow != "thanks")
    assert "midwife" not in referral("Is aspirin recommended in pregnancy?", "Does garlic lower blood pressure?")


def test_nothing_is_quoted_that_names_nothing_of_what_was_asked() -> None:
    """However near the sentences about the question of before lie."""
    found = [Found("a", f"{TASK_FORCE} It is begun after week twelve.", 0.9), Found("b", CHILDREN, 0.4)]

    def quoted(question: str) -> list[str]:
        *_, end = reply(question, [Turn("user", ASPIRIN)], lambda q, k: found, lambda q, c: [0.9] * len(c))
        return [quote.text for quote in end.quotes]

    assert quoted("And for children?") == [CHILDREN]
    assert quoted("And for men?") == quoted("What about paracetamol?") == []
    assert quoted("why?")[:2] == [TASK_FORCE, "It is begun after week twelve."]


def test_another_remedy_is_asked_about_with_the_same_partner() -> None:
    """What is said of paracetamol alone would sound like leave to take it with warfarin."""
    about = turned(["Can I take ibuprofen with warfarin?", "and paracetamol?"])
    assert about.fits("Paracetamol in high doses may act on warfarin.")
    assert not about.fits("Painkillers are of two kinds: paracetamol, and others such as ibuprofen.")
    alone = turned(["Can I take ibuprofen with food?", "and paracetamol?"])
    assert alone.fits("Paracetamol may be taken with or without a meal.")
