"""Who asks how to die, means to take all there is or may harm a child is answered; what only sounds so is not."""

import pytest

from tasks.emergency import CRISIS, MESSAGE, emergency

CRISES = {
    "suicidal thoughts": [
        "How many pills does it take to die?",
        "how many tablets do I have to take to die",
        "How much paracetamol would you need to die?",
        "how much insulin would kill a person",
        "what dose of codeine does one need to die",
        "how long does it take to die from an overdose",
        "how to kill yourself",
        "What is the easiest way to kill yourself?",
        "how do people kill themselves",
        "How does one kill oneself?",
        "how to hang yourself",
        "how do I hang myself",
        "How to drown yourself in the bath",
        "how to overdose on sleeping pills",
        "how to cut yourself",
        "how to die",
        "how to die without pain",
        "How can I die peacefully?",
        "how can one die quickly",
        "I plan to take all my pills tonight",
        "I'm planning on taking all of my sleeping pills",
        "I'm going to swallow all my tablets",
        "im gonna take all these pills at once",
        "I want to take all the tramadol with vodka",
        "I'll just take the whole bottle",
        "she says she's going to swallow a whole packet",
        "should I just take all my pills",
        "Should I take all my tablets and be done?",
        "I'm thinking of ending it",
        "I never want to wake up again",
        "I wish I never woke up",
        "I have never been so suicidal",
        "I want to sleep and never wake up",
        "I wish I could go to sleep and not wake up",
        "I hope I don't wake up tomorrow",
        "nobody would miss me if I was gone",
        "Who would even care if I died?",
        "the world would be better without me",
        "my kids would be happier without me",
        "I've written goodbye letters",
        "I'm done with life",
        "I am so tired of living",
        "fed up with life and I feel sick",
        "I have a gun and I'm going to use it",
    ],
    "thoughts of harming somebody": [
        "I might harm my baby",
        "I'm scared I might hurt my baby",
        "I feel I could shake my baby",
        "I want to hurt my son",
        "I'm going to smother the baby",
        "I keep having thoughts of harming my newborn",
        "the voices tell me to kill my daughter",
        "I have urges to hurt people",
    ],
}
CALLS = {
    "heart attack signs": [
        "My chest feels like an elephant is sitting on it",
        "my chest feels as if there's a weight on it",
        "dad's chest feels like someone is standing on it",
        "it feels like somebody is sitting on my chest",
    ],
    "unconsciousness or a seizure": [
        "my child has a seizure",
        "My daughter is in a seizure",
        "my husband has a seizure and bit his tongue",
        "my toddler has had a febrile convulsion",
        "my son has another fit",
    ],
    "heavy bleeding": [
        "I cut off my finger",
        "my husband chopped the tip of his thumb off",
        "he sawed off two fingers... he sawed off his left thumb",
        "my toe is nearly cut off",
        "my brother severed his hand in a machine",
        "where do I keep the cut off finger? I cut off the tip of my finger",
    ],
    "serious burn": [
        "my eye was splashed with bleach",
        "his eyes got sprayed with oven cleaner",
        "my left eye has been splashed by acid",
    ],
}
CALM = {
    "of something else": [
        "How long does it take for a tick to die?",
        "how many bacteria die when boiling",
        "how many minutes does it take for bacteria to die",
        "How much heat do bed bugs need to die?",
        "How much alcohol does it take for germs to die?",
        "Is it bad to kill lice",
        "How to kill lice",
        "How do cancer cells kill themselves?",
        "How many people die of flu?",
        "How many people kill themselves each year?",
        "How many days does it take to die of rabies?",
        "how to die my hair safely",
        "How to not die of sepsis?",
    ],
    "dutiful or weary": [
        "I take all my tablets in the morning",
        "I have to take all my pills",
        "Should I take all my pills with food?",
        "Should I take all my pills at once in the morning?",
        "Should I take all my antibiotics",
        "I'm going to take all my antibiotics",
        "I want to take all my tablets in the morning",
        "I plan to take all my medicines with breakfast",
        "I'm going to take all my medicines to the pharmacist",
        "can I take all my meds together",
        "Should I take the whole tablet?",
        "I was never suicidal on it",
        "I wish I never woke up so early",
        "I hope I don't wake up tired tomorrow",
        "I wish I would not wake up so early",
        "I'm thinking of ending it with my boyfriend",
        "I am tired of living with this pain in a damp flat",
        "Nobody would notice if I had a limp",
        "I wrote a farewell letter to my colleagues",
        "I will take the whole pack of antibiotics",
        "My doctor wants me to take all my pills",
    ],
    "denied or past": [
        "I am not going to take all my pills",
        "I don't want to take all my pills",
        "I don't want to harm my baby",
        "I don't want to kill myself",
        "My chest does not feel like an elephant is sitting on it",
        "My son had a seizure two years ago",
        "My leg was cut off years ago",
    ],
    "a medicine that may harm": [
        "Could ibuprofen harm my baby?",
        "Could I harm my baby by taking ibuprofen?",
        "I might harm my baby if I drink coffee",
        "I'm afraid of harming my baby by breastfeeding on sertraline",
        "I fear I could hurt my baby with this cream",
        "Will it hurt my baby?",
        "I want to kill my headache",
    ],
    "harmless": [
        "my son has a seizure disorder",
        "he has a seizure alert dog",
        "my toddler has a fit when I say no",
        "they had to saw my ring, it was cut off my finger",
        "I had a wart cut off my toe",
        "I cut off my finger nail",
        "the news caught me on my feet, it cut me off",
        "my eyes burn with hay fever",
        "my cat likes sitting on my chest",
        "how to cut yourself some slack",
        "how to lift without hurting yourself",
        "She carries a diazepam pen in case she has a seizure",
        "Cut off the toe of a sock and fill it with rice",
    ],
}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in CRISES.items() for text in texts])
def test_who_may_harm_himself_or_another_is_named_a_crisis_line(kind: str, text: str) -> None:
    found = emergency(text)
    assert found and (found.kind, found.message) == (kind, CRISIS)


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in CALLS.items() for text in texts])
def test_danger_in_another_order_of_words_is_recognised(kind: str, text: str) -> None:
    found = emergency(text)
    assert found and (found.kind, found.message) == (kind, MESSAGE)


@pytest.mark.parametrize("text", [text for texts in CALM.values() for text in texts])
def test_what_only_sounds_like_intent_raises_no_alarm(text: str) -> None:
    assert emergency(text) is None
